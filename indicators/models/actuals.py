"""The figures reached, the record of their review, and the files that back them."""

from __future__ import annotations

from typing import ClassVar, Self, TypeVar
from uuid import uuid4

from django.conf import settings
from django.db import models
from django.db.models import Q

from accounts.models import Person
from accounts.permissions import Permission
from indicators.models.definitions import Indicator
from indicators.models.review import Reviewed, ReviewedQuerySet, ReviewEvent, State
from indicators.models.words import JUDGEMENT_WORDS, words_of


class FigureKind(models.TextChoices):
    PRELIMINARY = "preliminary", "快报"
    FINAL = "final", "年报"
    REVISED = "revised", "修订"


class Availability(models.TextChoices):
    """Whether there is a figure, and if not, why. Zero is a figure."""

    REPORTED = "reported", "有数据"
    UNREPORTED = "unreported", "未报"
    MISSING = "missing", "暂缺"
    NOT_APPLICABLE = "not_applicable", "不适用"


class AbsenceReason(models.TextChoices):
    """Why an indicator does not apply to a year; anything else is said in the 说明."""

    TRANSFERRED = "transferred", "职能划转"
    REDEFINED = "redefined", "口径调整"
    NO_SUBJECT = "no_subject", "本地无此业务"
    OTHER = "other", "其他（见说明）"


class ActualQuerySet(ReviewedQuerySet["Actual"]):
    region_path = "indicator__plan__region__"

    def get_by_natural_key(self, plan_code: str, number: str, year: int) -> Actual:
        return self.get(indicator__plan__code=plan_code, indicator__number=number, year=year)


class Actual(Reviewed):
    """实际值: what was reached in a year, or the stated absence of a figure."""

    indicator = models.ForeignKey(Indicator, models.CASCADE, related_name="actuals", verbose_name="指标")
    year = models.PositiveSmallIntegerField("年度")
    value = models.DecimalField("实际值", max_digits=15, decimal_places=4, null=True, blank=True)
    text = models.CharField("填报文字", max_length=100, blank=True)
    comparator = models.DecimalField("对照值", max_digits=15, decimal_places=4, null=True, blank=True)
    numerator = models.DecimalField("分子", max_digits=15, decimal_places=4, null=True, blank=True)
    denominator = models.DecimalField("分母", max_digits=15, decimal_places=4, null=True, blank=True)
    judgement = models.CharField("定性结论", max_length=11, choices=words_of(JUDGEMENT_WORDS), blank=True)
    availability = models.CharField("数据情况", max_length=14, choices=Availability, default=Availability.REPORTED)
    absence_reason = models.CharField("不适用的原因", max_length=11, choices=AbsenceReason, blank=True)
    figure_kind = models.CharField("数据性质", max_length=11, choices=FigureKind, default=FigureKind.FINAL)
    note = models.TextField("说明", blank=True)
    printed_verdict = models.CharField("文件所载完成情况", max_length=20, blank=True)

    objects = ActualQuerySet.as_manager()

    class Meta(Reviewed.Meta):
        verbose_name = verbose_name_plural = "实际值"
        ordering = ("indicator", "year")
        constraints = (
            *Reviewed.Meta.constraints,
            models.UniqueConstraint(
                fields=("indicator", "year"),
                name="actual_is_unique_per_indicator_and_year",
                violation_error_message="这一指标本年度已有实际值。",
            ),
            models.CheckConstraint(
                name="actual_has_a_figure_or_a_stated_absence",
                condition=(Q(availability=Availability.REPORTED) & (Q(value__isnull=False) | ~Q(judgement="")))
                | (
                    ~Q(availability=Availability.REPORTED)
                    & Q(value__isnull=True, judgement="")
                    # a comparator may be typed before the value it stands beside
                    & (Q(availability=Availability.UNREPORTED) | Q(comparator__isnull=True))
                ),
                violation_error_message="要么有数值或定性结论，要么注明为何没有；空白不是零。",
            ),
            models.CheckConstraint(
                name="actual_has_both_parts_or_neither",
                condition=Q(numerator__isnull=True, denominator__isnull=True)
                | Q(numerator__isnull=False, denominator__isnull=False),
                violation_error_message="分子和分母要么都填，要么都不填。",
            ),
            models.CheckConstraint(
                name="actual_is_not_divided_by_zero",
                condition=Q(denominator__isnull=True) | ~Q(denominator=0),
                violation_error_message="分母不能为0。",
            ),
            models.CheckConstraint(
                name="only_a_figure_has_parts",
                condition=Q(numerator__isnull=True) | Q(value__isnull=False),
                violation_error_message="没有实际值的，不填分子和分母。",
            ),
            models.CheckConstraint(
                name="only_what_does_not_apply_has_a_reason_of_absence",
                condition=Q(absence_reason="") | Q(availability=Availability.NOT_APPLICABLE),
                violation_error_message="只有“不适用”的数据才选择原因。",
            ),
            models.CheckConstraint(
                name="unreported_figure_is_not_passed_on",
                condition=~Q(availability=Availability.UNREPORTED) | Q(state__in=(State.DRAFT, State.RETURNED)),
                violation_error_message="未报的数据不能提交。",
            ),
            models.CheckConstraint(
                name="absence_has_its_reason_before_it_is_passed_on",
                condition=~Q(availability__in=(Availability.MISSING, Availability.NOT_APPLICABLE))
                | Q(state__in=(State.DRAFT, State.RETURNED))
                | ~Q(note="")
                | (~Q(absence_reason="") & ~Q(absence_reason=AbsenceReason.OTHER)),
                violation_error_message="暂缺或不适用的数据，提交前要写明原因。",
            ),
        )

    def __str__(self) -> str:
        return f"{self.indicator} {self.year}年"

    @property
    def absence_shown(self) -> str:
        """What stands in place of a figure: 暂缺, 不适用（职能划转）."""
        reason = f"（{self.get_absence_reason_display().partition('（')[0]}）" if self.absence_reason else ""
        return f"{self.get_availability_display()}{reason}"

    def natural_key(self) -> tuple[str, str, int]:
        return (*self.indicator.natural_key(), self.year)

    natural_key.dependencies = ["indicators.indicator"]  # type: ignore[attr-defined]


