"""Key projects, their monthly reports and work items over the API. Money in 万元, as strings."""

from __future__ import annotations

from typing import Any, cast

import django_filters
from django.db.models import QuerySet
from django.http import FileResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiResponse, extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request

from accounts.api import CodeField, IdFilter, ReadOnlyViewSet, UnderFilter, YearFilter
from accounts.models import Department, User
from accounts.permissions import Permission
from indicators.api.fields import FigureField, choices_of
from indicators.evidence import evidence_file
from indicators.models import OPERATOR_WORDS, State
from plans.api import theme_filter
from plans.models import Plan, Section, Theme
from projects.models import (
    FundingSource,
    Project,
    ProjectReport,
    ProjectReportEvent,
    ProjectUnit,
    ReportFile,
    Stage,
    WorkItem,
    WorkReport,
    WorkReportEvent,
    WorkState,
)


class ProjectSerializer(serializers.ModelSerializer[Project]):
    plan = serializers.SlugRelatedField[Plan](slug_field="code", read_only=True)
    total_investment = FigureField()
    units = serializers.SlugRelatedField[ProjectUnit](slug_field="name", many=True, read_only=True)
    funding_sources = serializers.SlugRelatedField[FundingSource](slug_field="name", many=True, read_only=True)

    class Meta:
        model = Project
        fields = (
            "id",
            "plan",
            "number",
            "category",
            "name",
            "location",
            "total_investment",
            "start_year",
            "end_year",
            "content",
            "stage",
            "stage_text",
            "units",
            "funding_sources",
            "source_ref",
            "remark",
        )
        read_only_fields = fields


class ProjectFilter(django_filters.FilterSet):
    plan = django_filters.CharFilter(field_name="plan__code", label="规划代码")
    region = django_filters.CharFilter(field_name="plan__region__code", label="区划代码（不含下级）")
    under = UnderFilter("plan__region__code")
    year = YearFilter(method="under_way_in", help_text="建设起止年限包含的年度；未载明起止年限的不在内")
    stage = django_filters.ChoiceFilter(choices=Stage.choices, label="阶段")
    theme = theme_filter("theme")

    class Meta:
        model = Project
        fields: tuple[str, ...] = ()

    def under_way_in(self, projects: QuerySet[Project], name: str, year: int) -> QuerySet[Project]:
        return projects.filter(start_year__lte=year, end_year__gte=year)


@extend_schema(
    tags=["projects 重点项目"],
    description="规划所载重点项目。金额单位为万元。",
)
class ProjectViewSet(ReadOnlyViewSet[Project]):
    """重点项目: the key construction projects of plans."""

    queryset = (
        Project.objects.select_related("plan")
        .prefetch_related("units", "funding_sources")
        .order_by("plan__code", "order", "pk")
    )
    serializer_class = ProjectSerializer
    filterset_class = ProjectFilter


class ProjectReportSerializer(serializers.ModelSerializer[ProjectReport]):
    investment_done = FigureField()
    physical_progress = FigureField()

    class Meta:
        model = ProjectReport
        fields: tuple[str, ...] = (
            "id",
            "project",
            "year",
            "month",
            "stage",
            "investment_done",
            "physical_progress",
            "problems",
            "note",
            "state",
            "version",
            "source_ref",
            "is_demo",
        )
        read_only_fields = fields


class ProjectReportEventSerializer(serializers.ModelSerializer[ProjectReportEvent]):
    by = serializers.StringRelatedField[User]()
    investment_done = FigureField()
    physical_progress = FigureField()

    class Meta:
        model = ProjectReportEvent
        fields = (
            "at",
            "by",
            "move",
            "state",
            "version",
            "stage",
            "investment_done",
            "physical_progress",
            "problems",
            "note",
        )
        read_only_fields = fields


