"""The back office: Django's admin with access by role, rows by region, and tables that come in and go out as files.

Nothing here uses the staff flag or Django's model permissions. A page names the portal's permissions that open it
(`Scoped.permissions`) and how its rows reach their region (`region_path`); the rest follows from these two.
"""

from __future__ import annotations

import csv
import io
import os
import re
import zipfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any, ClassVar, cast
from urllib.parse import urlencode

import tablib
from django import forms
from django.contrib import admin, messages
from django.core import signing
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import models
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.views.decorators.cache import never_cache
from import_export.admin import ImportExportMixin
from import_export.fields import Field
from import_export.formats.base_formats import Format
from import_export.forms import ConfirmImportForm, ExportForm, ImportForm
from import_export.resources import ModelResource
from import_export.results import Error, RowResult
from import_export.tmp_storages import TempFolderStorage
from import_export.widgets import Widget
from openpyxl import Workbook, load_workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE

from accounts.models import Department, Person, Region, User, record_audit, regions_where
from accounts.permissions import Permission

if TYPE_CHECKING:
    ModelAdminBase = admin.ModelAdmin[Any]
    InlineBase = admin.TabularInline[Any, Any]
    ModelFormBase = forms.ModelForm[Any]
else:
    ModelAdminBase, InlineBase, ModelFormBase = admin.ModelAdmin, admin.TabularInline, forms.ModelForm

OPENING = (Permission.PLAN, Permission.ENTER, Permission.REVIEW, Permission.MANAGE_PEOPLE)

MAX_FILE_BYTES = 2 * 1024 * 1024
MAX_UNPACKED_BYTES = 50 * 1024 * 1024
MAX_ROWS = 5000
MAX_COLUMNS = 100
PREVIEW_LIVES_SECONDS = 60 * 60


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
        return any(holds(request.user, permission) for permission in OPENING)

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


class OnePlaceForm(ModelFormBase):
    """A row's section, parent and department belong to the plan the row belongs to."""

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
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
        if region is not None:
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


# ---- Files: what may be opened at all


class UnreadableFile(ValueError):
    """The file is not opened; the message says why, in Chinese."""


def check_upload(content: bytes, name: str) -> None:
    """Refuse what is too large, no .xlsx or .csv, or would unpack to far more than it weighs; opens nothing."""
    if len(content) > MAX_FILE_BYTES:
        raise UnreadableFile("文件超过2 MB，请拆分后再导入。")
    if name.lower().endswith(".csv"):
        return
    if not name.lower().endswith(".xlsx") or not zipfile.is_zipfile(io.BytesIO(content)):
        raise UnreadableFile("只能导入 .xlsx 或 .csv 文件。")
    try:
        entries = zipfile.ZipFile(io.BytesIO(content)).infolist()
    except zipfile.BadZipFile:
        raise UnreadableFile("文件已损坏，打不开。") from None
    if len(entries) > 1000 or sum(entry.file_size for entry in entries) > MAX_UNPACKED_BYTES:
        raise UnreadableFile("文件解压后过大，不能导入。请把数据复制到新的工作簿再导入。")


def dataset_of(rows: Iterator[list[Any]]) -> tablib.Dataset:
    """The first row as headers and the rest below it, up to the last filled one."""
    headers = [text_of(cell) for cell in next(rows, [])]
    while headers and not headers[-1]:
        headers.pop()
    dataset = tablib.Dataset(headers=headers or None)
    blank_rows = 0
    for row in rows:
        cells = [*row[: len(headers)], *[""] * (len(headers) - len(row))]
        if not any(map(text_of, cells)):
            blank_rows += 1
            if blank_rows > MAX_ROWS:
                break
            continue
        if blank_rows:
            raise UnreadableFile(f"第{len(dataset) + 2}行是空行，请删除空行后再导入。")
        if len(dataset) >= MAX_ROWS:
            raise UnreadableFile(f"超过{MAX_ROWS}行，请拆分后再导入。")
        dataset.append(cells)
    if not headers or not len(dataset):
        raise UnreadableFile("文件里没有数据。第一行应为列名，其下为数据。")
    return dataset


