"""Plans with their thresholds, the dictionary, indicators with targets, and figures through the review.

What is changed here re-assesses in the same transaction; a figure changes only through `indicators.workflow`.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any, cast

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import models, transaction
from django.db.models import Prefetch, Q, QuerySet
from django.forms.models import BaseInlineFormSet
from django.http import HttpRequest, HttpResponse, QueryDict
from django.template.response import TemplateResponse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from accounts.admin_site import (
    Column,
    ModelFormBase,
    OnePlaceForm,
    ReadOnly,
    Related,
    ScopedAdmin,
    ScopedInline,
    Table,
    TableAdmin,
    Words,
    demo_badge,
    in_reach,
    text_of,
)
from accounts.models import Department, Person, Region, User
from accounts.permissions import Permission
from indicators.definitions import Promise, change_policy, revise_target
from indicators.figures import FigureError, Operator, format_figure, parse_actual
from indicators.forms import EntryForm
from indicators.models import Actual, ActualEvent, Assessment, Indicator, Metric, MetricAlias, State, Target
from indicators.moves import MOVES, Move
from indicators.queries import actual_shown, places_of, target_shown
from indicators.reassess import reassess
from indicators.workflow import Refused, StaleVersion, may_enter, move_actual, save_actual
from plans.admin import PLANNERS, sources_within
from plans.models import AssessmentPolicy, Plan, Source, Theme


def figure_shown(value: Decimal | None, decimals: int = 0) -> str:
    """A stored value without its trailing zeros, but with the decimals asked for."""
    return "—" if value is None else format_figure(value, decimals=max(decimals, places_of(value)))


class FigureField(forms.DecimalField):
    """A number in a form of the back office, read by the portal's one parser and shown without trailing zeros."""

    widget = forms.TextInput

    def to_python(self, value: Any) -> Any:
        try:
            return parse_actual(str(value or "")).value
        except FigureError as error:
            raise ValidationError(str(error)) from error

    def prepare_value(self, value: Any) -> Any:
        return text_of(value) if isinstance(value, Decimal) else value

    def has_changed(self, initial: Any, data: Any) -> bool:
        try:
            return bool(initial != self.to_python(data))
        except ValidationError:
            return True


FIGURES: Any = {models.DecimalField: {"form_class": FigureField}}


# ---- Files


class FigureCell(Words):
    """A number as the portal's one parser reads it; a stated absence such as “/” empties it."""

    def clean(self, value: Any, row: Any = None, **kwargs: Any) -> Decimal | None:
        try:
            return parse_actual(text_of(value)).value
        except FigureError as error:
            raise ValueError(str(error)) from error

    def render(self, value: Any, obj: Any = None, **kwargs: Any) -> Any:
        return "" if value is None else Decimal(text_of(value))


class FigureTable(Table):
    """A file with figures in it."""

    @classmethod
    def widget_of(cls, field: Any) -> Any:
        return FigureCell() if isinstance(field, models.DecimalField) else super().widget_of(field)


def plan_column() -> Column:
    """规划代码: the plans this person manages."""
    return Column(
        "plan",
        "规划代码",
        Related(lambda by: Plan.objects.visible_to(by, Permission.PLAN), key=lambda plan: plan.code),
    )


def theme_column() -> Column:
    return Column("theme", "业务领域", Related(lambda by: Theme.objects.all(), key=lambda theme: theme.name))


def department_column() -> Column:
    """责任科室, by its name within the bureau of the row's plan."""
    return Column("department", "责任科室", DepartmentOfPlan())


class DepartmentOfPlan(Related):
    def __init__(self) -> None:
        super().__init__(self._rows, key=lambda department: department.name)

    @staticmethod
    def _rows(by: Person) -> QuerySet[Department]:
        return Department.objects.filter(in_reach(by, PLANNERS, "region__"))

    def clean(self, value: Any, row: Any = None, **kwargs: Any) -> Department | None:
        text = text_of(value)
        if not text:
            return None
        if self._known is None:
            regions: dict[int, list[str]] = {}
            for code, region in Plan.objects.visible_to(self.by, Permission.PLAN).values_list("code", "region"):
                regions.setdefault(region, []).append(code)
            self._known = {
                (code, department.name): department
                for department in self._rows(self.by)
                for code in regions.get(department.region_id, ())
            }
        found = self._known.get((text_of((row or {}).get("规划代码")), text))
        if found is None:
            raise ValueError("没有这一项，或不在您的权限范围内。")
        return cast(Department, found)


