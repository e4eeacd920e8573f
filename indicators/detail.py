"""One indicator's own page: its years, its path and chart, what planners ruled, the steps of its figures."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db.models import QuerySet

from accounts.models import User
from accounts.permissions import Permission
from indicators.figures import format_figure
from indicators.models import (
    Actual,
    ActualEvent,
    Assessment,
    Exclusion,
    Indicator,
    Override,
    State,
    Target,
    targets_in_force,
)
from indicators.paths import expected_value
from indicators.queries import (
    Promised,
    actual_shown,
    as_it_stood,
    explained,
    found_verdict,
    path_points,
    path_shown,
    places_of,
    promised,
    shown_verdict,
)
from indicators.verdicts import VERDICT_LIGHTS, VERDICT_WORDS, Kind, Light, Verdict


@dataclass(frozen=True, slots=True)
class YearLine:
    """One year of an indicator's own table."""

    year: int
    promised: Promised | None
    actual: Actual | None
    assessment: Assessment | None
    verdict: Verdict
    found: Verdict

    @property
    def light(self) -> Light:
        return VERDICT_LIGHTS[self.verdict]

    @property
    def word(self) -> str:
        return VERDICT_WORDS[self.verdict]

    @property
    def ruling(self) -> Override | Exclusion | None:
        """The planner's word in force instead of the engine's."""
        return self.assessment.ruling if self.assessment else None

    @property
    def found_word(self) -> str:
        return VERDICT_WORDS[self.found]

    @property
    def ruled_on(self) -> str:
        """What the engine says, to stand under the verdict in force; empty without a ruling."""
        return f"系统评价：{VERDICT_WORDS[self.found]}" if self.ruling else ""

    @property
    def reason(self) -> str:
        return explained(self.assessment, found=self.found)


@dataclass(frozen=True, slots=True)
class Step:
    """A step in the life of a figure, with the figure it left behind and the one before, where that was another."""

    event: ActualEvent
    figure: str
    was: str


@dataclass(frozen=True, slots=True)
class IndicatorPage:
    """One indicator through the years, with what its chart draws."""

    indicator: Indicator
    lines: list[YearLine]
    latest: YearLine | None
    targets: list[Target]
    steps: list[Step]
    elsewhere: list[Indicator]
    chart: dict[str, object] | None
    has_demo: bool
    may_review: bool
    may_plan: bool
    overrides: list[Override]
    exclusions: list[Exclusion]

    @property
    def exclusion(self) -> Exclusion | None:
        """Why the indicator takes no part in the assessment now; None where it does."""
        return next((row for row in self.exclusions if row.is_in_force), None)

    @property
    def seen(self) -> dict[str, str]:
        """What a planner's decision on this page rests on, as its forms send it back: year:key or year:version."""
        return {
            "override": " ".join(f"{row.year}:{row.pk}" for row in self.overrides if row.is_in_force),
            "exclusion": " ".join(f"{row.since_year}:{row.pk}" for row in self.exclusions if row.is_in_force),
            "target": " ".join(f"{row.year}:{row.version}" for row in self.targets if row.is_current),
        }

    @property
    def formula(self) -> str:
        """The latest 完成进度 with its figures filled in; empty where it has none or is no plain quotient."""
        line, indicator = self.latest, self.indicator
        final = [target for target in self.targets if target.is_current][-1:]
        if indicator.kind != Kind.LEVEL or not (line and line.actual and line.assessment and final):
            return ""
        figures = (line.actual.value, indicator.baseline_value, final[0].value)
        if line.assessment.progress is None or None in figures:
            return ""
        reached, start, goal = (
            format_figure(value, decimals=max(indicator.decimals, places_of(value)))
            for value in figures
            if value is not None
        )
        share = format_figure(line.assessment.progress * 100, decimals=1)
        return f"完成进度 =（{reached} − {start}）÷（{goal} − {start}）= {share}%"


