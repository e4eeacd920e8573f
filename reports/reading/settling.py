"""What the words of a head left open: which years are baseline or target, 类型 by its content, unnamed columns."""

from __future__ import annotations

import re

from reports.reading.grids import Grid
from reports.reading.heads import LAST_RESORT, MIDDLE, VALUES, Column, Head, Role
from reports.reading.units import unit_of
from reports.reading.wording import bare
from reports.reading.years import Period

_FORECAST = re.compile(r"预计|估计|预测")


def settle(head: Head, grid: Grid, period: Period | None, body: range) -> Period | None:
    """Decide what the words left open: which years are baseline or target, 类型 by its content, unnamed columns.

    The period returned is the plan's as far as it can be known.
    """
    _settle_by_content(head, grid, body)
    period = _settle_years(head, period)
    return period


def _texts(grid: Grid, place: int, body: range) -> list[str]:
    return [bare(cell.text) for row in body if not (cell := grid.rows[row][place]).is_blank and cell.width == 1]


def _settle_by_content(head: Head, grid: Grid, body: range) -> None:
    for column in head.columns:
        texts = _texts(grid, column.place, body)
        of_attribute = sum(bool(re.match(r"\W*(?:约束|预期|指导|引导)", text)) for text in texts)
        may_be = column.role in {Role.KIND_OR_ATTRIBUTE, Role.CATEGORY, Role.OTHER, Role.REMARK}
        if may_be and of_attribute * 2 > len(texts):
            column.role = Role.ATTRIBUTE
        if column.role is Role.KIND_OR_ATTRIBUTE:
            column.role = Role.CATEGORY
    first_name = head.places(Role.NAME)[0]
    for column in head.columns[:first_name]:
        texts = _texts(grid, column.place, body)
        if column.role is Role.OTHER and not column.head and texts:
            numeric = sum(bool(re.fullmatch(r"[(]?[0-9.\-]+[).、]?", text)) for text in texts)
            column.role = Role.NUMBER if numeric * 2 > len(texts) and not head.places(Role.NUMBER) else Role.CATEGORY
    _settle_names(head, grid, body)
    _settle_labels(head, grid, body)
    for column in head.columns[first_name + 1 :]:
        texts = _texts(grid, column.place, body)
        of_unit = sum(bool(unit_of(text)) for text in texts)
        is_open = column.role is Role.OTHER and not head.places(Role.UNIT)
        if is_open and of_unit * 3 > len(texts) * 2:
            column.role = Role.UNIT


def _settle_names(head: Head, grid: Grid, body: range) -> None:
    """Of several columns that would be the name, those under one head belong together; otherwise the last wins."""
    names = head.of(Role.NAME)
    for column in head.columns:
        left = column.same_head_as
        if left is not None and head.columns[left].role in {Role.NUMBER, Role.UNIT, Role.CATEGORY, Role.ATTRIBUTE}:
            column.role = head.columns[left].role
        elif not column.head and column.place and head.columns[column.place - 1].role is Role.NAME:
            texts = _texts(grid, column.place, body)
            if texts and not all(unit_of(text) for text in texts):
                column.role = Role.NAME  # 其中 rows moved to a column of their own
    names = head.of(Role.NAME)
    last = names[-1]
    while last.same_head_as is not None or not last.head:
        last = head.columns[last.place - 1]
    strong = [column for column in names if "指标" in column.head and not column.same_head_as]
    if last.head and "指标" not in last.head and strong:
        last = strong[-1]
    for column in names:
        if column.place < last.place:
            column.role = Role.CATEGORY
        elif column.place > last.place and column.same_head_as is None and column.head:
            column.role = Role.REMARK


def _settle_labels(head: Head, grid: Grid, body: range) -> None:
    """城市 and 农村 in a column right of a name that stands once for both are names of sub-rows, not categories."""
    names = head.places(Role.NAME)
    for column in head.of(Role.CATEGORY):
        if column.place - 1 != names[-1] or not column.head:
            continue
        tall = {cell for row in body if (cell := grid.rows[row][names[-1]]).height > 1 and not cell.is_blank}
        if tall and len(tall) * 2 >= len({grid.rows[row][names[-1]] for row in body}):
            column.role = Role.NAME


