"""An export from asking for it to the day its file is cleared away."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.management import call_command
from django.test import Client
from django.utils import timezone
from django_tasks_db.models import DBTaskResult
from pytest_django import DjangoAssertNumQueries, DjangoCaptureOnCommitCallbacks

from accounts.models import AuditEvent, Membership, User
from accounts.permissions import Role
from indicators.review import Refused
from reports.exports.answers import export_answer
from reports.exports.clearing import Cleared, clear_exports
from reports.exports.kinds import JOBS
from reports.exports.worker import BROKEN, KILLED, LOST, STALE, look, run_export
from reports.exports.workflow import MOST_UNDER_WAY, ROWS_AT_ONCE, drop_export, order_export
from reports.models import Export, ExportState
from tests import factories
from tests.reports.exports.jobs import LINES, NAME, lines_job, lines_of

pytestmark = pytest.mark.django_db
SignIn = Callable[[User], Client]
MANY = ROWS_AT_ONCE + 1


@pytest.fixture(autouse=True)
def job(monkeypatch: pytest.MonkeyPatch, settings: Any, tmp_path: Path) -> None:
    """The kind of file of these tests, and a folder that holds the files of one test only."""
    monkeypatch.setitem(JOBS, LINES, lines_job())
    # another connection would not see what these tests have not committed
    monkeypatch.setattr("reports.exports.worker._SAY_EVERY", 60)
    settings.MEDIA_ROOT = tmp_path


def ordered(by: User, *, rows: int = MANY) -> Export:
    export = order_export(kind=LINES, what={"region": "420682", "rows": rows}, by=by, at=timezone.now())
    assert isinstance(export, Export)
    return export


def finished(by: User) -> Export:
    export = ordered(by)
    run_export.call(export.pk)
    export.refresh_from_db()
    return export


def killed(export: Export) -> Export:
    """As a worker leaves it that was killed more than two minutes ago."""
    Export.objects.filter(pk=export.pk).update(
        state=ExportState.RUNNING, runs=export.runs + 1, heartbeat=timezone.now() - STALE
    )
    export.refresh_from_db()
    return export


def during_the_run(monkeypatch: pytest.MonkeyPatch, act: Callable[[], object]) -> None:
    """Something happens when the worker has written half of the rows."""

    def each(row: int) -> None:
        if row == MANY // 2:
            act()

    monkeypatch.setitem(JOBS, LINES, lines_job(each=each))


def files() -> set[str]:
    return set(default_storage.listdir("exports")[1]) if default_storage.exists("exports") else set()


# ---- Asking


def test_a_few_rows_are_answered_at_once_with_a_line_in_the_log() -> None:
    analyst = factories.person(Role.ANALYST)
    what = {"region": "420682", "rows": ROWS_AT_ONCE}
    answer = export_answer(kind=LINES, what=what, by=analyst)
    assert answer.content == lines_of(ROWS_AT_ONCE)
    assert Export.objects.count() == 0
    event = AuditEvent.objects.get()
    assert (event.action, event.region_code, event.summary) == ("导出", "420682", NAME)


def test_many_rows_wait_for_the_worker_on_a_page_of_their_own() -> None:
    analyst = factories.person(Role.ANALYST)
    answer = export_answer(kind=LINES, what={"region": "420682", "rows": MANY}, by=analyst)
    export = Export.objects.get()
    assert answer.headers["Location"] == f"/reports/exports/{export.pk}/"
    assert (export.state, export.done, export.total) == (ExportState.WAITING, 0, MANY)
    assert export.rights == {"420682": ["export"]}
    assert AuditEvent.objects.get().action == "申请导出"
    assert DBTaskResult.objects.ready().count() == 1  # the one that looks after it comes in two minutes


@pytest.mark.parametrize("role", [Role.CLERK, Role.LEADER, None])
def test_who_may_not_export_gets_neither_file_nor_export(role: Role | None) -> None:
    with pytest.raises(PermissionDenied):
        ordered(factories.person(role))
    assert (Export.objects.count(), DBTaskResult.objects.count()) == (0, 0)


def test_a_person_has_only_so_many_under_way_at_a_time() -> None:
    analyst = factories.person(Role.ANALYST)
    exports = [ordered(analyst) for _ in range(MOST_UNDER_WAY)]
    with pytest.raises(Refused, match=f"您已有{MOST_UNDER_WAY}个导出"):
        ordered(analyst)
    assert ordered(factories.person(Role.ANALYST)).state == ExportState.WAITING
    run_export.call(exports[0].pk)
    assert ordered(analyst).state == ExportState.WAITING


# ---- The worker


def test_the_worker_makes_the_file_and_says_so() -> None:
    export = finished(factories.person(Role.ANALYST))
    assert (export.state, export.name, export.done, export.percent) == (ExportState.DONE, NAME, MANY, 100)
    assert export.expires_at
    assert export.finished_at
    assert export.expires_at - export.finished_at == timedelta(days=3)
    with export.file.open() as file:
        assert file.read() == lines_of(MANY)
    assert export.size == len(lines_of(MANY))
    assert NAME not in str(export.file.name)
    assert [event.action for event in AuditEvent.objects.order_by("pk")] == ["申请导出", "导出"]


def test_a_second_task_for_the_same_export_does_nothing() -> None:
    export = finished(factories.person(Role.ANALYST))
    run_export.call(export.pk)
    again = Export.objects.get(pk=export.pk)
    assert (again.runs, again.file.name) == (1, export.file.name)


def test_who_lost_the_right_while_it_waited_gets_a_sentence_and_no_file() -> None:
    analyst = factories.person(Role.ANALYST)
    export = ordered(analyst)
    analyst.memberships.all().delete()
    run_export.call(export.pk)
    export.refresh_from_db()
    assert (export.state, export.error) == (ExportState.FAILED, LOST)
    assert files() == set()


def test_a_file_is_not_made_of_what_is_left_when_one_of_two_regions_is_lost() -> None:
    analyst = factories.person(Role.ANALYST)
    there = factories.region("330127", "淳安县")
    Membership.objects.create(user=analyst, region=there, role=Role.ANALYST)
    export = order_export(kind=LINES, what={"region": "420682 330127", "rows": MANY}, by=analyst, at=timezone.now())
    assert isinstance(export, Export)
    Membership.objects.filter(region=there).delete()
    run_export.call(export.pk)
    assert Export.objects.get(pk=export.pk).error == LOST


def test_an_account_that_was_closed_while_it_waited_gets_no_file() -> None:
    analyst = factories.person(Role.ANALYST)
    export = ordered(analyst)
    User.objects.update(is_active=False)
    run_export.call(export.pk)
    assert Export.objects.get(pk=export.pk).error == LOST


def test_an_error_is_told_in_chinese_and_kept_in_the_log_of_the_server(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, sign_in: SignIn
) -> None:
    def each(row: int) -> None:
        raise ZeroDivisionError("secret of the machine")

    monkeypatch.setitem(JOBS, LINES, lines_job(each=each))
    analyst = factories.person(Role.ANALYST)
    export = finished(analyst)
    page = sign_in(analyst).get(f"/reports/exports/{export.pk}/").content.decode()
    assert (export.state, export.error) == (ExportState.FAILED, BROKEN)
    assert BROKEN in page
    assert "secret" not in page
    assert "ZeroDivisionError: secret of the machine" in caplog.text


def test_a_job_may_refuse_with_its_own_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    def each(row: int) -> None:
        raise Refused("所选规划已撤下。")

    monkeypatch.setitem(JOBS, LINES, lines_job(each=each))
    assert finished(factories.person(Role.ANALYST)).error == "所选规划已撤下。"


def test_an_export_cancelled_in_the_middle_leaves_nothing(
    monkeypatch: pytest.MonkeyPatch, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    analyst = factories.person(Role.ANALYST)
    export = ordered(analyst)
    during_the_run(monkeypatch, lambda: drop_export(export=export, by=analyst, at=timezone.now()))
    with django_capture_on_commit_callbacks(execute=True):
        run_export.call(export.pk)
    assert Export.objects.count() == 0
    assert files() == set()
    assert [event.action for event in AuditEvent.objects.order_by("pk")] == ["申请导出", "取消导出"]


def test_a_run_that_was_thought_dead_keeps_no_file_beside_the_one_that_took_over(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    export = ordered(factories.person(Role.ANALYST))

    def taken_over() -> None:
        Export.objects.update(runs=2)

    during_the_run(monkeypatch, taken_over)
    run_export.call(export.pk)
    export.refresh_from_db()
    assert (export.state, export.runs) == (ExportState.RUNNING, 2)
    assert files() == set()


# ---- Killed workers


def test_a_killed_run_is_begun_again_once() -> None:
    export = killed(ordered(factories.person(Role.ANALYST)))
    DBTaskResult.objects.all().delete()
    look.call(export.pk)
    export.refresh_from_db()
    assert (export.state, export.runs, export.heartbeat) == (ExportState.WAITING, 1, None)
    assert DBTaskResult.objects.ready().count() == 1
    run_export.call(export.pk)
    export.refresh_from_db()
    assert (export.state, export.runs) == (ExportState.DONE, 2)


def test_a_run_that_is_killed_twice_has_failed_with_a_sentence() -> None:
    export = killed(killed(ordered(factories.person(Role.ANALYST))))
    look.call(export.pk)
    export.refresh_from_db()
    assert (export.state, export.error) == (ExportState.FAILED, KILLED)


def test_a_run_that_is_alive_is_left_alone_and_looked_at_again() -> None:
    export = killed(ordered(factories.person(Role.ANALYST)))
    Export.objects.update(heartbeat=timezone.now() - STALE + timedelta(seconds=5))
    DBTaskResult.objects.all().delete()
    look.call(export.pk)
    export.refresh_from_db()
    assert (export.state, export.runs) == (ExportState.RUNNING, 1)
    assert DBTaskResult.objects.get().run_after > timezone.now() + timedelta(minutes=1)


def test_what_has_ended_or_is_gone_is_not_looked_at_any_more() -> None:
    export = finished(factories.person(Role.ANALYST))
    DBTaskResult.objects.all().delete()
    look.call(export.pk)
    look.call(export.pk + 1)
    assert DBTaskResult.objects.count() == 0


# ---- The pages


def test_the_owner_opens_the_file_and_that_is_on_record(sign_in: SignIn) -> None:
    analyst = factories.person(Role.ANALYST)
    export = finished(analyst)
    answer: Any = sign_in(analyst).get(f"/reports/exports/{export.pk}/file/")
    assert b"".join(answer.streaming_content) == lines_of(MANY)
    assert answer.headers["Content-Disposition"].startswith("attachment; filename*=utf-8''%E6%98%8E")
    assert answer.headers["Cache-Control"] == "private, no-store"
    assert AuditEvent.objects.order_by("-pk")[0].action == "下载导出"


@pytest.mark.parametrize("role", [Role.ANALYST, Role.PLANNER, Role.LEADER, Role.SYSTEM])
def test_nobody_else_finds_it_not_even_a_colleague(sign_in: SignIn, role: Role) -> None:
    export = finished(factories.person(Role.ANALYST))
    client = sign_in(factories.person(role))
    path = f"/reports/exports/{export.pk}/"
    answers = [client.get(path), client.get(f"{path}file/"), client.post(f"{path}drop/")]
    assert [answer.status_code for answer in answers] == [404, 404, 404]
    assert client.get("/reports/exports/").status_code == (200 if role in (Role.ANALYST, Role.PLANNER) else 403)
    assert Export.objects.count() == 1


def test_who_lost_the_right_does_not_open_what_they_exported_before(sign_in: SignIn) -> None:
    analyst = factories.person(Role.ANALYST)
    export = finished(analyst)
    Membership.objects.update(role=Role.LEADER)
    assert sign_in(analyst).get(f"/reports/exports/{export.pk}/file/").status_code == 403


def test_a_planner_who_is_an_analyst_now_does_not_open_a_file_with_unapproved_figures(sign_in: SignIn) -> None:
    planner = factories.person(Role.PLANNER)
    export = finished(planner)
    Membership.objects.update(role=Role.ANALYST)
    assert sign_in(planner).get(f"/reports/exports/{export.pk}/file/").status_code == 403


def test_a_link_past_its_time_leads_to_a_sentence(sign_in: SignIn) -> None:
    analyst = factories.person(Role.ANALYST)
    export = finished(analyst)
    Export.objects.update(finished_at=timezone.now() - timedelta(days=4), expires_at=timezone.now())
    page = sign_in(analyst).get(f"/reports/exports/{export.pk}/file/", follow=True).content.decode()
    assert "这个文件还没有生成，或已过有效期。请重新导出。" in page
    assert "已过期：" in page
    assert "下载 明细数据" not in page


def test_the_page_asks_every_two_seconds_until_it_is_done(sign_in: SignIn) -> None:
    analyst = factories.person(Role.ANALYST)
    export, client = ordered(analyst), sign_in(analyst)
    path = f"/reports/exports/{export.pk}/"
    waiting = client.get(path).content.decode()
    Export.objects.update(state=ExportState.RUNNING, runs=1, heartbeat=timezone.now(), done=MANY // 2)
    part = client.get(path, headers={"HX-Request": "true"}).content.decode()
    Export.objects.update(state=ExportState.WAITING, runs=0)
    run_export.call(export.pk)
    done = client.get(path, headers={"HX-Request": "true"}).content.decode()
    assert 'hx-trigger="every 2s"' in waiting
    assert 'value="0"' in waiting
    assert part.startswith('<div id="export" hx-get')
    assert 'value="49"' in part
    assert "hx-trigger" not in done
    assert f'href="{path}file/"' in done


def test_a_page_that_waits_long_says_that_no_worker_may_be_running(sign_in: SignIn) -> None:
    analyst = factories.person(Role.ANALYST)
    export, client = ordered(analyst), sign_in(analyst)
    path, word = f"/reports/exports/{export.pk}/", "后台进程可能没有运行"
    assert word not in client.get(path).content.decode()
    Export.objects.update(created_at=timezone.now() - timedelta(minutes=1))
    assert word in client.get(path).content.decode()


def test_deleting_takes_the_file_along(
    sign_in: SignIn, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    analyst = factories.person(Role.ANALYST)
    export = finished(analyst)
    with django_capture_on_commit_callbacks(execute=True):
        page = sign_in(analyst).post(f"/reports/exports/{export.pk}/drop/", follow=True).content.decode()
    assert f"已删除：{NAME}。" in page
    assert not default_storage.exists(str(export.file.name))
    assert Export.objects.count() == 0


@pytest.mark.parametrize("rows", [1, 3])
def test_the_list_takes_as_many_queries_for_one_as_for_three(
    sign_in: SignIn, django_assert_num_queries: DjangoAssertNumQueries, rows: int
) -> None:
    analyst = factories.person(Role.ANALYST)
    for _ in range(rows):
        finished(analyst)
    client = sign_in(analyst)
    with django_assert_num_queries(6):
        client.get("/reports/exports/")


# ---- Clearing away


def test_what_has_expired_is_cleared_once_and_its_row_later() -> None:
    fresh, old = (finished(factories.person(Role.ANALYST)) for _ in range(2))
    at = timezone.now()
    Export.objects.filter(pk=old.pk).update(finished_at=at - timedelta(days=3), expires_at=at)
    later = at + timedelta(hours=2)  # a file just written is nobody's yet, so it is spared for an hour
    assert clear_exports(at=later).files == 1
    assert clear_exports(at=later) == Cleared(files=0, rows=0, tasks=0)
    assert default_storage.exists(str(fresh.file.name))
    assert not default_storage.exists(str(old.file.name))
    assert Export.objects.get(pk=old.pk).state == ExportState.EXPIRED
    assert clear_exports(at=at + timedelta(days=3)).rows == 1
    assert not Export.objects.filter(pk=old.pk).exists()


def test_a_file_that_no_row_names_is_cleared_after_an_hour(capsys: pytest.CaptureFixture[str]) -> None:
    name = default_storage.save("exports/left", ContentFile(b"by a killed worker"))
    call_command("clear_exports")
    assert default_storage.exists(name)
    clear_exports(at=timezone.now() + timedelta(hours=2))
    assert not default_storage.exists(name)
    assert capsys.readouterr().out == "已删除：文件0个、导出记录0条、任务记录0条。\n"
