"""Figures through the review: the same form, checks and moves as on the sheet; nothing else changes a figure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse, QueryDict
from django.template.response import TemplateResponse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from accounts.admin_site import (
    ModelFormBase,
    ReadOnly,
    ScopedAdmin,
    ScopedInline,
    demo_badge,
    in_reach,
)
from accounts.models import Person, User
from accounts.permissions import Permission
from indicators.forms import EntryForm
from indicators.models import Actual, ActualEvent, Indicator, State
from indicators.moves import MOVES, Move
from indicators.queries import actual_shown, figure_shown
from indicators.review import Refused, StaleVersion
from indicators.workflow import may_enter, move_actual, save_actual


class ActualForm(ModelFormBase):
    """One figure, read by the same form as on every other page; the workflow decides whether it is kept."""

    value = EntryForm.base_fields["value"]
    comparator = EntryForm.base_fields["comparator"]
    judgement = EntryForm.base_fields["judgement"]
    availability = EntryForm.base_fields["availability"]
    absence_reason = EntryForm.base_fields["absence_reason"]
    figure_kind = EntryForm.base_fields["figure_kind"]
    note = forms.CharField(label="说明", required=False, max_length=2000, widget=forms.Textarea(attrs={"rows": 4}))
    version = forms.IntegerField(required=False, widget=forms.HiddenInput)

    class Meta:
        model = Actual
        fields = ("indicator", "year", "judgement", "availability", "absence_reason", "figure_kind", "note")

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
                {name: self.data.get(name, "") for name in EntryForm.base_fields if name in self.fields},
                indicator=indicator,
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
    fields = (
        *("indicator", "year", "value", "comparator", "judgement", "availability", "absence_reason", "figure_kind"),
        *("note", "version"),
    )

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
        return (
            *self.SHOWN,
            "comparator",
            "judgement",
            "availability",
            "absence_reason",
            "note",
            "approved",
            "approved_at",
        )

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
        versions = {actual: request.POST.get(f"version-{actual.pk}", "") for actual in actuals}
        if not all(version.isdecimal() for version in versions.values()):
            raise PermissionDenied
        done = 0
        for actual, version in versions.items():
            try:
                move_actual(actual=actual, move=move, by=cast(User, request.user), version=int(version), note=note)
                done += 1
            except Refused as refusal:
                self.message_user(request, str(refusal), messages.ERROR)
        if done:
            self.message_user(request, f"已{move.label}{done}项数据。", messages.SUCCESS)
        return None