class PlanTable(FigureTable):
    region = Column(
        "region",
        "区划代码",
        Related(lambda by: Region.objects.visible_to(by, Permission.PLAN), key=lambda region: region.code),
    )
    source = Column(
        "source",
        "来源代码",
        Related(lambda by: sources_within(Source.objects.all(), by), key=lambda source: source.code),
    )

    class Meta:
        model = Plan
        import_id_fields = ("code",)
        fields = ("code", "title", "short_title", "kind", "region", "start_year", "end_year", "source", "remark")


class MetricTable(FigureTable):
    theme = theme_column()

    class Meta:
        model = Metric
        import_id_fields = ("code",)
        fields = ("code", "name", "unit", "theme", "direction", "definition")


class ParentCell(Words):
    """The number of the row's parent in the same plan; read row by row, since it may stand in the same file."""

    def clean(self, value: Any, row: Any = None, **kwargs: Any) -> Indicator | None:
        number, plan = text_of(value), text_of((row or {}).get("规划代码"))
        if not number:
            return None
        by = kwargs.get("user")
        found = Indicator.objects.visible_to(cast(User, by), Permission.PLAN).filter(plan__code=plan, number=number)
        parent = found.first()
        if parent is None:
            raise ValueError("本规划没有这一序号的指标。")
        return parent

    def render(self, value: Any, obj: Any = None, **kwargs: Any) -> str:
        return "" if value is None else value.number


class IndicatorTable(FigureTable):
    plan = plan_column()
    parent = Column("parent", "上级指标序号", ParentCell())
    theme = theme_column()
    department = department_column()
    metric = Column("metric", "指标库代码", Related(lambda by: Metric.objects.all(), key=lambda metric: metric.code))

    class Meta:
        model = Indicator
        import_id_fields = ("plan", "number")
        fields = (
            "plan",
            "number",
            "order",
            "origin",
            "parent",
            "is_group",
            "name",
            "printed_name",
            "unit",
            "theme",
            "attribute",
            "kind",
            "direction",
            "decimals",
            "baseline_year",
            "baseline_value",
            "baseline_text",
            "hard_minimum",
            "hard_maximum",
            "change_limit",
            "department",
            "metric",
            "metric_note",
            "definition",
            "source_ref",
            "remark",
        )


# ---- Plans and thresholds


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


# ---- Dictionary and indicators


class AliasInline(ScopedInline):
    permissions = PLANNERS
    model = MetricAlias


@admin.register(Metric)
class MetricAdmin(TableAdmin):
    permissions = PLANNERS
    resource_classes = (MetricTable,)
    table_related = ("theme",)
    list_display = ("name", "unit", "theme", "direction", "code")
    list_select_related = ("theme",)
    list_filter = ("theme", "direction")
    search_fields = ("name", "code", "aliases__name")
    inlines = (AliasInline,)


