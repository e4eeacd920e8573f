"""Files beside a figure: who may add and take back, until when, and what is handed out to whom."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import AuditEvent, User
from accounts.permissions import Role
from accounts.uploads import CUT_OFF
from indicators.evidence import FILE_LIMIT, FILES_LIMIT, attach_evidence, backing_of, remove_evidence
from indicators.file_types import TYPES
from indicators.models import Actual, ActualEvent, Evidence, Indicator, State
from indicators.moves import Move
from indicators.review import Forbidden, Refused, RoundClosed, WrongState
from indicators.workflow import Entry, move_actual, save_actual
from tests import factories

pytestmark = pytest.mark.django_db

SignIn = Callable[[User], Client]
SCRIPT = {"HX-Request": "true"}


def pdf(name: str = "台账.pdf", mark: str = "") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, factories.PDF + mark.encode())


def open_indicator(**values: Any) -> Indicator:
    indicator = factories.indicator(**values)
    factories.open_round(indicator.plan, 2023)
    return indicator


def attach(indicator: Indicator, by: User, upload: SimpleUploadedFile | None = None) -> Evidence:
    return attach_evidence(indicator=indicator, year=2023, upload=upload or pdf(), by=by)


def attach_url(indicator: Indicator, year: int = 2023) -> str:
    return reverse("evidence_attach", args=[indicator.pk, year])


def stored(folder: Path) -> list[Path]:
    return [file for file in folder.rglob("*") if file.is_file()]


@pytest.fixture
def folder(settings: Any, tmp_path: Path) -> Path:
    """An empty store of this test's own."""
    settings.MEDIA_ROOT = tmp_path / "store"
    return tmp_path / "store"


# ---- Attaching


def test_a_file_is_kept_under_a_name_that_says_nothing(folder: Path) -> None:
    clerk = factories.person(Role.CLERK)
    actual = factories.actual(indicator=open_indicator())
    evidence = attach(actual.indicator, clerk, pdf("../民政 年报.pdf"))
    assert (evidence.actual, evidence.name, evidence.size) == (actual, "民政_年报.pdf", len(factories.PDF))
    assert (evidence.content_type, evidence.uploaded_by) == ("application/pdf", clerk)
    (file,) = stored(folder)
    assert file.read_bytes() == factories.PDF
    assert (len(file.name), file.suffix) == (32, "")
    assert file.stat().st_mode & 0o077 == 0
    line = AuditEvent.objects.get()
    assert (line.action, line.username, line.region_code) == ("上传材料", clerk.username, "420682")
    assert line.detail == {"sha256": evidence.sha256, "size": evidence.size}


def test_the_figure_itself_and_its_version_stay_as_they_were() -> None:
    actual = factories.actual(indicator=open_indicator(), value=Decimal("46.5"), version=3)
    attach(actual.indicator, factories.person(Role.CLERK))
    again = Actual.objects.get()
    assert (again.value, again.version, again.entered_by_id) == (Decimal("46.5"), 3, actual.entered_by_id)
    assert not ActualEvent.objects.exists()


def test_where_there_is_no_figure_yet_it_becomes_an_unreported_draft() -> None:
    clerk = factories.person(Role.CLERK)
    attach(open_indicator(), clerk)
    actual = Actual.objects.get()
    assert (actual.state, actual.availability, actual.value) == ("draft", "unreported", None)
    assert (actual.entered_by, actual.version) == (clerk, 1)
    saved = save_actual(
        indicator=actual.indicator, year=2023, entry=Entry(value=Decimal(47), text="47"), by=clerk, version=1
    )
    assert saved.evidence.count() == 1


def test_what_demo_people_attach_is_demo() -> None:
    assert attach(open_indicator(), factories.person(Role.CLERK, is_demo=True)).is_demo
    assert not attach(open_indicator(), factories.person(Role.CLERK)).is_demo


def test_a_real_file_does_not_stand_beside_a_demo_figure() -> None:
    """Removing the demo would take it along."""
    actual = factories.actual(indicator=open_indicator(), is_demo=True)
    with pytest.raises(Refused, match="这里还是演示数据，请先填报正式数据，再附材料。"):
        attach(actual.indicator, factories.person(Role.CLERK))
    assert attach(actual.indicator, factories.person(Role.CLERK, is_demo=True)).is_demo


