"""People, regions, roles and tokens: for system roles in their own region, and for a superuser everywhere."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, ClassVar, cast

from django import forms
from django.contrib import admin, messages
from django.contrib.auth import admin as auth_admin
from django.contrib.auth.forms import UserChangeForm
from django.contrib.auth.models import Group
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from rest_framework.authtoken import admin as token_admin
from rest_framework.authtoken.models import TokenProxy

from accounts.admin_site import (
    OnePlaceForm,
    ReadOnly,
    ScopedAdmin,
    ScopedInline,
    demo_badge,
    in_reach,
)
from accounts.models import ApiToken, AuditEvent, Department, Membership, Person, Region, User
from accounts.permissions import Permission
from accounts.tables import Column, Related, Table, TableAdmin
from accounts.tokens import revoke_token

if TYPE_CHECKING:
    UserAdminBase = auth_admin.UserAdmin[User]
else:
    UserAdminBase = auth_admin.UserAdmin

PEOPLE = (Permission.MANAGE_PEOPLE,)
BUREAU = (Permission.PLAN, Permission.MANAGE_PEOPLE)

# Importing the two admin modules above has registered these; roles are memberships, and tokens have a page below.
admin.site.unregister([Group, TokenProxy])


def is_superuser(request: HttpRequest) -> bool:
    return isinstance(request.user, User) and request.user.is_superuser


class RegionTable(Table):
    parent = Column("parent", "上级代码", Related(lambda by: Region.objects.all(), key=lambda region: region.code))

    class Meta:
        model = Region
        import_id_fields = ("code",)
        fields = ("code", "name", "short_name", "bureau_name", "level", "parent")


@admin.register(Region)
class RegionAdmin(TableAdmin):
    """A bureau keeps its own names; only a superuser adds places."""

    permissions = PEOPLE
    region_path = ""
    resource_classes = (RegionTable,)
    table_related = ("parent",)
    list_display = ("code", "name", "short_name", "bureau_name", "level", "parent")
    list_display_links = ("code", "name")
    list_select_related = ("parent",)
    list_filter = ("level",)
    search_fields = ("code", "name", "short_name")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return is_superuser(request)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return is_superuser(request)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        return () if is_superuser(request) else ("code", "level", "parent")


class DepartmentTable(Table):
    region = Column(
        "region",
        "区划代码",
        Related(
            lambda by: Region.objects.filter(in_reach(by, BUREAU, "")),
            key=lambda region: region.code,
        ),
    )

    class Meta:
        model = Department
        import_id_fields = ("region", "name")
        fields = ("region", "name")


@admin.register(Department)
class DepartmentAdmin(TableAdmin):
    permissions = BUREAU
    region_path = "region"
    resource_classes = (DepartmentTable,)
    table_related = ("region",)
    list_display = ("name", "region", demo_badge)
    list_select_related = ("region",)
    list_filter = (("region", admin.RelatedOnlyFieldListFilter),)
    search_fields = ("name",)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Not while it limits a clerk: without it they would enter for all departments."""
        return super().has_delete_permission(request, obj) and (obj is None or not obj.membership_set.exists())


class MembershipForm(OnePlaceForm):
    """A clerk's departments are those of the region in which the role is held."""

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        region = data.get("region")
        if region and any(department.region_id != region.pk for department in data.get("departments") or ()):
            self.add_error("departments", "只能选所选地区的科室。")
        return data


def manageable_people(rows: QuerySet[User], user: Person) -> QuerySet[User]:
    """Those whom this person may see in order to manage: of their regions, and people without any role yet."""
    if isinstance(user, User) and user.is_superuser:
        return rows
    theirs = Membership.objects.filter(in_reach(user, PEOPLE, "region__"))
    return rows.filter(
        Q(pk__in=theirs.values("user")) | ~Q(pk__in=Membership.objects.values("user")), is_superuser=False
    )


def is_wholly_theirs(request: HttpRequest, person: User) -> bool:
    """Whether every role of a person lies where the manager manages: else a new password would reach further."""
    if is_superuser(request):
        return True
    outside = person.memberships.exclude(in_reach(request.user, PEOPLE, "region__"))
    return not person.is_superuser and not outside.exists()


class MembershipInline(ScopedInline):
    permissions = PEOPLE
    model = Membership
    form = MembershipForm

    def _is_other(self, request: HttpRequest, obj: Any) -> bool:
        return self.allows(request) and (is_superuser(request) or obj is None or obj.pk != request.user.pk)

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._is_other(request, obj)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._is_other(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._is_other(request, obj)


class PersonTable(Table):
    """People without passwords: somebody new cannot sign in until a password is set for them."""

    class Meta:
        model = User
        import_id_fields = ("username",)
        fields = ("username", "display_name", "email", "is_active")

    def before_save_instance(self, instance: User, row: Any, **kwargs: Any) -> None:
        if instance._state.adding:
            instance.set_unusable_password()

    def validate_instance(
        self, instance: User, import_validation_errors: Any = None, validate_unique: bool = True
    ) -> None:
        if instance._state.adding:
            instance.set_unusable_password()
        super().validate_instance(instance, import_validation_errors, validate_unique)


@admin.register(User)
class PersonAdmin(TableAdmin, UserAdminBase):
    permissions = PEOPLE
    form = UserChangeForm
    resource_classes = (PersonTable,)
    list_display = ("username", "display_name", "roles", "is_active", "last_login", demo_badge)
    list_filter = ("is_active", "memberships__role")
    search_fields = ("username", "display_name")
    ordering = ("username",)
    filter_horizontal = ()
    inlines = (MembershipInline,)
    fieldsets: ClassVar[Any] = (
        (None, {"fields": ("username", "password", "display_name", "email")}),
        ("状态", {"fields": ("is_active", "is_superuser", "last_login", "date_joined")}),
    )
    add_fieldsets: Any = (
        (None, {"fields": ("username", "display_name", "usable_password", "password1", "password2")}),
    )

    def within(self, rows: QuerySet[Any], user: Person, permissions: Sequence[Permission]) -> QuerySet[Any]:
        if Permission.MANAGE_PEOPLE in permissions:
            return manageable_people(rows, user)
        theirs = Membership.objects.filter(in_reach(user, permissions, "region__"))
        return rows.filter(pk__in=theirs.values("user"), is_active=True)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).prefetch_related("memberships__region")

    def importable(self, request: HttpRequest) -> QuerySet[Any]:
        rows = manageable_people(User.objects.all(), request.user)
        if is_superuser(request):
            return rows
        outside = Membership.objects.exclude(in_reach(request.user, PEOPLE, "region__"))
        return rows.exclude(pk__in=outside.values("user"))

    @admin.display(description="任职")
    def roles(self, person: User) -> str:
        return "、".join(str(membership) for membership in person.memberships.all())

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.allows(request) and (obj is None or is_wholly_theirs(request, obj))

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.has_change_permission(request, obj) and (obj is None or obj.pk != request.user.pk)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        fixed = ("last_login", "date_joined")
        return fixed if is_superuser(request) else (*fixed, "is_superuser")


