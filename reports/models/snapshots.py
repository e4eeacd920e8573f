"""上报存档: what a round said on the day it was reported upward. Rows are added and never changed."""

from __future__ import annotations

from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import Q

from accounts.models import Person, regions_where
from accounts.permissions import Permission
from plans.models import Plan


class SnapshotQuerySet(models.QuerySet["Snapshot"]):
    def visible_to(self, user: Person, permission: Permission = Permission.SEE) -> SnapshotQuerySet:
        """The snapshots of the plans this person sees: they hold approved figures only."""
        return self.filter(regions_where(user, permission, "plan__region__"))

    def listed(self) -> SnapshotQuerySet:
        """Without what they hold, for lists."""
        return self.defer("content", "workbook").select_related("taken_by")


class Snapshot(models.Model):
    """存档: a year of a plan as it stood when somebody froze it. A plan that has one is not deleted."""

    plan = models.ForeignKey(Plan, models.PROTECT, related_name="snapshots", verbose_name="规划")
    year = models.PositiveSmallIntegerField("数据年度")
    name = models.CharField("名称", max_length=60)
    note = models.CharField("说明", max_length=500, blank=True)
    taken_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="存档人")
    taken_at = models.DateTimeField("存档时间")
    content = models.JSONField("内容", encoder=DjangoJSONEncoder)
    file_name = models.CharField("文件名", max_length=200)
    workbook = models.BinaryField("指标完成情况表")
    sha256 = models.CharField("校验码", max_length=64)
    is_demo = models.BooleanField("演示数据", default=False, editable=False)

    objects = SnapshotQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "上报存档"
        ordering = ("-taken_at", "-pk")
        constraints = (
            models.UniqueConstraint(
                fields=("plan", "year", "name"),
                name="snapshot_name_is_unique_per_plan_and_year",
                violation_error_message="本规划这一年度已有同名的存档。",
            ),
            models.CheckConstraint(
                name="snapshot_has_a_name",
                condition=~Q(name=""),
                violation_error_message="存档要有名称。",
            ),
            models.CheckConstraint(
                name="snapshot_has_a_checksum",
                condition=Q(sha256__regex=r"^[0-9a-f]{64}$"),
                violation_error_message="校验码应为64位十六进制数。",
            ),
        )

    def __str__(self) -> str:
        return f"{self.plan} {self.year}年 {self.name}"
