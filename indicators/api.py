"""The dictionary, indicators with their targets, figures and assessments over the API; figures can be written too.

Writing goes through the page's own forms and workflow: same rules, same refusals. Figures are strings.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any, ClassVar, cast

import django_filters
from django import forms
from django.core.exceptions import NON_FIELD_ERRORS
from django.db.models import Exists, OuterRef, Prefetch, QuerySet
from django.http import FileResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiResponse, extend_schema, extend_schema_field, inline_serializer
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api import CodeField, IdFilter, ReadOnlyViewSet, YearFilter
from accounts.models import Department, User
from accounts.permissions import Permission
from indicators.evidence import evidence_file
from indicators.figures import FigureError, format_figure, parse_actual
from indicators.forms import EntryForm, MoveForm
from indicators.models import (
    JUDGEMENT_WORDS,
    KIND_WORDS,
    LIGHT_WORDS,
    AbsenceReason,
    Actual,
    ActualEvent,
    Assessment,
    Attribute,
    Availability,
    Evidence,
    Exclusion,
    FigureKind,
    Indicator,
    Metric,
    Override,
    State,
    Target,
)
from indicators.moves import Move
from indicators.queries import found_verdict, places_of, shown_verdict
from indicators.review import Refused
from indicators.verdicts import VERDICT_LIGHTS, VERDICT_WORDS, Verdict
from indicators.workflow import Unfit, move_actual, save_actual
from plans.api import theme_filter
from plans.models import Plan, Theme

CONFLICT = 409
ABSENT = tuple(stated.value for stated in Availability if stated != Availability.REPORTED)
SHARE_DECIMALS = 4


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


def _printed(indicator: Indicator) -> int:
    return indicator.decimals


def _printed_of_its_indicator(row: Target | Assessment) -> int:
    return row.indicator.decimals


def _of_a_share(row: Assessment) -> int:
    return SHARE_DECIMALS


def _entered(actual: Actual) -> int:
    """The decimals the figure was typed with: 48.5 stays 48.5, 48.0 stays 48.0, a zero is a zero."""
    try:
        return parse_actual(actual.text, unit=actual.indicator.unit).decimals
    except FigureError:
        return 0


class MetricSerializer(serializers.ModelSerializer[Metric]):
    theme = serializers.SlugRelatedField[Theme](slug_field="code", read_only=True)
    aliases = serializers.SlugRelatedField[Any](slug_field="name", many=True, read_only=True)

    class Meta:
        model = Metric
        fields = ("code", "name", "unit", "theme", "direction", "definition", "is_ranked", "aliases")
        read_only_fields = fields


class MetricFilter(django_filters.FilterSet):
    theme = theme_filter("theme")

    class Meta:
        model = Metric
        fields: tuple[str, ...] = ()


@extend_schema(
    tags=["metrics 指标库"],
    description="各地区共用的指标定义，供跨地区、跨规划比较。",
)
class MetricViewSet(ReadOnlyViewSet[Metric]):
    """指标库: the shared dictionary, for everybody who sees any plan."""

    queryset = Metric.objects.select_related("theme").prefetch_related("aliases").order_by("theme__order", "code")
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
    value = FigureField(at_least=_printed_of_its_indicator)
    upper = FigureField(at_least=_printed_of_its_indicator)

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
    year = YearFilter(method="covering", help_text="规划期包含的年度")
    attribute = django_filters.ChoiceFilter(choices=Attribute.choices, label="属性")
    kind = django_filters.ChoiceFilter(choices=choices_of(KIND_WORDS), label="类型")
    theme = theme_filter("theme")
    metric = django_filters.CharFilter(field_name="metric__code", label="指标库代码")

    class Meta:
        model = Indicator
        fields: tuple[str, ...] = ()

    def covering(self, indicators: QuerySet[Indicator], name: str, year: int) -> QuerySet[Indicator]:
        return indicators.filter(plan__start_year__lte=year, plan__end_year__gte=year)


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


class OfIndicatorFilter(django_filters.FilterSet):
    """The filters of whatever stands under an indicator and a year."""

    plan = django_filters.CharFilter(field_name="indicator__plan__code", label="规划代码")
    region = django_filters.CharFilter(field_name="indicator__plan__region__code", label="区划代码（不含下级）")
    indicator = IdFilter(field_name="indicator", label="指标 id")
    year = YearFilter(field_name="year")
    attribute = django_filters.ChoiceFilter(
        field_name="indicator__attribute", choices=Attribute.choices, label="指标属性"
    )
    kind = django_filters.ChoiceFilter(field_name="indicator__kind", choices=choices_of(KIND_WORDS), label="指标类型")
    theme = theme_filter("indicator__theme")


class ActualSerializer(serializers.ModelSerializer[Actual]):
    value = FigureField(at_least=_entered)
    comparator = FigureField()
    judgement = CodeField(choices=choices_of(JUDGEMENT_WORDS), read_only=True, allow_null=True)
    absence_reason = CodeField(choices=AbsenceReason.choices, read_only=True, allow_null=True)

    class Meta:
        model = Actual
        fields: tuple[str, ...] = (
            "id",
            "indicator",
            "year",
            "value",
            "text",
            "comparator",
            "judgement",
            "availability",
            "absence_reason",
            "figure_kind",
            "state",
            "note",
            "version",
            "source_ref",
            "is_demo",
        )
        read_only_fields = fields


class EventSerializer(serializers.ModelSerializer[ActualEvent]):
    by = serializers.StringRelatedField[User]()
    value = FigureField()
    comparator = FigureField()
    judgement = CodeField(choices=choices_of(JUDGEMENT_WORDS), read_only=True, allow_null=True)
    absence_reason = CodeField(choices=AbsenceReason.choices, read_only=True, allow_null=True)

    class Meta:
        model = ActualEvent
        fields = (
            "at",
            "by",
            "move",
            "state",
            "version",
            "value",
            "comparator",
            "judgement",
            "availability",
            "absence_reason",
            "figure_kind",
            "note",
        )
        read_only_fields = fields


class EvidenceSerializer(serializers.ModelSerializer[Evidence]):
    url = serializers.SerializerMethodField()

    class Meta:
        model = Evidence
        fields = ("id", "name", "size", "content_type", "sha256", "uploaded_at", "is_demo", "url")
        read_only_fields = fields

    @extend_schema_field(serializers.URLField(help_text="下载地址，与数据同一权限"))
    def get_url(self, evidence: Evidence) -> str:
        path = reverse("api:actuals-evidence", args=[evidence.actual_id, evidence.pk])
        return cast(str, self.context["request"].build_absolute_uri(path))


class ActualDetailSerializer(ActualSerializer):
    events = serializers.SerializerMethodField()
    evidence = serializers.SerializerMethodField()

    class Meta(ActualSerializer.Meta):
        fields = (*ActualSerializer.Meta.fields, "evidence", "events")

    @extend_schema_field(EvidenceSerializer(many=True))
    def get_evidence(self, actual: Actual) -> Any:
        """The files that back the figure, for whoever sees it."""
        return EvidenceSerializer(actual.evidence.standing(), many=True, context=self.context).data

    @extend_schema_field(EventSerializer(many=True))
    def get_events(self, actual: Actual) -> Any:
        """What became of the figure; who may see approved figures only is not told what it was before approval."""
        events = actual.events.select_related("by")
        if not self.context["request"].user.can(Permission.SEE_UNAPPROVED, actual.indicator.plan.region):
            events = events.filter(state=State.APPROVED)
        return EventSerializer(events, many=True).data


class FigureTextField(serializers.CharField):
    """A figure as it was typed: a string, or a JSON number, which is read by its digits and never calculated with."""

    default_error_messages: ClassVar[Any] = {"invalid": '请用字符串填写数值，例如 "12.5"；不能是布尔值、列表或对象。'}

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            required=False, allow_null=True, allow_blank=True, trim_whitespace=False, max_length=200, **kwargs
        )

    def to_internal_value(self, data: Any) -> str:
        if isinstance(data, float):
            return repr(data)
        return super().to_internal_value(data)


# The docstrings of serializers go into the public description, so these two have none: what is sent is only checked
# for its JSON types here; what it means is the matter of EntryForm and MoveForm.
class EntryRequestSerializer(serializers.Serializer[Any]):
    indicator = serializers.IntegerField(label="指标 id", min_value=1)
    year = serializers.IntegerField(label="年度")
    value = FigureTextField(label="实际值")
    comparator = FigureTextField(label="对照值")
    judgement = serializers.ChoiceField(
        label="定性结论", choices=choices_of(JUDGEMENT_WORDS), required=False, allow_blank=True, allow_null=True
    )
    availability = serializers.ChoiceField(
        label="数据情况", choices=Availability.choices, required=False, allow_blank=True, allow_null=True
    )
    absence_reason = serializers.ChoiceField(
        label="不适用的原因", choices=AbsenceReason.choices, required=False, allow_blank=True, allow_null=True
    )
    figure_kind = serializers.ChoiceField(
        label="数据性质", choices=FigureKind.choices, required=False, allow_blank=True, allow_null=True
    )
    note = serializers.CharField(label="说明", required=False, allow_blank=True, allow_null=True, max_length=2000)
    version = serializers.IntegerField(
        label="版本",
        required=False,
        allow_null=True,
        min_value=0,
        help_text="修改已有数据时填写所依据的版本；首次填报不填，或填0",
    )


class MoveRequestSerializer(serializers.Serializer[Any]):
    move = serializers.ChoiceField(label="操作", choices=[c for c in Move.choices if c[0] != Move.SAVE])
    version = serializers.IntegerField(label="版本", min_value=1)
    note = serializers.CharField(label="理由", required=False, allow_blank=True, allow_null=True, max_length=2000)


REFUSALS: dict[int, Any] = {
    400: OpenApiResponse(description="内容有误：按字段说明；提交时检查未通过，另列 problems"),
    403: OpenApiResponse(description="看得到，但没有此项权限"),
    404: OpenApiResponse(description="没有这个数据或指标"),
    CONFLICT: inline_serializer(
        "Conflict",
        {
            "detail": serializers.CharField(),
            "current": ActualSerializer(allow_null=True),
            "yours": serializers.DictField(),
        },
    ),
}


class ActualFilter(OfIndicatorFilter):
    state = django_filters.ChoiceFilter(choices=State.choices, label="状态")
    light = django_filters.ChoiceFilter(
        choices=choices_of(LIGHT_WORDS), method="assessed_as", label="同一年度评价的灯色"
    )

    class Meta:
        model = Actual
        fields: tuple[str, ...] = ()

    def assessed_as(self, actuals: QuerySet[Actual], name: str, light: str) -> QuerySet[Actual]:
        same = Assessment.objects.filter(indicator=OuterRef("indicator"), year=OuterRef("year"), light=light)
        return actuals.filter(Exists(same))


@extend_schema(
    tags=["actuals 实际值"],
    description="各年度实际值。只有查看权限的，看到已审核的数据；参与填报审核的，看到全部，状态见 state。",
)
class ActualViewSet(ReadOnlyViewSet[Actual]):
    """实际值: approved figures for every reader, all figures for those who work on them."""

    queryset = Actual.objects.select_related("indicator__plan__region").order_by(
        "indicator__plan__code", "indicator__order", "indicator", "year"
    )
    filterset_class = ActualFilter

    def get_serializer_class(self) -> type[ActualSerializer]:
        return ActualSerializer if self.action == "list" else ActualDetailSerializer

    @extend_schema(
        description=(
            "填报某指标某年度的实际值；已有数据时须带当前版本，版本过期则 409，并给出双方的值。"
            "修改时没有发送的字段保持不变，发送 null 表示清除。"
        ),
        request=EntryRequestSerializer,
        responses={200: ActualDetailSerializer, 201: ActualDetailSerializer, **REFUSALS},
    )
    def create(self, request: Request) -> Response:
        """Enter the figure of an indicator and year, or change it with the version it was read in."""
        sent = _understood(EntryRequestSerializer(data=request.data))
        indicator = get_object_or_404(
            Indicator.objects.visible_to(request.user).select_related("plan__region"), pk=sent["indicator"]
        )
        rows = self.get_queryset().filter(indicator=indicator, year=sent["year"])
        stored = rows.first()
        kept = _kept(stored, cast(dict[str, Any], request.data)) if stored else {}
        form = EntryForm({**kept, **sent}, indicator=indicator)
        _demand_valid(form)
        try:
            actual = save_actual(
                indicator=indicator,
                year=sent["year"],
                entry=form.entry,
                by=cast(User, request.user),
                version=form.cleaned_data["version"],
            )
        except Refused as refused:
            return self._refusal(refused, rows)
        return Response(self.get_serializer(actual).data, status=200 if stored else 201)

    @extend_schema(
        description="提交、通过、退回或重开；规则与页面相同。退回和重开要写明理由，不能审核自己填报的数据。",
        request=MoveRequestSerializer,
        responses={200: ActualDetailSerializer, **REFUSALS},
    )
    @action(detail=True, methods=["post"])
    def move(self, request: Request, pk: str) -> Response:
        """Take a figure one step through the review."""
        actual = self.get_object()
        form = MoveForm(_understood(MoveRequestSerializer(data=request.data)))
        _demand_valid(form)
        try:
            moved = move_actual(
                actual=actual,
                move=Move(form.cleaned_data["move"]),
                by=cast(User, request.user),
                version=form.cleaned_data["version"],
                note=form.cleaned_data["note"],
            )
        except Refused as refused:
            return self._refusal(refused, self.get_queryset().filter(pk=actual.pk))
        return Response(self.get_serializer(moved).data)

    @extend_schema(
        description="下载佐证材料；看得到这个数据的人可以下载。",
        responses={(200, "application/octet-stream"): OpenApiTypes.BINARY, 404: REFUSALS[404]},
    )
    @action(detail=True, methods=["get"], url_path=r"evidence/(?P<evidence>[0-9]+)")
    def evidence(self, request: Request, pk: str, evidence: str) -> FileResponse:
        """A file of a figure that this person sees."""
        return evidence_file(get_object_or_404(self.get_object().evidence.standing(), pk=evidence))

    def _refusal(self, refused: Refused, rows: QuerySet[Actual]) -> Response:
        """The refusal in the portal's words; a conflict with what is stored now and what was sent."""
        answer: dict[str, Any] = {"detail": str(refused)}
        if isinstance(refused, Unfit):
            answer["problems"] = [
                {"message": problem.message, "is_hard": problem.is_hard} for problem in refused.problems
            ]
        if refused.status == CONFLICT:
            current = rows.first()
            answer["current"] = ActualSerializer(current).data if current else None
            answer["yours"] = self.request.data
        return Response(answer, status=refused.status)