class ReportFileSerializer(serializers.ModelSerializer[ReportFile]):
    url = serializers.SerializerMethodField()

    class Meta:
        model = ReportFile
        fields = ("id", "name", "size", "content_type", "sha256", "uploaded_at", "is_demo", "url")
        read_only_fields = fields

    @extend_schema_field(serializers.URLField(help_text="下载地址，与所附月份同一权限"))
    def get_url(self, file: ReportFile) -> str:
        path = reverse("api:project-reports-file", args=[file.report_id, file.pk])
        return cast(str, self.context["request"].build_absolute_uri(path))


class ProjectReportDetailSerializer(ProjectReportSerializer):
    files = serializers.SerializerMethodField()
    events = serializers.SerializerMethodField()

    class Meta(ProjectReportSerializer.Meta):
        fields = (*ProjectReportSerializer.Meta.fields, "files", "events")

    @extend_schema_field(ReportFileSerializer(many=True))
    def get_files(self, report: ProjectReport) -> Any:
        """The files beside the month, for whoever sees it."""
        return ReportFileSerializer(report.files.standing(), many=True, context=self.context).data

    @extend_schema_field(ProjectReportEventSerializer(many=True))
    def get_events(self, report: ProjectReport) -> Any:
        return ProjectReportEventSerializer(_events_seen(report, self.context["request"].user), many=True).data


def _events_seen(report: Any, user: User) -> QuerySet[Any]:
    """What became of a month; who may see approved months only is not told what it was before approval."""
    events: QuerySet[Any] = report.events.select_related("by")
    return (
        events if user.can(Permission.SEE_UNAPPROVED, report.owner.plan.region) else events.filter(state=State.APPROVED)
    )


class ProjectReportFilter(django_filters.FilterSet):
    plan = django_filters.CharFilter(field_name="project__plan__code", label="规划代码")
    region = django_filters.CharFilter(field_name="project__plan__region__code", label="区划代码（不含下级）")
    under = UnderFilter("project__plan__region__code")
    project = IdFilter(field_name="project", label="项目 id")
    year = YearFilter(field_name="year")
    state = django_filters.ChoiceFilter(choices=State.choices, label="状态")
    stage = django_filters.ChoiceFilter(choices=Stage.choices, label="阶段")

    class Meta:
        model = ProjectReport
        fields: tuple[str, ...] = ()


@extend_schema(
    tags=["project-reports 项目进展"],
    description="重点项目每月进展。累计完成投资单位为万元，形象进度为百分数。",
)
class ProjectReportViewSet(ReadOnlyViewSet[ProjectReport]):
    """项目进展: approved monthly reports for every reader, all for those who work on them."""

    queryset = ProjectReport.objects.select_related("project__plan__region").order_by(
        "project__plan__code", "project__order", "project", "-year", "-month"
    )
    serializer_class = ProjectReportSerializer
    detail_serializer_class = ProjectReportDetailSerializer
    filterset_class = ProjectReportFilter

    @extend_schema(
        description="下载进展材料；看得到这个月份的人可以下载。",
        responses={
            (200, "application/octet-stream"): OpenApiTypes.BINARY,
            404: OpenApiResponse(description="没有这个月份或文件"),
        },
    )
    @action(detail=True, methods=["get"], url_path=r"files/(?P<file>[0-9]+)")
    def file(self, request: Request, pk: str, file: str) -> FileResponse:
        """A file beside a month that this person sees."""
        return evidence_file(get_object_or_404(self.get_object().files.standing(), pk=file))


class WorkReportSerializer(serializers.ModelSerializer[WorkReport]):
    value = FigureField()

    class Meta:
        model = WorkReport
        fields: tuple[str, ...] = (
            "id",
            "item",
            "year",
            "month",
            "work_state",
            "value",
            "note",
            "state",
            "version",
            "source_ref",
            "is_demo",
        )
        read_only_fields = fields


class WorkReportEventSerializer(serializers.ModelSerializer[WorkReportEvent]):
    by = serializers.StringRelatedField[User]()
    value = FigureField()

    class Meta:
        model = WorkReportEvent
        fields = ("at", "by", "move", "state", "version", "work_state", "value", "note")
        read_only_fields = fields