@admin.register(Membership)
class MembershipAdmin(ScopedAdmin):
    permissions = PEOPLE
    region_path = "region"
    form = MembershipForm
    list_display = ("user", "region", "role")
    list_select_related = ("user", "region")
    list_filter = ("role", ("region", admin.RelatedOnlyFieldListFilter))
    search_fields = ("user__username", "user__display_name", "region__name")

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nobody gives themselves another role."""
        is_own = obj is not None and obj.user_id == request.user.pk and not is_superuser(request)
        return super().has_change_permission(request, obj) and not is_own

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name == "user":
            rows = manageable_people(User.objects.all(), request.user)
            kwargs["queryset"] = rows if is_superuser(request) else rows.exclude(username=request.user.get_username())
        return super().formfield_for_foreignkey(db_field, request, **kwargs)


@admin.register(TokenProxy)
class TokenAdmin(ScopedAdmin):
    """Tokens of the API. The key is shown once, to who made it; the list does not show it."""

    permissions = PEOPLE
    form = forms.ModelForm
    list_display = ("user", "created")
    list_select_related = ("user",)
    fields = ("user",)
    search_fields = ("user__username", "user__display_name")
    actions = None

    def within(self, rows: QuerySet[Any], user: Person, permissions: Sequence[Permission]) -> QuerySet[Any]:
        return rows.filter(user__in=manageable_people(User.objects.all(), user))

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> Any:
        return token_admin.TokenChangeList

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Any:
        return self.get_queryset(request).filter(user_id=object_id).first() if object_id.isdecimal() else None

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return obj is None and self.allows(request)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.allows(request) and (obj is None or is_wholly_theirs(request, obj.user))

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        people = manageable_people(User.objects.exclude(pk__in=TokenProxy.objects.values("user")), request.user)
        wholly = [person.pk for person in people if is_wholly_theirs(request, person)]
        kwargs["queryset"] = people.filter(pk__in=wholly)
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def log_addition(self, request: HttpRequest, obj: Any, message: Any) -> Any:
        messages.warning(request, f"令牌只显示这一次，请立即交给本人保存：{obj.key}")
        self.record(request, "新增", cast(Any, obj).user)

    def log_deletions(self, request: HttpRequest, queryset: Any) -> Any:
        for token in queryset:
            self.record(request, "删除", token.user)

    def record(self, request: HttpRequest, action: str, obj: Any) -> None:
        """The log names the person, never the key, which is the token's own identity."""
        super().record(request, f"{action}接口令牌", obj)

    def response_add(self, request: HttpRequest, obj: Any, post_url_continue: str | None = None) -> Any:
        return self.response_post_save_add(request, obj)


@admin.register(ApiToken)
class ApiTokenAdmin(ReadOnly, ScopedAdmin):
    """Tokens that people made for themselves: looked at, and stopped, by who manages these people."""

    permissions = PEOPLE
    list_display = ("user", "name", "prefix", "created_on", "expires_on", "last_used_at", "revoked_at")
    list_select_related = ("user",)
    search_fields = ("user__username", "user__display_name", "name")
    fields = ("user", "name", "prefix", "created_on", "expires_on", "last_used_at", "revoked_at")
    actions = ("revoke",)

    def within(self, rows: QuerySet[Any], user: Person, permissions: Sequence[Permission]) -> QuerySet[Any]:
        return rows.filter(user__in=manageable_people(User.objects.all(), user))

    @admin.action(description="停用所选令牌")
    def revoke(self, request: HttpRequest, queryset: QuerySet[ApiToken]) -> None:
        for token in queryset:
            revoke_token(token=token, by=cast(User, request.user))
        self.message_user(request, "所选令牌已停用。")


@admin.register(AuditEvent)
class AuditEventAdmin(ReadOnly, ScopedAdmin):
    """The log: who did what when; the figures themselves are not shown here."""

    permissions = PEOPLE
    list_display = ("at", "person", "username", "action", "region_code", "summary")
    list_filter = ("action",)
    search_fields = ("username", "person", "summary")
    date_hierarchy = "at"
    fields = ("at", "person", "username", "action", "kind", "object_id", "region_code", "summary")

    def within(self, rows: QuerySet[Any], user: Person, permissions: Sequence[Permission]) -> QuerySet[Any]:
        if isinstance(user, User) and user.is_superuser:
            return rows
        regions = Region.objects.filter(in_reach(user, permissions, ""))
        return rows.filter(region_code__in=regions.values("code"))
