"""进展材料: the files beside a month of a project. Who may save the month may add to them and take them back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, BinaryIO, cast

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils import timezone

from accounts.models import User, record_audit
from indicators.evidence import demand_room, described, kept, take_back
from indicators.models import State
from indicators.moves import MOVES, Move
from indicators.review import StaleVersion, demand, locked
from projects.models import Project, ProjectReport, ReportFile
from projects.pictures import has_preview
from projects.workflow import closed_month


def attach_file(*, report: ProjectReport, upload: UploadedFile[Any], by: User) -> ReportFile:
    """Put a file beside a month; its text and version stay as they are. The report comes with its plan and region.

    Raises Forbidden, WrongState or RoundClosed where the month itself could not be saved, and Refused for what is
    wrong with the file, or when it is there already or one too many.
    """
    _demand_open(report, by=by)
    file = ReportFile(**described(upload, by=by))
    content = cast(BinaryIO, upload.file)
    file.has_preview = has_preview(content, content_type=file.content_type, size=file.size)
    with kept(file, upload):
        file.report = _open_row(report, by=by)
        demand_room(file, file.report.files.standing(), beside=file.report)
        file.save(force_insert=True)
        _record(file, "上传材料", by=by)
    return file


@transaction.atomic
def remove_file(*, file: ReportFile, by: User) -> ReportFile:
    """Take a file back from its month. Row and file stay on record, with who took it back and when.

    Raises Forbidden, WrongState or RoundClosed as saving the month would, WrongState too when it is gone already.
    """
    _open_row(file.report, by=by)
    take_back(file, ReportFile.objects.standing(), by=by)
    _record(file, "移除材料", by=by)
    return file


def _open_row(report: ProjectReport, *, by: User) -> ProjectReport:
    """The month's row, locked, read again and still open."""
    row = locked(ProjectReport.objects.filter(pk=report.pk)).get(report.pk)
    if row is None:
        raise StaleVersion
    row.project = report.project
    _demand_open(row, by=by)
    return row


def _demand_open(report: ProjectReport, *, by: User) -> None:
    """What saving the month demands of role, department, state and date."""
    demand(
        Move.SAVE,
        name=f"“{report.project.name}”{report.when}进展",
        state=State(report.state),
        is_allowed=Project.objects.enterable_by(by).filter(pk=report.project_id).exists(),
        closed=closed_month(report.project, report.when),
    )


def _record(file: ReportFile, action: str, *, by: User) -> None:
    plan = file.report.project.plan
    record_audit(
        by=by,
        action=action,
        subject=file,
        region=plan.region,
        at=timezone.now(),
        summary=f"{plan} {file.report} {file.name}",
        sha256=file.sha256,
        size=file.size,
    )


@dataclass(frozen=True, slots=True)
class MonthFiles:
    """The files beside a month, and whether this person may add to them and take them back now."""

    report: ProjectReport
    files: list[ReportFile]
    may_attach: bool

    @property
    def is_shown(self) -> bool:
        return bool(self.files) or self.may_attach

    @property
    def context(self) -> dict[str, object]:
        """What templates/projects/_files.html asks for."""
        return {name: getattr(self, name) for name in self.__slots__}


def files_of(report: ProjectReport, files: list[ReportFile], *, is_theirs: bool) -> MonthFiles:
    """These files of a month; `is_theirs` says whether this person reports its project, which comes with its plan."""
    is_open = State(report.state) in MOVES[Move.SAVE].origins and not closed_month(report.project, report.when)
    return MonthFiles(report, files, is_theirs and is_open)


def month_files(report: ProjectReport, *, user: User) -> MonthFiles:
    """The files beside a month this person sees: two queries."""
    files = list(report.files.standing().select_related("uploaded_by"))
    return files_of(report, files, is_theirs=Project.objects.enterable_by(user).filter(pk=report.project_id).exists())
