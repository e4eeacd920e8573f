"""指标库: one entry of the dictionary, what it is made of, and the plans that use it."""

from __future__ import annotations

from dataclasses import dataclass

from accounts.models import User
from accounts.permissions import Permission
from indicators.elsewhere import differences_between
from indicators.models import Indicator, Metric
from indicators.neighbourhood import MetricLine, compared_metrics
from indicators.recomputed import Recomputed, recomputed_of


def dictionary_of(user: User) -> list[MetricLine]:
    """Every entry, used or not, with the plans of this person that use it; nothing for who sees no plans."""
    return compared_metrics(user, with_unused=True) if user.can(Permission.SEE) else []


@dataclass(frozen=True, slots=True)
class Use:
    """A row of a plan that measures the entry; `differences` from it in words, `recomputed` what can be checked."""

    indicator: Indicator
    differences: list[str]
    recomputed: list[Recomputed]

    @property
    def doubts(self) -> list[Recomputed]:
        return [printed for printed in self.recomputed if not printed.parts.agrees]


@dataclass(frozen=True, slots=True)
class MetricPage:
    """An entry as its page shows it."""

    metric: Metric
    uses: list[Use]
    part_of: list[Metric]

    @property
    def regions(self) -> int:
        return len({use.indicator.plan.region_id for use in self.uses})


def metric_page(code: str, *, user: User) -> MetricPage | None:
    """One entry by its code, for whoever sees any plan; the uses are those this person may see. Six queries at most."""
    if not user.can(Permission.SEE):
        return None
    metrics = Metric.objects.select_related("theme", "numerator", "denominator").prefetch_related("aliases")
    metric = metrics.filter(code=code).first()
    if metric is None:
        return None
    rows = (
        Indicator.objects.visible_to(user)
        .filter(metric=metric)
        .select_related("plan__region", "metric")
        .order_by("plan__region__code", "-plan__end_year", "order", "pk")
    )
    indicators = list(rows)
    checked = recomputed_of(indicators)
    as_defined = Indicator(unit=metric.unit, direction=metric.direction)
    uses = [Use(row, _differences(as_defined, row), checked.get(row.pk, [])) for row in indicators]
    of = Metric.objects.filter(numerator=metric) | Metric.objects.filter(denominator=metric)
    return MetricPage(metric, uses, list(of.order_by("code")))


def _differences(metric: Indicator, row: Indicator) -> list[str]:
    """What a plan says otherwise than the dictionary; of the kind the dictionary says nothing."""
    metric.kind, metric.definition = row.kind, row.definition
    return differences_between(metric, row)
