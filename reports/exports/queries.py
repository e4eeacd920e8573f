"""What the pages of exports print."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from accounts.models import User
from reports.models import Export, ExportState

_NOBODY_BEGINS = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class ExportStanding:
    """An export as its owner sees it at a moment."""

    export: Export
    at: datetime

    @property
    def state(self) -> ExportState:
        """A file past its time is expired, whether or not it has been cleared away."""
        export = self.export
        if export.state == ExportState.DONE and export.expires_at and export.expires_at <= self.at:
            return ExportState.EXPIRED
        return ExportState(export.state)

    @property
    def may_open(self) -> bool:
        return self.state == ExportState.DONE

    @property
    def waits_long(self) -> bool:
        """Whether it looks as if no worker was running."""
        return self.state == ExportState.WAITING and self.export.created_at <= self.at - _NOBODY_BEGINS


def exports_of(user: User, *, at: datetime) -> list[ExportStanding]:
    """A person's exports, the newest first: one query."""
    return [ExportStanding(export, at) for export in Export.objects.visible_to(user)[:100]]
