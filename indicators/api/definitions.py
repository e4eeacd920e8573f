"""The dictionary, and indicators with their targets, over the API."""

from __future__ import annotations

from typing import Any, cast

import django_filters
from django.db.models import Exists, OuterRef, Prefetch, QuerySet
from django.http import HttpRequest
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers

from accounts.api import ReadOnlyViewSet, UnderFilter, YearFilter
from accounts.models import Department, User
from accounts.permissions import Permission
from indicators.api.fields import FigureField, choices_of, decimals_of_its_indicator
from indicators.models import (
    KIND_WORDS,
    LIGHT_WORDS,
    Actual,
    Assessment,
    Attribute,
    Indicator,
    Metric,
    State,
    Target,
)
from indicators.verdicts import Light
from plans.api import theme_filter
from plans.models import Plan, Theme


def _printed(indicator: Indicator) -> int:
    return indicator.decimals


class MetricSerializer(serializers.ModelSerializer[Metric]):
    theme = serializers.SlugRelatedField[Theme](slug_field="code", read_only=True)
    aliases = serializers.SlugRelatedField[Any](slug_field="name", many=True, read_only=True)
    parts_factor = FigureField()
    numerator = serializers.SlugRelatedField[Metric](slug_field="code", read_only=True, allow_null=True)
    denominator = serializers.SlugRelatedField[Metric](slug_field="code", read_only=True, allow_null=True)

    class Meta:
        model = Metric
        fields = (
            "code",
            "name",
            "unit",
            "theme",
            "direction",
            "definition",
            "is_ranked",
            "aliases",
            "numerator_name",
            "denominator_name",
            "parts_factor",
            "numerator",
            "denominator",
        )
        read_only_fields = fields


class MetricFilter(django_filters.FilterSet):
    theme = theme_filter("theme")

    class Meta:
        model = Metric
        fields: tuple[str, ...] = ()


@extend_schema(
    tags=["metrics 指标库"],
    description=(
        "各地区共用的指标定义，供跨地区、跨规划比较。由分子分母计算的，写明分子、分母和乘数；"
        "分子、分母本身也是指标库条目的，另给出其代码。"
    ),
)
class MetricViewSet(ReadOnlyViewSet[Metric]):
    """指标库: the shared dictionary, for everybody who sees any plan."""

    queryset = (
        Metric.objects.select_related("theme", "numerator", "denominator")
        .prefetch_related("aliases")
        .order_by("theme__order", "code")
    )
    serializer_class = MetricSerializer
    filterset_class = MetricFilter
    lookup_field = "code"

    def get_queryset(self) -> QuerySet[Metric]:
        # The dictionary belongs to no region, so there is nothing for visible_to to ask.
        user = self.request.user
        sees_plans = isinstance(user, User) and user.can(Permission.SEE)
        return self.queryset.all() if sees_plans else self.queryset.none()


class BaselineSerializer(serializers.Serializer[Indicator]):
    year = serializers.IntegerField(source="baseline_year", read_only=True, allow_null=True)
    value = FigureField(source="baseline_value", at_least=_printed)
    text = serializers.CharField(source="baseline_text", read_only=True)


class TargetSerializer(serializers.ModelSerializer[Target]):
    value = FigureField(at_least=decimals_of_its_indicator)
    upper = FigureField(at_least=decimals_of_its_indicator)

    class Meta:
        model = Target
        fields = (
            "year",
            "operator",
            "value",
            "upper",
            "text",
            "version",
            "counts_from",
            "reason",
            "approved_by_body",
            "approval_number",
        )
        read_only_fields = fields


class IndicatorSerializer(serializers.ModelSerializer[Indicator]):
    plan = serializers.SlugRelatedField[Plan](slug_field="code", read_only=True)
    theme = serializers.SlugRelatedField[Theme](slug_field="code", read_only=True)
    baseline = BaselineSerializer(source="*", read_only=True)
    targets = TargetSerializer(source="current_targets", many=True, read_only=True)
    metric = serializers.SlugRelatedField[Metric](slug_field="code", read_only=True, allow_null=True)
    department = serializers.StringRelatedField[Department](allow_null=True)

    class Meta:
        model = Indicator
        fields = (
            "id",
            "plan",
            "number",
            "parent",
            "name",
            "unit",
            "theme",
            "attribute",
            "kind",
            "direction",
            "decimals",
            "is_group",
            "baseline",
            "targets",
            "origin",
            "source_ref",
            "metric",
            "metric_note",
            "department",
            "remark",
        )
        read_only_fields = fields


class IndicatorFilter(django_filters.FilterSet):
    plan = django_filters.CharFilter(field_name="plan__code", label="规划代码")
    region = django_filters.CharFilter(field_name="plan__region__code", label="区划代码（不含下级）")
    under = UnderFilter("plan__region__code")
    year = YearFilter(method="covering", help_text="规划期包含的年度")
    state = django_filters.ChoiceFilter(
        choices=State.choices, method="reported_as", label="有这一状态的实际值（给定年度的，为该年度）"
    )
    light = django_filters.ChoiceFilter(
        choices=choices_of(LIGHT_WORDS), method="assessed_as", label="有这一灯色的评价（给定年度的，为该年度）"
    )
    attribute = django_filters.ChoiceFilter(choices=Attribute.choices, label="属性")
    kind = django_filters.ChoiceFilter(choices=choices_of(KIND_WORDS), label="类型")
    theme = theme_filter("theme")
    metric = django_filters.CharFilter(field_name="metric__code", label="指标库代码")

    class Meta:
        model = Indicator
        fields: tuple[str, ...] = ()

    def covering(self, indicators: QuerySet[Indicator], name: str, year: int) -> QuerySet[Indicator]:
        return indicators.filter(plan__start_year__lte=year, plan__end_year__gte=year)

    def reported_as(self, indicators: QuerySet[Indicator], name: str, state: str) -> QuerySet[Indicator]:
        rows = Actual.objects.visible_to(cast(HttpRequest, self.request).user).filter(
            **self._of_the_year(), state=state
        )
        return indicators.filter(Exists(rows.filter(indicator=OuterRef("pk"))))

    def assessed_as(self, indicators: QuerySet[Indicator], name: str, light: str) -> QuerySet[Indicator]:
        seen = Assessment.objects.visible_to(cast(HttpRequest, self.request).user).filter(**self._of_the_year())
        rows = seen.shown_in(Light(light), on=timezone.localdate())
        return indicators.filter(Exists(rows.filter(indicator=OuterRef("pk"))))

    def _of_the_year(self) -> dict[str, int]:
        year = self.form.cleaned_data.get("year")
        return {} if year is None else {"year": int(year)}


@extend_schema(
    tags=["indicators 指标"],
    description="规划所载指标及现行目标值。数值为字符串；没有的为 null，零为 “0”。",
)
class IndicatorViewSet(ReadOnlyViewSet[Indicator]):
    """指标: the rows of plans as printed and as meant, with the targets now in force."""

    queryset = (
        Indicator.objects.select_related("plan", "theme", "metric", "department")
        .prefetch_related(
            Prefetch("targets", Target.objects.filter(is_current=True).order_by("year"), to_attr="current_targets")
        )
        .order_by("plan__code", "order", "pk")
    )
    serializer_class = IndicatorSerializer
    filterset_class = IndicatorFilter
