"""佐证材料: the files that back a figure. Who may save the figure may add to them and take them back, and then only."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import date
from typing import Any, BinaryIO, TypeVar, cast

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.db.models import Prefetch
from django.http import FileResponse, Http404
from django.utils import timezone

from accounts.models import User, record_audit
from indicators.file_types import FileError, FileType, clean_name, type_of
from indicators.models import (
    Actual,
    AttachedFile,
    AttachedFileQuerySet,
    Availability,
    Evidence,
    Indicator,
    Reviewed,
    State,
)
from indicators.moves import MOVES, Move
from indicators.review import Refused, StaleVersion, WrongState, demand, locked
from indicators.workflow import Entry, RoundStates, may_enter, save_actual

FILE_LIMIT = 20 * 1024 * 1024  # bytes of one file
FILES_LIMIT = 10  # files that stand beside one figure or month

A = TypeVar("A", bound=AttachedFile)


def attach_evidence(*, indicator: Indicator, year: int, upload: UploadedFile[Any], by: User) -> Evidence:
    """Put a file beside the figure of an indicator and year; where there is no figure yet, it becomes a 未报 draft.

    Raises Forbidden, WrongState or RoundClosed where the figure itself could not be saved, and Refused for what is
    wrong with the file, or when it is there already or one too many.
    """
    _demand_open(indicator, year, Actual.objects.filter(indicator=indicator, year=year).first(), by=by)
    evidence = Evidence(**described(upload, by=by))
    with kept(evidence, upload):
        evidence.actual = _row_to_back(indicator, year, by=by)
        demand_room(evidence, evidence.actual.evidence.standing(), beside=evidence.actual)
        evidence.save(force_insert=True)
        _record(evidence, "上传材料", by=by)
    return evidence


@transaction.atomic
def remove_evidence(*, evidence: Evidence, by: User) -> Evidence:
    """Take a file back from its figure. Row and file stay on record, with who took it back and when.

    Raises Forbidden, WrongState or RoundClosed as saving the figure would, WrongState too when it is gone already.
    """
    indicator, year = evidence.actual.indicator, evidence.actual.year
    _demand_open(indicator, year, _locked_row(indicator, year), by=by)
    take_back(evidence, Evidence.objects.standing(), by=by)
    _record(evidence, "移除材料", by=by)
    return evidence


# ---- What is done with a file wherever it stands


def described(upload: UploadedFile[Any], *, by: User) -> dict[str, Any]:
    """What the row of a new file says of it; raises Refused for what is wrong with the file."""
    name, found = _checked(upload)
    return {
        "name": name,
        "content_type": found.content_type,
        "size": upload.size or 0,
        "sha256": _sha256(upload),
        "uploaded_by": by,
        "uploaded_at": timezone.now(),
        "is_demo": by.is_demo,
    }


@contextmanager
def kept(attached: AttachedFile, upload: UploadedFile[Any]) -> Iterator[None]:
    """A transaction for the row of a file, which lies in the store by then.

    It is written before, so that nobody waits for a disk; whatever keeps the row out takes it away again.
    """
    attached.file.save(attached.name, upload, save=False)
    try:
        with transaction.atomic():
            yield
    except BaseException:
        attached.file.delete(save=False)
        raise


def take_back(attached: A, standing: AttachedFileQuerySet[A], *, by: User) -> None:
    """Say who took a file back and when; raises WrongState where it is not among these any more."""
    attached.removed_by, attached.removed_at = by, timezone.now()
    if not standing.filter(pk=attached.pk).update(removed_by=by, removed_at=attached.removed_at):
        raise WrongState(f"“{attached.name}”已经移除。")


def demand_room(attached: AttachedFile, standing: Iterable[AttachedFile], *, beside: Reviewed) -> None:
    """Raises Refused where a file may not stand beside a row: a real one beside demo, one twice, one too many."""
    if beside.is_demo and not attached.is_demo:
        raise Refused("这里还是演示数据，请先填报正式数据，再附材料。")  # else the file would go with the demo
    there = list(standing)
    same = next((other for other in there if other.sha256 == attached.sha256), None)
    if same is not None:
        raise Refused(f"这个文件已经上传过（“{same.name}”），不必重复上传。")
    if len(there) >= FILES_LIMIT:
        raise Refused(f"一个数据最多附{FILES_LIMIT}个文件，请先移除不需要的。")


def evidence_file(attached: AttachedFile, *, is_shown: bool = False) -> FileResponse:
    """The file as the answer to whoever may see it: to be saved, never to be shown in the portal's name.

    `is_shown` is for a picture within a page. Raises Http404 where it lies no longer in the store.
    """
    try:
        content = attached.file.open("rb")
    except FileNotFoundError as error:
        raise Http404("这个文件已不在存放处。") from error
    response = FileResponse(
        content, as_attachment=not is_shown, filename=attached.name, content_type=attached.content_type
    )
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response["Cross-Origin-Resource-Policy"] = "same-origin"
    response["Cache-Control"] = "private, no-store"
    return response


def _checked(upload: UploadedFile[Any]) -> tuple[str, FileType]:
    """The name to keep and the type, or the refusal."""
    name = clean_name(upload.name or "")
    if (upload.size or 0) > FILE_LIMIT:
        raise Refused(f"“{name}”超过{FILE_LIMIT // 1024 // 1024} MB，请压缩或拆分后再上传。")
    try:
        return name, type_of(name, cast(BinaryIO, upload.file))
    except FileError as error:
        raise Refused(str(error)) from error


def _sha256(upload: UploadedFile[Any]) -> str:
    digest = hashlib.sha256()
    for chunk in upload.chunks():
        digest.update(chunk)
    return digest.hexdigest()


# ---- Beside a figure


def _locked_row(indicator: Indicator, year: int) -> Actual | None:
    return next(iter(locked(Actual.objects.filter(indicator=indicator, year=year)).values()), None)


def _row_to_back(indicator: Indicator, year: int, *, by: User) -> Actual:
    """The figure's row, locked and still open."""
    actual = _locked_row(indicator, year)
    if actual is None:
        with suppress(StaleVersion):  # somebody entered it in this moment, so it is there
            save_actual(
                indicator=indicator, year=year, entry=Entry(availability=Availability.UNREPORTED), by=by, version=None
            )
        actual = _locked_row(indicator, year)
    _demand_open(indicator, year, actual, by=by)
    if actual is None:
        raise StaleVersion
    return actual


