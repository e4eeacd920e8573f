"""Every table of the back office that comes and goes as a file: there and back, within one's region, no formula."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import pytest
from django.contrib import admin
from django.test import Client
from openpyxl import load_workbook

from accounts.models import Department, Region, User
from accounts.permissions import Role
from accounts.tables import TableAdmin
from indicators.models import Indicator, Metric
from plans.models import Plan
from projects.models import Project
from tests import factories
from tests.admin.test_tables_in_and_out import book, confirm, export, upload

pytestmark = pytest.mark.django_db
SignIn = Callable[[User], Client]

FORMULA = "=HYPERLINK(1)"


@dataclass(frozen=True, slots=True)
class Case:
    """One table: who keeps it, and a row of theirs with a text that looks like a formula."""

    name: str
    role: Role
    row: Callable[[Region], Any]
    head: str  # the column of that text
    field: str
    is_everybodys: bool = False

    def __str__(self) -> str:
        return self.name


def renamed_region(region: Region) -> Region:
    Region.objects.filter(pk=region.pk).update(bureau_name=FORMULA)
    return Region.objects.get(pk=region.pk)


CASES = [
    Case("accounts_region", Role.SYSTEM, renamed_region, "民政部门", "bureau_name"),
    Case(
        "accounts_user",
        Role.SYSTEM,
        lambda region: factories.person(Role.CLERK, region, display_name=FORMULA, email="a@example.gov.cn"),
        "姓名",
        "display_name",
    ),
    Case(
        "accounts_department",
        Role.PLANNER,
        lambda region: factories.department(region=region, name=FORMULA),
        "科室",
        "name",
    ),
    Case(
        "indicators_metric",
        Role.PLANNER,
        lambda region: factories.metric(definition=FORMULA),
        "定义",
        "definition",
        True,
    ),
    Case("plans_plan", Role.PLANNER, lambda region: factories.plan(region=region, remark=FORMULA), "备注", "remark"),
    Case(
        "indicators_indicator",
        Role.PLANNER,
        lambda region: factories.indicator(
            plan=factories.plan(region=region),
            metric=factories.metric(),
            department=factories.department(region=region),
            baseline_value=Decimal("0.1234"),
            remark=FORMULA,
        ),
        "备注",
        "remark",
    ),
    Case(
        "projects_project",
        Role.PLANNER,
        lambda region: factories.project(
            plan=factories.plan(region=region), total_investment=Decimal("1234567890.1234"), remark=FORMULA
        ),
        "备注",
        "remark",
    ),
]
EACH = pytest.mark.parametrize("case", CASES, ids=str)


def keeper(sign_in: SignIn, case: Case, *, writes: bool = False) -> Client:
    """Who keeps the table; adding places is a superuser's, and so is the whole way in for them."""
    if writes and case.name == "accounts_region":
        return sign_in(factories.person(is_superuser=True))
    return sign_in(factories.person(case.role))


@EACH
@pytest.mark.parametrize(("file_format", "name"), [(0, "table.xlsx"), (1, "table.csv")])
def test_what_goes_out_comes_back_unchanged(sign_in: SignIn, case: Case, file_format: int, name: str) -> None:
    client = keeper(sign_in, case, writes=True)
    case.row(factories.region())
    preview = upload(client, case.name, export(client, case.name, file_format), name)
    assert "文件与现有数据完全一致" in preview.content.decode()


@EACH
def test_text_that_looks_like_a_formula_goes_out_as_text(sign_in: SignIn, case: Case) -> None:
    client = keeper(sign_in, case)
    case.row(factories.region())
    sheet = load_workbook(io.BytesIO(export(client, case.name))).worksheets[0]
    cells = [cell for row in sheet.iter_rows() for cell in row if str(cell.value).startswith("=")]
    assert [(cell.value, cell.data_type) for cell in cells] == [(FORMULA, "s")]
    text = export(client, case.name, 1).decode("utf-8-sig")
    assert f"'{FORMULA}" in [row[case.head] for row in csv.DictReader(io.StringIO(text))]


