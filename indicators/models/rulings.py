"""What planners rule about an indicator: another verdict than the engine's, and that it is not assessed.

Only added to: a ruling is withdrawn, with a reason and a name, and stays on record.
"""

from __future__ import annotations

from typing import ClassVar, Self, TypeVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from accounts.models import Person, regions_where
from accounts.permissions import Permission
from indicators.models.definitions import Indicator
from indicators.models.words import words_of
from indicators.verdicts import EXCLUDED, SAID_BY_PEOPLE, VERDICT_WORDS, Verdict

R = TypeVar("R", bound="Ruling")


class RulingQuerySet(models.QuerySet[R]):
    def visible_to(self, user: Person, permission: Permission = Permission.SEE) -> Self:
        """A ruling is as public as the verdict it stands beside."""
        return self.filter(regions_where(user, permission, "indicator__plan__region__"))

    def in_force(self) -> Self:
        return self.filter(withdrawn_at=None)


class Ruling(models.Model):
    """What both kinds of ruling carry: who says so, when and why, and the same of a withdrawal."""

    reason = models.CharField("理由", max_length=300)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="认定人")
    at = models.DateTimeField("认定时间")
    withdrawn_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="撤销人"
    )
    withdrawn_at = models.DateTimeField("撤销时间", null=True, blank=True)
    withdrawal_reason = models.CharField("撤销理由", max_length=300, blank=True)
    is_demo = models.BooleanField("演示数据", default=False, editable=False)

    class Meta:
        abstract = True
        constraints: ClassVar[tuple[models.BaseConstraint, ...]] = (
            models.CheckConstraint(
                name="%(class)s_says_why",
                condition=~Q(reason=""),
                violation_error_message="要写明理由。",
            ),
            models.CheckConstraint(
                name="%(class)s_withdrawal_says_who_when_and_why",
                condition=Q(withdrawn_by__isnull=True, withdrawn_at__isnull=True, withdrawal_reason="")
                | (Q(withdrawn_by__isnull=False, withdrawn_at__isnull=False) & ~Q(withdrawal_reason="")),
                violation_error_message="撤销要有撤销人、时间和理由。",
            ),
        )

    @property
    def is_in_force(self) -> bool:
        return self.withdrawn_at is None

    @property
    def signed(self) -> str:
        """Why, who and when: 省级通报认定（李强，2024-05-06）."""
        return f"{self.reason}（{self.by}，{timezone.localtime(self.at):%Y-%m-%d}）"


class Override(Ruling):
    """人工评价: a planner's verdict for one indicator and year, in force instead of the engine's."""

    indicator = models.ForeignKey(Indicator, models.CASCADE, related_name="overrides", verbose_name="指标")
    year = models.PositiveSmallIntegerField("年度")
    verdict = models.CharField(
        "人工评价", max_length=15, choices=words_of({v: VERDICT_WORDS[v] for v in SAID_BY_PEOPLE})
    )

    objects = RulingQuerySet["Override"].as_manager()

    class Meta(Ruling.Meta):
        verbose_name = verbose_name_plural = "人工评价"
        ordering = ("indicator", "year", "at", "pk")
        constraints = (
            *Ruling.Meta.constraints,
            models.UniqueConstraint(
                fields=("indicator", "year"),
                condition=Q(withdrawn_at__isnull=True),
                name="one_override_is_in_force_per_year",
                violation_error_message="这一年度已有人工评价。",
            ),
            models.CheckConstraint(
                name="override_is_a_verdict_people_give",
                condition=Q(verdict__in=[verdict.value for verdict in SAID_BY_PEOPLE]),
                violation_error_message="人工评价只能用评价的词语。",
            ),
        )

    def __str__(self) -> str:
        return f"{self.indicator} {self.year}年 人工评价为“{self.get_verdict_display()}”"

    @property
    def said(self) -> str:
        return f"人工评价为“{self.get_verdict_display()}”：{self.signed}"


class Exclusion(Ruling):
    """不参与评价: from a year on the indicator is in no denominator, since its duty or its definition changed."""

    indicator = models.ForeignKey(Indicator, models.CASCADE, related_name="exclusions", verbose_name="指标")
    since_year = models.PositiveSmallIntegerField("起始年度")
    cause = models.CharField("原因", max_length=15, choices=words_of({v: VERDICT_WORDS[v] for v in EXCLUDED}))

    objects = RulingQuerySet["Exclusion"].as_manager()

    class Meta(Ruling.Meta):
        verbose_name = verbose_name_plural = "不参与评价"
        ordering = ("indicator", "at", "pk")
        constraints = (
            *Ruling.Meta.constraints,
            models.UniqueConstraint(
                fields=("indicator",),
                condition=Q(withdrawn_at__isnull=True),
                name="one_exclusion_is_in_force_per_indicator",
                violation_error_message="这个指标已不参与评价。",
            ),
            models.CheckConstraint(
                name="exclusion_names_one_of_the_two_causes",
                condition=Q(cause__in=[verdict.value for verdict in EXCLUDED]),
                violation_error_message="原因只能是职能划转或口径调整。",
            ),
        )

    def __str__(self) -> str:
        return f"{self.indicator} 自{self.since_year}年起{self.get_cause_display()}，不参与评价"

    @property
    def verdict(self) -> Verdict:
        return Verdict(self.cause)

    @property
    def said(self) -> str:
        return f"自{self.since_year}年起{self.get_cause_display()}，不参与评价：{self.signed}"
