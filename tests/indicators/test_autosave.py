"""What a sheet sends while somebody types: what is not understood is refused whole, the rest row by row."""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection

from accounts.models import User
from accounts.permissions import Permission, Role
from indicators.autosave import MOST_ROWS, Answer, NotUnderstood, save_rows, sent_rows
from indicators.models import Actual, ActualEvent
from indicators.workflow import Entry, save_actual
from plans.models import Plan
from tests import factories

TODAY = date(2024, 5, 6)
NOTHING = {"value": "", "judgement": "", "comparator": "", "availability": "", "figure_kind": "", "note": ""}


# ---- What is sent


def test_a_row_is_text_per_field_and_what_is_not_sent_is_empty() -> None:
    body = {"rows": [{"indicator": 7, "version": 3, "value": "４８", "note": None, "other": [1]}, {"indicator": "8"}]}
    assert sent_rows(json.dumps(body).encode()) == {
        7: NOTHING | {"value": "４８", "version": "3"},
        8: NOTHING | {"version": ""},
    }


def test_nothing_sent_is_nothing_to_save() -> None:
    assert sent_rows(b'{"rows": []}') == {}


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"\xff\xfe",
        b"rows",
        b"null",
        b"[]",
        b"1",
        b'"rows"',
        b"{}",
        b'{"rows": null}',
        b'{"rows": 1}',
        b'{"rows": "ab"}',
        b'{"rows": {"7": {}}}',
        b'{"rows": [7]}',
        b'{"rows": [null]}',
        b'{"rows": [[]]}',
        b'{"rows": [[["indicator", 7]]]}',
        b'{"rows": [{}]}',
        b'{"rows": [{"indicator": null}]}',
        b'{"rows": [{"indicator": ""}]}',
        b'{"rows": [{"indicator": "seven"}]}',
        b'{"rows": [{"indicator": "1_0"}]}',
        b'{"rows": [{"indicator": true}]}',
        b'{"rows": [{"indicator": 7.9}]}',
        b'{"rows": [{"indicator": -7}]}',
        b'{"rows": [{"indicator": [7]}]}',
        b'{"rows": [{"indicator": {"a": 1}}]}',
        b'{"rows": [{"indicator": NaN}]}',
        b'{"rows": [{"indicator": Infinity}]}',
        b'{"rows": [{"indicator": 1e400}]}',
        b'{"rows": [{"indicator": 9223372036854775808}]}',
        b'{"rows": [{"indicator": %s}]}' % (b"9" * 5000),
        '{"rows": [{"indicator": "٧"}]}'.encode(),
        b'{"rows": [{"indicator": 7, "value": 47.5}]}',
        b'{"rows": [{"indicator": 7, "value": NaN}]}',
        b'{"rows": [{"indicator": 7, "value": true}]}',
        b'{"rows": [{"indicator": 7, "value": ["47"]}]}',
        b'{"rows": [{"indicator": 7, "value": {"is": "47"}}]}',
        b'{"rows": [{"indicator": 7, "version": 1.5}]}',
        b'{"rows": [{"indicator": 7, "note": "\\ud83d"}]}',
        b'{"rows": [{"indicator": 7}, {"indicator": 7}]}',
        b'{"rows": [{"indicator": 7}, {"indicator": "7"}]}',
        b'{"rows": ' + b"[" * 100_000,
        b'{"rows": [{"indicator": 7, "value": ' + b"[" * 5000 + b"]" * 5000 + b"}]}",
    ],
    ids=lambda body: body[:60].decode(errors="replace"),
)
def test_what_no_sheet_sends_is_refused_whole_in_a_sentence(body: bytes) -> None:
    with pytest.raises(NotUnderstood, match="没有读懂发来的内容，请刷新页面后重试。"):
        sent_rows(body)


@pytest.mark.parametrize("number", [MOST_ROWS, MOST_ROWS + 1])
def test_more_rows_than_a_paste_may_have_are_refused(number: int) -> None:
    body = json.dumps({"rows": [{"indicator": pk} for pk in range(1, number + 1)]}).encode()
    if number == MOST_ROWS:
        assert len(sent_rows(body)) == MOST_ROWS
        return
    with pytest.raises(NotUnderstood, match="一次最多保存500行，请分几次粘贴。"):
        sent_rows(body)


# ---- What becomes of it


def open_plan() -> Plan:
    plan = factories.plan()
    factories.open_round(plan, 2023)
    return plan


def row(**values: str) -> dict[str, str]:
    return NOTHING | {"version": ""} | values


def kept(rows: dict[int, dict[str, str]], plan: Plan, by: User) -> dict[int, Answer]:
    return save_rows(rows, plan=plan, year=2023, by=by, on=TODAY)


@pytest.mark.django_db
def test_rows_of_another_plan_or_of_none_are_left_out_and_nothing_is_said_of_them() -> None:
    plan = open_plan()
    mine, other = factories.indicator(plan=plan), factories.indicator(plan=open_plan())
    rows = {pk: row(value="47") for pk in (mine.pk, other.pk, other.pk + 1000, 10**9)}
    answers = kept(rows, plan, factories.person(Role.CLERK))
    assert {pk: answer.outcome for pk, answer in answers.items()} == {mine.pk: "saved"}
    assert Actual.objects.get().indicator == mine


