"""People, regions, departments, roles, and the audit log."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, TypeAlias

from django.contrib.auth.models import AbstractUser, AnonymousUser
from django.db import models
from django.db.models import Q
from django.utils import timezone

from accounts.permissions import FLOWS_DOWN, ROLE_PERMISSIONS, Permission, Role
from accounts.regions import Level, code_prefix

Person: TypeAlias = "User | AnonymousUser"


class RegionQuerySet(models.QuerySet["Region"]):
    def get_by_natural_key(self, code: str) -> Region:
        return self.get(code=code)

    def visible_to(self, user: Person, permission: Permission = Permission.SEE) -> RegionQuerySet:
        """The regions in which this person holds the permission."""
        return self.filter(regions_where(user, permission))


class Region(models.Model):
    """行政区划: a place with a GB/T 2260 code; its civil-affairs bureau is the tenant."""

    code = models.CharField("区划代码", max_length=6, unique=True, help_text="GB/T 2260 六位代码")
    name = models.CharField("名称", max_length=50)
    short_name = models.CharField("简称", max_length=20)
    bureau_name = models.CharField("民政部门", max_length=60)
    level = models.CharField("级别", max_length=10, choices=Level)
    parent = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="children", verbose_name="上级"
    )

    objects = RegionQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "行政区划"
        ordering = ("code",)
        constraints = (
            models.CheckConstraint(
                name="region_code_is_six_digits",
                condition=Q(code__regex=r"^[0-9]{6}$"),
                violation_error_message="区划代码应为六位数字。",
            ),
            models.CheckConstraint(
                name="region_has_parent_unless_country",
                condition=Q(level=Level.COUNTRY, parent__isnull=True)
                | (~Q(level=Level.COUNTRY) & Q(parent__isnull=False)),
                violation_error_message="除全国外，每个行政区划都要有上级。",
            ),
        )

    def __str__(self) -> str:
        return self.name

    def natural_key(self) -> tuple[str]:
        return (self.code,)


class Department(models.Model):
    """责任科室: a section of one bureau."""

    region = models.ForeignKey(Region, models.PROTECT, related_name="departments", verbose_name="行政区划")
    name = models.CharField("科室", max_length=50)
    is_demo = models.BooleanField("演示数据", default=False, editable=False)

    class Meta:
        verbose_name = verbose_name_plural = "责任科室"
        ordering = ("region__code", "pk")
        constraints = (
            models.UniqueConstraint(
                fields=("region", "name"),
                name="department_name_is_unique_in_region",
                violation_error_message="本地区已有同名科室。",
            ),
        )

    def __str__(self) -> str:
        return f"{self.name}（演示）" if self.is_demo else self.name


class User(AbstractUser):
    """A person who signs in."""

    display_name = models.CharField("姓名", max_length=50, blank=True)
    is_demo = models.BooleanField("演示账号", default=False, editable=False)

    class Meta(AbstractUser.Meta):
        verbose_name = verbose_name_plural = "用户"

    def __str__(self) -> str:
        return self.display_name or self.username

    @property
    def held(self) -> list[Membership]:
        """This person's memberships, read once per request (the row lives as long as the request)."""
        if not hasattr(self, "_held"):
            self._held = list(self.memberships.select_related("region").prefetch_related("departments"))
        return self._held

    @property
    def is_screen(self) -> bool:
        """Whether this account is a screen on a wall: it holds the role for that and no other."""
        return bool(self.held) and all(held.role == Role.DISPLAY for held in self.held) and not self.is_superuser

    def can(self, permission: Permission, region: Region | None = None) -> bool:
        """Whether this person holds the permission: in this region, or anywhere when none is named."""
        for membership in self.held:
            if permission not in ROLE_PERMISSIONS[Role(membership.role)]:
                continue
            if region is None or membership.region.code == region.code:
                return True
            if permission in FLOWS_DOWN and region.code.startswith(code_prefix(membership.region.code)):
                return True
        return False


class Membership(models.Model):
    """任职: person × region × role, and for a clerk the departments whose figures they enter."""

    user = models.ForeignKey(User, models.CASCADE, related_name="memberships", verbose_name="用户")
    region = models.ForeignKey(Region, models.PROTECT, related_name="memberships", verbose_name="行政区划")
    role = models.CharField("角色", max_length=10, choices=Role)
    departments = models.ManyToManyField(
        Department, blank=True, verbose_name="负责科室", help_text="仅对填报员有效；不选表示全部科室"
    )

    class Meta:
        verbose_name = verbose_name_plural = "任职"
        ordering = ("region__code", "role", "pk")
        constraints = (
            models.UniqueConstraint(
                fields=("user", "region", "role"),
                name="membership_is_unique",
                violation_error_message="此人在该地区已有这一角色。",
            ),
        )

    def __str__(self) -> str:
        return f"{self.region.short_name} {self.get_role_display()}"


class ApiTokenQuerySet(models.QuerySet["ApiToken"]):
    def standing(self, *, on: date) -> ApiTokenQuerySet:
        """Those that still open the API on a day of Beijing time."""
        return self.filter(revoked_at=None, expires_on__gte=on)


