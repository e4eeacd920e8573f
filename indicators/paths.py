"""The arithmetic of promised paths: numbers in, numbers out.

No rule about verdicts lives here, only formulas. Shares are plain shares (0.8 is 80 %), rates and
reductions are percent figures (17 is 17 %), as a plan prints them. Everything is Decimal; logarithms are
Decimal.ln().
"""

from collections.abc import Iterable, Sequence
from decimal import Decimal
from itertools import pairwise

ZERO = Decimal(0)
ONE = Decimal(1)
HUNDRED = Decimal(100)

# ln and exp return 28 digits of which the last is noise: 7 %, 7 % would give a mean of 6.999…9 %.
_CLEAN = Decimal("1e-12")


def time_share(*, origin: int, final: int, year: int) -> Decimal:
    """时间进度 τ = (y − y0) / (y1 − y0), a share from 0 to 1, from the data year. Source: DESIGN §4."""
    if year >= final:
        return ONE
    if year <= origin:
        return ZERO
    return Decimal(year - origin) / Decimal(final - origin)


def share_reached(*, baseline: Decimal, target: Decimal, actual: Decimal) -> Decimal | None:
    """完成进度 p = (A − B) / (T − B): the share of the promised change that has happened, in either
    direction.

    Negative when the figure moved the wrong way, above 1 when it went further; None when there is no way to
    go (T = B). Source: DESIGN §4.
    """
    if target == baseline:
        return None
    return (actual - baseline) / (target - baseline)


def expected_value(points: Sequence[tuple[int, Decimal]], *, year: int) -> Decimal:
    """Where the path stands at the end of `year`, in the unit of the points.

    `points` are (year, value) in the order of years: the baseline, every interim target, the final target,
    joined by straight lines. Before the first point the path is the first value, after the last the last.
    Source: DESIGN §4.
    """
    if year <= points[0][0]:
        return points[0][1]
    for (left, low), (right, high) in pairwise(points):
        if year <= right:
            # Multiply first: 30 + 5 × 3 / 5 is 33 exactly, 5 / 3 × 3 would not be 5.
            return low + (high - low) * (year - left) / (right - left)
    return points[-1][1]


def log_reduction(percent: Decimal) -> Decimal:
    """−ln(1 − r/100), r < 100 in percent: on this scale equal yearly reductions are equal steps."""
    return -(ONE - percent / HUNDRED).ln()


def reduction_from_log(steps: Decimal) -> Decimal:
    """The percent reduction that `log_reduction` turned into `steps`."""
    return _clean(HUNDRED * (ONE - (-steps).exp()))


def reduction_share(*, reduced: Decimal, promised: Decimal) -> Decimal | None:
    """Progress of a five-year reduction: ln(1 − r) / ln(1 − R), r and R percent figures (4.87 of 17 is
    0.268).

    Negative after an increase (r < 0). None when nothing is promised or either is a reduction by all or more.
    Source: the statistics bureaus' formula for 五年累计下降, DESIGN §4.
    """
    if promised == 0 or promised >= HUNDRED or reduced >= HUNDRED:
        return None
    return log_reduction(reduced) / log_reduction(promised)


def total_reduction(yearly: Iterable[Decimal]) -> Decimal:
    """r = 1 − Π(1 − rᵢ): several years' reduction from the yearly ones, in percent, positive = reduced."""
    left = ONE
    for percent in yearly:
        left *= ONE - percent / HUNDRED
    return HUNDRED * (ONE - left)


def compound_mean_rate(rates: Sequence[Decimal]) -> Decimal | None:
    """年均增长: (Π(1 + gᵢ))^(1/n) − 1 in percent; None without a rate or when one is −100 % or less.

    Source: the usual 年均增速 of statistical communiqués, DESIGN §4.
    """
    factors = [ONE + rate / HUNDRED for rate in rates]
    if not factors or min(factors) <= 0:
        return None
    mean = sum((factor.ln() for factor in factors), ZERO) / len(factors)
    return _clean(HUNDRED * (mean.exp() - ONE))


def trend_forecast(points: Sequence[tuple[int, Decimal]], *, year: int) -> Decimal | None:
    """The straight line through the first and the latest known point, extended to `year`; None with fewer
    than two.

    The first point is the baseline where there is one. The mean yearly change so far simply goes on: no
    cap, no curve, so that anyone can redo it. Source: DESIGN §4 asks for a trend, the line is our choice.
    """
    if len(points) < 2:
        return None
    (first_year, first), (last_year, last) = points[0], points[-1]
    return last + (last - first) * (year - last_year) / (last_year - first_year)


def _clean(value: Decimal) -> Decimal:
    # A value this large has no room for 12 decimals within 28 digits; quantize would raise.
    return value if value.adjusted() > 12 else value.quantize(_CLEAN)
