"""One table put together: its rows read cell by cell into indicators, and every doubt about them."""

from __future__ import annotations

import re

from indicators.figures import same_unit
from indicators.verdicts import Kind
from reports.reading import doubts
from reports.reading.found import (
    Attribute,
    Doubt,
    ReadColumn,
    ReadIndicator,
    ReadTable,
)
from reports.reading.grids import Grid
from reports.reading.heads import Column, Head, Role
from reports.reading.kinds import nature_of
from reports.reading.notes import Notes, of_marks, read_notes
from reports.reading.numbers import Placed, numbered
from reports.reading.promises import read_figures
from reports.reading.tables import Found, Part
from reports.reading.underway import Row
from reports.reading.units import scale_of, split_unit, unit_in_cell, unit_in_note, unit_of
from reports.reading.values import read_value
from reports.reading.wording import bare, closed, full_brackets, half, without_marks

_MAX_NAME, _MAX_UNIT = 100, 20
_IS_SHARE = re.compile(r"(?:率|占比|比例|比重|百分比)$")
_NOT_PERCENT = re.compile(r"死亡率|出生率|自然增长率|离婚率|结婚率|发病率|汇率|比例$")


def assembled(found: Found) -> ReadTable:
    """The table as understood, with its doubts: first those of the whole table, then row by row."""
    notes = read_notes([*found.above, *found.notes])
    note_unit = unit_in_note(found.above)
    part_of = {id(item): part for part in found.parts for item in part.items}
    placed = numbered([item for part in found.parts for item in part.items])
    by_number: dict[str, Row] = {}
    for one in placed:
        row = _begun(one, part_of[id(one.source or one.item)])
        _read_name(row, notes)
        _read_unit(row, by_number.get(one.parent), note_unit)
        _read_attribute(row, notes)
        read_figures(row, found.period, notes)
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


def _begun(one: Placed, part: Part) -> Row:
    indicator = ReadIndicator(one.number, closed(one.item.name), one.parent, is_group=one.is_group)
    indicator.category = one.item.category
    row = Row(indicator, one.item, part)
    names = part.head.places(Role.NAME)
    indicator.where = part.grid.where(one.item.row, names[-1] if names else None)
    if bare(one.item.number):
        indicator.printed["number"] = closed(one.item.number)
    return row


def _read_name(row: Row, notes: Notes) -> None:
    indicator, item = row.indicator, row.item
    plain, row.marks = without_marks(closed(item.name))
    says_unit = any(column.says_unit for column in row.part.head.of(Role.NAME))
    name, indicator.unit, row.qualifier = split_unit(plain, says_unit=says_unit)
    name, more = without_marks(name)
    row.marks += more
    name = re.sub(r"[:：;；,，。、]+$", "", name).strip()
    name = re.sub(r"(?<=[率例重数量积次])(?:达到?|提高到|增加到)$", "", name)
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


def _read_unit(row: Row, parent: Row | None, note_unit: str) -> None:
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


def _unit_of_cells(row: Row) -> None:
    """A unit that only the figures carry, and the question about a share that prints none at all."""
    texts = [text for _, text in row.texts(Role.TARGET, Role.BASELINE, Role.ACTUAL)]
    readings = [read_value(text) for text in texts]
    levels = [one for one in readings if one.kind not in {Kind.ANNUAL_RATE, Kind.CUMULATIVE_REDUCTION}] or readings
    typed = list(dict.fromkeys(filter(None, (one.unit or unit_in_cell(one.text) for one in levels))))
    typed.sort(key=scale_of)  # 万元 before 亿元: what is printed in the larger can be written in the smaller
    indicator = row.indicator
    if typed and all(same_unit(typed[0], other) for other in typed):
        indicator.unit = typed[0]
    elif len({typed_unit[1 if scale_of(typed_unit) else 0 :] for typed_unit in typed}) == 1 and typed:
        indicator.unit = typed[0]  # 1亿元 is 10000万元: the parser converts what says its scale
    elif typed:
        indicator.unit = typed[0]
        row.doubts.append(doubts.unit(indicator, f"单元格里的单位不一致：{'、'.join(typed)}。", *typed))
    elif texts and _IS_SHARE.search(bare(indicator.name)) and not _NOT_PERCENT.search(bare(indicator.name)):
        if any(read_value(text, unit="%").value is not None for text in texts):
            indicator.unit = "%"
            row.doubts.append(doubts.unit(indicator, "没有印单位，按“%”读取，是否正确？", "%", ""))
    elif any(read_value(text).value is not None and ":" not in half(text) for text in texts):
        row.doubts.append(doubts.unit(indicator, "没有印单位。请填写。"))


def _read_attribute(row: Row, notes: Notes) -> None:
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


def _read_words(row: Row, notes: Notes) -> None:
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


def _find_nature(row: Row) -> None:
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


def _finish_groups(rows: list[Row]) -> None:
    """A row that prints no figures above rows that do is a group; what its rows have in common is its own."""
    below: dict[str, list[Row]] = {}
    for row in rows:
        below.setdefault(row.indicator.parent, []).append(row)
    for row in rows:
        indicator, parts = row.indicator, below.get(row.indicator.number, [])
        has_figures = bool(indicator.targets or indicator.baseline.text or indicator.actuals)
        if not parts or (has_figures and not indicator.is_group):
            continue
        if row.item.label:
            question = f"一行印有{row.item.label}几个数，已各列一行，是否正确？"
            row.doubts = [doubts.about(indicator, "parent", question)]
        indicator.is_group = not indicator.parent
        row.doubts = [doubt for doubt in row.doubts if doubt.field not in {"target", "unit", "attribute"}]
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
        if column.is_year_assumed:
            why = "全表看不出规划期，暂取" if column.is_year_unknown else "按规划期取"
            question = f"“{column.head}”没有印年份，{why}{column.year}年，是否正确？"
            found.append(doubts.table("year", question, year=column.year, assumed=str(column.year)))
        if column.is_base_year_assumed:
            question = f"“{column.head}”没有印基期年份，取{column.base_year}年，是否正确？"
            found.append(doubts.table("year", question, year=column.base_year, assumed=str(column.base_year)))
    return found
