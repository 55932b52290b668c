"""The ways out, tried against real servers: what arrives, and which trouble passes and which does not."""

import ssl
from collections.abc import Callable
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from participation import config
from participation.messages import transport
from participation.messages.letters import Attachment, Letter
from participation.messages.models import Channel
from participation.messages.transport import Refused, Trouble, Unreachable
from tests.messages.outside import USER, Gateway, PostOffice, free_port, knows, read_part

CALENDAR = b"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//x//\xd8\xb4//NO\r\nEND:VCALENDAR\r\n"
KARI = "kari@people.example"
QUOTED = "torstrand:p%40ss%2Fword%3A1"


def mail(to: str = KARI, subject: str = "Hei", text: str = "Velkommen på lørdag.\n", **more: Any) -> Letter:
    return Letter(to, Channel.MAIL, "nb", subject, text, **more)


def sms(to: str = "+4790000000", text: str = "Hei, مرحبا") -> Letter:
    return Letter(to, Channel.SMS, "ar", "", text)


def sent(office: PostOffice, letter: Letter, reference: str = "0123456789") -> EmailMessage:
    transport.send(letter, reference)
    return office.received[-1]


# --- What arrives


def test_mail_arrives_as_it_was_written(post_office: PostOffice, set_up: Callable[..., None]) -> None:
    set_up(PUBLIC_URL="https://torstrand.example", SITE_NAME="Torstrand, «Grendehuset»")

    message = sent(post_office, mail(text="Hei!\n.\nFrom nå av: æøå مرحبا\n" + "lang " * 300 + "\n"))

    assert post_office.recipients == [KARI]
    assert post_office.senders == ["post@torstrand.example"]
    assert str(message["From"]) == '"Torstrand, «Grendehuset»" <post@torstrand.example>'
    assert message["To"] == KARI
    assert message["Message-ID"] == "<0123456789@torstrand.example>"
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["Content-Language"] == "nb"
    assert message["Date"].datetime.tzinfo is not None
    assert read_part(message, "text/plain") == "Hei!\n.\nFrom nå av: æøå مرحبا\n" + "lang " * 300 + "\n"


def test_the_sender_s_own_name_is_kept(post_office: PostOffice, set_up: Callable[..., None]) -> None:
    set_up(MAIL_FROM=("Vellaget", "post@torstrand.example"))

    assert str(sent(post_office, mail())["From"]) == "Vellaget <post@torstrand.example>"


def test_mail_in_arabic_with_html_and_a_calendar_is_read_by_a_mail_program(post_office: PostOffice) -> None:
    html = '<!doctype html><html lang="ar" dir="rtl"><body>أهلا بك</body></html>'
    files = [
        Attachment("aktivitet.ics", "text/calendar; method=PUBLISH", CALENDAR),
        ("kart.pdf", "application/pdf", b"%"),
    ]

    message = sent(post_office, mail(subject="مرحبا بك في المطبخ", text="أهلا بك\n", html=html, attachments=files))

    assert message["Subject"] == "مرحبا بك في المطبخ"
    assert [part.get_content_type() for part in message.walk()] == [
        "multipart/mixed", "multipart/alternative", "text/plain", "text/html", "text/calendar", "application/pdf",
    ]  # fmt: skip
    assert read_part(message, "text/plain") == "أهلا بك\n"
    assert 'dir="rtl"' in read_part(message, "text/html")
    calendar, plan = message.iter_attachments()
    assert calendar.get_payload(decode=True) == CALENDAR
    assert calendar.get_filename() == "aktivitet.ics"
    assert calendar["Content-Type"].params["method"] == "PUBLISH"
    assert plan.get_content() == b"%"


