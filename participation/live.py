"""The change feed: numbered in the transaction that made the change, told to every watcher once and in order.

A feed's number is raised last in the transaction, which takes the feed's row lock until the commit: numbers are
without gaps and in the order of the commits. (A table's own id is not: PostgreSQL hands it out before the commit, and
a reader that remembers the last id it saw loses what commits later with a lower one.)
"""

import logging
import queue
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from typing import NamedTuple

import sqlalchemy as sa
from flask import Flask, Response, current_app, request, stream_with_context
from sqlalchemy.orm import Mapped, mapped_column

from . import clock
from .db import Base, Moment, db, sqlite

log = logging.getLogger(__name__)

POLL = 0.025  # seconds between looks at SQLite's change counter
HEARTBEAT = 15.0  # seconds of silence before a watcher gets a sign of life, so that dead connections are found
PUMP = 2.0  # seconds PostgreSQL's hint may be lost for
BACKLOG = 500  # changes read at a time
KEPT = 256  # drawn messages a process keeps for the watchers that have not had them yet
ROOM = 1000  # changes that may wait for one slow watcher before it is told to read them again


class Feed(Base):
    """A stream of changes: one for each thing that people watch."""

    __tablename__ = "feed"
    id: Mapped[int] = mapped_column(primary_key=True)
    seq: Mapped[int] = mapped_column(default=0)


class Change(Base):
    """That something changed: what kind of thing and which. What it has become, the reader looks up."""

    __tablename__ = "change"
    feed_id: Mapped[int] = mapped_column(sa.ForeignKey("feed.id", ondelete="CASCADE"), primary_key=True)
    seq: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    kind: Mapped[str] = mapped_column(sa.String(20))
    subject: Mapped[int]
    at: Mapped[datetime] = mapped_column(Moment, default=clock.now)


# Made once: every idea in a full room goes through these.
RAISE_NUMBER = sa.update(Feed).where(Feed.id == sa.bindparam("feed")).values(seq=Feed.seq + 1).returning(Feed.seq)
ADD_CHANGE = sa.insert(Change)


class Told(NamedTuple):
    """A change as a watcher hears of it."""

    seq: int
    kind: str
    subject: int


def announce(feed_id: int, kind: str, subject: int) -> None:
    """Add a change to a feed. Call it last in a rule: it holds the feed for all other writers until the commit."""
    db.session.flush()
    connection = db.session.connection()
    seq = connection.execute(RAISE_NUMBER, {"feed": feed_id}).scalar_one()
    change = {"feed_id": feed_id, "seq": seq, "kind": kind, "subject": subject, "at": clock.now()}
    connection.execute(ADD_CHANGE, change)
    if connection.dialect.name == "postgresql":
        connection.execute(sa.select(sa.func.pg_notify("feed", str(feed_id))))


def position(feed_id: int) -> int:
    """The number of a feed's latest change. Read it before the page that a stream goes on from."""
    return db.session.execute(sa.select(Feed.seq).where(Feed.id == feed_id)).scalar_one()


def changes_since(connection: sa.Connection, feed_id: int, seq: int) -> list[Told]:
    """The changes after a number, oldest first, BACKLOG at the most."""
    rows = connection.execute(
        sa.select(Change.seq, Change.kind, Change.subject)
        .where(Change.feed_id == feed_id, Change.seq > seq)
        .order_by(Change.seq)
        .limit(BACKLOG)
    )
    return [Told(*row) for row in rows]


class Watcher:
    """One open connection: its place in the feed, and the changes on their way to it."""

    def __init__(self, feed_id: int, seq: int, audience: str) -> None:
        self.feed_id = feed_id
        self.seq = seq
        self.audience = f"{feed_id} {audience}"
        self.waiting: queue.Queue[Told] = queue.Queue(ROOM)
        self.is_behind = False


