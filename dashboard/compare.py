"""What the page of 对比 draws over the table of one metric; the table itself is read by `indicators.neighbourhood`."""

from __future__ import annotations

from dataclasses import dataclass

from indicators.models import Metric
from indicators.neighbourhood import CompareLine, Comparison
from indicators.queries import figure_shown, places_of

LINES_DRAWN = 12  # more lines than this cannot be told apart


@dataclass(frozen=True, slots=True)
class Drawing:
    """A line per plan, with what stands over and under it."""

    chart: dict[str, object] | None
    title: str
    left_out: int  # lines with figures that the chart has no room for


def drawing(compared: Comparison) -> Drawing:
    drawable = [line for line in compared.lines if line.figures]
    drawn = drawable[:LINES_DRAWN]
    metric = compared.metric
    return Drawing(
        chart=_chart(metric, drawn),
        title=_chart_title(metric, drawn, year=compared.year),
        left_out=len(drawable) - len(drawn),
    )


def _chart(metric: Metric, lines: list[CompareLine]) -> dict[str, object] | None:
    """A line per plan from its baseline on, figures as text; a year without one is None, never zero."""
    if not lines:
        return None
    starts = [year for line in lines if (year := line.baseline_year) is not None]
    years = [cell.year for cell in lines[0].cells]
    axis = list(range(min([*starts, *years]), max(years) + 1))
    regions = list(dict.fromkeys(line.row.region.pk for line in lines))
    latest = {line.row.region.pk: line.row.span for line in sorted(lines, key=lambda line: line.row.span)}
    known = {(line.row.region.pk, year) for line in lines for year in line.figures}
    drawn = []
    for line in lines:
        figures = line.figures
        start = line.baseline_year
        texts = [figures[year][0] if year in figures else None for year in axis]
        if start in axis and start not in figures:
            texts[axis.index(start)] = line.baseline_shown
        drawn.append(
            {
                "name": line.indicator.plan.short_title,
                "place": line.row.region.short_name,
                "tone": regions.index(line.row.region.pk),
                "is_past": line.row.span != latest[line.row.region.pk],
                "texts": texts,
                "baseline": start if start not in figures else None,
                "is_baseline_shown": (line.row.region.pk, start) not in known,
                "demo": [year for year, (_, is_demo) in figures.items() if is_demo],
            }
        )
    return {"unit": metric.unit, "years": axis, "tones": len(regions), "lines": drawn}


def _chart_title(metric: Metric, lines: list[CompareLine], *, year: int | None) -> str:
    """What the chart says: one region's way, else the span of the year; without naming who is first."""
    unit = metric.unit
    if not lines or year is None:
        return ""
    if len({line.row.region.pk for line in lines}) == 1:
        known = {at: text for line in lines for at, (text, _) in line.figures.items()}
        first, last = min(known), max(known)
        way = f"{last}年{known[last]}{unit}" if first == last else ""
        way = way or f"{first}年{known[first]}{unit}，{last}年{known[last]}{unit}"
        return f"{lines[0].row.region.name}：{way}"
    values = sorted(value for line in lines if (value := line.row.value(year)) is not None)
    if not values:
        return f"所选规划没有{year}年的已审核数据"
    decimals = max(places_of(value) for value in values)
    low, high = (figure_shown(value, decimals) for value in (values[0], values[-1]))
    if low == high:
        between = f"{'为' if len(values) == 1 else '均为'}{low}{unit}"
    else:
        between = f"在{low}{unit}至{high}{unit}之间"
    return f"{year}年{len(values)}个规划有数据，{between}"
