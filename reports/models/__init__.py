"""What reports keep: imports of entry templates, and templates of Word reports."""

from reports.models.imports import EntryImport, EntryImportLine, EntryImportQuerySet, ImportState, Outcome
from reports.models.report_templates import ReportKind, ReportTemplate, ReportTemplateQuerySet

__all__ = [
    "EntryImport",
    "EntryImportLine",
    "EntryImportQuerySet",
    "ImportState",
    "Outcome",
    "ReportKind",
    "ReportTemplate",
    "ReportTemplateQuerySet",
]
