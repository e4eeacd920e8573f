"""Plans with their thresholds, the dictionary, indicators with targets; a change re-assesses in its transaction."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Prefetch, QuerySet
from django.forms.models import BaseInlineFormSet
from django.http import HttpRequest

from accounts.admin_site import (
    ModelFormBase,
    OnePlaceForm,
    ScopedAdmin,
    ScopedInline,
)
from accounts.models import User
from accounts.tables import TableAdmin
from indicators.admin.fields import FIGURES
from indicators.definitions import Promise, change_policy
from indicators.figures import FigureError, Operator
from indicators.models import Assessment, Indicator, Metric, MetricAlias, Target
from indicators.queries import figure_shown, target_shown
from indicators.reassess import reassess
from indicators.tables import IndicatorTable, MetricTable, PlanTable
from plans.admin import PLANNERS
from plans.models import AssessmentPolicy, Plan


@admin.register(Plan)
class PlanAdmin(TableAdmin):
    permissions = PLANNERS
    region_path = "region"
    resource_classes = (PlanTable,)
    table_related = ("region", "source")
    list_display = ("title", "region", "kind", "period", "source", "code")
    list_select_related = ("region", "source")
    list_filter = ("kind", ("region", admin.RelatedOnlyFieldListFilter), "end_year")
    search_fields = ("title", "short_title", "code")

    @admin.display(description="起止年", ordering="start_year")
    def period(self, plan: Plan) -> str:
        return str(plan.start_year) if plan.start_year == plan.end_year else f"{plan.start_year}～{plan.end_year}"

    def after_write(self, request: HttpRequest, rows: Sequence[Any]) -> None:
        """Other years make other verdicts, and take away those of years no longer in the plan."""
        for plan in rows:
            Assessment.objects.filter(indicator__plan=plan).exclude(year__in=plan.years).delete()
        reassess(Indicator.objects.filter(plan__in=rows))


class PolicyForm(OnePlaceForm):
    class Meta:
        model = AssessmentPolicy
        fields = ("plan", "mild_lag_from", "nearly_met_within")


@admin.register(AssessmentPolicy)
class PolicyAdmin(ScopedAdmin):
    permissions = PLANNERS
    formfield_overrides = FIGURES
    region_path = "plan__region"
    form = PolicyForm
    list_display = ("plan", "mild_lag", "nearly_met")
    list_select_related = ("plan",)

    @admin.display(description="轻度滞后下限", ordering="mild_lag_from")
    def mild_lag(self, policy: AssessmentPolicy) -> str:
        return figure_shown(policy.mild_lag_from, 2)

    @admin.display(description="基本完成容差", ordering="nearly_met_within")
    def nearly_met(self, policy: AssessmentPolicy) -> str:
        return f"{figure_shown(policy.nearly_met_within * 100, 1)}%"

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        return ("plan",) if obj else ()

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        saved = change_policy(
            plan=obj.plan,
            mild_lag_from=obj.mild_lag_from,
            nearly_met_within=obj.nearly_met_within,
            by=cast(User, request.user),
        )
        obj.pk = saved.pk

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        """Without a row of its own the plan goes back to the usual thresholds."""
        super().delete_model(request, obj)
        reassess(Indicator.objects.filter(plan_id=obj.plan_id))

    @transaction.atomic
    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        plans = list(queryset.values_list("plan", flat=True))
        super().delete_queryset(request, queryset)
        reassess(Indicator.objects.filter(plan__in=plans))


class AliasInline(ScopedInline):
    permissions = PLANNERS
    model = MetricAlias


@admin.register(Metric)
class MetricAdmin(TableAdmin):
    permissions = PLANNERS
    formfield_overrides = FIGURES
    resource_classes = (MetricTable,)
    table_related = ("theme", "numerator", "denominator")
    fieldsets = (
        (None, {"fields": ("code", "name", "unit", "theme", "direction", "definition", "is_ranked")}),
        (
            "由分子分母计算",
            {"fields": (("numerator_name", "denominator_name", "parts_factor"), ("numerator", "denominator"))},
        ),
    )
    list_display = ("name", "unit", "theme", "direction", "is_ranked", "code")
    list_select_related = ("theme",)
    list_filter = ("theme", "direction", "is_ranked")
    search_fields = ("name", "code", "aliases__name")
    inlines = (AliasInline,)


class TargetForm(ModelFormBase):
    """The first target of a year, as printed. A revision is made on the indicator's page, which says what it does."""

    class Meta:
        model = Target
        fields = ("year", "text", "is_band")

    def __init__(self, *args: Any, indicator: Indicator, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.indicator = indicator
        self.promise: Promise | None = None
        for field in self.fields.values():
            field.widget.attrs["aria-label"] = str(field.label)
        if "text" in self.fields:
            self.fields["text"].required = True
            self.fields["text"].help_text = "照文件原样填写，例如 55、≥55、35～40、应保尽保"
            self.fields["text"].widget.attrs.update({"size": "24", "class": ""})

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if self.errors:
            return data
        try:
            self.promise = Promise.read(data["text"], unit=self.indicator.unit)
        except FigureError as error:
            raise ValidationError({"text": str(error)}) from error
        if self.promise.operator != Operator.TEXT and self.promise.value is None:
            raise ValidationError({"text": "目标不能为空。"})
        if data["is_band"] and self.promise.operator != Operator.RANGE:
            raise ValidationError({"is_band": "只有区间目标可以设为不得超过上限。"})
        plan = self.indicator.plan if self.indicator.plan_id else None
        if plan and data["year"] not in plan.years:
            raise ValidationError({"year": f"年度应在{plan.start_year}～{plan.end_year}年之间。"})
        if self.indicator.pk and self.indicator.targets.filter(year=data["year"]).exists():
            raise ValidationError("这一年度已有目标。调整目标请到该指标的页面办理，原目标会保留。")
        return data

    def _post_clean(self) -> None:
        """Nothing is written into the row here: `save_formset` makes a first version of it."""


class TargetFormSet(BaseInlineFormSet):  # type: ignore[type-arg]
    def get_form_kwargs(self, index: int | None) -> dict[str, Any]:
        return {**super().get_form_kwargs(index), "indicator": self.instance}

    def clean(self) -> None:
        years = [form.cleaned_data["year"] for form in self.extra_forms if form.cleaned_data.get("year")]
        if len(set(years)) < len(years):
            raise ValidationError("同一年度只能填一个目标。")


class TargetInline(ScopedInline):
    """Targets in force and before; a new row adds a year's first target, no row is overwritten."""

    permissions = PLANNERS
    model = Target
    form = TargetForm
    formset = TargetFormSet
    extra = 1
    fields = ("year", "text", "is_band", "meaning", "version", "is_current", "counts_from", "who", "why")
    readonly_fields = ("meaning", "version", "is_current", "counts_from", "who", "why")
    verbose_name_plural = "目标值（在此新增年度；调整已有年度的目标，请到该指标的页面办理）"

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).select_related("revised_by", "indicator")

    @admin.display(description="调整人")
    def who(self, target: Target) -> str:
        return str(target.revised_by or "—")

    @admin.display(description="调整依据")
    def why(self, target: Target) -> str:
        return f"{target.reason}（{target.approval}）" if target.reason else "—"

    @admin.display(description="含义")
    def meaning(self, target: Target) -> str:
        return target_shown(target, decimals=target.indicator.decimals) if target.pk else "—"

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(Indicator)
class IndicatorAdmin(TableAdmin):
    permissions = PLANNERS
    formfield_overrides = FIGURES
    region_path = "plan__region"
    resource_classes = (IndicatorTable,)
    table_related = ("plan__region", "parent", "theme", "department", "metric")
    list_display = ("number", "label", "plan", "attribute", "kind", "baseline", "final_target", "department", "metric")
    list_display_links = ("number", "label")
    list_select_related = ("plan", "department", "metric")
    list_filter = (("plan", admin.RelatedOnlyFieldListFilter), "attribute", "kind", "origin", "theme")
    search_fields = ("number", "name", "printed_name")
    inlines = (TargetInline,)
    fieldsets = (
        (None, {"fields": ("plan", ("number", "order"), "name", "printed_name", "unit", "decimals", "theme")}),
        (
            "评价",
            {"fields": (("attribute", "kind", "direction"), ("baseline_year", "baseline_value", "baseline_text"))},
        ),
        ("结构", {"fields": ("origin", "parent", "is_group")}),
        ("填报核对", {"fields": (("hard_minimum", "hard_maximum", "change_limit"),)}),
        ("责任与出处", {"fields": ("department", "metric", "metric_note", "definition", "source_ref", "remark")}),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        in_force = Prefetch("targets", Target.objects.filter(is_current=True).order_by("year"), to_attr="in_force")
        return super().get_queryset(request).prefetch_related(in_force)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        return ("plan",) if obj else ()

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        field = super().formfield_for_foreignkey(db_field, request, **kwargs)
        if db_field.name == "parent":
            field.queryset = field.queryset.select_related("plan")
        return field

    @admin.display(description="指标", ordering="name")
    def label(self, indicator: Indicator) -> str:
        return indicator.label

    @admin.display(description="基期")
    def baseline(self, indicator: Indicator) -> str:
        if indicator.baseline_value is None:
            return indicator.baseline_text or "—"
        return f"{figure_shown(indicator.baseline_value, indicator.decimals)}（{indicator.baseline_year}）"

    @admin.display(description="现行目标")
    def final_target(self, indicator: Any) -> str:
        if not indicator.in_force:
            return "—"
        last = indicator.in_force[-1]
        return f"{target_shown(last, decimals=indicator.decimals)}（{last.year}）"

    def save_formset(self, request: HttpRequest, form: Any, formset: Any, change: bool) -> None:
        """First versions are added; nothing that is there is touched."""
        if formset.model is not Target:
            super().save_formset(request, form, formset, change)
            return
        formset.new_objects, formset.changed_objects, formset.deleted_objects = [], [], []
        for row in formset.extra_forms:
            if row.has_changed() and row.promise is not None:
                formset.new_objects.append(self._promised(row, form.instance))

    @staticmethod
    def _promised(row: TargetForm, indicator: Indicator) -> Target:
        data, promise = row.cleaned_data, cast(Promise, row.promise)
        return Target.objects.create(
            indicator=indicator,
            year=data["year"],
            operator=promise.operator,
            value=promise.value,
            upper=promise.upper,
            text=promise.text,
            is_band=data["is_band"],
        )

    def after_write(self, request: HttpRequest, rows: Sequence[Any]) -> None:
        """The whole plan, since a row above or once above may stand as the worst of the rows below it."""
        reassess(Indicator.objects.filter(plan__in={indicator.plan_id for indicator in rows}))

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        super().delete_model(request, obj)
        reassess(Indicator.objects.filter(plan_id=obj.plan_id))

    @transaction.atomic
    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        plans = set(queryset.order_by().values_list("plan", flat=True))
        super().delete_queryset(request, queryset)
        reassess(Indicator.objects.filter(plan__in=plans))
