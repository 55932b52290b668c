"""The house rules, read from the code itself: who imports whom, where things are named, what a template may hold."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from jinja2 import StrictUndefined
from werkzeug.routing import Rule

from participation import create_app
from participation.web import Entry

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "participation"
TEMPLATES = ROOT / "templates"
LONGEST = 300  # lines: a longer file is two ideas

# From what everything stands on, up: a feature imports only what stands before it.
FEATURES = ("receipts", "handlingsrom", "places", "activities", "offers", "workshops", "home", "staff")
NOBODYS = {"home", "staff", "demo"}  # seen by no other part
GROUND = {
    "clock",
    "config",
    "contact",
    "db",
    "extensions",
    "forms",
    "i18n",
    "limits",
    "live",
    "messages",
    "posters",
    "rendering",
    "schema",
    "server",
    "web",
    "worker",
}
TOP = {"", "cli"}  # the package itself and its commands know all
DOMAIN = {
    "models",
    "listing",
    "filters",
    "rules",
    "queues",
    "signups",
    "notices",
    "editing",
    "recurrence",
    "series",
    "invitations",
    "owners",
    "retention",
}  # know nothing of the web
WEB = {"web", "rendering", "forms", "extensions", "posters", "views"}
OF_THE_REQUEST = {
    "request",
    "session",
    "flash",
    "g",
    "current_app",
    "url_for",
    "abort",
    "redirect",
    "gettext",
    "ngettext",
}
NAMES_TEMPLATES = {
    "web",
    "views",
    "signup_views",
    "place_views",
    "sheet_views",
    "desk",
    "organising",
    "making",
    "contacts",
    "people",
    "matching",
    "letters",
    "receipts",
}
ASKS_THE_TIME = {"now", "utcnow", "today", "time", "time_ns", "localtime", "gmtime"}
NOT_IDS = {"code", "link", "tag", "door", "kind", "theme"}  # what stands in an address and is no id


@pytest.fixture(scope="module")
def any_app(tmp_path_factory: pytest.TempPathFactory) -> Flask:
    """The app, on a database that nobody asks."""
    return create_app({"SQLALCHEMY_DATABASE_URI": f"sqlite:///{tmp_path_factory.mktemp('layout') / 'never.sqlite'}"})


def modules() -> list[Path]:
    """Every module of the app, without the migrations: those are history."""
    return [path for path in sorted(PACKAGE.rglob("*.py")) if "migrations" not in path.parts]


def name_of(path: Path) -> str:
    """A module's name within the package: `workshops.rules`, `web`, or nothing for the package itself."""
    parts = path.relative_to(PACKAGE).with_suffix("").parts
    return ".".join(part for part in parts if part != "__init__")


def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text("utf-8"))


def imports(path: Path) -> Iterator[str]:
    """What a module imports: the app's own as `.name` from the package's top, others by their full name."""
    inside = list(path.relative_to(PACKAGE).parent.parts)
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                above = inside[: len(inside) - node.level + 1]
                base = "." + ".".join([*above, *filter(None, [base])])
            yield from (f"{base.rstrip('.')}.{alias.name}" for alias in node.names)


def own(path: Path) -> set[str]:
    """The parts of the app that a module imports: the first name after the package."""
    return {name.split(".")[1] for name in imports(path) if name.startswith(".")}


def templates() -> list[str]:
    return [str(path.relative_to(TEMPLATES)) for path in sorted(TEMPLATES.rglob("*.html"))]


