"""One indicator's own page: its years, its path and chart, what planners ruled, the steps of its figures."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from django.db.models import QuerySet

from accounts.models import User
from accounts.permissions import Permission
from indicators.assessment import assess
from indicators.charts import path_chart
from indicators.checks import parts_of
from indicators.derivations import Derivation, Inputs, derivations, forecast_said
from indicators.models import (
    Actual,
    ActualEvent,
    Assessment,
    Exclusion,
    FigureKind,
    Indicator,
    Override,
    State,
    Target,
    targets_in_force,
)
from indicators.parts import Parts
from indicators.queries import (
    Promised,
    actual_shown,
    as_it_stood,
    explained,
    found_verdict,
    promised,
    shown_verdict,
)
from indicators.reassess import facts_of, policy_of
from indicators.recomputed import Recomputed, recomputed_of
from indicators.verdicts import EXCLUDED, VERDICT_WORDS, Judged, Verdict, engine_says


@dataclass(frozen=True, slots=True)
class YearLine(Judged):
    """One year of an indicator's own table."""

    year: int
    promised: Promised | None
    actual: Actual | None
    assessment: Assessment | None
    verdict: Verdict
    found: Verdict

    is_over: bool

    @property
    def parts(self) -> Parts | None:
        """What the figure was made of, where that was entered."""
        return parts_of(self.actual) if self.actual else None

    @property
    def is_expected(self) -> bool:
        """Whether the figure is only what the year is expected to end with: it is not over, or this is a 快报."""
        return self.actual is not None and (not self.is_over or self.actual.figure_kind == FigureKind.PRELIMINARY)

    @property
    def foreseen(self) -> str:
        """What a year that is not over would be called by its figures so far, where that is not shown: 预计滞后."""
        stored = Verdict(self.assessment.verdict) if self.assessment else self.verdict
        return "" if stored in (self.verdict, Verdict.UNREPORTED) else f"预计{VERDICT_WORDS[stored]}"

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
        return engine_says(self.found) if self.ruling else ""

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
    """One indicator through the years, with what its chart draws.

    `latest` is the last year that is over with an approved figure; before there is one, the last approved figure. Its
    figures are those of its assessment, against the targets then in force; `forecast` and chart look ahead, to the
    targets of now, and `revised_since` are those that count from later years only.
    """

    indicator: Indicator
    lines: list[YearLine]
    latest: YearLine | None
    targets: list[Target]
    steps: list[Step]
    derivations: list[Derivation]
    forecast: str
    revised_since: list[Target]
    chart: dict[str, object] | None
    has_demo: bool
    may_review: bool
    may_plan: bool
    overrides: list[Override]
    exclusions: list[Exclusion]
    recomputed: list[Recomputed]

    @property
    def this_year(self) -> YearLine | None:
        """The year that is not over yet, where it stands apart from the latest one."""
        line = next((line for line in self.lines if not line.is_over), None)
        return None if line is None or line == self.latest else line

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


def indicator_page(indicator: Indicator, *, user: User, on: date) -> IndicatorPage:
    """Everything the indicator's page shows; six queries at most, whatever the number of years and events.

    Two more where the dictionary says that the indicator is made of two others.
    """
    versions = list(indicator.targets.select_related("revised_by").order_by("year", "version"))
    actuals = {
        actual.year: actual
        for actual in Actual.objects.visible_to(user)
        .filter(indicator=indicator)
        .select_related("entered_by", "approved_by")
    }
    for actual in actuals.values():
        actual.indicator = indicator  # whose metric is read once, not once a year
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
            is_over=year < on.year,
        )
        for year in indicator.plan.years
    ]
    approved = [line for line in lines if line.actual and line.actual.state == State.APPROVED]
    latest = next(iter([line for line in approved if line.is_over][-1:] or approved[-1:]), None)
    judged_by = targets_in_force(versions, year=latest.year) if latest else {}
    now = {target.year: target for target in versions if target.is_current}
    inputs = _inputs(indicator, judged_by, actuals, latest) if latest else None
    ahead = _inputs(indicator, now, actuals, latest) if latest else None
    events = ActualEvent.objects.filter(actual__in=actuals.values()).select_related("by", "actual")
    if not user.can(Permission.SEE_UNAPPROVED, indicator.plan.region):
        events = events.filter(state=State.APPROVED)
    return IndicatorPage(
        indicator=indicator,
        lines=lines,
        latest=latest,
        targets=versions,
        steps=_steps(events.order_by("at", "pk"), decimals=indicator.decimals),
        derivations=derivations(inputs) if inputs else [],
        forecast=forecast_said(ahead) if ahead else "",
        revised_since=[target for year, target in now.items() if judged_by.get(year) != target] if inputs else [],
        chart=path_chart(indicator, versions=versions, actuals=actuals, inputs=ahead),
        has_demo=any(actual.is_demo for actual in actuals.values()),
        may_review=user.can(Permission.REVIEW, indicator.plan.region),
        may_plan=user.can(Permission.PLAN, indicator.plan.region),
        overrides=list(indicator.overrides.select_related("by", "withdrawn_by").order_by("-at", "-pk")),
        exclusions=list(indicator.exclusions.select_related("by", "withdrawn_by").order_by("-at", "-pk")),
        recomputed=recomputed_of([indicator]).get(indicator.pk, []),
    )


def _inputs(
    indicator: Indicator, targets: Mapping[int, Target], actuals: dict[int, Actual], latest: YearLine
) -> Inputs | None:
    """What the figures of the latest year are made from: approved figures and these targets."""
    if indicator.is_group or latest.verdict in EXCLUDED:
        return None
    approved = [actual for actual in actuals.values() if actual.state == State.APPROVED]
    facts = facts_of(indicator, targets=targets.values(), actuals=approved)
    finding = assess(facts, year=latest.year, policy=policy_of(indicator.plan))
    return Inputs(facts, finding, indicator.unit, indicator.decimals)


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
