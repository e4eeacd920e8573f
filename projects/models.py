"""Key projects with their units, money and monthly reports, and the work items of a plan."""

from __future__ import annotations

from typing import ClassVar, TypeVar

from django.db import models
from django.db.models import F, Q
from django.urls import reverse

from accounts.models import Department, Person, entered_where, regions_where
from accounts.permissions import Permission
from indicators.figures import Operator
from indicators.models import (
    OPERATOR_WORDS,
    AttachedFile,
    AttachedFileQuerySet,
    Reviewed,
    ReviewedQuerySet,
    ReviewEvent,
    words_of,
)
from plans.models import Plan, Section, Theme
from projects.months import Month
from projects.pictures import PICTURES


class Stage(models.TextChoices):
    """How far a project has come, in the order in which projects go."""

    IDEA = "idea", "谋划"
    PACKAGING = "packaging", "包装策划"
    PREPARATION = "preparation", "前期工作"
    UNDER_WAY = "under_way", "实施中"
    COMPLETED = "completed", "已完工"
    UNSTATED = "unstated", "未载明"


class ProjectQuerySet(models.QuerySet["Project"]):
    def get_by_natural_key(self, plan_code: str, number: str) -> Project:
        return self.get(plan__code=plan_code, number=number)

    def visible_to(self, user: Person, permission: Permission = Permission.SEE) -> ProjectQuerySet:
        """The projects of the regions in which this person holds the permission."""
        return self.filter(regions_where(user, permission, "plan__region__"))

    def enterable_by(self, user: Person) -> ProjectQuerySet:
        """The projects whose months this person reports."""
        return self.filter(entered_where(user, "plan__region"))


class Project(models.Model):
    """重点项目: a key construction project of a plan. Money in 万元."""

    plan = models.ForeignKey(Plan, models.CASCADE, related_name="projects", verbose_name="规划")
    number = models.CharField("序号", max_length=20)
    order = models.PositiveSmallIntegerField("顺序")
    category = models.CharField("项目类别", max_length=100, blank=True)
    name = models.CharField("项目名称", max_length=100)
    printed_name = models.CharField("印制名称", max_length=100, blank=True)
    location = models.CharField("建设地点", max_length=100, blank=True)
    total_investment = models.DecimalField("总投资（万元）", max_digits=15, decimal_places=4, null=True, blank=True)
    start_year = models.PositiveSmallIntegerField("开工年", null=True, blank=True)
    end_year = models.PositiveSmallIntegerField("完工年", null=True, blank=True)
    years_text = models.CharField("建设起止年限（印制）", max_length=50, blank=True)
    content = models.TextField("建设内容及功能", blank=True)
    stage = models.CharField("阶段", max_length=11, choices=Stage, default=Stage.UNSTATED)
    stage_text = models.CharField("进展情况（印制）", max_length=50, blank=True)
    theme = models.ForeignKey(
        Theme, models.PROTECT, null=True, blank=True, related_name="projects", verbose_name="业务领域"
    )
    department = models.ForeignKey(
        Department, models.PROTECT, null=True, blank=True, related_name="projects", verbose_name="责任科室"
    )
    source_ref = models.CharField("原文位置", max_length=100, blank=True)
    remark = models.TextField("备注", blank=True)

    objects = ProjectQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "重点项目"
        ordering = ("plan", "order", "pk")
        constraints = (
            models.UniqueConstraint(
                fields=("plan", "number"),
                name="project_number_is_unique_in_plan",
                violation_error_message="本规划已有这一序号的项目。",
            ),
            models.CheckConstraint(
                name="project_starts_before_it_ends",
                condition=Q(start_year__isnull=True) | Q(end_year__isnull=True) | Q(start_year__lte=F("end_year")),
                violation_error_message="开工年不能晚于完工年。",
            ),
            models.CheckConstraint(
                name="project_investment_is_not_negative",
                condition=Q(total_investment__isnull=True) | Q(total_investment__gte=0),
                violation_error_message="总投资不能为负数。",
            ),
        )

    def __str__(self) -> str:
        return f"{self.number} {self.name}"

    def get_absolute_url(self) -> str:
        return reverse("project_detail", args=[self.pk])

    def natural_key(self) -> tuple[str, str]:
        return (self.plan.code, self.number)

    natural_key.dependencies = ["plans.plan"]  # type: ignore[attr-defined]


