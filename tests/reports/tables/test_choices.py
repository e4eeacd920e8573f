"""Which file comes of which choice: whose plans, of when, and what is said where there is none."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.http import Http404
from pytest_django import DjangoAssertNumQueries

from accounts.permissions import Role
from indicators.models import State
from reports.tables.choices import FileChoice, scope_of
from reports.tables.scopes import ImpossibleChoice
from tests import factories
from tests.reports.tables.books import (
    ALL_TABLES,
    AT,
    ON,
    analyst,
    book_of,
    choice,
    file_of,
    metric,
    rich_plan,
    words_of,
)

pytestmark = pytest.mark.django_db

UNAPPROVED = "81.77"


def scoped(user: Any, table: str = "completion", **values: Any) -> list[str]:
    return [plan.code for plan in scope_of(choice(table, **values), user, ON, AT).plans]


def impossible(user: Any, table: str, **values: Any) -> str:
    with pytest.raises(ImpossibleChoice) as refused:
        file_of(user, table, **values)
    return str(refused.value)


def test_a_choice_survives_json() -> None:
    kept = FileChoice("projects", plans=("a", "b"), year=2024, month=6, approved_only=True)
    assert FileChoice.from_json(json.loads(json.dumps(kept.as_json()))) == kept


def test_plans_are_taken_one_by_one_or_as_the_tree_of_a_region_or_all() -> None:
    city, county, elsewhere = (
        factories.region(code, name)
        for code, name in (("420600", "襄阳市"), ("420682", "老河口市"), ("330127", "淳安县"))
    )
    for place, code in ((city, "city"), (county, "county"), (elsewhere, "elsewhere")):
        factories.indicator(plan=factories.plan(region=place, code=code))
    national = analyst()
    assert scoped(national, plans=("county", "elsewhere")) == ["elsewhere", "county"]
    assert scoped(national, region="420600") == ["city", "county"]
    assert scoped(national) == ["elsewhere", "city", "county"]
    assert scoped(analyst(county)) == ["county"]


@pytest.mark.parametrize("table", ALL_TABLES)
def test_what_is_not_theirs_does_not_exist_and_what_they_only_see_is_refused(table: str) -> None:
    plan = rich_plan(measured=metric(), code="theirs")
    stranger = analyst(factories.region("330127", "淳安县"))
    for asked in ({"plans": ("theirs",)}, {"region": "420682"}, {"plans": ("no-such-plan",)}):
        with pytest.raises(Http404):
            file_of(stranger, table, **asked)
    for role in (Role.CLERK, Role.REVIEWER, Role.LEADER):
        for asked in ({"plans": ("theirs",)}, {"region": "420682"}, {}):
            with pytest.raises(PermissionDenied):
                file_of(factories.person(role, plan.region), table, **asked)


def test_a_leader_of_one_place_who_exports_in_another_gets_no_file_of_the_first() -> None:
    plan = rich_plan(code="seen")
    user = analyst(factories.region("330127", "淳安县"))
    user.memberships.create(region=plan.region, role=Role.LEADER)
    with pytest.raises(PermissionDenied):
        file_of(user, "completion", plans=("seen",))


@pytest.mark.parametrize("table", ALL_TABLES)
def test_unapproved_figures_never_reach_an_analyst_nor_a_file_of_approved_ones(table: str) -> None:
    plan = rich_plan(measured=metric())
    for state in (State.DRAFT, State.SUBMITTED, State.RETURNED):
        row = factories.indicator(plan=plan)
        factories.actual(indicator=row, year=2023, value=Decimal(UNAPPROVED), state=state, note=f"说明{UNAPPROVED}")
    project, item = plan.projects.get(), plan.work_items.get()
    factories.project_report(project=project, month=7, investment_done=Decimal(UNAPPROVED), problems=UNAPPROVED)
    factories.work_report(item=item, month=7, value=Decimal(UNAPPROVED), note=UNAPPROVED)
    planner = factories.person(Role.PLANNER, plan.region)
    for user, approved_only in ((analyst(), False), (planner, True)):
        assert UNAPPROVED not in words_of(book_of(user, table, approved_only=approved_only))
    theirs = words_of(book_of(planner, table))
    assert (UNAPPROVED in theirs) == (table in ("completion", "detail"))


@pytest.mark.parametrize(
    ("table", "values", "said"),
    [
        ("no-such-table", {}, "没有这种报表，请从列表中选择。"),
        (
            "completion",
            {"plans": ("a",), "region": "420682"},
            "规划和地区只能选一种：要么勾选规划，要么选一个地区及其下级。",
        ),
        ("completion", {"plans": ("a",), "year": 2019}, "2019年不在所选规划的规划期内（“十四五”为2021—2025年）。"),
        ("completion", {"year": 2019}, "2019年不在所选规划的规划期内（“十四五”为2021—2025年）。"),
        ("detail", {"year": 2026}, "2026年不在所选规划的规划期内（“十四五”为2021—2025年）。"),
        ("projects", {}, "所选规划没有登记重点项目，没有可导出的内容。"),
        ("work-items", {}, "所选规划没有登记工作要点，没有可导出的内容。"),
        ("status", {}, "所选规划没有设置填报期，没有可导出的内容。"),
        ("comparison", {"metric": ""}, "跨地区对比表要选择一个指标。"),
    ],
)
def test_an_impossible_choice_is_told_why(table: str, values: dict[str, Any], said: str) -> None:
    factories.indicator(plan=factories.plan(code="a"))
    assert impossible(analyst(), table, **values) == said


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"month": 6}, "选了月份，还要选年份。"),
        ({"year": 2025, "month": 4}, "2025年4月还没有到，没有项目进展可导出。"),
        ({"year": 2024, "month": 13}, "月份应为1～12月，年份应在1950年至2100年之间。"),
    ],
)
def test_a_month_that_is_none_or_has_not_come_is_told(asked: dict[str, int], said: str) -> None:
    factories.project()
    assert impossible(analyst(), "projects", **asked) == said


def test_a_year_that_has_not_come_has_no_completion() -> None:
    factories.indicator(plan=factories.plan(start_year=2026, end_year=2030))
    assert impossible(analyst(), "completion", year=2026) == "2026年还没有到，没有完成情况可导出。"


def test_a_metric_that_nobody_they_see_promises_does_not_exist() -> None:
    factories.indicator()
    metric()
    with pytest.raises(Http404):
        file_of(analyst(), "comparison")


# One finds the plans; data years, rows, targets, figures, findings, …: as many for three plans as for one.
@pytest.mark.parametrize("number", [1, 3])
@pytest.mark.parametrize(
    ("table", "queries"),
    [
        ("completion", 6),
        ("main-indicators", 6),
        ("projects", 5),
        ("work-items", 4),
        ("comparison", 7),
        ("status", 9),
        ("detail", 6),
    ],
)
def test_more_plans_take_no_more_queries(
    django_assert_num_queries: DjangoAssertNumQueries, table: str, queries: int, number: int
) -> None:
    measured = metric()
    for n in range(number):
        rich_plan(factories.region(str(420101 + n), f"第{n}县"), measured=measured)
    user = analyst()
    assert user.held
    with django_assert_num_queries(queries):
        file_of(user, table)
