"""The dictionary of measures, the indicators of a plan, and their targets."""

from __future__ import annotations

from collections.abc import Iterable

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.urls import reverse

from accounts.models import Department, Person, entered_where, regions_where
from accounts.permissions import Permission
from indicators.figures import Operator
from indicators.models.words import DIRECTION_WORDS, KIND_WORDS, OPERATOR_WORDS, words_of
from indicators.verdicts import Direction, Kind
from plans.models import Plan, Theme


class Attribute(models.TextChoices):
    BINDING = "binding", "约束性"
    EXPECTED = "expected", "预期性"
    UNSTATED = "unstated", "未载明"


class Origin(models.TextChoices):
    """Where in the document an indicator stands."""

    TABLE = "table", "指标表"
    BOX = "box", "专栏"
    TEXT = "text", "正文"


class MetricQuerySet(models.QuerySet["Metric"]):
    def get_by_natural_key(self, code: str) -> Metric:
        return self.get(code=code)


class Metric(models.Model):
    """指标库条目: one measure with one definition, so that plans and regions can be compared."""

    code = models.SlugField("代码", unique=True)
    name = models.CharField("名称", max_length=100, unique=True)
    unit = models.CharField("单位", max_length=20, blank=True)
    theme = models.ForeignKey(Theme, models.PROTECT, related_name="metrics", verbose_name="业务领域")
    direction = models.CharField("方向", max_length=4, choices=words_of(DIRECTION_WORDS))
    definition = models.TextField("定义", blank=True)
    is_ranked = models.BooleanField(
        "参加排名", default=False, help_text="勾选后，对比页按所选年度的数值为各地区排名；不勾选则只列出，不排名"
    )
    numerator_name = models.CharField("分子", max_length=60, blank=True)
    denominator_name = models.CharField("分母", max_length=60, blank=True)
    parts_factor = models.DecimalField(
        "乘数",
        max_digits=15,
        decimal_places=4,
        null=True,
        blank=True,
        help_text="分子÷分母×乘数：百分比填100，每千人填1000",
    )
    numerator = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="numerator_of", verbose_name="作为分子的指标"
    )
    denominator = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="denominator_of", verbose_name="作为分母的指标"
    )

    objects = MetricQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "指标库"
        ordering = ("theme__order", "code")
        constraints = (
            models.CheckConstraint(
                name="metric_names_both_parts_with_a_factor_or_none",
                condition=Q(numerator_name="", denominator_name="", parts_factor__isnull=True)
                | (~Q(numerator_name="") & ~Q(denominator_name="") & Q(parts_factor__isnull=False, parts_factor__gt=0)),
                violation_error_message="分子、分母和乘数要么都填，要么都不填；乘数要大于0。",
            ),
            models.CheckConstraint(
                name="metric_is_made_of_two_named_metrics_or_none",
                condition=Q(numerator__isnull=True, denominator__isnull=True)
                | (Q(numerator__isnull=False, denominator__isnull=False) & ~Q(numerator_name="")),
                violation_error_message="作为分子和分母的指标要么都选，要么都不选，并写明分子、分母和乘数。",
            ),
            models.CheckConstraint(
                name="metric_is_no_part_of_itself",
                condition=Q(numerator__isnull=True) | (~Q(numerator=F("id")) & ~Q(denominator=F("id"))),
                violation_error_message="指标不能是自己的分子或分母。",
            ),
            models.CheckConstraint(
                name="metric_is_made_of_two_different_metrics",
                condition=Q(numerator__isnull=True) | ~Q(numerator=F("denominator")),
                violation_error_message="分子和分母不能是同一个指标。",
            ),
        )

    def __str__(self) -> str:
        return self.name

    def natural_key(self) -> tuple[str]:
        return (self.code,)


class MetricAliasQuerySet(models.QuerySet["MetricAlias"]):
    def get_by_natural_key(self, name: str) -> MetricAlias:
        return self.get(name=name)


class MetricAlias(models.Model):
    """Another wording of a metric, as some document prints it."""

    metric = models.ForeignKey(Metric, models.CASCADE, related_name="aliases", verbose_name="指标库条目")
    name = models.CharField("别名", max_length=100, unique=True)

    objects = MetricAliasQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "指标别名"
        ordering = ("metric", "name")

    def __str__(self) -> str:
        return self.name

    def natural_key(self) -> tuple[str]:
        return (self.name,)


class IndicatorQuerySet(models.QuerySet["Indicator"]):
    def get_by_natural_key(self, plan_code: str, number: str) -> Indicator:
        return self.get(plan__code=plan_code, number=number)

    def visible_to(self, user: Person, permission: Permission = Permission.SEE) -> IndicatorQuerySet:
        """The indicators of the regions in which this person holds the permission."""
        return self.filter(regions_where(user, permission, "plan__region__"))

    def enterable_by(self, user: Person) -> IndicatorQuerySet:
        """The indicators whose figures this person enters: of the regions named, and of the departments where set."""
        return self.filter(entered_where(user, "plan__region"))


