"""The inspecting client: it reads every page as strictly as a browser, a screen reader and a guard would."""

import base64
import hashlib
import json
import re
import unicodedata
from collections.abc import Iterator
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urlsplit

from bs4 import BeautifulSoup, Doctype, NavigableString, Tag
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from participation.db import db
from participation.i18n import LANGUAGES

VOID = {*"area base br col embed hr img input link meta source track wbr".split()}  # noqa: SIM905
# What may not stand in a paragraph: a browser would end the paragraph there.
BLOCKS = {*"article aside details div dl fieldset form h1 h2 h3 h4 header main nav ol p section table ul".split()}  # noqa: SIM905
LEFT_OVER = re.compile(r"\{\{|\{%|%\(\w+\)")
SCRIPTS = {
    "ARABIC": {"ar", "fa", "ckb", "ur", "und-Arab"},
    "CYRILLIC": {"uk", "ru", "bg", "und-Cyrl"},
    "ETHIOPIC": {"ti", "am", "und-Ethi"},
}
LEADS_SOMEWHERE = ("href", "src", "action", "hx-get", "hx-post", "hx-sse:connect")


class Visitor(FlaskClient):
    """Somebody with a phone. Each answer is inspected, and has what it says in `page`."""

    htmx = False
    inspects = True  # a flood need not read each answer

    def open(self, *args: Any, **kwargs: Any) -> TestResponse:
        """Ask, as a request of its own: nothing is left over from the test or from the request before."""
        if self.htmx:
            kwargs["headers"] = {"HX-Request": "true", **dict(kwargs.get("headers") or {})}
        db.session.rollback()  # let go of what the test has seen
        with self.application.app_context():
            response = super().open(*args, **kwargs)
            if not response.is_streamed or response.mimetype != "text/event-stream":
                response.get_data()
                response.close()
        if (
            self.inspects
            and response.mimetype == "text/html"
            and response.data
            and not 300 <= response.status_code < 400
        ):
            response.page = inspect(response)
        return response

    def submit(self, form: Tag, press: str | None = None, **typed: str) -> TestResponse:
        """Send a form as it stands on the page, with `typed` in its fields, by the button whose value is `press`."""
        fields = {control["name"]: value for control, value in controls(form) if value is not None}
        unknown = typed.keys() - {control["name"] for control, _ in controls(form)}
        assert not unknown, f"the form has no field {unknown}"
        pressed = {button["name"]: press for button in form.select(f'button[value="{press}"]')} if press else {}
        assert not press or pressed, f"the form has no button {press}"
        sent = {**fields, **typed, **pressed}
        if form.get("method") == "post":
            return self.post(form["action"], data=sent)
        return self.get(form["action"], query_string=sent)


def controls(form: Tag) -> Iterator[tuple[Tag, str | None]]:
    """A form's named fields, each with what a browser would send as it stands; None is not sent."""
    for control in form.select("input[name], textarea[name], select[name]:not([multiple])"):
        if control.name == "select":
            chosen = control.select_one("option[selected]") or control.option
            yield control, chosen.get("value", "") if chosen else None
        elif control.name == "textarea":
            yield control, control.get_text().removeprefix("\n").removeprefix("\r\n")
        elif control.get("type") in ("checkbox", "radio"):
            yield control, control.get("value", "on") if control.has_attr("checked") else None
        else:
            yield control, control.get("value", "")


def inspect(response: TestResponse) -> BeautifulSoup:
    """Read an answer, page or fragment, and refuse whatever is wrong with it."""
    html = response.get_data(as_text=True)
    page = read(html)
    problems = list(_problems(page, html, response))
    assert not problems, f"{response.request.method} {response.request.path} ({response.status_code}):\n" + "\n".join(
        problems
    )
    return page


def read(html: str) -> BeautifulSoup:
    """HTML as a tree. A template's content is part of it, by another name: selectors pass templates over."""
    return BeautifulSoup(re.sub(r"(</?)template\b", r"\1x-template", html), "html.parser")


