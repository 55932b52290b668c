"""Settings: what is read from the environment, and what the app refuses to start with."""

import stat
from pathlib import Path

import pytest

from participation import config
from participation.config import UnsafeSettings, settings

LONG = "x" * config.SECRET_LENGTH


def environment(tmp_path: Path, **given: str) -> dict[str, str]:
    return {"DATA_DIR": str(tmp_path), "PUBLIC_URL": "http://localhost:8000", **given}


@pytest.mark.parametrize("key", ["", "short", "x" * (config.SECRET_LENGTH - 1)])
def test_it_does_not_start_with_a_short_secret(tmp_path: Path, key: str) -> None:
    with pytest.raises(UnsafeSettings, match="SECRET_KEY"):
        settings(environment(tmp_path, SECRET_KEY=key))


@pytest.mark.parametrize(
    "url", ["http://torstrand.example", "http://8.8.8.8", "http://", "ftp://torstrand.example", "torstrand"]
)
def test_it_does_not_start_in_the_open_without_https(tmp_path: Path, url: str) -> None:
    with pytest.raises(UnsafeSettings, match="https"):
        settings(environment(tmp_path, PUBLIC_URL=url))


@pytest.mark.parametrize("debug", ["1", "true", "yes"])
def test_it_does_not_start_in_the_open_with_the_debugger_on(tmp_path: Path, debug: str) -> None:
    with pytest.raises(UnsafeSettings, match="FLASK_DEBUG"):
        settings(environment(tmp_path, PUBLIC_URL="https://torstrand.example", FLASK_DEBUG=debug))


@pytest.mark.parametrize(
    "url",
    [
        "http://localhost",
        "http://127.0.0.1:8000",
        "http://192.168.1.7:8000",
        "http://10.0.0.2",
        "http://[::1]:8000",
        "http://vegg.local",
    ],
)
def test_near_by_it_runs_over_plain_http_with_plain_cookies(tmp_path: Path, url: str) -> None:
    assert settings(environment(tmp_path, PUBLIC_URL=url))["SECURE_COOKIES"] is False


def test_over_https_cookies_are_secure(tmp_path: Path) -> None:
    assert settings(environment(tmp_path, PUBLIC_URL="https://torstrand.example/"))["SECURE_COOKIES"] is True


def test_a_secret_is_made_once_and_is_readable_by_its_owner_alone(tmp_path: Path) -> None:
    data = tmp_path / "new" / "folder"

    first, second = (settings(environment(data))["SECRET_KEY"] for _ in range(2))

    assert first == second
    assert len(first) >= config.SECRET_LENGTH
    assert stat.S_IMODE((data / "secret-key").stat().st_mode) == 0o600


def test_a_secret_from_the_environment_is_used_and_none_is_made(tmp_path: Path) -> None:
    assert settings(environment(tmp_path, SECRET_KEY=LONG))["SECRET_KEY"] == LONG
    assert not (tmp_path / "secret-key").exists()


@pytest.mark.parametrize(
    ("given", "used"),
    [
        ("postgres://u:p@h/d", "postgresql+psycopg://u:p@h/d"),
        ("postgresql://u@/d?host=/run", "postgresql+psycopg://u@/d?host=/run"),
        ("postgresql+psycopg://u@h/d", "postgresql+psycopg://u@h/d"),
        ("sqlite:////tmp/x.sqlite", "sqlite:////tmp/x.sqlite"),
    ],
)
def test_the_database_is_chosen_by_its_url_alone(tmp_path: Path, given: str, used: str) -> None:
    assert settings(environment(tmp_path, DATABASE_URL=given))["SQLALCHEMY_DATABASE_URI"] == used


def test_without_one_there_is_a_file_in_the_data_folder(tmp_path: Path) -> None:
    assert settings(environment(tmp_path))["SQLALCHEMY_DATABASE_URI"] == f"sqlite:///{tmp_path}/participation.sqlite"


def test_only_names_that_are_ours_are_answered_to(tmp_path: Path) -> None:
    given = environment(tmp_path, PUBLIC_URL="https://torstrand.example", TRUSTED_HOSTS="a.example, ,b.example")

    assert settings(given)["TRUSTED_HOSTS"][:3] == ["torstrand.example", "a.example", "b.example"]
    assert "*" not in settings(given)["TRUSTED_HOSTS"]


@pytest.mark.parametrize("hops", ["-1", "many", "1.5"])
def test_a_number_of_proxies_that_cannot_be_is_refused(tmp_path: Path, hops: str) -> None:
    with pytest.raises(UnsafeSettings, match="TRUSTED_PROXIES"):
        settings(environment(tmp_path, TRUSTED_PROXIES=hops))


@pytest.mark.parametrize("name", ["OFFER_HOURS", "CONTACT_DAYS"])
@pytest.mark.parametrize("given", ["0", "-1", "1.5", "en", "٣", "100000"])
def test_it_does_not_start_with_a_time_that_nobody_can_mean(tmp_path: Path, name: str, given: str) -> None:
    with pytest.raises(UnsafeSettings, match=name):
        settings(environment(tmp_path, **{name: given}))


def test_times_that_a_law_or_a_board_may_change_are_settings(tmp_path: Path) -> None:
    assert [settings(environment(tmp_path))[name] for name in ("OFFER_HOURS", "CONTACT_DAYS")] == [24, 30]
    assert settings(environment(tmp_path, OFFER_HOURS="12", CONTACT_DAYS=""))["OFFER_HOURS"] == 12
