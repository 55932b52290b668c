"""The ways out: mail by SMTP, and SMS by one HTTP gateway, each if the settings name it."""

import ipaddress
import json
import re
import smtplib
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from http import HTTPStatus
from urllib import error, request
from urllib.parse import SplitResult, unquote, urlsplit

from flask import current_app

from .. import clock
from ..config import is_near
from .letters import Attachment, Letter
from .models import Channel

TIMEOUT = 20.0  # seconds for each answer of a server
PORTS = {"smtp": 587, "smtps": 465}
# Words in other scripts go as quoted-printable or base64: not every server on the way takes them as they are.
POLICY = SMTP.clone(cte_type="7bit")
# What a gateway says of a number or a text it will never take. Other refusals are about our settings, or pass.
REFUSED = {HTTPStatus.BAD_REQUEST, HTTPStatus.REQUEST_ENTITY_TOO_LARGE, HTTPStatus.UNPROCESSABLE_ENTITY}
CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+")


class Trouble(Exception):
    """It could not be sent now, and may be later. The message says what ails, without anything of a person."""


class Unreachable(Trouble):
    """The server is not there, or does not know us: nothing else would get through either."""


class Refused(Trouble):
    """It will never be sent: there is no such address, or nobody takes such a message."""


def channels() -> set[Channel]:
    """The ways out that the settings name."""
    named = {Channel.MAIL: current_app.config["MAIL_URL"], Channel.SMS: current_app.config["SMS_URL"]}
    return {channel for channel, url in named.items() if url}


def can_send(channel: Channel) -> bool:
    """Whether a message can go this way; else somebody must call."""
    return channel in channels()


def send(letter: Letter, reference: str) -> None:
    """Send a letter; raises Trouble. `reference` is the same each time the same message is tried."""
    if letter.channel is Channel.MAIL:
        _send_mail(letter, reference)
    else:
        _send_sms(letter, reference)


# --- Mail


def mail(letter: Letter, reference: str) -> EmailMessage:
    """The letter as mail: plain text, HTML if it has any, and its attachments; raises Refused for a bad address."""
    message = EmailMessage(policy=POLICY)
    message["From"] = _sender()
    message["To"] = _recipient(letter.to)
    message["Subject"] = _on_one_line(letter.subject)
    message["Date"] = format_datetime(clock.now())
    message["Message-ID"] = f"<{reference}@{_own_name()}>"
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(letter.text)
    if letter.html:
        message.add_alternative(letter.html, subtype="html")
    for attachment in letter.attachments:
        _attach(message, Attachment(*attachment))
    message["Content-Language"] = letter.language  # last: what is added moves such headers into the first part
    return message


def _attach(message: EmailMessage, attachment: Attachment) -> None:
    kind = POLICY.header_factory("Content-Type", attachment.mimetype)
    filename, parameters = _on_one_line(attachment.filename), dict(kind.params)
    if kind.maintype == "text":
        words = attachment.data.decode()
        message.add_attachment(words, subtype=kind.subtype, cte="base64", filename=filename, params=parameters)
    else:
        message.add_attachment(attachment.data, kind.maintype, kind.subtype, filename=filename, params=parameters)


def _sender() -> Address:
    """Who mail is from: MAIL_FROM, with the site's name before a bare address."""
    name, address = current_app.config["MAIL_FROM"]
    return Address(_on_one_line(name or current_app.config["SITE_NAME"]), addr_spec=address)


def _recipient(address: str) -> Address:
    """The address as every server takes it: a domain with other letters than a–z has another spelling for machines."""
    local, _, domain = address.rpartition("@")
    try:
        return Address(addr_spec=f"{local}@{domain.encode('idna').decode()}")
    except (ValueError, IndexError, MessageError) as trouble:  # the parser of addresses has many ways to stumble
        raise Refused("mail: bad address") from trouble


def _on_one_line(text: str) -> str:
    """A text as a header may hold it: a line break in a name must not begin another header."""
    return CONTROL.sub(" ", text).strip()


def _own_name() -> str:
    """This server's name, as mail servers want it."""
    host = urlsplit(current_app.config["PUBLIC_URL"]).hostname or "localhost"
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return host.encode("idna").decode()
    return f"[{address}]" if address.version == 4 else f"[IPv6:{address}]"


