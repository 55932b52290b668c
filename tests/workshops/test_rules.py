"""How a workshop goes: opened, answered, shown, closed; and what others may read of it."""

from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa

from participation import live
from participation.db import ALPHABET, db
from participation.workshops import rules
from participation.workshops.models import CODE_LENGTH, Idea, IdeaState, Reason, Workshop, WorkshopState
from tests import world

Make = Callable[..., Any]


def told(workshop: Workshop) -> list[tuple[int, str, int]]:
    """What the workshop's watchers hear of, from the beginning."""
    return [tuple(change) for change in live.changes_since(db.session.connection(), workshop.feed_id, 0)]


def test_an_idea_waits_to_be_read_unless_the_facilitator_said_otherwise(workshop: Make, idea: Make) -> None:
    assert idea(workshop()).state is IdeaState.WAITING
    assert idea(workshop(approval=False)).state is IdeaState.SHOWN


def test_an_idea_to_a_closed_workshop_is_kept_as_late_and_shown_to_nobody(workshop: Make, idea: Make) -> None:
    for approval in (True, False):
        late = idea(workshop(state="closed", approval=approval))
        assert (late.late, late.state) == (True, IdeaState.WAITING)


def test_a_workshop_that_has_not_begun_takes_nothing(workshop: Make, idea: Make) -> None:
    with pytest.raises(rules.NotOpenYet):
        idea(workshop(state="draft"))
    assert db.session.scalar(sa.select(sa.func.count(Idea.id))) == 0


def test_the_same_idea_sent_twice_with_one_form_is_one(workshop: Make, idea: Make) -> None:
    asked = workshop()

    assert idea(asked, "Benker").id == idea(asked, "Benker").id
    assert rules.tally(asked.question).total == 1
    assert len(told(asked)) == 2  # opened, answered


def test_two_ideas_with_one_form_are_two(workshop: Make) -> None:
    question = workshop().question

    for text in ("Benker", "Bord"):
        rules.submit(question, text, "nb", "one key", "one phone")

    assert rules.tally(question).total == 2


def test_an_idea_on_its_way_when_the_doors_closed_is_the_same_idea_when_it_comes_again(
    workshop: Make, idea: Make
) -> None:
    asked = workshop()
    sent = idea(asked)
    rules.close(asked)

    assert idea(asked).id == sent.id
    assert sent.late is False


def test_what_is_hidden_keeps_its_words_and_the_reason(workshop: Make, idea: Make) -> None:
    asked = workshop()
    kept = idea(asked, "Langbord", state="shown")

    rules.hide(kept, Reason.HURTFUL)

    assert (kept.text, kept.state, kept.reason) == ("Langbord", IdeaState.HIDDEN, Reason.HURTFUL)
    assert rules.ideas(asked.question, IdeaState.SHOWN) == []


def test_what_was_hidden_by_mistake_is_shown_again_without_a_reason(workshop: Make, idea: Make) -> None:
    kept = idea(workshop(), state="hidden")

    rules.show(kept)

    assert (kept.state, kept.reason) == (IdeaState.SHOWN, None)


def test_every_change_is_told_once_in_order_and_what_changes_nothing_is_not_told(workshop: Make, idea: Make) -> None:
    asked = workshop()
    kept = idea(asked)

    rules.show(kept)
    rules.show(kept)
    rules.hide(kept, Reason.DOUBLE)
    rules.hide(kept, Reason.DOUBLE)
    rules.close(asked)
    rules.close(asked)
    rules.open_doors(asked)

    assert told(asked) == [
        (1, "workshop", asked.id),
        (2, "idea", kept.id),
        (3, "idea", kept.id),
        (4, "idea", kept.id),
        (5, "workshop", asked.id),
        (6, "workshop", asked.id),
    ]
    assert live.position(asked.feed_id) == 6


def test_one_workshops_changes_are_not_anothers(workshop: Make, idea: Make) -> None:
    one, other = workshop(), workshop()

    idea(one)

    assert len(told(one)) == 2
    assert len(told(other)) == 1


def test_all_that_wait_can_be_shown_at_once_and_nothing_else_is(workshop: Make, idea: Make) -> None:
    asked = workshop()
    for text in ("Benker", "Bord"):
        idea(asked, text)
    idea(asked, "Stygt", state="hidden")

    seen = rules.latest_waiting(asked.question)
    idea(asked, "Kom mens noen trykket")
    assert rules.show_all(asked.question, seen) == 2
    assert rules.show_all(asked.question, seen) == 0
    assert rules.tally(asked.question) == rules.Tally(shown=2, waiting=1, hidden=1)


def test_those_that_wait_come_oldest_first_and_those_shown_latest_first(workshop: Make, idea: Make) -> None:
    asked = workshop()
    for text in ("en", "to"):
        idea(asked, text)
    for text in ("tre", "fire"):
        idea(asked, text, state="shown")

    assert [one.text for one in rules.ideas(asked.question, IdeaState.WAITING)] == ["en", "to"]
    assert [one.text for one in rules.ideas(asked.question, IdeaState.SHOWN)] == ["fire", "tre"]


def test_my_ideas_are_mine_wherever_i_sent_them(workshop: Make, idea: Make) -> None:
    one, other = workshop(), workshop()
    idea(one, "mitt", holder="me")
    idea(other, "også mitt", holder="me")
    idea(one, "ditt", holder="you")
    me = [world.receipt("me")]

    assert [mine.text for mine in rules.ideas_of(me)] == ["også mitt", "mitt"]
    assert [mine.text for mine in rules.ideas_of(me, one.question)] == ["mitt"]
    assert rules.ideas_of([]) == []


@pytest.mark.parametrize("typed", ["7F3QK0", "7f3qk0", "7F3-QKO", " 7f3 qko ", "7F3QKO", "7·F3QK·0"])
def test_a_code_is_known_however_it_is_typed(workshop: Make, typed: str) -> None:
    asked = workshop()
    rules.write(lambda: setattr(db.session.merge(asked), "code", "7F3QK0"))()

    assert rules.by_code(typed).id == asked.id  # type: ignore[union-attr]


@pytest.mark.parametrize(
    "typed", ["", " ", "\x00", "x" * 20_000, "' OR '1'='1", "%", "_" * 6, "ÆØÅ", "７Ｆ３", "\udcff"]
)
def test_a_code_that_cannot_be_is_nobodys(workshop: Make, typed: str) -> None:
    workshop()

    assert rules.by_code(typed) is None


def test_a_new_workshop_has_a_code_that_can_be_read_aloud(workshop: Make) -> None:
    codes = {workshop(state="draft").code for _ in range(10)}

    assert len(codes) == 10
    assert all(len(code) == CODE_LENGTH and set(code) <= set(ALPHABET) for code in codes)


def test_a_workshop_is_closed_and_opened_again(workshop: Make) -> None:
    asked = workshop(state="closed")
    assert (asked.state, asked.closed_at is None) == (WorkshopState.CLOSED, False)

    rules.open_doors(asked)

    assert (asked.state, asked.closed_at) == (WorkshopState.OPEN, None)


def test_a_code_is_never_handed_out_twice(workshop: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    taken = workshop().code
    dealt = iter([taken, taken, "FRESH1"])
    monkeypatch.setattr(rules, "random_code", lambda _length: next(dealt))

    assert workshop().code == "FRESH1"
