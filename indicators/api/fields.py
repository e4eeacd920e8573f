"""What the rows of every endpoint are written with: figures as strings, choices, the filters under an indicator."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any, cast

import django_filters
from rest_framework import serializers

from accounts.api import IdFilter, UnderFilter, YearFilter
from indicators.figures import format_figure
from indicators.models import (
    KIND_WORDS,
    Assessment,
    Attribute,
    Target,
)
from indicators.queries import places_of
from indicators.verdicts import VERDICT_WORDS
from plans.api import theme_filter


def choices_of(words: Mapping[Any, str]) -> list[tuple[str, str]]:
    """Stored words with what they are called, as plain text for the API's description."""
    return [(str(stored), word) for stored, word in words.items()]


VERDICTS = choices_of(VERDICT_WORDS)  # named in the settings as the VerdictEnum of the description


class FigureField(serializers.CharField):
    """A stored figure as a plain string: "0" for zero, null for none, never fewer decimals than it needs.

    `at_least` says for a row how many decimals to print even where they are zeros.
    """

    def __init__(self, *, at_least: Callable[[Any], int] = lambda row: 0, **kwargs: Any) -> None:
        self.at_least = at_least
        super().__init__(read_only=True, allow_null=True, **kwargs)

    def get_attribute(self, instance: Any) -> str | None:
        value = cast("Decimal | None", super().get_attribute(instance))
        return None if value is None else format_figure(value, decimals=max(self.at_least(instance), places_of(value)))


def decimals_of_its_indicator(row: Target | Assessment) -> int:
    """The decimals that the plan prints for the indicator of a row."""
    return row.indicator.decimals


class OfIndicatorFilter(django_filters.FilterSet):
    """The filters of whatever stands under an indicator and a year."""

    plan = django_filters.CharFilter(field_name="indicator__plan__code", label="规划代码")
    region = django_filters.CharFilter(field_name="indicator__plan__region__code", label="区划代码（不含下级）")
    under = UnderFilter("indicator__plan__region__code")
    indicator = IdFilter(field_name="indicator", label="指标 id")
    year = YearFilter(field_name="year")
    attribute = django_filters.ChoiceFilter(
        field_name="indicator__attribute", choices=Attribute.choices, label="指标属性"
    )
    kind = django_filters.ChoiceFilter(field_name="indicator__kind", choices=choices_of(KIND_WORDS), label="指标类型")
    theme = theme_filter("indicator__theme")
