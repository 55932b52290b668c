"""A real PostgreSQL server of the tests' own: in a temporary folder, reached by a socket only, gone afterwards."""

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg

# Nothing here outlives the tests, so nothing needs to reach the disk.
FAST = [part for name in ("fsync", "synchronous_commit", "full_page_writes") for part in ("-c", f"{name}=off")]
START_SECONDS = 30


def programs() -> Path | None:
    """The folder with initdb and postgres, the newest version; None on a machine without a server."""
    found = shutil.which("initdb")
    installed = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    return Path(found).parent if found else installed[-1].parent if installed else None


@contextmanager
def server(folder: Path) -> Iterator[str]:
    """Run a server from the programs in `folder`; gives the address of its socket, as a query of a database URL."""
    home = Path(tempfile.mkdtemp(prefix="pg-"))
    someone = _someone_else()
    if someone:
        shutil.chown(home, someone["user"], someone["group"])
    data = home / "data"
    quiet: dict[str, Any] = {"stdout": subprocess.DEVNULL, "cwd": home, **someone}
    made = [folder / "initdb", "-D", data, "-U", "tests", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync"]
    subprocess.run(made, check=True, **quiet)
    with (home / "log").open("w") as log:
        run = [folder / "postgres", "-D", data, "-k", home, "-c", "listen_addresses=", *FAST]
        process = subprocess.Popen(run, stderr=log, **quiet)
    try:
        _wait_until_ready(home, process)
        yield f"host={home}"
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(START_SECONDS)
        shutil.rmtree(home, ignore_errors=True)


def _wait_until_ready(home: Path, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + START_SECONDS
    while True:
        try:
            psycopg.connect(host=str(home), user="tests", dbname="postgres").close()
            return
        except psycopg.OperationalError:
            if process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError((home / "log").read_text()) from None
            time.sleep(0.05)


def _someone_else() -> dict[str, Any]:
    """PostgreSQL refuses to run as root: then as the user its package made, else as nobody."""
    if os.getuid() != 0:
        return {}
    names = {entry.pw_name for entry in pwd.getpwall()}
    name = "postgres" if "postgres" in names else "nobody"
    return {"user": name, "group": pwd.getpwnam(name).pw_gid, "extra_groups": []}
