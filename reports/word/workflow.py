"""Templates of Word reports are installed, taken up again and set aside; each with a line in the audit log."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from accounts.models import Region, User, record_audit
from accounts.permissions import Permission
from indicators.file_types import clean_name
from reports.models import ReportKind, ReportTemplate
from reports.word.template_check import check_template


def install_template(
    *, region: Region, kind: ReportKind, content: bytes, name: str, by: User, at: datetime
) -> ReportTemplate:
    """A new version, in use from now on. Raises TemplateFault where the file is no sound template."""
    check_template(content, name)
    with transaction.atomic():
        theirs = _locked(region, kind, by)
        last = max((row.version for row in theirs), default=0)
        _set_aside(theirs)
        row = ReportTemplate.objects.visible_to(by).create(
            region=region,
            kind=kind,
            version=last + 1,
            name=clean_name(name),
            content=content,
            installed_by=by,
            installed_at=at,
        )
        summary = f"{region.short_name} {kind.label}：安装模板第{row.version}版“{row.name}”"
        record_audit(by=by, action="安装报告模板", subject=row, region=region, summary=summary, at=at)
    return row


def use_template(*, template: ReportTemplate, by: User, at: datetime) -> None:
    """Take an earlier version up again."""
    with transaction.atomic():
        _set_aside(_locked(template.region, ReportKind(template.kind), by))
        ReportTemplate.objects.visible_to(by).filter(pk=template.pk).update(is_in_use=True)
        summary = f"{template.region.short_name} {template.get_kind_display()}：改用模板第{template.version}版"
        record_audit(by=by, action="改用报告模板", subject=template, region=template.region, summary=summary, at=at)


def use_default(*, region: Region, kind: ReportKind, by: User, at: datetime) -> None:
    """Back to the portal's own template; nothing is deleted."""
    with transaction.atomic():
        _set_aside(_locked(region, kind, by))
        summary = f"{region.short_name} {kind.label}：恢复默认模板"
        record_audit(by=by, action="恢复默认报告模板", subject=region, region=region, summary=summary, at=at)


def _locked(region: Region, kind: ReportKind, by: User) -> list[ReportTemplate]:
    """All versions of a kind; the region's row is locked, because the first version has none to lock yet."""
    Region.objects.visible_to(by, Permission.MANAGE_PEOPLE).select_for_update().get(pk=region.pk)
    return list(ReportTemplate.objects.visible_to(by).filter(region=region, kind=kind))


def _set_aside(rows: list[ReportTemplate]) -> None:
    for row in rows:
        if row.is_in_use:
            row.is_in_use = False
            row.save(update_fields=["is_in_use"])