def test_the_same_file_is_not_kept_twice(folder: Path) -> None:
    indicator, clerk = open_indicator(), factories.person(Role.CLERK)
    attach(indicator, clerk, pdf("甲.pdf"))
    with pytest.raises(Refused, match=r"这个文件已经上传过（“甲\.pdf”），不必重复上传。"):
        attach(indicator, clerk, pdf("乙.pdf"))
    assert len(stored(folder)) == 1


def test_the_same_file_may_back_another_figure() -> None:
    clerk = factories.person(Role.CLERK)
    assert attach(open_indicator(), clerk).sha256 == attach(open_indicator(), clerk).sha256


def test_the_eleventh_file_is_one_too_many(folder: Path) -> None:
    indicator, clerk = open_indicator(), factories.person(Role.CLERK)
    files = [attach(indicator, clerk, pdf(mark=str(number))) for number in range(FILES_LIMIT)]
    with pytest.raises(Refused, match="一个数据最多附10个文件，请先移除不需要的。"):
        attach(indicator, clerk, pdf(mark="eleven"))
    assert len(stored(folder)) == FILES_LIMIT
    remove_evidence(evidence=files[0], by=clerk)
    attach(indicator, clerk, pdf(mark="eleven"))


@pytest.mark.parametrize(
    ("upload", "message"),
    [
        (SimpleUploadedFile("空.pdf", b""), "“空.pdf”是空文件"),
        (SimpleUploadedFile("大.pdf", factories.PDF + bytes(FILE_LIMIT)), "“大.pdf”超过20 MB，请压缩或拆分后再上传。"),
        (SimpleUploadedFile("改名.pdf", b"MZ\x90\0" + bytes(99)), "“改名.pdf”的内容不是PDF文件"),
        (SimpleUploadedFile("脚本.html", b"<html>"), "“脚本.html”的类型不能上传"),
    ],
    ids=["empty", "too_large", "renamed", "of_another_type"],
)
def test_a_file_that_is_not_taken_leaves_nothing_behind(upload: SimpleUploadedFile, message: str, folder: Path) -> None:
    with pytest.raises(Refused, match=message):
        attach(open_indicator(), factories.person(Role.CLERK), upload)
    assert (stored(folder), Actual.objects.count(), AuditEvent.objects.count()) == ([], 0, 0)


def test_a_file_of_exactly_the_limit_is_taken() -> None:
    content = factories.PDF.ljust(FILE_LIMIT, b" ")
    assert (
        attach(open_indicator(), factories.person(Role.CLERK), SimpleUploadedFile("a.pdf", content)).size == FILE_LIMIT
    )


