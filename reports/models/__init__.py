"""What reports keep: imports of entry templates, drafts of plans, exports under way, rounds as reported upward."""

from reports.models.drafts import DraftState, PlanDraft, PlanDraftQuerySet
from reports.models.exports import Export, ExportQuerySet, ExportState
from reports.models.imports import EntryImport, EntryImportLine, EntryImportQuerySet, ImportState, Outcome
from reports.models.report_templates import ReportKind, ReportTemplate, ReportTemplateQuerySet
from reports.models.snapshots import Snapshot, SnapshotQuerySet

__all__ = [
    "DraftState",
    "EntryImport",
    "EntryImportLine",
    "EntryImportQuerySet",
    "Export",
    "ExportQuerySet",
    "ExportState",
    "ImportState",
    "Outcome",
    "PlanDraft",
    "PlanDraftQuerySet",
    "ReportKind",
    "ReportTemplate",
    "ReportTemplateQuerySet",
    "Snapshot",
    "SnapshotQuerySet",
]