def each(paths: list[Path]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("path", paths, ids=lambda path: name_of(path) or "participation")


# --- Who imports whom


def test_every_part_of_the_app_has_its_place_in_these_rules() -> None:
    parts = {name_of(path).partition(".")[0] for path in modules()}

    assert parts - GROUND - set(FEATURES) - NOBODYS - TOP == set()


@each(modules())
def test_imports_go_one_way(path: Path) -> None:
    part, _, layer = name_of(path).partition(".")
    imported = own(path)

    if part in GROUND:
        assert not imported & {*FEATURES, *NOBODYS, *TOP}, "the ground knows no feature"
    elif part in FEATURES:
        above = set(FEATURES[FEATURES.index(part) + 1 :]) | NOBODYS
        assert not imported & (above - {part} | {"cli"})
    if part in FEATURES and layer in DOMAIN:
        assert not imported & (WEB | {"home", "staff"} - {part})


@each([path for path in modules() if path.stem in DOMAIN])
def test_rules_and_models_know_nothing_of_the_web(path: Path) -> None:
    for name in imports(path):
        assert not name.startswith(("flask.", "flask_babel", "htmx_flask", "wtforms", "werkzeug")), name
        assert name.rpartition(".")[2] not in OF_THE_REQUEST, name
        assert ".views" not in name, name


@each([path for path in modules() if path.stem == "rules"])
def test_rules_of_one_feature_use_anothers_rules_and_models_only(path: Path) -> None:
    for name in imports(path):
        if name.startswith(".") and name.split(".")[1] in FEATURES:
            assert name.split(".")[2] in DOMAIN, name


@each([path for path in modules() if path.stem.endswith("views")])
def test_views_leave_the_database_to_the_rules(path: Path) -> None:
    assert not [name for name in imports(path) if name.startswith("sqlalchemy") or name in (".db.db", ".db.write")]


@each(modules())
def test_templates_are_named_by_views_only(path: Path) -> None:
    named = {
        node.value
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and re.fullmatch(r"\w+/\w+\.html", node.value)
    }

    assert not named or path.stem in NAMES_TEMPLATES or path.parent.name in NAMES_TEMPLATES
    assert named <= set(templates())


@each(modules())
def test_only_the_clock_asks_what_time_it_is(path: Path) -> None:
    asked = {
        f"{node.func.value.id}.{node.func.attr}"
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and isinstance(node.func.value, ast.Name)
        and node.func.value.id in ("datetime", "date", "time")
        and node.func.attr in ASKS_THE_TIME
    }

    assert not asked or name_of(path) == "clock"


@each(modules())
def test_only_the_write_helper_commits(path: Path) -> None:
    called = {
        node.func.attr
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)
    }

    assert not called & {"commit"} or name_of(path) in ("db", "schema")


# --- Files


def test_no_file_is_two_ideas() -> None:
    kinds = [*ROOT.glob("participation/**/*.py"), *ROOT.glob("templates/**/*.html"), *ROOT.glob("static/js/*.js")]
    long = {str(path.relative_to(ROOT)): len(path.read_text("utf-8").splitlines()) for path in kinds}

    assert {name: lines for name, lines in long.items() if lines > LONGEST and "migrations" not in name} == {}


def test_nothing_is_called_utils() -> None:
    names = {path.stem for path in [*PACKAGE.rglob("*"), *(ROOT / "static" / "js").rglob("*")]}

    assert not names & {"utils", "util", "helpers", "services", "service", "common", "misc", "managers"}


@pytest.mark.parametrize("feature", FEATURES)
def test_features_are_laid_out_alike(feature: str) -> None:
    files = {path.name for path in (PACKAGE / feature).glob("*.py")}

    assert "__init__.py" in files
    assert "views.py" in files or feature == "places", "places are seen on the pages of what happens there"
    assert ("models.py" in files) <= ("rules.py" in files)


# --- Templates


def test_every_template_compiles_escapes_and_lets_no_name_be_missing(any_app: Flask) -> None:
    environment = any_app.extensions["templates"].environment

    assert environment.undefined is StrictUndefined
    assert environment.autoescape is True
    for name in templates():
        environment.get_template(name)


