"""What a phone meets: requests and bytes, the first paint on a poor network, and how much there is to tap."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from html import escape
from pathlib import Path
from statistics import median
from typing import Any

from playwright.sync_api import Browser, CDPSession, Page, Response, sync_playwright

from .result import Result
from .server import Server

PAGES = {"home": "/", "list": "/aktiviteter", "idea form": "/W/GRENDE"}
PHONE = {"viewport": {"width": 360, "height": 640}, "locale": "nb", "has_touch": True, "is_mobile": True}
POOR_NETWORK = {"offline": False, "latency": 400, "downloadThroughput": 50_000, "uploadThroughput": 50_000}  # bytes/s
SLOWER = 4  # than this machine
FIRST_PAINT = """() => new Promise((found) => new PerformanceObserver((list) => {
  const paint = list.getEntriesByName("first-contentful-paint")[0];
  if (paint) found(paint.startTime);
}).observe({ type: "paint", buffered: true }))"""


def chromium() -> str | None:
    """The machine's own Chromium."""
    return next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)


@contextmanager
def opened(path: str) -> Iterator[Browser]:
    """Chromium, for as long as it is needed."""
    flags = ["--disable-background-networking", "--disable-component-update", "--disable-sync"]
    if os.geteuid() == 0:
        flags.append("--no-sandbox")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=flags)
        try:
            yield browser
        finally:
            browser.close()


@contextmanager
def fresh(browser: Browser, server: Server) -> Iterator[tuple[Page, CDPSession]]:
    """A phone that has never been here; RuntimeError when something it asked for did not come."""
    context = browser.new_context(**PHONE, base_url=server.url)  # type: ignore[arg-type]
    context.set_default_timeout(15_000)
    page = context.new_page()
    protocol = context.new_cdp_session(page)
    protocol.send("Network.enable")
    missing: list[str] = []

    def look(answer: Response) -> None:
        if not answer.ok:
            missing.append(f"{answer.status} {answer.url}")

    page.on("response", look)
    try:
        yield page, protocol
        if missing:  # a page without its style would be painted sooner
            raise RuntimeError("\n".join(missing))
    finally:
        context.close()


def weight(browser: Browser, server: Server) -> Iterator[Result]:
    """Requests and bytes of a first visit, headers and the tab's icon with them."""
    for name, path in PAGES.items():
        with fresh(browser, server) as (page, protocol):
            requests: list[str] = []
            sizes: list[float] = []
            protocol.on("Network.requestWillBeSent", lambda event, to=requests: to.append(event["request"]["url"]))
            protocol.on("Network.loadingFinished", lambda event, to=sizes: to.append(event["encodedDataLength"]))
            page.goto(path, wait_until="networkidle")
            page.wait_for_timeout(300)  # the tab's icon comes last
        if len(sizes) != len(requests) or not any("/mark." in url for url in requests):
            raise RuntimeError(f"Not all came: {requests}")
        bounds = (5, 40) if name == "idea form" else (None, None)
        yield Result(f"{name}, cold: requests", len(requests), "", bounds[0])
        yield Result(f"{name}, cold: on the wire", sum(sizes) / 1000, "kB", bounds[1])


def paint(browser: Browser, server: Server, folder: Path, quick: bool) -> Iterator[Result]:
    """The first paint on a poor network, beside that of a bare page with the same words from the same server."""
    for name, path in PAGES.items():
        bare = name.replace(" ", "-")
        (folder / f"bare-{bare}.html").write_text(without_style(browser, server, path))
        rounds = [
            (first_paint(browser, server, path), first_paint(browser, server, f"/bench/bare/{bare}"))
            for _ in range(3 if quick else 7)
        ]
        ours, theirs = (median(times) for times in zip(*rounds, strict=True))
        yield Result(f"{name}, first paint", ours, "ms")
        yield Result(f"{name}, first paint of the bare page", theirs, "ms")
        yield Result(f"{name}, first paint ÷ bare", ours / theirs, "", 1.6)


def without_style(browser: Browser, server: Server, path: str) -> str:
    """A page's visible words in paragraphs, and nothing else."""
    with fresh(browser, server) as (page, _):
        page.goto(path)
        words = page.inner_text("body")
    lines = "".join(f"<p>{escape(line)}" for line in words.splitlines() if line.strip())
    viewport = '<meta name="viewport" content="width=device-width, initial-scale=1">'
    return f'<!doctype html><html lang="nb"><meta charset="utf-8">{viewport}<title>Bare</title>{lines}'


def first_paint(browser: Browser, server: Server, path: str) -> float:
    """Milliseconds until something can be read."""
    with fresh(browser, server) as (page, protocol):
        protocol.send("Network.emulateNetworkConditions", POOR_NETWORK)
        protocol.send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})
        page.goto(path, wait_until="commit")
        return float(page.evaluate(FIRST_PAINT))


class Thumb:
    """A person's thumb, which counts what it does."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.taps = 0
        self.fields = 0

    def tap(self, **what: Any) -> None:
        """Tap what is named so."""
        self.page.get_by_role(**what).first.tap()
        self.taps += 1

    def write(self, name: str, text: str) -> None:
        """Tap a field, since not every phone brings its keyboard by itself, and write in it."""
        self.tap(role="textbox", name=name)
        self.page.keyboard.type(text)
        self.fields += 1


def taps(browser: Browser, server: Server) -> Iterator[Result]:
    """What there is to tap and fill in, from where the scan leads to the thanks."""
    with fresh(browser, server) as (page, _):
        page.goto("/W/GRENDE")
        thumb = Thumb(page)
        thumb.write("Din idé", "Et langbord under tak")
        thumb.tap(role="button", name="Send")
        page.get_by_text("Takk!").wait_for()
        yield Result("an idea after the scan: taps", thumb.taps, "", 2)
        yield Result("an idea after the scan: fields", thumb.fields, "", 1)
    with fresh(browser, server) as (page, _):
        page.goto("/hjelp")
        page.goto(page.locator("a.row").first.get_attribute("href") or "")
        thumb = Thumb(page)
        thumb.tap(role="link", name="Bli med")
        thumb.write("Hva skal vi kalle deg?", "Amina")
        thumb.tap(role="button", name="Jeg blir med")
        page.get_by_text("Du er med, Amina!").wait_for()
        yield Result("a sign-up at an activity: taps", thumb.taps, "", 3)
        yield Result("a sign-up at an activity: fields", thumb.fields, "", 1)
