"""The rows under a head as items: category rows, notes and repeated heads taken out, sub-rows under their parents."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from reports.reading.grids import Cell, Grid
from reports.reading.heads import VALUES, Head, Role, head_at, is_column_numbers
from reports.reading.notes import is_note
from reports.reading.splits import split_lines
from reports.reading.wording import bare, closed, half, has_ordinal, visible, without_ordinal

_AMONG = re.compile(r"^\s*(?:其\s*中|其 中)\s*[:：、，,]?\s*")
_BULLET = re.compile(r"^\s*(?:[—–\-－]{1,2}|[·•▪◦○])\s*(?=[\u4e00-\u9fff])")
_LISTED = re.compile(r"^\s*(?:[(（]\s*([0-9]{1,2})\s*[)）]|([0-9]{1,2})\s*[)）](?=[^0-9]))[.、．]?\s*(?=\S)")
_CIRCLED = re.compile(r"^\s*([①-⑳⑴-⒇])[.、．]?\s*(?=[^\s])")
_NUMBERED = re.compile(
    r"^\s*([0-9]{1,3}(?:[.．\-][0-9]{1,2}){1,3}(?!\s*[岁年级个天月周户%0-9])|[0-9]{1,3}(?=[.．、]))[.．、]?\s*(?=[^\s0-9%])"
)
_TITLE = re.compile(r"^(?:续?表|专栏)\s*[0-9一二三四五六七八九十]|^续表|[(（]续[)）]$|^单位[:：]")
_TOTAL = re.compile(r"^.{0,4}(?:合计|总计|小计)$")


@dataclass(slots=True)
class Item:
    """One printed row (or one line of a row) before its cells are read."""

    row: int
    name: str
    number: str = ""
    category: str = ""
    section: str = ""  # 约束性指标, a heading row that states the attribute of the rows below
    group: str = ""  # what a first name column prints above several rows
    level: int = 0
    hint: str = ""  # why it is a sub-row: 其中, indent, number, unnumbered …; "" where it is none
    cells: dict[int, str] = field(default_factory=dict)  # by place
    shared: set[int] = field(default_factory=set)  # places of value cells that run across several value columns
    shown_as: dict[int, str] = field(default_factory=dict)
    is_group: bool = False
    label: str = ""  # 城市 of 2.0(城市)
    printed: str = ""  # the name cell, with 其中 and numbers
    number_is_shared: bool = False


@dataclass(slots=True)
class Body:
    items: list[Item] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    end: int = 0


def read_body(grid: Grid, head: Head, *, category: str = "", section: str = "") -> Body:
    """All rows from below the head to the end of the grid or to the head of another table."""
    body = Body(end=len(grid.rows))
    state = _State(category, section)
    row = head.bottom + 1
    while row < len(grid.rows):
        again = head_at(grid, row)
        if again is not None:
            if again.texts != head.texts:
                body.end = row
                break
            row = again.bottom + 1
            continue
        _read_row(grid, head, row, body, state)
        row += 1
    _mark_groups(body.items, head)
    return body


@dataclass(slots=True)
class _State:
    category: str
    section: str
    among: bool = False  # the row above said only 其中
    group_cell: Cell | None = None


def _read_row(grid: Grid, head: Head, row: int, body: Body, state: _State) -> None:
    cells = grid.rows[row]
    own = [cell for cell in dict.fromkeys(cells) if not cell.is_blank]
    if not any(cell.top == row for cell in own) or is_column_numbers(cells):
        return
    names = _name_cells(head, cells)
    is_heading = _is_heading(head, cells)
    if len(own) == 1 or is_heading:
        text = own[-1].text if len(own) == 1 else (names[-1].text if names else own[-1].text)
        if _read_lone(grid, head, row, text, own, body, state, is_heading=is_heading):
            return
    if not names or all(cell.is_blank for cell in names):
        if any(is_note(cell.text) for cell in own):
            body.notes.append(closed(" ".join(cell.text for cell in own)))
        return
    if is_note(own[0].text) and own[0].width > 1 and _values_blank(head, cells):
        body.notes.append(closed(own[0].text))
        return
    if _TOTAL.match(bare(names[-1].text)):
        return
    body.items += _items(head, row, cells, names, state, body.items)


def _name_cells(head: Head, cells: list[Cell]) -> list[Cell]:
    """The distinct cells of the name columns that hold something, from the left."""
    return [cell for cell in dict.fromkeys(cells[place] for place in head.places(Role.NAME)) if not cell.is_blank]


def _values_blank(head: Head, cells: list[Cell]) -> bool:
    names = {cells[place] for place in head.places(Role.NAME)}
    return all(cells[place].is_blank or cells[place] in names for place in head.places(*VALUES))


def _is_heading(head: Head, cells: list[Cell]) -> bool:
    """A row that prints only an ordinal and a heading: | 一 | 社会救助 | and nothing else."""
    numbers = [bare(cells[place].text) for place in head.places(Role.NUMBER)]
    is_ordinal = any(re.fullmatch(r"[(（]?[一二三四五六七八九十]{1,3}[)）]?[、.]?", text) for text in numbers)
    others = [place for place in range(len(cells)) if place not in head.places(Role.NUMBER, Role.NAME, Role.CATEGORY)]
    return is_ordinal and all(cells[place].is_blank or cells[place].width > 2 for place in others)


def _read_lone(
    grid: Grid, head: Head, row: int, text: str, own: list[Cell], body: Body, state: _State, *, is_heading: bool
) -> bool:
    """A row with one cell: a heading, a note, a repeated title, a lone 其中; False where it is a row like others."""
    plain = closed(visible(text))
    if _AMONG.fullmatch(plain):
        state.among = True
        return True
    if is_note(plain):
        body.notes.append(plain)
        return True
    if _TITLE.search(plain):
        return True
    cell = own[-1]
    in_name = cell.left in head.places(Role.NAME) and cell.width < max(2, grid.width - 1)
    is_long = len(plain) > 40 or plain.endswith(("。", "；"))
    if is_long and not in_name:
        body.notes.append(plain)
        return True
    if cell.left in head.places(Role.CATEGORY) and cell.width < max(2, grid.width - 1) and cell.height > 1:
        return False
    if in_name and not is_heading and not has_ordinal(plain) and not _heads_numbered_rows(grid, head, row):
        return False
    heading = without_ordinal(plain).rstrip("：:")
    if found := re.match(r"(约束性|预期性)(?:指标)?$", re.sub(r"[(（].*", "", heading)):
        state.section, state.among = found[1], False
    elif heading:
        state.category, state.among = heading, False
        state.section = ""
    return True


def _heads_numbered_rows(grid: Grid, head: Head, row: int) -> bool:
    """Whether an unnumbered name without figures stands above rows that are numbered: it heads them."""
    places = head.places(Role.NUMBER)
    if not places or row + 1 >= len(grid.rows):
        return False
    return bool(bare(grid.rows[row + 1][places[0]].text)) and not bare(grid.rows[row][places[0]].text)


def _items(head: Head, row: int, cells: list[Cell], names: list[Cell], state: _State, before: list[Item]) -> list[Item]:
    item = Item(row, names[-1].text, category=_category(head, cells, row, state), section=state.section)
    numbers = [cells[place] for place in head.places(Role.NUMBER) if not cells[place].is_blank]
    if numbers:
        item.number = numbers[-1].text
        item.number_is_shared = numbers[-1].height > 1
    group = names[0] if len(names) > 1 else None
    if group is not None:
        item.group, item.hint = group.text, "group"
        item.is_group = group.top == row and group is not state.group_cell
    is_moved = group is None and len(head.places(Role.NAME)) > 1 and cells[head.places(Role.NAME)[0]].is_blank
    if is_moved and state.group_cell is not None:
        item.group, item.hint = state.group_cell.text, "group"  # the first column prints its text once, unmerged
    else:
        item.hint = "indent" if is_moved else item.hint
        state.group_cell = group
    item.level = names[-1].indent + _leading_spaces(names[-1].text)
    if state.among and not item.number:
        item.hint = "其中"
    elif item.number:
        state.among = False
    _take_cells(head, cells, names, item)
    found = split_lines(item, head) if not item.group else [item]
    for part in found:
        _take_prefix(part, before)
    return found


def _category(head: Head, cells: list[Cell], row: int, state: _State) -> str:
    places = head.places(Role.CATEGORY)
    texts = [without_ordinal(closed(cells[place].text)) for place in places]
    found = [text for text in dict.fromkeys(texts) if text]
    if found:
        if places and texts[0] == "" and "·" in state.category:
            found = [state.category.split("·")[0], *found]
        state.category = "·".join(found)
    return state.category


def _leading_spaces(text: str) -> int:
    first = text.split("\n", maxsplit=1)[0]
    spaces = first[: len(first) - len(first.lstrip())]
    return sum(2 if char == "\u3000" else 1 for char in spaces) // 2


def _take_cells(head: Head, cells: list[Cell], names: list[Cell], item: Item) -> None:
    values = head.places(*VALUES)
    for column in head.columns:
        cell = cells[column.place]
        if column.role in {Role.NUMBER, Role.NAME, Role.CATEGORY} or cell in names or cell.is_blank:
            continue
        item.cells[column.place] = cell.text
        if cell.shown_as:
            item.shown_as[column.place] = cell.shown_as
        if cell.width > 1 and column.place in values:
            item.shared.add(column.place)


def _take_prefix(item: Item, before: list[Item]) -> None:
    """其中：, (1), ①, 1.1 and dashes before the name: out of the name, and into what the row is."""
    text = item.name
    item.printed = "" if item.label and not item.is_group else closed(text)
    if found := _AMONG.match(text):
        item.hint, text = "其中", text[found.end() :]
    has_number = bool(bare(item.number))
    if found := _NUMBERED.match(half(text)):
        text = text[found.end() :]
        if not has_number:
            item.number = found[1].replace("．", ".")
            has_number = True
    elif found := _LISTED.match(text):
        text = text[found.end() :]
        if not has_number and not item.hint:
            if all(_LISTED.match(other.printed) for other in before):
                item.number = found[1] or found[2]  # the table numbers its main rows (1), (2)
            else:
                item.hint = "(1)"
    elif (found := _CIRCLED.match(text)) and before and not has_number:
        text = text[found.end() :]
        item.hint = item.hint or "(1)"
    elif not has_number and (found := _BULLET.match(text)):
        text = text[found.end() :]
        item.hint = item.hint or "indent"
    elif has_ordinal(text) and not has_number:
        item.number = re.sub(r"[^一二三四五六七八九十]", "", text[: len(text) - len(without_ordinal(text))])
        text = without_ordinal(text)
    item.name = text


def _mark_groups(items: list[Item], head: Head) -> None:
    """Rows that are moved in stand under the row above; so do unnumbered rows among numbered ones."""
    numbered = [item for item in items if bare(item.number)]
    is_numbered_table = bool(numbered) and len(numbered) * 3 >= len(items)
    base = min((item.level for item in items), default=0)
    for place, item in enumerate(items):
        if item.hint or place == 0:
            continue
        has_own_number = bool(bare(item.number)) and not (
            item.number_is_shared and items[place - 1].number == item.number and items[place - 1].row != item.row
        )
        if has_own_number:
            continue
        if item.level > base and (is_numbered_table or not numbered):
            item.hint = "indent"
        elif is_numbered_table and bare(item.number):
            item.hint = "shared number"
        elif is_numbered_table:
            item.hint = "unnumbered"
