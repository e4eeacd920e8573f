"""通报: who has not reported for a data year in a region and below, and what lags there by approved figures."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby

from accounts.models import Region, User
from accounts.permissions import Permission
from accounts.regions import code_prefix
from indicators.models import Indicator
from indicators.queries import Row, table_rows
from indicators.reminders import Counted, Duty, duties_of
from indicators.verdicts import Light
from plans.models import Round

BEHIND = (Light.RED, Light.YELLOW)


@dataclass(frozen=True, slots=True)
class Bulletin(Counted):
    """The bulletin of one region and data year, on a day of Beijing time."""

    region: Region
    year: int
    on: date
    duties: list[Duty]
    behind: Sequence[Row]  # red before yellow, binding first, region by region

    @property
    def late(self) -> list[tuple[Region, list[Duty]]]:
        """Who has not reported everything, region by region."""
        owing = (duty for duty in self.duties if duty.pending)
        return [(region, list(theirs)) for region, theirs in groupby(owing, key=lambda duty: duty.round.plan.region)]

    @property
    def complete(self) -> list[tuple[Region, list[Duty]]]:
        done = (duty for duty in self.duties if duty.is_complete)
        return [(region, list(theirs)) for region, theirs in groupby(done, key=lambda duty: duty.round.plan.region)]

    @property
    def lagging(self) -> list[tuple[Region, list[Row]]]:
        """What lags, region by region."""
        return [
            (region, list(rows)) for region, rows in groupby(self.behind, key=lambda row: row.indicator.plan.region)
        ]

    @property
    def n_red(self) -> int:
        return sum(1 for row in self.behind if row.light is Light.RED)

    @property
    def has_demo(self) -> bool:
        rounds = any(duty.round.is_demo or (duty.department and duty.department.is_demo) for duty in self.duties)
        return rounds or any(row.is_demo for row in self.behind)


def bulletin_of(region: Region, year: int | None, *, user: User, on: date) -> Bulletin | None:
    """The bulletin of a region and all below it: twelve queries, however many rows. None without a year.

    States only of what is not approved; of the figures the approved ones, of a year that is over.
    """
    if year is None:
        return None
    below = code_prefix(region.code)
    rounds = Round.objects.visible_to(user, Permission.REMIND).filter(year=year, plan__region__code__startswith=below)
    lagging = Indicator.objects.visible_to(user).filter(
        plan__region__code__startswith=below,
        is_group=False,
        assessments__year=year,
        assessments__light__in=[light.value for light in BEHIND],
    )
    ordered = lagging.order_by("plan__region__code", "plan", "order")
    rows = table_rows(ordered, year=year, user=user, on=on, approved_only=True)
    behind = sorted((row for row in rows if row.light in BEHIND), key=_order)
    return Bulletin(region, year, on, duties_of(rounds, on=on), behind)


def _order(row: Row) -> tuple[str, bool, int]:
    return row.indicator.plan.region.code, not row.indicator.is_binding, BEHIND.index(row.light)
