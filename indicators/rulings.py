"""What planners rule about one indicator: another verdict than the engine's, and that it takes no part.

Each write locks the indicator, looks again, and re-assesses in its transaction; nothing is overwritten, a ruling that
no longer holds is withdrawn with a reason. Source: DESIGN §4, "the engine proposes".
"""

from __future__ import annotations

from datetime import datetime
from typing import TypeVar

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from accounts.models import User, record_audit
from accounts.permissions import Permission
from indicators.models import Assessment, Exclusion, Indicator, Override, Ruling, targets_in_force
from indicators.reassess import reassess, verdicts_changed
from indicators.review import Forbidden, Refused, WrongState
from indicators.verdicts import EXCLUDED, VERDICT_WORDS, Verdict, words_for

R = TypeVar("R", bound=Ruling)


class StaleRuling(Refused):
    """Somebody else ruled in between; the message says what stands now and what was wanted."""

    status = 409

    def __init__(self, standing: Override | Exclusion | None, wanted: str) -> None:
        now = f"另有认定：{standing.said}" if standing else "原来的认定已被撤销"
        super().__init__(f"您查看之后，{now}。您要认定的是：{wanted}。请核对后再保存。")


def is_closing_year(indicator: Indicator, year: int) -> bool:
    """Whether the final words apply: from the final target's year on, and in the own year of an interim target."""
    targets = targets_in_force(indicator.targets.all(), year=year)
    return year in targets or year >= max(targets, default=indicator.plan.end_year)


def _demand(by: User, indicator: Indicator, what: str, *, year: int | None = None, reason: str) -> str:
    """Role, year and reason, in this order; returns the reason as it is kept."""
    plan = indicator.plan
    if not by.can(Permission.PLAN, plan.region):
        raise Forbidden(f"您没有对“{indicator.name}”{what}的权限。")
    if year is not None and year not in plan.years:
        raise Refused(f"年度应在{plan.start_year}～{plan.end_year}年之间。")
    if not reason.strip():
        raise Refused(f"{what}要写明理由。")
    return reason.strip()


def _lock(indicator: Indicator) -> None:
    """One ruling after the other: two first ones would each find none to wait for."""
    Indicator.objects.select_for_update(no_key=True).get(pk=indicator.pk)


def _close(ruling: Ruling, *, reason: str, by: User, at: datetime) -> None:
    ruling.withdrawn_by, ruling.withdrawn_at, ruling.withdrawal_reason = by, at, reason
    ruling.save(update_fields=["withdrawn_by", "withdrawn_at", "withdrawal_reason"])


def _put_on_record(ruling: Override | Exclusion, *, action: str, by: User, at: datetime, reason: str) -> None:
    """Re-assess what the ruling is about, and write the audit line with what became of the verdicts."""
    indicator = ruling.indicator
    about = Indicator.objects.filter(Q(pk=indicator.pk) | Q(parent=indicator.pk, parent__is_group=True))
    record_audit(
        by=by,
        action=action,
        subject=ruling,
        region=indicator.plan.region,
        at=at,
        summary=f"{indicator.plan} {ruling}",
        reason=reason,
        verdicts=verdicts_changed(reassess(about)),
    )


# ---- Another verdict


@transaction.atomic
def override_verdict(
    *,
    indicator: Indicator,
    year: int,
    verdict: Verdict,
    reason: str,
    seen: int | None,
    by: User,
    at: datetime | None = None,
) -> Override:
    """Put a person's verdict in force for one year; the engine's own stays beside it.

    `seen` is the key of the override in force when it was decided (None: there was none); that one is withdrawn in
    favour of the new one. Raises Forbidden, StaleRuling, or Refused: a year not due yet or taken out of the
    assessment, a word that is not of the year, or the engine's own verdict.
    """
    reason = _demand(by, indicator, "改判评价", year=year, reason=reason)
    at = at or timezone.now()
    _lock(indicator)
    standing = indicator.overrides.in_force().filter(year=year).select_related("by").first()
    if (standing.pk if standing else None) != seen:
        raise StaleRuling(standing, f"{year}年评价为“{VERDICT_WORDS[verdict]}”")
    _refuse_unfit(indicator, year, verdict, on=timezone.localdate(at).year)
    if standing:
        _close(standing, reason=f"另作改判：{reason}"[:300], by=by, at=at)
    override = Override.objects.create(
        indicator=indicator, year=year, verdict=verdict, reason=reason, by=by, at=at, is_demo=by.is_demo
    )
    _put_on_record(override, action="改判评价", by=by, at=at, reason=reason)
    return override


