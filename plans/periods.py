"""The five-year periods of national planning: a year in, a period out."""

from __future__ import annotations

from typing import NamedTuple

FIRST_YEAR = 1951  # counted back in steps of five from 十三五, which began in 2016
DIGITS = "〇一二三四五六七八九"


class Period(NamedTuple):
    """A planning period by its number: 14 is 十四五, 2021 to 2025."""

    number: int

    def __str__(self) -> str:
        tens, ones = divmod(self.number, 10)
        head = {0: "", 1: "十"}.get(tens, f"{DIGITS[tens % 10]}十")
        return f"{head}{DIGITS[ones] if ones else ''}五"

    @property
    def start_year(self) -> int:
        return FIRST_YEAR + 5 * self.number

    @property
    def end_year(self) -> int:
        return self.start_year + 4


def period_of(year: int) -> Period:
    """The period in which a year lies.

    >>> [str(period_of(year)) for year in (2015, 2016, 2020, 2021, 2026, 2031)]
    ['十二五', '十三五', '十三五', '十四五', '十五五', '十六五']
    """
    return Period((year - FIRST_YEAR) // 5)
