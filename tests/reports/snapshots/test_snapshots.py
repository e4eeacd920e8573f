"""A frozen round says tomorrow what it said on the day it was reported, whatever is changed since."""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from hashlib import sha256
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.db.models import ProtectedError
from django.test import Client
from django.utils import timezone
from openpyxl import load_workbook
from pytest_django import DjangoAssertNumQueries

from accounts.models import AuditEvent, User
from accounts.permissions import Role
from indicators.models import Actual, Indicator, State
from indicators.moves import Move
from indicators.reassess import reassess
from indicators.review import Refused
from indicators.rulings import override_verdict
from indicators.verdicts import Verdict
from indicators.workflow import Entry, move_actual, save_actual
from plans.models import Plan
from reports.demo.people import remove_demo
from reports.models import Snapshot
from reports.snapshots.queries import Change, changes_between, snapshot_page
from reports.snapshots.workflow import take_snapshot
from tests import factories

pytestmark = pytest.mark.django_db
SignIn = Callable[[User], Client]


@pytest.fixture
def plan() -> Plan:
    return factories.plan(code="laohekou-14")


def reported(plan: Plan, value: str = "45", **values: Any) -> Actual:
    """An approved figure of 2023 for an indicator that goes from 40 in 2020 to 50 in 2025."""
    indicator = factories.indicator(plan=plan, number="1")
    actual = factories.actual(indicator=indicator, value=Decimal(value), state=State.APPROVED, **values)
    reassess(Indicator.objects.all())
    return actual


def page_of(snapshot: Snapshot, user: User) -> Any:
    return snapshot_page(Snapshot.objects.get(pk=snapshot.pk), user=user, on=timezone.localdate())


def cells(content: bytes) -> set[str]:
    return {
        str(cell.value) for sheet in load_workbook(io.BytesIO(content)) for row in sheet.iter_rows() for cell in row
    }


# ---- Freezing


def test_a_snapshot_holds_the_table_as_it_is_shown(plan: Plan) -> None:
    reported(plan)
    snapshot = factories.snapshot(plan=plan)
    row = snapshot.content["rows"][0]
    shown = {name: row[name] for name in ("number", "baseline", "targets", "figures", "word", "light", "progress")}
    assert shown == {
        "number": "1",
        "baseline": "40",
        "targets": {"2025": "50"},
        "figures": {"2023": "45"},
        "word": "滞后",  # (45−40)÷(46−40) is less than 0.85
        "light": "red",
        "progress": "50.0%",
    }
    assert snapshot.content["sentence"] == "1项指标：滞后1项。"
    assert snapshot.content["policy"] == {"mild_lag_from": "85.0%", "nearly_met_within": "0.5%"}
    assert snapshot.content["missing"] == {"unreported": 0, "unapproved": 0}
    assert snapshot.sha256 == sha256(bytes(snapshot.workbook)).hexdigest()
    assert AuditEvent.objects.get(action="存档").detail["sha256"] == snapshot.sha256


def test_what_is_not_approved_is_counted_and_not_told(plan: Plan) -> None:
    reported(plan)
    waiting = factories.indicator(plan=plan, number="2")
    factories.actual(indicator=waiting, value=Decimal("81.77"), state=State.SUBMITTED, note="暂报")
    factories.indicator(plan=plan, number="3")
    snapshot = factories.snapshot(plan=plan)
    assert snapshot.content["missing"] == {"unreported": 1, "unapproved": 1}
    assert "81.77" not in str(snapshot.content)
    assert "暂报" not in str(snapshot.content)
    assert not {cell for cell in cells(bytes(snapshot.workbook)) if "81.77" in cell}


def test_projects_stand_in_it_by_their_approved_months(plan: Plan) -> None:
    project = factories.project(plan=plan, total_investment=Decimal(100))
    said = {"project": project, "year": 2023}
    factories.project_report(month=5, investment_done=Decimal(25), state=State.APPROVED, **said)
    factories.project_report(month=6, investment_done=Decimal("81.77"), state=State.SUBMITTED, **said)
    projects = factories.snapshot(plan=plan).content["projects"]
    assert projects["sentence"].startswith("1个项目，总投资100万元；1个项目有已审核的投资进展，累计完成25万元")
    assert "81.77" not in str(projects)