class TargetForm(ModelFormBase):
    """A target as printed. For a year that has one already it is a revision, with reason and approval number."""

    class Meta:
        model = Target
        fields = ("year", "text", "is_band", "reason", "approval_number")

    def __init__(self, *args: Any, indicator: Indicator, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.indicator = indicator
        self.promise: Promise | None = None
        self.is_revision = False
        if "text" in self.fields:
            self.fields["text"].required = True
            self.fields["text"].help_text = "照文件原样填写，例如 55、≥55、35～40、应保尽保"
            self.fields["reason"].help_text = "调整已有年度的目标时填写"
            self.fields["approval_number"].help_text = "调整已有年度的目标时填写"
            for name, size in (("text", "24"), ("reason", "18"), ("approval_number", "14")):
                self.fields[name].widget.attrs.update({"size": size, "class": ""})

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
        year = data["year"]
        self.is_revision = bool(self.indicator.pk) and self.indicator.targets.filter(year=year).exists()
        if self.is_revision and not (data["reason"] and data["approval_number"]):
            raise ValidationError("这一年度已有目标。调整目标要写明理由和批准文号，原目标仍会保留。")
        return data

    def _post_clean(self) -> None:
        """Nothing is written into the row here: `save_formset` makes a first version or a revision of it."""


class TargetFormSet(BaseInlineFormSet):  # type: ignore[type-arg]
    def get_form_kwargs(self, index: int | None) -> dict[str, Any]:
        return {**super().get_form_kwargs(index), "indicator": self.instance}

    def clean(self) -> None:
        years = [form.cleaned_data["year"] for form in self.extra_forms if form.cleaned_data.get("year")]
        if len(set(years)) < len(years):
            raise ValidationError("同一年度只能填一个目标。")


class TargetInline(ScopedInline):
    """Targets in force and before; a new row adds a year's target or revises it, no row is overwritten."""

    permissions = PLANNERS
    model = Target
    form = TargetForm
    formset = TargetFormSet
    extra = 1
    fields = ("year", "text", "is_band", "reason", "approval_number", "meaning", "version", "is_current", "who")
    readonly_fields = ("meaning", "version", "is_current", "who")
    verbose_name_plural = "目标值（新增年度，或填理由与文号调整已有年度）"

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).select_related("revised_by", "indicator")

    @admin.display(description="调整人")
    def who(self, target: Target) -> str:
        return str(target.revised_by or "—")

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
        """First versions are added; a target for a year that has one goes through `revise_target`."""
        if formset.model is not Target:
            super().save_formset(request, form, formset, change)
            return
        formset.new_objects, formset.changed_objects, formset.deleted_objects = [], [], []
        for row in formset.extra_forms:
            if not row.has_changed() or row.promise is None:
                continue
            formset.new_objects.append(self._promised(row, form.instance, cast(User, request.user)))

    @staticmethod
    def _promised(row: TargetForm, indicator: Indicator, by: User) -> Target:
        data, promise = row.cleaned_data, cast(Promise, row.promise)
        if row.is_revision:
            target = revise_target(
                indicator=indicator,
                year=data["year"],
                promise=promise,
                reason=data["reason"],
                approval_number=data["approval_number"],
                by=by,
            )
            if data["is_band"]:
                Target.objects.filter(pk=target.pk).update(is_band=True)
            return target
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


# ---- Figures


class ActualForm(ModelFormBase):
    """One figure, read by the same form as on every other page; the workflow decides whether it is kept."""

    value = EntryForm.base_fields["value"]
    comparator = EntryForm.base_fields["comparator"]
    judgement = EntryForm.base_fields["judgement"]
    availability = EntryForm.base_fields["availability"]
    figure_kind = EntryForm.base_fields["figure_kind"]
    note = forms.CharField(label="说明", required=False, max_length=2000, widget=forms.Textarea(attrs={"rows": 4}))
    version = forms.IntegerField(required=False, widget=forms.HiddenInput)

    class Meta:
        model = Actual
        fields = ("indicator", "year", "judgement", "availability", "figure_kind", "note")

    refusal: Refused | None = None  # set on the class that ActualAdmin makes for one request

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.entry_form: EntryForm | None = None
        row = self.instance
        if row.pk:
            self.initial["value"] = row.text or ("" if row.value is None else figure_shown(row.value))
            self.initial["comparator"] = "" if row.comparator is None else figure_shown(row.comparator)
        else:
            self.initial["availability"] = ""
        if isinstance(self.refusal, StaleVersion) and self.is_bound:
            # What was typed stays; saving once more is the choice for it.
            current = self.refusal.current
            self.data = cast(QueryDict, self.data).copy()
            self.data["version"] = str(current.version) if current else ""

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        indicator = data.get("indicator") or (self.instance.indicator if self.instance.pk else None)
        if indicator is not None:
            self.entry_form = EntryForm(
                {name: self.data.get(name, "") for name in EntryForm.base_fields}, indicator=indicator
            )
            for name, errors in self.entry_form.errors.items():
                for error in errors:
                    self.add_error(None if name == "__all__" else name, error)
        if self.refusal is not None:
            self.add_error(None, refusal_text(self.refusal))
        return data

    def _post_clean(self) -> None:
        """The row is written by the workflow alone."""