def test_what_people_wrote_begins_no_header(post_office: PostOffice) -> None:
    trick = "Per\r\nBcc: alle@people.example\n\n<h1>\u2028X-Evil: 1\x00\x1b[31m"

    message = sent(post_office, mail(subject=trick, attachments=[Attachment(trick, "text/calendar", CALENDAR)]))

    assert message["Bcc"] is None
    assert message["X-Evil"] is None
    assert str(message["Subject"]) == "Per Bcc: alle@people.example <h1> X-Evil: 1 [31m"
    assert post_office.recipients == [KARI]
    (calendar,) = message.iter_attachments()
    assert set(calendar.keys()) <= {"Content-Type", "Content-Transfer-Encoding", "Content-Disposition", "MIME-Version"}


@pytest.mark.parametrize(
    "address",
    [
        f"{KARI}\nBcc: x@y.example",
        f"{KARI}, x@y.example",
        "kari@",
        "@x.example",
        "kari",
        "a b@x.example",
        "kåre@x.example",
        "kari@.example",
        "",
    ],
)
def test_what_is_no_address_gets_no_mail(post_office: PostOffice, address: str) -> None:
    with pytest.raises(Refused, match="bad address"):
        transport.send(mail(to=address), "1")

    assert post_office.received == []


def test_a_server_without_a_name_gives_its_address(post_office: PostOffice, set_up: Callable[..., None]) -> None:
    for host, name in (
        ("192.168.1.7", "[192.168.1.7]"),
        ("[::1]", "[IPv6:::1]"),
        ("blåbær.example", "xn--blbr-roah.example"),
    ):
        set_up(PUBLIC_URL=f"http://{host}:8000")

        assert sent(post_office, mail())["Message-ID"] == f"<0123456789@{name}>"


# --- Encryption and sign-in


@pytest.fixture
def tls_office(
    open_post_office: Callable[..., tuple[PostOffice, int]], tls: ssl.SSLContext, set_up: Callable[..., None]
) -> PostOffice:
    """A mail server that encrypts, and takes mail only from the one who knows the password."""
    office, port = open_post_office(
        tls_context=tls, require_starttls=True, auth_required=True, auth_require_tls=True, authenticator=knows
    )
    set_up(MAIL_URL=f"smtp://{QUOTED}@localhost:{port}", MAIL_FROM=("", "post@torstrand.example"))
    return office


def test_mail_is_encrypted_where_the_server_offers_it_and_the_password_goes_so(tls_office: PostOffice) -> None:
    transport.send(mail(), "1")

    assert (tls_office.were_encrypted, tls_office.recipients) == ([True], [KARI])


def test_a_wrong_password_is_our_trouble_and_not_the_recipient_s(
    app: Flask, tls_office: PostOffice, set_up: Callable[..., None]
) -> None:
    set_up(MAIL_URL=app.config["MAIL_URL"].replace("p%40ss", "wrong"))

    with pytest.raises(Unreachable, match=r"^mail: SMTPAuthenticationError 535$"):
        transport.send(mail(), "1")


def test_mail_goes_encrypted_from_the_start_where_the_settings_say_so(
    open_post_office: Callable[..., tuple[PostOffice, int]], tls: ssl.SSLContext, set_up: Callable[..., None]
) -> None:
    office, port = open_post_office(ssl_context=tls)
    set_up(MAIL_URL=f"smtps://localhost:{port}", MAIL_FROM=("", "post@torstrand.example"))

    transport.send(mail(), "1")

    assert office.recipients == [KARI]


def test_a_server_far_away_must_prove_who_it_is(
    tls_office: PostOffice, monkeypatch: pytest.MonkeyPatch, certificate: tuple[Path, Path]
) -> None:
    monkeypatch.setattr(transport, "is_near", lambda _host: False)

    with pytest.raises(Unreachable, match="SSLCertVerificationError"):
        transport.send(mail(), "1")
    assert tls_office.received == []

    monkeypatch.setenv("SSL_CERT_FILE", str(certificate[0]))
    transport.send(mail(), "1")
    assert tls_office.recipients == [KARI]