def _settle_years(head: Head, period: Period | None) -> Period | None:
    values = head.of(*VALUES)
    targets = [column.year for column in values if column.role is Role.TARGET and column.year]
    open_years = [column.year for column in values if column.role is Role.YEAR and column.year]
    reached = [column.year for column in values if column.role in {Role.REACHED, Role.BASELINE} and column.year]
    reached += [column.base_year for column in values if column.base_year]
    dated = sorted({*targets, *open_years, *reached})
    if period is not None and dated and not any(period.base <= year <= period.end + 15 for year in dated):
        period = None  # the title speaks of another plan than the columns
    if period is None:
        period = _period_of(targets, open_years, reached)
    if period is not None:
        _settle_past_targets(values, period)
        targets = [column.year for column in values if column.role is Role.TARGET and column.year]
    has_base = bool(head.places(Role.BASELINE))
    for column in values:
        _settle_column(column, period, targets, has_base=has_base)
    _one_baseline(head)
    for column in head.of(Role.TARGET, Role.RATE):
        if column.year is None or (column.role is Role.RATE and period and column.year < period.start):
            column.year = (period or LAST_RESORT).end
            column.is_year_assumed = column.role is Role.TARGET
            column.is_year_unknown = period is None
        if column.is_pair and column.base_year is None:
            column.base_year, column.is_base_year_assumed = (period or LAST_RESORT).base, True
    for column in head.of(Role.BASELINE):
        if column.year is None:
            column.year, column.is_year_assumed = (period or LAST_RESORT).base, True
            column.is_year_unknown = period is None
    return period


def _settle_past_targets(values: list[Column], period: Period) -> None:
    """A target of a year before the plan is the former plan's; a forecast of the base year is the baseline."""
    known = {column.year for column in values if column.role is not Role.TARGET}
    targets = [column for column in values if column.role is Role.TARGET]
    if not any(column.year is None or column.year >= period.start for column in targets):
        return
    for column in targets:
        if column.year is not None and column.year < period.start:
            is_forecast = _FORECAST.search(column.head) and column.year not in known
            column.role = Role.BASELINE if is_forecast else Role.PAST_TARGET


def _period_of(targets: list[int], open_years: list[int], reached: list[int]) -> Period | None:
    """The plan's years by the columns alone: from the year after the baseline to the last target."""
    later = targets or [year for year in open_years if not reached or year > min(reached)]
    if not later:
        return None
    base = _base_of(min(targets), open_years, reached) if targets else min([*reached, *open_years], default=None)
    last_of_former = max(later) - 5
    if not targets and base is not None and last_of_former in open_years and last_of_former - base < 5:
        base = last_of_former  # 2024 | 2025 | 2030: what lies before the last five years is history
    if base is not None and base >= max(later):
        base = None
    ends = [year for year in (*later, *open_years) if base is None or year > base]
    end = max((year for year in ends if base is None or year <= base + 10), default=min(ends))
    return Period(base + 1 if base is not None else (end - 1) // 5 * 5 + 1, end)


def _base_of(first_target: int, open_years: list[int], reached: list[int]) -> int | None:
    """The baseline year before the first target; a bare year more than a plan's length before it is a target itself."""
    earlier = sorted(year for year in reached if year < first_target)
    if earlier:
        return earlier[-1]
    earlier = sorted(year for year in open_years if year < first_target)
    while len(earlier) > 1 and first_target - earlier[-1] > 5:
        first_target = earlier.pop()
    return earlier[-1] if earlier else None


def _settle_column(column: Column, period: Period | None, targets: list[int], *, has_base: bool) -> None:
    if column.role is Role.YEAR:
        if column.year is None:
            column.role = Role.TARGET
            if MIDDLE.search(column.head) and period:
                column.year, column.is_year_assumed = period.start + 2, True
        elif period is None:
            column.role = Role.TARGET
        else:
            column.role = Role.TARGET if column.year >= period.start else Role.REACHED
    if column.role is Role.REACHED:
        first = min(targets, default=None)
        if column.year is None:
            column.role = Role.ACTUAL if has_base else Role.BASELINE
        elif (period and column.year >= period.start) or (first is not None and column.year >= first):
            column.role = Role.ACTUAL
        else:
            column.role = Role.ACTUAL if has_base else Role.BASELINE


def _one_baseline(head: Head) -> None:
    """The latest of several columns from before the plan is its baseline, the earlier ones are history."""
    found = head.of(Role.BASELINE)
    best = max(found, key=lambda column: column.year or 9999, default=None)
    for column in found:
        if column is not best and not (best and column.label and column.year == best.year):
            column.role = Role.ACTUAL
