"""What the engine finds, stored for each indicator and year."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from accounts.models import Person, regions_where
from accounts.permissions import Permission
from indicators.models.definitions import Indicator
from indicators.models.words import LIGHT_WORDS, words_of
from indicators.verdicts import VERDICT_LIGHTS, VERDICT_WORDS


class AssessmentQuerySet(models.QuerySet["Assessment"]):
    def visible_to(self, user: Person, permission: Permission = Permission.SEE) -> AssessmentQuerySet:
        """Assessments rest on approved figures only, so who may see the plan may see them."""
        return self.filter(regions_where(user, permission, "indicator__plan__region__"))


class Assessment(models.Model):
    """评价: what the engine finds for one indicator and year, from approved figures. Shares are shares, not percent."""

    indicator = models.ForeignKey(Indicator, models.CASCADE, related_name="assessments", verbose_name="指标")
    year = models.PositiveSmallIntegerField("年度")
    verdict = models.CharField("结论", max_length=15, choices=words_of(VERDICT_WORDS))
    light = models.CharField("灯色", max_length=6, choices=words_of(LIGHT_WORDS))
    reason = models.CharField("依据", max_length=300, blank=True)
    is_met = models.BooleanField("达到目标", null=True)
    progress = models.DecimalField("完成进度", max_digits=15, decimal_places=4, null=True)
    time_progress = models.DecimalField("时间进度", max_digits=15, decimal_places=4)
    expected = models.DecimalField("应达到值", max_digits=15, decimal_places=4, null=True)
    is_expected_stated = models.BooleanField("应达到值为规划所载", default=False)
    comparison = models.DecimalField("进展与应有进展之比", max_digits=15, decimal_places=4, null=True)
    completion_rate = models.DecimalField("完成率", max_digits=15, decimal_places=4, null=True)
    needed_per_year = models.DecimalField("今后每年需完成", max_digits=15, decimal_places=4, null=True)
    forecast = models.DecimalField("期末预测", max_digits=15, decimal_places=4, null=True)
    forecast_verdict = models.CharField("预测结论", max_length=15, blank=True)
    change = models.DecimalField("比上年增减", max_digits=15, decimal_places=4, null=True)
    gap = models.DecimalField("与目标差距", max_digits=15, decimal_places=4, null=True)
    is_demo = models.BooleanField("依据演示数据", default=False)

    objects = AssessmentQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "评价"
        ordering = ("indicator", "year")
        constraints = (
            models.UniqueConstraint(fields=("indicator", "year"), name="assessment_is_unique_per_year"),
            models.CheckConstraint(
                name="verdict_and_light_agree",
                condition=Q(
                    *(Q(verdict=verdict.value, light=light.value) for verdict, light in VERDICT_LIGHTS.items()),
                    _connector=Q.OR,
                ),
            ),
        )

    def __str__(self) -> str:
        return f"{self.indicator} {self.year}年 {self.get_verdict_display()}"
