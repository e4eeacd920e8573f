"""What the next plan might promise, judged by what the last one reached: a proposal for a person to confirm. Pure.

The yearly step of the old plan simply goes on; nothing is smoothed, so that anyone can redo it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from indicators.figures import Operator, round_half_up
from indicators.paths import compound_mean_rate, log_reduction, reduction_from_log, total_reduction, trend_forecast
from indicators.verdicts import Direction, Kind

HUNDRED = Decimal(100)
_BOUNDS = (Operator.GE, Operator.GT, Operator.LE, Operator.LT)
_SUMMED = (Kind.CUMULATIVE, Kind.CUMULATIVE_REDUCTION)


@dataclass(frozen=True, slots=True)
class Past:
    """An indicator as the old plan leaves it: `reached` holds one figure per year, `promised` the last target."""

    kind: Kind
    direction: Direction
    unit: str
    decimals: int
    baseline: tuple[int, Decimal] | None
    reached: Mapping[int, Decimal]
    promised: Decimal | None
    operator: Operator
    words: str = ""
    minimum: Decimal | None = None
    maximum: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Proposal:
    """A target for the last year of the next plan, and in words how it comes about."""

    operator: Operator
    value: Decimal | None
    text: str
    how: str


def proposal(past: Past, *, year: int, years: int) -> Proposal | None:
    """What goes on as it went, for the plan of so many `years` that ends in `year`; None where nothing tells.

    Of the kinds: a level goes on by its yearly step and never back; a sum is the yearly mean times the years; a rate
    its mean; what is promised in words is promised again. A range is left to people.
    """
    if past.kind in (Kind.QUALITATIVE, Kind.RELATIVE):
        return Proposal(Operator.TEXT, None, past.words, "沿用上一期的文字目标") if past.words else None
    if not past.reached or past.kind == Kind.RANGE:
        return None
    figures = [value for _, value in sorted(past.reached.items())]
    if past.kind in _SUMMED:
        return _stated(past, *_summed(past.kind, figures, years=years))
    if past.kind == Kind.ANNUAL_RATE:
        mean = compound_mean_rate(figures)
        return None if mean is None else _stated(past, mean, f"上一期{len(figures)}年的年均增速")
    return _stated(past, *_extended(past, year=year))


def _summed(kind: Kind, figures: Sequence[Decimal], *, years: int) -> tuple[Decimal | None, str]:
    how = f"上一期{len(figures)}年的年均数×{years}年"
    if kind == Kind.CUMULATIVE:
        return sum(figures, Decimal(0)) / len(figures) * years, how
    total = total_reduction(figures)
    if total >= HUNDRED:
        return None, how
    return reduction_from_log(
        log_reduction(total) / len(figures) * years
    ), f"上一期{len(figures)}年的平均降幅，{years}年"


def _extended(past: Past, *, year: int) -> tuple[Decimal, str]:
    points = sorted({**dict([past.baseline] if past.baseline else []), **past.reached}.items())
    last_year, last = points[-1]
    ahead = trend_forecast(points, year=year)
    if ahead is None:
        return last, f"只有{last_year}年一个数，先按保持不变"
    goes_back = ahead < last if past.direction == Direction.UP else ahead > last
    if past.kind == Kind.HOLD or goes_back:
        return last, f"按{last_year}年的水平保持"
    return ahead, f"按{points[0][0]}～{last_year}年的平均每年变化延伸到{year}年"


def _stated(past: Past, value: Decimal | None, how: str) -> Proposal | None:
    if value is None:
        return None
    highest = past.maximum if past.maximum is not None else _whole_of(past)
    capped = value
    if highest is not None:
        capped = min(capped, highest)
    if past.minimum is not None:
        capped = max(capped, past.minimum)
    if capped != value:
        how += "，不超出允许的范围"
    rounded = round_half_up(capped, past.decimals)
    operator = past.operator if past.operator in _BOUNDS else Operator.EQ
    return Proposal(operator, rounded, "", how)


def _whole_of(past: Past) -> Decimal | None:
    """100 for a share, which nothing can exceed: a level in % that neither was nor was to be more."""
    seen = [*past.reached.values(), *([past.promised] if past.promised is not None else [])]
    is_share = past.unit == "%" and past.kind in (Kind.LEVEL, Kind.HOLD) and max(seen) <= HUNDRED
    return HUNDRED if is_share else None
