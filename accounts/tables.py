"""A back-office table in and out: what a cell means, which rows are taken, the preview before it is written."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any, ClassVar, cast

import tablib
from django import forms
from django.contrib import messages
from django.core import signing
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import models
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from import_export.admin import ImportExportMixin
from import_export.fields import Field
from import_export.formats.base_formats import Format
from import_export.forms import ConfirmImportForm, ExportForm, ImportForm
from import_export.resources import ModelResource
from import_export.results import Error, RowResult
from import_export.tmp_storages import TempFolderStorage
from import_export.widgets import Widget

from accounts.admin_site import ScopedAdmin
from accounts.archives import UnreadableFile
from accounts.models import Person
from accounts.sheets import (
    FORMATS,
    MAX_FILE_BYTES,
    check_upload,
    text_of,
)

PREVIEW_LIVES_SECONDS = 60 * 60


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
