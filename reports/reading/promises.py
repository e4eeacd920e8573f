"""The value cells of a row: baseline, targets, yearly or total figures, and what was reached."""

from __future__ import annotations

from indicators.figures import Operator, format_figure
from reports.reading import doubts
from reports.reading.found import ReadBaseline, ReadTarget
from reports.reading.heads import LAST_RESORT, Column, Role
from reports.reading.notes import Notes
from reports.reading.underway import Row
from reports.reading.values import Reading, read_pair, read_value
from reports.reading.years import Period, years_in


def read_figures(row: Row, period: Period | None, notes: Notes) -> None:
    for column, text in row.texts(Role.BASELINE):
        _read_baseline(row, column, text, notes)
    if not row.indicator.baseline.year:
        years = [column.year for column in row.part.head.of(Role.BASELINE)]
        row.indicator.baseline.year = years[0] if years else None
    found: dict[int, tuple[ReadTarget, Reading]] = {}
    for column, text in row.texts(Role.TARGET):
        _read_target(row, column, text, period, notes, found)
    for column, text in row.texts(Role.RATE):
        _read_rate(row, column, text, period, notes, found)
    for column, text in row.texts(Role.PAST_TARGET):
        if not read_value(text).is_absent:
            _remark(row, column, text)
    for column, text in row.texts(Role.ACTUAL):
        reading = read_value(text, unit=row.indicator.unit)
        if column.year is not None and not reading.is_absent:
            row.indicator.actuals.append(ReadBaseline(column.year, reading.value, reading.text))
            row.indicator.decimals = max(row.indicator.decimals, reading.decimals)
    in_order = [found[year] for year in sorted(found)]
    row.indicator.targets = [target for target, _ in in_order]
    row.readings = [reading for _, reading in in_order]
    if not in_order and not row.indicator.is_group:
        row.doubts.append(doubts.about(row.indicator, "target", "没有读到目标值。"))


def _read_baseline(row: Row, column: Column, text: str, notes: Notes) -> None:
    indicator = row.indicator
    indicator.printed["baseline"] = text
    if column.place in row.item.shared:
        row.doubts.append(
            doubts.about(
                indicator, "baseline", f"“{text}”一格跨基期和目标两栏，只作为目标读取，是否正确？", year=column.year
            )
        )
        return
    reading = read_value(text, unit=indicator.unit, round_is_cumulative=notes.round_is_cumulative)
    row.marks += reading.marks
    if reading.before is not None and any(not read_value(said).is_absent for _, said in row.texts(Role.TARGET)):
        reading.problem = f"基期印作“{text}”，按后一个数读取，是否正确？"
    elif reading.before is not None:
        reading, row.item.cells[-1] = reading.before, text  # both figures stand here: the later one is the target
        reading.text = text
    value = reading.value
    if value is not None and reading.operator is Operator.RANGE:
        value = None
    indicator.baseline = ReadBaseline(column.year, value, "" if _is_blank(text) else reading.text)
    indicator.decimals = max(indicator.decimals, reading.decimals)
    question = reading.problem.replace("数值目标", "基期值")
    if reading.value is not None and reading.operator is not Operator.EQ:
        question = f"基期印作“{text}”，不是一个确定的数，按{'空缺' if value is None else value}读取，是否正确？"
    _ask_about_figure(row, reading, "baseline", column, question, str(value) if value is not None else "")


def _is_blank(text: str) -> bool:
    return not text.strip()


def _ask_about_figure(row: Row, reading: Reading, field_name: str, column: Column, question: str, assumed: str) -> None:
    """What the cell itself leaves open: an unclear figure, a unit of its own, digits that the format hides."""
    where, year = row.where(column), column.year
    if question:
        choices = [(reading.suggestion, reading.suggestion)] if reading.suggestion else []
        row.doubts.append(
            doubts.about(row.indicator, field_name, question, year=year, choices=choices, assumed=assumed, where=where)
        )
    if reading.typed_unit:
        row.doubts.append(
            doubts.about(
                row.indicator,
                "unit",
                f"“{reading.text}”的单位是“{reading.typed_unit}”，指标的单位是“{row.indicator.unit}”，数值照录，没有换算。",
                year=year,
                choices=[(unit, unit or "没有单位") for unit in (row.indicator.unit, reading.typed_unit)],
                assumed=row.indicator.unit,
                where=where,
            )
        )
    if shown_as := row.item.shown_as.get(column.place):
        row.doubts.append(
            doubts.about(
                row.indicator,
                field_name,
                f"单元格显示“{shown_as}”，实际存的是“{reading.text}”，按后者读取，是否正确？",
                year=year,
                choices=[(reading.text, reading.text), (shown_as, shown_as)],
                assumed=reading.text,
                where=where,
            )
        )


