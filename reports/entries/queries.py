"""What the pages of an import show: counts and lines, in a fixed number of queries."""

from __future__ import annotations

from dataclasses import dataclass

from django.core.paginator import Page, Paginator
from django.db.models import Count, Q, QuerySet

from accounts.models import User
from reports.models import EntryImport, EntryImportLine, ImportState, Outcome

MOST_SHOWN = 200  # refused and conflicting lines on one page; the marked file holds all of the former


@dataclass(frozen=True, slots=True)
class ImportPage:
    """One import as its owner sees it: counts, what is refused, what asks for a choice, and one page of the rest."""

    imported: EntryImport
    counts: dict[str, int]
    refused: list[EntryImportLine]
    conflicts: list[EntryImportLine]
    kept: list[EntryImportLine]
    lines: Page[EntryImportLine]
    shows_same: bool

    @property
    def n_written(self) -> int:
        """How many rows the confirmation writes without any choice."""
        return self.counts[Outcome.NEW] + self.counts[Outcome.CHANGED]

    @property
    def tally(self) -> list[tuple[str, str, int]]:
        """Each outcome with its word and count, in the order of the choices."""
        return [(outcome.value, str(outcome.label), self.counts[outcome]) for outcome in Outcome]

    @property
    def can_be_confirmed(self) -> bool:
        return self.imported.state == ImportState.PREVIEWED and bool(self.n_written or self.conflicts)

    @property
    def n_applied(self) -> int:
        return self.counts["written"]

    @property
    def n_restored(self) -> int:
        return self.n_applied - len(self.kept) if self.imported.state == ImportState.UNDONE else 0


def imports_of(user: User) -> QuerySet[EntryImport]:
    """A person's own imports, the newest first, each with how many rows it wrote."""
    written = Count("lines", filter=Q(lines__written_version__isnull=False))
    mine = EntryImport.objects.visible_to(user).select_related("region").annotate(n_written=written)
    return mine.order_by("-uploaded_at", "-pk")  # counting drops the order of the model


def import_page(imported: EntryImport, *, page: int = 1, shows_same: bool = False) -> ImportPage:
    """The preview, or what became of it; the lines of the third table come a page at a time."""
    lines = imported.lines.select_related("indicator__plan")
    tally = {outcome: Count("pk", filter=Q(outcome=outcome)) for outcome in Outcome.values}
    written = Q(written_version__isnull=False)
    counts = imported.lines.aggregate(**tally, written=Count("pk", filter=written))
    is_new = imported.state == ImportState.PREVIEWED
    rest = (
        lines.filter(outcome=Outcome.SAME) if shows_same else lines.filter(outcome__in=(Outcome.NEW, Outcome.CHANGED))
    )
    if not is_new and not shows_same:
        rest = lines.filter(written)
    return ImportPage(
        imported=imported,
        counts=counts,
        refused=list(lines.filter(outcome=Outcome.REFUSED)[:MOST_SHOWN]),
        conflicts=list(lines.filter(outcome=Outcome.CONFLICT)[:MOST_SHOWN]) if is_new else [],
        kept=list(lines.exclude(kept_because="")),
        lines=Paginator(rest, MOST_SHOWN).get_page(page),
        shows_same=shows_same,
    )


def faults_of(imported: EntryImport) -> dict[tuple[str, str], str]:
    """What is wrong with which cell (sheet, coordinate) of the file, to be marked in it."""
    found: dict[tuple[str, str], str] = {}
    for line in imported.lines.filter(outcome__in=(Outcome.REFUSED, Outcome.CONFLICT)):
        stale = [(next(iter(line.places.values())), "冲突：下载模板以后，平台上的这个数据被改过。")]
        for cell, reason in line.errors if line.outcome == Outcome.REFUSED else stale:
            place = (line.sheet, cell)
            found[place] = f"{found[place]}\n{reason}" if place in found else reason
    return found