def words(page: Tag) -> str:
    """What a page says, with single blanks."""
    return " ".join(page.get_text().split())


def _problems(page: BeautifulSoup, html: str, response: TestResponse) -> Iterator[str]:
    tag = response.headers["Content-Language"]
    yield from _Nesting(html).problems
    if response.request.headers.get("HX-Request"):
        yield from _problems_of_fragment(page)
    else:
        yield from _problems_of_page(page, tag)
    yield from _problems_of_ids(page)
    yield from _problems_of_names(page)
    yield from _problems_of_forms(page)
    yield from _problems_of_safety(page, response)
    yield from _problems_of_language(page, tag)
    if LEFT_OVER.search(_without_residents_words(page)):
        yield "template language shows"


def _problems_of_page(page: BeautifulSoup, tag: str) -> Iterator[str]:
    first = next(iter(page.contents))
    if not isinstance(first, Doctype) or first != "html":
        yield "does not begin with <!doctype html>"
    root = page.html
    if root is None or root.get("lang") != tag:
        yield f"is not marked as being in {tag}"
    elif root.get("dir") != LANGUAGES[tag].direction:
        yield f"does not run {LANGUAGES[tag].direction}"
    headings = page.find_all("h1")
    if len(headings) != 1:
        yield f"has {len(headings)} h1"
    title = words(page.title) if page.title else ""
    heading = words(headings[0]) if headings else ""
    start = "|".join(("Feil:", "Error:", "خطأ:"))
    if not re.sub(f"^({start}) ", "", title).startswith(heading):
        yield f"title «{title}» does not begin with heading «{heading}»"
    if not page.select("main"):
        yield "has no main"


def _problems_of_fragment(page: BeautifulSoup) -> Iterator[str]:
    roots = [node for node in page.contents if isinstance(node, Tag)]
    if any(isinstance(node, NavigableString) and node.strip() for node in page.contents):
        yield "a fragment with text outside its element"
    partials = [root for root in roots if root.name == "x-template" and root.has_attr("hx")]
    if len(partials) == len(roots) > 0:
        for partial in partials:
            if partial.get("type") != "partial" or not str(partial.get("hx-target", "")).startswith("#"):
                yield f"a partial that goes nowhere: {partial.attrs}"
    elif len(roots) != 1 or not roots[0].get("id"):
        yield f"a fragment needs one element with an id, not {[(root.name, root.get('id')) for root in roots]}"


def _problems_of_ids(page: BeautifulSoup) -> Iterator[str]:
    ids = [element["id"] for element in page.select("[id]")]
    for name in sorted({name for name in ids if ids.count(name) > 1 or not name.strip() or " " in name}):
        yield f"id «{name}» {ids.count(name)} times"
    for attribute in ("for", "aria-describedby", "aria-labelledby", "aria-controls"):
        for element in page.select(f"[{attribute}]"):
            named = str(element[attribute]).split()
            if not named or not set(named) <= set(ids):
                yield f"{attribute}=«{element[attribute]}» names nothing"


def _problems_of_names(page: BeautifulSoup) -> Iterator[str]:
    labelled = {label["for"] for label in page.select("label[for]") if words(label)}
    for control in page.select("input:not([type=hidden]), select, textarea"):
        own = control.get("aria-label") or control.get("aria-labelledby")
        if not own and control.get("id") not in labelled and not control.find_parent("label"):
            yield f"nobody hears what the field {control.get('name')} is for"
    for element in page.select("button, a[href], summary, section, nav, aside, dialog"):
        spoken = element.get("aria-label") or element.get("aria-labelledby")
        if element.name in ("section", "nav", "aside", "dialog"):
            if not spoken:
                yield f"a {element.name} without a name"
        elif not spoken and not words(element):
            yield f"a {element.name} without words: {element}"
    for picture in page.select("img:not([alt]), svg:not([aria-hidden]):not([aria-label])"):
        yield f"a picture without words: {str(picture)[:80]}"