def _read_target(
    row: Row,
    column: Column,
    text: str,
    period: Period | None,
    notes: Notes,
    found: dict[int, tuple[ReadTarget, Reading]],
) -> None:
    indicator = row.indicator
    read_cell = read_pair if column.is_pair else read_value
    reading = read_cell(text, unit=column.unit or indicator.unit, round_is_cumulative=notes.round_is_cumulative)
    year = _deadline(row, column) or column.year or (period or LAST_RESORT).end
    indicator.printed[f"target {year}"] = text
    row.marks += reading.marks
    if reading.is_absent:
        return
    if year in found:
        indicator.printed[f"target {year} 另一栏"] = text
        row.doubts.append(
            doubts.about(
                indicator, "target", f"{year}年有两栏目标，另一栏“{column.head}”印作“{text}”，没有读入。", year=year
            )
        )
        return
    _take_target(row, reading, year, column, found)
    if "累计" in column.head:
        row.is_cumulative_head = True
    if reading.before is not None and indicator.baseline.value is None:
        base = column.base_year or indicator.baseline.year or (period.base if period else None)
        indicator.baseline = ReadBaseline(base, reading.before.value, reading.before.text)
        indicator.decimals = max(indicator.decimals, reading.before.decimals)
        indicator.printed["baseline"] = text
        if base is not None and not column.is_pair and not row.part.head.of(Role.BASELINE):
            row.doubts.append(
                doubts.about(
                    indicator, "year", f"基期值取自“{text}”，年份没有印，按{base}年读取。", year=base, assumed=str(base)
                )
            )


def _remark(row: Row, column: Column, text: str) -> None:
    """A figure that is no promise of this plan is kept in words."""
    row.indicator.remark = "；".join(filter(None, (row.indicator.remark, f"{column.head}：{text}")))


def _deadline(row: Row, column: Column) -> int | None:
    """The year a column of deadlines prints for this row, where the head of the target has none."""
    columns = [other for other in row.part.head.columns if other.is_deadline]
    if not columns or not (column.is_year_assumed or column.year is None):
        return None
    years = years_in(row.item.cells.get(columns[0].place, ""))
    return years[0] if years else None


def _take_target(
    row: Row, reading: Reading, year: int, column: Column, found: dict[int, tuple[ReadTarget, Reading]]
) -> None:
    base = row.indicator.baseline.value
    if base is not None and (reading.step is not None or reading.factor is not None):
        reading.suggestion = format_figure(
            base + reading.step if reading.step is not None else base * (reading.factor or 1)
        )
        reading.problem = f"“{reading.text}”要以基期值{format_figure(base)}推算，目标是否为{reading.suggestion}？"
    target = ReadTarget(year, reading.operator, reading.value, reading.upper, reading.text)
    found[year] = (target, reading)
    row.indicator.decimals = max(row.indicator.decimals, reading.decimals)
    assumed = reading.text if reading.value is None else str(reading.value)
    _ask_about_figure(row, reading, "target", column, reading.problem, assumed)


def _read_rate(
    row: Row,
    column: Column,
    text: str,
    period: Period | None,
    notes: Notes,
    found: dict[int, tuple[ReadTarget, Reading]],
) -> None:
    """年均或累计: the promise itself where the final year prints none; beside a final figure it is only kept."""
    indicator = row.indicator
    indicator.printed["rate"] = text
    year = column.year or (period or LAST_RESORT).end
    unit = indicator.unit
    reading = read_value(text, unit=unit, round_is_cumulative=notes.round_is_cumulative)
    row.marks += reading.marks
    if reading.is_absent or (column.place in row.item.shared and year in found):
        return
    if year in found:
        _remark(row, column, text)
        return
    _take_target(row, reading, year, column, found)
    if column.unit and indicator.unit and reading.value is not None and column.unit != indicator.unit:
        question = f"目标取自“{column.head}”，以{column.unit}计，指标的单位是“{indicator.unit}”。"
        row.doubts.append(doubts.unit(indicator, question, indicator.unit, column.unit))
    if (column.is_annual and column.is_cumulative) or not (column.is_annual or column.is_cumulative):
        row.from_rate = "cumulative" if reading.is_cumulative else "both"
    else:
        row.from_rate = "annual" if column.is_annual else "cumulative"
