"""Entry templates as a clerk gets and fills them, for the tests of the way there and back."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Mapping
from typing import Any

from django.utils import timezone
from openpyxl import Workbook, load_workbook
from openpyxl.worksheet.worksheet import Worksheet

from accounts.models import User
from indicators.models import Indicator
from plans.models import Plan
from reports.entries.columns import KEYS
from reports.entries.template import entry_template

YEAR = 2024


def template_of(*plans: Plan, user: User, year: int = YEAR) -> bytes:
    now = timezone.now()
    return entry_template(plans, year=year, user=user, on=timezone.localdate(now), at=now)


def opened(content: bytes) -> Workbook:
    return load_workbook(io.BytesIO(content))


def saved(book: Workbook) -> bytes:
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def keys_of(sheet: Worksheet) -> tuple[int, dict[str, int]]:
    """The row of keys, and the column of each."""
    for row in sheet.iter_rows(max_row=40):
        found = {str(cell.value): cell.column for cell in row if cell.value}
        if set(KEYS) <= set(found):
            return int(row[0].row or 0), {key: int(column or 0) for key, column in found.items()}
    raise AssertionError(f"{sheet.title} has no row of keys")


def place_of(sheet: Worksheet, indicator: Indicator, field: str) -> str:
    """The coordinate of a field's cell in an indicator's row."""
    head, columns = keys_of(sheet)
    for row in range(head + 1, sheet.max_row + 1):
        if sheet.cell(row, columns["indicator"]).value == str(indicator.pk):
            return str(sheet.cell(row, columns[field]).coordinate)
    raise AssertionError(f"{sheet.title} has no row of {indicator}")


def filled(content: bytes, typed: Mapping[tuple[Indicator, str], Any]) -> bytes:
    """The template with these cells typed into, whatever is locked."""
    book = opened(content)
    for (indicator, field), value in typed.items():
        sheet = sheet_of(book, indicator)
        cell = sheet[place_of(sheet, indicator, field)]
        cell.value = value
        if isinstance(value, str):
            cell.data_type = "s"
    return saved(book)


def sheet_of(book: Workbook, indicator: Indicator) -> Worksheet:
    for sheet in book.worksheets:
        try:
            place_of(sheet, indicator, "value")
        except AssertionError:
            continue
        return sheet
    raise AssertionError(f"no sheet has a row of {indicator}")


def rewritten(content: bytes, change: Callable[[str, bytes], bytes | None]) -> bytes:
    """The archive with each part passed through `change` (None leaves it out)."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for entry in old.infolist():
            changed = change(entry.filename, old.read(entry))
            if changed is not None:
                new.writestr(entry.filename, changed)
    return out.getvalue()
