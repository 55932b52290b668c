"""Measure everything, print a table with each figure's verdict, and write JSON; answers 1 when a figure is missed."""

import argparse
import json
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from statistics import median

from . import browser, load, many, wall
from .result import Result
from .server import Server, environment


def measure(folder: Path, quick: bool) -> Iterator[Result]:
    """All there is to measure, each as soon as it is."""
    subprocess.run([sys.executable, "-m", "bench.seed"], env=environment(folder, 8000), check=True, stdout=sys.stderr)
    yield from start(folder)
    yield from many.list_with_many(folder)
    chromium = browser.chromium()
    with Server(folder, compared=True) as server:
        yield from load.list_beside_hello(server, quick)
        if chromium:
            with browser.opened(chromium) as opened:
                yield from browser.weight(opened, server)
                yield from browser.paint(opened, server, folder, quick)
                yield from browser.taps(opened, server)
        else:
            print("Chromium is not installed: nothing said of bytes, paint and taps.", file=sys.stderr)
    with Server(folder) as server:
        yield from wall.to_the_wall(server, quick)
        yield from load.ideas_beside_commits(server, folder, quick)
        load.drive(server, load.get("/aktiviteter"), 2)
        rss, pss = server.memory()
        yield Result("memory after load, master and two workers", rss, "MiB", 150)
        yield Result("the same, shared pages once (PSS)", pss, "MiB")


def start(folder: Path) -> Iterator[Result]:
    """Starts of the process as it is in production."""
    times = []
    for _ in range(3):
        with Server(folder) as server:
            times.append(server.first_answer)
    yield Result("from process start to first answer", median(times), "s", 1.5)


def main() -> int:
    """The command."""
    wanted = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    wanted.add_argument("--quick", action="store_true", help="fewer and shorter rounds")
    wanted.add_argument("--json", type=Path, metavar="FILE", help="where the JSON goes, instead of after the table")
    asked = wanted.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # so that the servers are ended then too
    results = []
    print(f"{'':44}{'measured':>10} {'':11}{'figure':>8}")
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        for result in measure(Path(folder), asked.quick):
            results.append(result)
            number = f"{result.measured:.0f}" if result.measured >= 100 else f"{result.measured:.3g}"
            print(f"{result.name:44}{number:>10} {result.unit:11}{result.bound:>8}  {result.verdict}", flush=True)
    listed = [{**asdict(result), "verdict": result.verdict} for result in results]
    text = json.dumps(listed, ensure_ascii=False, indent=1)
    if asked.json:
        asked.json.write_text(text + "\n")
    else:
        print(text)
    return int(any(result.verdict == "MISSED" for result in results))


if __name__ == "__main__":
    sys.exit(main())
