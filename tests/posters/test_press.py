"""The press: however many ask for paper at once, few children run, and each document is whole."""

from concurrent.futures import ThreadPoolExecutor
from threading import BoundedSemaphore

import pytest

from participation.posters import press
from tests.posters.test_poster import POSTER


def words() -> dict[str, object]:
    lines = {"question": [list(line) for line in POSTER.question], "lines": [list(line) for line in POSTER.lines]}
    return {**vars(POSTER), **lines, "qr": press.code(POSTER.payload, POSTER.qr_label)}


def test_many_at_once_each_get_their_paper_in_turn(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(press, "PRESSES", BoundedSemaphore(1))

    with ThreadPoolExecutor(6) as crowd:
        documents = list(crowd.map(lambda _: press.printed("poster", words()), range(6)))

    assert all(document.startswith(b"%PDF") for document in documents)
    assert press.PRESSES.acquire(blocking=False), "each gave its turn back"


def test_who_waits_too_long_is_told_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(press, "PRESSES", BoundedSemaphore(1))
    monkeypatch.setattr(press, "TIMEOUT_SECONDS", 0.05)
    press.PRESSES.acquire()

    with pytest.raises(press.NotTypeset, match="at once"):
        press.printed("poster", words())


def test_a_turn_is_given_back_when_it_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(press, "PRESSES", BoundedSemaphore(1))

    for _ in range(3):
        with pytest.raises(press.NotTypeset):
            press.printed("poster", {})