def _problems_of_forms(page: BeautifulSoup) -> Iterator[str]:
    for form in page.select("form"):
        searches = form.get("role") == "search" and not form.has_attr("method")
        if not form.get("action") or not (searches or form.get("method") == "post"):
            yield f"a form without action or method: {form.attrs}"
        if form.get("hx-post") not in (None, form.get("action")):
            yield f"with htmx the form goes elsewhere: {form.attrs}"
        if not form.select("button:not([type=button])"):
            yield f"a form nobody can send: {form.attrs}"


def hash_of(style: str) -> str:
    """What a content security policy calls a style sheet that stands in a page."""
    return f"'sha256-{base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()}'"


def _problems_of_safety(page: BeautifulSoup, response: TestResponse) -> Iterator[str]:
    for element in page.find_all(True):
        for attribute in element.attrs:
            if attribute == "style" or attribute.startswith(("on", "hx-on")):
                yield f"<{element.name} {attribute}=…> is refused by the content security policy"
        if element.name == "script" and element.get("type") == "application/ld+json":
            json.loads(element.get_text())  # data, which no browser runs
        elif element.name == "script" and (not element.get("src") or element.get_text()):
            yield "inline <script>"
        if element.name == "style" and hash_of(element.get_text()) not in response.headers["Content-Security-Policy"]:
            yield "inline <style> that the content security policy does not know"
        for attribute in LEADS_SOMEWHERE:
            if attribute in element.attrs and not _stays_here(element, attribute, response):
                yield f"leads away: {attribute}={element[attribute]}"


def _stays_here(element: Tag, attribute: str, response: TestResponse) -> bool:
    target = str(element[attribute])
    if target.startswith(("mailto:", "tel:")) and element.name == "a":
        return True
    parts = urlsplit(target)
    if parts.scheme == "webcal" and element.name == "a":
        return parts.netloc == urlsplit(response.request.url).netloc
    if element.name == "a" and {"noopener", "noreferrer"} <= set(element.get("rel", [])):
        return parts.scheme in ("http", "https")  # another site, which is not told where one comes from
    if element.name == "link" and element.get("rel") in (["alternate"], ["canonical"]):
        return parts.netloc == urlsplit(response.request.url).netloc
    return not parts.scheme and not parts.netloc and target.startswith(("/", "#")) and not target.startswith("//")


def _problems_of_language(page: BeautifulSoup, tag: str) -> Iterator[str]:
    for text in page.find_all(string=True):
        element = text.parent
        if not isinstance(element, Tag) or isinstance(text, Doctype) or element.name == "textarea":
            continue
        marked = element.find_parent(attrs={"lang": True}) if not element.has_attr("lang") else element
        if element.name == "bdi" and not element.has_attr("lang"):
            continue  # a proper name: WCAG 3.1.2 asks for no language, only that it turns no letters around
        language = str(marked["lang"]) if marked else tag
        for script, languages in SCRIPTS.items():
            found = any(unicodedata.name(letter, "").startswith(script) for letter in text if letter.isalpha())
            if found and language not in languages:
                yield f"«{text.strip()[:60]}» is marked as {language}"


def _without_residents_words(page: BeautifulSoup) -> str:
    copy = read(str(page))
    for element in copy.select("textarea, .words, li.idea, bdi"):
        element.decompose()
    for element in copy.select("input"):
        element.attrs.pop("value", None)
    return str(copy)


class _Nesting(HTMLParser):
    """Whether every element is ended where it should be, and no attribute stands twice."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.problems: list[str] = []
        self.feed(html)
        self.close()
        self.problems += [f"<{name}> is never ended" for name in self.open]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        names = [name for name, _ in attrs]
        self.problems += [f"<{tag}> has {name} twice" for name in set(names) if names.count(name) > 1]
        if "p" in self.open and tag in BLOCKS and "svg" not in self.open:
            self.problems.append(f"<{tag}> in a paragraph")
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.open.pop()

    def handle_endtag(self, tag: str) -> None:
        if self.open and self.open[-1] == tag:
            self.open.pop()
        else:
            self.problems.append(f"</{tag}> where <{self.open[-1] if self.open else 'nothing'}> is open")