def test_a_year_that_is_not_over_has_nothing_to_report_yet(plan: Plan) -> None:
    planner = factories.person(Role.PLANNER)
    for year in (2023, 2025):
        factories.open_round(plan, year)
    at = datetime(2025, 12, 31, 15, 59, tzinfo=UTC)  # a minute before midnight in Beijing
    with pytest.raises(Refused, match="2025年尚未结束"):
        take_snapshot(plan=plan, year=2025, name="年度监测", by=planner, at=at)
    assert take_snapshot(plan=plan, year=2025, name="年度监测", by=planner, at=at.replace(year=2026)).year == 2025
    with pytest.raises(Refused, match="2024年没有填报期"):
        take_snapshot(plan=plan, year=2024, name="年度监测", by=planner, at=timezone.now())


@pytest.mark.parametrize("role", [role for role in Role if role != Role.PLANNER])
def test_only_a_planner_freezes(plan: Plan, role: Role) -> None:
    factories.open_round(plan, 2023)
    with pytest.raises(PermissionDenied):
        take_snapshot(plan=plan, year=2023, name="年度监测", by=factories.person(role), at=timezone.now())


def test_a_name_stands_for_one_snapshot_of_a_year(plan: Plan, sign_in: SignIn) -> None:
    snapshot = factories.snapshot(plan=plan)
    client = sign_in(snapshot.taken_by)
    answer = client.post("/plans/laohekou-14/snapshots/take/", {"year": "2023", "name": "上报省厅"})
    assert answer.status_code == 422
    assert "2023年已有名为“上报省厅”的存档。存档不能更改，请换一个名称。" in answer.content.decode()
    assert Snapshot.objects.count() == 1


@pytest.mark.parametrize(
    "sent",
    [
        {},
        {"year": "２０２３", "name": ""},
        {"year": "2024", "name": "年度"},
        {"year": "x", "name": "年度"},
        {"year": "2023", "name": "年" * 61},
        {"year": "2023", "name": "年度", "note": "说" * 501},
    ],
)
def test_a_form_that_is_not_in_order_freezes_nothing(plan: Plan, sign_in: SignIn, sent: dict[str, str]) -> None:
    factories.open_round(plan, 2023)
    answer = sign_in(factories.person(Role.PLANNER)).post("/plans/laohekou-14/snapshots/take/", sent)
    assert answer.status_code == 422
    assert Snapshot.objects.count() == 0


# ---- It stays what it was


def test_a_later_figure_a_revised_target_and_a_ruling_leave_it_as_it_was(plan: Plan, sign_in: SignIn) -> None:
    actual = reported(plan)
    indicator, planner = actual.indicator, factories.person(Role.PLANNER)
    snapshot = factories.snapshot(plan=plan, by=planner)
    content, client = snapshot.content, sign_in(planner)
    file = client.get(f"/snapshots/{snapshot.pk}/file/").content
    assert page_of(snapshot, planner).changes == []

    reviewer, clerk = factories.person(Role.REVIEWER), factories.person(Role.CLERK)
    actual = move_actual(actual=actual, move=Move.REOPEN, by=reviewer, version=actual.version, note="核实有误")
    entry = Entry(value=Decimal("47.5"), text="47.5", note="按年报修订")
    actual = save_actual(indicator=indicator, year=2023, entry=entry, by=clerk, version=actual.version)
    actual = move_actual(actual=actual, move=Move.SUBMIT, by=clerk, version=actual.version)
    move_actual(actual=actual, move=Move.APPROVE, by=reviewer, version=actual.version)
    revised = {"year": 2025, "text": "≥60", "counts_from": 2022, "seen": "2025:1"}
    why = {"reason": "省下达新任务", "approved_by_body": "老河口市人民政府", "approval_number": "老民〔2024〕1号"}
    assert client.post(f"/indicators/{indicator.pk}/targets/revise/", {**revised, **why}).status_code == 302
    ruling: dict[str, Any] = {"verdict": Verdict.ON_TRACK, "reason": "省级通报认定", "seen": None}
    override_verdict(indicator=indicator, year=2023, by=planner, **ruling)
    factories.indicator(plan=plan, number="9", name="新增的指标")

    again = Snapshot.objects.get(pk=snapshot.pk)
    assert again.content == content
    assert client.get(f"/snapshots/{snapshot.pk}/file/").content == file == bytes(again.workbook)
    name = indicator.name
    assert page_of(snapshot, planner).changes == [
        Change("1", name, "2025年目标", "50", "≥60"),
        Change("1", name, "2023年实际", "45", "47.5"),
        Change("1", name, "评价", "滞后", "符合预期"),
        Change("9", "新增的指标", "指标", "—", "新增"),
    ]
    shown = client.get(f"/snapshots/{snapshot.pk}/").content.decode()
    assert "1项指标：滞后1项。" in shown
    assert "≥60" in shown


