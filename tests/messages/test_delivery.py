"""From the outbox to the mailbox: each message once, in its own time, and none that is no longer needed."""

import logging
import os
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import timedelta
from threading import Event

import pytest
import sqlalchemy as sa
from flask import Flask

from participation import clock
from participation.db import db
from participation.messages import letters, rules, transport
from participation.messages.delivery import deliver_due
from participation.messages.letters import Letter
from participation.messages.models import Channel, Message, MessageState
from participation.messages.rules import BACKOFF, LEASE
from tests.messages.outside import Gateway, PostOffice, free_port

MANY = 50
Later = Callable[[timedelta], None]


def queue(kind: str, about: int = 1, occasion: str = "") -> None:
    rules.queue(kind, about, occasion, "nb", clock.now())


def deliver(app: Flask) -> int:
    return deliver_due(app, Event())


def state(about: int = 1) -> MessageState:
    db.session.rollback()
    return db.session.scalars(sa.select(Message.state).where(Message.about == about)).one()


def trouble(about: int = 1) -> str:
    return db.session.scalars(sa.select(Message.trouble).where(Message.about == about)).one()


def reached(office: PostOffice) -> list[int]:
    """The numbers of those who got a greeting, one for each time they got it."""
    return sorted(int(address.removeprefix("person").partition("@")[0]) for address in office.recipients)


def test_what_is_due_is_sent_once(app: Flask, greeting: str, post_office: PostOffice, later: Later) -> None:
    queue(greeting)

    assert deliver(app) == 1
    later(timedelta(days=2))
    assert deliver(app) == 0

    (message,) = post_office.received
    assert message["Subject"] == "Hei, nummer 1"
    assert state() is MessageState.SENT


def test_a_message_whose_reason_is_gone_is_not_sent(
    app: Flask, says: Callable[..., None], post_office: PostOffice
) -> None:
    says(lambda _about: None)
    queue("greeting")

    deliver(app)

    assert post_office.received == []
    assert state() is MessageState.STOPPED


def test_a_message_says_what_is_true_when_it_is_sent(
    app: Flask, says: Callable[..., None], post_office: PostOffice
) -> None:
    place = "grendehuset"
    says(lambda _about: letters.letter("kari@people.example", place, []))
    queue("greeting")
    place = "stranda"

    deliver(app)

    assert [message["Subject"] for message in post_office.received] == ["stranda"]


def test_each_gets_their_own_way(
    app: Flask, says: Callable[..., None], post_office: PostOffice, gateway: Gateway
) -> None:
    says(lambda about: letters.letter("+4790000000" if about == 1 else "kari@people.example", "", ["Hei"]))
    for about in (1, 2):
        queue("greeting", about)

    deliver(app)

    assert [body for *_, body in gateway.asked] == [{"to": "+4790000000", "text": "Hei"}]
    assert post_office.recipients == ["kari@people.example"]
    assert (state(1), state(2)) == (MessageState.SENT, MessageState.SENT)


def test_without_settings_nothing_is_touched(app: Flask, greeting: str, statements: list[str]) -> None:
    queue(greeting)
    statements.clear()

    assert deliver(app) == 0

    assert not [one for one in statements if one != "BEGIN" and not one.startswith("SELECT")]
    assert [found.about for found in rules.unsent([greeting], [1], transport.channels())] == [1]


def test_an_sms_without_a_gateway_waits_for_somebody_to_call(
    app: Flask, says: Callable[..., None], post_office: PostOffice
) -> None:
    says(lambda _about: letters.letter("+4790000000", "", ["Hei"]))
    queue("greeting")

    deliver(app)
    assert deliver(app) == 0, "it is not taken again and again"

    assert [(found.about, found.channel) for found in rules.unsent(["greeting"], [1], transport.channels())] == [
        (1, Channel.SMS)
    ]


def test_it_goes_when_a_gateway_is_set_up(
    app: Flask, says: Callable[..., None], post_office: PostOffice, gateway: Gateway, set_up: Callable[..., None]
) -> None:
    url = app.config["SMS_URL"]
    set_up(SMS_URL="")
    test_an_sms_without_a_gateway_waits_for_somebody_to_call(app, says, post_office)

    set_up(SMS_URL=url)
    deliver(app)

    assert len(gateway.asked) == 1
    assert state() is MessageState.SENT


# --- Trouble


def test_an_address_that_does_not_exist_is_tried_once(
    app: Flask, greeting: str, post_office: PostOffice, later: Later
) -> None:
    post_office.answers["person1@people.example"] = "550 5.1.1 <person1@people.example> no such person"
    for about in (1, 2):
        queue(greeting, about)

    deliver(app)
    later(timedelta(days=2))
    assert deliver(app) == 0

    assert reached(post_office) == [2]
    assert (state(1), trouble(1)) == (MessageState.FAILED, "mail: recipient 550")


def test_a_mail_that_is_put_off_goes_later(app: Flask, greeting: str, post_office: PostOffice, later: Later) -> None:
    post_office.answers["person1@people.example"] = "451 greylisted"
    for about in (1, 2):
        queue(greeting, about)

    deliver(app)
    assert reached(post_office) == [2]
    assert (state(1), trouble(1)) == (MessageState.WAITING, "mail: recipient 451")

    post_office.answers.clear()
    assert deliver(app) == 0
    later(BACKOFF[0])
    deliver(app)

    assert reached(post_office) == [1, 2]
    assert (state(1), trouble(1)) == (MessageState.SENT, "")