@pytest.mark.parametrize("name", templates())
def test_templates_hold_nothing_that_the_content_security_policy_refuses(name: str) -> None:
    text = re.sub(r"\{#.*?#\}", "", (TEMPLATES / name).read_text("utf-8"), flags=re.DOTALL)
    if name == "messages/mail.html":  # mail is no page: no policy goes with it, and no style sheet either
        text = re.sub(r"<style>.*?</style>", "", text, flags=re.DOTALL)

    for wrong, why in {
        r"\sstyle\s*=": "inline style",
        r"\son[a-z]+\s*=": "inline handler",
        r"hx-on": "needs eval",
        r"[\"']js:": "needs eval",
        r"hx-trigger=\"[^\"]*\[": "a trigger filter needs eval",
        r"hx-boost": "not used here",
        r"<style\b(?!>\{\{ sheet\(\) \}\}</style>)": "inline style, but for the one whose hash the policy names",
        r"<script(?![^>]*\ssrc=|\s+type=\"application/ld\+json\">\{\{ data\|tojson \}\}<)": "inline script",
        r"\|\s*safe\b": "nothing is safe by being called so",
        r"\bMarkup\(": "nothing is safe by being called so",
        r"autoescape\s+false": "everything is escaped",
        r"https?://": "no address of another site is written down",
        r"<img\b(?![^>]*\balt=)": "a picture has words",
    }.items():
        assert not re.search(wrong, text), why


@pytest.mark.parametrize("name", templates())
def test_a_template_is_a_page_an_element_or_macros(name: str) -> None:
    text = (TEMPLATES / name).read_text("utf-8")
    folder, _, file = name.rpartition("/")
    is_page = '{% extends "base.html" %}' in text or "<!doctype html>" in text

    assert is_page == (not file.startswith("_") and folder != "components")
    if folder == "components":
        assert (
            re.sub(
                r"\{%-? macro.*?endmacro -?%\}|\{#.*?#\}|\{%-? (set|from) .*?-?%\}", "", text, flags=re.DOTALL
            ).strip()
            == ""
        )


def test_every_template_is_used() -> None:
    used = {
        *re.findall(
            r'"(\w+/\w+\.html|\w+\.html)"', "".join((TEMPLATES / name).read_text("utf-8") for name in templates())
        ),
        *re.findall(r'"(\w+/\w+\.html)"', "".join(path.read_text("utf-8") for path in modules())),
    }

    assert set(templates()) - used == set()


# --- Routes


def routes(app: Flask) -> list[Rule]:
    return list(app.url_map.iter_rules())


def test_every_route_says_who_may_enter(any_app: Flask) -> None:
    silent = [
        rule.rule
        for rule in routes(any_app)
        if not isinstance(getattr(any_app.view_functions[rule.endpoint], "open_to", None), Entry)
    ]

    assert silent == []


def test_what_staff_do_is_open_to_staff_only(any_app: Flask) -> None:
    open_to_all = {
        rule.endpoint
        for rule in routes(any_app)
        if rule.rule.startswith("/stab") and any_app.view_functions[rule.endpoint].open_to == Entry.ANYONE  # type: ignore[attr-defined]
    }

    assert open_to_all == {"staff.sign_in", "staff.check_password", "staff.link", "staff.use_link"}


def test_every_id_in_an_address_is_opaque(any_app: Flask) -> None:
    for rule in routes(any_app):
        for name in rule.arguments - NOT_IDS:
            assert f"<public_id:{name}>" in rule.rule, rule.rule


def test_every_form_that_changes_something_is_a_post_of_its_own(any_app: Flask) -> None:
    for rule in routes(any_app):
        assert (rule.methods or set()) - {"HEAD", "OPTIONS"} in ({"GET"}, {"POST"}), rule.rule


def printed() -> list[tuple[str, str]]:
    lines = (ROOT / "tests" / "printed_addresses.txt").read_text("utf-8").splitlines()
    return [(address, endpoint) for address, endpoint in (line.split() for line in lines if line and line[0] != "#")]


@pytest.mark.parametrize(("address", "endpoint"), printed())
@pytest.mark.parametrize("prefix", ["", "/ar"])
def test_an_address_that_stands_on_paper_leads_where_it_always_led(
    any_app: Flask, address: str, endpoint: str, prefix: str
) -> None:
    adapter = any_app.url_map.bind("localhost", script_name=f"{prefix}/")

    found, _ = adapter.match(address.replace("<code>", "7F3QK0"), method="GET")

    assert found == endpoint
