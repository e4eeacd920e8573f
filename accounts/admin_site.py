"""The back office: Django's admin with access by role, rows by region, and tables that come in and go out as files.

Nothing here uses the staff flag or Django's model permissions. A page names the portal's permissions that open it
(`Scoped.permissions`) and how its rows reach their region (`region_path`); the rest follows from these two.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any, ClassVar, cast
from urllib.parse import urlencode

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db import models
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.views.decorators.cache import never_cache

from accounts.models import Department, Person, Region, User, record_audit, regions_where
from accounts.permissions import BACK_OFFICE, Permission

if TYPE_CHECKING:
    ModelAdminBase = admin.ModelAdmin[Any]
    InlineBase = admin.TabularInline[Any, Any]
    ModelFormBase = forms.ModelForm[Any]
else:
    ModelAdminBase, InlineBase, ModelFormBase = admin.ModelAdmin, admin.TabularInline, forms.ModelForm


def holds(user: Person, permission: Permission, region: Region | None = None) -> bool:
    """Whether the back office grants this: by role, or people and settings (never business data) to a superuser."""
    if not isinstance(user, User) or not user.is_active:
        return False
    return (user.is_superuser and permission == Permission.MANAGE_PEOPLE) or user.can(permission, region)


def in_reach(user: Person, permissions: Iterable[Permission], path: str) -> Q:
    """A condition for the rows whose region grants one of the permissions; see `regions_where`."""
    condition = Q(pk__in=())
    for permission in permissions:
        if isinstance(user, User) and user.is_superuser and permission == Permission.MANAGE_PEOPLE:
            return Q()
        condition |= regions_where(user, permission, path)
    return condition


class Site(admin.AdminSite):
    """The admin under the portal's name, opened by role, with the portal's own sign-in."""

    site_header = "民政规划监测平台 · 后台管理"
    site_title = "后台管理"
    index_title = "后台管理"
    enable_nav_sidebar = True

    def has_permission(self, request: HttpRequest) -> bool:
        return any(holds(request.user, permission) for permission in BACK_OFFICE)

    def admin_view(self, view: Any, cacheable: bool = False) -> Any:
        """Nobody is sent to sign in; somebody without a role is refused here, instead of going round in a circle."""
        guarded = super().admin_view(view, cacheable)

        def refusing(request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
            if request.user.is_authenticated and not self.has_permission(request):
                raise PermissionDenied
            return guarded(request, *args, **kwargs)

        refusing.__dict__.update(guarded.__dict__)
        return refusing

    @method_decorator(never_cache)
    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """The portal's sign-in page; who is already in goes on to the index, or is refused."""
        if self.has_permission(request):
            return HttpResponseRedirect(reverse("admin:index", current_app=self.name))
        if request.user.is_authenticated:
            raise PermissionDenied
        after = request.GET.get("next") or reverse("admin:index", current_app=self.name)
        return HttpResponseRedirect(f"{reverse('login')}?{urlencode({'next': after})}")

    login.login_required = False  # type: ignore[attr-defined]

    def get_app_list(self, request: HttpRequest, app_label: str | None = None) -> list[Any]:
        """The apps in the order of the house, with the tokens among the people they belong to."""
        if app_label is not None:
            return super().get_app_list(request, app_label)
        found = {entry["app_label"]: entry for entry in super().get_app_list(request)}
        tokens = found.pop("authtoken", None)
        if tokens and "accounts" in found:
            found["accounts"]["models"] += tokens["models"]
        order = ("indicators", "projects", "plans", "accounts")
        known = [found.pop(label) for label in order if label in found]
        return known + list(found.values())


# ---- Rows by region


def _line_above(row: Any) -> set[int]:
    """The keys of a row and of everything above it."""
    found: set[int] = set()
    while row is not None and row.pk not in found:
        found.add(row.pk)
        row = row.parent
    return found


class OnePlaceForm(ModelFormBase):
    """A row's section, parent and department belong to the plan the row belongs to."""

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if self.instance.pk and self.instance.pk in _line_above(data.get("parent")):
            self.add_error("parent", "上级不能是本行或其下级。")
        plan = data.get("plan") or (getattr(self.instance, "plan", None) if hasattr(self.instance, "plan_id") else None)
        if plan is None:
            return data
        for name, value in list(data.items()):
            if isinstance(value, Department) and value.region_id != plan.region_id:
                self.add_error(name, "不是本规划所在地区的科室。")
            elif isinstance(value, models.Model) and getattr(value, "plan_id", plan.pk) != plan.pk:
                self.add_error(name, "不属于同一规划。")
        return data


