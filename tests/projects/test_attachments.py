"""Files beside a month of a project: who may add and take back, until when, and what is handed out to whom."""

from __future__ import annotations

import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from accounts.models import AuditEvent, User
from accounts.permissions import Role
from indicators.evidence import FILES_LIMIT
from indicators.models import State
from indicators.review import Forbidden, Refused, RoundClosed, WrongState
from projects.attachments import attach_file, remove_file
from projects.models import ProjectReport, ReportFile
from projects.standings import project_page
from tests import factories

pytestmark = pytest.mark.django_db

SignIn = Callable[[User], Client]
SCRIPT = {"HX-Request": "true"}
PNG = b"\x89PNG\r\n\x1a\n" + struct.pack(">L", 13) + b"IHDR" + struct.pack(">LL", 64, 48) + bytes(40)


def clerk() -> User:
    return factories.person(Role.CLERK)


def pdf(name: str = "监理月报.pdf", mark: str = "") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, factories.PDF + mark.encode())


def photo() -> SimpleUploadedFile:
    return SimpleUploadedFile("现场.png", PNG)


@pytest.fixture
def folder(settings: Any, tmp_path: Path) -> Path:
    """An empty store of this test's own."""
    settings.MEDIA_ROOT = tmp_path / "store"
    return tmp_path / "store"


def stored(folder: Path) -> list[Path]:
    return [file for file in folder.rglob("*") if file.is_file()]


def test_a_file_is_kept_under_a_name_that_says_nothing_and_is_in_the_audit_log(folder: Path) -> None:
    report, by = factories.project_report(version=3), clerk()
    file = attach_file(report=report, upload=pdf("../监理 月报.pdf"), by=by)
    assert (file.report, file.name, file.content_type) == (report, "监理_月报.pdf", "application/pdf")
    assert not file.has_preview
    (kept,) = stored(folder)
    assert (len(kept.name), kept.suffix, kept.read_bytes()) == (32, "", factories.PDF)
    line = AuditEvent.objects.get()
    assert (line.action, line.username, line.region_code) == ("上传材料", by.username, "420682")
    again = ProjectReport.objects.get()
    assert (again.version, again.entered_by_id) == (3, report.entered_by_id)


@pytest.mark.parametrize("state", [State.SUBMITTED, State.APPROVED])
def test_a_month_that_is_passed_on_is_locked(folder: Path, state: State) -> None:
    report = factories.project_report(state=state)
    file = factories.report_file(report=report)
    with pytest.raises(WrongState, match=f"为“{state.label}”，不能保存。"):
        attach_file(report=report, upload=pdf(), by=clerk())
    with pytest.raises(WrongState, match=f"为“{state.label}”，不能保存。"):
        remove_file(file=file, by=clerk())
    assert len(stored(folder)) == 1
    assert ReportFile.objects.standing().count() == 1


def test_a_returned_month_is_open_again() -> None:
    report = factories.project_report(state=State.RETURNED)
    assert attach_file(report=report, upload=pdf(), by=clerk()).report == report


def test_a_month_before_the_plan_is_closed() -> None:
    report = factories.project_report(year=2019)
    with pytest.raises(RoundClosed, match="规划自2021年开始"):
        attach_file(report=report, upload=pdf(), by=clerk())


@pytest.mark.parametrize("role", [Role.REVIEWER, Role.LEADER, Role.PLANNER, Role.ANALYST])
def test_only_who_reports_the_project_attaches(folder: Path, role: Role) -> None:
    with pytest.raises(Forbidden):
        attach_file(report=factories.project_report(), upload=pdf(), by=factories.person(role))
    assert stored(folder) == []


def test_a_clerk_of_another_department_does_not_attach() -> None:
    by = clerk()
    by.memberships.get().departments.add(factories.department())
    report = factories.project_report(project=factories.project(department=factories.department()))
    with pytest.raises(Forbidden):
        attach_file(report=report, upload=pdf(), by=by)


@pytest.mark.parametrize(
    ("upload", "said"),
    [
        (SimpleUploadedFile("a.svg", b"<svg/>"), "不能上传"),
        (SimpleUploadedFile("a.png", b"<html>"), "内容不是PNG图片"),
        (SimpleUploadedFile("a.pdf", b""), "空文件"),
    ],
)
def test_what_is_not_what_it_says_is_refused(folder: Path, upload: SimpleUploadedFile, said: str) -> None:
    with pytest.raises(Refused, match=said):
        attach_file(report=factories.project_report(), upload=upload, by=clerk())
    assert stored(folder) == []


def test_the_same_file_twice_and_the_eleventh_are_refused(folder: Path) -> None:
    report, by = factories.project_report(), clerk()
    files = [attach_file(report=report, upload=pdf(mark=str(number)), by=by) for number in range(FILES_LIMIT)]
    with pytest.raises(Refused, match="这个文件已经上传过"):
        attach_file(report=report, upload=pdf(mark="0"), by=by)
    with pytest.raises(Refused, match="最多附10个文件"):
        attach_file(report=report, upload=pdf(mark="eleven"), by=by)
    assert len(stored(folder)) == FILES_LIMIT
    remove_file(file=files[0], by=by)
    attach_file(report=report, upload=pdf(mark="0"), by=by)


def test_a_real_file_does_not_stand_beside_a_demo_month() -> None:
    report = factories.project_report(is_demo=True)
    with pytest.raises(Refused, match="这里还是演示数据"):
        attach_file(report=report, upload=pdf(), by=clerk())
    assert attach_file(report=report, upload=pdf(), by=factories.person(Role.CLERK, is_demo=True)).is_demo


