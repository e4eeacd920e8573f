"""A bureau's own templates of its Word reports: every version that was installed, and which one is in use."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q

from accounts.models import Person, Region, regions_where
from accounts.permissions import Permission


class ReportKind(models.TextChoices):
    MONITORING = "monitoring", "年度监测报告"
    MIDTERM = "midterm", "中期评估报告"
    FINAL = "final", "总结评估报告"


class ReportTemplateQuerySet(models.QuerySet["ReportTemplate"]):
    def visible_to(self, user: Person, permission: Permission = Permission.MANAGE_PEOPLE) -> ReportTemplateQuerySet:
        """The templates of the regions in which this person holds the permission; without the files themselves."""
        return self.filter(regions_where(user, permission, "region__")).defer("content")


class ReportTemplate(models.Model):
    """报告模板: a .docx of a region for one kind of report. Never changed; a new upload is a new version."""

    region = models.ForeignKey(Region, models.PROTECT, related_name="report_templates", verbose_name="行政区划")
    kind = models.CharField("报告种类", max_length=10, choices=ReportKind)
    version = models.PositiveIntegerField("版本")
    name = models.CharField("文件名", max_length=200)
    content = models.BinaryField("文件")
    installed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="安装人")
    installed_at = models.DateTimeField("安装时间")
    is_in_use = models.BooleanField("使用中", default=True)

    objects = ReportTemplateQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "报告模板"
        ordering = ("region__code", "kind", "-version")
        constraints = (
            models.UniqueConstraint(
                fields=("region", "kind", "version"),
                name="report_template_version_is_unique",
                violation_error_message="这种报告的模板已有此版本。",
            ),
            models.UniqueConstraint(
                fields=("region", "kind"),
                condition=Q(is_in_use=True),
                name="one_report_template_is_in_use_per_kind",
                violation_error_message="每种报告只能使用一个模板。",
            ),
            models.CheckConstraint(
                name="report_template_kind_is_known",
                condition=Q(kind__in=[kind.value for kind in ReportKind]),
                violation_error_message="没有这种报告。",
            ),
        )

    def __str__(self) -> str:
        return f"{self.region.short_name} {self.get_kind_display()} 第{self.version}版"
