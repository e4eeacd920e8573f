"""Excel sheets in the layout of official tables. Knows columns and cells, not what stands in them."""

from __future__ import annotations

import io
import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from copy import copy
from dataclasses import dataclass
from decimal import Decimal
from math import ceil
from typing import Any, Generic, TypeAlias, TypeVar

from openpyxl import Workbook
from openpyxl.cell import Cell
from openpyxl.styles import Alignment, Border, Font, PatternFill, Protection, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.cell_range import MultiCellRange
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.worksheet.worksheet import Worksheet

from indicators.figures import format_figure
from indicators.verdicts import LIGHT_SHAPES, Light

R = TypeVar("R")
# How cells of one kind look, once worked out: openpyxl takes longer over the looks of a cell than over all else.
Looks: TypeAlias = dict[tuple[object, ...], Any]

ABSENT = "—"
# Shape, fill and ink: readable without colour and in a black-and-white print.
LIGHT_MARKS = {
    Light.GREEN: (LIGHT_SHAPES[Light.GREEN], "1F8A8C", "FFFFFF"),
    Light.YELLOW: (LIGHT_SHAPES[Light.YELLOW], "C77700", "000000"),
    Light.RED: (LIGHT_SHAPES[Light.RED], "8E1B1B", "FFFFFF"),
    Light.GREY: (LIGHT_SHAPES[Light.GREY], "E3E6E8", "333333"),
}

# What XML cannot carry: one such character makes the whole workbook unreadable.
FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
# In a workbook _x0041_ means A; the escape of its first sign makes it the seven signs again (ECMA-376, ST_Xstring).
_LOOKS_ESCAPED = re.compile("_(?=x[0-9A-Fa-f]{4}_)")
_LONGEST_TEXT = 32_767
_LOWEST_ROW, _TALLEST_ROW = 24, 409  # points; Excel allows no more than the latter
_LINE = 15.5  # points of one line of 10.5 point type
_TITLE = Font(name="宋体", size=18, bold=True)
_HEAD = Font(name="黑体", size=10.5)
_BODY = Font(name="仿宋", size=10.5)
_FIGURE = Font(name="Times New Roman", size=10.5)
_SUM = Font(name="Times New Roman", size=10.5, bold=True)
_SECTION = Font(name="楷体", size=10.5, bold=True)
_WARNING = Font(name="宋体", size=12, bold=True, color="C00000")
_HEAD_FILL = PatternFill("solid", fgColor="E8EEF1")
_SECTION_FILL = PatternFill("solid", fgColor="F4F6F7")
_INPUT_FILL = PatternFill("solid", fgColor="FFF9E5")
_UNLOCKED = Protection(locked=False)
_THIN = Side(style="thin", color="555555")
_GRID = Border(left=_THIN, right=_THIN, top=_THIN, bottom=_THIN)
_CENTER = Alignment(horizontal="center", vertical="center", wrap_text=True)
_LEFT = Alignment(horizontal="left", vertical="center", wrap_text=True)


@dataclass(frozen=True, slots=True)
class Content:
    """What stands in a cell: the text as shown, and the number behind it where there is one."""

    shown: str
    number: Decimal | None = None
    number_format: str = "General"
    light: Light | None = None
    indent: int = 0
    is_input: bool = False
    choices: tuple[str, ...] = ()
    is_sum: bool = False


@dataclass(frozen=True, slots=True)
class Column(Generic[R]):
    """One column: its head (under a group's head where it has one), width in half-width characters, and content.

    A sheet that is to come back has a `key` for each column that is read, in a hidden row under the heads. Hidden
    columns stand last.
    """

    head: str
    width: int
    content: Callable[[R], Content]
    group: str = ""
    is_prose: bool = False
    key: str = ""
    is_hidden: bool = False


@dataclass(frozen=True, slots=True)
class Table(Generic[R]):
    """One sheet: heading, lines under it, a warning in red, and blocks of rows, each under its own heading if any."""

    name: str
    heading: str
    lines: Sequence[str]
    warning: str
    columns: Sequence[Column[R]]
    blocks: Sequence[tuple[str, Sequence[R]]]

    @property
    def is_form(self) -> bool:
        """Whether the sheet is filled in and read back: then only the cells for input can be changed."""
        return any(column.key for column in self.columns)


def text(shown: str, *, indent: int = 0, is_sum: bool = False) -> Content:
    return Content(cleaned(shown), indent=indent, is_sum=is_sum)


