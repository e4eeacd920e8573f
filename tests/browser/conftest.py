"""A real browser on the five documents with the demo people: what every browser test stands on."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.core.management import call_command
from django.core.management.color import no_style
from django.db import connection, transaction
from django.db.models import Model
from django.test import Client
from playwright.sync_api import BrowserContext, Page, expect
from pytest_django.live_server_helper import LiveServer

from accounts.models import User
from tests.browser.watch import REPORT_CSP

# Playwright keeps an event loop in this thread, and Django would take the tests for asynchronous code.
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")

HERE = Path(__file__).parent
CHROMIUM_NAMES = ("chromium", "chromium-browser", "google-chrome")
CHROMIUM_ARGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
PASSWORD = "demo-people-only"
PATIENCE = 15_000  # milliseconds until a page counts as stuck; several browsers share the cores
Rows = list[tuple[type[Model], list[Model]]]
OpenAs = Callable[..., Page]

_until_the_end = ExitStack()
expect.set_options(timeout=PATIENCE)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if item.path.is_relative_to(HERE):
            item.add_marker("browser")


def pytest_collection_finish(session: pytest.Session) -> None:
    """With SQLite, a file instead of memory: server and test write at once, which one shared connection cannot."""
    if connection.vendor == "sqlite" and any(item.get_closest_marker("browser") for item in session.items):
        folder = _until_the_end.enter_context(tempfile.TemporaryDirectory(prefix="civplan-browser-"))
        connection.settings_dict["TEST"]["NAME"] = str(Path(folder) / "test.sqlite3")


def pytest_unconfigure() -> None:
    _until_the_end.close()


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    """The chromium of the machine; without one the test is skipped, but never on a CI server."""
    found = next(filter(None, map(shutil.which, CHROMIUM_NAMES)), None)
    if found is None:
        said = f"no chromium on this machine (looked for {', '.join(CHROMIUM_NAMES)})"
        if os.environ.get("CI"):
            pytest.fail(said)
        pytest.skip(said)
    return {**browser_type_launch_args, "executable_path": found, "args": list(CHROMIUM_ARGS)}


@pytest.fixture(scope="session")
def base_url(live_server: LiveServer) -> str:
    """The portal under test; pytest-playwright gives it to each context."""
    return str(live_server.url)


@pytest.fixture(scope="session")
def loaded_rows() -> Rows:
    """Filled by the first test that needs the demo, so that the others need not load it again."""
    return []


@pytest.fixture
def demo(transactional_db: None, loaded_rows: Rows, monkeypatch: pytest.MonkeyPatch) -> None:
    """The five documents, the demo people and the demo figures, as `make run` shows them."""
    if loaded_rows:
        with transaction.atomic():
            for model, rows in loaded_rows:
                model._base_manager.bulk_create(rows)
            with connection.cursor() as cursor:
                for statement in connection.ops.sequence_reset_sql(no_style(), [model for model, _ in loaded_rows]):
                    cursor.execute(statement)
        return
    monkeypatch.setenv("CIVPLAN_DEMO_PASSWORD", PASSWORD)
    call_command("load_plans", verbosity=0)
    call_command("load_demo", verbosity=0)
    for model in apps.get_models(include_auto_created=True):
        # flushing a test's database makes these two anew
        if model._meta.label not in ("contenttypes.ContentType", "auth.Permission") and model._meta.managed:
            loaded_rows.append((model, list(model._base_manager.all())))


@pytest.fixture
def open_as(demo: None, base_url: str, new_context: Callable[..., BrowserContext]) -> OpenAs:
    """A page of one's own, signed in as a demo person, or as nobody: `open_as("demo-clerk", width=390)`."""

    def opened(username: str = "", *, width: int = 1440, height: int = 900, **options: Any) -> Page:
        context = new_context(viewport={"width": width, "height": height}, locale="zh-CN", **options)
        context.set_default_timeout(PATIENCE)
        context.add_init_script(REPORT_CSP)
        if username:
            client = Client()
            client.force_login(User.objects.get(username=username))
            session = client.cookies["sessionid"].value
            context.add_cookies([{"name": "sessionid", "value": session, "url": base_url}])
        return context.new_page()

    return opened
