"""What every row that goes through the review carries, and the record of its steps."""

from __future__ import annotations

from typing import ClassVar, Self, TypeVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from accounts.models import Person, regions_where
from accounts.permissions import Permission


class State(models.TextChoices):
    """Where a figure stands in the review."""

    DRAFT = "draft", "草稿"
    SUBMITTED = "submitted", "待审核"
    RETURNED = "returned", "退回"
    APPROVED = "approved", "已审核"


class Reviewed(models.Model):
    """What a row that goes through the review carries: its state, its version, and who did what when."""

    state = models.CharField("状态", max_length=9, choices=State, default=State.DRAFT)
    version = models.PositiveIntegerField("版本", default=1)
    entered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="填报人",
    )
    entered_at = models.DateTimeField("填报时间", null=True, blank=True)
    approved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="审核人",
    )
    approved_at = models.DateTimeField("审核时间", null=True, blank=True)
    source_ref = models.CharField(
        "原文位置", max_length=100, blank=True, help_text="已随规划文件公布、非本平台填报的数据"
    )
    is_demo = models.BooleanField("演示数据", default=False, editable=False)

    class Meta:
        abstract = True
        constraints: ClassVar[tuple[models.BaseConstraint, ...]] = (
            models.CheckConstraint(
                name="%(class)s_is_entered_by_somebody_or_published",
                condition=Q(entered_by__isnull=False, entered_at__isnull=False, source_ref="")
                | (Q(entered_by__isnull=True, entered_at__isnull=True) & ~Q(source_ref="")),
                violation_error_message="数据要么由人填报（有填报人和时间），要么来自公布的文件（有原文位置）。",
            ),
            models.CheckConstraint(
                name="%(class)s_approval_says_who_and_when",
                condition=Q(state=State.APPROVED, approved_by__isnull=False, approved_at__isnull=False)
                | (Q(state=State.APPROVED, approved_by__isnull=True, approved_at__isnull=True) & ~Q(source_ref=""))
                | (~Q(state=State.APPROVED) & Q(approved_by__isnull=True, approved_at__isnull=True)),
                violation_error_message="已审核的数据要有审核人和审核时间，其他状态没有。",
            ),
            models.CheckConstraint(
                name="%(class)s_is_not_approved_by_who_entered_it",
                condition=Q(approved_by__isnull=True) | Q(entered_by__isnull=True) | ~Q(approved_by=F("entered_by")),
                violation_error_message="不能审核自己填报的数据。",
            ),
        )


R = TypeVar("R", bound=Reviewed)


class ReviewedQuerySet(models.QuerySet[R]):
    """Rows under review; a subclass says by which path they reach their region."""

    region_path: ClassVar[str]

    def visible_to(self, user: Person, permission: Permission = Permission.SEE) -> Self:
        """Approved rows where the person may see, all rows where they work.

        With a permission other than SEE: all rows of the regions in which the person holds it.
        """
        if permission != Permission.SEE:
            return self.filter(regions_where(user, permission, self.region_path))
        return self.filter(
            (regions_where(user, Permission.SEE, self.region_path) & Q(state=State.APPROVED))
            | regions_where(user, Permission.SEE_UNAPPROVED, self.region_path)
        )

    def approved(self) -> Self:
        return self.filter(state=State.APPROVED)


class ReviewEvent(models.Model):
    """One step in the life of a reviewed row, only added to; a subclass names the row and what then stood in it."""

    at = models.DateTimeField("时间")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="操作人")
    move = models.CharField("操作", max_length=10)
    state = models.CharField("状态", max_length=9, choices=State)
    version = models.PositiveIntegerField("版本")
    note = models.TextField("意见或说明", blank=True)

    class Meta:
        abstract = True
        # pk makes the order stable when two steps were taken in the same moment
        ordering = ("at", "pk")
