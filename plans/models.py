"""Plans, the documents they come from, themes, and the rounds in which a year is reported."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from accounts.models import Department, Person, Region, regions_where
from accounts.permissions import Permission
from plans.rounds import RoundState, round_state


class ThemeQuerySet(models.QuerySet["Theme"]):
    def get_by_natural_key(self, code: str) -> Theme:
        return self.get(code=code)


class Theme(models.Model):
    """业务领域 of civil affairs, such as 养老服务."""

    code = models.SlugField("代码", unique=True)
    name = models.CharField("名称", max_length=20, unique=True)
    order = models.PositiveSmallIntegerField("顺序")

    objects = ThemeQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "业务领域"
        ordering = ("order",)

    def __str__(self) -> str:
        return self.name

    def natural_key(self) -> tuple[str]:
        return (self.code,)


class SourceQuerySet(models.QuerySet["Source"]):
    def get_by_natural_key(self, code: str) -> Source:
        return self.get(code=code)


class Source(models.Model):
    """来源文件: the document a plan was transcribed from."""

    code = models.SlugField("代码", unique=True)
    title = models.CharField("标题", max_length=200)
    publisher = models.CharField("发布机构", max_length=100)
    published_on = models.DateField("公开日期", null=True, blank=True)
    document_number = models.CharField("文号", max_length=100, blank=True)
    file_name = models.CharField("文件名", max_length=200)
    is_excerpt = models.BooleanField("节选", default=False, help_text="手头只有部分内容，或只有解读")
    remark = models.TextField("备注", blank=True)

    objects = SourceQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "来源文件"
        ordering = ("code",)

    def __str__(self) -> str:
        return self.title

    def natural_key(self) -> tuple[str]:
        return (self.code,)


class PlanKind(models.TextChoices):
    FIVE_YEAR = "five_year", "五年规划"
    YEARLY = "yearly", "年度工作要点"


class PlanQuerySet(models.QuerySet["Plan"]):
    def get_by_natural_key(self, code: str) -> Plan:
        return self.get(code=code)

    def visible_to(self, user: Person, permission: Permission = Permission.SEE) -> PlanQuerySet:
        """The plans of the regions in which this person holds the permission."""
        return self.filter(regions_where(user, permission, "region__"))


class Plan(models.Model):
    """规划: the five-year plan or the yearly work points of one region."""

    code = models.SlugField("代码", unique=True)
    title = models.CharField("名称", max_length=200)
    short_title = models.CharField("简称", max_length=50)
    kind = models.CharField("类别", max_length=10, choices=PlanKind)
    region = models.ForeignKey(Region, models.PROTECT, related_name="plans", verbose_name="行政区划")
    start_year = models.PositiveSmallIntegerField("起始年")
    end_year = models.PositiveSmallIntegerField("结束年")
    source = models.ForeignKey(Source, models.PROTECT, related_name="plans", verbose_name="来源文件")
    remark = models.TextField("备注", blank=True)

    objects = PlanQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "规划"
        ordering = ("-end_year", "region__code", "code")
        constraints = (
            models.CheckConstraint(
                name="plan_starts_before_it_ends",
                condition=Q(start_year__lte=F("end_year")),
                violation_error_message="规划的起始年不能晚于结束年。",
            ),
            models.CheckConstraint(
                name="plan_years_are_plausible",
                condition=Q(start_year__gte=1950, end_year__lte=2100),
                violation_error_message="规划年份应在1950年至2100年之间。",
            ),
            models.CheckConstraint(
                name="plan_spans_the_years_of_its_kind",
                condition=Q(kind=PlanKind.FIVE_YEAR, end_year=F("start_year") + 4)
                | Q(kind=PlanKind.YEARLY, end_year=F("start_year")),
                violation_error_message="五年规划应跨五个年度，年度工作要点应为一个年度。",
            ),
        )

    def __str__(self) -> str:
        return self.short_title

    def natural_key(self) -> tuple[str]:
        return (self.code,)

    @property
    def years(self) -> range:
        """The years of the plan period, in order."""
        return range(self.start_year, self.end_year + 1)


class AssessmentPolicy(models.Model):
    """评价口径: the thresholds of one plan's lights. A plan without a row uses the defaults."""

    plan = models.OneToOneField(Plan, models.CASCADE, related_name="policy", verbose_name="规划")
    mild_lag_from = models.DecimalField(
        "轻度滞后下限",
        max_digits=4,
        decimal_places=3,
        default=Decimal("0.85"),
        help_text="实际进展与应有进展之比达到此数而不足1，为轻度滞后；低于此数为滞后",
    )
    nearly_met_within = models.DecimalField(
        "基本完成容差",
        max_digits=4,
        decimal_places=3,
        default=Decimal("0.005"),
        help_text="期末与目标相差不超过此比例为基本完成；约束性指标不适用",
    )

    class Meta:
        verbose_name = verbose_name_plural = "评价口径"
        constraints = (
            models.CheckConstraint(
                name="mild_lag_threshold_is_a_share",
                condition=Q(mild_lag_from__gt=0, mild_lag_from__lt=1),
                violation_error_message="轻度滞后下限应大于0且小于1。",
            ),
            models.CheckConstraint(
                name="nearly_met_tolerance_is_small",
                condition=Q(nearly_met_within__gte=0, nearly_met_within__lte=Decimal("0.1")),
                violation_error_message="基本完成容差应在0与0.1之间。",
            ),
        )

    def __str__(self) -> str:
        return f"{self.plan} 评价口径"


class SectionQuerySet(models.QuerySet["Section"]):
    def get_by_natural_key(self, plan_code: str, number: str) -> Section:
        return self.get(plan__code=plan_code, number=number)

    def visible_to(self, user: Person, permission: Permission = Permission.SEE) -> SectionQuerySet:
        return self.filter(regions_where(user, permission, "plan__region__"))