def indicator_page(indicator: Indicator, *, user: User, on: date) -> IndicatorPage:
    """Everything the indicator's page shows; eight queries at most, whatever the number of years and events."""
    versions = list(indicator.targets.select_related("revised_by").order_by("year", "version"))
    targets = {target.year: target for target in versions if target.is_current}
    actuals = {
        actual.year: actual
        for actual in Actual.objects.visible_to(user)
        .filter(indicator=indicator)
        .select_related("entered_by", "approved_by")
    }
    assessed = Assessment.objects.visible_to(user).with_rulings()
    stored = {row.year: row for row in assessed.filter(indicator=indicator)}
    lines = [
        YearLine(
            year=year,
            promised=promised(indicator, targets_in_force(versions, year=year), year=year),
            actual=actuals.get(year),
            assessment=stored.get(year),
            verdict=shown_verdict(stored.get(year), year=year, on=on),
            found=found_verdict(stored.get(year), year=year, on=on),
        )
        for year in indicator.plan.years
    ]
    judged = [line for line in lines if line.actual and line.actual.state == State.APPROVED]
    events = ActualEvent.objects.filter(actual__in=actuals.values()).select_related("by", "actual")
    if not user.can(Permission.SEE_UNAPPROVED, indicator.plan.region):
        events = events.filter(state=State.APPROVED)
    elsewhere = (
        Indicator.objects.visible_to(user)
        .filter(metric=indicator.metric)
        .exclude(pk=indicator.pk)
        .select_related("plan__region")
        if indicator.metric
        else Indicator.objects.none()
    )
    return IndicatorPage(
        indicator=indicator,
        lines=lines,
        latest=judged[-1] if judged else None,
        targets=versions,
        steps=_steps(events.order_by("at", "pk"), decimals=indicator.decimals),
        elsewhere=list(elsewhere),
        chart=_chart(indicator, targets, actuals),
        has_demo=any(actual.is_demo for actual in actuals.values()),
        may_review=user.can(Permission.REVIEW, indicator.plan.region),
        may_plan=user.can(Permission.PLAN, indicator.plan.region),
        overrides=list(indicator.overrides.select_related("by", "withdrawn_by").order_by("-at", "-pk")),
        exclusions=list(indicator.exclusions.select_related("by", "withdrawn_by").order_by("-at", "-pk")),
    )


def _steps(events: QuerySet[ActualEvent], *, decimals: int) -> list[Step]:
    """The latest step first."""
    last: dict[int, str] = {}
    steps = []
    for event in events:
        figure = actual_shown(as_it_stood(event), decimals=decimals)
        was = last.get(event.actual_id, figure)
        steps.append(Step(event, figure, was if was != figure else ""))
        last[event.actual_id] = figure
    return steps[::-1]


def _chart(indicator: Indicator, targets: dict[int, Target], actuals: dict[int, Actual]) -> dict[str, object] | None:
    """Path and actuals as text figures per year; a year without a figure is None, never zero."""
    points = path_points(indicator, targets)
    reached = {year: actual for year, actual in sorted(actuals.items()) if actual.value is not None}
    if not points and not reached:
        return None
    first = min([year for year, _ in points] + [indicator.plan.start_year])
    last = max([year for year, _ in points] + [indicator.plan.end_year])
    years = list(range(first, last + 1))
    stated = {year for year, _ in points}
    path = [
        path_shown(expected_value(points, year=year), decimals=indicator.decimals)
        if points and points[0][0] <= year <= points[-1][0]
        else None
        for year in years
    ]
    total: Decimal | None = Decimal(0)
    shown: list[str | None] = []
    for year in years:
        actual = reached.get(year)
        value = actual.value if actual else None
        if indicator.kind == Kind.CUMULATIVE and year >= indicator.plan.start_year:
            total = None if value is None or total is None else total + value
            value = total
        shown.append(
            None if value is None else format_figure(value, decimals=max(indicator.decimals, places_of(value)))
        )
    return {
        "unit": indicator.unit,
        "name": indicator.name,
        "years": years,
        "path": path,
        "stated": sorted(stated),
        "actual": shown,
        "unapproved": [year for year, actual in reached.items() if actual.state != State.APPROVED],
        "demo": [year for year, actual in reached.items() if actual.is_demo],
    }
