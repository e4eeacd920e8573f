"""Rows of projects and work items protect themselves: each constraint beside a row that breaks only this one."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from django.db import models
from django.utils import timezone

from accounts.permissions import Role
from indicators.figures import Operator
from indicators.models import State
from projects.models import (
    FundingSource,
    Project,
    ProjectReport,
    ProjectReportEvent,
    ProjectUnit,
    ReportFile,
    Stage,
    WorkItem,
    WorkReport,
    WorkReportEvent,
)
from tests import factories
from tests.accounts.test_models import (
    Broken,
    assert_protected,
    assert_refused_by_name,
    assert_refused_in_words,
    constraints_of,
    found_by_natural_key,
    models_with_natural_key,
    protecting_relations,
)

pytestmark = pytest.mark.django_db


def project(**values: Any) -> Project:
    """A key project, not yet stored."""
    given: dict[str, Any] = {"number": "1", "order": 1, "name": "社会福利院三期建设项目"}
    if "plan" not in values:
        given["plan"] = factories.plan()
    return Project(**given | values)


def same_project_again() -> Project:
    return project(plan=factories.project(number="1").plan, number="1")


def unit() -> ProjectUnit:
    return ProjectUnit.objects.create(project=factories.project(), name="市民政局")


def same_unit_again() -> ProjectUnit:
    return ProjectUnit(project=unit().project, name="市民政局", order=2)


def money() -> FundingSource:
    return FundingSource.objects.create(project=factories.project(), name="福彩公益金")


def same_money_again() -> FundingSource:
    return FundingSource(project=money().project, name="福彩公益金", order=2)


def report(**values: Any) -> ProjectReport:
    """A draft for June 2023, entered by a clerk; not yet stored."""
    given: dict[str, Any] = {"year": 2023, "month": 6, "stage": Stage.UNDER_WAY}
    given |= {"entered_by": factories.person(Role.CLERK), "entered_at": timezone.now()}
    if "project" not in values:
        given["project"] = factories.project()
    return ProjectReport(**given | values)


def approved(**values: Any) -> ProjectReport:
    given = {"state": State.APPROVED, "approved_by": factories.person(Role.REVIEWER), "approved_at": timezone.now()}
    return report(**given | values)


def stored(row: models.Model) -> models.Model:
    row.save()
    return row


def same_month_again() -> ProjectReport:
    first = report()
    first.save()
    return report(project=first.project)


def approved_by_who_entered_it() -> ProjectReport:
    person = factories.person(Role.REVIEWER)
    return approved(entered_by=person, approved_by=person)


def work_item(**values: Any) -> WorkItem:
    given: dict[str, Any] = {"number": "1", "order": 1, "title": "完成适老化改造"}
    if "plan" not in values:
        given["plan"] = factories.plan()
    return WorkItem(**given | values)


def same_work_item_again() -> WorkItem:
    return work_item(plan=factories.work_item(number="1").plan, number="1")


def work_report(**values: Any) -> WorkReport:
    """A draft for June 2023, entered by a clerk; not yet stored."""
    given: dict[str, Any] = {"year": 2023, "month": 6}
    given |= {"entered_by": factories.person(Role.CLERK), "entered_at": timezone.now()}
    if "item" not in values:
        given["item"] = factories.work_item()
    return WorkReport(**given | values)


def same_month_of_work_again() -> WorkReport:
    return work_report(item=factories.work_report().item)


def work_approved_by_who_entered_it() -> WorkReport:
    person = factories.person(Role.REVIEWER)
    return work_report(state=State.APPROVED, entered_by=person, approved_by=person, approved_at=timezone.now())


def project_step() -> ProjectReportEvent:
    report = factories.project_report()
    by = factories.person(Role.REVIEWER)
    return ProjectReportEvent.objects.create(
        report=report, at=timezone.now(), by=by, move="return", state=report.state, version=1, stage=report.stage
    )


def work_step() -> WorkReportEvent:
    report = factories.work_report()
    by = factories.person(Role.REVIEWER)
    return WorkReportEvent.objects.create(
        report=report, at=timezone.now(), by=by, move="return", state=report.state, version=1
    )


def report_file(**values: Any) -> ReportFile:
    """A PDF beside a draft month; not yet stored."""
    given: dict[str, Any] = {"file": "evidence/1", "name": "监理月报.pdf", "content_type": "application/pdf", "size": 9}
    given |= {"sha256": "a" * 64, "uploaded_by": factories.person(Role.CLERK), "uploaded_at": timezone.now()}
    if "report" not in values:
        given["report"] = factories.project_report()
    return ReportFile(**given | values)


def same_file_again() -> ReportFile:
    first = factories.report_file()
    return report_file(report=first.report, sha256=first.sha256)


BROKEN: list[Broken] = [
    ("project_number_is_unique_in_plan", same_project_again),
    ("project_starts_before_it_ends", lambda: project(start_year=2023, end_year=2022)),
    ("project_investment_is_not_negative", lambda: project(total_investment=Decimal("-0.0001"))),
    ("project_unit_is_named_once", same_unit_again),
    ("funding_source_is_named_once", same_money_again),
    ("projectreport_is_entered_by_somebody_or_published", lambda: report(entered_by=None, entered_at=None)),
    ("projectreport_is_entered_by_somebody_or_published", lambda: report(source_ref="第9页")),
    ("projectreport_approval_says_who_and_when", lambda: approved(approved_by=None, approved_at=None)),
    ("projectreport_approval_says_who_and_when", lambda: approved(state=State.DRAFT)),
    ("projectreport_is_not_approved_by_who_entered_it", approved_by_who_entered_it),
    ("project_report_is_unique_per_month", same_month_again),
    ("projectreport_month_is_a_month", lambda: report(month=0)),
    ("projectreport_month_is_a_month", lambda: report(month=13)),
    ("physical_progress_is_a_percentage", lambda: report(physical_progress=Decimal("100.01"))),
    ("physical_progress_is_a_percentage", lambda: report(physical_progress=Decimal("-1"))),
    ("investment_done_is_not_negative", lambda: report(investment_done=Decimal(-1))),
    ("report_file_is_attached_once", same_file_again),
    ("only_a_picture_has_a_preview", lambda: report_file(has_preview=True)),
    ("reportfile_removal_says_who_and_when", lambda: report_file(removed_at=timezone.now())),
    ("reportfile_removal_says_who_and_when", lambda: report_file(removed_by=factories.person(Role.CLERK))),
    ("reportfile_is_not_empty", lambda: report_file(size=0)),
    ("work_item_number_is_unique_in_plan", same_work_item_again),
    ("work_item_target_value_has_its_operator", lambda: work_item(target_value=Decimal(300))),
    (
        "work_item_target_value_has_its_operator",
        lambda: work_item(target_value=Decimal(300), target_operator=Operator.TEXT),
    ),
    ("workreport_is_entered_by_somebody_or_published", lambda: work_report(entered_by=None, entered_at=None)),
    ("workreport_approval_says_who_and_when", lambda: work_report(state=State.APPROVED)),
    ("workreport_is_not_approved_by_who_entered_it", work_approved_by_who_entered_it),
    ("workreport_month_is_a_month", lambda: work_report(month=0)),
    ("workreport_month_is_a_month", lambda: work_report(month=13)),
    ("work_report_is_unique_per_month", same_month_of_work_again),
    ("work_report_value_is_not_negative", lambda: work_report(value=Decimal("-0.0001"))),
]


@pytest.mark.parametrize(("name", "broken"), BROKEN)
def test_the_database_refuses_the_row_and_names_the_constraint(name: str, broken: Callable[[], models.Model]) -> None:
    assert_refused_by_name("projects", name, broken())


@pytest.mark.parametrize(("name", "broken"), BROKEN)
def test_the_form_refuses_the_row_in_the_words_of_the_constraint(name: str, broken: Callable[[], models.Model]) -> None:
    assert_refused_in_words("projects", name, broken())


def test_every_constraint_has_a_row_that_breaks_it() -> None:
    assert {name for name, _ in BROKEN} == set(constraints_of("projects"))


SOUND: dict[str, Callable[[], models.Model]] = {
    "a project of one year without money": lambda: project(start_year=2023, end_year=2023),
    "a project of which only the end is known": lambda: project(end_year=2023),
    "a report of nothing done": lambda: report(physical_progress=Decimal(0), investment_done=Decimal(0)),
    "an approved report of all done": lambda: approved(physical_progress=Decimal(100)),
    "a photo with its preview": lambda: report_file(content_type="image/jpeg", has_preview=True),
    "a month of a work item with nothing reached": lambda: work_report(value=Decimal(0)),
    "a work item with its target": lambda: work_item(target_value=Decimal(300), target_operator=Operator.GE),
}


@pytest.mark.parametrize("what", SOUND)
def test_a_sound_row_passes_the_form_and_the_database(what: str) -> None:
    row = SOUND[what]()
    row.full_clean()
    row.save(force_insert=True)
    assert type(row)._default_manager.filter(pk=row.pk).exists()


PROTECTING: dict[str, Callable[[], models.Model]] = {
    "Project.theme": lambda: factories.project(theme=factories.theme()),
    "Project.department": lambda: factories.project(department=factories.department()),
    "ProjectReport.entered_by": lambda: stored(report()),
    "ProjectReport.approved_by": lambda: stored(approved()),
    "ProjectReportEvent.by": project_step,
    "ReportFile.uploaded_by": factories.report_file,
    "ReportFile.removed_by": lambda: stored(
        report_file(removed_by=factories.person(Role.CLERK), removed_at=timezone.now())
    ),
    "WorkReport.entered_by": factories.work_report,
    "WorkReport.approved_by": lambda: factories.work_report(state=State.APPROVED),
    "WorkReportEvent.by": work_step,
    "WorkItem.theme": lambda: factories.work_item(theme=factories.theme()),
    "WorkItem.department": lambda: factories.work_item(department=factories.department()),
}


@pytest.mark.parametrize("relation", PROTECTING)
def test_what_a_row_rests_on_is_not_deleted(relation: str) -> None:
    assert_protected(relation, PROTECTING[relation]())


def test_every_protecting_relation_is_tried() -> None:
    assert set(PROTECTING) == protecting_relations("projects")


NATURAL: dict[str, Callable[[], models.Model]] = {
    "Project": factories.project,
    "ProjectUnit": unit,
    "FundingSource": money,
    "WorkItem": factories.work_item,
}


@pytest.mark.parametrize("model", NATURAL)
def test_a_natural_key_gives_the_row_back(model: str) -> None:
    row = NATURAL[model]()
    assert found_by_natural_key(row) == row


def test_every_natural_key_is_tried() -> None:
    assert set(NATURAL) == models_with_natural_key("projects")
