"""What reports keep: imports of entry templates."""

from reports.models.imports import EntryImport, EntryImportLine, EntryImportQuerySet, ImportState, Outcome

__all__ = ["EntryImport", "EntryImportLine", "EntryImportQuerySet", "ImportState", "Outcome"]