def number(value: Decimal, *, decimals: int, before: str = "", after: str = "", is_sum: bool = False) -> Content:
    """A number that stays one with a sign before or a mark after it: ≥55.00 is 55 formatted."""
    zeros = "0." + "0" * decimals if decimals else "0"
    quoted = [f'"{words}"' if words else "" for words in (before, after)]
    shown = f"{before}{format_figure(value, decimals=decimals)}{after}"
    return Content(shown, value, f"{quoted[0]}{zeros}{quoted[1]}", is_sum=is_sum)


def number_of(count: int, *, is_sum: bool = False) -> Content:
    return number(Decimal(count), decimals=0, is_sum=is_sum)


def share(value: Decimal | None, *, is_sum: bool = False) -> Content:
    """A share (0.8) as a percentage with one decimal (80.0%)."""
    if value is None:
        return Content(ABSENT, is_sum=is_sum)
    return Content(f"{format_figure(value * 100, decimals=1)}%", value, "0.0%", is_sum=is_sum)


def light(colour: Light, word: str) -> Content:
    return Content(f"{LIGHT_MARKS[colour][0]} {word}", light=colour)


def add_table(book: Workbook, table: Table[R]) -> None:
    """Add a sheet that prints on A4 landscape, one page wide, its head repeated on every page."""
    sheet = book.create_sheet(table.name)
    widths = _widths(table)
    for position, (column, width) in enumerate(zip(table.columns, widths, strict=True), start=1):
        dimension = sheet.column_dimensions[get_column_letter(position)]
        dimension.width, dimension.hidden = width, column.is_hidden
    shown = widths[: sum(1 for column in table.columns if not column.is_hidden)]
    head = _write_heading(sheet, table.heading, table.lines, table.warning, shown)
    first = head + 2
    _write_head(sheet, table.columns, head, widths)
    if table.is_form:
        _write_keys(sheet, table.columns, first)
        first += 1
    below = first
    choices: dict[tuple[int, tuple[str, ...]], list[int]] = {}
    looks: Looks = {}
    for heading, rows in table.blocks:
        if heading:
            _write_across(sheet, below, heading, _SECTION, shown, fill=_SECTION_FILL, border=_GRID)
            below += 1
        for row in rows:
            contents = [column.content(row) for column in table.columns]
            for position, (column, content) in enumerate(zip(table.columns, contents, strict=True), start=1):
                _write(_cell(sheet, below, position), content, is_prose=column.is_prose, looks=looks)
                if content.choices:
                    choices.setdefault((position, content.choices), []).append(below)
            sheet.row_dimensions[below].height = _height(contents[: len(shown)], shown)
            below += 1
    _offer(sheet, choices)
    sheet.freeze_panes = f"C{first}"
    sheet.print_title_rows = f"{head}:{first - 1}"
    _set_up_page(sheet, columns=len(shown), is_landscape=True)
    if table.is_form:
        _protect(sheet)


def add_notes(
    book: Workbook, heading: str, notes: Sequence[tuple[str, str]], *, warning: str = "", name: str = "说明"
) -> None:
    """Add the 说明 sheet: what a reader must know to use the figures, one matter per row."""
    sheet = book.create_sheet(name)
    widths = [20.0, 96.0]
    for letter, width in zip("AB", widths, strict=True):
        sheet.column_dimensions[letter].width = width
    first = _write_heading(sheet, heading, [], warning, widths)
    looks: Looks = {}
    for below, (matter, words) in enumerate(notes, start=first):
        contents = [text(matter), text(words)]
        for position, content in enumerate(contents, start=1):
            _write(_cell(sheet, below, position), content, is_prose=True, looks=looks)
        _cell(sheet, below, 1).font = _HEAD
        sheet.row_dimensions[below].height = _height(contents, widths)
    _set_up_page(sheet, columns=2, is_landscape=False)


def add_hidden_facts(book: Workbook, name: str, facts: Mapping[str, str]) -> None:
    """Add a sheet that no menu shows: what a program wants to know of the book when it comes back."""
    sheet = book.create_sheet(name)
    for row, pair in enumerate(facts.items(), start=1):
        for position, words in enumerate(pair, start=1):
            _write_text(_cell(sheet, row, position), words)
    sheet.sheet_state = "veryHidden"
    _protect(sheet)


