"""Exports that take long: who asked for what, how far it is, and where the finished file lies for a few days."""

from __future__ import annotations

import secrets

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from accounts.models import Person, User

FOLDER = "exports"  # within MEDIA_ROOT
MOST_RUNS = 2  # a run that was killed is begun once more
NO_FILE = {"file": "", "size": 0}


class ExportState(models.TextChoices):
    WAITING = "waiting", "等待中"
    RUNNING = "running", "生成中"
    DONE = "done", "已完成"
    FAILED = "failed", "未成功"
    EXPIRED = "expired", "已过期"


UNDER_WAY = (ExportState.WAITING, ExportState.RUNNING)


def export_name(export: Export, name: str) -> str:
    """Where the file lies: under a name nobody can guess, with nothing of the Chinese one."""
    return f"{FOLDER}/{secrets.token_hex(16)}"


class ExportQuerySet(models.QuerySet["Export"]):
    def visible_to(self, user: Person) -> ExportQuerySet:
        """A person's own exports and nobody else's."""
        return self.filter(by=user.pk) if isinstance(user, User) and user.is_active else self.none()

    def under_way(self) -> ExportQuerySet:
        return self.filter(state__in=UNDER_WAY)


class Export(models.Model):
    """导出: one file that is made in the background for one person. It goes when that person's account goes."""

    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+", verbose_name="导出人")
    kind = models.CharField("种类", max_length=20)
    what = models.JSONField("内容")
    # {region code: permissions}: what the person held over the rows when the file was made, and must hold to open it
    rights = models.JSONField("所据权限", default=dict)
    name = models.CharField("名称", max_length=200)
    state = models.CharField("状态", max_length=7, choices=ExportState, default=ExportState.WAITING)
    runs = models.PositiveSmallIntegerField("运行次数", default=0)
    done = models.PositiveIntegerField("已写行数", default=0)
    total = models.PositiveIntegerField("总行数")
    heartbeat = models.DateTimeField("最近心跳", null=True, blank=True)
    created_at = models.DateTimeField("申请时间")
    finished_at = models.DateTimeField("结束时间", null=True, blank=True)
    expires_at = models.DateTimeField("有效期至", null=True, blank=True)
    error = models.CharField("未成功的原因", max_length=200, blank=True)
    content_type = models.CharField("类型", max_length=100)
    file = models.FileField("文件", upload_to=export_name, blank=True)
    size = models.PositiveBigIntegerField("大小（字节）", default=0)

    objects = ExportQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "导出"
        ordering = ("-created_at", "-pk")
        constraints = (
            models.CheckConstraint(
                name="export_has_a_file_exactly_when_it_is_done",
                condition=(Q(state=ExportState.DONE, size__gt=0) & ~Q(file=""))
                | (~Q(state=ExportState.DONE) & Q(**NO_FILE)),
                violation_error_message="已完成的导出要有文件，其他的没有。",
            ),
            models.CheckConstraint(
                name="export_says_when_it_ended_and_until_when_it_can_be_opened",
                condition=Q(state__in=UNDER_WAY, finished_at__isnull=True, expires_at__isnull=True)
                | Q(state=ExportState.FAILED, finished_at__isnull=False, expires_at__isnull=True)
                | Q(
                    state__in=(ExportState.DONE, ExportState.EXPIRED),
                    finished_at__isnull=False,
                    expires_at__gt=F("finished_at"),
                ),
                violation_error_message="结束的导出要有结束时间，有过文件的还要有有效期。",
            ),
            models.CheckConstraint(
                name="export_says_why_it_failed",
                condition=(Q(state=ExportState.FAILED) & ~Q(error="")) | (~Q(state=ExportState.FAILED) & Q(error="")),
                violation_error_message="未成功的导出要写明原因，其他的没有。",
            ),
            models.CheckConstraint(
                name="export_that_runs_has_a_heartbeat",
                condition=~Q(state=ExportState.RUNNING) | Q(heartbeat__isnull=False, runs__gt=0),
                violation_error_message="生成中的导出要有心跳。",
            ),
            models.CheckConstraint(
                name="export_runs_twice_at_most",
                condition=Q(runs__lte=MOST_RUNS),
                violation_error_message="一次导出最多运行两遍。",
            ),
            models.CheckConstraint(
                name="export_has_not_written_more_than_there_is",
                condition=Q(done__lte=F("total")),
                violation_error_message="已写行数不能多于总行数。",
            ),
        )

    def __str__(self) -> str:
        return self.name

    @property
    def is_under_way(self) -> bool:
        return self.state in UNDER_WAY

    @property
    def percent(self) -> int:
        """How far it is, in whole percent rounded down: 100 only when the last row is written."""
        return self.done * 100 // self.total if self.total else 0
