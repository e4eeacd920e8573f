"""The audit log: what a line holds, and that it outlives what it speaks of."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from django.db import models, transaction

from accounts.models import AuditEvent, record_audit
from accounts.permissions import Role
from tests import factories

pytestmark = pytest.mark.django_db

AT = datetime(2024, 5, 6, 1, 2, 3, tzinfo=UTC)


def test_a_line_says_who_did_what_when_and_where() -> None:
    planner = factories.person(Role.PLANNER, username="li", display_name="李强")
    plan = factories.plan()
    record_audit(
        by=planner, action="调整", subject=plan, region=plan.region, summary="改了规划", at=AT, reason="任务", version=2
    )
    line = AuditEvent.objects.get()
    assert (line.at, line.username, line.person, line.action) == (AT, "li", "李强", "调整")
    assert (line.kind, line.object_id, line.region_code) == ("plans.plan", str(plan.pk), "420682")
    assert (line.summary, line.detail) == ("改了规划", {"reason": "任务", "version": 2})
    assert str(line) == "2024-05-06 09:02:03 李强 调整 改了规划"  # Beijing time


def test_somebody_without_a_display_name_is_known_by_the_account() -> None:
    plan = factories.plan()
    record_audit(by=factories.person(username="li"), action="调整", subject=plan, region=plan.region, summary="", at=AT)
    assert AuditEvent.objects.get().person == "li"


def test_a_long_summary_is_cut_rather_than_lost() -> None:
    plan = factories.plan()
    record_audit(by=factories.person(), action="调整", subject=plan, region=plan.region, summary="长" * 900, at=AT)
    assert AuditEvent.objects.get().summary == "长" * 500


def test_the_line_outlives_person_and_subject() -> None:
    person, department = factories.person(username="li"), factories.department()
    record_audit(by=person, action="调整", subject=department, region=department.region, summary="科室", at=AT)
    department.delete()
    person.delete()
    assert AuditEvent.objects.get().username == "li"


def test_the_log_refers_to_nothing_that_could_be_deleted() -> None:
    assert [field.name for field in AuditEvent._meta.get_fields() if isinstance(field, models.ForeignKey)] == []


def test_the_line_goes_when_its_change_is_rolled_back() -> None:
    plan = factories.plan()
    with transaction.atomic():
        record_audit(by=factories.person(), action="调整", subject=plan, region=plan.region, summary="", at=AT)
        transaction.set_rollback(True)
    assert not AuditEvent.objects.exists()


def test_the_newest_line_comes_first_also_within_one_moment() -> None:
    plan, person = factories.plan(), factories.person()
    for summary in ("一", "二", "三"):
        record_audit(by=person, action="调整", subject=plan, region=plan.region, summary=summary, at=AT)
    assert list(AuditEvent.objects.values_list("summary", flat=True)) == ["三", "二", "一"]
