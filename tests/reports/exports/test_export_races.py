"""Two tabs, two workers, and people who write while a worker reads."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import Any, BinaryIO

import pytest
from django.utils import timezone

from accounts.models import Region, User
from accounts.permissions import Role
from indicators.review import Refused
from reports.exports.jobs import Progress
from reports.exports.kinds import JOBS
from reports.exports.worker import BROKEN, run_export
from reports.exports.workflow import MOST_UNDER_WAY, ROWS_AT_ONCE, drop_export, order_export
from reports.models import Export, ExportState
from tests import factories
from tests.races import at_once, refused
from tests.reports.exports.jobs import LINES, lines_job

MANY = {"region": "420682", "rows": ROWS_AT_ONCE + 1}


@pytest.fixture(autouse=True)
def job(monkeypatch: pytest.MonkeyPatch, settings: Any, tmp_path: Any) -> None:
    monkeypatch.setitem(JOBS, LINES, lines_job())
    settings.MEDIA_ROOT = tmp_path / "files"


def test_several_tabs_together_get_no_more_places_than_one(shared_database: None) -> None:
    analyst = factories.person(Role.ANALYST)

    def ordered() -> object:
        return order_export(kind=LINES, what=MANY, by=User.objects.get(pk=analyst.pk), at=timezone.now())

    answers = at_once(*[ordered] * (MOST_UNDER_WAY + 2))
    assert refused(answers) == [Refused, Refused]
    assert Export.objects.count() == MOST_UNDER_WAY


def test_two_workers_make_one_file(shared_database: None, tmp_path: Any) -> None:
    export = order_export(kind=LINES, what=MANY, by=factories.person(Role.ANALYST), at=timezone.now())
    assert isinstance(export, Export)
    at_once(*[lambda: run_export.call(export.pk)] * 2)
    export.refresh_from_db()
    assert (export.state, export.runs) == (ExportState.DONE, 1)
    assert len(list((tmp_path / "files" / "exports").iterdir())) == 1


# ---- Others write while the job is in the middle of a query


@pytest.mark.parametrize("is_broken", [False, True])
def test_a_worker_that_reads_lets_others_write_and_says_how_it_ended(
    shared_database: None, monkeypatch: pytest.MonkeyPatch, is_broken: bool
) -> None:
    def write(what: Any, user: User, stream: BinaryIO, on_progress: Progress) -> str:
        for done, region in enumerate(Region.objects.iterator(chunk_size=1), start=1):
            stream.write(region.code.encode())
            on_progress(done, 200)
            if done == 2:
                at_once(lambda: Region.objects.filter(code="100000").update(short_name="全国"))
                time.sleep(0.3)
            if done == 3 and is_broken:
                raise ZeroDivisionError
        return "区划.txt"

    for number in range(150):  # more than the database hands over at once
        factories.region(f"330{number:03}", "县")
    monkeypatch.setitem(JOBS, LINES, replace(lines_job(), write=write))
    monkeypatch.setattr("reports.exports.worker._SAY_EVERY", 0.05)
    analyst = factories.person(Role.ANALYST)
    export = order_export(kind=LINES, what=MANY, by=analyst, at=timezone.now())
    assert isinstance(export, Export)
    run_export.call(export.pk)
    export.refresh_from_db()
    ended = (export.state, export.error)
    assert ended == ((ExportState.FAILED, BROKEN) if is_broken else (ExportState.DONE, ""))
    assert export.done >= 2


def test_a_cancelled_run_stops_before_it_has_written_everything(
    shared_database: None, monkeypatch: pytest.MonkeyPatch, tmp_path: Any
) -> None:
    written = 0

    def each(row: int) -> None:
        nonlocal written
        written = row
        if row == 0:
            at_once(
                lambda: drop_export(export=Export.objects.get(), by=User.objects.get(pk=analyst.pk), at=timezone.now())
            )
        time.sleep(0.005)

    analyst = factories.person(Role.ANALYST)
    monkeypatch.setitem(JOBS, LINES, lines_job(each=each))
    monkeypatch.setattr("reports.exports.worker._SAY_EVERY", 0.05)
    export = order_export(kind=LINES, what=MANY, by=analyst, at=timezone.now())
    assert isinstance(export, Export)
    run_export.call(export.pk)
    assert 0 < written < ROWS_AT_ONCE // 2
    assert Export.objects.count() == 0
    assert not (tmp_path / "files" / "exports").exists()
