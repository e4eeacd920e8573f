"""What reports keep protects itself: each constraint beside a row that breaks only this one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.db import models
from django.utils import timezone

from accounts.models import Membership
from reports.models import (
    DraftState,
    EntryImport,
    EntryImportLine,
    ExportState,
    ImportState,
    Outcome,
)
from tests import factories
from tests.accounts.test_models import (
    Broken,
    assert_protected,
    assert_refused_by_name,
    assert_refused_in_words,
    constraints_of,
    protecting_relations,
)

pytestmark = pytest.mark.django_db


def imported(**values: Any) -> EntryImport:
    """An upload that waits for its confirmation; not yet stored."""
    stored = factories.entry_import()
    given: dict[str, Any] = {"region": stored.region, "by": stored.by, "year": 2024, "name": "表.xlsx", "content": b"x"}
    return EntryImport(**given | {"uploaded_at": timezone.now()} | values)


def line(**values: Any) -> EntryImportLine:
    """A row that changes nothing; not yet stored."""
    if "of" not in values:
        values["of"] = factories.entry_import()
    return EntryImportLine(**{"sheet": "老河口", "row": 7, "outcome": Outcome.SAME} | values)


def same_row_again() -> EntryImportLine:
    stored = line()
    stored.save()
    return line(of=stored.of)


def changed(row: models.Model, **values: Any) -> Any:
    """A stored row with other values; not yet stored. With `pk=None` it would be stored beside the first."""
    for name, value in values.items():
        setattr(row, name, value)
    if row.pk is None:
        row._state.adding = True
    return row


def waiting(**values: Any) -> Any:
    return changed(factories.export(state=ExportState.WAITING), **values)


NOW = timezone.now()
BROKEN: list[Broken] = [
    ("entry_import_says_when_it_was_applied_and_undone", lambda: imported(state=ImportState.APPLIED)),
    ("entry_import_says_when_it_was_applied_and_undone", lambda: imported(applied_at=timezone.now())),
    (
        "entry_import_says_when_it_was_applied_and_undone",
        lambda: imported(state=ImportState.UNDONE, undone_at=timezone.now()),
    ),
    ("entry_import_line_is_unique_per_sheet_and_row", same_row_again),
    ("entry_import_line_is_refused_with_a_reason", lambda: line(outcome=Outcome.REFUSED)),
    ("entry_import_line_is_refused_with_a_reason", lambda: line(errors=[["H7", "不是数字"]])),
    ("entry_import_line_that_writes_names_its_cell", lambda: line(outcome=Outcome.NEW)),
    ("entry_import_line_that_writes_names_its_cell", lambda: line(outcome=Outcome.CONFLICT, year=2024)),
    ("only_a_line_that_writes_is_written", lambda: line(written_version=1)),
    ("export_has_a_file_exactly_when_it_is_done", lambda: waiting(file="exports/1", size=1)),
    ("export_has_a_file_exactly_when_it_is_done", lambda: changed(factories.export(), file="")),
    ("export_says_when_it_ended_and_until_when_it_can_be_opened", lambda: waiting(finished_at=NOW)),
    (
        "export_says_when_it_ended_and_until_when_it_can_be_opened",
        lambda: waiting(state=ExportState.FAILED, error="断"),
    ),
    ("export_says_why_it_failed", lambda: waiting(state=ExportState.FAILED, finished_at=NOW)),
    ("export_says_why_it_failed", lambda: waiting(error="断")),
    ("export_that_runs_has_a_heartbeat", lambda: waiting(state=ExportState.RUNNING)),
    ("export_runs_twice_at_most", lambda: waiting(runs=3)),
    ("export_has_not_written_more_than_there_is", lambda: waiting(done=2)),
    ("snapshot_name_is_unique_per_plan_and_year", lambda: changed(factories.snapshot(), pk=None)),
    ("snapshot_has_a_name", lambda: changed(factories.snapshot(), name="")),
    ("snapshot_has_a_checksum", lambda: changed(factories.snapshot(), sha256="x" * 64)),
    ("plan_draft_says_when_it_was_published", lambda: changed(factories.plan_draft(), published_at=NOW)),
    ("plan_draft_says_when_it_was_published", lambda: changed(factories.plan_draft(), state=DraftState.PUBLISHED)),
    ("plan_draft_says_when_it_was_published", lambda: changed(factories.plan_draft(), plan=factories.plan())),
    ("plan_draft_has_a_title", lambda: changed(factories.plan_draft(), title="")),
    ("report_template_version_is_unique", lambda: changed(factories.report_template(), pk=None, is_in_use=False)),
    ("one_report_template_is_in_use_per_kind", lambda: changed(factories.report_template(), pk=None, version=2)),
    ("report_template_kind_is_known", lambda: changed(factories.report_template(), kind="secret")),
]


@pytest.mark.parametrize(("name", "broken"), BROKEN)
def test_the_database_refuses_the_row_and_names_the_constraint(name: str, broken: Callable[[], models.Model]) -> None:
    assert_refused_by_name("reports", name, broken())


@pytest.mark.parametrize(("name", "broken"), BROKEN)
def test_the_form_refuses_the_row_in_the_words_of_the_constraint(name: str, broken: Callable[[], models.Model]) -> None:
    assert_refused_in_words("reports", name, broken())


def test_every_constraint_has_a_row_that_breaks_it() -> None:
    assert {name for name, _ in BROKEN} == set(constraints_of("reports"))


def test_a_row_that_breaks_nothing_is_stored() -> None:
    EntryImportLine.objects.bulk_create([line()])
    EntryImportLine.objects.bulk_create([line(outcome=Outcome.REFUSED, errors=[["H7", "不是数字"]])])
    assert EntryImportLine.objects.count() == 2


PROTECTING: dict[str, Callable[[], models.Model]] = {
    "EntryImport.region": factories.entry_import,
    "EntryImport.by": factories.entry_import,
    "PlanDraft.region": factories.plan_draft,
    "PlanDraft.by": factories.plan_draft,
    "PlanDraft.changed_by": factories.plan_draft,
    "ReportTemplate.region": factories.report_template,
    "ReportTemplate.installed_by": factories.report_template,
    "Snapshot.plan": factories.snapshot,
    "Snapshot.taken_by": factories.snapshot,
}


@pytest.mark.parametrize("relation", PROTECTING)
def test_what_a_row_rests_on_is_not_deleted(relation: str) -> None:
    row = PROTECTING[relation]()
    if relation.endswith(".region"):
        Membership.objects.all().delete()
    assert_protected(relation, row)


def test_every_protecting_relation_is_tried() -> None:
    assert set(PROTECTING) == protecting_relations("reports")


def test_the_file_is_fetched_only_where_it_is_asked_for() -> None:
    stored = factories.entry_import()
    found = EntryImport.objects.visible_to(stored.by).get()
    assert found.get_deferred_fields() == {"content"}


def test_who_no_longer_enters_figures_there_sees_their_imports_no_longer() -> None:
    stored = factories.entry_import()
    stored.by.memberships.all().delete()
    assert not EntryImport.objects.visible_to(type(stored.by).objects.get(pk=stored.by.pk)).exists()
