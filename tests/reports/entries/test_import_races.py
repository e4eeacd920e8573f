"""An import confirmed or taken back in the instant in which people type into the same rows: all of it or nothing."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from functools import partial
from typing import cast

import pytest

from accounts.models import User
from accounts.permissions import Role
from indicators.models import Actual, Indicator
from indicators.reassess import reassess
from indicators.review import Refused
from indicators.workflow import Entry, Typed, save_actuals
from plans.models import Plan
from reports.entries.workflow import Outdated, confirm_import, undo_import, upload_entries
from reports.models import EntryImport, ImportState
from tests import factories
from tests.races import assert_all_is_well, at_once, done
from tests.reports.entries.entry_books import YEAR, filled, template_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("shared_database")]

ROUNDS = 8
ROWS = 20


def plan_with_rows() -> tuple[Plan, list[Indicator]]:
    plan = factories.plan()
    factories.open_round(plan, YEAR)
    rows = [factories.indicator(plan=plan) for _ in range(ROWS)]
    reassess(Indicator.objects.all())
    return plan, rows


def preview(plan: Plan, rows: Sequence[Indicator], by: User, value: int) -> EntryImport:
    content = filled(template_of(plan, user=by), {(row, "value"): value for row in rows})
    return upload_entries(content=content, name="表.xlsx", by=by)


def type_through(rows: Sequence[Indicator], value: str, by: User) -> list[Actual | Refused]:
    """Cell after cell on the versions seen at the start, as a sheet does; what each save answered."""
    seen = dict(Actual.objects.filter(indicator__in=rows).values_list("indicator", "version"))
    entry = Entry(value=Decimal(value), text=value)
    cells = [Typed(row, YEAR, entry, seen.get(row.pk)) for row in rows]
    return [answer for cell in cells for answer in save_actuals([cell], by=by)]


def test_an_import_confirmed_while_somebody_types_is_written_whole_or_not_at_all() -> None:
    plan, rows = plan_with_rows()
    one, other = factories.person(Role.CLERK), factories.person(Role.CLERK)
    for turn in range(ROUNDS):
        imported = preview(plan, rows, one, 100 + turn)
        before = {row.indicator_id: row.version for row in Actual.objects.all()}
        confirm = partial(confirm_import, imported=imported, by=one, preview=1)
        answer, typed = at_once(confirm, partial(type_through, rows[turn::7], str(turn), other))
        imported.refresh_from_db()
        written = Actual.objects.filter(events__value=100 + turn).distinct().count()
        if imported.state == ImportState.APPLIED:
            assert written == ROWS
            assert {line.written_version for line in imported.lines.all()} == {
                before.get(row.pk, 0) + 1 for row in rows
            }
        else:
            assert isinstance(answer, Outdated)
            assert written == 0
            assert imported.preview == 2
        assert_all_is_well(cast(list[object], typed))


def test_an_import_taken_back_while_somebody_types_leaves_alone_what_they_typed() -> None:
    plan, rows = plan_with_rows()
    one, other = factories.person(Role.CLERK), factories.person(Role.CLERK)
    for turn in range(ROUNDS):
        imported = preview(plan, rows, one, 100 + turn)
        confirm_import(imported=imported, by=one, preview=1)
        undo = partial(undo_import, imported=imported, by=one)
        _, typed = at_once(undo, partial(type_through, rows[turn::7], str(turn), other))
        imported.refresh_from_db()
        assert imported.state == ImportState.UNDONE
        kept = set(imported.lines.exclude(kept_because="").values_list("indicator", flat=True))
        typed_over = {actual.indicator_id for actual in done(cast(list[object], typed))}
        standing = dict(Actual.objects.values_list("indicator", "value"))
        for row in rows:
            if row.pk in kept:
                assert standing[row.pk] == turn  # typed over the import before it was taken back
            assert standing[row.pk] != 100 + turn
        assert kept <= typed_over
        assert_all_is_well(cast(list[object], typed))
