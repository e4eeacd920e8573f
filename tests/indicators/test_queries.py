"""What the pages read: the right rows for the right person, in a number of queries that does not grow."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from accounts.models import Membership, User
from accounts.permissions import Permission, Role
from indicators.definitions import Promise, revise_target
from indicators.detail import indicator_page
from indicators.elsewhere import elsewhere_of
from indicators.models import Actual, ActualEvent, Availability, Indicator, Metric, Origin, State, Target
from indicators.moves import Move
from indicators.queries import (
    Promised,
    actual_shown,
    data_year,
    path_points,
    plan_table,
    promised,
    shown_verdict_of,
    target_shown,
)
from indicators.reassess import reassess
from indicators.verdicts import Verdict
from indicators.workflow import move_actual
from indicators.worklists import Waiting, waiting_for
from plans.models import Plan, RoundExtension
from tests import factories

pytestmark = pytest.mark.django_db

TODAY = date(2024, 5, 6)


def person(role: Role = Role.CLERK, **values: Any) -> User:
    """Somebody whose memberships are already read, as in the middle of a request."""
    user = factories.person(role, **values)
    user.can(Permission.SEE)
    return user


def approved(indicator: Indicator, value: str, year: int = 2023, **values: Any) -> Actual:
    return factories.actual(indicator=indicator, year=year, value=Decimal(value), state=State.APPROVED, **values)


def current(indicator: Indicator) -> dict[int, Target]:
    return {target.year: target for target in indicator.targets.filter(is_current=True)}


# ---- The plan's table


def test_the_table_shows_the_rows_as_printed_with_figure_and_finding() -> None:
    plan = factories.plan()
    second = factories.indicator(plan=plan, order=2, number="2")
    first = factories.indicator(plan=plan, order=1, number="1")
    in_a_box = factories.indicator(plan=plan, order=3, number="3", origin=Origin.BOX)
    approved(first, "47")
    approved(first, "44", 2022)
    reassess(Indicator.objects.all())
    table = plan_table(plan, year=2023, user=person(Role.LEADER), on=TODAY)
    assert [row.indicator for row in table.rows] == [first, second, in_a_box]
    assert ([row.indicator for row in table.main], [row.indicator for row in table.others]) == (
        [first, second],
        [in_a_box],
    )
    row = table.rows[0]
    assert (row.word, row.light, row.depth, row.baseline_shown) == ("符合预期", "green", 0, "40")
    assert row.actual is not None
    assert (row.actual.value, sorted(row.actuals)) == (Decimal(47), [2022, 2023])
    assert (table.rows[1].word, table.rows[1].actual) == ("未填报", None)
    assert table.target_years == [2025]
    assert table.sentence == "2项指标：符合预期1项、未填报1项。"


def test_rows_of_a_group_count_by_row_and_the_group_by_number() -> None:
    plan = factories.plan()
    group = factories.indicator(plan=plan, order=1, target=None, is_group=True)
    for _ in range(2):
        approved(factories.indicator(plan=plan, parent=group), "47")
    reassess(Indicator.objects.all())
    table = plan_table(plan, year=2023, user=person(Role.LEADER), on=TODAY)
    assert (table.by_number.total, table.by_row.total) == (1, 2)
    assert [row.depth for row in table.rows] == [0, 1, 1]


@pytest.mark.parametrize("state", [State.DRAFT, State.SUBMITTED, State.RETURNED])
@pytest.mark.parametrize(
    ("role", "sees"),
    [
        (Role.CLERK, True),
        (Role.REVIEWER, True),
        (Role.PLANNER, True),
        (Role.LEADER, False),
        (Role.ANALYST, False),
        (Role.SYSTEM, False),
    ],
)
def test_only_staff_see_what_is_not_approved(role: Role, state: State, sees: bool) -> None:
    indicator = factories.indicator()
    hidden = factories.actual(indicator=indicator, state=state)
    reader = person(role)
    row = plan_table(indicator.plan, year=2023, user=reader, on=TODAY).rows[0]
    page = indicator_page(indicator, user=reader, on=TODAY)
    assert row.actual == (hidden if sees else None)
    assert page.lines[2].actual == (hidden if sees else None)
    assert page.latest is None
    assert (page.chart or {})["actual"] == [None, None, None, "45" if sees else None, None, None]


def test_the_country_sees_what_is_approved_below_it_and_nothing_else() -> None:
    indicator = factories.indicator()
    approved(indicator, "44", 2022)
    factories.actual(indicator=indicator)
    clerk_of_the_country = person(Role.CLERK, in_region=factories.region("100000"))
    assert sorted(plan_table(indicator.plan, year=2023, user=clerk_of_the_country, on=TODAY).rows[0].actuals) == [2022]


@pytest.mark.parametrize("number", [1, 3])
def test_the_table_takes_five_queries(django_assert_num_queries: DjangoAssertNumQueries, number: int) -> None:
    plan, reader = factories.plan(), person()
    for _ in range(number):
        approved(factories.indicator(plan=plan, department=factories.department()), "47")
    reassess(Indicator.objects.all())
    plan = Plan.objects.get(pk=plan.pk)
    with django_assert_num_queries(5):
        plan_table(plan, year=2023, user=reader, on=TODAY)


# ---- How figures are written


@pytest.mark.parametrize(
    ("values", "decimals", "shown"),
    [
        ({"value": Decimal("47.5000")}, 0, "47.5"),
        ({"value": Decimal("47.0000")}, 1, "47.0"),
        ({"value": Decimal("0.0000")}, 0, "0"),
        ({"value": Decimal("0.0000")}, 2, "0.00"),
        ({"value": Decimal("12000.0000")}, 0, "12000"),
        ({"value": None, "judgement": "in_progress"}, 0, "推进中"),
        ({"value": None, "availability": Availability.MISSING}, 0, "暂缺"),
        ({"value": None, "availability": Availability.NOT_APPLICABLE}, 0, "不适用"),
    ],
)
def test_zero_is_zero_and_absence_is_a_word(values: dict[str, Any], decimals: int, shown: str) -> None:
    assert actual_shown(Actual(**values), decimals=decimals) == shown


def test_nothing_is_a_dash() -> None:
    assert actual_shown(None, decimals=2) == "—"
    assert target_shown(None, decimals=2) == "—"


@pytest.mark.parametrize(
    ("verdict", "year", "shown"),
    [
        (Verdict.UNREPORTED, 2023, Verdict.UNREPORTED),
        (Verdict.UNREPORTED, 2024, Verdict.NOT_DUE),
        (Verdict.UNREPORTED, 2025, Verdict.NOT_DUE),
        (Verdict.BEHIND, 2023, Verdict.BEHIND),
        (Verdict.BEHIND, 2024, Verdict.NOT_DUE),
        (Verdict.FALLEN_BACK, 2025, Verdict.NOT_DUE),
        (Verdict.SLIGHTLY_BEHIND, 2024, Verdict.NOT_DUE),
        (Verdict.NEARLY_MET, 2024, Verdict.NOT_DUE),
        (Verdict.ON_TRACK, 2024, Verdict.ON_TRACK),
        (Verdict.TRANSFERRED, 2024, Verdict.TRANSFERRED),
        (Verdict.UNJUDGED, 2025, Verdict.UNJUDGED),
    ],
)
def test_a_year_that_is_not_over_is_not_due_rather_than_missing(verdict: Verdict, year: int, shown: Verdict) -> None:
    assert shown_verdict_of(verdict, year=year, on=TODAY) is shown


def test_the_page_opens_with_the_last_approved_year() -> None:
    indicator = factories.indicator()
    factories.actual(indicator=indicator, year=2023)
    approved(indicator, "44", 2022)
    assert data_year(indicator.plan, on=TODAY) == 2022


@pytest.mark.parametrize(("year", "opens"), [(2020, 2021), (2022, 2021), (2024, 2023), (2026, 2025), (2040, 2025)])
def test_without_figures_the_page_opens_with_the_last_year_that_is_over(year: int, opens: int) -> None:
    assert data_year(factories.plan(), on=date(year, 6, 1)) == opens


# ---- What ought to be reached


@pytest.mark.parametrize(
    ("values", "year", "text"),
    [
        ({}, 2023, Promised("46", is_stated=False)),
        ({}, 2025, Promised("50", is_stated=True)),
        ({}, 2020, None),
        ({"target_year": 2024}, 2025, None),
        ({"baseline_value": None}, 2023, None),
        ({"target": None}, 2023, None),
        ({"kind": "cumulative"}, 2021, Promised("累计10", is_stated=False)),
        ({"kind": "cumulative"}, 2025, Promised("累计50", is_stated=True)),
        ({"kind": "annual_rate"}, 2023, None),
        ({"kind": "annual_rate"}, 2025, Promised("50", is_stated=True)),
        ({"baseline_value": Decimal(0)}, 2023, Promised("30", is_stated=False)),
    ],
)
def test_what_a_year_ought_to_reach_is_printed_or_read_off_the_line(
    values: dict[str, Any], year: int, text: Promised | None
) -> None:
    indicator = factories.indicator(**values)
    assert promised(indicator, current(indicator), year=year) == text


def test_an_interim_target_bends_the_path() -> None:
    indicator = factories.indicator()
    Target.objects.create(indicator=indicator, year=2023, value=Decimal(49), text="49")
    assert path_points(indicator, current(indicator)) == [(2020, 40), (2023, 49), (2025, 50)]
    assert promised(indicator, current(indicator), year=2024) == Promised("49.5", is_stated=False)


# ---- The indicator's page


def test_the_page_tells_the_years_the_versions_and_the_steps() -> None:
    indicator = factories.indicator()
    factories.open_round(indicator.plan, 2023)
    draft = factories.actual(indicator=indicator, value=Decimal(47))
    clerk, reviewer = person(), person(Role.REVIEWER)
    submitted = move_actual(actual=draft, move=Move.SUBMIT, by=clerk, version=1)
    move_actual(actual=submitted, move=Move.APPROVE, by=reviewer, version=2)
    page = indicator_page(indicator, user=person(Role.LEADER), on=TODAY)
    assert [(line.year, line.word) for line in page.lines] == [
        (2021, "未填报"),
        (2022, "未填报"),
        (2023, "符合预期"),
        (2024, "未到期"),
        (2025, "未到期"),
    ]
    assert page.latest == page.lines[2]
    assert [step.event.move for step in page.steps] == ["approve"]
    seen_by_the_clerk = indicator_page(indicator, user=clerk, on=TODAY).steps
    assert [step.event.move for step in seen_by_the_clerk] == ["approve", "submit"]
    assert (page.chart or {})["actual"] == [None, None, None, "47", None, None]
    assert (page.chart or {})["path"] == ["40", "42", "44", "46", "48", "50"]
    assert (page.chart or {})["years"] == [2020, 2021, 2022, 2023, 2024, 2025]
    assert page.has_demo is False


def test_the_steps_of_a_figure_under_review_are_for_staff_only() -> None:
    indicator = factories.indicator()
    draft = factories.actual(indicator=indicator)
    ActualEvent.objects.create(
        actual=draft,
        at=timezone.now(),
        by=person(),
        move="save",
        state=State.DRAFT,
        version=1,
        value=draft.value,
        availability="reported",
        figure_kind="final",
    )
    assert len(indicator_page(indicator, user=person(Role.REVIEWER), on=TODAY).steps) == 1
    assert indicator_page(indicator, user=person(Role.LEADER), on=TODAY).steps == []


def test_zero_and_nothing_stay_apart_in_the_chart() -> None:
    indicator = factories.indicator(baseline_value=Decimal(0))
    approved(indicator, "0", 2021)
    approved(indicator, "0", 2023)
    chart = indicator_page(indicator, user=person(Role.LEADER), on=TODAY).chart or {}
    assert chart["actual"] == [None, "0", None, "0", None, None]


def test_a_sum_with_a_gap_is_not_drawn_on_behind_the_gap() -> None:
    indicator = factories.indicator(kind="cumulative", baseline_value=None, unit="张")
    approved(indicator, "10", 2021)
    approved(indicator, "12", 2023)
    chart = indicator_page(indicator, user=person(Role.LEADER), on=TODAY).chart or {}
    assert (chart["years"], chart["actual"]) == ([2020, 2021, 2022, 2023, 2024, 2025], [None, "10", None] + [None] * 3)


def test_chart_and_formula_round_the_forecast_alike() -> None:
    """71 in 2020 and 73.98 in 2024 lead to 74.725 in 2025: half up 74.73, half to even 74.72."""
    indicator = factories.indicator(baseline_value=Decimal(71), baseline_text="71.00", decimals=2)
    indicator.targets.update(value=Decimal(75), text="75.00")
    actual = approved(indicator, "73.98", 2024)
    Actual.objects.filter(pk=actual.pk).update(text="73.98")
    reassess(Indicator.objects.filter(pk=indicator.pk))
    page = indicator_page(indicator, user=person(Role.LEADER), on=date(2025, 5, 6))
    assert (page.chart or {})["forecast"] == [None, None, None, None, "73.98", "74.73"]
    assert [found.value for found in page.derivations if found.name == "期末预测"] == ["74.73%"]


def test_the_same_metric_elsewhere_is_named_where_the_reader_may_see_it() -> None:
    metric = Metric.objects.create(
        code="nursing-beds", name="护理型床位占比", unit="%", theme=factories.theme(), direction="up"
    )
    here = factories.indicator(metric=metric)
    there = factories.indicator(metric=metric, plan=factories.plan(region=factories.region("330127", "淳安县")))
    factories.indicator()
    assert elsewhere_of(here, user=person(Role.LEADER), on=TODAY).neighbours == []
    national = person(Role.LEADER, in_region=factories.region("100000"))
    assert [row.indicator for row in elsewhere_of(here, user=national, on=TODAY).neighbours] == [there]


def test_what_is_measured_otherwise_elsewhere_is_marked() -> None:
    metric = Metric.objects.create(code="beds", name="床位", theme=factories.theme(), direction="up")
    here = factories.indicator(metric=metric, unit="张")
    there = factories.plan(region=factories.region("330127", "淳安县"), short_title="“十四五”")
    factories.indicator(metric=metric, unit="万张", kind="cumulative", definition="含在建", plan=there)
    (row,) = elsewhere_of(here, user=person(Role.LEADER, in_region=factories.region("100000")), on=TODAY).neighbours
    assert row.differences == ["单位为万张", "类型为累计", "口径说明不同"]
    assert (row.label, row.actual, row.standing.word) == ("淳安“十四五”", None, "未填报")


def test_the_same_measure_runs_on_from_one_plan_of_the_region_to_the_next() -> None:
    metric = Metric.objects.create(code="beds", name="床位", theme=factories.theme(), direction="up")
    before = factories.plan(start_year=2016, end_year=2020, short_title="“十三五”")
    early = factories.indicator(
        metric=metric, plan=before, target="40", target_year=2020, baseline_year=2015, baseline_value=Decimal(30)
    )
    here = factories.indicator(metric=metric)
    approved(early, "40", 2020)
    approved(here, "47")
    reassess(Indicator.objects.all())
    found = elsewhere_of(here, user=person(Role.LEADER), on=TODAY)
    assert [(line.plan.short_title, line.year, line.target) for line in found.lines] == [
        ("“十三五”", 2020, "40"),
        ("“十四五”", 2023, "—"),
        ("“十四五”", 2025, "50"),
    ]
    chart = found.chart or {}
    assert (chart["years"][0], chart["years"][-1]) == (2015, 2025)
    assert chart["actual"] == ["30", None, None, None, None, "40", None, None, "47", None, None]
    assert [other["name"] for other in chart["others"]] == ["“十三五”路径", "“十四五”路径"]
    assert elsewhere_of(factories.indicator(), user=person(Role.LEADER), on=TODAY).chart is None


def test_a_year_that_is_not_over_is_only_expected_and_never_red() -> None:
    indicator = factories.indicator()
    approved(indicator, "46", 2023)
    approved(indicator, "41", 2024, figure_kind="preliminary")
    reassess(Indicator.objects.all())
    page = indicator_page(indicator, user=person(Role.LEADER), on=TODAY)
    assert page.latest == page.lines[2]
    assert page.this_year == page.lines[3]
    line = page.lines[3]
    assert (line.word, line.light.value, line.foreseen, line.is_expected) == ("未到期", "grey", "预计滞后", True)
    assert (page.lines[4].word, page.lines[4].is_expected) == ("未到期", False)
    assert (page.chart or {})["preliminary"] == [2024]
    alone = factories.indicator()
    approved(alone, "41", 2024)
    assert indicator_page(alone, user=person(Role.LEADER), on=TODAY).latest is not None


def test_the_chart_looks_ahead_and_keeps_the_path_before_a_revision() -> None:
    indicator = factories.indicator()
    approved(indicator, "46", 2023)
    reassess(Indicator.objects.all())
    revise_target(
        indicator=indicator,
        year=2025,
        promise=Promise.read("45", unit="%"),
        counts_from=2024,
        reason="中期调整",
        approved_by_body="市人民政府",
        approval_number="1号",
        version=1,
        by=person(Role.PLANNER),
    )
    page = indicator_page(indicator, user=person(Role.LEADER), on=TODAY)
    chart = page.chart or {}
    assert chart["path"] == ["40", "41", "42", "43", "44", "45"]
    assert chart["others"] == [{"name": "调整前的路径", "values": ["40", "42", "44", "46", "48", "50"]}]
    assert chart["forecast"] == [None, None, None, "46", "48", "50"]
    assert page.forecast.endswith("到2025年为50%，届时评价为“超额完成”。")
    assert [target.text for target in page.revised_since] == ["45"]
    assert page.derivations[0].how == "（实际 − 基期）÷（目标 − 基期）=（46 − 40）÷（50 − 40）= 60.0%"


@pytest.mark.parametrize("number", [1, 3])
def test_the_page_takes_six_queries_and_what_is_elsewhere_four(
    django_assert_num_queries: DjangoAssertNumQueries, number: int
) -> None:
    metric = Metric.objects.create(code="beds", name="床位", theme=factories.theme(), direction="up")
    indicator, reader = factories.indicator(metric=metric), person(Role.REVIEWER)
    for year in range(2021, 2021 + number):
        factories.indicator(metric=metric)
        move_actual(actual=approved(indicator, "47", year), move=Move.REOPEN, by=reader, version=1, note="修订")
    indicator = Indicator.objects.select_related("plan__region", "plan__policy", "metric").get(pk=indicator.pk)
    with django_assert_num_queries(6):
        indicator_page(indicator, user=reader, on=TODAY)
    with django_assert_num_queries(4):
        elsewhere_of(indicator, user=reader, on=TODAY)


# ---- What waits for a person


def test_the_clerk_is_told_what_is_left_to_fill_and_the_reviewer_what_to_review() -> None:
    plan = factories.plan()
    round_ = factories.open_round(plan, 2023)
    rows = [factories.indicator(plan=plan) for _ in range(7)]
    factories.indicator(plan=plan, target=None, is_group=True)
    factories.actual(indicator=rows[0], state=State.DRAFT)
    factories.actual(indicator=rows[1], state=State.RETURNED)
    factories.actual(indicator=rows[2], state=State.SUBMITTED)
    approved(rows[3], "47")
    factories.actual(indicator=rows[4], value=None, availability=Availability.UNREPORTED)
    factories.actual(indicator=rows[5], value=None, availability=Availability.MISSING)
    (for_clerk,) = waiting_for(person(Role.CLERK), on=TODAY)
    assert for_clerk == Waiting(
        plan=plan,
        year=2023,
        due_on=round_.due_on,
        is_open=True,
        to_fill=2,
        drafts=2,
        returned=1,
        to_review=0,
        reminded_at=None,
    )
    assert for_clerk.total == 5
    (for_reviewer,) = waiting_for(person(Role.REVIEWER), on=TODAY)
    assert (for_reviewer.to_fill, for_reviewer.to_submit, for_reviewer.to_review) == (0, 0, 1)
    for role in (Role.LEADER, Role.ANALYST, Role.PLANNER, Role.SYSTEM):
        assert waiting_for(person(role), on=TODAY) == []


def test_a_closed_round_asks_for_no_figure_but_still_for_a_review() -> None:
    plan = factories.plan()
    closed = factories.open_round(plan, 2023, due_on=TODAY - timedelta(days=1))
    factories.indicator(plan=plan)
    factories.actual(indicator=factories.indicator(plan=plan), state=State.SUBMITTED)
    assert waiting_for(person(Role.CLERK), on=TODAY) == []
    (for_reviewer,) = waiting_for(person(Role.REVIEWER), on=TODAY)
    assert (for_reviewer.is_open, for_reviewer.to_review) == (False, 1)
    RoundExtension.objects.create(round=closed, until=TODAY, allowed_by=person(Role.PLANNER), reason="汛期")
    (for_clerk,) = waiting_for(person(Role.CLERK), on=TODAY)
    assert (for_clerk.is_open, for_clerk.to_fill) == (True, 1)


def test_an_extension_for_one_department_asks_only_its_clerks() -> None:
    plan, extended, other = factories.plan(), factories.department(), factories.department()
    closed = factories.open_round(plan, 2023, due_on=TODAY - timedelta(days=1))
    RoundExtension.objects.create(
        round=closed, department=extended, until=TODAY, allowed_by=person(Role.PLANNER), reason="汛期"
    )
    factories.indicator(plan=plan, department=extended)
    factories.indicator(plan=plan, department=other)
    (for_all,) = waiting_for(person(Role.CLERK), on=TODAY)
    assert for_all.to_fill == 1
    limited = factories.person(Role.CLERK)
    limited.memberships.get().departments.add(other)
    assert waiting_for(limited, on=TODAY) == []


def test_nothing_waits_elsewhere_nor_before_a_round_opens_nor_when_all_is_approved() -> None:
    plan = factories.plan()
    factories.open_round(plan, 2023)
    factories.open_round(plan, 2024, opens_on=date(2024, 5, 7))
    approved(factories.indicator(plan=plan), "47")
    assert waiting_for(person(Role.CLERK), on=TODAY) == []
    assert [w.year for w in waiting_for(person(Role.CLERK), on=date(2024, 5, 7))] == [2024]
    stranger = person(Role.CLERK, in_region=factories.region("330127", "淳安县"))
    assert waiting_for(stranger, on=date(2024, 5, 7)) == []


def test_a_clerk_of_one_department_is_told_of_its_rows_only() -> None:
    plan, own = factories.plan(), factories.department()
    factories.open_round(plan, 2023)
    factories.indicator(plan=plan, department=own)
    factories.indicator(plan=plan, department=factories.department())
    factories.indicator(plan=plan)
    clerk = factories.person(Role.CLERK)
    clerk.memberships.get().departments.add(own)
    assert [waiting.to_fill for waiting in waiting_for(clerk, on=TODAY)] == [1]


def test_what_a_person_entered_does_not_wait_for_their_own_review() -> None:
    both = factories.person(Role.CLERK)
    Membership.objects.create(user=both, region=factories.region(), role=Role.REVIEWER)
    plan = factories.plan()
    factories.open_round(plan, 2023)
    factories.actual(indicator=factories.indicator(plan=plan), state=State.SUBMITTED, entered_by=both)
    assert waiting_for(both, on=TODAY) == []


@pytest.mark.parametrize("number", [1, 3])
def test_what_waits_takes_six_queries(django_assert_num_queries: DjangoAssertNumQueries, number: int) -> None:
    for _ in range(number):
        plan = factories.plan()
        for year in range(2021, 2021 + number):
            factories.open_round(plan, year)
            factories.actual(indicator=factories.indicator(plan=plan), year=year, state=State.SUBMITTED)
    reader = factories.person(Role.CLERK)
    Membership.objects.create(user=reader, region=factories.region(), role=Role.REVIEWER)
    reader.can(Permission.SEE)
    with django_assert_num_queries(6):
        waiting_for(reader, on=TODAY)


def test_the_day_shown_is_the_first_on_which_one_of_the_persons_departments_closes() -> None:
    plan, extended, other = factories.plan(), factories.department(), factories.department()
    round_ = factories.open_round(plan, 2023, due_on=TODAY)
    for department in (extended, other):
        factories.indicator(plan=plan, department=department)
    later = TODAY + timedelta(days=10)
    RoundExtension.objects.create(
        round=round_, department=extended, until=later, allowed_by=person(Role.PLANNER), reason="汛期"
    )
    (today,) = waiting_for(person(Role.CLERK), on=TODAY)
    assert (today.to_fill, today.due_on) == (2, TODAY)
    (tomorrow,) = waiting_for(person(Role.CLERK), on=TODAY + timedelta(days=1))
    assert (tomorrow.to_fill, tomorrow.due_on) == (1, later)


def test_what_is_due_first_stands_first() -> None:
    plan = factories.plan()
    factories.indicator(plan=plan)
    late = factories.open_round(plan, 2022, due_on=TODAY)
    factories.open_round(plan, 2023, due_on=TODAY + timedelta(days=1))
    until = TODAY + timedelta(days=2)
    RoundExtension.objects.create(round=late, until=until, allowed_by=person(Role.PLANNER), reason="汛期")
    assert [item.year for item in waiting_for(person(Role.CLERK), on=TODAY)] == [2023, 2022]


def test_a_person_is_shown_the_last_reminder_that_went_out_to_them() -> None:
    clerk = factories.person(Role.CLERK, email="clerk@example.gov.cn")
    plan = factories.plan()
    round_ = factories.open_round(plan, 2023)
    factories.indicator(plan=plan)
    first, last = (datetime(2024, 5, day, tzinfo=UTC) for day in (2, 4))
    factories.reminder(round=round_, recipient=clerk, deadline=date(2024, 5, 3), tried_at=first)
    factories.reminder(round=round_, recipient=clerk, deadline=date(2024, 5, 5), tried_at=last)
    factories.reminder(round=round_, recipient=clerk, deadline=date(2024, 5, 7), tried_at=last, error="被拒收")
    factories.reminder(round=round_)
    assert [item.reminded_at for item in waiting_for(clerk, on=TODAY)] == [last]
    assert [item.reminded_at for item in waiting_for(person(Role.CLERK), on=TODAY)] == [None]
