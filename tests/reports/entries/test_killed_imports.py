"""An import that is killed halfway has written all of it or nothing."""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection

from accounts.permissions import Role
from reports.entries.workflow import upload_entries
from reports.models import Outcome
from tests import factories
from tests.reports.entries.entry_books import YEAR, filled, template_of

CELLS = 100


def database_address(folder: Path) -> str:
    """Where another process finds the rows of this test: PostgreSQL's own, or a copy of SQLite's in a file."""
    if connection.vendor == "postgresql":
        stands = connection.settings_dict
        secret = f":{stands['PASSWORD']}" if stands["PASSWORD"] else ""
        return f"postgres://{stands['USER']}{secret}@{stands['HOST']}:{stands['PORT'] or 5432}/{stands['NAME']}"
    path = folder / "killed.sqlite3"
    with sqlite3.connect(path) as copy:
        connection.connection.backup(copy)
    copy.close()
    return f"sqlite:///{path}"


@pytest.mark.django_db(transaction=True)
def test_an_import_killed_at_any_moment_has_written_all_or_nothing(tmp_path: Path) -> None:
    clerk, plan = factories.person(Role.CLERK), factories.plan()
    factories.open_round(plan, YEAR)
    rows = [factories.indicator(plan=plan, target=None) for _ in range(CELLS)]
    content = filled(template_of(plan, user=clerk), {(rows[0], "value"): 1})
    imported = upload_entries(content=content, name="表.xlsx", by=clerk)
    entry = imported.lines.get(outcome=Outcome.NEW).entry
    imported.lines.update(outcome=Outcome.NEW, entry=entry)

    done = subprocess.run(  # noqa: S603
        [sys.executable, "-m", "tests.reports.entries.killed_imports", str(imported.pk), str(clerk.pk)],
        cwd=settings.BASE_DIR,
        env={
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "civplan.settings",
            "DATABASE_URL": database_address(tmp_path),
        },
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )

    assert done.stderr == ""
    whole, *outcomes = [json.loads(line) for line in done.stdout.splitlines()]
    assert whole == [False, "applied", CELLS, CELLS, CELLS + 1, CELLS]
    nothing = ["previewed", 0, 0, 0, 0]
    assert [found for _, *found in outcomes if found not in (nothing, whole[1:])] == []
    assert any(is_killed for is_killed, *_ in outcomes)
    assert nothing in [found for _, *found in outcomes]