def test_what_was_taken_out_of_the_plan_since_is_said_as_well(plan: Plan) -> None:
    actual = reported(plan)
    snapshot = factories.snapshot(plan=plan)
    Indicator.objects.filter(pk=actual.indicator_id).delete()
    assert page_of(snapshot, snapshot.taken_by).changes == [
        Change("1", actual.indicator.name, "指标", "原有", "已删除")
    ]


def test_two_contents_that_differ_in_nothing_shown_have_no_changes() -> None:
    row = {"indicator": 1, "number": "1", "name": "a", "unit": "%", "attribute": "", "baseline": "0", "word": "完成"}
    row |= {"targets": {"2025": "0"}, "figures": {}}
    assert list(changes_between({"rows": [row]}, {"rows": [{**row, "reason": "另一种说法"}]})) == []
    assert list(changes_between({"rows": [row]}, {"rows": [{**row, "figures": {"2023": "0"}}]})) == [
        Change("1", "a", "2023年实际", "—", "0")
    ]


def test_no_address_changes_or_deletes_it(plan: Plan, sign_in: SignIn) -> None:
    snapshot = factories.snapshot(plan=plan)
    client = sign_in(snapshot.taken_by)
    asked = [
        getattr(client, method)(path).status_code
        for path in (f"/snapshots/{snapshot.pk}/", f"/snapshots/{snapshot.pk}/file/")
        for method in ("post", "put", "patch", "delete")
    ]
    assert set(asked) == {405}
    with pytest.raises(ProtectedError):
        plan.delete()


def test_a_file_that_was_tampered_with_is_told_by_its_checksum(plan: Plan, sign_in: SignIn) -> None:
    snapshot = factories.snapshot(plan=plan)
    path, client = f"/snapshots/{snapshot.pk}/", sign_in(snapshot.taken_by)
    assert "与存档文件相符" in client.get(path).content.decode()
    Snapshot.objects.update(workbook=b"another")
    assert "与存档文件不符" in client.get(path).content.decode()


# ---- Who reads it


@pytest.mark.parametrize(("role", "file"), [(Role.LEADER, 403), (Role.CLERK, 403), (Role.ANALYST, 200)])
def test_who_sees_the_plan_sees_it_and_who_exports_takes_the_file(
    plan: Plan, sign_in: SignIn, role: Role, file: int
) -> None:
    snapshot = factories.snapshot(plan=plan)
    client = sign_in(factories.person(role))
    page = client.get(f"/snapshots/{snapshot.pk}/").content.decode()
    assert "存档一个年度" not in client.get("/plans/laohekou-14/snapshots/").content.decode()
    assert f"由{snapshot.taken_by}存" in page
    assert client.get(f"/snapshots/{snapshot.pk}/file/").status_code == file
    assert ("下载当时的指标完成情况表" in page) == (file == 200)


@pytest.mark.parametrize("rows", [1, 3])
def test_the_pages_take_as_many_queries_for_one_as_for_three(
    plan: Plan, sign_in: SignIn, django_assert_num_queries: DjangoAssertNumQueries, rows: int
) -> None:
    planner = factories.person(Role.PLANNER)
    for number in range(rows):
        factories.actual(indicator=factories.indicator(plan=plan), state=State.APPROVED)
        snapshot = factories.snapshot(plan=plan, by=planner, name=f"第{number}次")
    client = sign_in(planner)
    with django_assert_num_queries(8):
        client.get("/plans/laohekou-14/snapshots/")
    with django_assert_num_queries(10):
        client.get(f"/snapshots/{snapshot.pk}/")


# ---- Demo figures


def test_a_snapshot_with_demo_figures_says_so_and_goes_with_them(plan: Plan, sign_in: SignIn) -> None:
    real = factories.snapshot(plan=plan)
    reported(plan, is_demo=True)
    demo = factories.snapshot(plan=plan, name="演示")
    assert (real.is_demo, demo.is_demo) == (False, True)
    assert "含演示数据" in sign_in(demo.taken_by).get(f"/snapshots/{demo.pk}/").content.decode()
    remove_demo()
    assert list(Snapshot.objects.all()) == [real]