class Sheet(Format):  # type: ignore[misc]
    """An Excel workbook: its first sheet in, one sheet out."""

    def get_title(self) -> str:
        return "Excel（.xlsx）"

    def get_extension(self) -> str:
        return "xlsx"

    def get_content_type(self) -> str:
        return "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

    def __init__(self, encoding: str | None = None) -> None:
        self.encoding = encoding

    def can_import(self) -> bool:
        return True

    def can_export(self) -> bool:
        return True

    def create_dataset(self, in_stream: bytes) -> tablib.Dataset:
        check_upload(in_stream, "file.xlsx")
        book = load_workbook(io.BytesIO(in_stream), read_only=True)
        try:
            sheet = book.worksheets[0]
            sheet.reset_dimensions()  # what a file claims about its size is not believed
            return dataset_of(self._rows(sheet))
        finally:
            book.close()

    @staticmethod
    def _rows(sheet: Any) -> Iterator[list[Any]]:
        for row in sheet.iter_rows(max_col=MAX_COLUMNS):
            cells = []
            for cell in row:
                if cell.data_type == "f":
                    raise UnreadableFile(f"单元格{cell.coordinate}是公式，请先粘贴为数值。")
                value = cell.value
                if isinstance(value, int | float) and "%" in (getattr(cell, "number_format", "") or ""):
                    value = f"{text_of(Decimal(repr(value)) * 100)}%"
                cells.append(value)
            yield cells

    def export_data(self, dataset: tablib.Dataset, **kwargs: Any) -> bytes:
        book = Workbook(write_only=True)
        sheet = book.create_sheet("数据")
        for row in [dataset.headers or [], *dataset]:
            sheet.append([self._cell(sheet, value) for value in row])
        content = io.BytesIO()
        book.save(content)
        return content.getvalue()

    @staticmethod
    def _cell(sheet: Any, value: Any) -> Any:
        if not isinstance(value, str):
            return value
        cell = WriteOnlyCell(sheet, ILLEGAL_CHARACTERS_RE.sub("", value))
        cell.data_type = "s"  # text stays text: "=" never becomes a formula
        return cell


class CommaText(Sheet):
    """A CSV file as Excel in China reads and writes it: UTF-8 with mark, or GB 18030 on the way in."""

    FORMULA = ("=", "+", "-", "@", "\t", "\r")

    def get_title(self) -> str:
        return "CSV（.csv）"

    def get_extension(self) -> str:
        return "csv"

    def get_content_type(self) -> str:
        return "text/csv; charset=utf-8"

    def create_dataset(self, in_stream: bytes) -> tablib.Dataset:
        check_upload(in_stream, "file.csv")
        for encoding in ("utf-8-sig", "gb18030"):
            try:
                text = in_stream.decode(encoding)
                break
            except UnicodeDecodeError:
                continue
        else:
            raise UnreadableFile("文件编码无法识别，请另存为“CSV UTF-8”或 .xlsx。")
        if "\0" in text:
            raise UnreadableFile("这不是CSV文件。")
        try:
            return dataset_of(list(map(self._unescaped, row)) for row in csv.reader(io.StringIO(text, newline="")))
        except csv.Error:
            raise UnreadableFile("CSV文件格式有误，打不开。") from None

    def _unescaped(self, cell: str) -> str:
        return cell[1:] if cell[:1] == "'" and cell[1:].startswith(self.FORMULA) else cell

    def export_data(self, dataset: tablib.Dataset, **kwargs: Any) -> bytes:
        text = io.StringIO(newline="")
        writer = csv.writer(text)
        for row in [dataset.headers or [], *dataset]:
            writer.writerow(
                f"'{cell}" if isinstance(cell, str) and cell.startswith(self.FORMULA) else cell for cell in row
            )
        return text.getvalue().encode("utf-8-sig")


FORMATS = [Sheet, CommaText]


# ---- Files: what a cell means


def text_of(cell: Any) -> str:
    """A cell as a person would type it; a float by its shortest decimal form, so that 0.1 stays 0.1."""
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "是" if cell else "否"
    if isinstance(cell, int | float | Decimal):
        number = Decimal(repr(cell)) if isinstance(cell, float) else Decimal(cell)
        text = format(number, "f") if number.is_finite() else str(cell)
        return text.rstrip("0").rstrip(".") if "." in text else text
    if isinstance(cell, datetime):
        return cell.date().isoformat()
    if isinstance(cell, date):
        return cell.isoformat()
    return str(cell).strip()


class Words(Widget):  # type: ignore[misc]
    """Text; out as it is."""

    def clean(self, value: Any, row: Any = None, **kwargs: Any) -> Any:
        return text_of(value)

    def render(self, value: Any, obj: Any = None, **kwargs: Any) -> Any:
        if isinstance(value, Decimal):
            return Decimal(text_of(value))
        return "" if value is None else value