class Indicator(models.Model):
    """指标: one row of a plan, as printed and as meant."""

    plan = models.ForeignKey(Plan, models.CASCADE, related_name="indicators", verbose_name="规划")
    number = models.CharField("序号", max_length=20)
    order = models.PositiveSmallIntegerField("顺序")
    origin = models.CharField("出处", max_length=5, choices=Origin, default=Origin.TABLE)
    parent = models.ForeignKey(
        "self",
        models.CASCADE,
        null=True,
        blank=True,
        related_name="children",
        verbose_name="上级指标（其中）",
    )
    is_group = models.BooleanField("由下级行填报", default=False, help_text="本行不填数，数据在其下各行")
    name = models.CharField("指标", max_length=100)
    printed_name = models.CharField("印制名称", max_length=100, blank=True, help_text="与指标名称不同时填写")
    unit = models.CharField("单位", max_length=20, blank=True)
    theme = models.ForeignKey(Theme, models.PROTECT, related_name="indicators", verbose_name="业务领域")
    attribute = models.CharField("属性", max_length=8, choices=Attribute, default=Attribute.UNSTATED)
    kind = models.CharField("类型", max_length=20, choices=words_of(KIND_WORDS), default=Kind.LEVEL.value)
    direction = models.CharField("方向", max_length=4, choices=words_of(DIRECTION_WORDS), default=Direction.UP.value)
    decimals = models.PositiveSmallIntegerField("小数位数", default=0)
    baseline_year = models.PositiveSmallIntegerField("基期年", null=True, blank=True)
    baseline_value = models.DecimalField("基期值", max_digits=15, decimal_places=4, null=True, blank=True)
    baseline_text = models.CharField("基期印制文字", max_length=100, blank=True)
    hard_minimum = models.DecimalField("不得低于", max_digits=15, decimal_places=4, null=True, blank=True)
    hard_maximum = models.DecimalField("不得高于", max_digits=15, decimal_places=4, null=True, blank=True)
    change_limit = models.DecimalField(
        "比上年变动上限（%）",
        max_digits=15,
        decimal_places=4,
        null=True,
        blank=True,
        help_text="变动超过此百分比时，提交前须写说明",
    )
    department = models.ForeignKey(
        Department, models.PROTECT, null=True, blank=True, related_name="indicators", verbose_name="责任科室"
    )
    metric = models.ForeignKey(
        Metric, models.PROTECT, null=True, blank=True, related_name="indicators", verbose_name="指标库条目"
    )
    metric_note = models.CharField("未关联指标库的原因", max_length=200, blank=True)
    definition = models.TextField("定义与口径", blank=True)
    source_ref = models.CharField("原文位置", max_length=100, blank=True)
    remark = models.TextField("备注", blank=True)

    objects = IndicatorQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "指标"
        ordering = ("plan", "order", "pk")
        constraints = (
            models.UniqueConstraint(
                fields=("plan", "number"),
                name="indicator_number_is_unique_in_plan",
                violation_error_message="本规划已有这一序号的指标。",
            ),
            models.CheckConstraint(
                name="baseline_value_has_its_year",
                condition=Q(baseline_value__isnull=True) | Q(baseline_year__isnull=False),
                violation_error_message="有基期值就要有基期年。",
            ),
            models.CheckConstraint(
                name="indicator_is_not_its_own_parent",
                condition=Q(parent__isnull=True) | ~Q(parent=F("pk")),
                violation_error_message="指标不能以自己为上级。",
            ),
            models.CheckConstraint(
                name="group_row_is_not_below_another_row",
                condition=Q(is_group=False) | Q(parent__isnull=True),
                violation_error_message="由下级行填报的行，自己不能再是下级行。",
            ),
            models.CheckConstraint(
                name="figures_are_stored_with_four_decimals_at_most",
                condition=Q(decimals__lte=4),
                violation_error_message="小数位数最多4位。",
            ),
            models.CheckConstraint(
                name="hard_minimum_is_below_hard_maximum",
                condition=Q(hard_minimum__isnull=True)
                | Q(hard_maximum__isnull=True)
                | Q(hard_minimum__lt=F("hard_maximum")),
                violation_error_message="“不得低于”应小于“不得高于”。",
            ),
        )

    def __str__(self) -> str:
        return f"{self.number} {self.name}"

    def get_absolute_url(self) -> str:
        return reverse("indicator_detail", args=[self.pk])

    def natural_key(self) -> tuple[str, str]:
        return (self.plan.code, self.number)

    natural_key.dependencies = ["plans.plan"]  # type: ignore[attr-defined]

    @property
    def label(self) -> str:
        """The name with its unit, as a table head prints it: 养老机构护理型床位占比（%）."""
        return f"{self.name}（{self.unit}）" if self.unit else self.name

    @property
    def is_binding(self) -> bool:
        return self.attribute == Attribute.BINDING