@pytest.mark.django_db
def test_each_field_that_is_wrong_has_its_own_sentence_and_the_row_stays_as_it_was() -> None:
    plan = open_plan()
    indicator = factories.indicator(plan=plan)
    sent = row(value="1,23", comparator="一", availability="gone", figure_kind="x", version="-1", note="\0")
    answer = kept({indicator.pk: sent}, plan, factories.person(Role.CLERK))[indicator.pk]
    assert answer.outcome == "refused"
    assert set(answer.errors or {}) == {"value", "comparator", "availability", "figure_kind", "version", "note"}
    assert answer.message == "；".join((answer.errors or {}).values())
    assert answer.line.actual is None
    assert not Actual.objects.exists()


@pytest.mark.django_db
def test_good_rows_are_saved_beside_refused_and_conflicting_ones() -> None:
    plan = open_plan()
    own, department = factories.department(), factories.department()
    clerk, other = factories.person(Role.CLERK), factories.person(Role.CLERK, display_name="王芳")
    clerk.memberships.get().departments.add(own)
    good, bad, theirs, taken = (
        factories.indicator(plan=plan, department=whose) for whose in (own, own, department, own)
    )
    save_actual(indicator=taken, year=2023, entry=Entry(value=Decimal(48), text="48"), by=other, version=None)
    rows = {pk: row(value=value) for pk, value in ((good.pk, "46"), (bad.pk, "x"), (theirs.pk, "46"), (taken.pk, "47"))}
    answers = kept(rows, plan, clerk)
    assert {pk: answer.outcome for pk, answer in answers.items()} == {
        good.pk: "saved",
        bad.pk: "refused",
        theirs.pk: "refused",
        taken.pk: "conflict",
    }
    conflict = answers[taken.pk]
    assert conflict.message == "这个数据已被王芳改过，请核对后再保存。"
    assert (conflict.line.fields["value"], conflict.line.actual and conflict.line.actual.version) == ("48", 1)
    assert answers[theirs.pk].message.startswith("您没有对")
    assert dict(Actual.objects.values_list("indicator", "value")) == {good.pk: 46, taken.pk: 48}


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("sent", "stored"),
    [
        ({"value": "47", "availability": "unreported"}, ("47", "reported", "")),
        ({"value": "47", "availability": "reported"}, ("47", "reported", "")),
        ({"value": "0", "availability": "unreported"}, ("0", "reported", "")),
        ({"value": "", "availability": "reported"}, ("", "unreported", "")),
        ({"value": "/", "availability": "unreported"}, ("", "missing", "")),
        ({"value": "", "availability": "missing"}, ("", "missing", "")),
        ({"value": "", "availability": "not_applicable:transferred"}, ("", "not_applicable", "transferred")),
    ],
)
def test_the_select_beside_a_cell_only_repeats_it_unless_it_states_an_absence(
    sent: dict[str, str], stored: tuple[str, str, str]
) -> None:
    plan = open_plan()
    indicator = factories.indicator(plan=plan)
    answer = kept({indicator.pk: row(**sent)}, plan, factories.person(Role.CLERK))[indicator.pk]
    assert answer.outcome == "saved"
    actual = Actual.objects.get()
    assert (actual.text, actual.availability, actual.absence_reason) == stored


@pytest.mark.django_db
@pytest.mark.parametrize("availability", ["missing", "not_applicable:other"])
def test_a_stated_absence_beside_a_figure_is_asked_about(availability: str) -> None:
    plan = open_plan()
    indicator = factories.indicator(plan=plan)
    sent = row(value="47", availability=availability)
    answer = kept({indicator.pk: sent}, plan, factories.person(Role.CLERK))[indicator.pk]
    assert answer.outcome == "refused"
    assert answer.message.startswith("已填写数据，与数据情况")
    assert not Actual.objects.exists()


@pytest.mark.django_db
@pytest.mark.parametrize("number", [1, 3])
def test_three_rows_are_saved_with_as_many_reads_as_one(django_assert_num_queries: Any, number: int) -> None:
    plan = open_plan()
    indicators = [factories.indicator(plan=plan) for _ in range(number)]
    clerk = factories.person(Role.CLERK)
    clerk.can(Permission.ENTER)
    # 1 the rows sent; 9 the save: its begin and end, 4 reads (indicators, figures, rounds, extensions) and 3 writes
    # (figures, events, audit lines); 7 the lines read again with what stands beside them
    with django_assert_num_queries(17):
        kept({indicator.pk: row(value="47") for indicator in indicators}, plan, clerk)


@pytest.mark.django_db(transaction=True)
def test_a_save_that_is_written_over_before_it_is_answered_is_a_conflict() -> None:
    """The sheet goes on with the version it is answered: with another's it would write over what nobody saw."""
    plan = open_plan()
    clerk, other = factories.person(Role.CLERK), factories.person(Role.CLERK, display_name="王芳")
    indicator = factories.indicator(plan=plan)
    waits = [True]

    def write_over(execute: Any, *query: Any) -> Any:
        """Before the first query after the save has ended."""
        if waits and not connection.in_atomic_block:
            waits.pop()
            if Actual.objects.exists():
                entry = Entry(value=Decimal(48), text="48")
                save_actual(indicator=indicator, year=2023, entry=entry, by=other, version=1)
            else:
                waits.append(True)
        return execute(*query)

    with connection.execute_wrapper(write_over):
        answer = kept({indicator.pk: row(value="47")}, plan, clerk)[indicator.pk]
    assert (answer.outcome, answer.message) == ("conflict", "这个数据已被王芳改过，请核对后再保存。")
    assert (answer.line.fields["value"], answer.line.actual and answer.line.actual.version) == ("48", 2)
    assert list(ActualEvent.objects.values_list("version", "value", "by")) == [(1, 47, clerk.pk), (2, 48, other.pk)]
