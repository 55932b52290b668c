"""The Torstrand demo content is complete in three languages, plain in Norwegian, and whole in its references."""

import re
import tomllib
from collections import Counter
from collections.abc import Iterator
from datetime import date, time
from pathlib import Path
from typing import Any

import pytest

from participation import clock

DEMO = Path(__file__).parents[2] / "participation" / "demo"
LANGUAGES = {"nb", "en", "ar"}
LONGEST_SENTENCE = 20  # words
HARDEST_RECORD = 45  # LIX; one record is what a reader meets on one screen
HARDEST_FILE = 40  # LIX

AREAS = {"living", "place", "democracy"}
VERDICTS = {"given", "open", "yours", "other"}
LEVELS = {"inform", "consult", "involve", "collaborate", "empower"}
KINDS = {"cook", "bake", "carry", "drive", "host", "translate", "fix", "play", "tidy"}
TRANSLATED = {
    "theme": {"title", "about"},
    "card": {"title", "summary", "decides", "first_step", "contact"},
    "activity": {"title", "summary", "way_in", "contact", "audience"},
    "task": {"title", "meet"},
    "workshop": {"title", "question", "promise"},
    "place": {"about"},
    "organiser": {"about"},
}
PLAIN = {
    "theme": {"slug", "area"},
    "card": {"slug", "verdict", "theme", "level", "source", "checked_on"},
    "activity": {
        "slug",
        "example",
        "theme",
        "cards",
        "organiser",
        "place",
        "day",
        "start",
        "end",
        "price",
        "languages",
        "drop_in",
        "task",
    },
    "task": {"slug", "kind", "start", "end", "capacity", "taken"},
    "workshop": {"code", "example", "state", "approval", "place", "ideas"},
    "place": {"name"},
    "organiser": {"name"},
}
OPTIONAL = {
    "card": {"money", "open_until", "activities"},
    "activity": {
        *("cancelled", "came_of", "thanks", "visitors", "every", "standing", "bring_children", "no_norwegian"),
    },
    "task": {"waiting", "ask_first"},
    "place": {"house"},
    "workshop": {"activity", "closed_days_ago"},
}

Record = dict[str, Any]


def load(name: str) -> dict[str, list[Record]]:
    return tomllib.loads((DEMO / f"{name}.toml").read_text("utf-8"))


HANDLINGSROM, ACTIVITIES, WORKSHOPS = load("handlingsrom"), load("activities"), load("workshops")
THEMES, CARDS = HANDLINGSROM["theme"], HANDLINGSROM["card"]
ACTS, SHOPS = ACTIVITIES["activity"], WORKSHOPS["workshop"]
TASKS = [task for activity in ACTS for task in activity["task"]]
RECORDS = [
    pytest.param(kind, record, id=f"{kind}:{record.get('slug') or record.get('code') or record['name']}")
    for kind, records in [
        *(("theme", THEMES), ("card", CARDS), ("activity", ACTS), ("task", TASKS), ("workshop", SHOPS)),
        *(("place", ACTIVITIES["place"]), ("organiser", ACTIVITIES["organiser"])),
    ]
    for record in records
]