class Scoped:
    """What a page of the admin and its inlines share: permission by role, relation choices by region."""

    permissions: ClassVar[tuple[Permission, ...]]
    region_path: ClassVar[str | None] = None  # from a row to its region: "plan__region", "" itself; None: it has none
    admin_site: Any
    model: Any

    def allows(self, request: HttpRequest, region: Region | None = None) -> bool:
        """Whether one of the page's permissions is held: in this region, or anywhere when none is named."""
        return any(holds(request.user, permission, region) for permission in self.permissions)

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        kwargs.setdefault("queryset", self.choices_of(db_field, request))
        return super().formfield_for_foreignkey(db_field, request, **kwargs)  # type: ignore[misc]

    def formfield_for_manytomany(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        kwargs.setdefault("queryset", self.choices_of(db_field, request))
        return super().formfield_for_manytomany(db_field, request, **kwargs)  # type: ignore[misc]

    def choices_of(self, db_field: Any, request: HttpRequest) -> QuerySet[Any] | None:
        """The rows of a relation that this person may choose from."""
        related = self.admin_site._registry.get(db_field.related_model)
        if not isinstance(related, ScopedAdmin):
            return None
        return related.within(db_field.related_model._default_manager.all(), request.user, self.permissions)


class ScopedAdmin(Scoped, ModelAdminBase):
    """A page of the admin whose rows are those of the person's regions."""

    form: type[forms.ModelForm[Any]] = OnePlaceForm
    list_per_page = 50
    show_full_result_count = False

    def within(self, rows: QuerySet[Any], user: Person, permissions: Sequence[Permission]) -> QuerySet[Any]:
        """Those of the rows that lie in the regions where the person holds one of the permissions."""
        if self.region_path is None:
            return rows
        return rows.filter(in_reach(user, permissions, f"{self.region_path}__" if self.region_path else ""))

    def region_of(self, obj: Any) -> Region | None:
        """The region a row belongs to; None for rows that belong to no region."""
        if self.region_path is None:
            return None
        for name in filter(None, self.region_path.split("__")):
            obj = getattr(obj, name)
        return cast(Region, obj)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return self.within(super().get_queryset(request), request.user, self.permissions)

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        title = {"title": self.opts.verbose_name_plural}
        return super().changelist_view(request, {**title, **(extra_context or {})})

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest) -> bool:
        """The filters of the page and no other: by `key__startswith` a token could be read letter by letter."""
        offered = [str(entry if isinstance(entry, str) else cast(Any, entry)[0]) for entry in self.list_filter]
        names = [*offered, *([self.date_hierarchy] if self.date_hierarchy else [])]
        return any(lookup == name or lookup.startswith(f"{name}__") for name in names)

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.allows(request)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.allows(request, self.region_of(obj) if obj is not None else None)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return self.allows(request)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.has_view_permission(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.has_change_permission(request, obj)

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """Inside the transaction of the save: look again as this person, so that no row leaves where they may write."""
        super().save_related(request, form, formsets, change)
        key = form.instance._meta.pk.attname  # not .pk, which a proxy of a token answers with its owner
        if not self.get_queryset(request).filter(pk=getattr(form.instance, key)).exists():
            raise PermissionDenied
        self.after_write(request, [form.instance])

    def after_write(self, request: HttpRequest, rows: Sequence[Any]) -> None:
        """What a change of these rows entails, in the transaction of the change."""

    def record(self, request: HttpRequest, action: str, obj: Any) -> None:
        """One line of the portal's own log."""
        user = cast(User, request.user)
        region = self.region_of(obj) or next((membership.region for membership in user.held), None)
        summary = f"{self.opts.verbose_name} {obj}"
        record_audit(by=user, action=action, subject=obj, region=region, summary=summary, at=timezone.now())

    def log_addition(self, request: HttpRequest, obj: Any, message: Any) -> Any:
        self.record(request, "新增", obj)
        return super().log_addition(request, obj, message)

    def log_change(self, request: HttpRequest, obj: Any, message: Any) -> Any:
        self.record(request, "修改", obj)
        return super().log_change(request, obj, message)

    def log_deletions(self, request: HttpRequest, queryset: Any) -> Any:
        for obj in queryset:
            self.record(request, "删除", obj)
        return super().log_deletions(request, queryset)


class ScopedInline(Scoped, InlineBase):
    """Parts of a row, under the same permission as the row."""

    extra = 0

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.allows(request)

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.allows(request)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.allows(request)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.allows(request)


class ReadOnly:
    """Rows that are looked at here and changed elsewhere."""

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


def demo_badge(obj: Any) -> SafeString | str:
    """The mark beside rows that were made up for a demonstration."""
    return format_html('<span class="badge demo">{}</span>', "演示") if obj.is_demo else ""


demo_badge.short_description = "演示数据"  # type: ignore[attr-defined]
