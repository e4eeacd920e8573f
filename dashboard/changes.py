"""What is different from the year before, and what was approved since the last round closed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.db.models import Q, QuerySet
from django.utils import timezone

from dashboard.standings import PlanStanding, counted
from indicators.models import Actual, Assessment, Attribute
from indicators.queries import shown_verdict_of
from indicators.verdicts import VERDICT_LIGHTS, VERDICT_WORDS, Light, Verdict
from plans.models import Round

NEWLY_MET, IMPROVED, WORSENED, NEWLY_REPORTED = "新达到目标", "好转", "转差", "新填报"

RANK = {Light.RED: 0, Light.YELLOW: 1, Light.GREEN: 2}

NOT_IN = (Verdict.UNREPORTED, Verdict.NOT_DUE)


@dataclass(frozen=True, slots=True)
class Change:
    """An indicator that stands otherwise than a year before."""

    pk: int
    label: str
    place: str
    is_binding: bool
    was: Verdict
    now: Verdict

    @property
    def was_light(self) -> Light:
        return VERDICT_LIGHTS[self.was]

    @property
    def was_word(self) -> str:
        return VERDICT_WORDS[self.was]

    @property
    def light(self) -> Light:
        return VERDICT_LIGHTS[self.now]

    @property
    def word(self) -> str:
        return VERDICT_WORDS[self.now]


@dataclass(frozen=True, slots=True)
class Approval:
    """A figure that was approved since the last round closed."""

    pk: int
    label: str
    place: str
    year: int
    at: datetime


@dataclass(frozen=True, slots=True)
class Changes:
    """What is different from the year before, and what was approved since the last round closed."""

    kinds: list[tuple[str, list[Change]]]
    is_first_year: bool
    last_round: Round | None
    approvals: list[Approval]


@dataclass(frozen=True, slots=True)
class ChangesBelow:
    """The same of many plans: how many of each kind with the first of them, and the newest approvals."""

    kinds: list[tuple[str, int, list[Change]]]
    approvals: list[Approval]
    n_approvals: int
    has_rounds: bool


def kind_of_change(was: Verdict, was_met: bool | None, now: Verdict, is_met: bool | None) -> str:
    """What to call the way from one year's finding to the next; empty where nothing moved, or it cannot be said.

    Newly met goes before improved: a green year before the last is not yet a target reached.
    """
    if now in NOT_IN:
        return ""
    if was in NOT_IN:
        return NEWLY_REPORTED
    before, after = (RANK.get(VERDICT_LIGHTS[verdict]) for verdict in (was, now))
    if before is None or after is None:
        return ""
    if is_met and not was_met:
        return NEWLY_MET
    if before == after:
        return ""
    return IMPROVED if after > before else WORSENED


def changes_of(heads: Sequence[PlanStanding], *, on: date) -> dict[int, list[tuple[str, list[Change]]]]:
    """Each indicator's finding of the data year against that of the year before: one query."""
    rows = Assessment.objects.filter(counted(heads) | counted(heads, before=1))
    names = ("indicator", "indicator__plan", "indicator__number", "indicator__name", "indicator__attribute")
    places = {head.plan.pk: f"{head.plan.region.name}{head.plan.short_title}" for head in heads}
    before: dict[int, tuple[Verdict, bool | None]] = {}
    found: dict[int, dict[str, list[Change]]] = {
        head.plan.pk: {kind: [] for kind in (WORSENED, IMPROVED, NEWLY_MET, NEWLY_REPORTED)} for head in heads
    }
    years = {head.plan.pk: head.year for head in heads}
    in_order = rows.order_by("indicator__plan", "year", "indicator__order", "indicator")
    for pk, plan, number, name, attribute, year, verdict, is_met in in_order.values_list(
        *names, "year", "verdict", "is_met"
    ):
        shown = shown_verdict_of(Verdict(verdict), year=year, on=on)
        if year != years[plan]:
            before[pk] = (shown, is_met)
        elif pk in before and (kind := kind_of_change(*before[pk], shown, is_met)):
            label = f"{number} {name}"
            is_binding = attribute == Attribute.BINDING
            found[plan][kind].append(Change(pk, label, places[plan], is_binding, before[pk][0], shown))
    return {plan: list(kinds.items()) for plan, kinds in found.items()}


def changes_below(heads: Sequence[PlanStanding], *, on: date, limit: int) -> ChangesBelow:
    """What changed in many plans, binding indicators first, and what was approved last: three queries."""
    together: defaultdict[str, list[Change]] = defaultdict(list)
    for kinds in changes_of(heads, on=on).values():
        for kind, changes in kinds:
            together[kind] += changes
    approved = _since_the_last_rounds(heads)
    return ChangesBelow(
        kinds=[
            (kind, len(found), sorted(found, key=lambda change: not change.is_binding)[:limit])
            for kind, found in together.items()
        ],
        approvals=[approval for _, approval in _approvals(heads, approved[:limit])],
        n_approvals=approved.count(),
        has_rounds=any(head.last_round for head in heads),
    )


def approvals_of(heads: Sequence[PlanStanding]) -> defaultdict[int, list[Approval]]:
    """The figures approved since each plan's last round closed, the latest first: one query."""
    found: defaultdict[int, list[Approval]] = defaultdict(list)
    for plan, approval in _approvals(heads, _since_the_last_rounds(heads)):
        found[plan].append(approval)
    return found


def _since_the_last_rounds(heads: Sequence[PlanStanding]) -> QuerySet[Actual]:
    by_day: defaultdict[date, list[int]] = defaultdict(list)
    for head in heads:
        if head.last_round:
            by_day[head.last_round.deadline()].append(head.plan.pk)
    since = Q(pk__in=())
    for day, plans in by_day.items():
        first = timezone.make_aware(datetime.combine(day + timedelta(days=1), time.min))
        since |= Q(indicator__plan__in=plans, approved_at__gte=first)
    return Actual.objects.approved().filter(since).order_by("-approved_at", "pk")


def _approvals(heads: Sequence[PlanStanding], rows: QuerySet[Actual]) -> Iterator[tuple[int, Approval]]:
    places = {head.plan.pk: f"{head.plan.region.name}{head.plan.short_title}" for head in heads}
    names = ("indicator", "indicator__plan", "indicator__number", "indicator__name", "year", "approved_at")
    for pk, plan, number, name, year, at in rows.values_list(*names):
        yield plan, Approval(pk, f"{number} {name}", places[plan], year, at)