class ActualEvent(ReviewEvent):
    """One step in the life of a figure, with the figure as it then stood."""

    actual = models.ForeignKey(Actual, models.CASCADE, related_name="events", verbose_name="实际值")
    value = models.DecimalField("实际值", max_digits=15, decimal_places=4, null=True)
    comparator = models.DecimalField("对照值", max_digits=15, decimal_places=4, null=True)
    numerator = models.DecimalField("分子", max_digits=15, decimal_places=4, null=True)
    denominator = models.DecimalField("分母", max_digits=15, decimal_places=4, null=True)
    judgement = models.CharField("定性结论", max_length=11, choices=words_of(JUDGEMENT_WORDS), blank=True)
    availability = models.CharField("数据情况", max_length=14, choices=Availability)
    absence_reason = models.CharField("不适用的原因", max_length=11, choices=AbsenceReason, blank=True)
    figure_kind = models.CharField("数据性质", max_length=11, choices=FigureKind)

    class Meta(ReviewEvent.Meta):
        verbose_name = verbose_name_plural = "填报审核记录"

    def __str__(self) -> str:
        return f"{self.actual} {self.move}"


def generated_name(attached: AttachedFile, filename: str) -> str:
    """Where a file is kept: a name that says nothing and cannot be guessed; the uploaded name stays in the row."""
    return f"evidence/{uuid4().hex}"


F = TypeVar("F", bound="AttachedFile")


class AttachedFileQuerySet(models.QuerySet[F]):
    def standing(self) -> Self:
        """The files that were not taken back."""
        return self.filter(removed_at=None)


class AttachedFile(models.Model):
    """A file beside a row under review. Never changed; one that was taken back stays on record."""

    file = models.FileField("文件", upload_to=generated_name)
    name = models.CharField("文件名", max_length=200)
    content_type = models.CharField("类型", max_length=100)
    size = models.PositiveIntegerField("大小（字节）")
    sha256 = models.CharField("校验码", max_length=64)
    uploaded_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="上传人")
    uploaded_at = models.DateTimeField("上传时间")
    removed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="移除人"
    )
    removed_at = models.DateTimeField("移除时间", null=True, blank=True)
    is_demo = models.BooleanField("演示数据", default=False, editable=False)

    class Meta:
        abstract = True
        constraints: ClassVar[tuple[models.BaseConstraint, ...]] = (
            models.CheckConstraint(
                name="%(class)s_removal_says_who_and_when",
                condition=Q(removed_by__isnull=True, removed_at__isnull=True)
                | Q(removed_by__isnull=False, removed_at__isnull=False),
                violation_error_message="移除材料要有移除人和时间。",
            ),
            models.CheckConstraint(
                name="%(class)s_is_not_empty",
                condition=Q(size__gt=0),
                violation_error_message="文件是空的。",
            ),
        )

    def __str__(self) -> str:
        return self.name


class EvidenceQuerySet(AttachedFileQuerySet["Evidence"]):
    def visible_to(self, user: Person, permission: Permission = Permission.SEE) -> EvidenceQuerySet:
        """The files of the figures this person may see."""
        return self.filter(actual__in=Actual.objects.visible_to(user, permission))


class Evidence(AttachedFile):
    """佐证材料: a file that backs a figure."""

    actual = models.ForeignKey(Actual, models.CASCADE, related_name="evidence", verbose_name="实际值")

    objects = EvidenceQuerySet.as_manager()

    class Meta(AttachedFile.Meta):
        verbose_name = verbose_name_plural = "佐证材料"
        ordering = ("actual", "uploaded_at", "pk")
        constraints = (
            models.UniqueConstraint(
                fields=("actual", "sha256"),
                condition=Q(removed_at__isnull=True),
                name="evidence_is_attached_once",
                violation_error_message="这个文件已经上传过。",
            ),
            *AttachedFile.Meta.constraints,
        )
