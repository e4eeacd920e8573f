"""What the engine finds, stored for each indicator and year."""

from __future__ import annotations

from datetime import date

from django.db import models
from django.db.models import Q

from accounts.models import Person, regions_where
from accounts.permissions import Permission
from indicators.models.definitions import Indicator
from indicators.models.rulings import Exclusion, Override
from indicators.models.words import LIGHT_WORDS, words_of
from indicators.verdicts import SHORT_LIGHTS, VERDICT_LIGHTS, VERDICT_WORDS, Light, Verdict, engine_says


class AssessmentQuerySet(models.QuerySet["Assessment"]):
    def visible_to(self, user: Person, permission: Permission = Permission.SEE) -> AssessmentQuerySet:
        """Assessments rest on approved figures only, so who may see the plan may see them."""
        return self.filter(regions_where(user, permission, "indicator__plan__region__"))

    def with_rulings(self) -> AssessmentQuerySet:
        """With what planners ruled and who they are, in the same query."""
        return self.select_related("override__by", "exclusion__by")

    def shown_in(self, *lights: Light, on: date) -> AssessmentQuerySet:
        """Those shown in one of these lights on a day: `queries.shown_verdict_of` as a condition."""
        shown = Q(light__in=lights) & (~Q(light__in=SHORT_LIGHTS) | Q(year__lt=on.year))
        if Light.GREY in lights:
            shown |= Q(light__in=SHORT_LIGHTS, year__gte=on.year)
        return self.filter(shown)

    def shown_as(self, verdict: Verdict, *, on: date) -> AssessmentQuerySet:
        """Those shown under this verdict on a day: `queries.shown_verdict_of` as a condition."""
        short = Q(verdict=Verdict.UNREPORTED) | Q(light__in=SHORT_LIGHTS)
        if verdict is Verdict.NOT_DUE:
            return self.filter(short, year__gte=on.year)
        return self.filter(~short | Q(year__lt=on.year), verdict=verdict)


class Assessment(models.Model):
    """评价: what the engine finds for one indicator and year, from approved figures. Shares are shares, not percent.

    `verdict` and `light` are those in force. Where a planner ruled otherwise, the ruling is named and the engine's own
    finding stays in `engine_verdict`; `reason` and the figures are the engine's throughout.
    """

    indicator = models.ForeignKey(Indicator, models.CASCADE, related_name="assessments", verbose_name="指标")
    year = models.PositiveSmallIntegerField("年度")
    verdict = models.CharField("结论", max_length=15, choices=words_of(VERDICT_WORDS))
    light = models.CharField("灯色", max_length=6, choices=words_of(LIGHT_WORDS))
    engine_verdict = models.CharField(
        "系统评价", max_length=15, choices=words_of(VERDICT_WORDS), blank=True, help_text="仅在由人另行认定时保留"
    )
    # restricted, not protected: an indicator takes its assessments and its rulings away together
    override = models.ForeignKey(
        Override, models.RESTRICT, null=True, blank=True, related_name="+", verbose_name="人工评价"
    )
    exclusion = models.ForeignKey(
        Exclusion, models.RESTRICT, null=True, blank=True, related_name="+", verbose_name="不参与评价"
    )
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
            models.CheckConstraint(
                name="engine_verdict_stays_where_a_person_ruled",
                condition=Q(override__isnull=True, exclusion__isnull=True, engine_verdict="")
                | (
                    (
                        Q(override__isnull=False, exclusion__isnull=True)
                        | Q(override__isnull=True, exclusion__isnull=False)
                    )
                    & ~Q(engine_verdict="")
                ),
            ),
        )

    def __str__(self) -> str:
        return f"{self.indicator} {self.year}年 {self.get_verdict_display()}"

    @property
    def found(self) -> Verdict:
        """What the engine says, whoever ruled otherwise."""
        return Verdict(self.engine_verdict or self.verdict)

    @property
    def engine_said(self) -> str:
        """What the engine says, to stand under the verdict in force; empty where no planner ruled otherwise."""
        return engine_says(Verdict(self.engine_verdict)) if self.engine_verdict else ""

    @property
    def ruling(self) -> Override | Exclusion | None:
        """The planner's word that is in force instead of the engine's."""
        return self.override or self.exclusion