def texts(value: object) -> Iterator[dict[str, str]]:
    """Every translated text in a record: a table with a bokmål text in it."""
    if isinstance(value, dict):
        if "nb" in value:
            yield value
        else:
            for inner in value.values():
                yield from texts(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from texts(inner)


def sentences(text: str) -> list[str]:
    return [part for part in re.split(r"(?<=[.!?:…])[»”]?\s+", text) if part]


def words(text: str) -> list[str]:
    return re.findall(r"[^\W_]+(?:[-:][^\W_]+)*", text)


def lix(bokmaal: list[str]) -> float:
    """Björnsson's readability index of the texts together: words a sentence + percentage of words over six letters."""
    found = [word for text in bokmaal for word in words(text)]
    return len(found) / sum(len(sentences(text)) for text in bokmaal) + 100 * sum(len(w) > 6 for w in found) / len(
        found
    )


def prose(record: Record) -> list[str]:
    """The bokmål a reader reads through; labels such as titles and contacts are no sentences and weigh nothing."""
    return [text["nb"] for text in texts(record) if re.search(r"[.!?…]$", text["nb"])]


def at(clock: str) -> time:
    assert re.fullmatch(r"[0-2]\d:[0-5]\d", clock), clock
    return time.fromisoformat(clock)


@pytest.mark.parametrize(("kind", "record"), RECORDS)
def test_a_record_has_its_fields_and_no_misspelt_ones(kind: str, record: Record) -> None:
    required = TRANSLATED[kind] | PLAIN[kind]
    assert required <= record.keys(), required - record.keys()
    assert record.keys() <= required | OPTIONAL.get(kind, set()), record.keys() - required
    assert all(set(record[field]) == LANGUAGES for field in TRANSLATED[kind])


@pytest.mark.parametrize(("kind", "record"), RECORDS)
def test_every_text_is_there_in_three_languages(kind: str, record: Record) -> None:
    for text in texts(record):
        assert text.keys() == LANGUAGES
        assert all(said and said == said.strip() for said in text.values()), text
        assert not re.search(r"[\u0600-\u06ff]", text["nb"] + text["en"]), text
        assert not re.search(r"[?,;]", text["ar"]), f"Latin punctuation in Arabic: {text['ar']}"


@pytest.mark.parametrize(("kind", "record"), RECORDS)
def test_arabic_is_in_arabic_unless_it_is_only_names(kind: str, record: Record) -> None:
    for text in texts(record):
        letters = re.findall(r"[^\W\d_]", text["ar"])
        arabic = re.findall(r"[\u0600-\u06ff]", text["ar"])
        assert arabic, text
        assert len(arabic) * 4 >= len(letters), text


@pytest.mark.parametrize(("kind", "record"), RECORDS)
def test_bokmaal_is_plain(kind: str, record: Record) -> None:
    for text in texts(record):
        for sentence in sentences(text["nb"]):
            assert len(words(sentence)) <= LONGEST_SENTENCE, sentence
    if kind != "task" and (read := prose(record)):
        assert lix(read) <= HARDEST_RECORD, f"LIX {lix(read):.0f}: {' '.join(read)}"


@pytest.mark.parametrize("file", [HANDLINGSROM, ACTIVITIES, WORKSHOPS], ids=["handlingsrom", "activities", "workshops"])
def test_a_file_as_a_whole_reads_easily(file: Record) -> None:
    assert lix(prose(file)) <= HARDEST_FILE


def test_a_room_is_in_a_house_and_an_example() -> None:
    houses = {place["name"] for place in ACTIVITIES["place"] if "house" not in place}
    rooms = [place for place in ACTIVITIES["place"] if "house" in place]
    assert rooms
    assert all(room["house"] in houses and room["about"]["nb"].startswith("Eksempel") for room in rooms)


def test_nobody_says_of_a_place_what_nobody_has_said() -> None:
    """Whether there are steps, a hearing loop or a toilet is unknown until somebody at the place tells."""
    known = {"step_free", "hearing_loop", "toilet", "address", "way_in"}
    assert not any(known & place.keys() for place in ACTIVITIES["place"])


def test_nothing_is_named_twice() -> None:
    for records in (THEMES, CARDS, ACTS, TASKS):
        slugs = [record["slug"] for record in records]
        assert len(slugs) == len(set(slugs))
        assert all(re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", slug) for slug in slugs)
    assert len({shop["code"] for shop in SHOPS}) == len(SHOPS)


def test_every_reference_leads_somewhere() -> None:
    themes, cards, activities = ({r["slug"] for r in records} for records in (THEMES, CARDS, ACTS))
    assert {r["theme"] for r in CARDS + ACTS} <= themes
    assert {slug for card in CARDS for slug in card.get("activities", [])} <= activities
    assert {slug for activity in ACTS for slug in activity["cards"]} <= cards
    assert {shop["activity"] for shop in SHOPS if "activity" in shop} <= activities


def test_a_card_and_its_activity_point_at_each_other() -> None:
    """Every step links to the next and back, so a reader never meets a dead end."""
    of_card = {card["slug"]: card.get("activities", []) for card in CARDS}
    for activity in ACTS:
        assert all(activity["slug"] in of_card[card] for card in activity["cards"]), activity["slug"]
    of_activity = {activity["slug"]: activity["cards"] for activity in ACTS}
    for card in CARDS:
        assert all(card["slug"] in of_activity[slug] for slug in of_card[card["slug"]]), card["slug"]


def test_the_eight_sub_goals_stand_in_the_three_areas_and_each_has_a_card() -> None:
    assert Counter(theme["area"] for theme in THEMES) == {"living": 3, "place": 3, "democracy": 2}
    assert {card["theme"] for card in CARDS} == {theme["slug"] for theme in THEMES}


def test_each_door_opens_on_several_cards() -> None:
    doors = Counter(card["verdict"] for card in CARDS)
    assert doors.keys() == VERDICTS
    assert min(doors.values()) >= 2


@pytest.mark.parametrize("card", CARDS, ids=lambda card: card["slug"])
def test_a_card_says_where_it_is_from_and_what_to_do_first(card: Record) -> None:
    assert card["level"] in LEVELS
    assert card["source"].strip()
    assert date(2024, 1, 1) <= card["checked_on"] <= clock.today()
    assert len(card["title"]["nb"]) <= 60
    assert len(sentences(card["summary"]["nb"])) <= 2
    assert sentences(card["first_step"]["nb"])
    assert "open_until" not in card or isinstance(card["open_until"], date)


@pytest.mark.parametrize("activity", ACTS, ids=lambda activity: activity["slug"])
def test_an_activity_is_an_example_with_times_that_hold(activity: Record) -> None:
    assert activity["example"] is True
    assert at(activity["start"]) < at(activity["end"])
    assert activity["price"] >= 0
    assert activity["languages"]
    assert set(activity["languages"]) <= {
        "nb",
        "nn",
        "en",
        "uk",
        "ar",
        "pl",
        "lt",
        "so",
        "ti",
        "fa",
    }
    assert ("came_of" in activity) == (activity["day"] < 0)
    assert activity.get("came_of", {"nb": "Eksempel"})["nb"].startswith("Eksempel")


@pytest.mark.parametrize("task", TASKS, ids=lambda task: task["slug"])
def test_a_task_has_room_for_those_already_on_it(task: Record) -> None:
    assert task["kind"] in KINDS
    assert at(task["start"]) < at(task["end"])
    assert 0 <= task["taken"] <= task["capacity"]
    assert task["taken"] == task["capacity"] or "waiting" not in task
    assert task.get("ask_first", 0) <= task.get("waiting", 0)


def test_the_demo_shows_each_state_a_reader_can_meet() -> None:
    days = [activity["day"] for activity in ACTS]
    assert 0 in days
    assert min(days) < 0
    assert max(days) > 7
    assert sum(activity.get("cancelled", False) for activity in ACTS) == 1
    ahead = [
        task for activity in ACTS if activity["day"] >= 0 and not activity.get("cancelled") for task in activity["task"]
    ]
    assert {task["taken"] == task["capacity"] for task in ahead} == {True, False}
    assert any(task.get("ask_first") for task in ahead)
    assert sum("every" in activity for activity in ACTS) == sum("standing" in activity for activity in ACTS) == 1


@pytest.mark.parametrize("shop", SHOPS, ids=lambda shop: shop["code"])
def test_a_workshop_has_a_code_that_can_be_typed_and_ideas_in_their_own_language(shop: Record) -> None:
    assert shop["example"] is True
    assert re.fullmatch(r"[0-9A-HJKMNP-TV-Z]{6}", shop["code"])
    assert (shop["state"] == "closed") == ("closed_days_ago" in shop)
    closed_minutes = shop.get("closed_days_ago", 0) * 24 * 60
    for idea in shop["ideas"]:
        assert idea.keys() - {"became"} == {"text", "lang", "state", "minutes_ago"}
        assert idea.get("became", ACTS[0]["slug"]) in {activity["slug"] for activity in ACTS}
        assert idea["text"].strip()
        assert idea["state"] in {"shown", "waiting", "hidden"}
        assert bool(re.search(r"[\u0600-\u06ff]", idea["text"])) == (idea["lang"] in {"ar", "fa"})
        assert bool(re.search(r"[\u0400-\u04ff]", idea["text"])) == (idea["lang"] == "uk")
        assert idea["minutes_ago"] > closed_minutes


def test_the_open_workshop_is_held_today_and_shows_a_wall_in_many_languages() -> None:
    (open_shop,) = [shop for shop in SHOPS if shop["state"] == "open"]
    assert open_shop["code"] == "GRENDE"
    assert next(a for a in ACTS if a["slug"] == open_shop["activity"])["day"] == 0
    assert {idea["lang"] for idea in open_shop["ideas"]} >= {"nb", "ar", "uk", "pl", "so", "en"}
    assert {idea["state"] for idea in open_shop["ideas"]} == {"shown", "waiting", "hidden"}
