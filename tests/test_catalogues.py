"""Every word a reader meets is in the catalogues, and the catalogues are whole, in step and well-formed."""

import re
from collections import Counter
from collections.abc import Iterator
from functools import cache
from io import BytesIO
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import Translations
from bs4 import BeautifulSoup
from flask import Flask
from flask_babel import LazyString
from jinja2 import Environment, nodes
from werkzeug.datastructures import MultiDict
from wtforms import FieldList, HiddenField

import participation.activities.forms
import participation.receipts.forms
import participation.workshops.forms  # noqa: F401
from participation.forms import BaseForm
from participation.i18n import LANGUAGES, script_of
from participation.staff.forms import PasswordForm
from translations import update

COUNTS = [*range(26), 100, 101, 111, 112]
PLACEHOLDER = re.compile(r"%\((\w+)\)([sd])")
READ_OUT = ("title", "alt", "aria-label", "aria-description", "placeholder")
# Words the two languages share.
MAY_BE_EMPTY = {"RoleForm", "CancelForm", "OutcomeForm", "ReachForm"}
SAME_IN_ENGLISH = {"Send", "Bake", "administrator", "%(kroner)s kr", "%(task)s, %(when)s"}

templates = pytest.mark.parametrize(
    "template", sorted((update.ROOT / "templates").rglob("*.html")), ids=lambda path: f"{path.parent.name}/{path.name}"
)


def catalogue(tag: str) -> Catalog:
    with (update.HERE / tag / "LC_MESSAGES" / "messages.po").open("rb") as file:
        return read_po(file, locale=tag)


CATALOGUES = {tag: catalogue(tag) for tag in LANGUAGES}
languages = pytest.mark.parametrize("tag", LANGUAGES)
translations = pytest.mark.parametrize("tag", [tag for tag in LANGUAGES if tag != update.SOURCE])


def messages(tag: str) -> list[Message]:
    return [message for message in CATALOGUES[tag] if message.id]


def forms(words: str | tuple[str, ...]) -> tuple[str, ...]:
    return words if isinstance(words, tuple) else (words,)


@cache
def compiled(tag: str) -> Translations:
    file = BytesIO()
    write_mo(file, CATALOGUES[tag])
    file.seek(0)
    return Translations(file)


def plural_of(tag: str, number: int) -> int:
    return int(compiled(tag).plural(number))


@cache
def is_for_one_number(tag: str, form: int) -> bool:
    """Whether a plural form is for a single number, and so may spell it out: «one idea», «two ideas»."""
    return [plural_of(tag, number) for number in range(200)].count(form) == 1


# --- In step and whole


def test_the_catalogues_hold_what_the_code_says_now() -> None:
    stale = [path for path, text in update.catalogues().items() if path.read_text("utf-8") != text]
    assert not stale, "the words have changed: run make catalogues, and translate what is new"


def test_there_is_a_catalogue_for_each_language_and_no_other() -> None:
    assert {path.parts[-3] for path in update.HERE.glob("*/*/messages.po")} == set(LANGUAGES)


@languages
def test_nothing_is_missing_and_nothing_waits_to_be_checked(tag: str) -> None:
    unready = [message.id for message in messages(tag) if message.fuzzy or not all(forms(message.string))]
    assert not unready


@languages
def test_each_plural_has_every_form_the_language_has(tag: str) -> None:
    plurals = [message for message in messages(tag) if message.pluralizable]
    assert plurals
    assert not [message.id for message in plurals if len(message.string) != CATALOGUES[tag].num_plurals]


@languages
def test_plural_forms_stand_in_the_order_of_the_unicode_rules(tag: str) -> None:
    rules = LANGUAGES[tag].locale.plural_form
    used = {rules(number) for number in range(1000)}
    order = [name for name in ("zero", "one", "two", "few", "many", "other") if name in used]
    assert [plural_of(tag, number) for number in COUNTS] == [order.index(rules(number)) for number in COUNTS]


# --- Well-formed


@languages
def test_placeholders_are_the_same_in_every_form(tag: str) -> None:
    for message in messages(tag):
        asked = Counter(PLACEHOLDER.findall(forms(message.id)[-1]))
        for index, words in enumerate(forms(message.string)):
            given = Counter(PLACEHOLDER.findall(words))
            if message.pluralizable and is_for_one_number(tag, index):
                given["num", "d"] = asked["num", "d"]
            assert given == asked, words
            assert "%" not in PLACEHOLDER.sub("", words), words


@languages
def test_words_carry_no_markup(tag: str) -> None:
    assert not [words for message in messages(tag) for words in forms(message.string) if set(words) & set("<>&\n")]


