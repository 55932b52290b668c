"""The server under test: started as in production, on a folder and a port of its own, and always ended."""

import os
import signal
import socket
import sys
import time
import urllib.error
import urllib.request
from contextlib import AbstractContextManager, suppress
from pathlib import Path
from typing import Self

import psutil

from participation.config import PACKAGE

# Settings of this shell's; the last would make every start slow.
LEFT_OUT = {"SECRET_KEY", "TRUSTED_HOSTS", "TRUSTED_PROXIES", "FLASK_DEBUG", "PYTHONDONTWRITEBYTECODE"}
PATIENCE = 20.0  # seconds for the first answer


class Server(AbstractContextManager["Server"]):
    """The app in gunicorn; with `compared`, plain things to compare it with stand under /bench."""

    def __init__(self, folder: Path, compared: bool = False) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port: int = free.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self.log = folder / "server.log"
        self.env = environment(folder, self.port)
        self.command = (
            ["-m", "gunicorn", "--config", str(PACKAGE / "server.py"), "bench.app:create_app()"]
            if compared
            else ["-m", "participation.cli", "serve"]
        )

    def __enter__(self) -> Self:
        began = time.monotonic()
        with self.log.open("ab") as log:
            self.master = psutil.Popen(
                [sys.executable, *self.command], env=self.env, stdout=log, stderr=log, start_new_session=True
            )
        try:
            self.wait(began + PATIENCE)
        except BaseException:
            self.__exit__()
            raise
        self.first_answer = time.monotonic() - began
        return self

    def wait(self, deadline: float) -> None:
        """Until it answers."""
        while time.monotonic() < deadline and self.master.poll() is None:
            with suppress(urllib.error.URLError, ConnectionError):
                urllib.request.urlopen(self.url, timeout=PATIENCE).read()
                return
            time.sleep(0.005)
        raise RuntimeError(f"The server does not answer:\n{self.log.read_text()}")

    def __exit__(self, *_: object) -> None:
        with suppress(ProcessLookupError):
            os.killpg(self.master.pid, signal.SIGTERM)
        try:
            self.master.wait(8)
        except psutil.TimeoutExpired:
            os.killpg(self.master.pid, signal.SIGKILL)
            self.master.wait()

    def cpu(self) -> float:
        """Seconds of processor time the workers have used."""
        return sum(sum(worker.cpu_times()[:2]) for worker in self.master.children())

    def memory(self) -> tuple[float, float]:
        """MiB that master and workers hold: each counted whole (RSS), and with what they share counted once (PSS)."""
        held = [process.memory_full_info() for process in (self.master, *self.master.children())]
        return sum(one.rss for one in held) / 2**20, sum(one.pss for one in held) / 2**20


def environment(folder: Path, port: int) -> dict[str, str]:
    """The settings of a server in this folder."""
    kept = {name: value for name, value in os.environ.items() if name not in LEFT_OUT}
    return {
        **kept,
        "DATA_DIR": str(folder),
        "DATABASE_URL": "",
        "HOST": "127.0.0.1",
        "PORT": str(port),
        "PUBLIC_URL": f"http://127.0.0.1:{port}",
        "SITE_NAME": "Torstrand",
        "WEB_CONCURRENCY": "2",
    }
