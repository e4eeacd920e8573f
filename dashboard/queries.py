"""Pages that need everything: each is one function that returns dataclasses in a fixed number of queries."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date

from django.db.models import Count, Max, OuterRef, Q, QuerySet, Subquery

from accounts.models import User
from indicators.models import Actual, Assessment, Attribute, Indicator, Origin
from indicators.queries import due_verdict, shown_verdict_of
from indicators.verdicts import Tally, Verdict, tally, tally_sentence
from plans.models import Plan
from projects.models import Project, WorkItem


@dataclass(frozen=True, slots=True)
class PlanSummary:
    """One plan on the list: what it holds and how it stood in its last data year."""

    plan: Plan
    year: int | None
    indicators: int
    projects: int
    work_items: int
    standing: Tally

    @property
    def sentence(self) -> str:
        return tally_sentence(self.standing)


def _count(rows: QuerySet[Indicator] | QuerySet[Project] | QuerySet[WorkItem]) -> Subquery:
    counted = rows.filter(plan=OuterRef("pk")).order_by().values("plan").annotate(n=Count("pk")).values("n")
    return Subquery(counted)


def plan_summaries(user: User, *, on: date) -> list[PlanSummary]:
    """The plans this person may see, the latest period first: three queries, however many plans.

    Counted by number: the numbered rows of the plan's own table, or all its indicators where it prints no table.
    """
    plans = list(
        Plan.objects.visible_to(user)
        .select_related("region", "source")
        .annotate(
            n_indicators=_count(Indicator.objects.filter(parent=None)),
            n_projects=_count(Project.objects.all()),
            n_work_items=_count(WorkItem.objects.all()),
        )
    )
    approved = Actual.objects.approved().filter(indicator__plan__in=plans).order_by()
    last_years = {
        plan: over or last
        for plan, over, last in approved.values_list("indicator__plan").annotate(
            over=Max("year", filter=Q(year__lt=on.year)), last=Max("year")
        )
    }
    counts = (
        Assessment.objects.filter(indicator__plan__in=plans, indicator__parent=None)
        .order_by()
        .values_list("indicator__plan", "year", "indicator__origin", "verdict", "indicator__attribute", "is_met")
        .annotate(n=Count("pk"))
    )
    rows: dict[tuple[int, int, bool], Counter[tuple[Verdict, bool, bool | None]]] = {}
    for plan_id, year, origin, verdict, attribute, is_met, n in counts:
        key = (plan_id, year, origin == Origin.TABLE)
        shown = due_verdict(shown_verdict_of(Verdict(verdict), year=year, on=on), year=year, on=on)
        rows.setdefault(key, Counter())[shown, attribute == Attribute.BINDING, is_met] += n
    return [_summary(plan, last_years.get(plan.pk), rows) for plan in plans]


def _summary(
    plan: Plan, year: int | None, rows: dict[tuple[int, int, bool], Counter[tuple[Verdict, bool, bool | None]]]
) -> PlanSummary:
    tabled = rows.get((plan.pk, year or 0, True), Counter())
    counted = tabled or rows.get((plan.pk, year or 0, False), Counter())
    return PlanSummary(
        plan=plan,
        year=year,
        indicators=plan.n_indicators or 0,  # type: ignore[attr-defined]
        projects=plan.n_projects or 0,  # type: ignore[attr-defined]
        work_items=plan.n_work_items or 0,  # type: ignore[attr-defined]
        standing=tally(counted.elements()),
    )