def _refuse_unfit(indicator: Indicator, year: int, verdict: Verdict, *, on: int) -> None:
    stored = Assessment.objects.filter(indicator=indicator, year=year).first()
    found = stored.found if stored else Verdict.UNREPORTED
    if stored and stored.exclusion_id:
        raise Refused(f"{year}年因{stored.get_verdict_display()}不参与评价，不能改判。")
    if found is Verdict.UNREPORTED and year >= on:
        raise Refused(f"{year}年的数据尚未到期，不能改判。")
    words = words_for(is_closing=is_closing_year(indicator, year), is_binding=indicator.is_binding)
    if verdict not in words:
        listed = "、".join(VERDICT_WORDS[word] for word in words)
        raise Refused(f"{year}年的评价可以是：{listed}。")
    if verdict is found:
        raise Refused(f"系统对{year}年的评价就是“{VERDICT_WORDS[found]}”，无需改判。")


@transaction.atomic
def withdraw_override(*, override: Override, reason: str, by: User, at: datetime | None = None) -> Override:
    """The engine's verdict is in force again; the override stays on record.

    Raises Forbidden, Refused without a reason, WrongState where it was withdrawn already.
    """
    return _withdrawn(override, Override, "撤销改判", reason=reason, by=by, at=at)


# ---- Out of the assessment


@transaction.atomic
def exclude_indicator(
    *,
    indicator: Indicator,
    since_year: int,
    cause: Verdict,
    reason: str,
    seen: int | None,
    by: User,
    at: datetime | None = None,
) -> Exclusion:
    """From a data year on the indicator is in no denominator; it stays on the list with the word of its cause.

    The rows below a group row go with it. `seen` is the key of the exclusion in force when it was decided, which the
    new one replaces. Raises Forbidden, StaleRuling, or Refused.
    """
    reason = _demand(by, indicator, "移出评价", year=since_year, reason=reason)
    if cause not in EXCLUDED:
        raise Refused("原因只能是职能划转或口径调整。")
    at = at or timezone.now()
    _lock(indicator)
    standing = indicator.exclusions.in_force().select_related("by").first()
    if (standing.pk if standing else None) != seen:
        raise StaleRuling(standing, f"自{since_year}年起{VERDICT_WORDS[cause]}")
    if standing:
        _close(standing, reason=f"另作认定：{reason}"[:300], by=by, at=at)
    exclusion = Exclusion.objects.create(
        indicator=indicator, since_year=since_year, cause=cause, reason=reason, by=by, at=at, is_demo=by.is_demo
    )
    _put_on_record(exclusion, action="移出评价", by=by, at=at, reason=reason)
    return exclusion


@transaction.atomic
def withdraw_exclusion(*, exclusion: Exclusion, reason: str, by: User, at: datetime | None = None) -> Exclusion:
    """The indicator takes part again in every year; the exclusion stays on record. Raises as `withdraw_override`."""
    return _withdrawn(exclusion, Exclusion, "恢复评价", reason=reason, by=by, at=at)


def _withdrawn(
    ruling: Override | Exclusion, model: type[R], what: str, *, reason: str, by: User, at: datetime | None
) -> R:
    reason = _demand(by, ruling.indicator, what, reason=reason)
    at = at or timezone.now()
    _lock(ruling.indicator)
    stored = model._default_manager.select_related("indicator__plan__region", "withdrawn_by").get(pk=ruling.pk)
    if not stored.is_in_force:
        raise WrongState(f"已由{stored.withdrawn_by}撤销，理由是：{stored.withdrawal_reason}。")
    _close(stored, reason=reason, by=by, at=at)
    _put_on_record(stored, action=what, by=by, at=at, reason=reason)  # type: ignore[arg-type]
    return stored