def test_the_same_message_has_the_same_id_each_time(
    app: Flask, greeting: str, post_office: PostOffice, later: Later
) -> None:
    queue(greeting)
    deliver(app)
    with app.app_context():  # as if the sender had died before it could say that it was done
        db.session.connection(execution_options={"writing": True}).execute(
            sa.update(Message).values(state=MessageState.SENDING, next_try_at=clock.now())
        )
        db.session.commit()

    deliver(app)

    first, again = post_office.received
    assert first["Message-ID"] == again["Message-ID"]


def test_a_sender_that_dies_on_its_way_leaves_the_message_to_the_next(
    app: Flask, greeting: str, post_office: PostOffice, later: Later, monkeypatch: pytest.MonkeyPatch
) -> None:
    def die(*_: object) -> None:
        raise KeyboardInterrupt

    queue(greeting)
    with monkeypatch.context() as patch, suppress(KeyboardInterrupt):
        patch.setattr(transport, "send", die)
        deliver(app)

    assert state() is MessageState.SENDING
    assert deliver(app) == 0
    later(LEASE)
    deliver(app)

    assert reached(post_office) == [1]


def test_a_mail_server_that_is_down_is_asked_once_a_round_and_holds_no_sms_up(
    app: Flask, says: Callable[..., None], set_up: Callable[..., None], gateway: Gateway
) -> None:
    set_up(MAIL_URL=f"smtp://127.0.0.1:{free_port()}", MAIL_FROM=("", "post@torstrand.example"))
    says(lambda about: letters.letter("+4790000000" if about > 3 else "kari@people.example", "", ["Hei"]))
    for about in range(1, 6):
        queue("greeting", about)

    deliver(app)

    assert [trouble(about) for about in range(1, 6)] == ["mail: ConnectionRefusedError", "", "", "", ""]
    assert len(gateway.asked) == 2
    waiting = db.session.scalars(sa.select(Message).where(Message.state == MessageState.WAITING).order_by(Message.id))
    assert [(message.about, message.attempts) for message in waiting] == [(1, 1), (2, 0), (3, 0)]


def test_a_message_that_can_t_be_written_holds_no_other_up(
    app: Flask, says: Callable[..., None], greeting: str, post_office: PostOffice
) -> None:
    def stumble(_about: int) -> Letter:
        raise LookupError

    says(stumble, "broken")
    queue("broken", 1)
    queue("nobody knows", 2)
    queue(greeting, 3)

    deliver(app)

    assert reached(post_office) == [3]
    assert (state(1), trouble(1)) == (MessageState.WAITING, "not written: LookupError")
    assert trouble(2) == "not written: UnknownKind"


def test_what_the_mail_library_stumbles_over_holds_no_other_up(
    app: Flask, says: Callable[..., None], greeting: str, post_office: PostOffice
) -> None:
    says(
        lambda _about: Letter(
            "kari@people.example", Channel.MAIL, "nb", "", "", attachments=[("x.ics", "text/calendar", b"\xff")]
        ),
        "broken",
    )
    queue("broken", 1)
    queue(greeting, 2)

    deliver(app)

    assert reached(post_office) == [2]
    assert trouble(1) == "not sent: UnicodeDecodeError"


def test_the_log_names_nobody(
    app: Flask, greeting: str, post_office: PostOffice, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    post_office.answers["person1@people.example"] = "550 <person1@people.example> no such person"
    post_office.answers["person2@people.example"] = "451 <person2@people.example> not now"
    for about in (1, 2, 3):
        queue(greeting, about)

    deliver(app)

    ours = [record.getMessage() for record in caplog.records if record.name.startswith("participation")]
    assert len(ours) == 3
    assert not [line for line in ours if "@" in line or "nummer" in line]
    assert not [record for record in caplog.records if record.exc_info]


# --- Many at once


def test_threads_share_the_work_and_nobody_hears_it_twice(app: Flask, greeting: str, post_office: PostOffice) -> None:
    for about in range(MANY):
        queue(greeting, about)

    with ThreadPoolExecutor(2) as threads:
        done = list(threads.map(deliver, [app] * 2))

    assert reached(post_office) == list(range(MANY))
    assert sum(done) == MANY


def test_processes_share_the_work_and_nobody_hears_it_twice(
    app: Flask, database: str, greeting: str, post_office: PostOffice
) -> None:
    for about in range(MANY):
        queue(greeting, about)
    environment = {
        **os.environ, "DATABASE_URL": database, "MAIL_URL": app.config["MAIL_URL"], "MAIL_FROM": "post@t.example"
    }  # fmt: skip

    workers = [
        subprocess.Popen([sys.executable, "-m", "tests.messages.postman"], env=environment, stderr=subprocess.PIPE)
        for _ in range(2)
    ]
    said = [worker.communicate(timeout=60)[1].decode() for worker in workers]

    assert said == ["", ""]
    assert reached(post_office) == list(range(MANY))
    assert {state(about) for about in range(MANY)} == {MessageState.SENT}


def test_a_worker_that_is_told_to_stop_ends_after_the_message_in_its_hands(
    app: Flask, says: Callable[..., None], post_office: PostOffice
) -> None:
    stop = Event()

    def one_and_no_more(about: int) -> Letter:
        stop.set()
        return letters.letter(f"person{about}@people.example", "", [])

    says(one_and_no_more)
    for about in (1, 2):
        queue("greeting", about)

    assert deliver_due(app, stop) == 1
    assert reached(post_office) == [1]
    assert state(2) is MessageState.WAITING
