"""The five-year periods of national planning."""

from __future__ import annotations

import pytest

from plans.periods import Period, period_of


@pytest.mark.parametrize(
    ("year", "word", "start", "end"),
    [
        (1986, "七五", 1986, 1990),
        (2001, "十五", 2001, 2005),
        (2010, "十一五", 2006, 2010),
        (2016, "十三五", 2016, 2020),
        (2020, "十三五", 2016, 2020),
        (2021, "十四五", 2021, 2025),
        (2030, "十五五", 2026, 2030),
        (2031, "十六五", 2031, 2035),
    ],
)
def test_a_year_lies_in_its_period(year: int, word: str, start: int, end: int) -> None:
    period = period_of(year)
    assert (str(period), period.start_year, period.end_year) == (word, start, end)


def test_a_period_is_known_by_its_number() -> None:
    assert Period(14) == period_of(2023)
