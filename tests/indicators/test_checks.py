"""What is asked of a figure before it is passed on: each rule at its edge, in the words a clerk reads."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from accounts.permissions import Role
from indicators.checks import Problem, candidate, problems_of
from indicators.models import Actual, Availability, Indicator, State
from indicators.moves import Move
from indicators.workflow import Unfit, move_actual
from tests import factories

pytestmark = pytest.mark.django_db

NAME = "第4项“养老机构护理型床位占比”："


def indicator(**values: Any) -> Indicator:
    """The fourth row: 40 % in 2020, 50 % in 2025; the path asks for 46 in 2023."""
    values.setdefault("number", "4")
    return factories.indicator(**values)


def asked(row: Indicator, value: str | None = "47", **values: Any) -> list[Problem]:
    """What the checks say about a figure of 2023."""
    values.setdefault("text", value or "")
    actual = Actual(indicator=row, year=2023, value=None if value is None else Decimal(value), **values)
    return problems_of(
        candidate(
            actual, targets=row.targets.filter(is_current=True), others=Actual.objects.approved().filter(indicator=row)
        )
    )


def hard(message: str) -> Problem:
    return Problem(message, is_hard=True, about=NAME.removesuffix("："))


def query(message: str) -> Problem:
    return Problem(message, is_hard=False, about=NAME.removesuffix("："))


def test_a_figure_on_its_path_raises_no_question() -> None:
    assert asked(indicator()) == []


# ---- Refused whatever is written beside it


@pytest.mark.parametrize("note", ["", "没有"])
def test_a_blank_row_is_not_passed_on(note: str) -> None:
    assert asked(indicator(), None, availability=Availability.UNREPORTED, note=note) == [
        hard("尚未填写。没有数据请选“暂缺”或“不适用”并说明原因。")
    ]


@pytest.mark.parametrize(("availability", "word"), [("missing", "暂缺"), ("not_applicable", "不适用")])
def test_an_absence_needs_its_reason(availability: str, word: str) -> None:
    assert asked(indicator(), None, availability=availability) == [hard(f"{word}，请在说明中写明原因。")]
    assert asked(indicator(), None, availability=availability, note="机构改革，职能划转") == []


@pytest.mark.parametrize("value", ["0", "0.0001", "47", "99.9999", "100"])
def test_hard_bounds_include_their_ends(value: str) -> None:
    row = indicator(hard_minimum=Decimal(0), hard_maximum=Decimal(100))
    assert [problem for problem in asked(row, value) if problem.is_hard] == []


@pytest.mark.parametrize(
    ("bounds", "value", "message"),
    [
        ({"hard_minimum": Decimal(0), "hard_maximum": Decimal(100)}, "480", "应为0～100，现为480。是否少了小数点？"),
        (
            {"hard_minimum": Decimal(0), "hard_maximum": Decimal(100)},
            "100.0001",
            "应为0～100，现为100.0001。是否少了小数点？",
        ),
        ({"hard_minimum": Decimal(0), "hard_maximum": Decimal(100)}, "-0.0001", "应为0～100，现为-0.0001。"),
        ({"hard_maximum": Decimal("99.5")}, "100", "应为不高于99.5%，现为100。是否少了小数点？"),
        ({"hard_minimum": Decimal(10)}, "9.9", "应为不低于10%，现为9.9。"),
    ],
)
def test_a_figure_outside_its_hard_bounds_is_refused(bounds: dict[str, Any], value: str, message: str) -> None:
    problems = asked(indicator(**bounds), value)
    assert [problem for problem in problems if problem.is_hard] == [hard(message)]
    assert problems[0] == hard(message)


def test_a_figure_to_compare_needs_its_comparator() -> None:
    row = indicator(kind="relative", target=None)
    assert asked(row, "5") == [hard("要与对照值比较，请填写本年度的对照值。")]
    assert asked(row, "5", comparator=Decimal(5)) == []
    assert asked(row, "0", comparator=Decimal(0)) == []


def test_a_row_with_a_target_in_figures_needs_a_figure() -> None:
    row = factories.indicator(number="4", name="养老机构护理型床位占比")
    judged = factories.actual(indicator=row, value=None, text="", judgement="met")
    found = problems_of(candidate(judged, targets=row.targets.all(), others=[]))
    assert [problem.message for problem in found if problem.is_hard] == [
        "第4项“养老机构护理型床位占比”：有数值目标，请填写数值。"
    ]


def test_a_qualitative_row_needs_its_judgement() -> None:
    row = indicator(kind="qualitative", target=None)
    assert asked(row, "5") == [hard("为定性指标，请选择定性结论。")]
    assert asked(row, None, judgement="met") == []


def test_a_row_without_target_figures_may_be_judged_instead_of_measured() -> None:
    row = indicator(target=None)
    assert asked(row, None, judgement="in_progress") == []


# ---- Asked, and settled by a written reason


def test_a_share_written_where_a_percentage_is_meant_is_asked_about() -> None:
    assert query("是否为 85.6%？") in asked(indicator(), "0.856")
    assert query("是否为 85.6%？") not in asked(indicator(unit="倍", target="1"), "0.856")


def year_before(row: Indicator, value: str, **values: Any) -> None:
    values.setdefault("state", State.APPROVED)
    factories.actual(indicator=row, year=2022, value=Decimal(value), **values)


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ("120", None),
        ("80", None),
        ("120.1", "比上年（100张）变动20.1%，超过20%。"),
        ("79.9", "比上年（100张）变动20.1%，超过20%。"),
        ("0", "比上年（100张）变动100.0%，超过20%。"),
    ],
)
def test_a_change_above_the_limit_is_asked_about(value: str, message: str | None) -> None:
    row = indicator(kind="hold", target="0", baseline_value=Decimal(0), unit="张", change_limit=Decimal(20))
    year_before(row, "100")
    assert asked(row, value) == ([query(message)] if message else [])


def test_a_change_is_measured_against_the_size_of_a_negative_year() -> None:
    row = indicator(kind="hold", target="-20", baseline_value=Decimal(0), unit="‰", change_limit=Decimal(20))
    year_before(row, "-10")
    assert asked(row, "-12") == []
    assert asked(row, "-12.1") == [query("比上年（-10‰）变动21.0%，超过20%。")]


@pytest.mark.parametrize("before", ["0", None, "draft", "older"])
def test_without_a_year_to_compare_with_no_change_is_asked_about(before: str | None) -> None:
    row = indicator(kind="hold", target="0", baseline_value=Decimal(0), unit="张", change_limit=Decimal(20))
    if before == "0":
        year_before(row, "0")
    elif before == "draft":
        year_before(row, "100", state=State.DRAFT)
    elif before == "older":
        factories.actual(indicator=row, year=2021, value=Decimal(100), state=State.APPROVED)
    assert asked(row, "900") == []


@pytest.mark.parametrize(
    ("value", "attribute", "opening"),
    [
        ("46", "expected", None),
        ("45.1", "expected", "按此数据指标评价为“轻度滞后”。"),
        ("45", "expected", "按此数据指标评价为“滞后”。"),
        ("39", "unstated", "按此数据指标评价为“滞后”。"),
        ("45.1", "binding", "按此数据约束性指标评价为“轻度滞后”。"),
        ("45", "binding", "按此数据约束性指标评价为“滞后”。"),
        ("46", "binding", None),
    ],
)
def test_a_figure_behind_the_path_is_asked_about(value: str, attribute: str, opening: str | None) -> None:
    said = [problem.message for problem in asked(indicator(attribute=attribute), value)]
    assert len(said) == (1 if opening else 0)
    if opening:
        assert said[0].startswith(f"{NAME}{opening}2023年实际值{value}，应达46，")


def test_nearly_met_is_asked_about_only_where_it_would_excuse_nothing() -> None:
    """基本完成 is yellow; a binding indicator has no tolerance and is 未完成 there."""
    assert asked(indicator(target="50", target_year=2023), "49.8") == []
    said = asked(indicator(target="50", target_year=2023, attribute="binding"), "49.8")
    assert [problem.message.split("。")[0] for problem in said] == [f"{NAME}按此数据约束性指标评价为“未完成”"]


@pytest.mark.parametrize(
    ("values", "value", "message"),
    [
        ({}, "60", None),
        ({}, "60.1", "达到目标值的120.2%，明显超出目标。"),
        ({"direction": "down", "baseline_value": Decimal(90)}, "70", None),
        ({"kind": "cumulative", "unit": "张"}, "90", None),
        ({"target": None}, "90", None),
    ],
    ids=["at_the_limit", "above", "less_is_better", "sum", "without_target"],
)
def test_a_level_far_beyond_its_target_is_asked_about(values: dict[str, Any], value: str, message: str | None) -> None:
    said = [problem for problem in asked(indicator(**values), value) if "超出目标" in problem.message]
    assert said == ([query(message)] if message else [])


def test_all_problems_are_said_at_once_and_the_hard_ones_first() -> None:
    row = indicator(hard_minimum=Decimal(1), hard_maximum=Decimal(100), change_limit=Decimal(10))
    year_before(row, "45")
    said = asked(row, "0.856")
    assert [problem.is_hard for problem in said] == [True, False, False, False]
    assert said[:3] == [
        hard("应为1～100，现为0.856。"),
        query("是否为 85.6%？"),
        query("比上年（45%）变动98.1%，超过10%。"),
    ]


def test_the_figure_of_the_year_itself_is_judged_as_typed_not_as_approved_before() -> None:
    row = indicator()
    factories.actual(indicator=row, year=2023, value=Decimal(41), state=State.APPROVED)
    assert asked(row, "47") == []


# ---- At submit


def test_a_note_settles_every_question() -> None:
    row = indicator(change_limit=Decimal(10))
    factories.open_round(row.plan, 2023)
    year_before(row, "42")
    clerk = factories.person(Role.CLERK)
    draft = factories.actual(indicator=row, value=Decimal(61))
    with pytest.raises(Unfit) as raised:
        move_actual(actual=draft, move=Move.SUBMIT, by=clerk, version=1)
    assert str(raised.value) == (
        f"{NAME}比上年（42%）变动45.2%，超过10%。{NAME}达到目标值的122.0%，明显超出目标。请在说明中写明原因后再提交。"
    )
    Actual.objects.filter(pk=draft.pk).update(note="新建机构投用")
    assert move_actual(actual=draft, move=Move.SUBMIT, by=clerk, version=1).state == State.SUBMITTED


def test_a_note_never_settles_a_hard_problem() -> None:
    row = indicator(kind="relative", target=None)
    factories.open_round(row.plan, 2023)
    draft = factories.actual(indicator=row, value=Decimal(5), note="对照值未公布")
    with pytest.raises(Unfit) as raised:
        move_actual(actual=draft, move=Move.SUBMIT, by=factories.person(Role.CLERK), version=1)
    assert str(raised.value) == f"{NAME}要与对照值比较，请填写本年度的对照值。"
