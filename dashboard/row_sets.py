"""The sets of rows that a number counts and an address can name, so that each number opens its list."""

from __future__ import annotations

from django.db.models import TextChoices

from indicators.models import Availability, Origin, State
from indicators.queries import PlanTable, Row
from indicators.verdicts import EXCLUDED, Light


class RowSet(TextChoices):
    """The rows of a plan in one data year that something on the page counts."""

    NUMBER = "number", "按序号计"
    ROW = "row", "按行计"
    MET = "met", "达到目标"
    JUDGED = "judged", "可评价"
    EXCLUDED = "excluded", "不参与评价"
    OTHERS = "others", "专栏和正文"
    OTHERS_NUMBER = "others-number", "专栏和正文（按序号计）"
    DUE = "due", "应报"
    APPROVED = "approved", "已审核"


def holds(chosen: RowSet, row: Row, *, table: PlanTable) -> bool:
    """Whether the row is one of the set, as `queries.tallies` and the cockpit count it."""
    is_main = row.indicator.origin == Origin.TABLE
    takes_part = row.verdict not in EXCLUDED
    if chosen == RowSet.DUE:
        return not row.indicator.is_group
    if chosen == RowSet.APPROVED:
        actual = row.actual
        return bool(actual and actual.state == State.APPROVED and actual.availability != Availability.UNREPORTED)
    if chosen == RowSet.OTHERS:
        return not is_main
    if chosen == RowSet.OTHERS_NUMBER:
        return not is_main and row.depth == 0 and takes_part
    is_counted = is_main or not table.main
    if chosen == RowSet.ROW:
        return is_counted and not row.indicator.is_group and takes_part
    is_numbered = is_counted and row.depth == 0
    if chosen == RowSet.EXCLUDED:
        return is_numbered and not takes_part
    is_judged = row.light is not Light.GREY
    if chosen == RowSet.MET:
        return is_numbered and is_judged and bool(row.assessment and row.assessment.is_met)
    return is_numbered and takes_part and (is_judged or chosen == RowSet.NUMBER)
