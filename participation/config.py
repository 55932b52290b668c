"""Settings: read from the environment, checked once, before anything starts."""

import contextlib
import ipaddress
import os
import secrets
import socket
from collections.abc import Mapping
from email.utils import parseaddr
from pathlib import Path
from typing import Any
from urllib.parse import SplitResult, urlsplit

PACKAGE = Path(__file__).parent
# A wheel carries templates, translations and static inside the package; a checkout has them beside it.
RESOURCES = PACKAGE if (PACKAGE / "templates").is_dir() else PACKAGE.parent

SECRET_LENGTH = 32
BODY_LIMIT = 512 * 1024  # bytes: 20,000 letters of any script, as a form sends them, get an answer and not a wall


class UnsafeSettings(Exception):
    """The settings would put residents at risk; the message says which one and what to do."""


def settings(environ: Mapping[str, str] = os.environ) -> dict[str, Any]:
    """Flask's configuration from the environment; raises UnsafeSettings rather than start unsafely."""
    data = Path(environ.get("DATA_DIR", "var")).resolve()
    data.mkdir(mode=0o700, parents=True, exist_ok=True)  # people's names are in it
    public_url = environ.get("PUBLIC_URL", "").rstrip("/") or f"http://{lan_address()}:{environ.get('PORT', '8000')}"
    address = urlsplit(public_url)
    secure = address.scheme == "https"
    host = address.hostname or ""
    if not secure and not is_near(host):
        raise UnsafeSettings(
            f"PUBLIC_URL must be https for {host}: plain http is for this machine and private networks."
        )
    if secure and environ.get("FLASK_DEBUG", "0") not in ("", "0"):
        raise UnsafeSettings(
            "FLASK_DEBUG must be off when PUBLIC_URL is https: the debugger hands the server to strangers."
        )
    return {
        "DATA_DIR": data,
        "PUBLIC_URL": public_url,
        "SECURE_COOKIES": secure,
        "SECRET_KEY": secret_key(environ, data),
        "SQLALCHEMY_DATABASE_URI": database_url(environ, data),
        "SITE_NAME": environ.get("SITE_NAME", "Nabolaget"),
        "ACCESSIBILITY_URL": environ.get("ACCESSIBILITY_URL", ""),
        "CONTACT_EMAIL": environ.get("CONTACT_EMAIL", ""),
        "CONTROLLER": environ.get("CONTROLLER", ""),
        **mail(environ),
        **sms(environ),
        "OFFER_HOURS": whole_number(environ, "OFFER_HOURS", 24, range(1, 169)),
        "CONTACT_DAYS": whole_number(environ, "CONTACT_DAYS", 30, range(1, 366)),
        "TRUSTED_HOSTS": trusted_hosts(environ, host),
        "TRUSTED_PROXIES": trusted_proxies(environ),
        "MAX_CONTENT_LENGTH": BODY_LIMIT,
        "MAX_FORM_MEMORY_SIZE": BODY_LIMIT,
        "MAX_FORM_PARTS": 100,
        "RATE_LIMITS": True,
        "BABEL_TRANSLATION_DIRECTORIES": str(RESOURCES / "translations"),
        "COMPRESS_MIMETYPES": ["text/html", "text/calendar", "image/svg+xml"],
        "COMPRESS_ALGORITHM": ["br", "gzip"],
        "COMPRESS_BR_LEVEL": 3,
        "COMPRESS_MIN_SIZE": 1000,
        "COMPRESS_STREAMS": False,
        "COMPRESS_EVALUATE_CONDITIONAL_REQUEST": False,  # no page has an ETag; looking for one costs every answer
    }


def secret_key(environ: Mapping[str, str], data: Path) -> str:
    """The key behind receipt codes: SECRET_KEY, or one made once and kept in the data folder, readable by its owner."""
    given = environ.get("SECRET_KEY")
    if given is None:
        file = data / "secret-key"
        if not file.exists():
            draft = file.with_suffix(f".{os.getpid()}")
            draft.touch(0o600)
            draft.write_text(secrets.token_urlsafe(SECRET_LENGTH))
            with contextlib.suppress(FileExistsError):  # another process was first: its key is the one
                file.hardlink_to(draft)
            draft.unlink()
        given = file.read_text().strip()
    if len(given) < SECRET_LENGTH:
        raise UnsafeSettings(
            f"SECRET_KEY must have at least {SECRET_LENGTH} characters; leave it out to have one made."
        )
    return given