class TargetQuerySet(models.QuerySet["Target"]):
    def get_by_natural_key(self, plan_code: str, number: str, year: int, version: int = 1) -> Target:
        return self.get(indicator__plan__code=plan_code, indicator__number=number, year=year, version=version)

    def visible_to(self, user: Person, permission: Permission = Permission.SEE) -> TargetQuerySet:
        return self.filter(regions_where(user, permission, "indicator__plan__region__"))


class Target(models.Model):
    """目标值: what is promised for a year. A revision is a new version; the old one stays, no longer current."""

    indicator = models.ForeignKey(Indicator, models.CASCADE, related_name="targets", verbose_name="指标")
    year = models.PositiveSmallIntegerField("年度")
    version = models.PositiveSmallIntegerField("版本", default=1)
    operator = models.CharField("关系", max_length=6, choices=words_of(OPERATOR_WORDS), default=Operator.EQ.value)
    value = models.DecimalField("目标值", max_digits=15, decimal_places=4, null=True, blank=True)
    upper = models.DecimalField("上限", max_digits=15, decimal_places=4, null=True, blank=True)
    is_band = models.BooleanField("超过上限也算未达到", default=False, help_text="仅用于区间目标")
    text = models.CharField("印制文字", max_length=200, blank=True)
    is_current = models.BooleanField("现行", default=True)
    counts_from = models.PositiveSmallIntegerField(
        "从哪个数据年度起适用", null=True, blank=True, help_text="此前各年度仍按原目标评价；不填表示自始适用"
    )
    reason = models.CharField("调整理由", max_length=200, blank=True)
    approved_by_body = models.CharField("批准机关", max_length=100, blank=True)
    approval_number = models.CharField("批准文号", max_length=100, blank=True)
    revised_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        verbose_name="调整人",
        related_name="+",
    )
    revised_at = models.DateTimeField("调整时间", null=True, blank=True)

    objects = TargetQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "目标值"
        ordering = ("indicator", "year", "version")
        constraints = (
            models.UniqueConstraint(
                fields=("indicator", "year", "version"),
                name="target_version_is_unique",
                violation_error_message="这一年度的目标已有此版本。",
            ),
            models.UniqueConstraint(
                fields=("indicator", "year"),
                condition=Q(is_current=True),
                name="one_target_is_in_force_per_year",
                violation_error_message="每个年度只能有一个现行目标。",
            ),
            models.CheckConstraint(
                name="target_has_a_value_unless_it_is_text",
                condition=(Q(operator=Operator.TEXT.value) & Q(value__isnull=True) & ~Q(text=""))
                | (~Q(operator=Operator.TEXT.value) & Q(value__isnull=False)),
                violation_error_message="文字目标要有文字，其他目标要有数值。",
            ),
            models.CheckConstraint(
                name="target_range_has_an_upper_bound_above_the_lower",
                condition=(Q(operator=Operator.RANGE.value) & Q(upper__isnull=False) & Q(upper__gt=F("value")))
                | (~Q(operator=Operator.RANGE.value) & Q(upper__isnull=True)),
                violation_error_message="区间目标要有上限，且上限大于下限；其他目标没有上限。",
            ),
            models.CheckConstraint(
                name="only_a_range_can_be_a_band",
                condition=Q(is_band=False) | Q(operator=Operator.RANGE.value),
                violation_error_message="只有区间目标可以设为不得超过上限。",
            ),
            models.CheckConstraint(
                name="target_revision_says_why_and_who",
                condition=Q(version=1)
                | (
                    ~Q(reason="")
                    & ~Q(approved_by_body="")
                    & ~Q(approval_number="")
                    & Q(revised_by__isnull=False)
                    & Q(revised_at__isnull=False)
                ),
                violation_error_message="调整目标要写明理由、批准机关、批准文号和调整人。",
            ),
            models.CheckConstraint(
                name="target_counts_from_a_year_up_to_its_own",
                condition=Q(counts_from__isnull=True) | (Q(version__gt=1) & Q(counts_from__lte=F("year"))),
                violation_error_message="只有调整后的目标才有起用年度，且不晚于目标年度。",
            ),
        )

    def __str__(self) -> str:
        return f"{self.indicator} {self.year}年 {self.text or self.value}"

    @property
    def approval(self) -> str:
        """Who approved a revision, and by which paper: 市人民政府，老政发〔2024〕1号."""
        return f"{self.approved_by_body}，{self.approval_number}"

    def natural_key(self) -> tuple[str, str, int, int]:
        return (*self.indicator.natural_key(), self.year, self.version)

    natural_key.dependencies = ["indicators.indicator"]  # type: ignore[attr-defined]


def targets_in_force(versions: Iterable[Target], *, year: int) -> dict[int, Target]:
    """By target year, the promises against which this data year is judged: of each the newest that counts by then.

    A data year before a revision counts keeps the target it had, so that no later paper changes an older verdict.
    """
    found: dict[int, Target] = {}
    for target in sorted(versions, key=lambda target: (target.year, target.version)):
        if target.counts_from is None or target.counts_from <= year:
            found[target.year] = target
    return found
