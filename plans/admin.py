"""Documents, sections, rounds and themes. Plans themselves stand in indicators/admin.py, for what rests on them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.contrib import admin
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest
from django.utils import timezone

from accounts.admin import PEOPLE, is_superuser
from accounts.admin_site import ReadOnly, ScopedAdmin, ScopedInline, demo_badge, in_reach
from accounts.models import Department, Person
from accounts.permissions import Permission
from plans.models import Plan, Reminder, Round, RoundExtension, Section, Source, Theme

PLANNERS = (Permission.PLAN,)


@admin.register(Theme)
class ThemeAdmin(ScopedAdmin):
    """One list for everybody, so only a superuser changes it."""

    permissions = PEOPLE
    list_display = ("order", "name", "code")
    list_display_links = ("name",)
    search_fields = ("name", "code")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return is_superuser(request)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return is_superuser(request)


def sources_within(rows: QuerySet[Source], user: Person) -> QuerySet[Source]:
    """The documents of the plans this person manages, and those no plan rests on yet."""
    theirs = Plan.objects.visible_to(user, Permission.PLAN)
    return rows.filter(Q(pk__in=theirs.values("source")) | ~Q(pk__in=Plan.objects.values("source")))


@admin.register(Source)
class SourceAdmin(ScopedAdmin):
    """The documents of one's own plans, and those no plan rests on yet."""

    permissions = PLANNERS
    list_display = ("title", "publisher", "published_on", "document_number", "is_excerpt", "plans_of_it")
    list_filter = ("is_excerpt", "publisher")
    search_fields = ("title", "publisher", "code", "document_number")

    def within(self, rows: QuerySet[Any], user: Person, permissions: Sequence[Permission]) -> QuerySet[Any]:
        return sources_within(rows, user)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        rows: QuerySet[Any] = super().get_queryset(request).annotate(plan_count=Count("plans"))
        return rows

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """A document on which another region's plan rests too is not changed under it."""
        if obj is None:
            return self.allows(request)
        return self.allows(request) and not obj.plans.exclude(in_reach(request.user, PLANNERS, "region__")).exists()

    @admin.display(description="规划数", ordering="plan_count")
    def plans_of_it(self, source: Any) -> int:
        return int(source.plan_count)


@admin.register(Section)
class SectionAdmin(ScopedAdmin):
    permissions = PLANNERS
    region_path = "plan__region"
    list_display = ("number", "title", "plan", "parent", "order", "source_ref")
    list_display_links = ("number", "title")
    list_select_related = ("plan", "parent")
    list_filter = (("plan", admin.RelatedOnlyFieldListFilter),)
    search_fields = ("number", "title")


class ExtensionInline(ScopedInline):
    """Who allows an extension is who adds it."""

    permissions = PLANNERS
    model = RoundExtension
    readonly_fields = ("allowed_by", "allowed_at")

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name == "department" and (round_ := getattr(request, "round_shown", None)):
            kwargs["queryset"] = Department.objects.filter(region_id=round_.plan.region_id)
        return super().formfield_for_foreignkey(db_field, request, **kwargs)


@admin.register(Round)
class RoundAdmin(ScopedAdmin):
    permissions = PLANNERS
    region_path = "plan__region"
    list_display = ("plan", "year", "state", "opens_on", "due_on", demo_badge)
    list_display_links = ("plan", "year")
    list_select_related = ("plan",)
    list_filter = (("plan", admin.RelatedOnlyFieldListFilter), "year")
    inlines = (ExtensionInline,)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).prefetch_related("extensions")

    def get_inline_instances(self, request: HttpRequest, obj: Any = None) -> list[Any]:
        request.round_shown = obj  # type: ignore[attr-defined]  # the inline offers this bureau's departments
        return super().get_inline_instances(request, obj)

    def save_formset(self, request: HttpRequest, form: Any, formset: Any, change: bool) -> None:
        for extension in formset.save(commit=False):
            if extension.pk is None:
                extension.allowed_by = request.user
        super().save_formset(request, form, formset, change)

    @admin.display(description="状态")
    def state(self, row: Round) -> str:
        return str(row.state(on=timezone.localdate()).label)


@admin.register(Reminder)
class ReminderAdmin(ReadOnly, ScopedAdmin):
    """What was mailed to whom, and what did not go out."""

    permissions = PLANNERS
    region_path = "round__plan__region"
    list_display = ("tried_at", "round", "recipient", "deadline", "sent_by", "sent_at", "error", demo_badge)
    list_display_links = ("tried_at", "round")
    list_select_related = ("round__plan", "recipient", "sent_by")
    list_filter = (("round__plan", admin.RelatedOnlyFieldListFilter), "round__year")
    search_fields = ("recipient__display_name", "recipient__username")
