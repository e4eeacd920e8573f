"""Imports and their lines protect themselves: each constraint beside a row that breaks only this one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.db import models
from django.utils import timezone

from accounts.models import Membership
from reports.models import EntryImport, EntryImportLine, ImportState, Outcome
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
}


@pytest.mark.parametrize("relation", PROTECTING)
def test_what_a_row_rests_on_is_not_deleted(relation: str) -> None:
    row = PROTECTING[relation]()
    if relation == "EntryImport.region":
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
