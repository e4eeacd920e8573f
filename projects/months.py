"""The months in which projects and work items are reported: numbers in, words out."""

from __future__ import annotations

from calendar import monthrange
from datetime import date
from typing import NamedTuple


class Month(NamedTuple):
    """A calendar month; months compare in the order of time."""

    year: int
    number: int

    def __str__(self) -> str:
        return f"{self.year}年{self.number}月"

    @property
    def last_day(self) -> date:
        return date(self.year, self.number, monthrange(self.year, self.number)[1])

    @property
    def is_month(self) -> bool:
        return 1 <= self.number <= 12


def closed_because(month: Month, *, first_year: int, on: date) -> str:
    """Why a month cannot be reported on a day of Beijing time; empty where it can.

    A month is open from its first day on and is not closed again: a building site does not end with its plan.
    """
    if month.year < first_year:
        return f"规划自{first_year}年开始，没有{month}"
    if month > (on.year, on.month):
        return f"未到填报时间，{month}1日起可以填报"
    return ""


def month_offered_first(*, first_year: int, last_year: int, on: date) -> Month:
    """The month a link leads to: this month, within the years of the plan."""
    return min(max(Month(on.year, on.month), Month(first_year, 1)), Month(last_year, 12))
