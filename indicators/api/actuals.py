"""Figures over the API, read and written.

Writing goes through the page's own forms and workflow: same rules, same refusals. Figures are strings.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, cast

import django_filters
from django import forms
from django.core.exceptions import NON_FIELD_ERRORS
from django.db.models import Exists, OuterRef, QuerySet
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

from accounts.api import CodeField, ReadOnlyViewSet
from accounts.models import User
from accounts.permissions import Permission
from indicators.api.fields import FigureField, OfIndicatorFilter, choices_of
from indicators.evidence import evidence_file
from indicators.figures import FigureError, format_figure, parse_actual
from indicators.forms import EntryForm, MoveForm
from indicators.models import (
    JUDGEMENT_WORDS,
    LIGHT_WORDS,
    AbsenceReason,
    Actual,
    ActualEvent,
    Assessment,
    Availability,
    Evidence,
    FigureKind,
    Indicator,
    State,
)
from indicators.moves import Move
from indicators.review import Refused
from indicators.verdicts import Light
from indicators.workflow import PARTS, Unfit, move_actual, save_actual

CONFLICT = 409
ABSENT = tuple(stated.value for stated in Availability if stated != Availability.REPORTED)


def _entered(actual: Actual) -> int:
    """The decimals the figure was typed with: 48.5 stays 48.5, 48.0 stays 48.0, a zero is a zero."""
    try:
        return parse_actual(actual.text, unit=actual.indicator.unit).decimals
    except FigureError:
        return 0


class ActualSerializer(serializers.ModelSerializer[Actual]):
    value = FigureField(at_least=_entered)
    comparator = FigureField()
    numerator = FigureField()
    denominator = FigureField()
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
            "numerator",
            "denominator",
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
    numerator = FigureField()
    denominator = FigureField()
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
            "numerator",
            "denominator",
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
    numerator = FigureTextField(label="分子", help_text="与分母一起填写；没有填实际值的，按分子分母计算")
    denominator = FigureTextField(label="分母")
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
        shown = Assessment.objects.shown_in(Light(light), on=timezone.localdate())
        return actuals.filter(Exists(shown.filter(indicator=OuterRef("indicator"), year=OuterRef("year"))))


@extend_schema(
    tags=["actuals 实际值"],
    description="各年度实际值。只有查看权限的，看到已审核的数据；参与填报审核的，看到全部，状态见 state。",
)
class ActualViewSet(ReadOnlyViewSet[Actual]):
    """实际值: approved figures for every reader, all figures for those who work on them."""

    queryset = Actual.objects.select_related("indicator__plan__region").order_by(
        "indicator__plan__code", "indicator__order", "indicator", "year"
    )
    serializer_class = ActualSerializer
    detail_serializer_class = ActualDetailSerializer
    filterset_class = ActualFilter

    @extend_schema(
        description=(
            "填报某指标某年度的实际值；已有数据时须带当前版本，版本过期则 409，并给出双方的值。"
            "修改时没有发送的字段保持不变，发送 null 表示清除；分子分母随实际值一起变，只改实际值的，原分子分母清除。"
        ),
        request=EntryRequestSerializer,
        responses={200: ActualDetailSerializer, 201: ActualDetailSerializer, **REFUSALS},
    )
    def create(self, request: Request) -> Response:
        """Enter the figure of an indicator and year, or change it with the version it was read in."""
        sent = _understood(EntryRequestSerializer(data=request.data))
        indicator = get_object_or_404(
            Indicator.objects.visible_to(request.user).select_related("plan__region", "metric"), pk=sent["indicator"]
        )
        rows = self.get_queryset().filter(indicator=indicator, year=sent["year"])
        stored = rows.first()
        kept = _kept(stored, cast(dict[str, Any], request.data)) if stored else {}
        emptied = {name: "" for name in PARTS if name in request.data}
        form = EntryForm({**kept, **emptied, **sent}, indicator=indicator)
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
