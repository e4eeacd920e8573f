"""Assessments over the API: the engine's finding and what planners ruled."""

from __future__ import annotations

from typing import cast

import django_filters
from django.db.models import Exists, OuterRef, QuerySet
from django.http import HttpRequest
from django.utils import timezone
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers

from accounts.api import CodeField, ReadOnlyViewSet
from accounts.models import User
from indicators.api.fields import VERDICTS, FigureField, OfIndicatorFilter, choices_of, decimals_of_its_indicator
from indicators.models import (
    LIGHT_WORDS,
    Actual,
    Assessment,
    AssessmentQuerySet,
    Exclusion,
    Override,
    State,
)
from indicators.queries import shown_verdict
from indicators.verdicts import VERDICT_LIGHTS, VERDICT_WORDS, Light, Verdict

SHARE_DECIMALS = 4


def _of_a_share(row: Assessment) -> int:
    return SHARE_DECIMALS


class OverrideSerializer(serializers.ModelSerializer[Override]):
    by = serializers.StringRelatedField[User]()

    class Meta:
        model = Override
        fields = ("reason", "by", "at")
        read_only_fields = fields


class ExclusionSerializer(serializers.ModelSerializer[Exclusion]):
    cause = serializers.SerializerMethodField()
    by = serializers.StringRelatedField[User]()

    class Meta:
        model = Exclusion
        fields = ("since_year", "cause", "reason", "by", "at")
        read_only_fields = fields

    @extend_schema_field(serializers.ChoiceField(choices=VERDICTS))
    def get_cause(self, exclusion: Exclusion) -> str:
        return exclusion.cause


class AssessmentSerializer(serializers.ModelSerializer[Assessment]):
    progress = FigureField(at_least=_of_a_share)
    time_progress = FigureField(at_least=_of_a_share)
    comparison = FigureField(at_least=_of_a_share)
    completion_rate = FigureField(at_least=_of_a_share)
    expected = FigureField(at_least=decimals_of_its_indicator)
    gap = FigureField(at_least=decimals_of_its_indicator)
    forecast = FigureField(at_least=decimals_of_its_indicator)
    forecast_verdict = CodeField(choices=VERDICTS, read_only=True, allow_null=True)
    verdict = serializers.SerializerMethodField()
    verdict_word = serializers.SerializerMethodField()
    light = serializers.SerializerMethodField()
    engine_verdict = serializers.SerializerMethodField()
    override = OverrideSerializer(read_only=True, allow_null=True)
    exclusion = ExclusionSerializer(read_only=True, allow_null=True)

    class Meta:
        model = Assessment
        fields = (
            "id",
            "indicator",
            "year",
            "verdict",
            "verdict_word",
            "light",
            "engine_verdict",
            "override",
            "exclusion",
            "reason",
            "is_met",
            "progress",
            "time_progress",
            "expected",
            "comparison",
            "gap",
            "completion_rate",
            "forecast",
            "forecast_verdict",
            "is_demo",
        )
        read_only_fields = fields

    def _shown(self, assessment: Assessment) -> Verdict:
        return shown_verdict(assessment, year=assessment.year, on=timezone.localdate())

    @extend_schema_field(serializers.ChoiceField(choices=VERDICTS))
    def get_verdict(self, assessment: Assessment) -> str:
        return self._shown(assessment).value

    def get_verdict_word(self, assessment: Assessment) -> str:
        return VERDICT_WORDS[self._shown(assessment)]

    @extend_schema_field(serializers.ChoiceField(choices=VERDICTS))
    def get_engine_verdict(self, assessment: Assessment) -> str:
        return assessment.found.value

    @extend_schema_field(serializers.ChoiceField(choices=choices_of(LIGHT_WORDS)))
    def get_light(self, assessment: Assessment) -> str:
        return VERDICT_LIGHTS[self._shown(assessment)].value


class AssessmentFilter(OfIndicatorFilter):
    light = django_filters.ChoiceFilter(choices=choices_of(LIGHT_WORDS), method="shown_in", label="灯色")
    state = django_filters.ChoiceFilter(choices=State.choices, method="reported_as", label="同一年度实际值的状态")

    class Meta:
        model = Assessment
        fields: tuple[str, ...] = ()

    def shown_in(self, assessments: AssessmentQuerySet, name: str, light: str) -> AssessmentQuerySet:
        return assessments.shown_in(Light(light), on=timezone.localdate())

    def reported_as(self, assessments: QuerySet[Assessment], name: str, state: str) -> QuerySet[Assessment]:
        rows = Actual.objects.visible_to(cast(HttpRequest, self.request).user).filter(state=state)
        return assessments.filter(Exists(rows.filter(indicator=OuterRef("indicator"), year=OuterRef("year"))))


@extend_schema(
    tags=["assessments 评价"],
    description=(
        "依据已审核数据对各指标各年度的评价。verdict、light 为页面和报表当日所示的现行评价："
        "年度尚未结束的，不判滞后，为未到期（not_due、grey）。"
        "engine_verdict 为系统按现有数据的评价，不论年度是否结束；reason 始终为系统评价的依据。"
        "由人改判的见 override，不参与评价的（职能划转、口径调整）见 exclusion。"
        "progress、time_progress、comparison、completion_rate 为比值，保留四位小数；"
        "expected、gap、forecast 的单位与指标相同。"
    ),
)
class AssessmentViewSet(ReadOnlyViewSet[Assessment]):
    """评价: what the engine finds for each indicator and year, from approved figures, and what planners ruled."""

    queryset = (
        Assessment.objects.with_rulings()
        .select_related("indicator")
        .order_by("indicator__plan__code", "indicator__order", "indicator", "year")
    )
    serializer_class = AssessmentSerializer
    filterset_class = AssessmentFilter