def _understood(request: serializers.Serializer[Any]) -> dict[str, Any]:
    """The values sent, of the right JSON types; what was not sent or is null is left out."""
    request.is_valid(raise_exception=True)
    return {name: value for name, value in request.validated_data.items() if value is not None}


def _kept(stored: Actual, sent: Mapping[str, Any]) -> dict[str, str]:
    """What an update leaves unsaid stays as it is; null says that it is no more."""
    kept = {
        "value": stored.text or format_figure(stored.value),
        "comparator": format_figure(stored.comparator),
        "judgement": stored.judgement,
        "figure_kind": stored.figure_kind,
        "note": stored.note,
    }
    if "value" not in sent and "judgement" not in sent:
        kept |= {"availability": stored.availability, "absence_reason": stored.absence_reason}
    if sent.get("availability") in ABSENT:
        kept |= {"value": "", "comparator": "", "judgement": ""}
    return {name: value for name, value in kept.items() if name not in sent}


def _demand_valid(form: forms.Form) -> None:
    if not form.is_valid():
        errors: dict[str, Any] = {
            "non_field_errors" if name == NON_FIELD_ERRORS else name: list(said) for name, said in form.errors.items()
        }
        raise serializers.ValidationError(errors)


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
    expected = FigureField(at_least=_printed_of_its_indicator)
    gap = FigureField(at_least=_printed_of_its_indicator)
    forecast = FigureField(at_least=_printed_of_its_indicator)
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
        return found_verdict(assessment, year=assessment.year, on=timezone.localdate()).value

    @extend_schema_field(serializers.ChoiceField(choices=choices_of(LIGHT_WORDS)))
    def get_light(self, assessment: Assessment) -> str:
        return VERDICT_LIGHTS[self._shown(assessment)].value


class AssessmentFilter(OfIndicatorFilter):
    # A year that is not due is as grey as one that is not reported, so the stored light is the one shown.
    light = django_filters.ChoiceFilter(choices=choices_of(LIGHT_WORDS), label="灯色")

    class Meta:
        model = Assessment
        fields: tuple[str, ...] = ()


@extend_schema(
    tags=["assessments 评价"],
    description=(
        "依据已审核数据对各指标各年度的评价。verdict、light 为现行评价，engine_verdict 为系统评价；"
        "两者不同的，见 override（由人改判）或 exclusion（职能划转、口径调整，不参与评价）；"
        "reason 始终为系统评价的依据。"
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
