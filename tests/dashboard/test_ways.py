"""The scale of each indicator: from where it started to its final target."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from dashboard.ways import Way, way_of
from indicators.figures import Operator
from indicators.models import Actual, Assessment, Indicator, State, Target
from indicators.queries import totals_of
from tests import factories

pytestmark = pytest.mark.django_db
D = Decimal


def way(indicator: Indicator) -> Way | str:
    return way_of(indicator, {target.year: target for target in indicator.targets.filter(is_current=True)})


def drawn(**values: Any) -> Way:
    found = way(factories.indicator(**values))
    assert isinstance(found, Way)
    return found


def test_the_way_runs_from_the_baseline_to_the_target_in_either_direction() -> None:
    up = drawn()
    assert (up.share(D(40)), up.share(D(45)), up.share(D(50)), up.share(D(38))) == (0, D("0.5"), 1, D("-0.2"))
    assert [up.expected(year) for year in (2020, 2023, 2025)] == [0, D("0.6"), 1]
    down = drawn(direction="down", baseline_value=D(60))
    assert (down.share(D(60)), down.share(D(55)), down.share(D(50))) == (0, D("0.5"), 1)


def test_an_interim_target_bends_the_path() -> None:
    indicator = factories.indicator()
    Target.objects.create(indicator=indicator, year=2022, value=D(48), text="48")
    found = way(indicator)
    assert isinstance(found, Way)
    assert [found.expected(year) for year in (2021, 2022)] == [D("0.4"), D("0.8")]


def test_a_sum_starts_from_nothing_in_the_year_before_the_plan() -> None:
    found = drawn(kind="cumulative", baseline_value=None, baseline_year=None)
    assert (found.share(D(20)), found.expected(2021), found.is_ratio) == (D("0.4"), D("0.2"), False)


def test_a_reduction_is_measured_by_logarithms() -> None:
    found = drawn(kind="cumulative_reduction", baseline_value=None, target="17")
    assert round(found.share(D("4.87")) or D(0), 3) == D("0.268")
    assert found.expected(2023) == D("0.6")


@pytest.mark.parametrize(
    "values",
    [{"baseline_value": None}, {"kind": "hold"}, {"baseline_value": D(50)}, {"baseline_value": D(55)}],
    ids=["no baseline", "kept", "there already", "beyond already"],
)
def test_without_a_way_to_go_the_figure_is_compared_with_the_target(values: dict[str, Any]) -> None:
    found = drawn(**values)
    assert (found.is_ratio, found.share(D(45))) == (True, D("0.9"))
    assert [found.expected(year) for year in (2023, 2025)] == [None, 1]


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        ({"target": None}, "未设目标值"),
        ({"kind": "relative"}, "每年与对照值比较，没有固定的起点和终点"),
        ({"kind": "annual_rate"}, "每年同一增速要求，没有起点和终点"),
        ({"kind": "qualitative"}, "定性目标，由人评价"),
        ({"direction": "down", "baseline_value": None}, "缺基期，又是越低越好，画不出比例"),
        ({"direction": "down", "baseline_value": D(45)}, "基期已达到目标，只需保持，又是越低越好，画不出比例"),
        ({"baseline_value": None, "target": "0"}, "缺基期，又是越低越好，画不出比例"),
        ({"kind": "cumulative", "target": "0"}, "目标不大于零，没有路程"),
        ({"kind": "cumulative_reduction", "target": "100"}, "降幅达到或超过100%，不能按累计降幅计算"),
    ],
)
def test_what_has_no_way_says_why(values: dict[str, Any], reason: str) -> None:
    assert way(factories.indicator(**values)) == reason


def test_a_target_in_words_is_the_reason() -> None:
    indicator = factories.indicator(target=None)
    Target.objects.create(indicator=indicator, year=2025, operator=Operator.TEXT, text="应保尽保")
    assert way(indicator) == "目标为文字：应保尽保"


def test_sums_stop_at_the_first_missing_year() -> None:
    yearly = {2021: D(10), 2022: D(5), 2024: D(7)}
    assert totals_of(factories.indicator(kind="cumulative"), yearly) == {2021: 10, 2022: 15}
    assert totals_of(factories.indicator(), yearly) == yearly
    reduced = totals_of(factories.indicator(kind="cumulative_reduction"), {2021: D(10), 2022: D(10)})
    assert reduced == {2021: 10, 2022: 19}


@pytest.mark.usefixtures("five_documents")
def test_bars_say_what_the_engine_says_of_the_five_documents() -> None:
    """Every stored 完成进度 is the share of the bar, wherever the bar has a way of its own."""
    compared = 0
    for found in Assessment.objects.exclude(progress=None).select_related("indicator__plan"):
        indicator = found.indicator
        scale = way(indicator)
        approved = Actual.objects.filter(indicator=indicator, state=State.APPROVED).exclude(value=None)
        totals = totals_of(indicator, {actual.year: actual.value for actual in approved if actual.value is not None})
        if isinstance(scale, Way) and not scale.is_ratio and found.year in totals:
            assert round(scale.share(totals[found.year]) or D(0), 4) == found.progress, indicator
            compared += 1
    assert compared > 0