def _demand_open(indicator: Indicator, year: int, actual: Actual | None, *, by: User) -> None:
    """What saving the figure demands of role, department, state and round."""
    rounds = RoundStates([indicator.plan_id], [year], on=timezone.localdate())
    demand(
        Move.SAVE,
        name=f"“{indicator.name}”{year}年数据",
        state=State(actual.state) if actual else State.DRAFT,
        is_allowed=may_enter(by, indicator),
        closed=rounds.closed(indicator, year),
    )


def _record(evidence: Evidence, action: str, *, by: User) -> None:
    indicator = evidence.actual.indicator
    record_audit(
        by=by,
        action=action,
        subject=evidence,
        region=indicator.plan.region,
        at=timezone.now(),
        summary=f"{indicator.plan} {indicator} {evidence.actual.year}年 {evidence.name}",
        sha256=evidence.sha256,
        size=evidence.size,
    )


@dataclass(frozen=True, slots=True)
class Backing:
    """The files beside one figure, and whether this person may add to them and take them back now."""

    indicator: Indicator
    year: int
    actual: Actual | None
    evidence: list[Evidence]
    may_attach: bool

    @property
    def is_shown(self) -> bool:
        return bool(self.evidence) or self.may_attach

    @property
    def context(self) -> dict[str, object]:
        """What templates/indicators/_evidence.html asks for."""
        return {name: getattr(self, name) for name in self.__slots__}


def backing_of(indicator: Indicator, *, years: Iterable[int], user: User, on: date) -> list[Backing]:
    """The files beside the figures of these years, as far as this person sees the figures: five queries."""
    asked = list(years)
    standing = Evidence.objects.standing().select_related("uploaded_by")
    seen = (
        Actual.objects.visible_to(user)
        .filter(indicator=indicator, year__in=asked)
        .prefetch_related(Prefetch("evidence", standing, to_attr="standing"))
    )
    actuals = {actual.year: actual for actual in seen}
    rounds = RoundStates([indicator.plan_id], asked, on=on)
    is_theirs = not indicator.is_group and may_enter(user, indicator)

    def backing(year: int) -> Backing:
        actual = actuals.get(year)
        is_open = actual is None or State(actual.state) in MOVES[Move.SAVE].origins
        return Backing(
            indicator=indicator,
            year=year,
            actual=actual,
            evidence=actual.standing if actual else [],  # type: ignore[attr-defined]
            may_attach=is_theirs and is_open and not rounds.closed(indicator, year),
        )

    return [backing(year) for year in asked]
