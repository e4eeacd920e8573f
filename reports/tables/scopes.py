"""Of which plans a table speaks, and as of when: a choice that somebody made, found and allowed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime

from accounts.models import Region, User
from plans.models import Plan
from projects.months import Month


class ImpossibleChoice(Exception):
    """What was chosen cannot be made into a table; the message says why, in a sentence for the reader."""


@dataclass(frozen=True, slots=True)
class Scope:
    """The plans of a table, the years it speaks of, and who asked when. `on` is a day of Beijing time."""

    plans: list[Plan]
    region: Region | None  # the root of the tree whose plans these are; None: chosen one by one, or everything
    years: Mapping[int, int]  # by plan: the data year
    year: int | None  # as asked; None: each plan's own
    month: Month | None
    metric: str
    approved_only: bool
    user: User
    on: date
    at: datetime

    @property
    def said(self) -> str:
        """Which plans, in words."""
        if len(self.plans) == 1:
            return self.plans[0].title
        regions = len({plan.region_id for plan in self.plans})
        where = f"{self.region.name}及其下级，" if self.region else ""
        return f"{where}{regions}个地区的{len(self.plans)}个规划"

    @property
    def name(self) -> str:
        """The scope in a file name: a plan's short title, a region, or how many plans."""
        if len(self.plans) == 1:
            return self.plans[0].short_title
        return f"{self.region.name}及下级" if self.region else f"{len(self.plans)}个规划"

    def first(self, count: int = 1) -> Scope:
        """The same of the first plans only."""
        return replace(self, plans=self.plans[:count])
