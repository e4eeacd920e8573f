"""What a snapshot holds: the plan's table of a year as it is shown, as plain JSON that needs no code of today to read.

Every figure is the text a reader saw, since a later change of rounding must not change what was reported. Only approved
figures go in; how many are missing is said.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

from accounts.models import User
from indicators.figures import format_figure
from indicators.models import Actual, FigureKind, State
from indicators.queries import PlanTable, Row, actual_shown, figure_shown, plan_table, target_shown
from plans.models import Plan
from projects.portfolio import project_table

VERSION = 1  # of the keys below; raise it when one changes its meaning
Content = dict[str, Any]


def approved_table(plan: Plan, *, year: int, user: User, on: date) -> tuple[PlanTable, dict[str, int]]:
    """The plan's table with approved figures only, whoever asks, and how many of the year are missing and why."""
    table = plan_table(plan, year=year, user=user, on=on)
    figures = [row.actual for row in table.rows if not row.indicator.is_group]
    missing = {
        "unreported": sum(1 for actual in figures if actual is None),
        "unapproved": sum(1 for actual in figures if actual is not None and actual.state != State.APPROVED),
    }
    rows = [replace(row, actuals=_approved(row.actuals)) for row in table.rows]
    return replace(table, rows=rows, has_demo=any(row.is_demo for row in rows)), missing


def _approved(actuals: dict[int, Actual]) -> dict[int, Actual]:
    return {year: actual for year, actual in actuals.items() if actual.state == State.APPROVED}


def content_of(table: PlanTable, missing: dict[str, int]) -> Content:
    """The table as JSON. Two of them, made on different days, can be compared key by key."""
    plan, counted = table.plan, table.by_number
    return {
        "version": VERSION,
        "plan": {"code": plan.code, "title": plan.title, "region": plan.region.name},
        "bureau": plan.region.bureau_name,
        "year": table.year,
        "target_years": table.target_years,
        "figure_years": [year for year in plan.years if year <= table.year],
        "sentence": table.sentence,
        "counted": {"total": counted.total, "assessable": counted.assessable, "met": counted.met},
        "met_rate": _percent(counted.met_rate),
        "policy": {
            "mild_lag_from": _percent(table.policy.mild_lag_from),
            "nearly_met_within": _percent(table.policy.nearly_met_within),
        },
        "missing": missing,
        "has_demo": table.has_demo,
        "rows": [_row(row, table) for row in table.rows],
    }


def _row(row: Row, table: PlanTable) -> Content:
    indicator, found, decimals = row.indicator, row.assessment, row.indicator.decimals
    return {
        "indicator": indicator.pk,
        "number": indicator.number,
        "name": indicator.name,
        "depth": row.depth,
        "is_main": indicator.origin == "table",
        "is_group": indicator.is_group,
        "unit": indicator.unit,
        "attribute": indicator.get_attribute_display(),
        "is_binding": indicator.is_binding,
        "department": str(indicator.department or ""),
        "baseline": row.baseline_shown,
        "baseline_year": indicator.baseline_year,
        "targets": {str(year): target_shown(target, decimals=decimals) for year, target in row.targets.items()},
        "figures": {str(year): _figure(actual, decimals) for year, actual in row.actuals.items() if year <= table.year},
        "note": row.actual.note if row.actual else "",
        "verdict": row.verdict.value,
        "word": row.word,
        "light": row.light.value,
        "ruled_on": row.ruled_on,
        "reason": row.reason,
        "expected": figure_shown(found.expected if found else None, decimals),
        "progress": _percent(found.progress if found else None),
        "time_progress": _percent(found.time_progress if found else None),
        "is_demo": row.is_demo,
    }


def _figure(actual: Actual, decimals: int) -> str:
    said = actual_shown(actual, decimals=decimals)
    return f"{said}（快报）" if actual.figure_kind == FigureKind.PRELIMINARY else said


def _percent(share: Any) -> str:
    return "—" if share is None else f"{format_figure(share * 100, decimals=1)}%"


def projects_of(plan: Plan, *, user: User, on: date) -> Content | None:
    """How the plan's key projects stood on the day, from approved months only; None where it has none."""
    table = project_table(plan, user=user, on=on)
    if not table.standings:
        return None
    stages = [
        {"name": stage.name, "count": stage.count, "planned": figure_shown(stage.planned)} for stage in table.stages
    ]
    month = table.newest_month
    return {
        "sentence": table.sentence,
        "stages": stages,
        "newest_month": str(month) if month else "",
        "is_demo": any(row.approved.is_demo for row in table.standings if row.approved) or table.all.is_demo,
    }
