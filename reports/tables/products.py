"""One table as it is asked for: its sheets, its charts and its 说明, ready to become a workbook or a preview."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any, TypeAlias

from reports.downloads import file_name_of
from reports.tables.charts import Chart, add_chart
from reports.tables.workbooks import Table, add_notes, add_table, new_book, saved

Notes: TypeAlias = list[tuple[str, str]]
LONGEST_SHEET_NAME = 31
_REFUSED_IN_SHEET_NAMES = re.compile(r"[\\/:*?\[\]\x00-\x1f\ud800-\udfff\ufffe\uffff]")


@dataclass(frozen=True, slots=True)
class Product:
    """The sheets in order; the 说明 stands last, and what warns of demo figures on each."""

    title: str
    name: str  # of the file, without its ending
    tables: Sequence[Table[Any]]
    notes: Notes
    warning: str = ""
    charts: Sequence[Chart] = field(default_factory=tuple)

    @property
    def file_name(self) -> str:
        return file_name_of(self.name)


def written(product: Product) -> bytes:
    """The product as .xlsx."""
    book = new_book(product.name)
    taken = {"说明", *(chart.sheet for chart in product.charts)}
    for table in product.tables:
        name = sheet_name(table.name, taken=taken)
        taken.add(name)
        add_table(book, replace(table, name=name))
    for chart in product.charts:
        add_chart(book, chart, warning=product.warning)
    add_notes(book, "说明", product.notes, warning=product.warning)
    return saved(book)


def sheet_name(wanted: str, *, taken: set[str]) -> str:
    """A name that a workbook allows: 31 signs at most, none of []:*?/\\, no apostrophe at its ends, no other's name.

    Upper and lower case are one name to Excel.
    """
    base = _REFUSED_IN_SHEET_NAMES.sub("", wanted).strip("' ") or "表"
    names = {name.casefold() for name in taken} | {"history"}
    name, number = base[:LONGEST_SHEET_NAME].strip("' "), 1
    while name.casefold() in names:
        number += 1
        mark = f"（{number}）"
        name = base[: LONGEST_SHEET_NAME - len(mark)] + mark
    return name
