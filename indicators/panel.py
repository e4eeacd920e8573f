"""What stands beside the sheet while a clerk is in a row: the indicator's past, its definition, its steps and files."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import cast

from accounts.models import User
from indicators.detail import IndicatorPage, Step, YearLine, indicator_page
from indicators.models import Evidence, Indicator
from indicators.sparklines import Sparkline, sparkline

MOST_EVENTS = 8


@dataclass(frozen=True, slots=True)
class EntryPanel:
    """One row's panel; the page is the one that the indicator's own address shows."""

    page: IndicatorPage
    year: int
    drawing: Sparkline | None
    evidence: list[Evidence]

    @property
    def indicator(self) -> Indicator:
        return self.page.indicator

    @property
    def past(self) -> list[YearLine]:
        return [line for line in self.page.lines if line.year <= self.year]

    @property
    def steps(self) -> list[Step]:
        return self.page.steps[:MOST_EVENTS]


def entry_panel_of(indicator: Indicator, *, year: int, user: User, on: date) -> EntryPanel:
    """Everything the panel shows of one indicator and year; seven queries at most."""
    page = indicator_page(indicator, user=user, on=on)
    files = Evidence.objects.visible_to(user).standing().filter(actual__indicator=indicator, actual__year=year)
    return EntryPanel(page, year, _drawing(page), list(files.select_related("uploaded_by")))


def _drawing(page: IndicatorPage) -> Sparkline | None:
    if page.chart is None:
        return None

    def figures(name: str) -> list[Decimal | None]:
        texts = cast("list[str | None]", (page.chart or {})[name])
        return [None if text is None else Decimal(text) for text in texts]

    return sparkline(path=figures("path"), reached=figures("actual"))
