"""How much the server can do: the list beside a bare Flask answer, and durable ideas beside raw commits."""

import secrets
import selectors
import socket
import sqlite3
import time
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count, repeat
from pathlib import Path
from statistics import median
from urllib.parse import urlencode

from participation.db import sqlite

from .result import Result
from .server import Server

CONNECTIONS = 16
TEXT = "Et langbord under tak, så vi kan spise sammen også når det regner. Nummer {}."


@dataclass(frozen=True)
class Load:
    """How many requests were answered, in how many seconds, for how many seconds of the workers' processor time."""

    answered: int
    seconds: float
    cpu: float

    @property
    def rate(self) -> float:
        """Requests a second."""
        return self.answered / self.seconds

    @property
    def cost(self) -> float:
        """Milliseconds of processor time for each."""
        return self.cpu / self.answered * 1000


def drive(server: Server, requests: Iterator[bytes], seconds: float, expected: tuple[int, ...] = (200,)) -> Load:
    """Send requests on CONNECTIONS kept alive, each as soon as the one before is answered."""
    ready = selectors.DefaultSelector()
    heard: dict[socket.socket, bytes] = {}
    began, cpu, answered = time.monotonic(), server.cpu(), 0
    try:
        for _ in range(CONNECTIONS):
            connection = socket.create_connection(("127.0.0.1", server.port), 10)
            ready.register(connection, selectors.EVENT_READ)
            heard[connection] = b""
            connection.sendall(next(requests))
            time.sleep(0.003)  # all at once, they would all be taken by one worker
        while time.monotonic() < began + seconds:
            for key, _ in ready.select(1):
                connection = key.fileobj  # type: ignore[assignment]
                heard[connection] += connection.recv(65536)
                if whole(heard[connection], expected):
                    heard[connection] = b""
                    answered += 1
                    connection.sendall(next(requests))
        return Load(answered, time.monotonic() - began, server.cpu() - cpu)
    finally:
        ready.close()
        for connection in heard:
            connection.close()


def whole(answer: bytes, expected: tuple[int, ...]) -> bool:
    """Whether an answer has come to its end; RuntimeError when it is not the one expected."""
    head, end, body = answer.partition(b"\r\n\r\n")
    if not end:
        if not answer:
            raise RuntimeError("The server closed a connection.")
        return False
    if int(answer[9:12]) not in expected:
        raise RuntimeError(head.decode())
    length = head.lower().partition(b"\r\ncontent-length: ")[2].partition(b"\r\n")[0]
    return len(body) >= int(length)


def get(path: str) -> Iterator[bytes]:
    """The same question for ever, as a phone asks it."""
    phone = "Host: 127.0.0.1\r\nAccept-Language: nb\r\nAccept-Encoding: gzip, deflate, br"
    return repeat(f"GET {path} HTTP/1.1\r\n{phone}\r\n\r\n".encode())


def ideas(code: str = "GRENDE") -> Iterator[bytes]:
    """Ideas, each with a key of its own and from a phone of its own."""
    for number in count():
        yield idea(TEXT.format(number), code)


def idea(text: str, code: str = "GRENDE") -> bytes:
    """An idea as htmx sends it."""
    body = urlencode({"key": secrets.token_urlsafe(16), "text": text}).encode()
    head = (
        f"POST /W/{code} HTTP/1.1\r\nHost: 127.0.0.1\r\nSec-Fetch-Site: same-origin\r\nHX-Request: true\r\n"
        f"Accept-Language: nb\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


def commits(folder: Path, seconds: float) -> float:
    """Raw commits a second, one insert in each, as durable as the app's."""
    connection = sqlite.connect(str(folder / "raw.sqlite"), isolation_level=None)
    try:
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=FULL")
        connection.execute("CREATE TABLE IF NOT EXISTS idea (id INTEGER PRIMARY KEY, sent TEXT UNIQUE, text TEXT)")
        began, done = time.monotonic(), 0
        while time.monotonic() < began + seconds:
            connection.execute(
                "INSERT INTO idea (sent, text) VALUES (?, ?)", (secrets.token_hex(32), TEXT.format(done))
            )
            done += 1
        return done / (time.monotonic() - began)
    finally:
        connection.close()


def list_beside_hello(server: Server, quick: bool) -> Iterator[Result]:
    """The list of 20 rows, made anew each time, beside the least that Flask can answer."""
    seconds = 1.5 if quick else 4.0
    for path in ("/aktiviteter", "/bench/hello"):
        drive(server, get(path), 0.7)
    rounds = [
        (drive(server, get("/aktiviteter"), seconds), drive(server, get("/bench/hello"), seconds)) for _ in range(3)
    ]
    yield Result("list of 20 rows", median(page.rate for page, _ in rounds), "requests/s")
    yield Result("bare Flask hello", median(hello.rate for _, hello in rounds), "requests/s")
    yield Result("list of 20 rows, CPU", median(page.cost for page, _ in rounds), "ms")
    yield Result("bare Flask hello, CPU", median(hello.cost for _, hello in rounds), "ms")
    ratio = median(page.rate / hello.rate for page, hello in rounds)
    yield Result("list ÷ hello, requests/s", ratio, "", 0.25, at_least=True)
    yield Result("hello ÷ list, CPU", median(hello.cost / page.cost for page, hello in rounds))


def ideas_beside_commits(server: Server, folder: Path, quick: bool) -> Iterator[Result]:
    """Ideas taken in, each synced to the disk before its answer, beside the least that SQLite can commit."""
    seconds = 1.5 if quick else 4.0
    sent = ideas()
    drive(server, sent, 0.7, (201,))
    before = kept(folder)
    rounds = [(drive(server, sent, seconds, (201,)), commits(folder, seconds)) for _ in range(3)]
    answered = sum(load.answered for load, _ in rounds)
    yield Result("ideas", median(load.rate for load, _ in rounds), "ideas/s")
    yield Result("idea, CPU", median(load.cost for load, _ in rounds), "ms")
    yield Result("raw commits", median(raw for _, raw in rounds), "commits/s")
    ratio = median(load.rate / raw for load, raw in rounds)
    yield Result("ideas ÷ raw commits", ratio, "", 0.3, at_least=True)
    yield Result("ideas answered and not kept", max(answered - (kept(folder) - before), 0), "", 0)


def kept(folder: Path) -> int:
    """How many ideas the database holds."""
    connection: sqlite3.Connection = sqlite.connect(str(folder / "participation.sqlite"))
    try:
        return int(connection.execute("SELECT count(*) FROM idea").fetchone()[0])
    finally:
        connection.close()