def new_book(title: str) -> Workbook:
    """A workbook without sheets."""
    book = Workbook()
    book.remove(book.worksheets[0])
    book.properties.creator = "民政规划监测平台"
    book.properties.title = cleaned(title)
    return book


def saved(book: Workbook) -> bytes:
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def cleaned(shown: str) -> str:
    """A text that a cell can carry."""
    return FORBIDDEN.sub("", shown.replace("\r\n", "\n").replace("\r", "\n"))[:_LONGEST_TEXT]


def _cell(sheet: Worksheet, row: int, column: int) -> Cell:
    found = sheet.cell(row, column)
    if not isinstance(found, Cell):
        raise TypeError(f"{sheet.title} {found.coordinate} lies inside a merged area")
    return found


def _write(cell: Cell, content: Content, *, is_prose: bool, looks: Looks) -> None:
    if content.number is None:
        _write_text(cell, content.shown)
    else:
        # As digits: openpyxl sends a Decimal through a float and "%.16g", which turns 999.94 into 999.9400000000001.
        cell.value = f"{content.number:f}"
        cell.data_type = "n"
    look = (
        *(content.number is None, content.number_format, content.light),
        *(content.indent, content.is_input, content.is_sum, is_prose),
    )
    if look in looks:
        cell._style = copy(looks[look])  # type: ignore[attr-defined]
        return
    _style(cell, content, is_prose=is_prose)
    looks[look] = copy(cell._style)  # type: ignore[attr-defined]


def _style(cell: Cell, content: Content, *, is_prose: bool) -> None:
    cell.number_format = content.number_format
    cell.font = _BODY if content.number is None else _FIGURE
    is_left = is_prose and content.number is None
    cell.alignment = Alignment("left", "center", wrap_text=True, indent=content.indent) if is_left else _CENTER
    cell.border = _GRID
    if content.is_input:
        cell.fill, cell.protection = _INPUT_FILL, _UNLOCKED
    if content.is_sum:
        cell.font, cell.fill = _HEAD if content.number is None else _SUM, _SECTION_FILL
    if content.light is not None:
        _, fill, ink = LIGHT_MARKS[content.light]
        cell.fill = PatternFill("solid", fgColor=fill)
        cell.font = Font(name="黑体", size=10.5, color=ink)


def _write_text(cell: Cell, shown: str) -> None:
    if shown:  # an empty text cell would be written as a text without its element
        cell.value = _LOOKS_ESCAPED.sub("_x005F_", shown)
        cell.data_type = "s"  # otherwise a text that begins with "=" becomes a formula


def _write_across(
    sheet: Worksheet,
    row: int,
    shown: str,
    font: Font,
    widths: Sequence[float],
    *,
    alignment: Alignment = _LEFT,
    fill: PatternFill | None = None,
    border: Border | None = None,
) -> None:
    for position in range(1, len(widths) + 1):
        cell = _cell(sheet, row, position)
        if fill is not None:
            cell.fill = fill
        if border is not None:
            cell.border = border
    cell = _cell(sheet, row, 1)
    _write_text(cell, cleaned(shown))
    cell.font = font
    cell.alignment = alignment
    scale = (font.size or 10.5) / 10.5
    lines = _lines(shown, sum(widths) / scale)
    sheet.row_dimensions[row].height = min(lines * _LINE * scale + 6, _TALLEST_ROW)
    sheet.merge_cells(start_row=row, end_row=row, start_column=1, end_column=len(widths))


def _write_heading(sheet: Worksheet, heading: str, lines: Sequence[str], warning: str, widths: Sequence[float]) -> int:
    """Returns the first free row."""
    _write_across(sheet, 1, heading, _TITLE, widths, alignment=_CENTER)
    row = 2
    if warning:
        _write_across(sheet, row, warning, _WARNING, widths, alignment=_CENTER)
        row += 1
    for line in lines:
        _write_across(sheet, row, line, _BODY, widths)
        row += 1
    return row