def test_no_password_goes_far_in_the_clear(
    app: Flask, post_office: PostOffice, monkeypatch: pytest.MonkeyPatch, set_up: Callable[..., None]
) -> None:
    set_up(MAIL_URL=app.config["MAIL_URL"].replace("smtp://", f"smtp://{USER}:x@"))
    monkeypatch.setattr(transport, "is_near", lambda _host: False)

    with pytest.raises(Unreachable, match="no encryption for the password"):
        transport.send(mail(), "1")


# --- Trouble


@pytest.mark.parametrize("where", [KARI, "DATA"])
@pytest.mark.parametrize("code", [550, 552, 554])
def test_a_mail_that_is_refused_for_good_is_told_apart(post_office: PostOffice, where: str, code: int) -> None:
    post_office.answers[where] = f"{code} 5.1.1 <{KARI}> no such person"

    with pytest.raises(Refused, match=rf"^mail: \w+ {code}$"):
        transport.send(mail(), "1")


@pytest.mark.parametrize("where", [KARI, "DATA"])
@pytest.mark.parametrize("code", [450, 451, 452])
def test_a_mail_that_is_refused_for_now_can_be_sent_later(post_office: PostOffice, where: str, code: int) -> None:
    post_office.answers[where] = f"{code} <{KARI}> try again later"

    with pytest.raises(Trouble, match=rf"^mail: \w+ {code}$") as trouble:
        transport.send(mail(), "1")
    assert type(trouble.value) is Trouble


@pytest.mark.parametrize("answer", ["553 not your address", "451 not now"])
def test_a_sender_that_is_refused_is_our_trouble(post_office: PostOffice, answer: str) -> None:
    post_office.answers["MAIL"] = answer

    with pytest.raises(Unreachable, match=r"^mail: sender (553|451)$"):
        transport.send(mail(), "1")


@pytest.mark.parametrize("where", ["RCPT", "DATA"])
def test_a_server_that_hangs_up_can_be_tried_later(post_office: PostOffice, where: str) -> None:
    post_office.hung_up_at = where

    with pytest.raises(Unreachable, match="SMTPServerDisconnected"):
        transport.send(mail(), "1")


def test_a_server_that_is_not_there_can_be_tried_later(app: Flask, set_up: Callable[..., None]) -> None:
    set_up(MAIL_URL=f"smtp://127.0.0.1:{free_port()}", MAIL_FROM=("", "post@torstrand.example"))

    with pytest.raises(Unreachable, match="ConnectionRefusedError"):
        transport.send(mail(), "1")


