"""Real servers that take mail and SMS, and may be told to be difficult."""

import asyncio
import json
import socket
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

USER, PASSWORD = "torstrand", "p@ss/word:1"


class PostOffice:
    """What a mail server was sent; `answers` are what it says to a command or an address instead of yes."""

    def __init__(self) -> None:
        self.received: list[EmailMessage] = []
        self.senders: list[str | None] = []
        self.recipients: list[str] = []
        self.were_encrypted: list[bool] = []
        self.hung_up_at = ""
        self.pause = 0.0  # seconds it takes to think about a mail
        self.is_thinking = False
        self.answers: dict[str, str] = {}

    async def handle_MAIL(self, server: SMTP, session: Session, envelope: Envelope, address: str, _: Any) -> str:  # noqa: N802
        envelope.mail_from = address
        return self.answers.get("MAIL", "250 OK")

    async def handle_RCPT(self, server: SMTP, session: Session, envelope: Envelope, address: str, _: Any) -> str:  # noqa: N802
        if self.hung_up_at == "RCPT":
            server.transport.close()
        answer = self.answers.get(address, "250 OK")
        if answer.startswith("250"):
            envelope.rcpt_tos.append(address)
        return answer

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        if self.hung_up_at == "DATA":
            server.transport.close()
        self.is_thinking = True
        await asyncio.sleep(self.pause)
        self.is_thinking = False
        answer = self.answers.get("DATA", "250 OK")
        if answer.startswith("250"):
            assert isinstance(envelope.content, bytes)
            self.received.append(message_from_bytes(envelope.content, policy=default))
            self.senders.append(envelope.mail_from)
            self.recipients += envelope.rcpt_tos
            self.were_encrypted.append(session.ssl is not None)
        return answer


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def knows(_server: SMTP, _session: Session, _envelope: Envelope, _mechanism: str, given: Any) -> AuthResult:
    """Lets in the one user there is."""
    known = isinstance(given, LoginPassword) and (given.login, given.password) == (USER.encode(), PASSWORD.encode())
    return AuthResult(success=known, handled=False)


class Gateway(ThreadingHTTPServer):
    """Takes SMS over HTTP; `status` is what it answers with."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Counter)
        self.asked: list[tuple[str, dict[str, str], Any]] = []
        self.status = 201
        self.location = ""


class Counter(BaseHTTPRequestHandler):
    """The gateway's one page."""

    server: Gateway

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
        self.server.asked.append((self.path, dict(self.headers), json.loads(body or b"null")))
        self.send_response(self.server.status)
        if self.server.location:
            self.send_header("Location", self.server.location)
        self.end_headers()

    def do_GET(self) -> None:
        self.do_POST()

    def log_message(self, *_: object) -> None:
        """Keep the tests' output clean."""


def read_part(message: EmailMessage, kind: str) -> str:
    """The words of the part of a mail that is of this type."""
    for part in message.walk():
        if part.get_content_type() == kind:
            content = part.get_content()
            words = content.decode() if isinstance(content, bytes) else str(content)
            return words.replace("\r\n", "\n")
    raise AssertionError(f"no {kind} in the mail")