def database_url(environ: Mapping[str, str], data: Path) -> str:
    """DATABASE_URL, or a SQLite file in the data folder; `postgres://` is read as `postgresql+psycopg://`."""
    given = environ.get("DATABASE_URL", "")
    for prefix in ("postgres://", "postgresql://"):
        if given.startswith(prefix):
            return "postgresql+psycopg://" + given.removeprefix(prefix)
    return given or f"sqlite:///{data / 'participation.sqlite'}"


def trusted_hosts(environ: Mapping[str, str], host: str) -> list[str]:
    """The host names that answers are given for; every other Host header gets 400."""
    given = [name.strip() for name in environ.get("TRUSTED_HOSTS", "").split(",") if name.strip()]
    return [host, *given, "localhost", "127.0.0.1", "[::1]"]


def trusted_proxies(environ: Mapping[str, str]) -> int:
    """How many proxies stand in front; only that many may say whom they answer for."""
    given = environ.get("TRUSTED_PROXIES", "0")
    if not (given.isascii() and given.isdigit()):
        raise UnsafeSettings("TRUSTED_PROXIES must be the number of proxies in front of the app.")
    return int(given)


def whole_number(environ: Mapping[str, str], name: str, default: int, allowed: range) -> int:
    """A setting that counts something."""
    given = environ.get(name) or str(default)
    if not (given.isascii() and given.isdigit() and int(given) in allowed):
        raise UnsafeSettings(f"{name} must be a number from {allowed[0]} to {allowed[-1]}.")
    return int(given)


def mail(environ: Mapping[str, str]) -> dict[str, Any]:
    """How mail goes out: MAIL_URL is a server, MAIL_FROM a sender, kept as name and address. Without, none is sent."""
    url, sender = environ.get("MAIL_URL", ""), parseaddr(environ.get("MAIL_FROM", ""))
    if url:
        _check_server("MAIL_URL", url, ("smtp", "smtps"))
        local, _, domain = sender[1].rpartition("@")
        if not (local and domain and sender[1].isascii() and sender[1].isprintable()):
            raise UnsafeSettings("MAIL_FROM must be the address that mail is sent from, when MAIL_URL is given.")
    return {"MAIL_URL": url, "MAIL_FROM": sender}


def sms(environ: Mapping[str, str]) -> dict[str, Any]:
    """How SMS go out: SMS_URL is a gateway, SMS_FIELDS what it calls number and text. Without, none is sent."""
    url = environ.get("SMS_URL", "")
    fields = tuple(name.strip() for name in environ.get("SMS_FIELDS", "to,text").split(","))
    if url:
        address = _check_server("SMS_URL", url, ("https", "http"))
        if address.scheme == "http" and not is_near(address.hostname or ""):
            raise UnsafeSettings("SMS_URL must be https: people's numbers go there.")
        if len(fields) != 2 or not all(fields) or fields[0] == fields[1]:
            raise UnsafeSettings("SMS_FIELDS must be two names with a comma between: for the number and for the text.")
    return {"SMS_URL": url, "SMS_FIELDS": fields, "SMS_TOKEN": environ.get("SMS_TOKEN", "")}


def _check_server(name: str, url: str, schemes: tuple[str, ...]) -> SplitResult:
    with contextlib.suppress(ValueError):  # a port that is no number
        address = urlsplit(url)
        if address.scheme in schemes and address.hostname and address.port != 0:
            return address
    raise UnsafeSettings(f"{name} must be the address of a server, such as {schemes[0]}://host.example.")


def is_near(host: str) -> bool:
    """Whether a host is this machine or on a private network, where the demo may run over plain http."""
    if host == "localhost" or host.endswith((".local", ".localhost")):
        return True
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return False
    return address.is_loopback or address.is_private


def lan_address() -> str:
    """This machine's address on its network, for phones to reach; 127.0.0.1 when it has none. Nothing is sent."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))
            return str(probe.getsockname()[0])
        except OSError:
            return "127.0.0.1"
