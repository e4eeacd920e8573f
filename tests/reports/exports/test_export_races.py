"""Two tabs and two workers in the same moment."""

from __future__ import annotations

from typing import Any

import pytest
from django.utils import timezone

from accounts.models import User
from accounts.permissions import Role
from indicators.review import Refused
from reports.exports.kinds import JOBS
from reports.exports.worker import run_export
from reports.exports.workflow import MOST_UNDER_WAY, ROWS_AT_ONCE, order_export
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
