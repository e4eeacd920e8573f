"""An official table as a kind of export: whose it is, how many rows are to be expected, and the file itself."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.test import Client
from django.utils import timezone
from openpyxl import load_workbook

from accounts.models import User
from accounts.permissions import Role
from indicators.models import Indicator, State
from indicators.reassess import reassess
from reports.exports.jobs import rights_over
from reports.exports.kinds import JOBS
from reports.exports.worker import run_export
from reports.exports.workflow import MOST_UNDER_WAY, MadeFile, order_export
from reports.models import Export, ExportState
from reports.tables.choices import FileChoice
from reports.tables.scopes import ImpossibleChoice
from tests import factories

pytestmark = pytest.mark.django_db
SignIn = Callable[[User], Client]
TABLES = JOBS["tables"]


@pytest.fixture(autouse=True)
def plans(settings: Any, tmp_path: Path) -> None:
    """老河口 has two plans, 淳安 one; each with two indicators, two approved years of one, and a project."""
    settings.MEDIA_ROOT = tmp_path
    for code, region in (("laohekou-14", "420682"), ("laohekou-13", "420682"), ("chunan-14", "330127")):
        plan = factories.plan(code=code, region=factories.region(region, f"{region}县"))
        indicator = factories.indicator(plan=plan)
        factories.indicator(plan=plan)
        for year in (2021, 2022):
            factories.actual(indicator=indicator, year=year, state=State.APPROVED)
        factories.project(plan=plan)
    reassess(Indicator.objects.all())


@pytest.mark.parametrize(
    ("choice", "codes"),
    [
        (FileChoice("completion"), ["420682"]),
        (FileChoice("completion", region="420000"), ["420682"]),
        (FileChoice("detail", plans=("laohekou-13",)), ["420682"]),
        (FileChoice("detail", plans=("chunan-14",)), Http404),
        (FileChoice("detail", plans=("no-such-plan",)), Http404),
        (FileChoice("detail", region="330000"), Http404),
        (FileChoice("no-such-table"), ImpossibleChoice),
        (FileChoice("work-items"), ImpossibleChoice),
    ],
)
def test_a_choice_is_of_the_regions_that_the_person_may_export(
    choice: FileChoice, codes: list[str] | type[Exception]
) -> None:
    analyst = factories.person(Role.ANALYST, factories.region("420000", "湖北省"))
    if isinstance(codes, list):
        assert sorted(rights_over(analyst, TABLES.regions(choice.as_json(), analyst))) == codes
    else:
        with pytest.raises(codes):
            order_export(kind="tables", what=choice.as_json(), by=analyst, at=timezone.now())
        assert Export.objects.count() == 0


def test_who_sees_and_does_not_export_gets_no_file() -> None:
    with pytest.raises(PermissionDenied):
        order_export(
            kind="tables", what=FileChoice("detail").as_json(), by=factories.person(Role.LEADER), at=timezone.now()
        )


def test_the_rows_to_expect_are_counted_without_making_the_file() -> None:
    analyst = factories.person(Role.ANALYST)
    choices = {
        "of one plan": FileChoice("completion", plans=("laohekou-14",)),
        "projects": FileChoice("projects"),
        "every year": FileChoice("detail"),
        "one year": FileChoice("detail", year=2022),
    }
    counted = {name: TABLES.rows(choice.as_json(), analyst) for name, choice in choices.items()}
    assert counted == {"of one plan": 2, "projects": 2, "every year": 4 * 5, "one year": 4}


@pytest.mark.parametrize("table", ["detail", "completion"])
def test_the_file_of_the_background_says_what_the_one_made_at_once_says(
    table: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    analyst, what = factories.person(Role.ANALYST), FileChoice(table, region="420682").as_json()
    at_once = order_export(kind="tables", what=what, by=analyst, at=timezone.now())
    assert isinstance(at_once, MadeFile)
    monkeypatch.setattr("reports.exports.workflow.ROWS_AT_ONCE", 0)
    export = order_export(kind="tables", what=what, by=analyst, at=timezone.now())
    assert isinstance(export, Export)
    run_export.call(export.pk)
    export.refresh_from_db()
    assert (export.state, export.name) == (ExportState.DONE, at_once.name)
    with export.file.open() as file:
        assert first_sheet(file.read()) == first_sheet(at_once.content)


def first_sheet(content: bytes) -> list[tuple[object, ...]]:
    return list(load_workbook(io.BytesIO(content)).worksheets[0].values)


def test_the_page_orders_what_its_address_chooses(sign_in: SignIn, monkeypatch: pytest.MonkeyPatch) -> None:
    client = sign_in(factories.person(Role.ANALYST))
    path = "/reports/exports/order/?table=detail&region=420682"
    assert client.post(path).headers["Content-Type"].startswith("application/vnd.openxmlformats")
    monkeypatch.setattr("reports.exports.workflow.ROWS_AT_ONCE", 0)
    for _ in range(MOST_UNDER_WAY):
        assert client.post(path).headers["Location"].startswith("/reports/exports/")
    refused = client.post(path, follow=True).content.decode()
    assert f"您已有{MOST_UNDER_WAY}个导出在等待或生成中" in refused
    assert Export.objects.count() == MOST_UNDER_WAY
