"""Imports of entry templates: the file as it came, what each of its rows would do, and what became of it."""

from __future__ import annotations

from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import Q

from accounts.models import Person, Region, regions_where
from accounts.permissions import Permission
from indicators.models import Indicator


class ImportState(models.TextChoices):
    PREVIEWED = "previewed", "待确认"
    APPLIED = "applied", "已导入"
    UNDONE = "undone", "已撤销"


class Outcome(models.TextChoices):
    """What a row of the file would do to the figure it names."""

    NEW = "new", "新增"
    CHANGED = "changed", "更改"
    SAME = "same", "相同"
    CONFLICT = "conflict", "冲突"
    REFUSED = "refused", "拒绝"


class EntryImportQuerySet(models.QuerySet["EntryImport"]):
    def visible_to(self, user: Person) -> EntryImportQuerySet:
        """A person's own imports, as long as they enter figures for that region; without the files themselves."""
        own = self.filter(regions_where(user, Permission.ENTER, "region__"), by=user.pk)
        return own.defer("content")


class EntryImport(models.Model):
    """导入: one uploaded entry template. The file stays in the row, so that it is there exactly as long as the row."""

    region = models.ForeignKey(Region, models.PROTECT, related_name="+", verbose_name="行政区划")
    year = models.PositiveSmallIntegerField("数据年度")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="上传人")
    uploaded_at = models.DateTimeField("上传时间")
    name = models.CharField("文件名", max_length=200)
    content = models.BinaryField("文件")
    state = models.CharField("状态", max_length=9, choices=ImportState, default=ImportState.PREVIEWED)
    # Counted up each time the rows are compared anew, so that nothing is confirmed but what was on the screen.
    preview = models.PositiveIntegerField("预览版本", default=1)
    applied_at = models.DateTimeField("导入时间", null=True, blank=True)
    undone_at = models.DateTimeField("撤销时间", null=True, blank=True)
    is_demo = models.BooleanField("演示数据", default=False, editable=False)

    objects = EntryImportQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "填报导入"
        ordering = ("-uploaded_at", "-pk")
        constraints = (
            models.CheckConstraint(
                name="entry_import_says_when_it_was_applied_and_undone",
                condition=Q(state=ImportState.PREVIEWED, applied_at__isnull=True, undone_at__isnull=True)
                | Q(state=ImportState.APPLIED, applied_at__isnull=False, undone_at__isnull=True)
                | Q(state=ImportState.UNDONE, applied_at__isnull=False, undone_at__isnull=False),
                violation_error_message="已导入的要有导入时间，已撤销的还要有撤销时间。",
            ),
        )

    def __str__(self) -> str:
        return self.name


class EntryImportLine(models.Model):
    """导入行: one row of the file, what was typed in it, and what that means for the figure as it stood then."""

    of = models.ForeignKey(EntryImport, models.CASCADE, related_name="lines", verbose_name="导入")
    sheet = models.CharField("工作表", max_length=31)
    row = models.PositiveIntegerField("行")
    indicator = models.ForeignKey(
        Indicator, models.CASCADE, null=True, blank=True, related_name="+", verbose_name="指标"
    )
    year = models.PositiveSmallIntegerField("数据年度", null=True, blank=True)
    file_version = models.PositiveIntegerField("模板所据版本", null=True, blank=True)
    typed = models.JSONField("所填", default=dict)
    cleared = models.JSONField("清空", default=list)
    places = models.JSONField("单元格", default=dict)
    faults = models.JSONField("文件中的问题", default=list)
    notices = models.JSONField("提示", default=list)
    # As compared with the portal
    outcome = models.CharField("结果", max_length=8, choices=Outcome)
    errors = models.JSONField("拒绝的原因", default=list)
    changes = models.JSONField("更改", default=list)
    entry = models.JSONField("将写入", null=True, blank=True, encoder=DjangoJSONEncoder)
    before = models.JSONField("原有", null=True, blank=True, encoder=DjangoJSONEncoder)
    version = models.PositiveIntegerField("所据版本", null=True, blank=True)
    # As written, and what kept it from being taken back
    written_version = models.PositiveIntegerField("写入后的版本", null=True, blank=True)
    kept_because = models.CharField("未撤销的原因", max_length=200, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "填报导入行"
        ordering = ("of", "pk")
        constraints = (
            models.UniqueConstraint(
                fields=("of", "sheet", "row"),
                name="entry_import_line_is_unique_per_sheet_and_row",
                violation_error_message="工作表的一行只对应一条导入行。",
            ),
            models.CheckConstraint(
                name="entry_import_line_is_refused_with_a_reason",
                condition=(Q(outcome=Outcome.REFUSED) & ~Q(errors=[])) | (~Q(outcome=Outcome.REFUSED) & Q(errors=[])),
                violation_error_message="被拒绝的行要有原因，其他行没有。",
            ),
            models.CheckConstraint(
                name="entry_import_line_that_writes_names_its_cell",
                condition=~Q(outcome__in=(Outcome.NEW, Outcome.CHANGED, Outcome.CONFLICT))
                | Q(indicator__isnull=False, year__isnull=False),
                violation_error_message="要写入的行必须有指标和年度。",
            ),
            models.CheckConstraint(
                name="only_a_line_that_writes_is_written",
                condition=Q(written_version__isnull=True)
                | Q(outcome__in=(Outcome.NEW, Outcome.CHANGED, Outcome.CONFLICT)),
                violation_error_message="只有新增、更改或选用的行才会写入。",
            ),
        )

    def __str__(self) -> str:
        return f"{self.sheet}!{self.row}"

    @property
    def where(self) -> str:
        """The row's first filled cell: 老河口“十四五”!H12."""
        return f"{self.sheet}!{next((self.places[field] for field in self.typed), self.row)}"

    @property
    def problems(self) -> list[str]:
        """Each reason of refusal with its sheet and cell: 老河口“十四五”!H12：……"""
        return [f"{self.sheet}!{cell}：{reason}" for cell, reason in self.errors]