def test_a_removed_file_stays_on_record_and_is_gone_for_everybody(sign_in: SignIn, folder: Path) -> None:
    file, by = factories.report_file(), clerk()
    remove_file(file=file, by=by)
    row = ReportFile.objects.get()
    assert (row.removed_by, row.removed_at is not None, len(stored(folder))) == (by, True, 1)
    with pytest.raises(WrongState, match="已经移除"):
        remove_file(file=file, by=by)
    for name in ("report_file_download", "report_file_preview"):
        assert sign_in(by).get(reverse(name, args=[file.pk])).status_code == 404


def test_a_file_is_handed_out_to_be_saved_and_never_shown() -> None:
    file = factories.report_file(report=factories.project_report(state=State.APPROVED))
    client = Client()
    client.force_login(factories.person(Role.LEADER))
    answer = client.get(reverse("report_file_download", args=[file.pk]))
    assert b"".join(answer).startswith(b"%PDF")
    assert answer.headers["Content-Disposition"].startswith("attachment;")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
    # a document is never shown within a page
    assert client.get(reverse("report_file_preview", args=[file.pk])).status_code == 404


def test_a_photo_is_shown_small_under_its_own_type_and_nothing_else(sign_in: SignIn) -> None:
    report, by = factories.project_report(), clerk()
    file = attach_file(report=report, upload=photo(), by=by)
    assert file.has_preview
    address = reverse("report_file_preview", args=[file.pk])
    client = sign_in(by)
    assert f'src="{address}"' in client.get(report.project.get_absolute_url()).content.decode()
    answer = client.get(address)
    assert b"".join(answer) == PNG
    assert answer.headers["Content-Type"] == "image/png"
    assert answer.headers["Content-Disposition"].startswith("inline;")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert answer.headers["Cross-Origin-Resource-Policy"] == "same-origin"
    # a draft's photo is not the leader's, and nothing here is the stranger's
    for stranger in (factories.person(Role.LEADER), factories.person(Role.CLERK, factories.region("330127", "淳安县"))):
        for name in ("report_file_download", "report_file_preview"):
            assert sign_in(stranger).get(reverse(name, args=[file.pk])).status_code == 404


def test_a_script_gets_the_list_and_a_browser_the_projects_page(sign_in: SignIn) -> None:
    report = factories.project_report()
    client, address = sign_in(clerk()), reverse("report_file_attach", args=[report.pk])
    answer = client.post(address, {"file": pdf()}, headers=SCRIPT)
    assert (answer.status_code, "监理月报.pdf" in answer.content.decode()) == (200, True)
    again = client.post(address, {"file": pdf()}, headers=SCRIPT)
    assert (again.status_code, "这个文件已经上传过" in again.content.decode()) == (422, True)
    nothing = client.post(address, headers=SCRIPT)
    assert (nothing.status_code, "请选择要上传的文件。" in nothing.content.decode()) == (422, True)
    plain = client.post(address, {"file": photo()})
    assert plain.headers["Location"] == f"/projects/{report.project_id}/#month-2023-6"
    file = ReportFile.objects.get(name="现场.png")
    gone = client.post(reverse("report_file_remove", args=[file.pk]), headers=SCRIPT)
    assert (gone.status_code, "现场.png" in gone.content.decode()) == (200, False)


def test_the_month_sheet_offers_files_where_the_month_is_stored_and_open(sign_in: SignIn) -> None:
    report = factories.project_report()
    other = factories.project(plan=report.project.plan)
    page = sign_in(clerk()).get(f"/plans/{report.project.plan.code}/project-reports/2023/6/").content.decode()
    assert page.count("data-evidence-form") == 1
    assert reverse("report_file_attach", args=[report.pk]) in page
    assert other.name in page


@pytest.mark.parametrize("number", [1, 3])
def test_a_project_with_its_months_events_and_files_takes_a_fixed_number_of_queries(
    django_assert_num_queries: DjangoAssertNumQueries, number: int
) -> None:
    project, reader = factories.project(), clerk()
    assert len(reader.held) == 1
    for month in range(1, number + 1):
        factories.report_file(report=factories.project_report(project=project, month=month))
    with django_assert_num_queries(4):  # and one for the people of the events, where there are any
        page = project_page(project, user=reader, on=timezone.localdate())
        assert [len(month.files) for month in page.months] == [1] * number


def test_the_reviewer_finds_the_files_beside_the_month_to_review(sign_in: SignIn) -> None:
    file = factories.report_file(report=factories.project_report(state=State.SUBMITTED), name="验收单.pdf")
    page = sign_in(factories.person(Role.REVIEWER)).get("/review/projects/").content.decode()
    assert f'href="{reverse("report_file_download", args=[file.pk])}"' in page
    assert "材料：验收单.pdf" in page


def test_the_api_names_the_files_of_a_month_and_hands_them_out(sign_in: SignIn) -> None:
    report = factories.project_report(state=State.APPROVED)
    file = factories.report_file(report=report)
    taken_back = factories.report_file(report=report, removed_by=clerk(), removed_at=timezone.now())
    client = sign_in(factories.person(Role.ANALYST))
    (told,) = client.get(f"/api/v1/project-reports/{report.pk}/").json()["files"]
    assert (told["id"], told["name"], told["content_type"]) == (file.pk, file.name, "application/pdf")
    answer = client.get(told["url"])
    assert answer.headers["Content-Disposition"].startswith("attachment;")
    assert b"".join(answer).startswith(b"%PDF")
    assert client.get(f"/api/v1/project-reports/{report.pk}/files/{taken_back.pk}/").status_code == 404
