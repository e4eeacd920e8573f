"""A real worker process: it makes the file, and a killed one costs two minutes and not the export."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest
from django.conf import settings
from django.db import connection
from django.db.models import F
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from accounts.permissions import Role
from reports.exports.kinds import JOBS
from reports.exports.worker import STALE
from reports.exports.workflow import order_export
from reports.models import Export, ExportState
from tests import factories
from tests.reports.exports.jobs import LINES, NAME, lines_job, lines_of

PATIENCE = 60


def address() -> str:
    stands = connection.settings_dict
    if connection.vendor == "postgresql":
        secret = f":{stands['PASSWORD']}" if stands["PASSWORD"] else ""
        return f"postgres://{stands['USER']}{secret}@{stands['HOST']}:{stands['PORT'] or 5432}/{stands['NAME']}"
    return f"sqlite:///{stands['NAME']}"


@contextmanager
def worker() -> Iterator[subprocess.Popen[bytes]]:
    known = {"DJANGO_SETTINGS_MODULE": "civplan.settings", "DATABASE_URL": address()}
    environment = {**os.environ, **known, "CIVPLAN_FILES": str(settings.MEDIA_ROOT)}
    command = [sys.executable, "-m", "tests.reports.exports.worker_process"]
    process = subprocess.Popen(command, cwd=settings.BASE_DIR, env=environment)  # noqa: S603
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def until_written(export: Export, *, more_than: int) -> None:
    ends = time.monotonic() + PATIENCE
    while time.monotonic() < ends:
        export.refresh_from_db()
        if export.done > more_than:
            return
        time.sleep(0.05)
    pytest.fail("the worker did not begin")


def test_an_export_whose_worker_is_killed_is_begun_again_and_finished(
    shared_database: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(JOBS, LINES, lines_job())
    analyst, what = factories.person(Role.ANALYST), {"region": "420682", "rows": 300}
    monkeypatch.setattr("reports.exports.workflow.ROWS_AT_ONCE", 0)
    export = order_export(kind=LINES, what=what, by=analyst, at=timezone.now())
    assert isinstance(export, Export)

    with worker() as process:
        until_written(export, more_than=0)
        process.send_signal(signal.SIGKILL)
        assert process.wait(PATIENCE) == -signal.SIGKILL
    export.refresh_from_db()
    assert (export.state, export.runs) == (ExportState.RUNNING, 1)
    assert 0 < export.done < 300

    # two minutes later
    Export.objects.update(heartbeat=F("heartbeat") - STALE)
    DBTaskResult.objects.update(run_after=timezone.now() - timedelta(seconds=1))
    with worker() as process:
        assert process.wait(PATIENCE) == 0

    export.refresh_from_db()
    assert (export.state, export.runs, export.done, export.total) == (ExportState.DONE, 2, 300, 300)
    assert (export.name, export.size) == (NAME, len(lines_of(300)))
    with export.file.open() as file:
        assert file.read() == lines_of(300)
