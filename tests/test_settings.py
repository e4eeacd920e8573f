"""The settings as a start reads them: a copy runs away from the repository, so that no .env of this machine speaks."""

from __future__ import annotations

import runpy
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db.utils import ConnectionHandler, OperationalError

SETTINGS = Path(settings.BASE_DIR) / "civplan" / "settings.py"
PRODUCTION = {
    "CIVPLAN_PRODUCTION": "true",
    "CIVPLAN_SECRET_KEY": "k" * 50,
    "CIVPLAN_ALLOWED_HOSTS": "plan.example.gov.cn",
}
VARIABLES = (
    *PRODUCTION,
    "CIVPLAN_DEBUG",
    "CIVPLAN_TRUSTED_ORIGINS",
    "CIVPLAN_HTTPS_REDIRECT",
    "CIVPLAN_HSTS_SECONDS",
    "CIVPLAN_BEHIND_PROXY",
    "CIVPLAN_MAIL_FROM",
    "CIVPLAN_ADDRESS",
    "DATABASE_URL",
    "EMAIL_URL",
)


@pytest.fixture
def start(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Read the settings under an environment that holds nothing but what is given."""

    def started(**environment: str) -> dict[str, Any]:
        for name in VARIABLES:
            monkeypatch.delenv(name, raising=False)
        for name, value in environment.items():
            monkeypatch.setenv(name, value)
        copy = tmp_path / "civplan" / "settings.py"
        copy.parent.mkdir(exist_ok=True)
        copy.write_text(SETTINGS.read_text(encoding="utf-8"), encoding="utf-8")
        return runpy.run_path(str(copy))

    return started


def test_a_bare_start_is_for_one_machine_only(start: Any) -> None:
    found = start()
    assert (found["PRODUCTION"], found["DEBUG"]) == (False, False)
    assert found["ALLOWED_HOSTS"] == ["localhost", "127.0.0.1", "[::1]"]


def test_production_starts_with_a_key_and_a_host(start: Any) -> None:
    found = start(**PRODUCTION)
    assert found["SECRET_KEY"] == "k" * 50
    assert found["ALLOWED_HOSTS"] == ["plan.example.gov.cn"]
    assert found["DEBUG"] is False


@pytest.mark.parametrize(
    ("changed", "named"),
    [
        ({"CIVPLAN_DEBUG": "true"}, "CIVPLAN_DEBUG"),
        ({"CIVPLAN_SECRET_KEY": ""}, "CIVPLAN_SECRET_KEY"),
        ({"CIVPLAN_SECRET_KEY": "k" * 49}, "CIVPLAN_SECRET_KEY"),
        ({"CIVPLAN_ALLOWED_HOSTS": ""}, "CIVPLAN_ALLOWED_HOSTS"),
    ],
)
def test_production_refuses_to_start_and_names_the_variable(start: Any, changed: dict[str, str], named: str) -> None:
    with pytest.raises(ImproperlyConfigured, match=named):
        start(**{**PRODUCTION, **changed})


@pytest.mark.parametrize("missing", ["CIVPLAN_SECRET_KEY", "CIVPLAN_ALLOWED_HOSTS"])
def test_production_has_no_default_for_what_must_be_secret_or_known(start: Any, missing: str) -> None:
    with pytest.raises(ImproperlyConfigured, match=missing):
        start(**{name: value for name, value in PRODUCTION.items() if name != missing})


@pytest.mark.parametrize("name", ["CIVPLAN_PRODUCTION", "CIVPLAN_DEBUG", "CIVPLAN_HTTPS_REDIRECT"])
def test_a_switch_that_is_neither_true_nor_false_stops_the_start(start: Any, name: str) -> None:
    with pytest.raises(ImproperlyConfigured, match=name):
        start(**{name: "ture"})


@pytest.mark.parametrize("name", ["CIVPLAN_API_PER_MINUTE", "CIVPLAN_API_REFUSALS_PER_MINUTE"])
@pytest.mark.parametrize("value", ["-1", "viele"])
def test_a_limit_that_is_no_number_of_requests_stops_the_start(start: Any, name: str, value: str) -> None:
    with pytest.raises((ImproperlyConfigured, ValueError), match=name if value == "-1" else value):
        start(**{name: value})


def test_production_sends_cookies_and_pages_over_https_only(start: Any) -> None:
    found = start(**PRODUCTION)
    assert (found["SESSION_COOKIE_SECURE"], found["CSRF_COOKIE_SECURE"], found["SECURE_SSL_REDIRECT"]) == (True,) * 3
    assert found["SECURE_PROXY_SSL_HEADER"] == ("HTTP_X_FORWARDED_PROTO", "https")


def test_one_machine_works_without_https(start: Any) -> None:
    found = start()
    assert (found["SESSION_COOKIE_SECURE"], found["CSRF_COOKIE_SECURE"], found["SECURE_SSL_REDIRECT"]) == (False,) * 3
    assert "SECURE_PROXY_SSL_HEADER" not in found  # nobody in front, so nobody may claim https


def test_every_page_is_closed_unless_it_says_open(start: Any) -> None:
    found = start()
    order = found["MIDDLEWARE"]
    assert order.index("django.contrib.auth.middleware.LoginRequiredMiddleware") > order.index(
        "django.contrib.auth.middleware.AuthenticationMiddleware"
    )
    assert found["REST_FRAMEWORK"]["DEFAULT_PERMISSION_CLASSES"] == ["accounts.screens.SignedInAndNoScreen"]


def test_pages_load_nothing_from_elsewhere_and_run_nothing_written_into_them(start: Any) -> None:
    directives = start(**PRODUCTION)["CONTENT_SECURITY_POLICY"]["DIRECTIVES"]
    allowed = {str(source) for sources in directives.values() for source in sources}
    assert directives["default-src"] == ["'none'"]
    assert not {source for source in allowed if "unsafe" in source or "//" in source or source == "*"}


def test_days_and_deadlines_are_of_beijing(start: Any) -> None:
    found = start()
    assert (found["TIME_ZONE"], found["USE_TZ"]) == ("Asia/Shanghai", True)


def test_postgresql_is_named_by_its_address_and_its_connections_last_a_minute(start: Any) -> None:
    database = start(DATABASE_URL="postgres://civplan:secret@127.0.0.1:5432/plans")["DATABASES"]["default"]
    assert (database["ENGINE"], database["NAME"]) == ("django.db.backends.postgresql", "plans")
    assert (database["CONN_MAX_AGE"], database["CONN_HEALTH_CHECKS"]) == (60, True)


def test_mail_goes_to_the_console_until_a_server_is_named(start: Any) -> None:
    assert start()["EMAIL_BACKEND"] == "django.core.mail.backends.console.EmailBackend"
    found = start(EMAIL_URL="smtp+tls://civplan:p%40ss@mail.example.gov.cn:587")
    assert found["EMAIL_BACKEND"] == "django.core.mail.backends.smtp.EmailBackend"
    assert (found["EMAIL_HOST"], found["EMAIL_PORT"], found["EMAIL_USE_TLS"]) == ("mail.example.gov.cn", 587, True)
    assert (found["EMAIL_HOST_USER"], found["EMAIL_HOST_PASSWORD"]) == ("civplan", "p@ss")


def test_a_mail_server_of_an_unknown_kind_stops_the_start(start: Any) -> None:
    with pytest.raises(ImproperlyConfigured, match="pigeon"):
        start(EMAIL_URL="pigeon://mail.example.gov.cn")


def test_a_reminder_names_the_portal_by_its_address(start: Any) -> None:
    assert start(CIVPLAN_ADDRESS="https://plan.example.gov.cn/")["ADDRESS"] == "https://plan.example.gov.cn"


@pytest.mark.django_db
def test_sqlite_takes_the_write_lock_at_once_and_keeps_what_was_committed(start: Any, tmp_path: Path) -> None:
    databases = start(DATABASE_URL=f"sqlite:///{tmp_path}/plans.sqlite3")["DATABASES"]
    first, second = ConnectionHandler(databases)["default"], ConnectionHandler(databases)["default"]
    try:
        with first.cursor() as cursor:
            said = {
                name: cursor.execute(f"PRAGMA {name}").fetchone()[0]
                for name in ("journal_mode", "synchronous", "busy_timeout")
            }
            assert said == {"journal_mode": "wal", "synchronous": 2, "busy_timeout": 20_000}
        with second.cursor() as cursor:
            cursor.execute("PRAGMA busy_timeout = 0")
        first.set_autocommit(False, force_begin_transaction_with_broken_autocommit=True)
        with pytest.raises(OperationalError, match="locked"):
            second.set_autocommit(False, force_begin_transaction_with_broken_autocommit=True)
        first.rollback()
    finally:
        first.close()
        second.close()
