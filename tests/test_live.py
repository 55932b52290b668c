"""The live stream, from a real server with two workers: each change once, in order, none missing, whatever happens."""

import http.client
import os
import random
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing, suppress
from pathlib import Path
from urllib.parse import urlencode

import pytest
from flask import Flask

from participation import create_app, live, schema
from participation.db import db
from participation.workshops import rules
from participation.workshops.models import Reason, Workshop
from tests import world

ROOT = Path(__file__).parents[1]
PATIENCE = 30  # seconds
Event = tuple[int, str]


class Server:
    """The app as it is served, by its own command, on a port of its own."""

    def __init__(self) -> None:
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port: int = free.getsockname()[1]
        self.start()

    def start(self) -> None:
        """Start, and wait until it answers."""
        self.process = subprocess.Popen(
            [sys.executable, "-m", "participation.cli", "serve"],
            cwd=ROOT,
            env={**os.environ, "HOST": "127.0.0.1", "PORT": str(self.port), "WEB_CONCURRENCY": "2"},
            start_new_session=True,
        )
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            with suppress(OSError):
                if self.ask("GET", "/om")[0] == 200:
                    return
            assert self.process.poll() is None, "the server gave up"
            time.sleep(0.05)
        raise TimeoutError

    def stop(self, how: signal.Signals = signal.SIGTERM) -> None:
        """Stop it and its workers, kindly or not."""
        os.killpg(self.process.pid, how)
        self.process.wait(PATIENCE)

    def connect(self) -> http.client.HTTPConnection:
        """A new connection, as by a phone of its own."""
        return http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)

    def ask(self, method: str, path: str, form: dict[str, str] | None = None) -> tuple[int, http.client.HTTPMessage]:
        """One request; answers with the status and the headers."""
        with closing(self.connect()) as connection:
            kind = {"Content-Type": "application/x-www-form-urlencoded"} if form else {}
            connection.request(method, path, urlencode(form) if form else None, kind)
            response = connection.getresponse()
            response.read()
            return response.status, response.headers

    def watch(self, path: str, since: int = 0, header: bool = False) -> Iterator[Event]:
        """The events of a stream after a number, as they come, until the connection ends."""
        with closing(self.connect()) as connection:
            asked = {"Last-Event-ID": str(since)} if header else {}
            connection.request("GET", path if header else f"{path}?since={since}", headers=asked)
            response = connection.getresponse()
            assert response.status == 200
            seq, data = 0, ""
            while line := response.readline().decode():
                name, _, value = line.rstrip("\n").partition(": ")
                if name == "id":
                    seq = int(value)
                elif name == "data":
                    data += value + "\n"
                elif not line.strip() and seq:
                    yield seq, data
                    seq, data = 0, ""


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def server(request: pytest.FixtureRequest, new_database: Callable[[str], str]) -> Iterator[Server]:
    """A server on a database of its own, which this process's rules write to as well."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DATABASE_URL", new_database(request.param))
        app = create_app()
        with app.app_context():
            schema.migrate()
            served = Server()
            yield served
            served.stop()
            db.session.remove()
            db.engine.dispose()


@pytest.fixture
def asked(server: Server) -> Workshop:
    """An open workshop that shows ideas at once."""
    return world.workshop(approval=False)


def stream_of(workshop: Workshop) -> str:
    return f"/W/{workshop.code}/strom"


def follow(server: Server, path: str, until: int, seed: int) -> list[Event]:
    """Watch as a phone on a poor network does: the connection ends at any moment, and goes on from the last number."""
    chance = random.Random(seed)
    seen: list[Event] = []
    deadline = time.monotonic() + PATIENCE
    while (seen[-1][0] if seen else 0) < until and time.monotonic() < deadline:
        patience = chance.randrange(1, 30)
        try:
            watching = server.watch(path, since=seen[-1][0] if seen else 0, header=chance.random() < 0.5)
            with closing(watching):
                for event in watching:
                    seen.append(event)
                    patience -= 1
                    if event[0] >= until or not patience:
                        break
        except (OSError, http.client.HTTPException, AssertionError):
            time.sleep(0.05)
    return seen


def write_ideas(server: Server, workshop: Workshop, writers: int, each: int) -> None:
    """Send ideas by many phones at once, each until the server has answered that it is kept."""
    path = f"/W/{workshop.code}"

    def send(writer: int) -> None:
        for number in range(each):
            form = {"text": f"Idé {writer}-{number}", "key": f"key-of-{writer}-{number}-0123456789"}
            for _ in range(200):
                with suppress(OSError, http.client.HTTPException):
                    if server.ask("POST", path, form)[1]["X-Ack"] == form["key"]:
                        break
                time.sleep(0.05)

    with ThreadPoolExecutor(writers) as phones:
        list(phones.map(send, range(writers)))


def test_every_watcher_sees_every_change_once_and_in_order_on_a_network_that_breaks(
    server: Server, asked: Workshop
) -> None:
    path, last = stream_of(asked), 1 + 4 * 25  # opened, and then the ideas

    with ThreadPoolExecutor(8) as screens:
        watching = [screens.submit(follow, server, path, last, seed) for seed in range(8)]
        write_ideas(server, asked, writers=4, each=25)
        seen = [screen.result() for screen in watching]

    for events in seen:
        assert [seq for seq, _ in events] == list(range(1, last + 1))
        shown = "".join(html for _, html in events)
        assert all(shown.count(f">Idé {writer}-{number}<") == 1 for writer in range(4) for number in range(25))


def test_nothing_is_lost_or_doubled_when_the_server_is_killed_in_the_middle(server: Server, asked: Workshop) -> None:
    path, last = stream_of(asked), 1 + 3 * 20

    with ThreadPoolExecutor(4) as threads:
        watching = [threads.submit(follow, server, path, last, seed) for seed in range(3)]
        writing = threads.submit(write_ideas, server, asked, 3, 20)
        while live.position(asked.feed_id) < 10:
            db.session.rollback()
            time.sleep(0.01)
        server.stop(signal.SIGKILL)
        server.start()
        writing.result()
        seen = [screen.result() for screen in watching]

    db.session.rollback()
    assert live.position(asked.feed_id) == last
    for events in seen:
        assert [seq for seq, _ in events] == list(range(1, last + 1))


def test_a_change_made_by_any_process_is_seen_within_a_second(server: Server, asked: Workshop) -> None:
    path = stream_of(asked)
    arrived: list[float] = []
    ready = threading.Event()

    def wait() -> None:
        with closing(server.watch(path)) as events:
            for seq, _ in events:
                ready.set()
                if seq > 1:
                    arrived.append(time.monotonic())
                if seq == 6:
                    return

    watcher = threading.Thread(target=wait)
    watcher.start()
    assert ready.wait(PATIENCE)
    sent = []
    for number in range(5):
        sent.append(time.monotonic())
        world.idea(asked, f"Herfra {number}")
        time.sleep(0.1)
    watcher.join(PATIENCE)

    assert max(there - here for here, there in zip(sent, arrived, strict=True)) < 1


def test_what_has_been_hidden_is_in_no_stream_that_is_opened_later(server: Server, asked: Workshop) -> None:
    secret = world.idea(asked, "Naboens hemmelighet")
    first = world.idea(asked, "Benker")
    rules.hide(secret, Reason.PERSONAL)
    last = live.position(asked.feed_id)

    for since in range(last):
        events = []
        with closing(server.watch(stream_of(asked), since)) as watching:
            for event in watching:
                events.append(event)
                if event[0] == last:
                    break
        assert [seq for seq, _ in events] == list(range(since + 1, last + 1))
        assert "hemmelighet" not in "".join(html for _, html in events)
        assert f"#idea-{secret.public_id}" in events[-1][1]  # and whoever shows it takes it away
    assert first.text == "Benker"


def test_a_watcher_from_the_future_keeps_nothing_from_the_others(server: Server, asked: Workshop) -> None:
    path = stream_of(asked)
    with ExitStack() as watching:
        for _ in range(6):  # some for each worker
            ahead = watching.enter_context(closing(server.connect()))
            ahead.request("GET", f"{path}?since=999999999")
            assert ahead.getresponse().status == 200
        wall = watching.enter_context(closing(server.watch(path)))
        assert next(wall)[0] == 1
        world.idea(asked, "Benker")

        assert next(wall)[0] == 2


@pytest.mark.parametrize("since", ["", "-1", "x", "1.5", "٣", "9" * 15, "9" * 40, "0x1", " 1"])
def test_a_place_that_cannot_be_is_no_reason_to_fall(server: Server, asked: Workshop, since: str) -> None:
    with closing(server.connect()) as connection:
        connection.request("GET", f"{stream_of(asked)}?{urlencode({'since': since})}")
        response = connection.getresponse()
        assert response.status == 200
        assert response.readline() == b"retry: 1000\n"
        assert response.readline() == b"\n"
        if since in ("", "-1", "x"):
            assert response.readline() == b"id: 1\n"
        else:
            connection.sock.settimeout(0.3)
            with suppress(TimeoutError):
                assert response.readline() != b""  # silence, or the backlog: but not the end


def test_a_stream_is_kept_by_nobody_on_the_way(server: Server, asked: Workshop) -> None:
    with closing(server.connect()) as connection:
        connection.request("GET", stream_of(asked), headers={"Accept-Encoding": "br, gzip"})
        headers = connection.getresponse().headers

    assert headers["Content-Type"] == "text/event-stream; charset=utf-8"
    assert headers["Cache-Control"] == "no-store"
    assert headers["X-Accel-Buffering"] == "no"
    assert headers["Content-Encoding"] is None


def test_many_who_only_watch_leave_the_database_to_those_who_ask(server: Server, asked: Workshop) -> None:
    watching = [server.watch(stream_of(asked)) for _ in range(80)]
    for one in watching:
        assert next(one)[0] == 1

    began = time.monotonic()
    for _ in range(5):
        assert server.ask("GET", "/aktiviteter")[0] == 200
    world.idea(asked, "Benker")
    heard = [next(one)[0] for one in watching]

    assert heard == [2] * 80
    assert time.monotonic() - began < 10
    for one in watching:
        one.close()


def test_a_text_with_line_breaks_is_one_event(server: Server, asked: Workshop) -> None:
    world.idea(asked, "en\n\ndata: <b>to</b>\nid: 99\n\ntre")

    with closing(server.watch(stream_of(asked))) as events:
        seen = [next(events), next(events)]

    assert [seq for seq, _ in seen] == [1, 2]
    assert "data: &lt;b&gt;to&lt;/b&gt;\nid: 99\n\ntre" in seen[1][1]


def test_watchers_in_two_languages_get_each_their_own(server: Server, asked: Workshop) -> None:
    texts = []
    for tag in ("nb", "ar"):
        with closing(server.watch(f"/{tag}{stream_of(asked)}")) as events:
            texts.append(next(events)[1])

    assert "<bdi" not in texts[0].split("meter")[0]
    assert '<bdi lang="nb"' in texts[1]


def test_a_watcher_too_slow_for_its_queue_reads_for_itself_what_it_was_not_handed(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live, "ROOM", 3)
    made = world.workshop()
    code, feed = made.code, made.feed_id
    hub = live.Hub(db.engine)
    hub.reader = threading.current_thread()  # here the test says when there is something to tell
    messages = live._messages(hub, live.Watcher(feed, 0, "test"), lambda change: str(change.subject))

    def heard(number: int) -> list[int]:
        return [int(next(messages).split("\n")[0].removeprefix("id: ")) for _ in range(number)]

    def change(text: str) -> None:
        workshop = rules.by_code(code)
        assert workshop is not None
        world.idea(workshop, text)

    assert next(messages).startswith("retry")
    assert heard(1) == [1]
    for number in range(5):
        change(f"Idé {number}")
    hub.tell()
    assert heard(5) == [2, 3, 4, 5, 6]
    change("Den siste")
    hub.tell()
    assert heard(1) == [7]
    messages.close()
    assert hub.watchers == {}