class ProjectPartQuerySet(models.QuerySet[models.Model]):
    """Units and funding sources: parts of a project, known by its number and their name."""

    def get_by_natural_key(self, plan_code: str, number: str, name: str) -> models.Model:
        return self.get(project__plan__code=plan_code, project__number=number, name=name)


class ProjectPart(models.Model):
    """A name in one of a project's lists, in the printed order."""

    order = models.PositiveSmallIntegerField("顺序", default=1)
    name = models.CharField("名称", max_length=50)

    objects = ProjectPartQuerySet.as_manager()

    class Meta:
        abstract = True
        ordering = ("project", "order", "pk")

    def __str__(self) -> str:
        return self.name


class ProjectUnit(ProjectPart):
    """实施单位."""

    project = models.ForeignKey(Project, models.CASCADE, related_name="units", verbose_name="项目")

    class Meta(ProjectPart.Meta):
        verbose_name = verbose_name_plural = "实施单位"
        constraints = (
            models.UniqueConstraint(
                fields=("project", "name"),
                name="project_unit_is_named_once",
                violation_error_message="实施单位重复。",
            ),
        )

    def natural_key(self) -> tuple[str, str, str]:
        return (*self.project.natural_key(), self.name)


class FundingSource(ProjectPart):
    """资金来源."""

    project = models.ForeignKey(Project, models.CASCADE, related_name="funding_sources", verbose_name="项目")

    class Meta(ProjectPart.Meta):
        verbose_name = verbose_name_plural = "资金来源"
        constraints = (
            models.UniqueConstraint(
                fields=("project", "name"),
                name="funding_source_is_named_once",
                violation_error_message="资金来源重复。",
            ),
        )

    def natural_key(self) -> tuple[str, str, str]:
        return (*self.project.natural_key(), self.name)


class MonthlyReport(Reviewed):
    """What both kinds of monthly report carry: the month, and the 说明 that the checks at submit ask for."""

    owner_field: ClassVar[str]  # the name of the relation to the project or work item

    year = models.PositiveSmallIntegerField("年")
    month = models.PositiveSmallIntegerField("月")
    note = models.TextField("说明", blank=True)

    class Meta(Reviewed.Meta):
        abstract = True
        constraints: ClassVar[tuple[models.BaseConstraint, ...]] = (
            *Reviewed.Meta.constraints,
            models.CheckConstraint(
                name="%(class)s_month_is_a_month",
                condition=Q(month__gte=1, month__lte=12),
                violation_error_message="月份应为1～12。",
            ),
        )

    def __str__(self) -> str:
        return f"{self.owner} {self.when}"

    @property
    def owner(self) -> Project | WorkItem:
        """The project or work item reported on."""
        owner: Project | WorkItem = getattr(self, self.owner_field)
        return owner

    @property
    def when(self) -> Month:
        return Month(self.year, self.month)


M = TypeVar("M", bound=MonthlyReport)


class MonthlyReportQuerySet(ReviewedQuerySet[M]):
    def of(self, month: Month) -> MonthlyReportQuerySet[M]:
        return self.filter(year=month.year, month=month.number)

    def before(self, month: Month) -> MonthlyReportQuerySet[M]:
        return self.filter(Q(year__lt=month.year) | Q(year=month.year, month__lt=month.number))


class ProjectMonth(models.Model):
    """What a month of a project says; its report and each event of it hold the same."""

    stage = models.CharField("阶段", max_length=11, choices=Stage)
    investment_done = models.DecimalField(
        "累计完成投资（万元）", max_digits=15, decimal_places=4, null=True, blank=True
    )
    physical_progress = models.DecimalField("形象进度（%）", max_digits=7, decimal_places=4, null=True, blank=True)
    problems = models.TextField("存在问题", blank=True)

    class Meta:
        abstract = True


class ProjectReportQuerySet(MonthlyReportQuerySet["ProjectReport"]):
    region_path = "project__plan__region__"


