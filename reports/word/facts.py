"""An indicator's row of the plan's page as the prose needs it: approved figures, and what else a paragraph tells."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal

from indicators.figures import Operator
from indicators.models import Availability
from indicators.paths import compound_mean_rate
from indicators.queries import Row, target_shown, totals_of
from indicators.verdicts import EXCLUDED, VERDICT_WORDS, Direction, Judgement, Kind, Verdict
from reports.word.prose import Goal, Told


def told_of(row: Row, *, is_running: bool) -> Told:
    """The row as the prose needs it."""
    indicator, found, actual = row.indicator, row.assessment, row.actual
    kind = Kind(indicator.kind)
    yearly = {year: a.value for year, a in sorted(row.actuals.items()) if a.value is not None and year <= row.year}
    years = range(indicator.plan.start_year, min(row.year, indicator.plan.end_year) + 1)
    is_summed = kind in (Kind.CUMULATIVE, Kind.CUMULATIVE_REDUCTION, Kind.ANNUAL_RATE)
    gaps = tuple(year for year in years if year not in yearly) if is_summed else ()
    final = row.final_target
    stated = row.targets.get(row.year) if final and final.year != row.year else None
    is_absent = actual is not None and actual.availability in (Availability.MISSING, Availability.NOT_APPLICABLE)
    return Told(
        name=indicator.name,
        year=row.year,
        verdict=row.verdict,
        kind=kind,
        unit=indicator.unit,
        decimals=indicator.decimals,
        is_down=_is_down(row),
        start_year=indicator.plan.start_year,
        is_running=is_running,
        is_group=indicator.is_group,
        value=actual.value if actual else None,
        total=_total(row, kind, yearly) if is_summed and not gaps else None,
        gaps=gaps,
        baseline=indicator.baseline_value if kind in (Kind.LEVEL, Kind.RANGE, Kind.HOLD) else None,
        baseline_year=indicator.baseline_year,
        goal=None if final is None else _goal(final.year, final.operator, final.value, final.upper, final.text),
        stated=None if stated is None else _goal(stated.year, stated.operator, stated.value, stated.upper, stated.text),
        progress=found.progress if found else None,
        time_progress=found.time_progress if found else None,
        completion_rate=found.completion_rate if found else None,
        gap=found.gap if found else None,
        is_met=found.is_met if found else None,
        comparator=actual.comparator if actual else None,
        judgement=Judgement(actual.judgement) if actual and actual.judgement else None,
        absence=actual.absence_shown if actual and is_absent else "",
        absence_note=actual.note.strip() if actual and is_absent else "",
        ruling=ruling_said(row),
        revisions=tuple(revisions_said(row)),
        is_demo=rests_on_demo(row),
    )


def _goal(year: int, operator: str, value: Decimal | None, upper: Decimal | None, text: str) -> Goal:
    return Goal(year, Operator(operator), value, upper, text)


def _is_down(row: Row) -> bool:
    final = row.final_target
    if final and final.operator in (Operator.GE, Operator.GT, Operator.LE, Operator.LT):
        return final.operator in (Operator.LE, Operator.LT)
    return row.indicator.direction == Direction.DOWN


def _total(row: Row, kind: Kind, yearly: Mapping[int, Decimal]) -> Decimal | None:
    """What is held against the target, until the data year."""
    plan = row.indicator.plan
    inside = {year: value for year, value in yearly.items() if year in plan.years}
    if kind is Kind.ANNUAL_RATE:
        return compound_mean_rate(list(inside.values()))
    return totals_of(row.indicator, inside).get(min(row.year, plan.end_year))


def rests_on_demo(row: Row) -> bool:
    return bool(row.actual and row.actual.is_demo) or bool(row.assessment and row.assessment.is_demo)


def ruling_said(row: Row) -> str:
    """The planner's word and its reason, without the name: what stands first is what is in force."""
    ruling = row.ruling
    if ruling is None:
        return ""
    because = f"（理由：{ruling.reason.rstrip('。')}）"
    if row.verdict in EXCLUDED:
        return f"因{row.word}不参与评价{because}。"
    if row.verdict is Verdict.NOT_DUE:
        return ""
    return f"经人工评价为“{row.word}”{because}，系统评价为“{VERDICT_WORDS[row.found]}”。"


def revisions_said(row: Row) -> Iterable[str]:
    decimals, unit = row.indicator.decimals, row.indicator.unit
    for year, target in row.targets.items():
        if target.version > 1:
            shown = target_shown(target, decimals=decimals) + (unit if target.value is not None else "")
            why = f"{target.approval_number}，{target.reason.rstrip('。')}"
            yield f"{year}年目标已调整为{shown}（{why}）。"
    for year, target in row.later.items():
        shown = target_shown(target, decimals=decimals) + (unit if target.value is not None else "")
        yield f"{year}年目标自{target.counts_from}年起调整为{shown}，本年仍按原目标评价。"
