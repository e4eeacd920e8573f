"""The next plan from the last one: what is carried over, where the baseline comes from, what is only proposed."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.permissions import Role
from indicators.models import Actual, Indicator, State, Target
from plans.models import Plan
from reports.drafts.answers import settle
from reports.drafts.content import Content, DraftRow
from reports.drafts.rollover import excluded_ones, next_facts, roll_over, rows_offered
from tests import factories

pytestmark = pytest.mark.django_db
D = Decimal


def approved(indicator: Indicator, year: int, value: str, **values: Any) -> Actual:
    return factories.actual(indicator=indicator, year=year, value=D(value), state=State.APPROVED, **values)


def rolled(plan: Plan, *, proposes: bool = False) -> Content:
    rows = rows_offered(plan, user=factories.person(Role.PLANNER, plan.region))
    return roll_over(plan, rows, facts=next_facts(plan), proposes=proposes)


def only(content: Content) -> DraftRow:
    (row,) = content.rows
    return row


def said(content: Content) -> list[tuple[str, str]]:
    return [(doubt.name, doubt.question) for doubt in content.open_doubts]


def test_the_next_period_takes_the_names_of_the_old_one() -> None:
    facts = next_facts(factories.plan(short_title="老河口“十四五”"))
    assert (facts.title, facts.short_title) == ("民政事业发展“十五五”规划", "老河口“十五五”")
    assert (facts.start_year, facts.end_year, facts.publisher) == (2026, 2030, "老河口市民政局")
    yearly = factories.plan(kind="yearly", title="2025年工作要点", start_year=2025, end_year=2025)
    assert (next_facts(yearly).title, next_facts(yearly).end_year) == ("2026年工作要点", 2026)


def test_a_row_is_carried_over_with_what_it_is_and_whom_it_belongs_to() -> None:
    department = factories.department()
    old = factories.indicator(
        decimals=2, attribute="binding", direction="down", department=department, hard_maximum=D(100), target="50"
    )
    child = factories.indicator(plan=old.plan, parent=old, kind="hold")
    row, below = rolled(old.plan).rows
    assert (row.number, row.name, row.unit, row.decimals) == (old.number, old.name, "%", 2)
    assert (row.attribute, row.direction, row.department) == ("binding", "down", department.pk)
    assert (row.theme, row.theme_confirmed, row.metric_decided) == (old.theme_id, True, True)
    assert str(row.hard_maximum) == "100"
    assert (below.parent, below.kind, below.number) == (row.key, "hold", child.number)


def test_the_baseline_is_the_last_approved_figure_with_its_year_and_what_it_is() -> None:
    old = factories.indicator(decimals=1)
    approved(old, 2023, "44")
    approved(old, 2024, "46.5", figure_kind="preliminary")
    factories.actual(indicator=old, year=2025, value=D(99))  # a draft
    row = only(rolled(old.plan))
    assert (row.baseline_year, row.baseline_value, row.baseline_text) == (2024, D("46.5"), "46.5")
    assert row.printed["baseline"] == "已审核：46.5%（2024年，快报）"
    assert row.remark == "基期值取自“十四五”2024年已审核数据（快报）"
    assert said(rolled(old.plan)) == [("target", "2030年的目标值未定，请填写。")]


def test_without_an_approved_figure_the_baseline_is_empty_and_a_doubt() -> None:
    old = factories.indicator()
    factories.actual(indicator=old, year=2024, value=None, availability="missing", note="缺", state=State.APPROVED)
    content = rolled(old.plan)
    assert only(content).baseline_value is None
    assert said(content)[0] == (
        "baseline",
        "“十四五”没有已审核的数据，基期为空。请填写2025年的值，或确认基期暂缺。",
    )


def test_zero_is_a_baseline() -> None:
    old = factories.indicator()
    approved(old, 2025, "0")
    assert only(rolled(old.plan)).baseline_value == D(0)


def test_a_demo_figure_is_no_baseline_until_somebody_says_so_for_this_row() -> None:
    old = factories.indicator()
    approved(old, 2024, "46", is_demo=True)
    content = rolled(old.plan)
    row = only(content)
    assert (row.baseline_value, row.baseline_year) == (None, None)
    doubt = content.open_doubts[0]
    assert "是演示数据，没有用作基期" in doubt.question
    settle(content, doubt, doubt.choices[0][0])
    assert (row.baseline_value, row.baseline_year, row.remark) == (D(46), 2024, "基期值为演示数据（2024年）")


def test_an_older_real_figure_goes_before_a_newer_demo_one() -> None:
    old = factories.indicator()
    approved(old, 2022, "43")
    approved(old, 2024, "46", is_demo=True)
    content = rolled(old.plan)
    assert (only(content).baseline_year, only(content).baseline_value) == (2022, D(43))
    assert content.open_doubts[0].choices[1] == ("as_read", "用2022年的43")


def test_what_adds_up_over_a_plan_starts_anew() -> None:
    old = factories.indicator(kind="cumulative", unit="个")
    approved(old, 2024, "46")
    content = rolled(old.plan)
    assert only(content).baseline_value is None
    assert [name for name, _ in said(content)] == ["target"]
    assert only(content).printed["baseline"] == "上一期最近一年：46个（2024年，年报）"


def test_a_proposed_target_is_an_open_doubt_until_it_is_confirmed() -> None:
    old = factories.indicator(decimals=1)  # 40 in 2020
    approved(old, 2024, "48")  # 2 a year: 60 in 2030
    content = rolled(old.plan, proposes=True)
    (doubt,) = content.open_doubts
    assert doubt.question == (
        "2030年目标 60.0% 是建议值，须确认（按2020～2024年的平均每年变化延伸到2030年）。可改填其他目标。"
    )
    settle(content, doubt, doubt.choices[0][0])
    (target,) = only(content).targets
    assert (target.year, target.value, target.text, content.open_doubts) == (2030, D("60.0"), "60.0", [])


def test_a_proposal_from_demo_figures_says_so_and_the_remark_keeps_it() -> None:
    old = factories.indicator()
    approved(old, 2024, "48", is_demo=True)
    content = rolled(old.plan, proposes=True)
    doubt = content.open_doubts[1]
    assert "所据含演示数据" in doubt.question
    settle(content, doubt, doubt.choices[0][0])
    assert only(content).remark == "目标值按演示数据推算"


def test_a_words_target_is_proposed_again() -> None:
    old = factories.indicator(kind="qualitative", target=None)
    Target.objects.create(indicator=old, year=2025, operator="text", text="应保尽保")
    content = rolled(old.plan, proposes=True)
    assert only(content).targets[0].text == "应保尽保"
    assert [name for name, _ in said(content)] == ["target"]


def test_rows_ruled_out_are_not_chosen_and_take_the_rows_below_along() -> None:
    group = factories.indicator(is_group=True, target=None)
    below = factories.indicator(plan=group.plan, parent=group)
    stays = factories.indicator(plan=group.plan)
    factories.exclusion(indicator=group)
    rows = rows_offered(group.plan, user=factories.person(Role.PLANNER))
    assert excluded_ones(rows) == {group.pk, below.pk}
    assert stays.pk not in excluded_ones(rows)


def test_a_row_whose_parent_is_not_chosen_stands_by_itself_and_a_group_alone_is_none() -> None:
    group = factories.indicator(is_group=True, target=None)
    below = factories.indicator(plan=group.plan, parent=group)
    rows = rows_offered(group.plan, user=factories.person(Role.PLANNER))
    facts = next_facts(group.plan)
    alone = roll_over(group.plan, [row for row in rows if row.pk == below.pk], facts=facts, proposes=False)
    assert only(alone).parent == ""
    bare = roll_over(group.plan, [row for row in rows if row.pk == group.pk], facts=facts, proposes=False)
    assert only(bare).is_group is False


@pytest.mark.parametrize("count", [1, 3])
def test_however_many_rows_the_queries_stay_the_same(count: int) -> None:
    plan, user = factories.plan(), factories.person(Role.PLANNER)
    for _ in range(count):
        approved(factories.indicator(plan=plan), 2024, "45")
    with CaptureQueriesContext(
        connection,
    ) as queries:
        content = roll_over(plan, rows_offered(plan, user=user), facts=next_facts(plan), proposes=True)
    assert len(content.rows) == count
    assert len(queries) == 6
