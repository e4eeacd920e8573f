"""What reports keep: imports of entry templates, exports under way, and rounds as they were reported upward."""

from reports.models.exports import Export, ExportQuerySet, ExportState
from reports.models.imports import EntryImport, EntryImportLine, EntryImportQuerySet, ImportState, Outcome
from reports.models.snapshots import Snapshot, SnapshotQuerySet

__all__ = [
    "EntryImport",
    "EntryImportLine",
    "EntryImportQuerySet",
    "Export",
    "ExportQuerySet",
    "ExportState",
    "ImportState",
    "Outcome",
    "Snapshot",
    "SnapshotQuerySet",
]
