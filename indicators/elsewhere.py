"""The same metric in other plans and regions, and one region's figures from one plan period to the next."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Prefetch

from accounts.models import User
from indicators.charts import along, shown_over
from indicators.figures import same_unit
from indicators.models import Actual, Assessment, Indicator, Target, targets_in_force
from indicators.queries import explained, found_verdict, path_points, shown_verdict, target_shown
from indicators.verdicts import Judged, Kind, Verdict
from plans.models import Plan

# What is measured in the same way, as it stands at the end of the year, whatever is promised of it.
_STANDS = (Kind.LEVEL, Kind.RANGE, Kind.HOLD)


@dataclass(frozen=True, slots=True)
class Neighbour:
    """The same metric in another plan: its latest approved figure, its target and how it stands."""

    indicator: Indicator
    versions: list[Target]
    actuals: dict[int, Actual]
    assessments: dict[int, Assessment]
    on: date
    differences: list[str]

    @property
    def label(self) -> str:
        """Where it stands: the plan's short title, with its region where that does not say it."""
        plan = self.indicator.plan
        region = plan.region.short_name
        return plan.short_title if region in plan.short_title else f"{region}{plan.short_title}"

    @property
    def actual(self) -> Actual | None:
        """The latest approved figure."""
        return self.actuals[max(self.actuals)] if self.actuals else None

    @property
    def year(self) -> int:
        """The year in which it is compared: that of the latest approved figure."""
        return self.actual.year if self.actual else self.indicator.plan.start_year

    @property
    def targets(self) -> dict[int, Target]:
        """What is promised now."""
        return {target.year: target for target in self.versions if target.is_current}

    @property
    def target(self) -> Target | None:
        """The final target against which that year is judged."""
        targets = targets_in_force(self.versions, year=self.year)
        return targets[max(targets)] if targets else None

    @property
    def standing(self) -> Standing:
        return self.standing_in(self.year)

    def standing_in(self, year: int) -> Standing:
        stored = self.assessments.get(year)
        verdict = shown_verdict(stored, year=year, on=self.on)
        return Standing(verdict, explained(stored, found=found_verdict(stored, year=year, on=self.on)))


@dataclass(frozen=True, slots=True)
class Standing(Judged):
    """How an indicator stands in a year, and why."""

    verdict: Verdict
    reason: str


@dataclass(frozen=True, slots=True)
class PeriodLine:
    """One year of one plan in a row of plans."""

    plan: Plan
    year: int
    target: str
    actual: Actual | None
    standing: Standing | None


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """Where else the metric stands; `lines` and `chart` run over the periods of this region, if there are several."""

    neighbours: list[Neighbour]
    lines: list[PeriodLine]
    chart: dict[str, Any] | None
    has_demo: bool

    @property
    def periods(self) -> list[Plan]:
        return list(dict.fromkeys(line.plan for line in self.lines))


def elsewhere_of(indicator: Indicator, *, user: User, on: date) -> Elsewhere:
    """Four queries where the indicator has a metric, none otherwise; approved figures only."""
    if indicator.metric_id is None:
        return Elsewhere([], [], None, has_demo=False)
    rows = (
        Indicator.objects.visible_to(user)
        .filter(metric=indicator.metric_id)
        .select_related("plan__region")
        .order_by("plan__region__code", "-plan__end_year", "order", "pk")
        .prefetch_related(
            Prefetch("targets", to_attr="target_versions"),
            Prefetch("actuals", Actual.objects.approved().order_by("year"), to_attr="approved_actuals"),
            Prefetch("assessments", Assessment.objects.with_rulings(), to_attr="found_assessments"),
        )
    )
    family = [_neighbour(row, of=indicator, on=on) for row in rows]
    neighbours = [row for row in family if row.indicator.pk != indicator.pk]
    periods = _periods(indicator, family)
    lines = [line for period in periods for line in _lines(period)]
    return Elsewhere(
        neighbours=neighbours,
        lines=lines,
        chart=_chart(periods) if periods else None,
        has_demo=any(line.actual is not None and line.actual.is_demo for line in lines),
    )


