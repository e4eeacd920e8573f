"""The sheets of a workbook as grids: every cell as Excel or WPS would show it, merged blocks, indents.

Whoever calls has the file checked first (accounts.archives); here only what a sound file can still claim is bounded.
"""

from __future__ import annotations

import io
import re
import warnings
import zipfile
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

from openpyxl import load_workbook
from openpyxl.cell.rich_text import CellRichText, TextBlock
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from accounts.archives import UnreadableFile
from indicators.figures import MAX_DECIMALS, format_figure, round_half_up
from reports.reading.grids import MAX_COLUMNS, MAX_GRIDS, MAX_ROWS, Grid, Placed, rectangle, trimmed
from reports.reading.wording import raised, visible

_MERGE = re.compile(rb"<(?:\w+:)?mergeCell\s[^>]*?ref\s*=\s*[\"']([A-Z]+)([0-9]+):([A-Z]+)([0-9]+)[\"']")
_OPEN_FORMULA = re.compile(
    rb"<(?:\w+:)?f(?:\s[^>]*)?>[^<]*</(?:\w+:)?f>\s*(?:<(?:\w+:)?v\s*/>|<v></v>)?\s*</(?:\w+:)?c>"
)
_MAX_MERGED_PLACES = 200_000
_QUOTED = re.compile(r'"([^"]*)"|\\(.)|\[[^\]]*\]|_.|\*.')
_DIGITS = re.compile(r"[0#?][0#?,]*(?:\.([0#?]*))?")


def grids_of_workbook(content: bytes) -> list[Grid]:
    """One grid per visible sheet that holds anything."""
    _refuse_endless_merges(content)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # openpyxl speaks up about extensions it does not know
            book = load_workbook(io.BytesIO(content), data_only=True, rich_text=True)
            formulas = load_workbook(io.BytesIO(content)) if _has_open_formula(content) else None
    except UnreadableFile:
        raise
    except Exception as problem:  # openpyxl raises whatever its parsing meets
        raise UnreadableFile("文件已损坏，打不开。请用 Excel 或 WPS 重新保存后再试。") from problem
    sheets = [sheet for sheet in book.worksheets if sheet.sheet_state == "visible"][:MAX_GRIDS]
    return [grid for sheet in sheets if (grid := _grid(sheet, formulas[sheet.title] if formulas else None)).rows]


def _refuse_endless_merges(content: bytes) -> None:
    """openpyxl makes an object for every place of a merged block, so a block of the whole sheet would fill memory."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        for name in archive.namelist():
            if not re.match(r"/?xl/worksheets/", name):
                continue
            places = sum(
                abs(_column(right) - _column(left) + 1) * abs(int(bottom) - int(top) + 1)
                for left, top, right, bottom in _MERGE.findall(archive.read(name))
            )
            if places > _MAX_MERGED_PLACES:
                raise UnreadableFile("工作表里合并的单元格范围过大，不是正常的指标表，没有打开。请只留下表格再试。")


def _column(letters: bytes) -> int:
    number = 0
    for letter in letters[:4]:
        number = number * 26 + letter - 64
    return number


def _has_open_formula(content: bytes) -> bool:
    """Whether a formula stands without its result, as in files that a program wrote and nobody opened since."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return any(
            _OPEN_FORMULA.search(archive.read(name))
            for name in archive.namelist()
            if re.match(r"/?xl/worksheets/[^/]+$", name)
        )


def _grid(sheet: Worksheet, formulas: Worksheet | None) -> Grid:
    blocks = {(block.min_row, block.min_col): block for block in sheet.merged_cells.ranges}
    rows = [
        row
        for row in range(1, min(sheet.max_row, MAX_ROWS) + 1)
        if not (row in sheet.row_dimensions and sheet.row_dimensions[row].hidden)
    ]
    hidden = _hidden_columns(sheet)
    columns = [column for column in range(1, min(sheet.max_column, MAX_COLUMNS) + 1) if column not in hidden]
    row_at = {row: place for place, row in enumerate(rows)}
    column_at = {column: place for place, column in enumerate(columns)}
    placed = []
    for cells in sheet.iter_rows(min_row=1, max_row=max(rows, default=1), max_col=max(columns, default=1)):
        for cell in cells:
            block = blocks.get((cell.row, cell.column))
            covered = _covered(cell, block, row_at, column_at)
            value = cell.value
            if value is None and formulas is not None:
                value = formulas[cell.coordinate].value  # said as it stands: a formula without a result
            if covered is None or (value is None and block is None):
                continue
            text, shown_as = shown(value, str(cell.number_format or "General"))
            (row, height), (column, width) = covered
            placed.append(Placed(row, column, text, height, width, _indent(cell), shown_as=shown_as))
    grid_rows = trimmed(rectangle(placed, height=len(rows), width=len(columns)))
    return Grid(
        str(sheet.title),
        grid_rows,
        is_sheet=True,
        row_numbers=rows,
        letters=[get_column_letter(column) for column in columns],
    )