class WorkReportDetailSerializer(WorkReportSerializer):
    events = serializers.SerializerMethodField()

    class Meta(WorkReportSerializer.Meta):
        fields = (*WorkReportSerializer.Meta.fields, "events")

    @extend_schema_field(WorkReportEventSerializer(many=True))
    def get_events(self, report: WorkReport) -> Any:
        return WorkReportEventSerializer(_events_seen(report, self.context["request"].user), many=True).data


class WorkReportFilter(django_filters.FilterSet):
    plan = django_filters.CharFilter(field_name="item__plan__code", label="规划代码")
    region = django_filters.CharFilter(field_name="item__plan__region__code", label="区划代码（不含下级）")
    under = UnderFilter("item__plan__region__code")
    item = IdFilter(field_name="item", label="工作要点 id")
    year = YearFilter(field_name="year")
    state = django_filters.ChoiceFilter(choices=State.choices, label="状态")
    work_state = django_filters.ChoiceFilter(choices=WorkState.choices, label="进展")

    class Meta:
        model = WorkReport
        fields: tuple[str, ...] = ()


@extend_schema(
    tags=["work-reports 工作进展"],
    description="工作要点每月进展。value 为累计完成，单位与工作要点的目标相同。",
)
class WorkReportViewSet(ReadOnlyViewSet[WorkReport]):
    """工作进展: approved monthly reports for every reader, all for those who work on them."""

    queryset = WorkReport.objects.select_related("item__plan__region").order_by(
        "item__plan__code", "item__order", "item", "-year", "-month"
    )
    serializer_class = WorkReportSerializer
    detail_serializer_class = WorkReportDetailSerializer
    filterset_class = WorkReportFilter


class WorkItemTargetSerializer(serializers.Serializer[WorkItem]):
    operator = CodeField(source="target_operator", choices=choices_of(OPERATOR_WORDS), read_only=True, allow_null=True)
    value = FigureField(source="target_value")
    upper = FigureField(source="target_upper")
    text = serializers.CharField(source="target_text", read_only=True)


class WorkItemSerializer(serializers.ModelSerializer[WorkItem]):
    plan = serializers.SlugRelatedField[Plan](slug_field="code", read_only=True)
    section = serializers.SlugRelatedField[Section](slug_field="number", read_only=True, allow_null=True)
    target = WorkItemTargetSerializer(source="*", read_only=True)
    theme = serializers.SlugRelatedField[Theme](slug_field="code", read_only=True, allow_null=True)
    department = serializers.StringRelatedField[Department](allow_null=True)

    class Meta:
        model = WorkItem
        fields = (
            "id",
            "plan",
            "section",
            "number",
            "title",
            "target",
            "unit",
            "theme",
            "department",
            "due_on",
            "state",
            "source_ref",
            "remark",
        )
        read_only_fields = fields


class WorkItemFilter(django_filters.FilterSet):
    plan = django_filters.CharFilter(field_name="plan__code", label="规划代码")
    region = django_filters.CharFilter(field_name="plan__region__code", label="区划代码（不含下级）")
    under = UnderFilter("plan__region__code")
    year = YearFilter(field_name="due_on__year", help_text="期限所在年度；没有期限的不在内")
    state = django_filters.ChoiceFilter(choices=WorkState.choices, label="状态")
    theme = theme_filter("theme")

    class Meta:
        model = WorkItem
        fields: tuple[str, ...] = ()


@extend_schema(
    tags=["work-items 工作要点"],
    description="规划所载工作任务及其目标、期限和状态。",
)
class WorkItemViewSet(ReadOnlyViewSet[WorkItem]):
    """工作要点: the tasks of plans."""

    queryset = WorkItem.objects.select_related("plan", "section", "theme", "department").order_by(
        "plan__code", "order", "pk"
    )
    serializer_class = WorkItemSerializer
    filterset_class = WorkItemFilter