def measured_as(indicator: Indicator) -> Kind:
    """The kind under which the figures can stand side by side: 水平, 保持 and 区间 are measured alike."""
    kind = Kind(indicator.kind)
    return Kind.LEVEL if kind in _STANDS else kind


def differences_between(one: Indicator, other: Indicator) -> list[str]:
    """What makes two rows of one metric hard to compare: another unit, another kind, another definition."""
    found = []
    if not same_unit(one.unit, other.unit):
        found.append(f"单位为{other.unit or '无'}")
    if measured_as(one) is not measured_as(other):
        found.append(f"类型为{other.get_kind_display()}")
    if one.direction != other.direction:
        found.append(f"方向为{other.get_direction_display()}")
    if other.definition and one.definition != other.definition:
        found.append("口径说明不同")
    if other.metric_note:
        found.append(f"规划注明：{other.metric_note}")
    return found


def _neighbour(row: Any, *, of: Indicator, on: date) -> Neighbour:
    return Neighbour(
        indicator=row,
        versions=row.target_versions,
        actuals={actual.year: actual for actual in row.approved_actuals},
        assessments={found.year: found for found in row.found_assessments},
        on=on,
        differences=differences_between(of, row),
    )


def _periods(indicator: Indicator, family: Sequence[Neighbour]) -> list[Neighbour]:
    """The plans of this region that follow one another with the same measure; empty where there is only this one."""
    same = [
        row
        for row in family
        if row.indicator.plan.region_id == indicator.plan.region_id
        and not row.differences
        and (row.indicator.pk == indicator.pk or row.indicator.plan_id != indicator.plan_id)
    ]
    by_start = {row.indicator.plan.start_year: row for row in same if row.indicator.pk != indicator.pk}
    by_start |= {row.indicator.plan.start_year: row for row in same if row.indicator.pk == indicator.pk}
    # a sum starts again with each plan, so its periods are no one line
    if len(by_start) < 2 or indicator.kind not in _STANDS:
        return []
    return [by_start[year] for year in sorted(by_start)]


def _lines(period: Neighbour) -> list[PeriodLine]:
    """The years of a plan that have a stated target or a figure."""
    indicator = period.indicator
    return [
        PeriodLine(
            plan=indicator.plan,
            year=year,
            target=target_shown(period.targets.get(year), decimals=indicator.decimals),
            actual=period.actuals.get(year),
            standing=period.standing_in(year) if year in period.actuals else None,
        )
        for year in indicator.plan.years
        if year in period.targets or year in period.actuals
    ]


def _chart(periods: Sequence[Neighbour]) -> dict[str, Any]:
    """Each plan's path as a line of its own, the figures of all as one."""
    indicators = [period.indicator for period in periods]
    paths = [path_points(period.indicator, period.targets) for period in periods]
    starts = [points[0][0] for points in paths if points]
    years = list(range(min([*starts, indicators[0].plan.start_year]), indicators[-1].plan.end_year + 1))
    actual: list[str | None] = [None] * len(years)
    for period in periods:
        reached = {year: figure for year, figure in period.actuals.items() if figure.value is not None}
        baseline = period.indicator.baseline_year
        if baseline in years and period.indicator.baseline_value is not None and actual[years.index(baseline)] is None:
            reached = {baseline: Actual(value=period.indicator.baseline_value)} | reached
        theirs = shown_over(period.indicator, reached, years)
        actual = [new if new is not None else old for old, new in zip(actual, theirs, strict=True)]
    return {
        "unit": indicators[-1].unit,
        "name": indicators[-1].name,
        "years": years,
        "path": None,
        "stated": sorted({year for points in paths for year, _ in points}),
        "others": [
            {"name": f"{indicator.plan.short_title}路径", "values": along(points, years, indicator.decimals)}
            for indicator, points in zip(indicators, paths, strict=True)
        ],
        "actual": actual,
        "unapproved": [],
        "preliminary": [],
        "forecast": None,
    }
