"""What the tests of messages stand on: a post office and an SMS gateway on this machine, and something to say."""

import os
import shutil
import ssl
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from flask import Flask

from participation.messages import letters
from participation.messages.letters import Letter
from tests.messages.outside import Gateway, PostOffice, free_port
from tests.messages.postman import greet


@pytest.fixture
def open_post_office() -> Iterator[Callable[..., tuple[PostOffice, int]]]:
    """Starts a mail server; answers with what it gets, and its port."""
    open_ones: list[Controller] = []

    def start(**options: Any) -> tuple[PostOffice, int]:
        office = PostOffice()
        controller = Controller(office, hostname="127.0.0.1", port=free_port(), **options)
        controller.start()
        open_ones.append(controller)
        return office, controller.port

    yield start
    for controller in open_ones:
        controller.stop()


@pytest.fixture
def set_up(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Changes the app's settings for this test."""

    def change(**settings: Any) -> None:
        for name, value in settings.items():
            monkeypatch.setitem(app.config, name, value)

    return change


@pytest.fixture
def post_office(open_post_office: Callable[..., tuple[PostOffice, int]], set_up: Callable[..., None]) -> PostOffice:
    """A mail server that the app sends by."""
    office, port = open_post_office()
    set_up(MAIL_URL=f"smtp://127.0.0.1:{port}", MAIL_FROM=("", "post@torstrand.example"))
    return office


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A certificate for this machine and its key, which nobody has signed."""
    openssl = shutil.which("openssl")
    if openssl is None:
        if os.environ.get("CI") == "true":
            pytest.fail("OpenSSL's command is missing, and CI may skip nothing.")
        pytest.skip("OpenSSL's command is not installed.")
    folder = tmp_path_factory.mktemp("tls")
    file, key = folder / "certificate.pem", folder / "key.pem"
    subprocess.run(
        [openssl, "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost",
         "-addext", "subjectAltName=DNS:localhost", "-keyout", key, "-out", file],
        check=True, capture_output=True,
    )  # fmt: skip
    return file, key


@pytest.fixture
def tls(certificate: tuple[Path, Path]) -> ssl.SSLContext:
    """How a server encrypts with that certificate."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(*certificate)
    return context


@pytest.fixture
def gateway(set_up: Callable[..., None], monkeypatch: pytest.MonkeyPatch) -> Iterator[Gateway]:
    """An SMS gateway that the app sends by."""
    monkeypatch.setenv("NO_PROXY", "*")
    server = Gateway()
    thread = Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    set_up(SMS_URL=f"http://127.0.0.1:{server.server_port}/send", SMS_TOKEN="secret-token", SMS_FIELDS=("to", "text"))
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def says(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Decides what a kind of message says."""

    def decide(composer: Callable[[int], Letter | None], kind: str = "greeting") -> None:
        monkeypatch.delitem(letters.composers, kind, raising=False)
        monkeypatch.setitem(letters.composers, kind, composer)

    return decide


@pytest.fixture
def greeting(says: Callable[..., None]) -> str:
    """A kind of message: a greeting by mail."""
    says(greet)
    return "greeting"