class Whole(Words):
    """A whole number; 3.7 is refused, not cut."""

    def clean(self, value: Any, row: Any = None, **kwargs: Any) -> int | None:
        text = text_of(value)
        if text and not re.fullmatch(r"[0-9]{1,9}", text):
            raise ValueError("应为整数。")
        return int(text) if text else None


class Day(Words):
    """A date: 2024-03-01, 2024/3/1 or 2024年3月1日."""

    def clean(self, value: Any, row: Any = None, **kwargs: Any) -> date | None:
        text = text_of(value)
        found = re.fullmatch(r"([0-9]{4})[-/年.]([0-9]{1,2})[-/月.]([0-9]{1,2})日?", text)
        try:
            return date(*map(int, found.groups())) if found else self._none(text)
        except ValueError:
            raise ValueError("应为日期，例如 2024-03-01。") from None

    @staticmethod
    def _none(text: str) -> None:
        if text:
            raise ValueError

    def render(self, value: Any, obj: Any = None, **kwargs: Any) -> str:
        return text_of(value)


class OneOf(Words):
    """One of a few words, by the word a person reads."""

    def __init__(self, words: dict[Any, str]) -> None:
        super().__init__()
        self.words = words

    def clean(self, value: Any, row: Any = None, **kwargs: Any) -> Any:
        text = text_of(value)
        if not text:
            return ""
        for stored, word in self.words.items():
            if text == word:
                return stored
        raise ValueError(f"只能填：{'、'.join(self.words.values())}。")

    def render(self, value: Any, obj: Any = None, **kwargs: Any) -> str:
        return self.words.get(value, "")


class Related(Words):
    """A row named by a key; all that the person may name are read once per file.

    Another region's row and no row at all get the same answer, so that a file cannot be used to look around.
    """

    by: Person

    def __init__(
        self,
        rows: Callable[[Person], QuerySet[Any]],
        *,
        key: Callable[[Any], Any],
        cell: Callable[[str, Any], Any] = lambda text, row: text,
        word: Callable[[Any], str] | None = None,
    ) -> None:
        super().__init__()
        self.rows, self.key, self.cell, self.word = rows, key, cell, word or key
        self._known: dict[Any, Any] | None = None

    def clean(self, value: Any, row: Any = None, **kwargs: Any) -> Any:
        text = text_of(value)
        if not text:
            return None
        if self._known is None:
            self._known = {self.key(known): known for known in self.rows(self.by)}
        found = self._known.get(self.cell(text, row))
        if found is None:
            raise ValueError("没有这一项，或不在您的权限范围内。")
        return found

    def render(self, value: Any, obj: Any = None, **kwargs: Any) -> str:
        return "" if value is None else self.word(value)


class Column(Field):  # type: ignore[misc]
    """One column of a file. A blank cell leaves what is there alone."""

    def save(self, instance: Any, row: Any, is_m2m: bool = False, **kwargs: Any) -> None:
        if text_of(row[self.column_name]):
            super().save(instance, row, is_m2m, **kwargs)


# ---- Files: a table in and out


class Change:
    """Old and new of one row, cell by cell, without the inline styles of the library's own."""

    def __init__(self, resource: Table, instance: Any, new: bool) -> None:
        self.new = new
        self.left = self.right = self._cells(resource, instance)

    @staticmethod
    def _cells(resource: Table, instance: Any) -> list[str]:
        return [str(field.export(instance)) for field in resource.get_import_fields()]

    def compare_with(self, resource: Table, instance: Any) -> None:
        self.right = self._cells(resource, instance)

    def as_html(self) -> list[SafeString | str]:
        """The cells for the preview: what goes struck through, what comes marked."""
        return [
            new if self.new or old == new else format_html("<del>{}</del> <ins>{}</ins>", old or "空", new or "空")
            for old, new in zip(self.left, self.right, strict=True)
        ]


class RowError(Error):  # type: ignore[misc]
    """What a person reads about a row that cannot be imported; nothing of the row is repeated."""

    @property
    def message(self) -> str:
        if isinstance(self.error, PermissionDenied):
            return "不在您的权限范围内。"
        return str(self.error) if type(self.error) in (ValueError, UnreadableFile) else "这一行无法导入，请核对。"