class ProjectReport(ProjectMonth, MonthlyReport):
    """项目进展: one month of a project. Money in 万元 since the start; physical progress in %."""

    owner_field = "project"

    project = models.ForeignKey(Project, models.CASCADE, related_name="reports", verbose_name="项目")

    objects = ProjectReportQuerySet.as_manager()

    class Meta(MonthlyReport.Meta):
        verbose_name = verbose_name_plural = "项目进展"
        ordering = ("project", "-year", "-month")
        constraints = (
            *MonthlyReport.Meta.constraints,
            models.UniqueConstraint(
                fields=("project", "year", "month"),
                name="project_report_is_unique_per_month",
                violation_error_message="这一项目本月已有进展报告。",
            ),
            models.CheckConstraint(
                name="physical_progress_is_a_percentage",
                condition=Q(physical_progress__isnull=True) | Q(physical_progress__gte=0, physical_progress__lte=100),
                violation_error_message="形象进度应在0～100之间。",
            ),
            models.CheckConstraint(
                name="investment_done_is_not_negative",
                condition=Q(investment_done__isnull=True) | Q(investment_done__gte=0),
                violation_error_message="累计完成投资不能为负数。",
            ),
        )


class ProjectReportEvent(ProjectMonth, ReviewEvent):
    """One step in the life of a project's month, with the month as it then stood."""

    report = models.ForeignKey(ProjectReport, models.CASCADE, related_name="events", verbose_name="项目进展")

    class Meta(ReviewEvent.Meta):
        verbose_name = verbose_name_plural = "项目进展填报审核记录"

    def __str__(self) -> str:
        return f"{self.report} {self.move}"


class ReportFileQuerySet(AttachedFileQuerySet["ReportFile"]):
    def visible_to(self, user: Person, permission: Permission = Permission.SEE) -> ReportFileQuerySet:
        """The files of the months this person may see."""
        return self.filter(report__in=ProjectReport.objects.visible_to(user, permission))


class ReportFile(AttachedFile):
    """进展材料: a document or photo beside a month of a project."""

    report = models.ForeignKey(ProjectReport, models.CASCADE, related_name="files", verbose_name="项目进展")
    has_preview = models.BooleanField("可预览", default=False, help_text="不太大的图片，页面上显示缩图")

    objects = ReportFileQuerySet.as_manager()

    class Meta(AttachedFile.Meta):
        verbose_name = verbose_name_plural = "进展材料"
        ordering = ("report", "uploaded_at", "pk")
        constraints = (
            models.UniqueConstraint(
                fields=("report", "sha256"),
                condition=Q(removed_at__isnull=True),
                name="report_file_is_attached_once",
                violation_error_message="这个文件已经上传过。",
            ),
            models.CheckConstraint(
                name="only_a_picture_has_a_preview",
                condition=Q(has_preview=False) | Q(content_type__in=PICTURES),
                violation_error_message="只有图片可以预览。",
            ),
            *AttachedFile.Meta.constraints,
        )


class WorkState(models.TextChoices):
    NOT_STARTED = "not_started", "未开始"
    UNDER_WAY = "under_way", "推进中"
    DONE = "done", "已完成"


class WorkItemQuerySet(models.QuerySet["WorkItem"]):
    def get_by_natural_key(self, plan_code: str, number: str) -> WorkItem:
        return self.get(plan__code=plan_code, number=number)

    def visible_to(self, user: Person, permission: Permission = Permission.SEE) -> WorkItemQuerySet:
        """The work items of the regions in which this person holds the permission."""
        return self.filter(regions_where(user, permission, "plan__region__"))

    def enterable_by(self, user: Person) -> WorkItemQuerySet:
        """The work items whose months this person reports."""
        return self.filter(entered_where(user, "plan__region"))


