"""What the charts of an indicator draw: figures as text per year; a year without a figure is None, never zero."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from indicators.derivations import Inputs
from indicators.figures import format_figure, round_half_up
from indicators.models import Actual, FigureKind, Indicator, State, Target, targets_in_force
from indicators.paths import expected_value
from indicators.queries import figure_shown, path_points, path_shown
from indicators.tracks import decimals_of
from indicators.verdicts import Kind

Points = Sequence[tuple[int, Decimal]]
DRAWN_AHEAD = (Kind.LEVEL, Kind.RANGE, Kind.HOLD, Kind.CUMULATIVE)


def path_chart(
    indicator: Indicator, *, versions: Sequence[Target], actuals: Mapping[int, Actual], inputs: Inputs | None = None
) -> dict[str, Any] | None:
    """The promised path with its stated points, the paths before a revision, the figures reached, and the forecast."""
    points = path_points(indicator, {target.year: target for target in versions if target.is_current})
    reached = {year: actual for year, actual in sorted(actuals.items()) if actual.value is not None}
    if not points and not reached:
        return None
    first = min([year for year, _ in points] + [indicator.plan.start_year])
    last = max([year for year, _ in points] + [indicator.plan.end_year])
    years = list(range(first, last + 1))
    return {
        "unit": indicator.unit,
        "name": indicator.name,
        "years": years,
        "path": along(points, years, indicator.decimals),
        "stated": sorted({year for year, _ in points}),
        "others": [
            {"name": "调整前的路径", "values": along(old, years, indicator.decimals)}
            for old in _before_revisions(indicator, versions, points)
        ],
        "actual": shown_over(indicator, reached, years),
        "unapproved": [year for year, actual in reached.items() if actual.state != State.APPROVED],
        "preliminary": [year for year, actual in reached.items() if actual.figure_kind == FigureKind.PRELIMINARY],
        "demo": [year for year, actual in reached.items() if actual.is_demo],
        "forecast": _ahead(inputs, years) if inputs else None,
    }


def along(points: Points, years: Iterable[int], decimals: int) -> list[str | None]:
    """The path read off at each year it covers."""
    return [
        path_shown(expected_value(points, year=year), decimals=decimals)
        if points and points[0][0] <= year <= points[-1][0]
        else None
        for year in years
    ]


def shown_over(indicator: Indicator, reached: Mapping[int, Actual], years: Iterable[int]) -> list[str | None]:
    """The figures reached; what is summed up over the plan as its running sum, up to the first gap."""
    total: Decimal | None = Decimal(0)
    shown: list[str | None] = []
    for year in years:
        value = reached[year].value if year in reached else None
        if indicator.kind == Kind.CUMULATIVE and year >= indicator.plan.start_year:
            total = None if value is None or total is None else total + value
            value = total
        shown.append(None if value is None else figure_shown(value, indicator.decimals))
    return shown


def _before_revisions(indicator: Indicator, versions: Sequence[Target], now: Points) -> list[Points]:
    """The paths that were promised before: at first, and for each data year that keeps an older one."""
    first = {target.year: target for target in versions if target.version == 1}
    sets = [first, *(targets_in_force(versions, year=year) for year in indicator.plan.years)]
    found: list[Points] = []
    for points in (path_points(indicator, targets) for targets in sets):
        if points and points != now and points not in found:
            found.append(points)
    return found


def _ahead(inputs: Inputs, years: Sequence[int]) -> list[str | None] | None:
    """The dotted line from the latest figure to the forecast of the final year; None where none is made."""
    forecast, reached, final = inputs.finding.forecast, inputs.reached, inputs.case.final_year
    if forecast is None or reached is None or inputs.facts.kind not in DRAWN_AHEAD or final not in years:
        return None
    steps = final - inputs.year
    ahead = {inputs.year + step: reached + (forecast - reached) * step / steps for step in range(steps + 1)}
    return [_computed(ahead[year], decimals=inputs.decimals) if year in ahead else None for year in years]


def _computed(value: Decimal, *, decimals: int) -> str:
    """As the page's formulas write a computed figure, but with the minus sign that a script reads as a number."""
    rounded = round_half_up(value, max(decimals, 2))
    return format_figure(rounded, decimals=max(decimals, decimals_of(rounded)))
