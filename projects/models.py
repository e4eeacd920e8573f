"""Key projects with their units, money and monthly reports, and the work items of a plan."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from accounts.models import Department, Person, regions_where
from accounts.permissions import Permission
from indicators.figures import Operator
from indicators.models import OPERATOR_WORDS, Reviewed, State, words_of
from plans.models import Plan, Section, Theme


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


class ProjectReportQuerySet(models.QuerySet["ProjectReport"]):
    def visible_to(self, user: Person, permission: Permission = Permission.SEE) -> ProjectReportQuerySet:
        """Approved reports where the person may see, all reports where they work."""
        path = "project__plan__region__"
        if permission != Permission.SEE:
            return self.filter(regions_where(user, permission, path))
        return self.filter(
            (regions_where(user, Permission.SEE, path) & Q(state=State.APPROVED))
            | regions_where(user, Permission.SEE_UNAPPROVED, path)
        )


class ProjectReport(Reviewed):
    """项目进展: one month of a project. Money in 万元 since the start; physical progress in %."""

    project = models.ForeignKey(Project, models.CASCADE, related_name="reports", verbose_name="项目")
    year = models.PositiveSmallIntegerField("年")
    month = models.PositiveSmallIntegerField("月")
    stage = models.CharField("阶段", max_length=11, choices=Stage)
    investment_done = models.DecimalField(
        "累计完成投资（万元）", max_digits=15, decimal_places=4, null=True, blank=True
    )
    physical_progress = models.DecimalField("形象进度（%）", max_digits=7, decimal_places=4, null=True, blank=True)
    problems = models.TextField("存在问题", blank=True)

    objects = ProjectReportQuerySet.as_manager()

    class Meta(Reviewed.Meta):
        verbose_name = verbose_name_plural = "项目进展"
        ordering = ("project", "-year", "-month")
        constraints = (
            *Reviewed.Meta.constraints,
            models.UniqueConstraint(
                fields=("project", "year", "month"),
                name="project_report_is_unique_per_month",
                violation_error_message="这一项目本月已有进展报告。",
            ),
            models.CheckConstraint(
                name="project_report_month_is_a_month",
                condition=Q(month__gte=1, month__lte=12),
                violation_error_message="月份应为1～12。",
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

    def __str__(self) -> str:
        return f"{self.project} {self.year}年{self.month}月"


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
    state = models.CharField("状态", max_length=11, choices=WorkState, default=WorkState.NOT_STARTED)
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

    def natural_key(self) -> tuple[str, str]:
        return (self.plan.code, self.number)

    natural_key.dependencies = ["plans.plan"]  # type: ignore[attr-defined]