class Table(ModelResource):  # type: ignore[misc]
    """One model as a file: columns with Chinese heads, rows known by their natural key, all or nothing."""

    class Meta:
        skip_unchanged = True
        report_skipped = False
        clean_model_instances = True

    def __init__(self, *, owner: TableAdmin, request: HttpRequest, **kwargs: Any) -> None:
        super().__init__()
        self.owner, self.request = owner, request
        self.written: list[Any] = []
        self.seen: dict[tuple[str, ...], int] = {}
        for field in self.fields.values():
            if isinstance(field.widget, Related):
                field.widget.by = request.user

    @classmethod
    def widget_of(cls, field: Any) -> Widget:
        """How a plain column of a model is written in a file."""
        if field.choices:
            return OneOf(dict(field.flatchoices))
        if isinstance(field, models.BooleanField):
            return OneOf({True: "是", False: "否"})
        if isinstance(field, models.IntegerField):
            return Whole()
        if isinstance(field, models.DateField):
            return Day()
        return Words()

    @classmethod
    def field_from_django_field(cls, field_name: str, django_field: Any, readonly: bool) -> Column:
        return Column(
            attribute=field_name, column_name=str(django_field.verbose_name), widget=cls.widget_of(django_field)
        )

    @classmethod
    def get_diff_class(cls) -> type[Change]:
        return Change

    @classmethod
    def get_error_result_class(cls) -> type[RowError]:
        return RowError

    def get_queryset(self) -> QuerySet[Any]:
        return self.owner.importable(self.request)

    def before_import(self, dataset: tablib.Dataset, **kwargs: Any) -> None:
        heads = list(dataset.headers or [])
        known = [field.column_name for field in self.get_import_fields()]
        missing = [self.fields[name].column_name for name in self.get_import_id_fields()]
        missing = [head for head in missing if head not in heads]
        if missing:
            raise ValueError(f"缺少列：{'、'.join(missing)}。")
        if unknown := [head or "（空）" for head in heads if head not in known]:
            raise ValueError(f"认不出的列：{'、'.join(unknown)}。")
        if len(set(heads)) < len(heads):
            raise ValueError("有重复的列名。")

    def before_import_row(self, row: Any, **kwargs: Any) -> None:
        heads = [self.fields[name].column_name for name in self.get_import_id_fields()]
        key = tuple(text_of(row.get(head)) for head in heads)
        if not all(key):
            raise ValidationError(f"{'、'.join(heads)}不能为空。")
        if key in self.seen:
            raise ValidationError(f"与第{self.seen[key]}行重复。")
        self.seen[key] = kwargs["row_number"] + 1

    def validate_instance(
        self, instance: Any, import_validation_errors: Any = None, validate_unique: bool = True
    ) -> None:
        """The model's own rules; every message begins with its column."""
        try:
            super().validate_instance(instance, import_validation_errors, validate_unique)
        except ValidationError as error:
            heads = {field.attribute: field.column_name for field in self.fields.values()}
            found = error.message_dict
            raise ValidationError(
                [f"{heads[name]}：{said}" if name in heads else said for name in found for said in found[name]]
            ) from error

    def after_save_instance(self, instance: Any, row: Any, **kwargs: Any) -> None:
        if not self.get_queryset().filter(pk=instance.pk).exists():
            raise PermissionDenied
        self.written.append(instance)

    def after_import(self, dataset: tablib.Dataset, result: Any, **kwargs: Any) -> None:
        if kwargs.get("dry_run") or not self.written:
            return
        for instance in self.written:
            self.owner.log_change(self.request, instance, "由文件导入")
        self.owner.after_write(self.request, self.written)


class UploadForm(ImportForm):  # type: ignore[misc]
    """The file; its format is read off its name."""

    def __init__(self, formats: list[type[Format]], resources: list[type[Table]], **kwargs: Any) -> None:
        super().__init__(formats, resources, **kwargs)
        self.fields["import_file"].label = "文件"
        self.fields["import_file"].widget = forms.FileInput(attrs={"accept": ".xlsx,.csv"})
        self.fields["format"].required = False
        self.fields["format"].widget = forms.HiddenInput()

    @property
    def media(self) -> forms.Media:
        return forms.Media()

    def clean_import_file(self) -> Any:
        upload = self.cleaned_data["import_file"]
        if upload.size > MAX_FILE_BYTES:
            raise ValidationError("文件超过2 MB，请拆分后再导入。")
        try:
            check_upload(upload.read(), upload.name)
        except UnreadableFile as error:
            raise ValidationError(str(error)) from error
        upload.seek(0)
        return upload

    def clean(self) -> dict[str, Any]:
        data = cast(dict[str, Any], super().clean() or self.cleaned_data)
        if upload := data.get("import_file"):
            data["format"] = "1" if upload.name.lower().endswith(".csv") else "0"
        return data