def _write_head(sheet: Worksheet, columns: Sequence[Column[R]], row: int, widths: Sequence[float]) -> None:
    """Two rows: columns with the same group share its cell, a column without one stands over both."""
    for position, column in enumerate(columns, start=1):
        for at, shown in ((row, column.group or column.head), (row + 1, column.head if column.group else "")):
            cell = _cell(sheet, at, position)
            _write_text(cell, cleaned(shown))
            cell.font, cell.alignment, cell.border, cell.fill = _HEAD, _CENTER, _GRID, _HEAD_FILL
    start = 1
    while start <= len(columns):
        group = columns[start - 1].group
        end = start
        while group and end < len(columns) and columns[end].group == group:
            end += 1
        if not group:
            sheet.merge_cells(start_row=row, end_row=row + 1, start_column=start, end_column=start)
        elif end > start:
            sheet.merge_cells(start_row=row, end_row=row, start_column=start, end_column=end)
        start = end + 1
    pairs = list(zip(columns, widths, strict=True))
    alone = max((_lines(column.head, width) for column, width in pairs if not column.group), default=1)
    grouped = max((_lines(column.head, width) for column, width in pairs if column.group), default=1)
    sheet.row_dimensions[row].height = _LINE + 4
    sheet.row_dimensions[row + 1].height = max(grouped, alone - 1) * _LINE + 4


def _write_keys(sheet: Worksheet, columns: Sequence[Column[R]], row: int) -> None:
    """What each column is, for the program that reads the sheet: it moves along when somebody inserts a column."""
    for position, column in enumerate(columns, start=1):
        _write_text(_cell(sheet, row, position), column.key)
    sheet.row_dimensions[row].hidden = True


def _offer(sheet: Worksheet, choices: Mapping[tuple[int, tuple[str, ...]], Sequence[int]]) -> None:
    """A dropdown list for cells, by column and list; neighbours share one range, or thousands would take minutes."""
    for (position, words), rows in choices.items():
        letter = get_column_letter(position)
        runs: list[list[int]] = []
        for row in rows:
            if runs and row == runs[-1][1] + 1:
                runs[-1][1] = row
            else:
                runs.append([row, row])
        listed = ",".join(words)
        offer = DataValidation("list", formula1=f'"{listed}"', showErrorMessage=True, allow_blank=True)
        offer.errorTitle, offer.error = "请从列表中选择", f"可填：{'、'.join(words)}。空白为不改。"
        offer.sqref = MultiCellRange(" ".join(f"{letter}{first}:{letter}{last}" for first, last in runs))
        sheet.add_data_validation(offer)


def _protect(sheet: Worksheet) -> None:
    """Against slips, not against people: no password. Widths, heights and filters stay free."""
    protection = sheet.protection
    protection.sheet = True
    protection.formatColumns = protection.formatRows = protection.formatCells = protection.autoFilter = False


def _set_up_page(sheet: Worksheet, *, columns: int, is_landscape: bool) -> None:
    sheet.print_area = f"A1:{get_column_letter(columns)}{sheet.max_row}"
    sheet.page_setup.paperSize = Worksheet.PAPERSIZE_A4
    sheet.page_setup.orientation = Worksheet.ORIENTATION_LANDSCAPE if is_landscape else Worksheet.ORIENTATION_PORTRAIT
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, 0
    margins = sheet.page_margins
    margins.left = margins.right = 0.4
    margins.top, margins.bottom, margins.header, margins.footer = 0.6, 0.7, 0.3, 0.35
    sheet.print_options.horizontalCentered = True
    sheet.oddFooter.center.text = "第 &P 页，共 &N 页"  # type: ignore[union-attr]
    sheet.sheet_view.showGridLines = False


def _widths(table: Table[R]) -> list[float]:
    """The widths asked for, widened where a number would otherwise be shown as ####."""
    rows = [row for _, block in table.blocks for row in block]
    widths = []
    for column in table.columns:
        if column.is_hidden:
            widths.append(float(column.width))
            continue
        numbers = (content.shown for content in map(column.content, rows) if content.number is not None)
        widths.append(float(max([column.width, *(_characters(shown) + 2 for shown in numbers)])))
    return widths


def _height(contents: Sequence[Content], widths: Sequence[float]) -> float:
    lines = max(
        _lines(content.shown, width - 2 * content.indent) for content, width in zip(contents, widths, strict=True)
    )
    return min(max(lines * _LINE + 6, _LOWEST_ROW), _TALLEST_ROW)


def _lines(shown: str, width: float) -> int:
    """How many lines a text takes in a column; Excel keeps about one character free at the edges."""
    return sum(max(1, ceil(_characters(line) / (width - 1.5))) for line in shown.split("\n"))


def _characters(shown: str) -> int:
    """Width in half-width characters; Chinese fonts set the ambiguous ones (“ ” ≥ ●) full width."""
    return sum(2 if unicodedata.east_asian_width(character) in "WFA" else 1 for character in shown)
