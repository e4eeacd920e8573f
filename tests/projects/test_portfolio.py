"""The key projects of a plan together: sums, steps, years, the calendar, and who lags."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client

from accounts.models import User
from accounts.permissions import Role
from indicators.models import State
from indicators.verdicts import Light
from plans.models import Plan
from projects.models import Project, Stage
from projects.months import Month
from projects.portfolio import ProjectTable, project_table
from projects.standings import Standing, project_page
from tests import factories
from tests.projects.test_views import cell, words

pytestmark = pytest.mark.django_db

SignIn = Callable[[User], Client]
TODAY = date(2024, 7, 1)


def months(project: Project, *said: tuple[int, int, str | None], stage: Stage = Stage.UNDER_WAY, **values: Any) -> None:
    """Approved months: (year, month, 累计完成投资)."""
    values.setdefault("state", State.APPROVED)
    for year, month, done in said:
        spent = None if done is None else Decimal(done)
        factories.project_report(project=project, year=year, month=month, investment_done=spent, stage=stage, **values)


def table_of(plan: Plan, *, on: date = TODAY, role: Role = Role.LEADER) -> ProjectTable:
    return project_table(plan, user=factories.person(role), on=on)


def standing_of(project: Project, *, on: date = TODAY, role: Role = Role.LEADER) -> Standing:
    (row,) = table_of(project.plan, on=on, role=role).standings
    return row


# ---- One project


def test_the_lead_is_completion_less_time_by_the_month_of_the_newest_approved_report() -> None:
    project = factories.project(total_investment=Decimal(1000), start_year=2022, end_year=2023)
    months(project, (2022, 6, "100"), (2022, 12, "410"))
    months(project, (2023, 6, "900"), state=State.SUBMITTED)
    row = standing_of(project, role=Role.REVIEWER)
    assert (row.completion, row.time_progress, row.lead) == (Decimal("0.41"), Decimal("0.5"), Decimal("-9.00"))
    assert row.is_lagging
    assert row.newest is not None
    assert (row.newest.year, row.done) == (2023, Decimal(410))
    assert (
        row.sentence
        == "总投资1000万元，截至2022年12月累计完成投资410万元，完成率41.0%，时间进度50.0%，落后9.0个百分点。"
    )


def test_a_newer_month_without_a_figure_does_not_hide_what_was_spent() -> None:
    project = factories.project(total_investment=Decimal(1000))
    months(project, (2023, 5, "300"), (2023, 6, None))
    row = standing_of(project)
    assert row.spent is not None
    assert row.approved is not None
    assert (row.spent.when, row.approved.when, row.done) == (Month(2023, 5), Month(2023, 6), Decimal(300))


@pytest.mark.parametrize(
    ("values", "done"),
    [
        ({"total_investment": None, "start_year": 2022, "end_year": 2023}, "5"),
        ({"total_investment": Decimal(1000), "start_year": None, "end_year": 2023}, "5"),
        ({"total_investment": Decimal(1000), "start_year": 2022, "end_year": 2023}, None),
    ],
)
def test_where_one_of_the_two_is_not_known_nobody_lags(values: dict[str, Any], done: str | None) -> None:
    project = factories.project(**values)
    months(project, (2022, 12, done))
    row = standing_of(project, on=date(2022, 12, 31))
    assert (row.lead, row.is_lagging, row.mark) == (None, False, None)


def test_a_shortfall_below_a_tenth_of_a_point_is_no_lag() -> None:
    project = factories.project(total_investment=Decimal(10000), start_year=2022, end_year=2023)
    months(project, (2022, 12, "4996"))
    row = standing_of(project, on=date(2023, 1, 5))
    assert (row.lead, row.is_lagging, row.lead_shown) == (Decimal("-0.0400"), False, "持平")


@pytest.mark.parametrize(
    ("stage", "newest", "on", "mark"),
    [
        (Stage.UNDER_WAY, (2023, 12), date(2023, 12, 31), (Light.YELLOW, "滞后")),
        (Stage.UNDER_WAY, (2023, 12), date(2024, 1, 1), (Light.RED, "逾期未完工")),
        (Stage.UNDER_WAY, (2023, 11), date(2024, 1, 1), (Light.GREY, "到期未报进展")),
        (Stage.COMPLETED, (2023, 11), date(2024, 1, 1), (Light.GREEN, "已完工")),
    ],
)
def test_red_needs_a_year_that_is_over_and_a_month_that_says_it_is_not_completed(
    stage: Stage, newest: tuple[int, int], on: date, mark: tuple[Light, str]
) -> None:
    project = factories.project(total_investment=Decimal(1000), start_year=2022, end_year=2023)
    months(project, (*newest, "600"), stage=stage)
    assert standing_of(project, on=on).mark == mark


def test_a_project_without_a_report_is_never_red() -> None:
    project = factories.project(start_year=2021, end_year=2022, stage=Stage.UNDER_WAY)
    row = standing_of(project)
    assert (row.mark, row.is_overdue) == ((Light.GREY, "到期未报进展"), False)
    assert row.sentence == "总投资2500万元，还没有已审核的投资进展。"


def test_milestones_are_the_months_in_which_a_stage_was_first_reported() -> None:
    project = factories.project()
    months(project, (2022, 3, "0"), (2022, 4, "0"), stage=Stage.PREPARATION)
    months(project, (2022, 9, "50"))
    months(project, (2023, 1, "60"), stage=Stage.COMPLETED, state=State.DRAFT)
    page = project_page(project, user=factories.person(Role.LEADER), on=TODAY)
    found = [(step.stage, step.report.when, step.is_first) for step in page.milestones]
    assert found == [(Stage.PREPARATION, Month(2022, 3), True), (Stage.UNDER_WAY, Month(2022, 9), False)]
    staff = project_page(project, user=factories.person(Role.REVIEWER), on=TODAY).milestones
    assert [(step.stage, step.report.state) for step in staff][2:] == [(Stage.COMPLETED, "draft")]


def test_the_chart_has_a_gap_for_each_missing_month_and_marks_what_is_not_approved() -> None:
    project = factories.project(total_investment=Decimal(1000))
    months(project, (2022, 11, "10.50"), (2023, 2, None), (2023, 3, "0"))
    months(project, (2023, 1, "30"), state=State.SUBMITTED)
    staff = project_page(project, user=factories.person(Role.CLERK), on=TODAY)
    assert staff.chart == {
        "months": ["2022-11", "2022-12", "2023-01", "2023-02", "2023-03"],
        "done": ["10.5", None, "30", None, "0"],
        "unapproved": [2],
        "total": "1000",
    }
    leader = project_page(project, user=factories.person(Role.LEADER), on=TODAY).chart
    assert leader is not None
    assert (leader["done"], leader["unapproved"]) == (["10.5", None, None, None, "0"], [])


def test_a_project_without_figures_has_no_chart(sign_in: SignIn) -> None:
    project = factories.project(total_investment=None)
    months(project, (2023, 6, None), problems="征地未完成")
    page = sign_in(factories.person(Role.LEADER)).get(project.get_absolute_url())
    assert "data-chart" not in page.content.decode()
    assert "2023年6月 征地未完成 已审核" in words(page)


# ---- Together


def three_projects() -> Plan:
    """Two that have reported, one of them of unstated cost, and an idea of 4000."""
    plan = factories.plan()
    first = factories.project(
        plan=plan, category="养老", total_investment=Decimal(1000), start_year=2022, end_year=2023
    )
    second = factories.project(plan=plan, category="养老", total_investment=None, end_year=2024)
    factories.project(plan=plan, category="殡葬", total_investment=Decimal(4000), stage=Stage.PACKAGING)
    months(first, (2022, 12, "400"), (2023, 6, "600"))
    months(second, (2023, 5, "50"), stage=Stage.COMPLETED)
    for project, names in ((first, ("福彩公益金",)), (second, ("福彩公益金", "社会资本"))):
        for order, name in enumerate(names):
            project.funding_sources.create(name=name, order=order)
    return plan


def test_the_sentence_counts_adds_up_and_names_its_denominator() -> None:
    table = table_of(three_projects())
    assert table.sentence == (
        "3个项目，总投资5000万元（另有1个未载明投资）；2个项目有已审核的投资进展，累计完成650万元，"
        "为其总投资1000万元的60.0%；其中1个落后于时间进度；1个仍在谋划或包装策划，总投资4000万元。"
    )
    assert table.newest_month == Month(2023, 6)


def test_what_has_not_reported_is_not_counted_as_nothing_done() -> None:
    elderly, burial = table_of(three_projects()).categories
    assert (elderly.name, elderly.done, elderly.planned_of_reported) == ("养老", Decimal(650), Decimal(1000))
    assert elderly.completion == Decimal("0.6")  # the 50 of the project of unstated cost stay out of it
    assert (burial.planned, burial.done, burial.completion, len(burial.reported)) == (Decimal(4000), None, None, 0)
    assert burial.planned_of_reported is None


def test_the_steps_say_how_many_stand_there_and_how_many_came_so_far() -> None:
    plan = three_projects()
    factories.project(plan=plan)
    steps = table_of(plan).steps
    found = [(step.name, step.there.count, step.reached.count) for step in steps]
    assert found == [("谋划", 1, 3), ("前期", 0, 2), ("在建", 1, 2), ("完工", 1, 1)]
    assert table_of(plan).unstaged == 1


def test_the_money_of_a_source_is_known_only_where_it_pays_alone() -> None:
    sources = table_of(three_projects()).sources
    found = [(s.named.name, s.named.count, s.alone.count, s.stated, s.shared) for s in sources]
    assert found == [("福彩公益金", 2, 1, Decimal(1000), 1), ("社会资本", 1, 0, None, 1)]
    assert table_of(three_projects()).unsourced.count == 1


def test_a_year_holds_what_begins_and_ends_in_it_and_what_was_spent_by_its_end() -> None:
    years = table_of(three_projects()).years
    found = [(y.year, y.starting.count, y.ending.count, y.reported, y.done) for y in years]
    assert found == [
        (2022, 1, 0, 1, Decimal(400)),
        (2023, 0, 1, 2, Decimal(650)),
        (2024, 0, 1, 2, Decimal(650)),
    ]


def test_the_calendar_has_a_bar_a_point_and_a_list_of_what_has_no_years() -> None:
    calendar = table_of(three_projects()).calendar
    assert calendar is not None
    assert (calendar.years, calendar.today) == (range(2022, 2025), "83.33%")
    ((name, (bar, point)),) = calendar.groups
    assert (name, bar.x, bar.width, bar.done_width) == ("养老", "0.00%", "66.67%", "40.00%")
    assert (point.x, point.done_width, point.end) == ("", "", "100.00%")
    assert [row.project.category for row in calendar.undated] == ["殡葬"]


def test_a_plan_that_states_no_years_has_no_calendar(sign_in: SignIn) -> None:
    project = factories.project()
    assert table_of(project.plan).calendar is None
    page = words(sign_in(factories.person(Role.LEADER)).get(f"/plans/{project.plan.code}/projects/?view=gantt"))
    assert "起止时间未载明（1个）" in page


# ---- The page


def shown(client: Client, plan: Plan, query: str) -> str:
    answer = client.get(f"/plans/{plan.code}/projects/{query}")
    assert answer.status_code == 200
    return words(answer)


def test_each_way_of_looking_has_its_own_address(sign_in: SignIn) -> None:
    plan, client = three_projects(), sign_in(factories.person(Role.LEADER))
    assert "按资金来源" in shown(client, plan, "?view=money")
    assert "建设起止年限 按文件所载年份" in shown(client, plan, "?view=gantt")
    for query in ("", "?view=table", "?view=nonsense", "?view=", "?stage=nonsense&department=9"):
        assert "建设地点 总投资 （万元）" in shown(client, plan, query)


def test_a_filter_keeps_its_address_and_the_sentence_speaks_of_what_is_left(sign_in: SignIn) -> None:
    plan, client = three_projects(), sign_in(factories.person(Role.LEADER))
    page = client.get(f"/plans/{plan.code}/projects/?category=殡葬&view=gantt")
    assert "所选1个项目，总投资4000万元" in words(page)
    assert 'href="?category=%E6%AE%A1%E8%91%AC&amp;view=money"' in page.content.decode()
    assert "没有符合筛选条件的项目。" in shown(client, plan, "?category=殡葬&stage=completed")
    assert "所选2个项目" in shown(client, plan, "?category=养老")


def test_the_table_marks_lag_and_overdue_in_words(sign_in: SignIn) -> None:
    project = factories.project(total_investment=Decimal(1000), start_year=2021, end_year=2022)
    months(project, (2022, 12, "600"), is_demo=True)
    page = sign_in(factories.person(Role.LEADER)).get(f"/plans/{project.plan.code}/projects/")
    assert cell(page, project, "进度") == "逾期未完工 落后40.0个百分点"
    assert cell(page, project, "最近进展") == "2022年12月 实施中，形象进度40% 已审核 演示数据"
    assert "含演示数据" in words(page)