class Hub:
    """A process's one reader of changes, which hands them to all the watchers it serves.

    It starts with the first watcher, so after the server has forked: neither threads nor SQLite connections live
    through a fork.
    """

    def __init__(self, engine: sa.Engine) -> None:
        self.engine = engine
        self.lock = threading.Lock()
        self.watchers: dict[int, set[Watcher]] = {}
        self.seen: dict[int, int] = {}
        self.drawing = threading.Lock()
        self.drawn: dict[tuple[int, str], str] = {}
        self.reader: threading.Thread | None = None

    def join(self, watcher: Watcher) -> None:
        """Tell a watcher of every change from now on."""
        with self.lock:
            if watcher.feed_id not in self.watchers:
                self.watchers[watcher.feed_id] = set()
                self.seen[watcher.feed_id] = watcher.seq
            self.watchers[watcher.feed_id].add(watcher)
            if self.reader is None:
                self.reader = threading.Thread(target=self.read, name="change feed", daemon=True)
                self.reader.start()

    def leave(self, watcher: Watcher) -> None:
        """Stop telling a watcher."""
        with self.lock:
            others = self.watchers.get(watcher.feed_id, set())
            others.discard(watcher)
            if not others:
                self.watchers.pop(watcher.feed_id, None)
                self.seen.pop(watcher.feed_id, None)

    def draw_once(self, change: Told, watcher: "Watcher", draw: "Draw") -> str:
        """The message for a change that has just come: drawn for the first watcher that needs it, and kept a while."""
        key = (change.seq, watcher.audience)
        with self.drawing:
            if key not in self.drawn:
                while len(self.drawn) >= KEPT:
                    del self.drawn[next(iter(self.drawn))]
                self.drawn[key] = message(change.seq, draw(change))
            return self.drawn[key]

    def read(self) -> None:
        """Wait for commits by any process, for as long as this one lives, and tell of what they changed."""
        listen = self._sqlite_commits if self.engine.dialect.name == "sqlite" else self._postgresql_commits
        while True:
            try:
                for _ in listen():
                    self.tell()
            except Exception:  # whatever ails the database, watchers keep what they have until it is back
                log.warning("The change feed lost the database; trying again.", exc_info=True)
                time.sleep(1)

    def tell(self) -> None:
        """Hand the new changes of each watched feed to its watchers."""
        with self.lock:
            feeds = dict(self.seen)
        if not feeds:
            return
        with self.engine.connect() as connection:
            for feed_id, seen in feeds.items():
                seq = seen
                while told := changes_since(connection, feed_id, seq):
                    seq = told[-1].seq
                    self._hand_out(feed_id, told)
                    if len(told) < BACKLOG:
                        break

    def _hand_out(self, feed_id: int, told: Iterable[Told]) -> None:
        with self.lock:
            if feed_id not in self.seen:
                return
            for change in told:
                self.seen[feed_id] = change.seq
                for watcher in self.watchers[feed_id]:
                    try:
                        watcher.waiting.put_nowait(change)
                    except queue.Full:
                        watcher.is_behind = True  # too slow to be handed each change: it reads them for itself

    def _sqlite_commits(self) -> Iterator[None]:
        """SQLite has no notice of commits; its counter of others' commits costs 4 µs to read."""
        path = self.engine.url.database or ""
        connection = sqlite.connect(path, isolation_level=None, timeout=1)
        version = None
        try:
            while True:
                latest = connection.execute("PRAGMA data_version").fetchone()[0]
                if latest != version:
                    version = latest
                    yield
                time.sleep(POLL)
        finally:
            connection.close()

    def _postgresql_commits(self) -> Iterator[None]:
        """The notice comes with the commit, but is only a hint: after PUMP seconds of silence it looks anyway."""
        import psycopg  # here: nine megabytes that SQLite has no use for

        url = self.engine.url.set(drivername="postgresql").render_as_string(hide_password=False)
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute("LISTEN feed")
            yield
            while True:
                for _ in connection.notifies(timeout=PUMP, stop_after=1):
                    pass
                yield


def message(seq: int, html: str) -> str:
    """What one watcher is sent for one change, as text/event-stream has it."""
    return f"id: {seq}\n" + "".join(f"data: {line}\n" for line in html.splitlines()) + "\n"


Draw = Callable[[Told], str]


def anybody() -> bool:
    """That a stream is open to all, for as long as they watch."""
    return True


def stream(feed_id: int, audience: str, draw: Draw, may_watch: Callable[[], bool] = anybody) -> Response:
    """Answer with the changes of a feed, as they come, each drawn as HTML; goes on after `Last-Event-ID` or `?since=`.

    `audience` names who is drawn for (which screen, which language): watchers of one audience get the same drawing.
    `may_watch` is asked again before each message: a stream outlives the session that opened it.
    """
    hub: Hub = current_app.extensions["live"]
    since = _number(request.headers.get("Last-Event-ID")) or _number(request.args.get("since"))
    # Not a number that has not been reached (a restored database has lower ones): the hub would wait for it.
    since = min(since, position(feed_id))
    db.session.remove()  # a stream lives for hours: it must not hold a connection
    messages = _messages(hub, Watcher(feed_id, since, audience), draw, may_watch)
    response = Response(stream_with_context(messages), mimetype="text/event-stream")
    response.headers["Cache-Control"] = "no-store"
    response.headers["X-Accel-Buffering"] = "no"
    return response


def _messages(hub: Hub, watcher: Watcher, draw: Draw, may_watch: Callable[[], bool] = anybody) -> Iterator[str]:
    hub.join(watcher)  # before the backlog is read: what commits in between comes twice and is passed over, never lost
    try:
        yield "retry: 1000\n\n"
        yield from _caught_up(hub, watcher, draw)
        while True:
            if watcher.is_behind:
                watcher.is_behind = False
                yield from _caught_up(hub, watcher, draw)
            try:
                change = watcher.waiting.get(timeout=HEARTBEAT)
            except queue.Empty:
                change = None
            if not may_watch():
                return
            if change is None:
                yield ": still here\n\n"
                continue
            if change.seq <= watcher.seq:
                continue
            if change.seq == watcher.seq + 1:
                watcher.seq = change.seq
                drawn = hub.draw_once(change, watcher, draw)
                db.session.remove()
                yield drawn
            else:
                yield from _caught_up(hub, watcher, draw)
    finally:
        hub.leave(watcher)


def _caught_up(hub: Hub, watcher: Watcher, draw: Draw) -> Iterator[str]:
    told: list[Told] | None = None
    while told is None or len(told) == BACKLOG:
        with hub.engine.connect() as connection:
            told = changes_since(connection, watcher.feed_id, watcher.seq)
        for change in told:
            watcher.seq = change.seq
            # Drawn anew: a text that has been hidden since must not be sent again.
            drawn = message(change.seq, draw(change))
            db.session.remove()
            yield drawn


def _number(text: str | None) -> int:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 10 else 0


def init_app(app: Flask) -> None:
    """Give the app its hub."""
    with app.app_context():
        app.extensions["live"] = Hub(db.engine)