def test_a_row_that_cannot_be_written_takes_its_file_along(folder: Path) -> None:
    indicator, clerk = open_indicator(), factories.person(Role.CLERK)

    def refuse(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if "INSERT" in sql and "indicators_evidence" in sql:
            raise DatabaseError("disk full")
        return execute(sql, params, many, context)

    with connection.execute_wrapper(refuse), pytest.raises(DatabaseError, match="disk full"):
        attach(indicator, clerk)
    assert (stored(folder), Actual.objects.count(), AuditEvent.objects.count()) == ([], 0, 0)


@pytest.mark.parametrize("state", [State.SUBMITTED, State.APPROVED])
def test_a_figure_that_is_locked_takes_and_gives_back_no_file(state: State, folder: Path) -> None:
    actual = factories.actual(indicator=open_indicator(), state=state)
    evidence, clerk = factories.evidence(actual=actual), factories.person(Role.CLERK)
    with pytest.raises(WrongState, match=f"2023年数据为“{state.label}”，不能保存。"):
        attach(actual.indicator, clerk)
    with pytest.raises(WrongState):
        remove_evidence(evidence=evidence, by=clerk)
    assert (len(stored(folder)), Evidence.objects.standing().count()) == (1, 1)


def test_a_closed_round_takes_no_file() -> None:
    indicator = factories.indicator()
    factories.open_round(indicator.plan, 2023, due_on=date(2000, 2, 1))
    with pytest.raises(RoundClosed, match="2023年已截止，不能保存。"):
        attach(indicator, factories.person(Role.CLERK))


@pytest.mark.parametrize("role", [role for role in Role if role != Role.CLERK])
def test_only_who_enters_the_figure_adds_and_takes_back(role: Role) -> None:
    actual = factories.actual(indicator=open_indicator())
    evidence, person = factories.evidence(actual=actual), factories.person(role)
    with pytest.raises(Forbidden):
        attach(actual.indicator, person)
    with pytest.raises(Forbidden):
        remove_evidence(evidence=evidence, by=person)


def test_a_clerk_of_another_department_adds_nothing() -> None:
    theirs, other = factories.department(), factories.department()
    clerk = factories.person(Role.CLERK)
    clerk.memberships.get().departments.add(other)
    with pytest.raises(Forbidden):
        attach(open_indicator(department=theirs), clerk)


def test_a_group_row_and_a_year_outside_the_plan_take_no_file() -> None:
    clerk = factories.person(Role.CLERK)
    with pytest.raises(Refused, match="本行不填数"):
        attach(open_indicator(is_group=True), clerk)
    indicator = factories.indicator()
    factories.open_round(indicator.plan, 2031)
    with pytest.raises(Refused, match="没有2031年"):
        attach_evidence(indicator=indicator, year=2031, upload=pdf(), by=clerk)


# ---- Taking back


def test_what_is_taken_back_stays_on_record_with_its_file(folder: Path) -> None:
    clerk = factories.person(Role.CLERK)
    evidence = attach(open_indicator(), clerk)
    remove_evidence(evidence=evidence, by=clerk)
    again = Evidence.objects.get()
    assert (again.removed_by, again.removed_at is not None) == (clerk, True)
    assert len(stored(folder)) == 1
    assert AuditEvent.objects.first().action == "移除材料"  # type: ignore[union-attr]
    with pytest.raises(WrongState, match=r"“台账\.pdf”已经移除。"):
        remove_evidence(evidence=again, by=clerk)
    attach(again.actual.indicator, clerk)


def test_the_database_refuses_a_second_standing_copy_and_half_a_removal() -> None:
    evidence = factories.evidence(content=b"%PDF-same")
    for broken in (
        lambda: factories.evidence(actual=evidence.actual, content=b"%PDF-same"),
        lambda: Evidence.objects.update(removed_at=timezone.now()),
        lambda: Evidence.objects.update(removed_by=evidence.uploaded_by),
        lambda: Evidence.objects.update(size=0),
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            broken()


# ---- The pages


def test_a_script_is_answered_with_the_list(sign_in: SignIn) -> None:
    indicator = open_indicator()
    client = sign_in(factories.person(Role.CLERK, display_name="王芳"))
    answer = client.post(attach_url(indicator), {"file": pdf()}, headers=SCRIPT)
    page = answer.content.decode()
    assert answer.status_code == 200
    assert "<html" not in page
    evidence = Evidence.objects.get()
    assert f'href="/evidence/{evidence.pk}/" download>台账.pdf</a>' in page
    assert f"{evidence.size}\xa0字节，王芳" in page
    assert 'data-version="1"' in page
    gone = client.post(reverse("evidence_remove", args=[evidence.pk]), headers=SCRIPT)
    assert gone.status_code == 200
    assert "台账.pdf" not in gone.content.decode()
    assert client.post(reverse("evidence_remove", args=[evidence.pk]), headers=SCRIPT).status_code == 404


@pytest.mark.parametrize(
    ("sent", "message"),
    [
        ({}, "请选择要上传的文件。"),
        ({"file": "台账.pdf"}, "请选择要上传的文件。"),
        ({"file": SimpleUploadedFile("空.pdf", b"")}, "“空.pdf”是空文件，请检查后重新选择。"),
        ({"file": SimpleUploadedFile("a.exe", b"MZ")}, "“a.exe”的类型不能上传。"),
    ],
)
def test_a_refused_file_is_answered_with_the_sentence(sign_in: SignIn, sent: dict[str, Any], message: str) -> None:
    indicator = open_indicator()
    client = sign_in(factories.person(Role.CLERK))
    answer = client.post(attach_url(indicator), sent, headers=SCRIPT)
    assert answer.status_code == 422
    assert f"✕ {message}" in answer.content.decode()
    plain = client.post(attach_url(indicator), sent)
    assert (plain.status_code, plain.headers["Location"]) == (302, f"/plans/{indicator.plan.code}/entry/2023/")


def test_without_a_script_the_sheet_says_what_was_wrong(sign_in: SignIn) -> None:
    indicator = open_indicator(number="4")
    client = sign_in(factories.person(Role.CLERK))
    answer = client.post(attach_url(indicator), {"file": SimpleUploadedFile("a.exe", b"MZ")}, follow=True)
    assert "4 养老机构护理型床位占比：“a.exe”的类型不能上传。" in answer.content.decode()


def test_a_file_far_too_large_is_cut_and_refused_with_the_sentence(sign_in: SignIn) -> None:
    indicator = open_indicator()
    huge = SimpleUploadedFile("录像.pdf", factories.PDF + bytes(CUT_OFF + 3 * 1024 * 1024))
    answer = sign_in(factories.person(Role.CLERK)).post(attach_url(indicator), {"file": huge}, headers=SCRIPT)
    assert answer.status_code == 422
    assert "“录像.pdf”超过20 MB，请压缩或拆分后再上传。" in answer.content.decode()


def test_too_much_in_one_form_ends_in_a_sentence(sign_in: SignIn) -> None:
    answer = sign_in(factories.person(Role.CLERK)).post(attach_url(open_indicator()), {"note": "长" * 3_000_000})
    assert answer.status_code == 400
    assert "发送的内容过大、过多或格式有误，没有保存。" in answer.content.decode()


def test_a_year_outside_the_plan_is_not_found(sign_in: SignIn) -> None:
    client = sign_in(factories.person(Role.CLERK))
    assert client.post(attach_url(open_indicator(), 2031), {"file": pdf()}).status_code == 404


@pytest.mark.parametrize("name", ["2023年 台账（终稿）.pdf", "a';--.pdf", "x" * 100 + ".pdf"])
def test_a_download_is_an_attachment_and_nothing_a_browser_would_run(sign_in: SignIn, name: str) -> None:
    evidence = factories.evidence(actual=factories.actual(state=State.APPROVED), name=name, content=b"%PDF-1")
    answer: Any = sign_in(factories.person(Role.LEADER)).get(reverse("evidence_download", args=[evidence.pk]))
    assert b"".join(answer.streaming_content) == b"%PDF-1"
    sent = {head: answer.headers[head] for head in ("Content-Type", "X-Content-Type-Options", "Cache-Control")}
    assert sent == {
        "Content-Type": "application/pdf",
        "X-Content-Type-Options": "nosniff",
        "Cache-Control": "private, no-store",
    }
    assert answer.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
    disposition = answer.headers["Content-Disposition"]
    assert disposition.startswith("attachment; filename")
    assert name in disposition or f"filename*=utf-8''{quote(name)}" in disposition


def test_a_file_that_lies_no_longer_in_the_store_is_not_found(sign_in: SignIn, folder: Path) -> None:
    evidence = factories.evidence(actual=factories.actual(state=State.APPROVED))
    Path(evidence.file.path).unlink()
    url = reverse("evidence_download", args=[evidence.pk])
    assert sign_in(factories.person(Role.LEADER)).get(url).status_code == 404


def test_the_file_follows_the_figure_into_and_out_of_sight(sign_in: SignIn) -> None:
    actual = factories.actual(state=State.SUBMITTED)
    url = reverse("evidence_download", args=[factories.evidence(actual=actual).pk])
    reviewer = factories.person(Role.REVIEWER)
    leader, colleague = sign_in(factories.person(Role.LEADER)), sign_in(factories.person(Role.CLERK))
    stranger = sign_in(factories.person(Role.LEADER, factories.region("330127", "淳安县")))

    def answers() -> list[int]:
        found = []
        for client in (leader, colleague, stranger):
            answer = client.get(url)
            found.append(answer.status_code)
            if answer.streaming:
                b"".join(answer)  # read to its end: closing it halfway would close the test's connection along with it
        return found

    assert answers() == [404, 200, 404]
    actual = move_actual(actual=actual, move=Move.APPROVE, by=reviewer, version=1)
    assert answers() == [200, 200, 404]
    move_actual(actual=actual, move=Move.REOPEN, by=reviewer, version=2, note="口径有误")
    assert answers() == [404, 200, 404]
    Evidence.objects.update(removed_by=reviewer, removed_at=timezone.now())
    assert answers() == [404, 404, 404]


def test_the_indicators_page_lists_the_files_of_each_year(sign_in: SignIn) -> None:
    indicator = open_indicator()
    factories.evidence(actual=factories.actual(indicator=indicator, year=2022, state=State.APPROVED), name="甲.pdf")
    factories.evidence(actual=factories.actual(indicator=indicator, year=2023), name="乙.pdf", is_demo=True)
    clerk = sign_in(factories.person(Role.CLERK)).get(indicator.get_absolute_url()).content.decode()
    leader = sign_in(factories.person(Role.LEADER)).get(indicator.get_absolute_url()).content.decode()
    assert ("甲.pdf" in clerk, "乙.pdf" in clerk, "甲.pdf" in leader, "乙.pdf" in leader) == (True, True, True, False)
    assert clerk.count("data-evidence-form") == 1  # 2022 is locked, the other years have no round
    assert clerk.count("data-evidence-remove") == 1
    assert "data-evidence-form" not in leader


@pytest.mark.parametrize("files", [1, 3])
def test_the_files_of_all_years_cost_the_same_queries(files: int, django_assert_num_queries: Any) -> None:
    indicator, clerk = open_indicator(), factories.person(Role.CLERK)
    actual = factories.actual(indicator=indicator)
    for _ in range(files):
        factories.evidence(actual=actual, uploaded_by=clerk)
    assert clerk.held
    with django_assert_num_queries(5):
        backings = backing_of(indicator, years=indicator.plan.years, user=clerk, on=date(2024, 1, 1))
        assert [[str(file.uploaded_by) for file in row.evidence] for row in backings] == [
            [],
            [],
            [str(clerk)] * files,
            [],
            [],
        ]


def test_the_api_lists_the_files_and_hands_them_out(sign_in: SignIn) -> None:
    evidence = factories.evidence(actual=factories.actual(state=State.APPROVED), content=b"%PDF-1")
    Evidence.objects.create(
        actual=evidence.actual,
        file="evidence/gone",
        name="旧.pdf",
        size=1,
        sha256="0",
        uploaded_by=evidence.uploaded_by,
        uploaded_at=evidence.uploaded_at,
        removed_by=evidence.uploaded_by,
        removed_at=evidence.uploaded_at,
    )
    client = sign_in(factories.person(Role.ANALYST))
    (listed,) = client.get(f"/api/v1/actuals/{evidence.actual.pk}/").json()["evidence"]
    url = f"http://testserver/api/v1/actuals/{evidence.actual.pk}/evidence/{evidence.pk}/"
    assert (listed["id"], listed["name"], listed["size"], listed["url"]) == (evidence.pk, "台账.pdf", 6, url)
    answer: Any = client.get(url)
    assert b"".join(answer.streaming_content) == b"%PDF-1"
    other = factories.actual(state=State.APPROVED)
    assert client.get(f"/api/v1/actuals/{other.pk}/evidence/{evidence.pk}/").status_code == 404


def test_the_form_offers_the_types_that_are_taken(sign_in: SignIn) -> None:
    page = sign_in(factories.person(Role.CLERK)).get(open_indicator().get_absolute_url()).content.decode()
    offered = ",".join(f".{extension}" for row in TYPES for extension in row.extensions)
    assert f'accept="{offered}"' in page
