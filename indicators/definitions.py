"""Changes to what was promised: revised targets, other thresholds. Each re-assesses what rests on it."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.db import transaction
from django.utils import timezone

from accounts.models import User, record_audit
from accounts.permissions import Permission
from indicators.figures import Operator, parse_target
from indicators.models import Indicator, Target
from indicators.reassess import reassess
from indicators.review import Forbidden
from plans.models import AssessmentPolicy, Plan


@dataclass(frozen=True, slots=True)
class Promise:
    """A target as understood from its text."""

    operator: Operator
    value: Decimal | None
    upper: Decimal | None
    text: str

    @classmethod
    def read(cls, text: str, *, unit: str) -> "Promise":
        """Raises FigureError where the text is a broken figure."""
        figure = parse_target(text, unit=unit)
        return cls(figure.operator, figure.value, figure.upper, figure.text)


@transaction.atomic
def revise_target(
    *,
    indicator: Indicator,
    year: int,
    promise: Promise,
    reason: str,
    approval_number: str,
    by: User,
    at: datetime | None = None,
) -> Target:
    """Put a new version of a year's target in force; the old one stays on record, no longer current.

    Raises Forbidden unless `by` is a planner of the region; the database refuses a revision without reason or
    approval number.
    """
    if not by.can(Permission.PLAN, indicator.plan.region):
        raise Forbidden(f"您没有调整“{indicator.name}”目标的权限。")
    at = at or timezone.now()
    # the indicator is locked, not its targets: two first revisions of a year would each find none to wait for
    Indicator.objects.select_for_update(no_key=True).get(pk=indicator.pk)
    versions = list(indicator.targets.filter(year=year).order_by("version"))
    indicator.targets.filter(year=year, is_current=True).update(is_current=False)
    target = Target.objects.create(
        indicator=indicator,
        year=year,
        version=versions[-1].version + 1 if versions else 2,
        operator=promise.operator,
        value=promise.value,
        upper=promise.upper,
        text=promise.text,
        reason=reason,
        approval_number=approval_number,
        revised_by=by,
        revised_at=at,
    )
    record_audit(
        by=by,
        action="调整目标",
        subject=target,
        region=indicator.plan.region,
        at=at,
        summary=f"{indicator.plan} {indicator} {year}年目标调整为{promise.text}",
        reason=reason,
        approval_number=approval_number,
    )
    reassess(Indicator.objects.filter(pk=indicator.pk))
    return target


@transaction.atomic
def change_policy(*, plan: Plan, mild_lag_from: Decimal, nearly_met_within: Decimal, by: User) -> AssessmentPolicy:
    """Set a plan's thresholds and re-assess the whole plan. Raises Forbidden unless `by` is a planner of the region."""
    if not by.can(Permission.PLAN, plan.region):
        raise Forbidden(f"您没有调整{plan}评价口径的权限。")
    policy, _ = AssessmentPolicy.objects.update_or_create(
        plan=plan, defaults={"mild_lag_from": mild_lag_from, "nearly_met_within": nearly_met_within}
    )
    record_audit(
        by=by,
        action="调整评价口径",
        subject=policy,
        region=plan.region,
        at=timezone.now(),
        summary=f"{plan} 轻度滞后下限{mild_lag_from}，基本完成容差{nearly_met_within}",
    )
    reassess(Indicator.objects.filter(plan=plan))
    return policy
