"""Drafts of plans: a table being turned into a plan, kept apart from every plan that counts."""

from __future__ import annotations

from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import Q
from django.urls import reverse

from accounts.models import Person, Region, regions_where
from accounts.permissions import Permission
from plans.models import Plan


class DraftState(models.TextChoices):
    DRAFT = "draft", "草稿"
    PUBLISHED = "published", "已发布"


class PlanDraftQuerySet(models.QuerySet["PlanDraft"]):
    def visible_to(self, user: Person) -> PlanDraftQuerySet:
        """The drafts of the regions this person plans for, a colleague's too; without the files themselves."""
        return self.filter(regions_where(user, Permission.PLAN, "region__")).defer("file")


class PlanDraft(models.Model):
    """规划草稿: what was read from a table, what a person made of it, and the plan it became.

    Everything lies in `content` (reports.drafts.content), so that no page, count, export or endpoint that reads plans
    and indicators can meet a row of a draft.
    """

    region = models.ForeignKey(Region, models.PROTECT, related_name="+", verbose_name="行政区划")
    title = models.CharField("名称", max_length=200)
    into = models.ForeignKey(
        Plan,
        models.CASCADE,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="补充到",
        help_text="只为已有规划补充项目时填写",
    )
    content = models.JSONField("内容", encoder=DjangoJSONEncoder)
    file_name = models.CharField("文件名", max_length=200, blank=True)
    file = models.BinaryField("文件", blank=True, default=b"")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="建立人")
    created_at = models.DateTimeField("建立时间")
    changed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="改动人")
    changed_at = models.DateTimeField("改动时间")
    version = models.PositiveIntegerField("版本", default=1)
    state = models.CharField("状态", max_length=9, choices=DraftState, default=DraftState.DRAFT)
    published_at = models.DateTimeField("发布时间", null=True, blank=True)
    plan = models.ForeignKey(
        Plan, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name="发布成的规划"
    )
    is_demo = models.BooleanField("演示数据", default=False, editable=False)

    objects = PlanDraftQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "规划草稿"
        ordering = ("-changed_at", "-pk")
        constraints = (
            models.CheckConstraint(
                name="plan_draft_says_when_it_was_published",
                # a plan that was removed afterwards leaves its draft published and without a plan
                condition=Q(state=DraftState.DRAFT, published_at__isnull=True, plan__isnull=True)
                | Q(state=DraftState.PUBLISHED, published_at__isnull=False),
                violation_error_message="已发布的草稿要有发布时间，未发布的没有发布时间和规划。",
            ),
            models.CheckConstraint(
                name="plan_draft_has_a_title",
                condition=~Q(title=""),
                violation_error_message="草稿要有名称。",
            ),
        )

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("draft_detail", args=[self.pk])