def _hidden_columns(sheet: Worksheet) -> set[int]:
    hidden: set[int] = set()
    for dimension in sheet.column_dimensions.values():
        if dimension.hidden and dimension.min and dimension.max:
            hidden |= set(range(dimension.min, min(dimension.max, MAX_COLUMNS) + 1))
    return hidden


def _covered(
    cell: Any, block: Any, row_at: dict[int, int], column_at: dict[int, int]
) -> tuple[tuple[int, int], tuple[int, int]] | None:
    """The rows and columns of the grid that the cell covers, as (first, count); None where all are hidden."""
    bottom, right = (block.max_row, block.max_col) if block else (cell.row, cell.column)
    rows = [row_at[row] for row in range(cell.row, min(bottom, MAX_ROWS) + 1) if row in row_at]
    columns = [column_at[column] for column in range(cell.column, min(right, MAX_COLUMNS) + 1) if column in column_at]
    return ((rows[0], len(rows)), (columns[0], len(columns))) if rows and columns else None


def _indent(cell: Any) -> int:
    alignment = getattr(cell, "alignment", None)
    return int(alignment.indent or 0) if alignment is not None and alignment.horizontal != "right" else 0


def shown(value: object, number_format: str) -> tuple[str, str]:
    """The cell's text, and what its format shows of it where the cell holds more: 85.6% for 0.856, shown as 86%."""
    if value is None:
        return "", ""
    if isinstance(value, CellRichText):
        return _rich(value), ""
    if isinstance(value, bool):
        return ("TRUE" if value else "FALSE"), ""
    if isinstance(value, int | float | Decimal):
        return _number(value, number_format)
    if isinstance(value, datetime | date):
        return _date(value, number_format), ""
    return (value.isoformat(), "") if isinstance(value, time) else (visible(str(value)), "")


def _rich(value: CellRichText) -> str:
    text = ""
    for part in value:
        if isinstance(part, TextBlock):
            is_raised = part.font is not None and part.font.vertAlign == "superscript"
            text += raised(part.text or "", text) if is_raised else part.text or ""
        else:
            text += str(part)
    return visible(text)


def _date(value: date, number_format: str) -> str:
    """A year typed as a date is a year; m that stands for minutes is not met in these tables."""
    form = re.sub(r'"[^"]*"|\[[^\]]*\]', "", number_format).lower()
    if "y" in form and "m" not in form:
        return f"{value.year}年"
    return f"{value.year}年{value.month}月" if "d" not in form else value.strftime("%Y-%m-%d")


def _number(value: float | Decimal, number_format: str) -> tuple[str, str]:
    """Shortest digits, at least the format's decimals, with percent sign, separators and fixed words (0"年", "≥"0).

    Digits beyond the format are kept where somebody may have typed them; those of a computed figure are rounded off.
    """
    exact = Decimal(str(value)) if isinstance(value, int | Decimal) else Decimal(f"{value:.15g}")
    if not exact.is_finite():
        return str(value), ""
    sections = number_format.split(";")
    section = sections[1] if exact < 0 and len(sections) > 1 and sections[1].strip() else sections[0]
    bare = _QUOTED.sub("", section)
    digits = _DIGITS.search(bare)
    if digits is None or re.search(r"[EeyYhHsS/]|General", bare):
        return _plain(exact), ""
    fixed = len(digits[1] or "")
    least = (digits[1] or "").count("0")
    is_percent = "%" in bare
    held = exact.scaleb(2) if is_percent else exact
    as_formatted = round_half_up(held, fixed)
    is_typed = _decimals(Decimal(_plain(held))) <= MAX_DECIMALS
    figure = held if is_typed and as_formatted != held else as_formatted
    texts = []
    for part in (figure, as_formatted):
        text = _plain(part)
        if _decimals(Decimal(text)) < least:
            text = format_figure(part, decimals=least)
        before, after = (_words(piece) for piece in _around_digits(section))
        texts.append(f"{before}{Decimal(text):,f}{after}" if "," in digits[0] else f"{before}{text}{after}")
    return texts[0], "" if texts[0] == texts[1] else texts[1]


def _around_digits(section: str) -> tuple[str, str]:
    """What a number format says before and after its digits."""
    kept = re.sub(r'"[^"]*"|\\.', lambda found: "\0" * len(found[0]), section)
    found = _DIGITS.search(kept)
    return (section[: found.start()], section[found.end() :]) if found else ("", "")


def _words(part: str) -> str:
    said = _QUOTED.sub(lambda found: found[1] or found[2] or "", part)
    return re.sub(r"[\s@]", "", said)


def _plain(value: Decimal) -> str:
    text = format(value, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def _decimals(value: Decimal) -> int:
    exponent = value.as_tuple().exponent
    return max(0, -exponent) if isinstance(exponent, int) else 0
