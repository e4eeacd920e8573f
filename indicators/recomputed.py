"""What a plan prints twice: a share, and the two indicators it is the share of. Whether the three agree."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Prefetch

from indicators.figures import Operator
from indicators.models import Indicator, Target
from indicators.parts import Parts
from indicators.queries import places_of
from indicators.verdicts import Kind

# Kinds whose baseline and targets are the level itself; a sum or a rate cannot be divided by another.
_LEVELS = (Kind.LEVEL, Kind.RANGE, Kind.HOLD)
_NO_NUMBER = (Operator.TEXT, Operator.RANGE)


@dataclass(frozen=True, slots=True)
class Recomputed:
    """A printed baseline or target beside what the plan's own indicators for numerator and denominator come to."""

    what: str
    parts: Parts
    numerator: Indicator
    denominator: Indicator


def recomputed_of(indicators: Sequence[Indicator]) -> dict[int, list[Recomputed]]:
    """By indicator, the printed figures that its own plan lets one recompute.

    The indicators are some that the reader may see, with their metric; the rest of the plan is seen by the same right.
    Two queries, none where no metric is made of two others. A part that stands in a plan twice is taken for neither.
    """
    derived = [row for row in indicators if row.metric and row.metric.numerator_id and row.kind in _LEVELS]
    if not derived:
        return {}
    wanted = {key for row in derived if row.metric for key in (row.metric.numerator_id, row.metric.denominator_id)}
    rows = Indicator.objects.filter(
        plan__in={row.plan_id for row in derived}, metric__in=wanted, is_group=False, kind__in=_LEVELS
    )
    in_force = Prefetch("targets", Target.objects.filter(is_current=True).order_by("year"), to_attr="in_force")
    family: dict[tuple[int, int | None], list[Indicator]] = defaultdict(list)
    own = Indicator.objects.filter(pk__in=[row.pk for row in derived])
    everything = {row.pk: row for row in (rows | own).prefetch_related(in_force)}
    for row in everything.values():
        if row.metric_id in wanted:
            family[row.plan_id, row.metric_id].append(row)
    found = {}
    for row in derived:
        metric = row.metric
        parts = [family[row.plan_id, key] for key in (metric.numerator_id, metric.denominator_id)] if metric else []
        if metric and metric.parts_factor and all(len(rows) == 1 for rows in parts):
            found[row.pk] = list(_compared(everything[row.pk], parts[0][0], parts[1][0], metric.parts_factor))
    return found


def _compared(row: Indicator, numerator: Indicator, denominator: Indicator, factor: Decimal) -> Iterator[Recomputed]:
    printed, above, below = _printed(row), _printed(numerator), _printed(denominator)
    for what, value in printed.items():
        if what in above and what in below:
            decimals = max(row.decimals, places_of(value))
            yield Recomputed(what, Parts(above[what], below[what], factor, value, decimals), numerator, denominator)


def _printed(row: Indicator) -> dict[str, Decimal]:
    """The numbers a row prints, by what they are."""
    numbers = {}
    if row.baseline_value is not None:
        numbers[f"{row.baseline_year}年基期值"] = row.baseline_value
    for target in row.in_force:  # type: ignore[attr-defined]
        if target.value is not None and target.operator not in _NO_NUMBER:
            numbers[f"{target.year}年目标值"] = target.value
    return numbers