@languages
def test_every_message_can_be_said_of_every_number(tag: str) -> None:
    environment = Environment(extensions=["jinja2.ext.i18n"], autoescape=True)
    environment.install_gettext_translations(compiled(tag), newstyle=True)  # type: ignore[attr-defined]
    say = environment.from_string("{{ ngettext(words[0], words[1], count, **values) }}")
    for message in messages(tag):
        if not message.pluralizable:
            continue
        values = {name: 7 for name, _ in PLACEHOLDER.findall(message.id[1]) if name != "num"}
        for count in COUNTS:
            said = say.render(words=message.id, count=count, values=values)
            assert said
            assert "%" not in said
            assert str(count) in said or is_for_one_number(tag, plural_of(tag, count)), said


@translations
def test_a_translation_is_no_copy_of_the_norwegian(tag: str) -> None:
    allowed = SAME_IN_ENGLISH if tag == "en" else set()
    copies = [message.id for message in messages(tag) if set(forms(message.string)) & set(forms(message.id)) - allowed]
    assert not copies


@translations
def test_a_translation_is_written_in_the_script_of_its_language(tag: str) -> None:
    spoken = [message for message in messages(tag) if message.context != "language picker"]
    bare = [PLACEHOLDER.sub("", words) for message in spoken for words in forms(message.string)]
    assert not [words for words in bare if script_of(words) not in (LANGUAGES[tag].script, None)]


@languages
def test_the_menu_fits_four_abreast_on_a_phone(tag: str) -> None:
    menu = [message.string for message in messages(tag) if message.context == "menu"]
    assert len(menu) == 4
    assert all(len(words) <= 14 for words in menu), menu


@languages
def test_the_language_picker_says_language(tag: str) -> None:
    [words] = [message.string for message in messages(tag) if message.context == "language picker"]
    assert "Language" in words


def test_no_norwegian_sentence_is_longer_than_twenty_words() -> None:
    said = [sentence for m in messages("nb") for f in forms(m.id) for sentence in re.split(r"(?<=[.!?:])\s", f)]
    assert not [sentence for sentence in said if len(re.findall(r"[\w%()-]+", sentence)) > 20]


# --- Nothing outside


@templates
def test_no_word_in_a_template_is_outside_gettext(template: Path) -> None:
    environment = Environment(extensions=["jinja2.ext.i18n", "jinja2.ext.do"])
    source = template.read_text("utf-8")
    page = BeautifulSoup("".join(text for _, kind, text in environment.lex(source) if kind == "data"), "html.parser")
    plain = [
        *page.find_all(string=lambda text: type(text).__name__ == "NavigableString"),
        *(str(element[name]) for element in page.find_all() for name in READ_OUT if name in element.attrs),
        *(word for word in unspoken(environment.parse(source)) if re.search(r"^[A-ZÆØÅ]|[æøå]|[a-z] [a-z]", word)),
    ]
    assert not [text for text in plain if any(letter.isalpha() for letter in text)]


def unspoken(tree: nodes.Node) -> Iterator[str]:
    """The strings in the expressions of a template that no gettext call holds."""
    for node in tree.iter_child_nodes():
        if (
            isinstance(node, nodes.Call)
            and isinstance(node.node, nodes.Name)
            and node.node.name.endswith(("_", "gettext"))
        ):
            continue
        if isinstance(node, nodes.Keyword) and node.key == "class":
            continue
        if isinstance(node, nodes.Const) and isinstance(node.value, str):
            yield node.value
        yield from unspoken(node)


every_form = pytest.mark.parametrize("form", BaseForm.__subclasses__(), ids=lambda form: form.__name__)


@every_form
def test_a_form_speaks_only_through_the_catalogues(form: type[BaseForm]) -> None:
    for field in form():
        if not isinstance(field, HiddenField | FieldList):
            heeded = [validator.message for validator in field.validators if hasattr(validator, "message")]
            spoken = [field.label.text, *heeded]
            assert all(isinstance(words, LazyString) for words in spoken), field.name


@languages
@every_form
@pytest.mark.parametrize("sent", ["", "x" * 9000], ids=["nothing", "what no page offers"])
def test_a_form_complains_in_the_language_of_the_reader(app: Flask, form: type[BaseForm], tag: str, sent: str) -> None:
    numberless = re.compile(r"%\((?:min|max)\)d|\d+")
    known = {numberless.sub("", words) for message in messages(tag) for words in forms(message.string)}
    with app.test_request_context(environ_overrides={"participation.language": tag}):
        filled = form(MultiDict(dict.fromkeys((field.name for field in form()), sent)))
        for field in filled:
            if getattr(field, "choices", ()) is None:
                field.choices = []  # which there are, the view says
        filled.validate()
        complaints = [str(error) for field in filled for error in field.errors]
    assert {numberless.sub("", words) for words in complaints} <= known
    # What a password must be, the rules judge; the others may be left empty.
    assert complaints or (form, sent) == (PasswordForm, "x" * 9000) or (not sent and form.__name__ in MAY_BE_EMPTY)
