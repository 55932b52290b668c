"""From POST to wall: how long an idea takes to reach every watcher, and whether any is lost or comes twice."""

import multiprocessing
import re
import selectors
import socket
import time
from collections import Counter
from collections.abc import Iterator
from multiprocessing.connection import Connection
from statistics import quantiles

from .load import idea, whole
from .result import Result
from .server import Server

WATCHERS = 200
RATE = 10  # ideas a second
MARK = re.compile(rb"Veggtest nummer (\d+)\.")


def to_the_wall(server: Server, quick: bool) -> Iterator[Result]:
    """Ideas at RATE, watched by WATCHERS in a process of their own."""
    number = RATE * (5 if quick else 20)
    spawn = multiprocessing.get_context("spawn")
    ours, theirs = spawn.Pipe()
    watching = spawn.Process(target=watch, args=(server.port, number, theirs), daemon=True)
    watching.start()
    try:
        if not ours.poll(30):
            raise RuntimeError("The watchers did not get in.")
        ours.recv()
        sent = post(server.port, number)
        if not ours.poll(30):
            raise RuntimeError("The watchers did not answer.")
        heard: list[tuple[int, int, float]] = ours.recv()
    finally:
        watching.kill()
        watching.join()
    times = quantiles([(at - sent[which]) * 1000 for _, which, at in heard], n=100)
    seen = Counter((watcher, which) for watcher, which, _ in heard)
    yield Result("POST to wall, 200 watchers, p50", times[49], "ms")
    yield Result("POST to wall, 200 watchers, p99", times[98], "ms", 300)
    yield Result("ideas lost on the way to a watcher", WATCHERS * number - len(seen), "", 0)
    yield Result("ideas that came twice", len(heard) - len(seen), "", 0)


def post(port: int, number: int) -> dict[int, float]:
    """Send ideas at RATE; when each was sent."""
    sent = {}
    with socket.create_connection(("127.0.0.1", port), 10) as connection:
        began = time.monotonic()
        for which in range(number):
            time.sleep(max(began + which / RATE - time.monotonic(), 0))
            sent[which] = time.monotonic()
            connection.sendall(idea(f"Veggtest nummer {which}."))
            answer = b""
            while not answer or not whole(answer, (201,)):
                answer += connection.recv(65536)
    return sent


def watch(port: int, number: int, pipe: Connection) -> None:
    """Open WATCHERS streams, say so, and tell who heard of which idea when: until all have, or 5 s of silence."""
    position = stream_position(port)
    ready = selectors.DefaultSelector()
    for watcher in range(WATCHERS):
        connection = socket.create_connection(("127.0.0.1", port), 10)
        connection.sendall(b"GET /W/GRENDE/strom?since=%d HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n" % position)
        if b"200 OK" not in connection.recv(65536):
            raise RuntimeError("A watcher was turned away.")
        ready.register(connection, selectors.EVENT_READ, (watcher, bytearray()))
    time.sleep(0.5)
    pipe.send("watching")
    heard: list[tuple[int, int, float]] = []
    while len(heard) < WATCHERS * number and (events := ready.select(5)):
        for key, _ in events:
            watcher, waiting = key.data
            waiting += key.fileobj.recv(65536)  # type: ignore[union-attr]
            now = time.monotonic()
            whole_messages, end, rest = bytes(waiting).rpartition(b"\n\n")
            if end:
                heard += [(watcher, int(mark), now) for mark in MARK.findall(whole_messages)]
                key.data[1][:] = rest
    pipe.send(heard)


def stream_position(port: int) -> int:
    """Where the wall's own page begins to listen."""
    with socket.create_connection(("127.0.0.1", port), 10) as connection:
        connection.sendall(b"GET /W/GRENDE/vegg HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
        answer = b""
        while not answer or not whole(answer, (200,)):
            answer += connection.recv(65536)
    found = re.search(rb"strom\?since=(\d+)", answer)
    if not found:
        raise RuntimeError("The wall has no stream.")
    return int(found[1])
