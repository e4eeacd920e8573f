"""Tables that vary every usual wording: what is read equals what a careful person reads, in every kind of file."""

from __future__ import annotations

import pytest

from tests.reports.reading.books import FORMATS, read
from tests.reports.reading.holdout_tables import HOLDOUTS
from tests.reports.reading.made_tables import MADE, Made, doubts_of, lines_of
from tests.reports.reading.stranger_tables import STRANGERS
from tests.reports.reading.two_year_tables import TWO_YEARS

CASES = [
    pytest.param(made, kind, id=f"{made.name} {kind}")
    for made in (*MADE, *HOLDOUTS, *STRANGERS, *TWO_YEARS)
    for kind in FORMATS
    if kind == "xlsx" or not any(isinstance(cell, tuple) for row in made.rows for cell in row)
]


@pytest.mark.parametrize(("made", "kind"), CASES)
def test_a_table_is_read_as_a_careful_person_reads_it(made: Made, kind: str) -> None:
    table = read(FORMATS[kind](made.rows, before=made.before, after=made.after), f"表.{kind}")
    assert lines_of(table) == [line.strip() for line in made.expected.strip().splitlines()]
    assert doubts_of(table) == made.doubts.split()
    by_number = {row.number: row for row in table.indicators}
    assert {number: by_number[number].remark for number in made.remarks} == made.remarks
    assert {number: by_number[number].category for number in made.categories} == made.categories
