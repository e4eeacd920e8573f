"""What lags: the list of red and yellow indicators, or of those a reader chose."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import Case, F, IntegerField, Prefetch, Q, Value, When

from dashboard.row_sets import RowSet
from dashboard.standings import PlanStanding, Standing, counted
from indicators.models import Actual, Assessment, Attribute, Indicator, Target, targets_in_force
from indicators.queries import shown_verdict
from indicators.verdicts import EXCLUDED, SHORT_LIGHTS, VERDICT_LIGHTS, VERDICT_WORDS, Judged, Light, Verdict


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a reader chose for the lists of an upper region; `rows` names a counted set as on a plan's page."""

    light: str = ""
    attribute: str = ""
    theme: str = ""
    verdict: str = ""
    rows: str = ""
    sort: str = "code"
    is_all: bool = False

    @property
    def is_filtered(self) -> bool:
        return bool(self.light or self.attribute or self.theme or self.verdict or self.rows)

    @property
    def lights(self) -> tuple[Light, ...]:
        """In which lights a row of the list may stand."""
        allowed = set(Light) if self.is_filtered else set(SHORT_LIGHTS)
        if self.light:
            allowed &= {Light(self.light)}
        if self.rows in (RowSet.MET, RowSet.JUDGED):
            allowed -= {Light.GREY}
        return tuple(allowed)


@dataclass(frozen=True, slots=True)
class Lag(Judged):
    """An indicator of a list: how it stands, what is still needed, who owns it and what was written about it."""

    assessment: Assessment
    verdict: Verdict
    actual: Actual | None
    final_target: Target | None

    @property
    def indicator(self) -> Indicator:
        return self.assessment.indicator

    @property
    def forecast_light(self) -> Light | None:
        stored = self.assessment.forecast_verdict
        return VERDICT_LIGHTS[Verdict(stored)] if stored else None

    @property
    def forecast_word(self) -> str:
        stored = self.assessment.forecast_verdict
        return VERDICT_WORDS[Verdict(stored)] if stored else ""


def lags(
    heads: Sequence[PlanStanding], *, on: date, wanted: Wanted | None = None, limit: int | None = None
) -> list[Lag]:
    """Binding first, red before yellow, then what is farthest behind: three queries, however many rows."""
    wanted = wanted or Wanted()
    rows = Assessment.objects.filter(counted(heads)).shown_in(*wanted.lights, on=on)
    chosen = {"indicator__attribute": wanted.attribute, "indicator__theme__code": wanted.theme}
    rows = rows.filter(**{name: value for name, value in chosen.items() if value})
    is_excluded = Q(verdict__in=EXCLUDED)
    rows = rows.filter(is_excluded if wanted.rows == RowSet.EXCLUDED else ~is_excluded)
    if wanted.rows == RowSet.MET:
        rows = rows.filter(is_met=True)
    if wanted.verdict:
        rows = rows.shown_as(Verdict(wanted.verdict), on=on)
    years = {head.year for head in heads if head.year}
    rows = rows.select_related("indicator__plan__region", "indicator__department").prefetch_related(
        Prefetch("indicator__targets", to_attr="target_versions"),
        Prefetch("indicator__actuals", Actual.objects.approved().filter(year__in=years), to_attr="seen_actuals"),
    )
    in_order = rows.order_by(
        _rank("indicator__attribute", Attribute.BINDING),
        _rank("light", Light.RED, Light.YELLOW, Light.GREEN),
        F("comparison").asc(nulls_last=True),
        *("indicator__plan__region__code", "indicator__plan", "indicator__order", "pk"),
    )
    return [_lag(assessment, on=on) for assessment in in_order[:limit]]


def _rank(name: str, *first: str) -> Case:
    """An order in which these values come first."""
    whens = [When(**{name: value}, then=Value(place)) for place, value in enumerate(first)]
    return Case(*whens, default=Value(len(first)), output_field=IntegerField())


def _lag(assessment: Assessment, *, on: date) -> Lag:
    indicator, year = assessment.indicator, assessment.year
    actuals: list[Actual] = indicator.seen_actuals  # type: ignore[attr-defined]
    targets = targets_in_force(indicator.target_versions, year=year)  # type: ignore[attr-defined]
    return Lag(
        assessment=assessment,
        verdict=shown_verdict(assessment, year=year, on=on),
        actual=next((actual for actual in actuals if actual.year == year), None),
        final_target=targets[max(targets)] if targets else None,
    )


def n_listed(standing: Standing, wanted: Wanted) -> int:
    """How many rows the list would have without a limit."""
    lights = wanted.lights
    return sum(
        n
        for (verdict, attribute, theme, is_met), n in standing.counts.items()
        if VERDICT_LIGHTS[verdict] in lights
        and (verdict in EXCLUDED) == (wanted.rows == RowSet.EXCLUDED)
        and (wanted.rows != RowSet.MET or is_met)
        and wanted.verdict in ("", verdict)
        and wanted.attribute in ("", attribute)
        and wanted.theme in ("", standing.themes[theme].code)
    )
