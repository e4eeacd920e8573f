"""Keeps the stored assessments equal to what the engine finds from the approved figures and targets in force."""

from collections.abc import Iterable
from dataclasses import dataclass, fields
from decimal import Decimal

from django.db import transaction
from django.db.models import Prefetch, Q, QuerySet

from indicators.assessment import assess
from indicators.figures import Operator, decimals_of, round_half_up
from indicators.models import Actual, Assessment, Availability, Indicator, Target
from indicators.verdicts import (
    ActualPoint,
    Direction,
    Finding,
    IndicatorFacts,
    Judgement,
    Kind,
    Light,
    Policy,
    TargetPoint,
    Verdict,
)
from plans.models import AssessmentPolicy, Plan

# From worst to best.
SEVERITY = (Light.RED, Light.YELLOW, Light.GREY, Light.GREEN)
STORED = [field.name for field in fields(Finding) if field.name != "year"] + ["is_demo"]


@dataclass(frozen=True, slots=True)
class Difference:
    """A stored assessment that did not say what the engine says; `was` is None where none was stored."""

    indicator: Indicator
    year: int
    was: str | None
    now: str


def policy_of(plan: Plan) -> Policy:
    """The thresholds of a plan; the engine's defaults where none are set."""
    try:
        return Policy(plan.policy.mild_lag_from, plan.policy.nearly_met_within)
    except AssessmentPolicy.DoesNotExist:
        return Policy()


def target_point(target: Target) -> TargetPoint:
    return TargetPoint(
        year=target.year,
        operator=Operator(target.operator),
        value=target.value,
        upper=target.upper,
        decimals=decimals_of(target.text),
        is_band=target.is_band,
    )


def actual_point(actual: Actual) -> ActualPoint:
    return ActualPoint(
        year=actual.year,
        value=actual.value,
        decimals=decimals_of(actual.text),
        comparator=actual.comparator,
        judgement=Judgement(actual.judgement) if actual.judgement else None,
        is_not_applicable=actual.availability == Availability.NOT_APPLICABLE,
        is_missing=actual.availability == Availability.MISSING,
    )


def facts_of(indicator: Indicator, *, targets: Iterable[Target], actuals: Iterable[Actual]) -> IndicatorFacts:
    """The row as the engine wants it."""
    return IndicatorFacts(
        kind=Kind(indicator.kind),
        direction=Direction(indicator.direction),
        is_binding=indicator.is_binding,
        start_year=indicator.plan.start_year,
        end_year=indicator.plan.end_year,
        baseline_year=indicator.baseline_year,
        baseline=indicator.baseline_value,
        targets=tuple(target_point(target) for target in targets),
        actuals=tuple(actual_point(actual) for actual in actuals),
        minimum=indicator.hard_minimum,
        maximum=indicator.hard_maximum,
    )


def _stored(indicator: Indicator, finding: Finding, *, is_demo: bool) -> Assessment:
    values: dict[str, object] = {}
    for name in STORED[:-1]:
        value = getattr(finding, name)
        values[name] = round_half_up(value, 4) if isinstance(value, Decimal) else value
    values["forecast_verdict"] = finding.forecast_verdict or ""
    values["reason"] = finding.reason[:300]
    return Assessment(indicator=indicator, year=finding.year, is_demo=is_demo, **values)


def _assessments_of(indicator: Indicator) -> list[Assessment]:
    if indicator.is_group:
        return _worst_of_rows_below(indicator)
    actuals: list[Actual] = indicator.approved_actuals  # type: ignore[attr-defined]
    facts = facts_of(indicator, targets=indicator.current_targets, actuals=actuals)  # type: ignore[attr-defined]
    policy = policy_of(indicator.plan)
    return [
        _stored(
            indicator,
            assess(facts, year=year, policy=policy),
            is_demo=any(actual.is_demo for actual in actuals if actual.year <= year),
        )
        for year in indicator.plan.years
    ]


def _worst_of_rows_below(group: Indicator) -> list[Assessment]:
    """A row whose figures stand in the rows below it stands as the worst of them does, with no figures of its own."""
    below = [_assessments_of(child) for child in group.children.all()]
    found: list[Assessment] = []
    for of_one_year in zip(*below, strict=True):
        worst = min(of_one_year, key=lambda assessment: SEVERITY.index(Light(assessment.light)))
        reason = f"随其下各行中最差的一行（{worst.indicator.name}）。"
        finding = Finding(
            worst.year, Verdict(worst.verdict), Light(worst.light), reason, worst.time_progress, worst.is_met
        )
        found.append(_stored(group, finding, is_demo=any(assessment.is_demo for assessment in of_one_year)))
    return found


def _says(assessment: Assessment) -> tuple[object, ...]:
    return tuple(getattr(assessment, name) for name in STORED)


def differences(indicators: QuerySet[Indicator]) -> tuple[list[Difference], list[Assessment]]:
    """Where the stored assessments of these indicators are not what the engine finds, and what they should be.

    A fixed number of queries, whatever the number of indicators.
    """
    chosen = indicators.order_by().values("pk")
    rows = Indicator.objects.filter(Q(pk__in=chosen) | Q(is_group=True, children__in=chosen)).distinct()
    figures = (
        Prefetch("targets", Target.objects.filter(is_current=True), to_attr="current_targets"),
        Prefetch("actuals", Actual.objects.approved().order_by("year"), to_attr="approved_actuals"),
    )
    children = Indicator.objects.select_related("plan__policy").prefetch_related(*figures)
    rows = rows.select_related("plan__policy").prefetch_related(
        *figures, Prefetch("assessments", to_attr="stored_assessments"), Prefetch("children", children)
    )
    found: list[Difference] = []
    fresh: list[Assessment] = []
    for indicator in rows:
        stored = {row.year: row for row in indicator.stored_assessments}  # type: ignore[attr-defined]
        for assessment in _assessments_of(indicator):
            before = stored.get(assessment.year)
            if before is None or _says(before) != _says(assessment):
                was = before.get_verdict_display() if before else None
                found.append(Difference(indicator, assessment.year, was, assessment.get_verdict_display()))
                fresh.append(assessment)
    return found, fresh


@transaction.atomic
def reassess(indicators: QuerySet[Indicator]) -> list[Difference]:
    """Write what the engine finds for every year of these indicators; returns what was not so before.

    Call it in the transaction of whatever changed: an approval, a reopening, a revised target, a policy.
    """
    # One after the other within a plan: two approvals at once would each assess without the other's figure.
    list(Plan.objects.select_for_update(no_key=True).filter(pk__in=indicators.order_by().values("plan")).order_by("pk"))
    # a group row that lost its last row below says nothing any more
    Assessment.objects.filter(indicator__is_group=True, indicator__children=None).delete()
    found, fresh = differences(indicators)
    Assessment.objects.bulk_create(
        fresh, update_conflicts=True, unique_fields=["indicator", "year"], update_fields=STORED
    )
    return found
