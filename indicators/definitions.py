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
from indicators.reassess import reassess, verdicts_changed
from indicators.review import Forbidden, Refused
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


class StaleTarget(Refused):
    """Somebody else set the year's target in between; the message names both."""

    status = 409

    def __init__(self, current: Target | None, wanted: Promise) -> None:
        now = "已没有目标" if current is None else f"已由{current.revised_by or '他人'}调整为“{current.text}”"
        super().__init__(f"您查看之后，这一年度{now}，您要调整为“{wanted.text}”。请核对后再保存。")


@transaction.atomic
def revise_target(
    *,
    indicator: Indicator,
    year: int,
    promise: Promise,
    counts_from: int,
    reason: str,
    approved_by_body: str,
    approval_number: str,
    version: int,
    by: User,
    is_band: bool = False,
    at: datetime | None = None,
) -> Target:
    """Put a new version of a year's target in force; the old one stays on record, no longer current.

    It counts from the data year `counts_from` on: the assessments of earlier data years keep the target they had.
    `version` is the one in force when it was decided (0: the year had none). Raises Forbidden unless `by` is a planner
    of the region, StaleTarget, or Refused where year or value cannot be; the database refuses a revision without
    reason, approving body or approval number.
    """
    plan = indicator.plan
    if not by.can(Permission.PLAN, plan.region):
        raise Forbidden(f"您没有调整“{indicator.name}”目标的权限。")
    if indicator.is_group:
        raise Refused(f"“{indicator.name}”的目标在其下各行，请在下级行调整。")
    if year not in plan.years or counts_from not in plan.years:
        raise Refused(f"年度应在{plan.start_year}～{plan.end_year}年之间。")
    if counts_from > year:
        raise Refused(f"{year}年的目标最迟从{year}年的数据起适用。")
    at = at or timezone.now()
    # the indicator is locked, not its targets: two first revisions of a year would each find none to wait for
    Indicator.objects.select_for_update(no_key=True).get(pk=indicator.pk)
    versions = list(indicator.targets.filter(year=year).select_related("revised_by").order_by("version"))
    current = next((target for target in versions if target.is_current), None)
    if (current.version if current else 0) != version:
        raise StaleTarget(current, promise)
    same = (promise.operator, promise.value, promise.upper, promise.text, is_band)
    if current and (current.operator, current.value, current.upper, current.text, current.is_band) == same:
        raise Refused(f"{year}年的目标现在就是“{current.text}”，没有可调整的。")
    indicator.targets.filter(year=year, is_current=True).update(is_current=False)
    target = Target.objects.create(
        indicator=indicator,
        year=year,
        version=versions[-1].version + 1 if versions else 2,
        operator=promise.operator,
        value=promise.value,
        upper=promise.upper,
        text=promise.text,
        is_band=is_band,
        counts_from=counts_from,
        reason=reason,
        approved_by_body=approved_by_body,
        approval_number=approval_number,
        revised_by=by,
        revised_at=at,
    )
    changed = reassess(Indicator.objects.filter(pk=indicator.pk))
    record_audit(
        by=by,
        action="调整目标",
        subject=target,
        region=plan.region,
        at=at,
        summary=f"{plan} {indicator} {year}年目标调整为{promise.text}，自{counts_from}年数据起适用",
        was=current.text if current else None,
        counts_from=counts_from,
        reason=reason,
        approved_by_body=approved_by_body,
        approval_number=approval_number,
        verdicts=verdicts_changed(changed),
    )
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
