"""How far a project or task is against the calendar."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from projects.months import Month
from projects.progress import Due, completion, days_said, due_state, lead, place, place_of_day, time_progress


@pytest.mark.parametrize(
    ("done", "total", "share"),
    [("500", "2000", "0.25"), ("0", "2000", "0"), ("2100", "2000", "1.05"), (None, "2000", None), ("5", None, None)],
)
def test_completion_is_what_is_spent_of_the_cost_and_is_not_capped(
    done: str | None, total: str | None, share: str | None
) -> None:
    found = completion(done=None if done is None else Decimal(done), total=None if total is None else Decimal(total))
    assert found == (None if share is None else Decimal(share))


def test_nothing_is_a_share_of_nothing() -> None:
    assert completion(done=Decimal(0), total=Decimal(0)) is None


@pytest.mark.parametrize(
    ("at", "share"),
    [
        (Month(2021, 12), "0"),
        (Month(2022, 1), "0.0417"),
        (Month(2022, 6), "0.25"),
        (Month(2022, 12), "0.5"),
        (Month(2023, 12), "1"),
        (Month(2025, 3), "1"),
    ],
)
def test_time_runs_by_months_from_january_of_the_first_to_december_of_the_last_year(at: Month, share: str) -> None:
    found = time_progress(start_year=2022, end_year=2023, at=at)
    assert found is not None
    assert found.quantize(Decimal("0.0001")) == Decimal(share)


@pytest.mark.parametrize("years", [(None, 2023), (2022, None), (None, None)])
def test_without_both_years_there_is_no_time_to_compare(years: tuple[int | None, int | None]) -> None:
    assert time_progress(start_year=years[0], end_year=years[1], at=Month(2022, 6)) is None


def test_the_lead_is_a_difference_in_points_and_needs_both() -> None:
    assert lead(completion=Decimal("0.41"), time=Decimal("0.5")) == Decimal("-9.00")
    assert lead(completion=None, time=Decimal("0.5")) is None
    assert lead(completion=Decimal("0.5"), time=None) is None


def test_years_and_days_have_their_place_on_the_scale() -> None:
    years = range(2022, 2027)
    assert [place(year=year, of=years) for year in (2022, 2024, 2027)] == [0, 40, 100]
    assert place_of_day(date(2022, 1, 1), of=years) == 0
    assert place_of_day(date(2024, 7, 1), of=years) == 50


@pytest.mark.parametrize(
    ("due_on", "is_done", "due"),
    [
        (date(2024, 6, 14), False, Due.OVERDUE),
        (date(2024, 6, 15), False, Due.SOON),
        (date(2024, 7, 15), False, Due.SOON),
        (date(2024, 7, 16), False, Due.LATER),
        (None, False, Due.UNSTATED),
        (date(2024, 6, 14), True, Due.DONE),
        (None, True, Due.DONE),
    ],
)
def test_a_task_is_overdue_from_the_day_after_its_date_and_never_when_done(
    due_on: date | None, is_done: bool, due: Due
) -> None:
    assert due_state(due_on, is_done=is_done, on=date(2024, 6, 15)) is due


def test_the_days_are_said_in_words() -> None:
    said = [days_said(date(2024, 6, day), on=date(2024, 6, 15)) for day in (12, 15, 27)]
    assert said == ["逾期3天", "今天到期", "还有12天"]