class ApiToken(models.Model):
    """接口令牌 that a person made for a program of theirs. The value itself is not kept, only what it hashes to."""

    user = models.ForeignKey(User, models.CASCADE, related_name="api_tokens", verbose_name="用户")
    name = models.CharField("用途", max_length=50)
    digest = models.CharField("校验码", max_length=64, unique=True, editable=False)
    prefix = models.CharField("开头", max_length=16, editable=False)
    created_on = models.DateField("生成日期")
    expires_on = models.DateField("有效期至")
    last_used_at = models.DateTimeField("最近使用", null=True, blank=True)
    revoked_at = models.DateTimeField("停用时间", null=True, blank=True)

    objects = ApiTokenQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "个人接口令牌"
        ordering = ("-created_on", "-pk")
        constraints = (
            models.UniqueConstraint(
                fields=("user", "name"),
                condition=Q(revoked_at__isnull=True),
                name="standing_token_is_unique_by_name",
                violation_error_message="已有同名的令牌，请换个名称，或先停用原来的。",
            ),
            models.CheckConstraint(
                name="token_has_a_name",
                condition=~Q(name=""),
                violation_error_message="请写明令牌的用途。",
            ),
            models.CheckConstraint(
                name="token_expires_after_it_was_made",
                condition=Q(expires_on__gte=models.F("created_on")),
                violation_error_message="有效期不能早于今天。",
            ),
        )

    def __str__(self) -> str:
        return f"{self.name}（{self.prefix}…）"


class ApiUse(models.Model):
    """How often somebody asked the API in one minute; in the database, because several processes count together."""

    who = models.CharField("调用方", max_length=80)
    minute = models.BigIntegerField("分钟")  # minutes since 1970
    count = models.PositiveIntegerField("次数", default=0)

    class Meta:
        verbose_name = verbose_name_plural = "接口调用计数"
        constraints = (
            models.UniqueConstraint(
                fields=("who", "minute"),
                name="use_is_counted_once_a_minute",
                violation_error_message="这一分钟已有计数。",
            ),
        )

    def __str__(self) -> str:
        return f"{self.who} {self.count}"


def regions_where(user: Person, permission: Permission, path: str = "") -> Q:
    """A condition for the rows whose region (reached by `path`, such as "plan__region__") grants the permission.

    Nobody in particular, or somebody without the role, gets a condition that matches no row.
    """
    condition = Q(pk__in=())
    if not isinstance(user, User) or not user.is_active:
        return condition
    for membership in user.held:
        if permission not in ROLE_PERMISSIONS[Role(membership.role)]:
            continue
        if permission in FLOWS_DOWN:
            condition |= Q(**{f"{path}code__startswith": code_prefix(membership.region.code)})
        else:
            condition |= Q(**{f"{path}code": membership.region.code})
    return condition


def entered_where(user: Person, path: str) -> Q:
    """A condition for the rows whose figures this person enters: of their regions, and of their departments where set.

    The rows reach their region by `path`, such as "plan__region", and have a `department`.
    """
    condition = Q(pk__in=())
    for membership in user.held if isinstance(user, User) and user.is_active else ():
        if Permission.ENTER in ROLE_PERMISSIONS[Role(membership.role)]:
            theirs = Q(**{path: membership.region_id})
            departments = [department.pk for department in membership.departments.all()]
            condition |= theirs & Q(department__in=departments) if departments else theirs
    return condition


class AuditEvent(models.Model):
    """审计日志: who did what when. It has no foreign keys, so that it outlives what it speaks of."""

    at = models.DateTimeField("时间", db_index=True)
    username = models.CharField("账号", max_length=150)
    person = models.CharField("姓名", max_length=150)
    action = models.CharField("操作", max_length=50)
    kind = models.CharField("对象类别", max_length=50)
    object_id = models.CharField("对象编号", max_length=50)
    region_code = models.CharField("区划代码", max_length=6)
    summary = models.CharField("说明", max_length=500)
    detail = models.JSONField("内容", default=dict)

    class Meta:
        verbose_name = verbose_name_plural = "审计日志"
        ordering = ("-at", "-pk")

    def __str__(self) -> str:
        return f"{timezone.localtime(self.at):%Y-%m-%d %H:%M:%S} {self.person} {self.action} {self.summary}"


def audit_event(
    *,
    by: User | None,
    action: str,
    subject: models.Model,
    region: Region | None,
    summary: str,
    at: datetime,
    **detail: Any,
) -> AuditEvent:
    """One line of the audit log, not yet written: for many changes at once, whose lines are written together.

    By None: a command on a timer.
    """
    return AuditEvent(
        at=at,
        username=by.username if by else "",
        person=str(by) if by else "定时任务",
        action=action,
        kind=subject._meta.label_lower,
        object_id=str(subject.pk),
        region_code=region.code if region else "",
        summary=summary[:500],
        detail=detail,
    )


def record_audit(
    *,
    by: User | None,
    action: str,
    subject: models.Model,
    region: Region | None,
    summary: str,
    at: datetime,
    **detail: Any,
) -> None:
    """Write one line of the audit log, in the transaction of the change it tells of."""
    audit_event(by=by, action=action, subject=subject, region=region, summary=summary, at=at, **detail).save()