class WorkItem(models.Model):
    """工作要点: a task of a plan, with a measurable target where the document gives one."""

    plan = models.ForeignKey(Plan, models.CASCADE, related_name="work_items", verbose_name="规划")
    section = models.ForeignKey(
        Section, models.CASCADE, null=True, blank=True, related_name="work_items", verbose_name="章节"
    )
    number = models.CharField("编号", max_length=20)
    order = models.PositiveSmallIntegerField("顺序")
    title = models.CharField("任务", max_length=200)
    target_operator = models.CharField("目标关系", max_length=6, choices=words_of(OPERATOR_WORDS), blank=True)
    target_value = models.DecimalField("目标值", max_digits=15, decimal_places=4, null=True, blank=True)
    target_upper = models.DecimalField("目标上限", max_digits=15, decimal_places=4, null=True, blank=True)
    target_text = models.CharField("目标印制文字", max_length=200, blank=True)
    unit = models.CharField("单位", max_length=20, blank=True)
    theme = models.ForeignKey(
        Theme, models.PROTECT, null=True, blank=True, related_name="work_items", verbose_name="业务领域"
    )
    department = models.ForeignKey(
        Department, models.PROTECT, null=True, blank=True, related_name="work_items", verbose_name="责任科室"
    )
    due_on = models.DateField("期限", null=True, blank=True)
    state = models.CharField(
        "状态",
        max_length=11,
        choices=WorkState,
        default=WorkState.NOT_STARTED,
        help_text="有已审核的月度进展时，以最近一个月为准",
    )
    source_ref = models.CharField("原文位置", max_length=100, blank=True)
    remark = models.TextField("备注", blank=True)

    objects = WorkItemQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "工作要点"
        ordering = ("plan", "order", "pk")
        constraints = (
            models.UniqueConstraint(
                fields=("plan", "number"),
                name="work_item_number_is_unique_in_plan",
                violation_error_message="本规划已有这一编号的工作要点。",
            ),
            models.CheckConstraint(
                name="work_item_target_value_has_its_operator",
                condition=Q(target_value__isnull=True) | ~Q(target_operator__in=("", Operator.TEXT.value)),
                violation_error_message="有目标值就要有目标关系。",
            ),
        )

    def __str__(self) -> str:
        return f"{self.number} {self.title}"

    def get_absolute_url(self) -> str:
        return reverse("work_item_detail", args=[self.pk])

    @property
    def name(self) -> str:
        """What it is called beside projects."""
        return self.title

    @property
    def is_measurable(self) -> bool:
        """Whether its months say how much was reached."""
        return self.target_value is not None

    def natural_key(self) -> tuple[str, str]:
        return (self.plan.code, self.number)

    natural_key.dependencies = ["plans.plan"]  # type: ignore[attr-defined]


class WorkMonth(models.Model):
    """What a month of a work item says; its report and each event of it hold the same."""

    work_state = models.CharField("进展", max_length=11, choices=WorkState, default=WorkState.NOT_STARTED)
    value = models.DecimalField("累计完成", max_digits=15, decimal_places=4, null=True, blank=True)

    class Meta:
        abstract = True


class WorkReportQuerySet(MonthlyReportQuerySet["WorkReport"]):
    region_path = "item__plan__region__"


class WorkReport(WorkMonth, MonthlyReport):
    """工作进展: one month of a work item, with what was reached so far where its target is a number."""

    owner_field = "item"

    item = models.ForeignKey(WorkItem, models.CASCADE, related_name="reports", verbose_name="工作要点")

    objects = WorkReportQuerySet.as_manager()

    class Meta(MonthlyReport.Meta):
        verbose_name = verbose_name_plural = "工作进展"
        ordering = ("item", "-year", "-month")
        constraints = (
            *MonthlyReport.Meta.constraints,
            models.UniqueConstraint(
                fields=("item", "year", "month"),
                name="work_report_is_unique_per_month",
                violation_error_message="这一工作要点本月已有进展报告。",
            ),
            models.CheckConstraint(
                name="work_report_value_is_not_negative",
                condition=Q(value__isnull=True) | Q(value__gte=0),
                violation_error_message="累计完成不能为负数。",
            ),
        )


class WorkReportEvent(WorkMonth, ReviewEvent):
    """One step in the life of a work item's month, with the month as it then stood."""

    report = models.ForeignKey(WorkReport, models.CASCADE, related_name="events", verbose_name="工作进展")

    class Meta(ReviewEvent.Meta):
        verbose_name = verbose_name_plural = "工作进展填报审核记录"

    def __str__(self) -> str:
        return f"{self.report} {self.move}"
