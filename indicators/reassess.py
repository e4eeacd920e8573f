"""Keeps the stored assessments equal to what the engine finds from the approved figures and targets in force."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from decimal import Decimal

from django.db import transaction
from django.db.models import Prefetch, Q, QuerySet

from indicators.assessment import assess
from indicators.figures import Operator, decimals_of, round_half_up
from indicators.models import (
    Actual,
    Assessment,
    Availability,
    Exclusion,
    Indicator,
    Override,
    Target,
    targets_in_force,
)
from indicators.verdicts import (
    VERDICT_LIGHTS,
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
    is_met_as_said,
)
from plans.models import AssessmentPolicy, Plan

# From worst to best.
SEVERITY = (Light.RED, Light.YELLOW, Light.GREY, Light.GREEN)
FOUND = [field.name for field in fields(Finding) if field.name != "year"]
STORED = [*FOUND, "engine_verdict", "override_id", "exclusion_id", "is_demo"]


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
    for name in FOUND:
        value = getattr(finding, name)
        values[name] = round_half_up(value, 4) if isinstance(value, Decimal) else value
    values["forecast_verdict"] = finding.forecast_verdict or ""
    values["reason"] = finding.reason[:300]
    return Assessment(indicator=indicator, year=finding.year, is_demo=is_demo, **values)


def _ruled(assessment: Assessment, override: Override | None, exclusion: Exclusion | None) -> Assessment:
    """The assessment as planners ruled: out of the assessment goes before another verdict; the engine's word stays."""
    ruling = exclusion or override
    if ruling is None or assessment.exclusion:
        return assessment
    verdict = Verdict(ruling.verdict)
    is_met = None if exclusion else is_met_as_said(verdict, found=assessment.is_met)
    assessment.engine_verdict = assessment.verdict
    assessment.verdict, assessment.light, assessment.is_met = verdict, VERDICT_LIGHTS[verdict], is_met
    assessment.override, assessment.exclusion = None if exclusion else override, exclusion
    assessment.is_demo = assessment.is_demo or ruling.is_demo
    return assessment


def _assessments_of(indicator: Indicator, *, above: Sequence[Exclusion] = ()) -> list[Assessment]:
    """What stands for each year; `above` are the exclusions of the group row over it, which hold for it too."""
    standing: list[Exclusion] = [*indicator.standing_exclusions, *above]  # type: ignore[attr-defined]
    found = _worst_of_rows_below(indicator) if indicator.is_group else _found(indicator)
    overrides: dict[int, Override] = {row.year: row for row in indicator.standing_overrides}  # type: ignore[attr-defined]
    for assessment in found:
        exclusion = next((row for row in standing if row.since_year <= assessment.year), None)
        _ruled(assessment, overrides.get(assessment.year), exclusion)
    return found


def _found(indicator: Indicator) -> list[Assessment]:
    """What the engine says of each year, against the targets in force for that data year."""
    actuals: list[Actual] = indicator.approved_actuals  # type: ignore[attr-defined]
    versions: list[Target] = indicator.target_versions  # type: ignore[attr-defined]
    policy = policy_of(indicator.plan)
    found = []
    for year in indicator.plan.years:
        facts = facts_of(indicator, targets=targets_in_force(versions, year=year).values(), actuals=actuals)
        is_demo = any(actual.is_demo for actual in actuals if actual.year <= year)
        found.append(_stored(indicator, assess(facts, year=year, policy=policy), is_demo=is_demo))
    return found


def _said(assessment: Assessment) -> Verdict:
    """The verdict to stand by: the one in force, and of a row that takes no part what it would be."""
    return assessment.found if assessment.exclusion else Verdict(assessment.verdict)


def _worst_of_rows_below(group: Indicator) -> list[Assessment]:
    """A row whose figures stand in the rows below it stands as the worst of them does, with no figures of its own.

    Rows that take no part are left aside; where none is left, neither does the group row.
    """
    above: list[Exclusion] = group.standing_exclusions  # type: ignore[attr-defined]
    below = [_assessments_of(child, above=above) for child in group.children.all()]
    found: list[Assessment] = []
    for of_one_year in zip(*below, strict=True):
        taking_part = [assessment for assessment in of_one_year if assessment.exclusion is None]
        worst = min(taking_part or of_one_year, key=lambda row: SEVERITY.index(VERDICT_LIGHTS[_said(row)]))
        reason = f"随其下各行中最差的一行（{worst.indicator.name}）。"
        verdict = _said(worst)
        finding = Finding(worst.year, verdict, VERDICT_LIGHTS[verdict], reason, worst.time_progress, worst.is_met)
        stored = _stored(group, finding, is_demo=any(assessment.is_demo for assessment in of_one_year))
        found.append(_ruled(stored, None, None if taking_part else worst.exclusion))
    return found


def _says(assessment: Assessment) -> tuple[object, ...]:
    return tuple(getattr(assessment, name) for name in STORED)


def differences(indicators: QuerySet[Indicator]) -> tuple[list[Difference], list[Assessment]]:
    """Where the stored assessments of these indicators are not what engine and rulings say, and what they should be.

    A fixed number of queries, whatever the number of indicators.
    """
    chosen = indicators.order_by().values("pk")
    rows = Indicator.objects.filter(Q(pk__in=chosen) | Q(is_group=True, children__in=chosen)).distinct()
    figures = (
        Prefetch("targets", Target.objects.all(), to_attr="target_versions"),
        Prefetch("actuals", Actual.objects.approved().order_by("year"), to_attr="approved_actuals"),
        Prefetch("overrides", Override.objects.in_force(), to_attr="standing_overrides"),
        Prefetch("exclusions", Exclusion.objects.in_force(), to_attr="standing_exclusions"),
    )
    children = Indicator.objects.select_related("plan__policy").prefetch_related(*figures)
    rows = rows.select_related("plan__policy", "parent").prefetch_related(
        *figures,
        Prefetch("assessments", to_attr="stored_assessments"),
        Prefetch("children", children),
        Prefetch("parent__exclusions", Exclusion.objects.in_force(), to_attr="exclusions_above"),
    )
    found: list[Difference] = []
    fresh: list[Assessment] = []
    for indicator in rows:
        stored = {row.year: row for row in indicator.stored_assessments}  # type: ignore[attr-defined]
        is_below = indicator.parent is not None and indicator.parent.is_group
        above: list[Exclusion] = indicator.parent.exclusions_above if is_below else []  # type: ignore[union-attr]
        for assessment in _assessments_of(indicator, above=above):
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


def verdicts_changed(differences: Iterable[Difference]) -> list[str]:
    """Which verdicts became others, for the audit line of what changed them: 2023年：滞后 → 符合预期."""
    return [f"{row.year}年：{row.was or '无'} → {row.now}" for row in differences if row.was != row.now]
