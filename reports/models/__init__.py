"""What reports keep: imports of entry templates, drafts of plans."""

from reports.models.drafts import DraftState, PlanDraft, PlanDraftQuerySet
from reports.models.imports import EntryImport, EntryImportLine, EntryImportQuerySet, ImportState, Outcome

__all__ = [
    "DraftState",
    "EntryImport",
    "EntryImportLine",
    "EntryImportQuerySet",
    "ImportState",
    "Outcome",
    "PlanDraft",
    "PlanDraftQuerySet",
]
