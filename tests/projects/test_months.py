"""Months: their order, and the days on which one may be reported."""

from __future__ import annotations

from datetime import date

import pytest

from projects.months import Month, closed_because, month_offered_first


def test_months_stand_in_the_order_of_time_and_are_written_in_words() -> None:
    months = [Month(2025, 12), Month(2026, 1), Month(2025, 9)]
    assert [str(month) for month in sorted(months)] == ["2025年9月", "2025年12月", "2026年1月"]


@pytest.mark.parametrize(("number", "is_month"), [(0, False), (1, True), (12, True), (13, False)])
def test_a_year_has_twelve_months(number: int, is_month: bool) -> None:
    assert Month(2025, number).is_month is is_month


@pytest.mark.parametrize(
    ("month", "on", "said"),
    [
        (Month(2025, 3), date(2025, 3, 1), ""),
        (Month(2025, 3), date(2025, 2, 28), "未到填报时间，2025年3月1日起可以填报"),
        (Month(2026, 1), date(2025, 12, 31), "未到填报时间，2026年1月1日起可以填报"),
        (Month(2021, 1), date(2025, 3, 1), ""),
        (Month(2020, 12), date(2025, 3, 1), "规划自2021年开始，没有2020年12月"),
        (Month(2026, 2), date(2026, 5, 1), ""),  # after the plan has ended
    ],
)
def test_a_month_is_open_from_its_first_day_on_and_never_before_the_plan(month: Month, on: date, said: str) -> None:
    assert closed_because(month, first_year=2021, on=on) == said


@pytest.mark.parametrize(
    ("on", "month"),
    [
        (date(2023, 6, 30), Month(2023, 6)),
        (date(2020, 6, 30), Month(2021, 1)),
        (date(2027, 6, 30), Month(2025, 12)),
    ],
)
def test_a_link_leads_to_this_month_within_the_plan(on: date, month: Month) -> None:
    assert month_offered_first(first_year=2021, last_year=2025, on=on) == month
