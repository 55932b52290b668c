"""A real server with the demo on it, and real browsers of the people who use it."""

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

PHONE = {"width": 360, "height": 640}
PATIENCE = 8_000  # milliseconds


class Site:
    """The app as a process of its own, which a test may stop and start like an unlucky machine."""

    def __init__(self, folder: Path) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.folder = folder
        self.url = f"http://127.0.0.1:{self.port}"
        self.env = {
            **os.environ,
            "DATA_DIR": str(folder),
            "DATABASE_URL": "",
            "HOST": "127.0.0.1",
            "PORT": str(self.port),
            "PUBLIC_URL": self.url,
            "SITE_NAME": "Torstrand",
        }
        self.run("migrate")
        self.run("demo")
        self.process: subprocess.Popen[bytes] | None = None
        self.start()

    def run(self, *command: str) -> str:
        """One of the app's commands; what it printed."""
        done = subprocess.run(
            [sys.executable, "-m", "participation.cli", *command],
            env=self.env, check=True, capture_output=True, text=True,
        )  # fmt: skip
        return done.stdout

    def start(self) -> None:
        """Start serving, and wait for the first answer."""
        with (self.folder / "server.log").open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "participation.cli", "serve"],
                env=self.env, stdout=log, stderr=log, start_new_session=True,
            )  # fmt: skip
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline:
            with suppress(OSError):
                urllib.request.urlopen(self.url + "/om", timeout=5).read()
                return
            time.sleep(0.05)
        raise RuntimeError((self.folder / "server.log").read_text())

    def stop(self) -> None:
        """Stop at once, as when the power goes."""
        if self.process:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()

    def one_time_link(self) -> str:
        """A link that signs the administrator in."""
        return self.run("invite").strip()


def chromium_path() -> str | None:
    """The machine's own Chromium, if it has one."""
    return next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)


def flags() -> list[str]:
    """How Chromium starts: quiet, and as root without the sandbox that refuses root."""
    quiet = ["--disable-gpu", "--disable-background-networking", "--disable-component-update", "--disable-sync"]
    return [*quiet, "--no-sandbox"] if os.geteuid() == 0 else quiet


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """A real browser."""
    path = chromium_path()
    if path is None:
        if os.environ.get("CI") == "true":
            pytest.fail("Chromium is missing, and CI may skip nothing.")
        pytest.skip("Chromium is not installed.")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=flags())
        yield browser
        browser.close()


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    """A server with the demo content, for this test alone."""
    site = Site(tmp_path)
    yield site
    site.stop()
    log = (tmp_path / "server.log").read_text()
    assert "Traceback" not in log, log


@pytest.fixture
def visit(chromium: Browser, site: Site) -> Iterator[Callable[..., Page]]:
    """Open a browser of one's own: a phone unless told otherwise.

    The test fails when a page asks another host for anything, breaks the content security policy, or throws.
    """
    contexts: list[BrowserContext] = []
    trouble: list[str] = []

    def open_browser(path: str = "/", language: str = "nb", **options: object) -> Page:
        context = chromium.new_context(**{"viewport": PHONE, "locale": language, "base_url": site.url, **options})
        context.set_default_timeout(PATIENCE)
        contexts.append(context)
        page = context.new_page()
        foreign = re.compile(rf"^(?!{re.escape(site.url)}/|data:|about:)")
        page.on("request", lambda request: foreign.match(request.url) and trouble.append(f"asked {request.url}"))
        page.on("pageerror", lambda error: trouble.append(f"threw {error}"))
        page.on("console", lambda message: "Security Policy" in message.text and trouble.append(message.text))
        page.goto(path)
        return page

    yield open_browser
    for context in contexts:
        context.close()
    assert not trouble, trouble