def test_a_server_that_says_nothing_is_not_waited_for(
    app: Flask, set_up: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    import socket

    monkeypatch.setattr(transport, "TIMEOUT", 0.2)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        set_up(MAIL_URL=f"smtp://127.0.0.1:{silent.getsockname()[1]}", MAIL_FROM=("", "post@torstrand.example"))

        with pytest.raises(Unreachable, match="SMTPServerDisconnected"):
            transport.send(mail(), "1")


def test_a_domain_in_other_letters_is_spelt_as_machines_do(post_office: PostOffice) -> None:
    transport.send(mail(to="kari@blåbær.example"), "1")

    assert post_office.recipients == ["kari@xn--blbr-roah.example"]


# --- SMS


def test_an_sms_is_handed_to_the_gateway(gateway: Gateway, set_up: Callable[..., None]) -> None:
    transport.send(sms(), "0123456789")
    set_up(SMS_FIELDS=("recipient", "message"), SMS_TOKEN="")
    transport.send(sms(), "0123456789")

    (path, headers, body), (_, bare, renamed) = gateway.asked
    assert (path, body) == ("/send", {"to": "+4790000000", "text": "Hei, مرحبا"})
    assert headers["Authorization"] == "Bearer secret-token"
    assert headers["Idempotency-Key"] == "0123456789"
    assert headers["Content-Type"] == "application/json"
    assert renamed == {"recipient": "+4790000000", "message": "Hei, مرحبا"}
    assert "Authorization" not in bare


@pytest.mark.parametrize("status", [400, 413, 422])
def test_an_sms_that_is_refused_for_good_is_told_apart(gateway: Gateway, status: int) -> None:
    gateway.status = status

    with pytest.raises(Refused, match=rf"^sms: {status}$"):
        transport.send(sms(), "1")


@pytest.mark.parametrize("status", [401, 403, 404, 429, 500, 503])
def test_a_gateway_that_is_out_of_order_or_does_not_know_us_can_be_tried_later(gateway: Gateway, status: int) -> None:
    gateway.status = status

    with pytest.raises(Unreachable, match=rf"^sms: {status}$"):
        transport.send(sms(), "1")


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_numbers_and_words_go_nowhere_else(gateway: Gateway, status: int) -> None:
    gateway.status, gateway.location = status, f"http://127.0.0.1:{gateway.server_port}/elsewhere"

    with pytest.raises(Unreachable, match=rf"^sms: {status}$"):
        transport.send(sms(), "1")
    assert [path for path, *_ in gateway.asked] == ["/send"]


def test_a_gateway_that_is_not_there_can_be_tried_later(gateway: Gateway, set_up: Callable[..., None]) -> None:
    set_up(SMS_URL=f"http://127.0.0.1:{free_port()}/")

    with pytest.raises(Unreachable, match="sms: URLError"):
        transport.send(sms(), "1")


# --- Settings


def test_without_settings_there_is_no_way_out(app: Flask) -> None:
    assert not any(transport.can_send(channel) for channel in Channel)


def test_each_way_out_has_its_setting(post_office: PostOffice) -> None:
    assert transport.can_send(Channel.MAIL)
    assert not transport.can_send(Channel.SMS)


def test_settings_that_are_right_are_taken() -> None:
    assert config.mail({"MAIL_URL": "smtps://u:p@mail.example:465", "MAIL_FROM": "Vellaget <post@x.example>"}) == {
        "MAIL_URL": "smtps://u:p@mail.example:465",
        "MAIL_FROM": ("Vellaget", "post@x.example"),
    }
    assert config.sms({"SMS_URL": "https://sms.example/v1", "SMS_FIELDS": "number, body", "SMS_TOKEN": "t"}) == {
        "SMS_URL": "https://sms.example/v1",
        "SMS_FIELDS": ("number", "body"),
        "SMS_TOKEN": "t",
    }
    assert config.sms({"SMS_URL": "http://192.168.1.9/sms"})["SMS_FIELDS"] == ("to", "text")


@pytest.mark.parametrize(
    "given",
    [
        {"MAIL_URL": "mail.example"},
        {"MAIL_URL": "http://mail.example", "MAIL_FROM": "post@x.example"},
        {"MAIL_URL": "smtp://", "MAIL_FROM": "post@x.example"},
        {"MAIL_URL": "smtp://mail.example:many", "MAIL_FROM": "post@x.example"},
        {"MAIL_URL": "smtp://mail.example"},
        {"MAIL_URL": "smtp://mail.example", "MAIL_FROM": "Vellaget"},
    ],
)
def test_it_does_not_start_with_a_mail_server_it_could_not_use(given: dict[str, str]) -> None:
    with pytest.raises(config.UnsafeSettings, match="MAIL_"):
        config.mail(given)


@pytest.mark.parametrize(
    "given",
    [
        {"SMS_URL": "http://sms.example"},
        {"SMS_URL": "ftp://sms.example"},
        {"SMS_URL": "https://sms.example", "SMS_FIELDS": "to"},
        {"SMS_URL": "https://sms.example", "SMS_FIELDS": "to,to"},
        {"SMS_URL": "https://sms.example", "SMS_FIELDS": "to,"},
    ],
)
def test_it_does_not_start_with_a_gateway_it_should_not_use(given: dict[str, str]) -> None:
    with pytest.raises(config.UnsafeSettings, match="SMS_"):
        config.sms(given)
