"""One indicator seen from one year: where it started, what it reached, and along which path it was to go.

Pure. `Case` is the indicator before its kind is looked at; `Track` is a case that a kind's rule has brought
to one figure running from a baseline to a target. The verdicts are given in `assessment`, the formulas are
in `paths`.
"""

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import NamedTuple

from indicators.figures import Operator, round_half_up
from indicators.paths import (
    ONE,
    ZERO,
    expected_value,
    log_reduction,
    reduction_from_log,
    share_reached,
    time_share,
    trend_forecast,
)
from indicators.verdicts import (
    VERDICT_LIGHTS,
    ActualPoint,
    Direction,
    Finding,
    IndicatorFacts,
    Kind,
    Policy,
    TargetPoint,
    Verdict,
)


@dataclass(frozen=True, slots=True)
class Case:
    """One indicator in one year, before its kind is looked at."""

    facts: IndicatorFacts
    year: int
    policy: Policy
    actual: ActualPoint

    @property
    def targets(self) -> list[TargetPoint]:
        """The targets with a figure, in the order of years."""
        return sorted((point for point in self.facts.targets if is_numeric(point)), key=lambda point: point.year)

    @property
    def final_year(self) -> int:
        return max((point.year for point in self.facts.targets), default=self.facts.end_year)

    @property
    def origin(self) -> int:
        """The year y0 from which time counts; a sum starts with the plan, whatever the baseline's year."""
        starts_at_baseline = self.facts.kind in (Kind.LEVEL, Kind.RANGE, Kind.HOLD)
        if starts_at_baseline and self.facts.baseline_year is not None:
            return self.facts.baseline_year
        return self.facts.start_year - 1

    @property
    def is_closing(self) -> bool:
        """Whether the final words apply: from the final year on, and in the own year of an interim target."""
        return self.year >= self.final_year or any(point.year == self.year for point in self.facts.targets)

    @property
    def is_judged_by_person(self) -> bool:
        """Whether the final target is in words only, so that no figure can decide."""
        final = [point for point in self.facts.targets if point.year == self.final_year]
        return bool(final) and not is_numeric(final[-1])

    @property
    def sign(self) -> int:
        """+1 where more is better: ≥ and ≤ say it themselves, otherwise kind or direction does."""
        operator = self.targets[-1].operator if self.targets else Operator.EQ
        if self.facts.kind is Kind.CUMULATIVE_REDUCTION:
            return 1
        if operator in (Operator.GE, Operator.GT):
            return 1
        if operator in (Operator.LE, Operator.LT):
            return -1
        return 1 if self.facts.kind is Kind.CUMULATIVE or self.facts.direction is Direction.UP else -1

    @property
    def change(self) -> Decimal | None:
        """The year's figure less the year before; before the first year stands a level's baseline."""
        known = {point.year: point.value for point in self.facts.actuals}
        if self.facts.kind in (Kind.LEVEL, Kind.RANGE, Kind.HOLD):
            known.setdefault(self.origin, self.facts.baseline)
        before = known.get(self.year - 1)
        return None if before is None or self.actual.value is None else self.actual.value - before

    def parts(self) -> tuple[list[Decimal], list[int]]:
        """The yearly figures of the plan up to this year, and the years without one."""
        years = range(self.facts.start_year, min(self.year, self.facts.end_year) + 1)
        known = {point.year: point.value for point in self.facts.actuals if point.value is not None}
        return [known[year] for year in years if year in known], [year for year in years if year not in known]

    def decimals(self, target: TargetPoint) -> int:
        """The finer of the decimals of A and T; never coarser than the figures, lest a lag be hidden."""
        values = ((self.actual.value, self.actual.decimals), (target.value, target.decimals))
        return max(max(decimals_of(value), decimals) for value, decimals in values)

    def unreported(self, *, is_due: bool) -> Finding:
        if is_due:
            return self.finding(Verdict.UNREPORTED, f"{self.year}年实际值尚未填报。")
        return self.finding(Verdict.NOT_DUE, f"{self.year}年填报尚未到期。")

    def finding(self, verdict: Verdict, reason: str, *, is_met: bool | None = None) -> Finding:
        """A finding without figures of its own."""
        passed = time_share(origin=self.origin, final=self.final_year, year=self.year)
        return Finding(
            self.year,
            verdict,
            VERDICT_LIGHTS[verdict],
            reason,
            round_half_up(passed, 6),
            is_met,
            change=self.change,
        )