class Section(models.Model):
    """章节: a system, main task or box of a plan's document, under which work items stand."""

    plan = models.ForeignKey(Plan, models.CASCADE, related_name="sections", verbose_name="规划")
    number = models.CharField("编号", max_length=20)
    parent = models.ForeignKey(
        "self", models.CASCADE, null=True, blank=True, related_name="children", verbose_name="上级章节"
    )
    title = models.CharField("标题", max_length=200)
    order = models.PositiveSmallIntegerField("顺序")
    source_ref = models.CharField("原文位置", max_length=100, blank=True)
    remark = models.TextField("备注", blank=True)

    objects = SectionQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "章节"
        ordering = ("plan", "order")
        constraints = (
            models.UniqueConstraint(
                fields=("plan", "number"),
                name="section_number_is_unique_in_plan",
                violation_error_message="本规划已有这一编号的章节。",
            ),
        )

    def __str__(self) -> str:
        return f"{self.number} {self.title}"

    def natural_key(self) -> tuple[str, str]:
        return (self.plan.code, self.number)

    natural_key.dependencies = ["plans.plan"]  # type: ignore[attr-defined]


class RoundQuerySet(models.QuerySet["Round"]):
    def visible_to(self, user: Person, permission: Permission = Permission.SEE) -> RoundQuerySet:
        return self.filter(regions_where(user, permission, "plan__region__"))


class Round(models.Model):
    """填报期: the days on which the figures of one year of a plan may be entered."""

    plan = models.ForeignKey(Plan, models.CASCADE, related_name="rounds", verbose_name="规划")
    year = models.PositiveSmallIntegerField("数据年度")
    opens_on = models.DateField("开放日期")
    due_on = models.DateField("截止日期", help_text="当日（北京时间）结束前均可填报")
    is_demo = models.BooleanField("演示数据", default=False, editable=False)

    objects = RoundQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "填报期"
        ordering = ("plan", "-year")
        constraints = (
            models.UniqueConstraint(
                fields=("plan", "year"),
                name="round_is_unique_per_plan_and_year",
                violation_error_message="本规划这一年度已有填报期。",
            ),
            models.CheckConstraint(
                name="round_opens_before_it_is_due",
                condition=Q(opens_on__lte=F("due_on")),
                violation_error_message="开放日期不能晚于截止日期。",
            ),
        )

    def __str__(self) -> str:
        return f"{self.plan} {self.year}年填报期"

    def state(self, *, on: date, department: int | None = None) -> RoundState:
        """Whether a department's figures may be entered on the day; None asks for the plan as a whole.

        Prefetch `extensions` for many rounds.
        """
        return round_state(self.opens_on, self.due_on, self.deadline(department), on=on)

    def deadline(self, department: int | None = None) -> date:
        """The last day of Beijing time on which a department's figures may be entered; None: of the plan as a whole.

        An extension for the whole plan holds for every department, and none takes a day away.
        """
        until = (row.until for row in self.extensions.all() if row.department_id in (None, department))
        return max([self.due_on, *until])

    def clean(self) -> None:
        if self.plan_id and self.year and self.year not in self.plan.years:
            raise ValidationError({"year": f"数据年度应在{self.plan.start_year}～{self.plan.end_year}年之间。"})


class RoundExtension(models.Model):
    """延期: a late entry that somebody allowed, for the whole plan or for one department."""

    round = models.ForeignKey(Round, models.CASCADE, related_name="extensions", verbose_name="填报期")
    department = models.ForeignKey(
        Department, models.PROTECT, null=True, blank=True, verbose_name="科室", help_text="不选表示全部科室"
    )
    until = models.DateField("延至")
    allowed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, verbose_name="批准人")
    allowed_at = models.DateTimeField("批准时间", default=timezone.now, editable=False)
    reason = models.CharField("理由", max_length=200)

    class Meta:
        verbose_name = verbose_name_plural = "延期"
        ordering = ("round", "until")
        constraints = (
            models.CheckConstraint(
                name="extension_has_a_reason",
                condition=~Q(reason=""),
                violation_error_message="延期要写明理由。",
            ),
        )

    def __str__(self) -> str:
        return f"{self.round} 延至{self.until}"


class Reminder(models.Model):
    """催报: one e-mail to one clerk about one round and the deadline then in force; sent once."""

    round = models.ForeignKey(Round, models.CASCADE, related_name="reminders", verbose_name="填报期")
    recipient = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="reminders", verbose_name="收件人"
    )
    address = models.EmailField("收件地址")
    deadline = models.DateField("截止日期")
    subject = models.CharField("主题", max_length=200)
    text = models.TextField("正文")
    sent_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="催报人",
        help_text="空为定时任务",
    )
    tried_at = models.DateTimeField("发送开始时间")
    sent_at = models.DateTimeField("发出时间", null=True, blank=True)
    error = models.CharField("未发出的原因", max_length=100, blank=True)
    is_demo = models.BooleanField("演示数据", default=False, editable=False)

    class Meta:
        verbose_name = verbose_name_plural = "催报邮件"
        ordering = ("-tried_at", "-pk")
        constraints = (
            models.UniqueConstraint(
                fields=("recipient", "round", "deadline"),
                name="reminder_goes_out_once_per_person_round_and_deadline",
                violation_error_message="同一截止日期已向此人催报过。",
            ),
            models.CheckConstraint(
                name="reminder_that_went_out_has_no_error",
                condition=Q(sent_at__isnull=True) | Q(error=""),
                violation_error_message="已发出的催报没有未发出的原因。",
            ),
        )

    def __str__(self) -> str:
        return f"{self.round} 催报{self.recipient}"
