"""What is proposed for the next plan: redone by hand for each kind."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from indicators.figures import Operator
from indicators.verdicts import Direction, Kind
from reports.drafts.proposals import Past, proposal

D = Decimal


def past(**values: Any) -> Past:
    """A level in 张: 30 in 2020, 40 in 2024, one decimal."""
    given: dict[str, Any] = {
        "kind": Kind.LEVEL,
        "direction": Direction.UP,
        "unit": "张",
        "decimals": 1,
        "baseline": (2020, D(30)),
        "reached": {2022: D(36), 2024: D(40)},
        "promised": D(42),
        "operator": Operator.EQ,
    }
    return Past(**given | values)


def proposed(**values: Any) -> str:
    found = proposal(past(**values), year=2030, years=5)
    return "" if found is None else str(found.value if found.value is not None else found.text)


def test_a_level_goes_on_by_its_yearly_step() -> None:
    # 10 in four years is 2.5 a year; six years after 2024 that is 15 more
    found = proposal(past(), year=2030, years=5)
    assert found is not None
    assert (found.operator, found.value) == (Operator.EQ, D("55.0"))
    assert found.how == "按2020～2024年的平均每年变化延伸到2030年"


@pytest.mark.parametrize(
    ("values", "value"),
    [
        ({"reached": {2024: D(29)}}, "29.0"),  # it fell: kept, not proposed to fall further
        ({"direction": Direction.DOWN, "reached": {2024: D(20)}}, "5.0"),  # 30 − 10 in four years
        ({"direction": Direction.DOWN, "reached": {2024: D(20)}, "minimum": D(8)}, "8.0"),
        ({"direction": Direction.DOWN}, "40.0"),
        ({"maximum": D(50)}, "50.0"),
        ({"unit": "%", "reached": {2024: D(90)}}, "100.0"),  # a share is at most whole
        ({"unit": "%", "reached": {2024: D(110)}}, "230.0"),  # this one is no share
        ({"baseline": None, "reached": {2024: D(40)}}, "40.0"),
        ({"baseline": None, "reached": {2021: D(34), 2024: D(40)}}, "52.0"),
        ({"reached": {}}, ""),
        ({"reached": {2024: D(0)}, "direction": Direction.DOWN, "minimum": D(0)}, "0.0"),
        ({"kind": Kind.HOLD}, "40.0"),
        ({"kind": Kind.RANGE}, ""),
        ({"kind": Kind.CUMULATIVE, "reached": {2021: D(10), 2022: D(13)}}, "57.5"),  # 11.5 a year, five years
        ({"kind": Kind.ANNUAL_RATE, "reached": {2021: D(5), 2022: D(5)}}, "5.0"),
        ({"kind": Kind.ANNUAL_RATE, "reached": {2021: D(-100)}}, ""),
        ({"kind": Kind.CUMULATIVE_REDUCTION, "reached": {2021: D(10), 2022: D(10)}}, "41.0"),  # 1 − 0.9⁵
        ({"kind": Kind.CUMULATIVE_REDUCTION, "reached": {2021: D(100)}}, ""),
        ({"kind": Kind.QUALITATIVE, "words": "应保尽保", "reached": {}}, "应保尽保"),
        ({"kind": Kind.RELATIVE, "words": "不低于增速"}, "不低于增速"),
        ({"kind": Kind.QUALITATIVE}, ""),
    ],
)
def test_each_kind_goes_on_in_its_own_way(values: dict[str, Any], value: str) -> None:
    assert proposed(**values) == value


def test_a_half_is_rounded_up_to_the_decimals_of_the_row() -> None:
    assert proposed(decimals=0, baseline=(2020, D(30)), reached={2024: D("30.2")}) == "31"  # 30.2 + 0.3 = 30.5


def test_a_floor_stays_a_floor_and_a_range_becomes_a_figure() -> None:
    kept = [proposal(past(operator=one), year=2030, years=5) for one in (Operator.GE, Operator.LE, Operator.RANGE)]
    assert [found and found.operator for found in kept] == [Operator.GE, Operator.LE, Operator.EQ]
