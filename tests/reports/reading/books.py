"""Tables as a bureau prints them, built into .xlsx, .docx and HTML from one literal.

A literal is a list of rows of texts. `<` continues the cell to the left, `^` the cell above; numbers stay numbers in a
workbook. Lines before and after the table are paragraphs, in a workbook rows of their own across the whole width.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Any

from docx import Document
from openpyxl import Workbook
from openpyxl.utils import get_column_letter

from reports.reading.found import ReadTable
from reports.reading.reader import best_of, read_tables

Rows = Sequence[Sequence[Any]]


def blocks(rows: Rows) -> list[tuple[int, int, int, int, Any]]:
    """Each printed cell as (row, column, height, width, content)."""
    found = []
    for top, row in enumerate(rows):
        for left, content in enumerate(row):
            if content in ("<", "^"):
                continue
            right = left + 1
            while right < len(row) and row[right] == "<":
                right += 1
            bottom = top + 1
            while bottom < len(rows) and left < len(rows[bottom]) and rows[bottom][left] == "^":
                bottom += 1
            found.append((top, left, bottom - top, right - left, content))
    return found


def xlsx(rows: Rows, *, before: Sequence[str] = (), after: Sequence[str] = (), title: str = "Sheet1") -> bytes:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = title
    add_sheet(sheet, rows, before=before, after=after)
    return saved(book)


def add_sheet(sheet: Any, rows: Rows, *, before: Sequence[str] = (), after: Sequence[str] = ()) -> None:
    wide = max(map(len, rows))
    first = len(before) + 1
    for place, line in enumerate(before, 1):
        sheet.cell(place, 1, line).data_type = "s"
        sheet.merge_cells(start_row=place, end_row=place, start_column=1, end_column=wide)
    for top, left, height, width, content in blocks(rows):
        cell = sheet.cell(first + top, left + 1)
        if isinstance(content, tuple):
            cell.value, cell.number_format = content
        elif content != "":
            cell.value = content
            if isinstance(content, str):
                cell.data_type = "s"
        if height > 1 or width > 1:
            sheet.merge_cells(
                start_row=first + top,
                end_row=first + top + height - 1,
                start_column=left + 1,
                end_column=left + width,
            )
    for place, line in enumerate(after, first + len(rows)):
        sheet.cell(place, 1, line).data_type = "s"
        sheet.merge_cells(f"A{place}:{get_column_letter(wide)}{place}")


def saved(book: Any) -> bytes:
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def docx(rows: Rows, *, before: Sequence[str] = (), after: Sequence[str] = ()) -> bytes:
    document = Document()
    for line in before:
        document.add_paragraph(line)
    add_table(document, rows)
    for line in after:
        document.add_paragraph(line)
    return saved(document)


def add_table(document: Any, rows: Rows) -> None:
    wide = max(map(len, rows))
    table = document.add_table(rows=len(rows), cols=wide)
    for top, left, height, width, content in blocks(rows):
        cell = table.cell(top, left)
        if height > 1 or width > 1:
            cell = cell.merge(table.cell(top + height - 1, left + width - 1))
        text = printed(content)
        lines = text.split("\n")
        cell.paragraphs[0].text = lines[0]
        for line in lines[1:]:
            cell.add_paragraph(line)


def html(rows: Rows, *, before: Sequence[str] = (), after: Sequence[str] = ()) -> bytes:
    by_row: dict[int, list[str]] = {}
    for top, _, height, width, content in blocks(rows):
        text = printed(content).replace("&", "&amp;").replace("<", "&lt;").replace("\n", "<br>")
        by_row.setdefault(top, []).append(f'<td rowspan="{height}" colspan="{width}"><p>{text}</p></td>')
    lines = "".join(f"<tr>{''.join(by_row.get(top, []))}</tr>\n" for top in range(len(rows)))
    above = "".join(f"<p>{line}</p>" for line in before)
    below = "".join(f"<p>{line}</p>" for line in after)
    return f"<html><meta charset='utf-8'><body>{above}<table>{lines}</table>{below}</body></html>".encode()


def printed(content: Any) -> str:
    return str(content[0]) if isinstance(content, tuple) else str(content)


FORMATS = {"xlsx": xlsx, "docx": docx, "html": html}


def read(content: bytes, name: str) -> ReadTable:
    return best_of(read_tables(content, name))