class Scale(NamedTuple):
    """The ruler on which equal steps are equal effort: plain for levels, logarithmic for reductions."""

    to: Callable[[Decimal], Decimal]
    back: Callable[[Decimal], Decimal]


PLAIN = Scale(lambda value: value, lambda value: value)
LOGARITHMIC = Scale(log_reduction, reduction_from_log)


@dataclass(frozen=True, slots=True)
class Track:
    """A case brought to one figure that runs from a baseline along a path to a target."""

    case: Case
    reached: Decimal
    baseline: Decimal | None
    history: tuple[tuple[int, Decimal], ...]
    targets: tuple[TargetPoint, ...]
    scale: Scale = PLAIN
    is_flat: bool = False  # a rate: the same bound every year, no way to go

    @property
    def final(self) -> TargetPoint:
        return self.targets[-1]

    @property
    def target(self) -> TargetPoint:
        """The target that counts now: the next stated one, from the final year on the final one."""
        return next((point for point in self.targets if point.year >= self.case.year), self.final)

    @property
    def is_stated(self) -> bool:
        return self.target.year == self.case.year

    @property
    def judged_target(self) -> TargetPoint:
        return self.target if self.is_hold or self.is_flat or self.is_stated else self.final

    @property
    def decimals(self) -> int:
        return self.case.decimals(self.final)

    @property
    def step(self) -> Decimal:
        """One printed step: 0.1 where one decimal is printed."""
        return ONE.scaleb(-self.decimals)

    @property
    def is_hold(self) -> bool:
        """Declared as kept, or at the target since the baseline: nothing to gain, only to lose."""
        if self.case.facts.kind is Kind.HOLD:
            return True
        return not self.is_flat and self.baseline is not None and self.meets(self.final, self.baseline, step=ZERO)

    def near(self, target: TargetPoint) -> Decimal:
        """The bound that is met first: the lower one on the way up, the upper one on the way down."""
        return target.upper if self.case.sign < 0 and target.upper is not None else printed_value(target)

    def far(self, target: TargetPoint) -> Decimal:
        """The bound behind the near one; the same where only one figure is printed."""
        return target.upper if self.case.sign > 0 and target.upper is not None else printed_value(target)

    def shortfall(self, target: TargetPoint, value: Decimal) -> Decimal:
        """How far `value` is outside the target, negative inside; the far bound counts only in a band."""
        short = self.case.sign * (self.near(target) - value)
        return max(short, self.case.sign * (value - self.far(target))) if target.is_band else short

    def meets(self, target: TargetPoint, value: Decimal, *, step: Decimal | None = None) -> bool:
        """> and < strictly, the others also when less than one printed step is missing."""
        short = self.shortfall(target, value)
        if target.operator in (Operator.GT, Operator.LT):
            return short < 0
        return short <= 0 or short < (self.step if step is None else step)

    def expected(self, year: int) -> Decimal | None:
        """E: a stated yearly target, else the lines through baseline and targets, or a hold's bound."""
        stated = next((point for point in self.targets if point.year == year), None)
        if stated or year >= self.final.year:
            return self.near(stated or self.final)
        if self.is_hold or self.is_flat:
            return self.near(self.target)
        if self.baseline is None:
            return None
        points = [(point.year, self.near(point)) for point in self.targets if point.year > self.case.origin]
        scaled = [(at, self.scale.to(value)) for at, value in ((self.case.origin, self.baseline), *points)]
        return self.scale.back(expected_value(scaled, year=year))

    def share(self, goal: Decimal | None, value: Decimal) -> Decimal | None:
        """The share of the way from the baseline to `goal` that `value` has gone."""
        if goal is None or self.baseline is None:
            return None
        start, end, at = (self.scale.to(figure) for figure in (self.baseline, goal, value))
        return share_reached(baseline=start, target=end, actual=at)

    @property
    def comparison(self) -> Decimal | None:
        """k = (A − B) / (E − B); None without B, and where the path rests on B or runs the other way."""
        expected = self.expected(self.case.year)
        if self.is_hold or expected is None or self.baseline is None:
            return None
        if self.case.sign * (expected - self.baseline) <= 0:
            return None
        return self.share(expected, self.reached)

    @property
    def forecast(self) -> Decimal | None:
        """The trend extended to the final year; None from the final year on and for rates."""
        if self.is_flat or self.case.year >= self.final.year:
            return None
        ahead = trend_forecast([(at, self.scale.to(value)) for at, value in self.history], year=self.final.year)
        return None if ahead is None else rounded(self._possible(self.scale.back(ahead)))

    def _possible(self, value: Decimal) -> Decimal:
        """The nearest figure the indicator can have: a trend may run past 100 %, a share cannot."""
        low, high = self.case.facts.minimum, self.case.facts.maximum
        value = value if low is None else max(low, value)
        return value if high is None else min(high, value)

    @property
    def needed_per_year(self) -> Decimal | None:
        """(T − A) / years left; for a reduction the equal yearly percent that would still get there."""
        left = self.final.year - self.case.year
        if left <= 0 or self.is_flat or self.meets(self.final, self.reached):
            return None
        # Beyond a band the way back leads to its far bound.
        is_beyond = self.case.sign * (self.near(self.final) - self.reached) <= 0
        goal = self.far(self.final) if is_beyond and self.final.is_band else self.near(self.final)
        return self.scale.back((self.scale.to(goal) - self.scale.to(self.reached)) / left)

    def closing_verdict(self, target: TargetPoint, value: Decimal) -> Verdict:
        """超额完成 · 完成 · 基本完成 · 未完成, the final words.

        超额完成 is beyond the target (a printed range: beyond its far end) by more than one printed step; a
        declared band and a figure that is only to be kept cannot be exceeded. 基本完成 is short by at most
        `nearly_met_within` of the target, and never said of a binding indicator.
        """
        if self.meets(target, value):
            beyond = self.case.sign * (value - self.far(target))
            can_exceed = not target.is_band and self.case.facts.kind is not Kind.HOLD
            return Verdict.EXCEEDED if can_exceed and beyond > self.step else Verdict.MET
        allowed = self.case.policy.nearly_met_within * abs(self.near(target))
        is_near = not self.case.facts.is_binding and allowed > 0 and self.shortfall(target, value) <= allowed
        return Verdict.NEARLY_MET if is_near else Verdict.NOT_MET

    def was_inside(self) -> bool:
        """Whether there is something to fall back from: the baseline or an earlier year was inside."""
        if self.case.facts.kind is Kind.HOLD and self.baseline is None:
            return True
        return any(self.meets(self.target, value) for _, value in self.history)


def rounded(value: Decimal | None) -> Decimal | None:
    """A figure as a finding keeps it: half up to 6 decimals."""
    return None if value is None else round_half_up(value, 6)


def is_numeric(point: TargetPoint) -> bool:
    return point.value is not None and point.operator is not Operator.TEXT


def printed_value(target: TargetPoint) -> Decimal:
    """The figure of a target that `is_numeric`; ValueError for one in words."""
    if target.value is None:
        raise ValueError("a target in words has no figure")
    return target.value


def decimals_of(value: Decimal | None) -> int:
    """The decimals a figure needs: 35.5000 as a database returns it needs one."""
    if value is None or not value:
        return 0
    exponent = value.normalize().as_tuple().exponent
    return max(0, -exponent) if isinstance(exponent, int) else 0