@EACH
def test_only_the_rows_of_ones_own_region_go_out(sign_in: SignIn, case: Case) -> None:
    client = keeper(sign_in, case)
    case.row(factories.region("330127", "淳安县"))
    assert (FORMULA in export(client, case.name, 1).decode("utf-8-sig")) is case.is_everybodys


@EACH
def test_a_row_of_another_region_cannot_be_changed_by_a_file(sign_in: SignIn, case: Case) -> None:
    """The file of a colleague there, with one text changed, uploaded here."""
    row = case.row(factories.region("330127", "淳安县"))
    theirs = sign_in(factories.person(case.role, factories.region("330127", "淳安县")))
    lines = list(csv.reader(io.StringIO(export(theirs, case.name, 1).decode("utf-8-sig"))))
    changed = [[cell.replace(f"'{FORMULA}", "夺取") for cell in line] for line in lines]
    preview: Any = upload(keeper(sign_in, case), case.name, book(*changed))
    if preview.status_code == 200 and "confirm_form" in preview.context:
        confirm(keeper(sign_in, case), case.name, preview)
        assert case.is_everybodys
    row.refresh_from_db()
    assert getattr(row, case.field) == FORMULA


@pytest.mark.parametrize("role", [Role.CLERK, Role.REVIEWER, Role.LEADER, Role.ANALYST])
@EACH
def test_nobody_else_imports_or_exports(sign_in: SignIn, case: Case, role: Role) -> None:
    client = sign_in(factories.person(role))
    assert [client.get(f"/admin/{case.name.replace('_', '/')}/{way}/").status_code for way in ("import", "export")] == [
        403,
        403,
    ]


@EACH
def test_a_blank_cell_leaves_what_is_there(sign_in: SignIn, case: Case) -> None:
    """A file in which every cell is blank but the keys and one text."""
    client = keeper(sign_in, case, writes=True)
    row = case.row(factories.region())
    lines = list(csv.reader(io.StringIO(export(client, case.name, 1).decode("utf-8-sig"))))
    keys = {"区划代码", "用户名", "代码", "规划代码", "序号", "科室"}
    blanked = [
        [cell if head in keys else "" for head, cell in zip(lines[0], line, strict=True)]
        for line in lines[1:]
        if any(FORMULA in cell for cell in line)
    ]
    text = io.StringIO(newline="")
    csv.writer(text).writerows([lines[0], *blanked])
    preview = upload(client, case.name, text.getvalue().encode(), "table.csv")
    assert "文件与现有数据完全一致（1 行）" in preview.content.decode()
    row.refresh_from_db()
    assert getattr(row, case.field) == FORMULA


def test_the_parts_of_an_entry_come_and_go_with_the_dictionary(sign_in: SignIn) -> None:
    client = sign_in(factories.person(Role.PLANNER))
    beds, nursing = (
        factories.metric(code="beds", parts_factor=None),
        factories.metric(code="nursing", parts_factor=None),
    )
    share = factories.metric(code="share", parts_factor=None)
    heads = ["代码", "分子", "分母", "乘数", "分子指标代码", "分母指标代码"]
    row = ["share", "护理型床位", "床位", 100, "nursing", "beds"]
    confirm(client, "indicators_metric", upload(client, "indicators_metric", book(heads, row)))
    share.refresh_from_db()
    assert (share.numerator, share.denominator, share.parts_factor) == (nursing, beds, Decimal(100))
    bad = upload(client, "indicators_metric", book(["代码", "分子"], ["beds", "床"])).content.decode()
    assert "分子、分母和乘数要么都填，要么都不填" in bad


def test_the_tables_are_these() -> None:
    """A table that joins the others has to join the cases."""
    found = {model for model, page in admin.site._registry.items() if isinstance(page, TableAdmin)}
    assert found == {Region, User, Department, Metric, Plan, Indicator, Project}
    assert len(CASES) == len(found)