def _send_mail(letter: Letter, reference: str) -> None:
    message = mail(letter, reference)
    sender, recipient = message["From"].addresses[0].addr_spec, message["To"].addresses[0].addr_spec
    with _mail_server() as server:
        try:
            # Not `send_message`: it would write «>From» where a line begins with «From».
            server.sendmail(sender, [recipient], message.as_bytes())
        except smtplib.SMTPRecipientsRefused as refusal:
            _judge("recipient", next(iter(refusal.recipients.values()))[0], refusal)
        except smtplib.SMTPDataError as refusal:
            _judge("content", refusal.smtp_code, refusal)
        except smtplib.SMTPSenderRefused as refusal:  # whatever it says, it is about MAIL_FROM and not the message
            raise Unreachable(f"mail: sender {refusal.smtp_code}") from None
        except OSError as trouble:  # it hung up, or went silent
            raise Unreachable(f"mail: {type(trouble).__name__}") from None


def _judge(what: str, code: int, refusal: Exception) -> None:
    """A reply of 500 or more is for good. Only its number is kept: the words after it repeat the address."""
    raise (Refused if code >= 500 else Trouble)(f"mail: {what} {code}") from None


@contextmanager
def _mail_server() -> Iterator[smtplib.SMTP]:
    """A connection to the mail server, encrypted where it can be, and signed in to if the settings say so."""
    try:
        server = _connect()
    except smtplib.SMTPResponseException as refusal:
        raise Unreachable(f"mail: {type(refusal).__name__} {refusal.smtp_code}") from None
    except OSError as trouble:
        raise Unreachable(f"mail: {type(trouble).__name__}") from None
    try:
        yield server
    finally:
        with suppress(OSError):  # it has the message, or not: a rude goodbye changes nothing
            server.quit()
        server.close()


def _connect() -> smtplib.SMTP:
    url = urlsplit(current_app.config["MAIL_URL"])
    host, port, own_name = url.hostname or "", url.port or PORTS[url.scheme], _own_name()
    tls = _tls(host)
    server: smtplib.SMTP
    if url.scheme == "smtps":
        server = smtplib.SMTP_SSL(host, port, own_name, timeout=TIMEOUT, context=tls)
    else:
        server = smtplib.SMTP(host, port, own_name, TIMEOUT)
    try:
        _open(server, url, tls)
    except BaseException:
        server.close()
        raise
    return server


def _open(server: smtplib.SMTP, url: SplitResult, tls: ssl.SSLContext) -> None:
    server.ehlo_or_helo_if_needed()
    encrypted = url.scheme == "smtps"
    if not encrypted and server.has_extn("starttls"):
        server.starttls(context=tls)
        encrypted = True
    if url.username:
        if not (encrypted or is_near(url.hostname or "")):
            raise Unreachable("mail: no encryption for the password")
        server.login(unquote(url.username), unquote(url.password or ""))


def _tls(host: str) -> ssl.SSLContext:
    """How to know the server: by its certificate, but for one on this machine or a private network, which has none."""
    context = ssl.create_default_context()
    if is_near(host):
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context


# --- SMS


class _StayHere(request.HTTPRedirectHandler):
    """Follows no redirect: it would take the number, the words and the token to wherever it says."""

    def redirect_request(self, *_: object) -> None:
        return None


def _send_sms(letter: Letter, reference: str) -> None:
    config = current_app.config
    to, text = config["SMS_FIELDS"]
    body = json.dumps({to: letter.to, text: letter.text}, ensure_ascii=False).encode()
    headers = {"Content-Type": "application/json", "Accept": "application/json", "Idempotency-Key": reference}
    if config["SMS_TOKEN"]:
        headers["Authorization"] = f"Bearer {config['SMS_TOKEN']}"
    asked = request.Request(config["SMS_URL"], body, headers, method="POST")  # noqa: S310 the settings allow http(s) only
    try:
        with request.build_opener(_StayHere).open(asked, timeout=TIMEOUT) as answer:
            answer.read(65536)
    except error.HTTPError as refusal:
        refusal.close()
        if refusal.code in REFUSED:
            raise Refused(f"sms: {refusal.code}") from None
        raise Unreachable(f"sms: {refusal.code}") from None
    except (OSError, ValueError) as trouble:
        raise Unreachable(f"sms: {type(trouble).__name__}") from None
