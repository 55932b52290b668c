"""Templates: one environment, which speaks the language of whoever is being answered."""

import json
from base64 import b64encode
from contextvars import ContextVar
from functools import cache, lru_cache
from hashlib import sha256
from pathlib import Path
from typing import Any

from babel.support import NullTranslations, Translations
from flask import Flask, current_app, url_for
from htmx_flask import request
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from jinja2.runtime import Macro
from markupsafe import Markup
from whitenoise import WhiteNoise

from . import clock, contact, i18n
from .config import RESOURCES

BUILT = RESOURCES / "static" / "built"


def render(name: str, **context: Any) -> str:
    """Render a template in the reader's language."""
    templates: Templates = current_app.extensions["templates"]
    return templates.render(name, i18n.reader(), context)


class Templates:
    """The compiled templates, once for all languages: ten copies would cost ten times the memory.

    Flask-Babel's own look-ups would take half of a page's time; here a word costs one context variable and one dict.
    """

    def __init__(self, environment: Environment) -> None:
        self.environment = environment
        self.catalogues = {tag: Translations.load(RESOURCES / "translations", [tag]) for tag in i18n.LANGUAGES}
        self.speaking: ContextVar[NullTranslations] = ContextVar("speaking")
        self.environment.install_gettext_callables(  # type: ignore[attr-defined]
            gettext=lambda text: self.speaking.get().ugettext(text),
            ngettext=lambda one, many, n: self.speaking.get().ungettext(one, many, n),
            pgettext=lambda context, text: self.speaking.get().upgettext(context, text),
            npgettext=lambda context, one, many, n: self.speaking.get().unpgettext(context, one, many, n),
            newstyle=True,
        )

        self.environment.globals.update(url_for=self.link, remembered=self.remembered)
        self._link = lru_cache(maxsize=4096)(_link)
        self._drawn = lru_cache(maxsize=4096)(_drawn)

    def link(self, endpoint: str, **values: str) -> str:
        """Flask's `url_for`, which always answers the same to the same: remembered, as a page has dozens."""
        return self._link(request.script_root, endpoint, tuple(values.items()))

    def remembered(self, macro: Macro, *things: Any) -> Markup:
        """What a macro makes of things that never change, such as the rows of a list, in the reader's language.

        Nothing can be out of date: a row with other content is another thing.
        """
        tag, root, drawn = i18n.reader().tag, request.script_root, self._drawn
        return Markup("".join([drawn(macro, tag, root, thing) for thing in things]))  # noqa: S704 macros escape

    def render(self, name: str, language: i18n.Language, context: dict[str, Any]) -> str:
        """Render a template in a language."""
        token = self.speaking.set(self.catalogues[language.tag])
        try:
            return self.environment.get_template(name).render(context, page=Page(language))
        finally:
            self.speaking.reset(token)


def _link(_root: str, endpoint: str, values: tuple[tuple[str, str], ...]) -> str:
    return url_for(endpoint, _external=False, **dict[str, Any](values))


def _drawn(macro: Macro, _tag: str, _root: str, thing: Any) -> str:
    return str(macro(thing))


class Page:
    """What a template may know of the request it answers."""

    def __init__(self, language: i18n.Language) -> None:
        self.language = language
        self.path = request.path
        self.root = request.script_root
        self.endpoint = request.endpoint or ""

    @property
    def is_first(self) -> bool:
        """Whether the reader comes from outside, so that the browser may not have our style sheet yet.

        Then the page carries it: on a slow network that is one answer less to wait for before anything is seen.
        """
        return bool(request.headers.get("Sec-Fetch-Site") != "same-origin")

    @property
    def languages(self) -> list[i18n.Language]:
        """All the languages the page can be had in."""
        return list(i18n.LANGUAGES.values())

    def here(self, *sections: str) -> bool:
        """Whether this page belongs to a section of the site: endpoints, or with a dot at the end all of a feature."""
        return self.endpoint.startswith(sections)

    def in_language(self, tag: str) -> str:
        """This same page's address in another language."""
        return f"/{tag}{self.path}"

    def spoken(self, address: str) -> str:
        """The whole address of another page of ours in the reader's language, for what has no language of its own."""
        return self.absolute(f"/{self.language.tag}{address.removeprefix(self.root)}")

    def absolute(self, path: str) -> str:
        """The whole address of a path, as search engines need it."""
        return str(current_app.config["PUBLIC_URL"]) + path


@cache
def _manifest(folder: Path) -> dict[str, str]:
    loaded: dict[str, str] = json.loads((folder / "manifest.json").read_text("utf-8"))
    return loaded


@cache
def sheet() -> Markup:
    """The style sheet, for a page to carry; the security policy knows it by `sheet_hash`."""
    return Markup((BUILT / _manifest(BUILT)["app.css"]).read_text("utf-8"))  # noqa: S704 our own build


@cache
def sheet_hash() -> str:
    """What the content security policy calls the one style sheet that may stand in a page."""
    return f"'sha256-{b64encode(sha256(sheet().encode()).digest()).decode()}'"


def wants_fragment() -> bool:
    """Whether htmx asked for an element and not for a page."""
    asked = request.htmx
    return bool(asked) and not asked.boosted and not asked.history_restore_request


def asset(name: str) -> str:
    """The address of a built file; its name holds a hash of its content, so browsers may keep it for ever."""
    return f"/static/{_manifest(BUILT)[name]}"


@cache
def icon(name: str) -> Markup:
    """A decorative icon from the sprite; the words beside it carry the meaning."""
    return Markup('<svg class="icon" aria-hidden="true"><use href="{}#{}"/></svg>').format(asset("icons.svg"), name)


def init_app(app: Flask) -> None:
    """Give the app its templates."""
    environment = Environment(
        loader=FileSystemLoader(RESOURCES / "templates"),
        extensions=["jinja2.ext.i18n", "jinja2.ext.do"],
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=app.debug,
    )
    environment.globals.update(
        asset=asset,
        sheet=sheet,
        icon=icon,
        site_name=app.config["SITE_NAME"],
        config=app.config,
        today=clock.today,
        now=clock.now,
        foreign=i18n.foreign,
        isolated=i18n.isolated,
        swapped=wants_fragment,
    )
    environment.filters.update(
        say=i18n.say,
        plain=i18n.plain,
        full_day=i18n.full_day,
        short_weekday=i18n.short_weekday,
        short_month=i18n.short_month,
        long_date=i18n.long_date,
        language_name=i18n.language_name,
        clock_time=i18n.clock_time,
        local=clock.local,
        iso=i18n.iso,
        phone=contact.shown_phone,
    )
    app.extensions["templates"] = Templates(environment)


def serve_built_files(app: Flask) -> None:
    """Serve static/built under /static: compressed beforehand, kept by browsers for ever, as names hold a hash."""
    files = WhiteNoise(
        app.wsgi_app, max_age=31536000, immutable_file_test=lambda *_: True, add_headers_function=_harden
    )
    files.add_files(str(BUILT), prefix="static/")
    app.wsgi_app = files  # type: ignore[method-assign]


def _harden(headers: Any, _path: str, _url: str) -> None:
    headers["X-Content-Type-Options"] = "nosniff"
    headers["Cross-Origin-Resource-Policy"] = "same-origin"
