"""From a file with an official indicator table to rows as understood, beside the cells as printed, with every doubt."""

from __future__ import annotations

from reports.reading.assembly import assembled
from reports.reading.doubts import several_tables
from reports.reading.files import grids_of_file
from reports.reading.found import ReadTable
from reports.reading.grids import Grid
from reports.reading.settling import settle
from reports.reading.tables import find_tables
from reports.reading.web_tables import grids_of_text
from reports.reading.years import Period


class NoTable(ValueError):
    """The file can be read but holds no table of the kind asked for; the message says so in Chinese."""


def read_tables(content: bytes, name: str, *, period: tuple[int, int] | None = None) -> list[ReadTable]:
    """Every indicator table of an .xlsx, .docx or saved web page; UnreadableFile where it cannot be opened.

    `period` (first and last year of the plan) decides what heads without a year mean, where the caller knows it.
    """
    return _tables(grids_of_file(content, name), hint=name, period=period)


def read_pasted(text: str, *, period: tuple[int, int] | None = None) -> list[ReadTable]:
    """The same of text pasted from a web page or a sheet."""
    return _tables(grids_of_text(text), hint="", period=period)


def best_of(tables: list[ReadTable], *, chosen: int | None = None) -> ReadTable:
    """The table to go on with: the one chosen (from 1), else the richest in targets; others are named in a doubt."""
    if not tables:
        raise NoTable(
            "文件里没有找到指标表。指标表要有表头，至少有“指标”一栏和一栏基期值或目标值；年份作行、指标作列的表请先行列互换。"
        )
    if chosen is not None:
        if not 1 <= chosen <= len(tables):
            raise NoTable(f"文件里只有{len(tables)}张指标表，没有第{chosen}张。")
        return tables[chosen - 1]
    best = max(tables, key=_worth)
    if len(tables) > 1:
        best.doubts.insert(0, several_tables(tables, best))
    return best


def _worth(table: ReadTable) -> tuple[int, int, int]:
    """A table of a plan has targets, one of what was done actual figures; then the later plan, then the longer."""
    targets = sum(len(row.targets) for row in table.indicators)
    is_review = any(row.actuals for row in table.indicators)
    last = max((target.year for row in table.indicators for target in row.targets), default=0)
    return (0 if not targets else 1 if is_review else 2, last, targets)


def _tables(grids: list[Grid], *, hint: str, period: tuple[int, int] | None) -> list[ReadTable]:
    known = Period(*period) if period else None
    found = find_tables(grids, hint=hint, known=known, settle=settle)
    return [assembled(table) for table in found]