class ConfirmForm(ConfirmImportForm):  # type: ignore[misc]
    """The signed name of the previewed file: only who previewed it imports it, and only into that table."""

    def __init__(self, *args: Any, salt: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.salt = salt

    def clean_import_file_name(self) -> str:
        try:
            name = signing.loads(self.cleaned_data["import_file_name"], salt=self.salt, max_age=PREVIEW_LIVES_SECONDS)
        except signing.BadSignature:
            raise ValidationError("预览已失效，请重新上传文件。") from None
        if not os.path.exists(TempFolderStorage(name=name).get_full_path()):
            raise ValidationError("预览已失效，请重新上传文件。")
        return str(name)

    def clean_format(self) -> str:
        chosen = str(self.cleaned_data["format"])
        if chosen not in ("0", "1"):
            raise ValidationError("预览已失效，请重新上传文件。")
        return chosen


class FileForm(ExportForm):  # type: ignore[misc]
    """Which kind of file goes out."""

    def __init__(self, formats: list[type[Format]], resources: list[type[Table]], **kwargs: Any) -> None:
        super().__init__(formats, resources, **kwargs)
        self.fields["format"].label = "文件格式"
        self.fields["format"].choices = [(str(i), f().get_title()) for i, f in enumerate(formats)]


class TableAdmin(ImportExportMixin, ScopedAdmin):  # type: ignore[misc]
    """A page whose rows also come and go as .xlsx and .csv files, within the person's regions."""

    formats = import_formats = export_formats = FORMATS
    import_form_class = UploadForm
    confirm_form_class = ConfirmForm
    export_form_class = FileForm
    import_template_name = "admin/import.html"
    export_template_name = "admin/export.html"
    skip_admin_log = True  # Table writes both logs in the transaction of the import
    table_related: ClassVar[tuple[str, ...]] = ()  # relations that the columns of the file name

    def importable(self, request: HttpRequest) -> QuerySet[Any]:
        """The rows that a file of this person may change."""
        return self.get_queryset(request).select_related(*self.table_related)

    def has_import_permission(self, request: HttpRequest) -> bool:
        return self.has_add_permission(request)

    def has_export_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)

    def get_resource_kwargs(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        return {"owner": self, "request": request}

    def get_export_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        rows: QuerySet[Any] = super().get_export_queryset(request)
        return rows.select_related(*self.table_related)

    def get_confirm_form_kwargs(self, request: HttpRequest, import_form: Any = None) -> dict[str, Any]:
        kwargs: dict[str, Any] = super().get_confirm_form_kwargs(request, import_form)
        kwargs["salt"] = f"import {self.opts.label_lower} {request.user.pk}"
        if import_form:
            name = kwargs["initial"]["import_file_name"]
            kwargs["initial"]["import_file_name"] = signing.dumps(name, salt=kwargs["salt"])
        return kwargs

    def get_import_data_kwargs(self, **kwargs: Any) -> dict[str, Any]:
        found: dict[str, Any] = super().get_import_data_kwargs(**kwargs)
        return {**found, "rollback_on_validation_errors": True}

    def add_data_read_fail_error_to_form(self, form: Any, e: Exception) -> None:
        form.add_error("import_file", str(e) if isinstance(e, UnreadableFile) else "文件打不开，请另存为 .xlsx 再试。")

    def process_result(self, result: Any, request: HttpRequest) -> HttpResponse:
        if result.has_errors() or result.has_validation_errors():
            messages.error(request, "预览之后数据有变动，未导入任何一行。请重新预览。")
            name = f"admin:{self.opts.app_label}_{self.opts.model_name}_import"
            return HttpResponseRedirect(reverse(name, current_app=self.admin_site.name))
        return cast(HttpResponse, super().process_result(result, request))

    def add_success_message(self, result: Any, request: HttpRequest) -> None:
        new = result.totals[RowResult.IMPORT_TYPE_NEW]
        changed = result.totals[RowResult.IMPORT_TYPE_UPDATE]
        same = result.totals[RowResult.IMPORT_TYPE_SKIP]
        messages.success(request, f"{self.opts.verbose_name}导入完成：新增{new}行，修改{changed}行，{same}行没有变化。")
