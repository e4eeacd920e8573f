"""逾期未报: the rows behind the number, one by one. States are looked at, no figure is read."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from dashboard.standings import PASSED_ON, closed_rounds
from indicators.models import Actual, Availability, Indicator
from plans.models import Plan, Round

LONG = 500  # rows of the list at most


@dataclass(frozen=True, slots=True)
class Late:
    """A row that was not passed on when its department's deadline was over."""

    indicator: Indicator
    round: Round
    deadline: date
    days: int


@dataclass(frozen=True, slots=True)
class Overdue:
    """The late rows, the longest overdue first; `count` counts those beyond the list too."""

    rows: list[Late]
    count: int

    @property
    def n_hidden(self) -> int:
        return self.count - len(self.rows)


def overdue_of(plans: Sequence[Plan], *, on: date) -> Overdue:
    """What `PlanStanding.overdue` counts, as a list: four queries, however many plans and rounds."""
    rounds = [round_ for found in closed_rounds(plans, on=on).values() for round_ in found]
    years = {round_.year for round_ in rounds}
    indicators: defaultdict[int, list[Indicator]] = defaultdict(list)
    to_report = Indicator.objects.filter(plan__in={round_.plan_id for round_ in rounds}, is_group=False)
    for indicator in to_report.select_related("plan__region", "department"):
        indicators[indicator.plan_id].append(indicator)
    reported = Actual.objects.filter(indicator__plan__in=indicators, year__in=years, state__in=PASSED_ON)
    passed_on = set(reported.exclude(availability=Availability.UNREPORTED).values_list("indicator", "year"))
    found = [
        Late(indicator, round_, deadline, (on - deadline).days)
        for round_ in rounds
        for indicator in indicators[round_.plan_id]
        if (indicator.pk, round_.year) not in passed_on and (deadline := round_.deadline(indicator.department_id)) < on
    ]
    found.sort(key=lambda late: (late.deadline, late.indicator.plan.region.code, late.round.year, late.indicator.order))
    return Overdue(found[:LONG], len(found))
