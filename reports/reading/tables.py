"""Which of the tables of a file hold indicators, their heads, and which of them go on in the next."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field

from reports.reading.grids import Grid, halves
from reports.reading.heads import Head, Role, head_at
from reports.reading.notes import is_note
from reports.reading.rows import Body, Item, read_body
from reports.reading.wording import bare, closed, half
from reports.reading.years import Period, periods_in

_NEVER_A_TITLE = re.compile(r"^\(?单位[:：]|^注|^第[0-9一二三四五六七八九十]+[章节]|[。；]$")
_TITLE = re.compile(r"指标|规划|目标|表|专栏")


@dataclass(slots=True)
class Part:
    """One stretch of a grid under one head."""

    grid: Grid
    head: Head
    body: Body

    @property
    def items(self) -> list[Item]:
        return self.body.items


@dataclass(slots=True)
class Found:
    """One indicator table, which may run over several grids."""

    title: str
    parts: list[Part]
    above: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    period: Period | None = None

    @property
    def count(self) -> int:
        return sum(len(part.items) for part in self.parts)


Settle = Callable[[Head, Grid, Period | None, range], Period | None]


def find_tables(grids: list[Grid], *, hint: str, known: Period | None, settle: Settle) -> list[Found]:
    """Every indicator table in the order of the file.

    `known` is the plan's period where the caller knows it, `hint` where else one may be named: the file's name.
    """
    found: list[Found] = []
    last: Part | None = None
    for grid in (part for whole in grids for part in halves(whole)):
        row, is_first = 0, True
        while row < len(grid.rows):
            head = head_at(grid, row)
            if head is None:
                row += 1
                continue
            above = lines_above(grid, row, is_first=is_first)
            title = title_of(above, grid)
            period = known or _period(title, above, head, hint)
            period = settle(head, grid, period, range(head.bottom + 1, len(grid.rows)))
            carried = last.items[-1] if last and last.items else None
            same = last is not None and head.texts == last.head.texts and not _is_new_title(title, found[-1].title)
            body = read_body(
                grid,
                head,
                category=carried.category if same and carried else "",
                section=carried.section if same and carried else "",
            )
            part = Part(grid, head, body)
            if same and last is not None:
                found[-1].parts.append(part)
                found[-1].period = found[-1].period or period
            else:
                found.append(Found(title, [part], above, period=period))
            found[-1].notes += body.notes
            last = part
            row, is_first = body.end, False
        if is_first and last is not None and _continues(grid, last):
            body = read_body(grid, _moved(last.head), category=last.items[-1].category if last.items else "")
            found[-1].parts.append(Part(grid, _moved(last.head), body))
            found[-1].notes += body.notes
        if (last is not None and last.grid is grid) or (is_first and found and found[-1].parts[-1].grid is grid):
            found[-1].notes += _lines_below(grid)
    return [table for table in found if table.count]


def _moved(head: Head) -> Head:
    """The same head for a grid that prints none: its rows begin at once."""
    return Head(0, -1, head.columns, head.texts)


def _continues(grid: Grid, last: Part) -> bool:
    """A table without a head of its own, directly behind and of the same width."""
    has_title = any(_TITLE.search(line) and not re.search(r"续", line) for line in grid.before[-2:])
    return grid.width == last.grid.width and not has_title and not grid.is_sheet and len(grid.before) <= 2


def _is_new_title(title: str, before: str) -> bool:
    """Whether a title between two pieces names another table; 续表 and a repeated title do not."""
    even, earlier = (re.sub(r"续表?|[()（）\s]|[0-9一二三四五六七八九十]+", "", bare(text)) for text in (title, before))
    return bool(even) and even not in earlier and earlier not in even


def lines_above(grid: Grid, top: int, *, is_first: bool) -> list[str]:
    """Paragraphs before a grid and the rows above its head, in their order."""
    rows: list[str] = []
    for row in range(top - 1, -1, -1):
        own = [cell for cell in dict.fromkeys(grid.rows[row]) if not cell.is_blank]
        if len(own) > 3:
            break
        rows = [*(closed(cell.text) for cell in own if cell.top == row), *rows]
    return [line for line in (*(grid.before if is_first else ()), *rows) if line]


def title_of(above: list[str], grid: Grid) -> str:
    """The nearest line above that can be a title; else the name of the sheet."""
    for line in reversed(above):
        plain = closed(line)
        if not _NEVER_A_TITLE.search(half(plain)) and len(plain) <= 60 and _TITLE.search(plain) and not is_note(plain):
            return plain
    return grid.name if grid.is_sheet and not re.fullmatch(r"(?i)sheet ?[0-9]*|工作表[0-9]*", grid.name) else ""


def _period(title: str, above: list[str], head: Head, hint: str) -> Period | None:
    """The plan's period: by the title, the target heads, the lines above, the file's name, in this order."""
    targets = " ".join(column.head for column in head.of(Role.TARGET, Role.NAME))
    for text in (title, targets, *reversed(above), hint):
        periods = periods_in(text)
        if periods:
            return max(periods, key=lambda period: period.end)
    return None


def _lines_below(grid: Grid) -> list[str]:
    """The footnotes directly below: from the first line on as long as they read as notes."""
    notes: list[str] = []
    for line in grid.after[:12]:
        if is_note(line) or (notes and re.match(r"\s*[0-9０-９]+[.、．]", line)):
            notes.append(closed(line))
        elif notes:
            break
    return notes
