"""One table put together: its rows read cell by cell into indicators, and every doubt about them."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from indicators.figures import Operator, same_unit
from reports.reading import doubts
from reports.reading.found import (
    Attribute,
    Doubt,
    ReadBaseline,
    ReadColumn,
    ReadIndicator,
    ReadTable,
    ReadTarget,
)
from reports.reading.grids import Grid
from reports.reading.heads import Column, Head, Role
from reports.reading.kinds import nature_of
from reports.reading.notes import Notes, of_marks, read_notes
from reports.reading.numbers import Placed, numbered
from reports.reading.rows import Item
from reports.reading.tables import Found, Part
from reports.reading.units import split_unit, unit_in_cell, unit_in_note, unit_of
from reports.reading.values import Reading, read_value
from reports.reading.wording import bare, closed, full_brackets, half, without_marks
from reports.reading.years import Period

LAST_RESORT = 2030  # the end of the period in which tables without any year are now drawn up

_MAX_NAME, _MAX_UNIT = 100, 20
_IS_SHARE = re.compile(r"(?:率|占比|比例|比重|百分比)$")
_NOT_PERCENT = re.compile(r"死亡率|出生率|自然增长率|离婚率|结婚率|发病率|汇率|比例$")


@dataclass(slots=True)
class _Row:
    """An indicator on its way: the row it was printed in, what its cells were read as, and its doubts."""

    indicator: ReadIndicator
    item: Item
    part: Part
    readings: list[Reading] = field(default_factory=list)  # of the targets, in the order of their years
    doubts: list[Doubt] = field(default_factory=list)
    marks: list[str] = field(default_factory=list)
    qualifier: str = ""
    from_rate: str = ""
    is_cumulative_head: bool = False

    def texts(self, *roles: Role) -> list[tuple[Column, str]]:
        """The cells of these columns that print something, as one line each."""
        return [
            (column, closed(self.item.cells[column.place]))
            for column in self.part.head.of(*roles)
            if column.place in self.item.cells
        ]

    def where(self, column: Column | None = None) -> str:
        return self.part.grid.where(self.item.row, None if column is None else column.place)


def assembled(found: Found) -> ReadTable:
    """The table as understood, with its doubts: first those of the whole table, then row by row."""
    notes = read_notes([*found.above, *found.notes])
    note_unit = unit_in_note(found.above)
    part_of = {id(item): part for part in found.parts for item in part.items}
    placed = numbered([item for part in found.parts for item in part.items])
    by_number: dict[str, _Row] = {}
    for one in placed:
        row = _begun(one, part_of[id(one.source or one.item)])
        _read_name(row, notes)
        _read_unit(row, by_number.get(one.parent), note_unit)
        _read_attribute(row, notes)
        _read_figures(row, found.period, notes)
        _read_words(row, notes)
        by_number[row.indicator.number] = row
        if one.doubt:
            row.doubts.append(doubts.about(row.indicator, one.doubt_field, one.doubt, assumed=_assumed(one)))
    rows = list(by_number.values())
    for row in rows:
        if not row.indicator.is_group:
            _find_nature(row)
    _finish_groups(rows)
    head = found.parts[0].head
    of_table = _about_head(head)
    if rows and not any(bare(one.item.number) for one in placed):
        of_table.append(doubts.table("number", "表内没有印序号，已按顺序编号，是否正确？"))
    return ReadTable(
        found.title,
        [_column(column, found.parts[0].grid) for column in head.columns],
        [row.indicator for row in rows],
        [*of_table, *(doubt for row in rows for doubt in row.doubts)],
        list(dict.fromkeys([*found.above, *found.notes])),
    )


def _assumed(one: Placed) -> str:
    return one.parent if one.doubt_field == "parent" else one.number


def _column(column: Column, grid: Grid) -> ReadColumn:
    return ReadColumn(column.head, column.role.value, column.year, grid.letter(column.place))


def _begun(one: Placed, part: Part) -> _Row:
    indicator = ReadIndicator(one.number, closed(one.item.name), one.parent, is_group=one.is_group)
    indicator.category = one.item.category
    row = _Row(indicator, one.item, part)
    names = part.head.places(Role.NAME)
    indicator.where = part.grid.where(one.item.row, names[-1] if names else None)
    if bare(one.item.number):
        indicator.printed["number"] = closed(one.item.number)
    return row


def _read_name(row: _Row, notes: Notes) -> None:
    indicator, item = row.indicator, row.item
    plain, row.marks = without_marks(closed(item.name))
    says_unit = any(column.says_unit for column in row.part.head.of(Role.NAME))
    name, indicator.unit, row.qualifier = split_unit(plain, says_unit=says_unit)
    name, more = without_marks(name)
    row.marks += more
    name = re.sub(r"[:：;；,，。、]+$", "", name).strip()
    even = half(name)
    if even.count("(") != even.count(")"):
        name = re.sub(r"[(（]$", "", name) if even.endswith("(") else name
    indicator.name = full_brackets(name)[:_MAX_NAME]
    printed = item.printed or ""
    indicator.printed["name"] = printed or indicator.name
    indicator.printed_name = printed[:_MAX_NAME] if printed and printed != indicator.name else ""
    if not re.search(r"[\u4e00-\u9fffA-Za-z]", indicator.name):
        row.doubts.append(doubts.about(indicator, "name", "认不出这一行的指标名称。", assumed=indicator.name))
    elif len(name) > _MAX_NAME:
        row.doubts.append(doubts.about(indicator, "name", f"名称超过{_MAX_NAME}个字，已截短。", assumed=indicator.name))


def _read_unit(row: _Row, parent: _Row | None, note_unit: str) -> None:
    """The row's unit: its column, its name, the heads of its figures, its parent's, the note above, its cells."""
    indicator, in_name = row.indicator, row.indicator.unit
    for _, text in row.texts(Role.UNIT):
        plain = without_marks(text)[0]
        found = unit_of(plain)
        in_column = found if found is not None else half(plain)
        indicator.printed["unit"] = text
        if found is None:
            row.doubts.append(doubts.unit(indicator, f"单位印作“{text}”，不是常用单位，照录是否正确？", in_column))
        if in_column:
            indicator.unit = in_column
            if in_name and in_name != in_column:
                row.doubts.append(
                    doubts.unit(indicator, f"名称里的单位是“{in_name}”，单位栏是“{in_column}”。", in_column, in_name)
                )
    if not indicator.unit:
        heads = {column.unit for column in row.part.head.of(Role.TARGET, Role.BASELINE) if column.unit}
        indicator.unit = heads.pop() if len(heads) == 1 else ""
    is_share = bool(_IS_SHARE.search(bare(indicator.name)))
    from_parent = parent.indicator.unit if parent is not None else ""
    if not indicator.unit and (not is_share or from_parent in {"%", "‰"}):
        indicator.unit = from_parent
    if not indicator.unit and note_unit and not (is_share and note_unit not in {"%", "‰"}):
        indicator.unit = note_unit
    if not indicator.unit:
        _unit_of_cells(row)
    if len(indicator.unit) > _MAX_UNIT:
        indicator.unit = indicator.unit[:_MAX_UNIT]
        row.doubts.append(doubts.unit(indicator, f"单位超过{_MAX_UNIT}个字，已截短。", indicator.unit))


def _unit_of_cells(row: _Row) -> None:
    """A unit that only the figures carry, and the question about a share that prints none at all."""
    texts = [text for _, text in row.texts(Role.TARGET, Role.BASELINE, Role.ACTUAL)]
    typed = list(dict.fromkeys(filter(None, map(unit_in_cell, texts))))
    indicator = row.indicator
    if typed and all(same_unit(typed[0], other) for other in typed):
        indicator.unit = typed[0]
    elif typed:
        indicator.unit = typed[-1]
        row.doubts.append(doubts.unit(indicator, f"单元格里的单位不一致：{'、'.join(typed)}。", *typed))
    elif texts and _IS_SHARE.search(bare(indicator.name)) and not _NOT_PERCENT.search(bare(indicator.name)):
        if any(read_value(text, unit="%").value is not None for text in texts):
            indicator.unit = "%"
            row.doubts.append(doubts.unit(indicator, "没有印单位，按“%”读取，是否正确？", "%", ""))
    elif any(read_value(text).value is not None and ":" not in half(text) for text in texts):
        row.doubts.append(doubts.unit(indicator, "没有印单位。请填写。"))


def _read_attribute(row: _Row, notes: Notes) -> None:
    """约束性 or 预期性 as printed in the column, in a heading row or by an explained mark; never guessed."""
    indicator = row.indicator
    columns = row.part.head.of(Role.ATTRIBUTE)
    texts = [text for _, text in row.texts(Role.ATTRIBUTE)]
    printed = "".join(texts)
    if printed:
        indicator.printed["attribute"] = printed
    indicator.attribute = _attribute_of(printed or row.item.section)
    if printed and indicator.attribute is Attribute.UNSTATED and bare(printed) not in {"-", "—", "——", "/", "*"}:
        row.doubts.append(doubts.attribute(indicator, printed))
    if not printed and not row.item.section:
        said = {notes.attribute_of_mark[mark] for mark in row.marks if mark in notes.attribute_of_mark}
        if len(said) == 1:
            indicator.attribute = Attribute(said.pop())
        elif notes.attribute_of_rest and not columns:
            indicator.attribute = Attribute(notes.attribute_of_rest)
        elif columns and not indicator.is_group:
            row.doubts.append(doubts.attribute(indicator, ""))


def _attribute_of(text: str) -> Attribute:
    binding, expected = "约束" in bare(text), "预期" in bare(text)
    if binding == expected:
        return Attribute.UNSTATED
    return Attribute.BINDING if binding else Attribute.EXPECTED


def _read_figures(row: _Row, period: Period | None, notes: Notes) -> None:
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


def _read_baseline(row: _Row, column: Column, text: str, notes: Notes) -> None:
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
    if reading.before is not None:
        reading, row.item.cells[-1] = reading.before, text  # both figures stand here: the later one is the target
        reading.text = text
    value = reading.value
    if value is not None and reading.operator is Operator.RANGE:
        value = None
    indicator.baseline = ReadBaseline(column.year, value, "" if _is_blank(text) else reading.text)
    indicator.decimals = max(indicator.decimals, reading.decimals)
    question = reading.problem
    if reading.value is not None and reading.operator is not Operator.EQ:
        question = f"基期印作“{text}”，不是一个确定的数，按{'空缺' if value is None else value}读取，是否正确？"
    _ask_about_figure(row, reading, "baseline", column, question, str(value) if value is not None else "")


def _is_blank(text: str) -> bool:
    return not text.strip()


def _ask_about_figure(
    row: _Row, reading: Reading, field_name: str, column: Column, question: str, assumed: str
) -> None:
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
    row: _Row,
    column: Column,
    text: str,
    period: Period | None,
    notes: Notes,
    found: dict[int, tuple[ReadTarget, Reading]],
) -> None:
    indicator = row.indicator
    reading = read_value(text, unit=column.unit or indicator.unit, round_is_cumulative=notes.round_is_cumulative)
    year = column.year or (period.end if period else LAST_RESORT)
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
        base = indicator.baseline.year or (period.base if period else None)
        indicator.baseline = ReadBaseline(base, reading.before.value, reading.before.text)
        indicator.decimals = max(indicator.decimals, reading.before.decimals)
        if base is not None and not row.part.head.of(Role.BASELINE):
            row.doubts.append(
                doubts.about(
                    indicator, "year", f"基期值取自“{text}”，年份没有印，按{base}年读取。", year=base, assumed=str(base)
                )
            )


def _take_target(
    row: _Row, reading: Reading, year: int, column: Column, found: dict[int, tuple[ReadTarget, Reading]]
) -> None:
    target = ReadTarget(year, reading.operator, reading.value, reading.upper, reading.text)
    found[year] = (target, reading)
    row.indicator.decimals = max(row.indicator.decimals, reading.decimals)
    assumed = reading.text if reading.value is None else str(reading.value)
    _ask_about_figure(row, reading, "target", column, reading.problem, assumed)


def _read_rate(
    row: _Row,
    column: Column,
    text: str,
    period: Period | None,
    notes: Notes,
    found: dict[int, tuple[ReadTarget, Reading]],
) -> None:
    """年均或累计: the promise itself where the final year prints none; beside a final figure it is only kept."""
    indicator = row.indicator
    indicator.printed["rate"] = text
    year = column.year or (period.end if period else LAST_RESORT)
    unit = indicator.unit
    reading = read_value(text, unit=unit, round_is_cumulative=notes.round_is_cumulative)
    row.marks += reading.marks
    if reading.is_absent or (column.place in row.item.shared and year in found):
        return
    if year in found:
        indicator.remark = "；".join(filter(None, (indicator.remark, f"{column.head}：{text}")))
        return
    _take_target(row, reading, year, column, found)
    if (column.is_annual and column.is_cumulative) or not (column.is_annual or column.is_cumulative):
        row.from_rate = "cumulative" if reading.is_cumulative else "both"
    else:
        row.from_rate = "annual" if column.is_annual else "cumulative"


def _read_words(row: _Row, notes: Notes) -> None:
    """Department, remark, and what the footnotes say of the marks in this row."""
    indicator = row.indicator
    for _, text in row.texts(Role.DEPARTMENT):
        indicator.department = "、".join(filter(None, (indicator.department, text)))
        indicator.printed["department"] = indicator.department
    for _, text in row.texts(Role.REMARK):
        if bare(text) not in {"-", "—", "——", "/"}:
            indicator.remark = "；".join(filter(None, (indicator.remark, text)))
    said = of_marks(notes, row.marks)
    indicator.remark = "；".join(filter(None, (indicator.remark, row.qualifier, said)))


def _find_nature(row: _Row) -> None:
    indicator = row.indicator
    nature = nature_of(
        f"{indicator.name}",
        row.readings,
        indicator.baseline.value,
        qualifier=row.qualifier,
        from_rate=row.from_rate,
        is_cumulative_head=row.is_cumulative_head,
    )
    indicator.kind, indicator.direction = nature.kind, nature.direction
    if nature.kind_question:
        row.doubts.append(doubts.kind(indicator, nature.kind_question))
    if nature.direction_question:
        row.doubts.append(doubts.direction(indicator, nature.direction_question))


def _finish_groups(rows: list[_Row]) -> None:
    """A row that prints no figures above rows that do is a group; what its rows have in common is its own."""
    below: dict[str, list[_Row]] = {}
    for row in rows:
        below.setdefault(row.indicator.parent, []).append(row)
    for row in rows:
        indicator, parts = row.indicator, below.get(row.indicator.number, [])
        has_figures = bool(indicator.targets or indicator.baseline.text or indicator.actuals)
        if not parts or (has_figures and not indicator.is_group):
            continue
        if row.item.label:
            question = f"一格印有{row.item.label}几个数，已各列一行，是否正确？"
            row.doubts = [doubts.about(indicator, "parent", question)]
        indicator.is_group = not indicator.parent
        row.doubts = [doubt for doubt in row.doubts if doubt.field not in {"target", "unit"}]
        if indicator.targets:
            _find_nature(row)
        kinds = {part.indicator.kind for part in parts}
        directions = {part.indicator.direction for part in parts}
        if not indicator.targets and len(kinds) == 1:
            indicator.kind = kinds.pop()
        if len(directions) == 1:
            indicator.direction = directions.pop()
        units = {part.indicator.unit for part in parts}
        if not indicator.unit and len(units) == 1:
            indicator.unit = units.pop()
        indicator.decimals = max(part.indicator.decimals for part in parts)


def _about_head(head: Head) -> list[Doubt]:
    """Years that no head prints."""
    found = []
    for column in head.of(Role.TARGET, Role.BASELINE):
        if column.year is None and column.role is Role.TARGET:
            question = f"“{column.head}”没有年份，全表也看不出规划期，暂按{LAST_RESORT}年读取。请确认。"
            found.append(doubts.table("year", question, year=LAST_RESORT, assumed=str(LAST_RESORT)))
        elif column.is_year_assumed or column.year is None:
            assumed = "" if column.year is None else str(column.year)
            words = f"按规划期取{column.year}年" if column.year else "看不出是哪一年"
            question = f"“{column.head}”没有印年份，{words}，是否正确？"
            found.append(doubts.table("year", question, year=column.year, assumed=assumed))
    return found
