"""How far an indicator has come on a scale of its own: 0 where it started, 1 at its final target."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from indicators.figures import Operator
from indicators.models import Indicator, Target
from indicators.paths import expected_value, reduction_share, share_reached
from indicators.verdicts import Direction, Kind

ZERO, ONE = Decimal(0), Decimal(1)

WITHOUT_WAY = {
    Kind.RELATIVE: "每年与对照值比较，没有固定的起点和终点",
    Kind.ANNUAL_RATE: "每年同一增速要求，没有起点和终点",
    Kind.QUALITATIVE: "定性目标，由人评价",
}


@dataclass(frozen=True, slots=True)
class Way:
    """From start to goal; `points` are (year, share) of the promised path.

    `is_ratio`: without a baseline to start from, so that the share is 实际 ÷ 目标 and never called 完成进度.
    """

    start: Decimal
    goal: Decimal
    points: tuple[tuple[int, Decimal], ...]
    is_ratio: bool = False
    is_logarithmic: bool = False

    def share(self, value: Decimal) -> Decimal | None:
        """The share of the way behind a figure, as the engine computes 完成进度 (DESIGN §4)."""
        if self.is_logarithmic:
            return reduction_share(reduced=value, promised=self.goal)
        return share_reached(baseline=self.start, target=self.goal, actual=value)

    def expected(self, year: int) -> Decimal | None:
        """Where the path stands at the end of a year; without a baseline only where the plan states it."""
        if self.is_ratio:
            return ONE if year >= self.points[-1][0] else dict(self.points).get(year)
        return expected_value(self.points, year=year)


def way_of(indicator: Indicator, targets: Mapping[int, Target]) -> Way | str:
    """The indicator's way, or in a few words why it has none."""
    kind = Kind(indicator.kind)
    if kind in WITHOUT_WAY:
        return WITHOUT_WAY[kind]
    if not targets:
        return "未设目标值"
    final = targets[max(targets)]
    if final.value is None:
        return f"目标为文字：{final.text}"
    is_up = _is_up(indicator, final)
    stated = [(year, _near(target, is_up=is_up)) for year, target in sorted(targets.items())]
    numbers = [(year, value) for year, value in stated if value is not None]
    goal = numbers[-1][1]
    if kind in (Kind.CUMULATIVE, Kind.CUMULATIVE_REDUCTION):
        if goal <= 0:
            return "目标不大于零，没有路程"
        is_logarithmic = kind == Kind.CUMULATIVE_REDUCTION
        return _way(indicator.plan.start_year - 1, ZERO, numbers, is_logarithmic=is_logarithmic)
    start, year = indicator.baseline_value, indicator.baseline_year
    if kind != Kind.HOLD and start is not None and year is not None and (goal > start if is_up else goal < start):
        return _way(year, start, [point for point in numbers if point[0] > year])
    reason = "缺基期" if start is None else "基期已达到目标，只需保持"
    if not is_up or goal <= 0:
        return f"{reason}，又是越低越好，画不出比例"
    return Way(ZERO, goal, tuple((at, value / goal) for at, value in numbers), is_ratio=True)


def _way(year: int, start: Decimal, numbers: list[tuple[int, Decimal]], *, is_logarithmic: bool = False) -> Way | str:
    way = Way(start, numbers[-1][1], (), is_logarithmic=is_logarithmic)
    shares = [(at, way.share(value)) for at, value in numbers]
    known = [(at, share) for at, share in shares if share is not None]
    if not known:
        return "降幅达到或超过100%，不能按累计降幅计算"
    return Way(start, way.goal, ((year, ZERO), *known), is_logarithmic=is_logarithmic)


def _is_up(indicator: Indicator, final: Target) -> bool:
    """≥ and ≤ say themselves which way is better, otherwise kind and direction do."""
    if indicator.kind in (Kind.CUMULATIVE_REDUCTION, Kind.CUMULATIVE):
        return True
    if final.operator in (Operator.GE, Operator.GT, Operator.LE, Operator.LT):
        return final.operator in (Operator.GE, Operator.GT)
    return indicator.direction == Direction.UP


def _near(target: Target, *, is_up: bool) -> Decimal | None:
    """The bound that is met first."""
    return target.upper if not is_up and target.upper is not None else target.value
