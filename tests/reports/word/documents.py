"""Small documents to upload and to read, for the tests of Word reports."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from docx import Document


def document(
    *paragraphs: str, table: Sequence[Sequence[str]] = (), change: Callable[[Any], None] | None = None
) -> bytes:
    """A .docx with these paragraphs and one table."""
    doc = Document()
    for text in paragraphs:
        doc.add_paragraph(text)
    if table:
        added = doc.add_table(rows=len(table), cols=len(table[0]))
        for at, row in enumerate(table):
            for cell, text in zip(added.rows[at].cells, row, strict=True):
                cell.text = text
    if change:
        change(doc)
    out = io.BytesIO()
    doc.save(out)
    return out.getvalue()


def with_part(content: bytes, name: str, part: bytes) -> bytes:
    """The same archive with a part added, or put in place of the one it has."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as given, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as written:
        for entry in given.namelist():
            if entry != name:
                written.writestr(entry, given.read(entry))
        written.writestr(name, part)
    return out.getvalue()


def part_of(content: bytes, name: str) -> str:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return archive.read(name).decode()


def texts_of(content: bytes) -> list[str]:
    """The paragraphs outside tables."""
    return [paragraph.text for paragraph in Document(io.BytesIO(content)).paragraphs]


def rows_of(content: bytes, table: int) -> Iterator[list[str]]:
    """The rows of a table as texts, its head first."""
    for row in Document(io.BytesIO(content)).tables[table].rows:
        yield [cell.text for cell in row.cells]
