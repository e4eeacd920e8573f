"""How far a project or task is against the calendar: numbers and dates in, shares and words out."""

from __future__ import annotations

from calendar import monthrange
from datetime import date
from decimal import Decimal
from enum import StrEnum

from projects.months import Month

SOON = 30  # days before its date in which a task counts as due soon


def completion(*, done: Decimal | None, total: Decimal | None) -> Decimal | None:
    """完成率: what is done ÷ what is to be done, a share, not capped; None where one is unknown or the latter 0."""
    return None if done is None or not total else done / total


def time_progress(*, start_year: int | None, end_year: int | None, at: Month) -> Decimal | None:
    """时间进度: the share of its months, January of the first year to December of the last, over at the end of a month.

    Plans state years only. Between 0 and 1; None where one of the years is not stated.
    """
    if start_year is None or end_year is None:
        return None
    total = (end_year - start_year + 1) * 12
    passed = (at.year - start_year) * 12 + at.number
    return Decimal(min(max(passed, 0), total)) / total


def lead(*, completion: Decimal | None, time: Decimal | None) -> Decimal | None:
    """完成率 − 时间进度 in 百分点, negative where a project lags; None where one of them is not known."""
    return None if completion is None or time is None else (completion - time) * 100


def place(*, year: int, of: range) -> Decimal:
    """Where January of a year lies on a scale of these years, in % of its length."""
    return Decimal((year - of[0]) * 100) / len(of)


def place_of_day(day: date, *, of: range) -> Decimal:
    """Where a day lies on a scale of these years, in % of its length."""
    months = Decimal(day.month - 1) + Decimal(day.day - 1) / monthrange(day.year, day.month)[1]
    return place(year=day.year, of=of) + months * 100 / (12 * len(of))


class Due(StrEnum):
    """How a task stands to its date."""

    OVERDUE = "overdue"
    SOON = "soon"
    LATER = "later"
    UNSTATED = "unstated"
    DONE = "done"


DUE_WORDS = {
    Due.OVERDUE: "已逾期",
    Due.SOON: f"{SOON}天内到期",
    Due.LATER: f"{SOON}天后到期",
    Due.UNSTATED: "期限未载明",
    Due.DONE: "已完成",
}


def due_state(due_on: date | None, *, is_done: bool, on: date) -> Due:
    """How a task stands on a day of Beijing time; on the day itself it is not overdue yet."""
    if is_done:
        return Due.DONE
    if due_on is None:
        return Due.UNSTATED
    days = (due_on - on).days
    return Due.OVERDUE if days < 0 else Due.SOON if days <= SOON else Due.LATER


def days_said(due_on: date, *, on: date) -> str:
    """逾期3天, 今天到期, 还有12天."""
    days = (due_on - on).days
    return f"逾期{-days}天" if days < 0 else f"还有{days}天" if days else "今天到期"