def refusal_text(refusal: Refused) -> str:
    """Why the workflow refused; after a change by somebody else also what stands there now."""
    if isinstance(refusal, StaleVersion) and refusal.current is not None:
        now = actual_shown(refusal.current, decimals=refusal.current.indicator.decimals)
        return f"{refusal}现有数据为“{now}”，您填的仍在下面：再次保存即以您填的为准，离开本页则保留现有数据。"
    return str(refusal)


class EventInline(ReadOnly, ScopedInline):
    permissions = (Permission.ENTER, Permission.REVIEW)
    model = ActualEvent
    fields = ("at", "who", "step", "state", "figure", "note")
    readonly_fields = fields
    can_delete = False

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).select_related("by")

    @admin.display(description="操作人")
    def who(self, event: ActualEvent) -> str:
        return str(event.by)

    @admin.display(description="操作")
    def step(self, event: ActualEvent) -> str:
        return str(Move(event.move).label)

    @admin.display(description="实际值")
    def figure(self, event: ActualEvent) -> str:
        if event.value is None:
            return str(event.get_judgement_display() or event.get_availability_display())
        return figure_shown(event.value)


@admin.register(Actual)
class ActualAdmin(ScopedAdmin):
    """Figures for those who enter and review them. Nothing is deleted; every change is a move of the workflow."""

    permissions = (Permission.ENTER, Permission.REVIEW)
    form = ActualForm
    SHOWN = ("row", "plan", "year", "figure", "state_shown", "figure_kind", "entered")
    list_display = (*SHOWN, demo_badge)
    list_display_links = ("row",)
    list_select_related = ("indicator__plan", "entered_by")
    list_filter = ("state", "year", ("indicator__plan", admin.RelatedOnlyFieldListFilter), "is_demo")
    search_fields = ("indicator__name", "indicator__number")
    actions = ("submit", "approve", "send_back", "reopen")
    inlines = (EventInline,)
    fields = ("indicator", "year", "value", "comparator", "judgement", "availability", "figure_kind", "note", "version")

    def within(self, rows: QuerySet[Any], user: Person, permissions: Sequence[Permission]) -> QuerySet[Any]:
        entered = Q(indicator__in=Indicator.objects.enterable_by(user))
        return rows.filter(entered | in_reach(user, (Permission.REVIEW,), "indicator__plan__region__"))

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        if obj is None:
            return self.allows(request)
        return self.within(Actual.objects.filter(pk=obj.pk), request.user, self.permissions).exists()

    def has_add_permission(self, request: HttpRequest) -> bool:
        return self.has_enter_permission(request)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Who enters the figure. A locked one is shown for reading; a late save of it gets the workflow's answer."""
        if obj is None:
            return self.has_enter_permission(request)
        is_open = request.method == "POST" or State(obj.state) in MOVES[Move.SAVE].origins
        return is_open and may_enter(cast(User, request.user), obj.indicator)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_enter_permission(self, request: HttpRequest) -> bool:
        return cast(User, request.user).can(Permission.ENTER)

    def has_review_permission(self, request: HttpRequest) -> bool:
        return cast(User, request.user).can(Permission.REVIEW)

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        if obj is None or self.has_change_permission(request, obj):
            return self.fields if obj is None else ("row", *self.fields[1:])
        return (*self.SHOWN, "comparator", "judgement", "availability", "note", "approved", "approved_at")

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        if obj is None:
            return ()
        return ("row", "year") if self.has_change_permission(request, obj) else self.get_fields(request, obj)

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        made = super().get_form(request, obj, change=change, **kwargs)
        return type(made.__name__, (made,), {"refusal": getattr(request, "refusal", None)})

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name == "indicator":
            rows = Indicator.objects.enterable_by(cast(User, request.user)).filter(is_group=False)
            kwargs["queryset"] = rows.select_related("plan")
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def changeform_view(
        self, request: HttpRequest, object_id: Any = None, form_url: str = "", extra_context: Any = None
    ) -> Any:
        """A refusal of the workflow undoes the transaction and comes back as a message in the form, typing kept."""
        try:
            return super().changeform_view(request, object_id, form_url, extra_context)
        except Refused as refusal:
            request.refusal = refusal  # type: ignore[attr-defined]
            return super().changeform_view(request, object_id, form_url, extra_context)

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        indicator = obj.indicator if change else form.cleaned_data["indicator"]
        saved = save_actual(
            indicator=indicator,
            year=obj.year if change else form.cleaned_data["year"],
            entry=form.entry_form.entry,
            by=cast(User, request.user),
            version=form.cleaned_data["version"],
        )
        obj.indicator = indicator
        for field in Actual._meta.concrete_fields:
            setattr(obj, field.attname, getattr(saved, field.attname))

    def record(self, request: HttpRequest, action: str, obj: Any) -> None:
        """The workflow has written the line already."""

    @admin.display(description="指标", ordering="indicator__order")
    def row(self, actual: Actual) -> str:
        return str(actual.indicator)

    @admin.display(description="填报人", ordering="entered_by")
    def entered(self, actual: Actual) -> str:
        return str(actual.entered_by or "—")

    @admin.display(description="审核人")
    def approved(self, actual: Actual) -> str:
        return str(actual.approved_by or "—")

    @admin.display(description="规划", ordering="indicator__plan")
    def plan(self, actual: Actual) -> str:
        return str(actual.indicator.plan)

    @admin.display(description="实际值")
    def figure(self, actual: Actual) -> str:
        shown = actual_shown(actual, decimals=actual.indicator.decimals)
        return shown if actual.value is None else f"{shown}{actual.indicator.unit}"

    @admin.display(description="状态", ordering="state")
    def state_shown(self, actual: Actual) -> SafeString:
        return format_html('<span class="badge state-{}">{}</span>', actual.state, actual.get_state_display())

    @admin.action(description="提交所选数据", permissions=["enter"])
    def submit(self, request: HttpRequest, queryset: QuerySet[Any]) -> HttpResponse | None:
        return self._move(request, queryset, Move.SUBMIT, "submit")

    @admin.action(description="通过所选数据", permissions=["review"])
    def approve(self, request: HttpRequest, queryset: QuerySet[Any]) -> HttpResponse | None:
        return self._move(request, queryset, Move.APPROVE, "approve")

    @admin.action(description="退回所选数据（写明理由）", permissions=["review"])
    def send_back(self, request: HttpRequest, queryset: QuerySet[Any]) -> HttpResponse | None:
        return self._move(request, queryset, Move.RETURN, "send_back")

    @admin.action(description="重开已审核数据（写明理由）", permissions=["review"])
    def reopen(self, request: HttpRequest, queryset: QuerySet[Any]) -> HttpResponse | None:
        return self._move(request, queryset, Move.REOPEN, "reopen")

    def _move(self, request: HttpRequest, rows: QuerySet[Any], move: Move, action: str) -> HttpResponse | None:
        """Show what is about to be moved; once confirmed, move each on the version that was shown."""
        note = request.POST.get("note", "").strip()
        actuals = list(rows.select_related("indicator__plan", "entered_by"))
        if "confirm" not in request.POST or (MOVES[move].needs_note and not note):
            context = {
                **self.admin_site.each_context(request),
                "title": f"{move.label}{len(actuals)}项数据",
                "opts": self.opts,
                "rows": [
                    {"actual": actual, "plan": actual.indicator.plan, "figure": self.figure(actual)}
                    for actual in actuals
                ],
                "move": move,
                "action": action,
                "needs_note": MOVES[move].needs_note,
                "error": f"{move.label}要写明理由。" if "confirm" in request.POST else "",
            }
            return TemplateResponse(request, "admin/move.html", context)
        done = 0
        for actual in actuals:
            version = request.POST.get(f"version-{actual.pk}", "")
            try:
                if not version.isdigit():
                    raise PermissionDenied
                move_actual(actual=actual, move=move, by=cast(User, request.user), version=int(version), note=note)
                done += 1
            except Refused as refusal:
                self.message_user(request, str(refusal), messages.ERROR)
        if done:
            self.message_user(request, f"已{move.label}{done}项数据。", messages.SUCCESS)
        return None
