"""Rows of plans and rounds protect themselves: each constraint beside a row that breaks only this one."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import models

from plans.models import AssessmentPolicy, Plan, PlanKind, Reminder, Round, RoundExtension, Section
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
    refusal,
)

pytestmark = pytest.mark.django_db


def plan(**values: Any) -> Plan:
    """A five-year plan, not yet stored."""
    given: dict[str, Any] = {"code": "plan", "title": "规划", "short_title": "规划", "kind": PlanKind.FIVE_YEAR}
    given |= {"region": factories.region(), "source": factories.source(), "start_year": 2021, "end_year": 2025}
    return Plan(**given | values)


def same_section_again() -> Section:
    stored = Section.objects.create(plan=factories.plan(), number="一", title="总体要求", order=1)
    return Section(plan=stored.plan, number="一", title="主要任务", order=2)


def same_round_again() -> Round:
    stored = factories.open_round(factories.plan(), 2023)
    return Round(plan=stored.plan, year=2023, opens_on=date(2024, 1, 1), due_on=date(2024, 3, 31))


def extension(**values: Any) -> RoundExtension:
    given = {"round": factories.open_round(factories.plan(), 2023), "until": date(2024, 6, 30), "reason": "系统故障"}
    given["allowed_by"] = factories.person()
    return RoundExtension(**given | values)


def another_reminder(**values: Any) -> Reminder:
    """One that went out to another clerk than the stored one, not yet stored."""
    stored = factories.reminder()
    given: dict[str, Any] = {"round": stored.round, "deadline": stored.deadline, "recipient": factories.person()}
    given |= {"address": "other@example.gov.cn", "tried_at": stored.tried_at, "sent_at": stored.sent_at}
    return Reminder(**given | values)


def same_reminder_again() -> Reminder:
    stored = factories.reminder()
    return another_reminder(recipient=stored.recipient, round=stored.round)


BROKEN: list[Broken] = [
    ("plan_years_are_plausible", lambda: plan(start_year=1949, end_year=1953)),
    ("plan_years_are_plausible", lambda: plan(start_year=2097, end_year=2101)),
    ("plan_spans_the_years_of_its_kind", lambda: plan(end_year=2024)),
    ("plan_spans_the_years_of_its_kind", lambda: plan(kind=PlanKind.YEARLY)),
    ("plan_spans_the_years_of_its_kind", lambda: plan(kind="ten_year", end_year=2030)),
    ("mild_lag_threshold_is_a_share", lambda: AssessmentPolicy(plan=factories.plan(), mild_lag_from=Decimal(0))),
    ("mild_lag_threshold_is_a_share", lambda: AssessmentPolicy(plan=factories.plan(), mild_lag_from=Decimal(1))),
    (
        "nearly_met_tolerance_is_small",
        lambda: AssessmentPolicy(plan=factories.plan(), nearly_met_within=Decimal("-0.001")),
    ),
    (
        "nearly_met_tolerance_is_small",
        lambda: AssessmentPolicy(plan=factories.plan(), nearly_met_within=Decimal("0.101")),
    ),
    ("section_number_is_unique_in_plan", same_section_again),
    ("round_is_unique_per_plan_and_year", same_round_again),
    (
        "round_opens_before_it_is_due",
        lambda: Round(plan=factories.plan(), year=2023, opens_on=date(2024, 4, 1), due_on=date(2024, 3, 31)),
    ),
    ("extension_has_a_reason", lambda: extension(reason="")),
    ("reminder_goes_out_once_per_person_round_and_deadline", same_reminder_again),
    ("reminder_that_went_out_has_no_error", lambda: another_reminder(error="连不上邮件服务器")),
]


@pytest.mark.parametrize(("name", "broken"), BROKEN)
def test_the_database_refuses_the_row_and_names_the_constraint(name: str, broken: Callable[[], models.Model]) -> None:
    assert_refused_by_name("plans", name, broken())


@pytest.mark.parametrize(("name", "broken"), BROKEN)
def test_the_form_refuses_the_row_in_the_words_of_the_constraint(name: str, broken: Callable[[], models.Model]) -> None:
    assert_refused_in_words("plans", name, broken())


def test_a_plan_that_ends_before_it_starts_is_refused_by_the_database() -> None:
    """No kind of plan spans less than a year, so two constraints are broken: the one met first is named."""
    said = refusal(plan(end_year=2020))
    assert "plan_starts_before_it_ends" in said or "plan_spans_the_years_of_its_kind" in said


def test_a_plan_that_ends_before_it_starts_is_told_so_in_the_form() -> None:
    with pytest.raises(ValidationError) as refused:
        plan(end_year=2020).validate_constraints()
    assert "规划的起始年不能晚于结束年。" in refused.value.messages


def test_every_constraint_has_a_row_that_breaks_it() -> None:
    assert {*(name for name, _ in BROKEN), "plan_starts_before_it_ends"} == set(constraints_of("plans"))


@pytest.mark.parametrize("opens_on", [date(2024, 3, 30), date(2024, 3, 31)])
def test_a_round_may_open_and_end_on_the_same_day(opens_on: date) -> None:
    Round.objects.bulk_create([Round(plan=factories.plan(), year=2023, opens_on=opens_on, due_on=date(2024, 3, 31))])
    assert Round.objects.get().opens_on == opens_on


def test_a_round_outside_the_plan_is_refused_by_its_form() -> None:
    round_ = Round(plan=factories.plan(), year=2026, opens_on=date(2027, 1, 1), due_on=date(2027, 3, 31))
    with pytest.raises(ValidationError) as refused:
        round_.full_clean()
    assert refused.value.message_dict == {"year": ["数据年度应在2021～2025年之间。"]}


def stored_extension(**values: Any) -> RoundExtension:
    row = extension(**values)
    row.save()
    return row


PROTECTING: dict[str, Callable[[], models.Model]] = {
    "Plan.region": factories.plan,
    "Plan.source": factories.plan,
    "RoundExtension.department": lambda: stored_extension(department=factories.department()),
    "RoundExtension.allowed_by": stored_extension,
    "Reminder.recipient": factories.reminder,
    "Reminder.sent_by": factories.reminder,
}


@pytest.mark.parametrize("relation", PROTECTING)
def test_what_a_row_rests_on_is_not_deleted(relation: str) -> None:
    assert_protected(relation, PROTECTING[relation]())


def test_every_protecting_relation_is_tried() -> None:
    assert set(PROTECTING) == protecting_relations("plans")


NATURAL: dict[str, Callable[[], models.Model]] = {
    "Theme": factories.theme,
    "Source": factories.source,
    "Plan": factories.plan,
    "Section": lambda: Section.objects.create(plan=factories.plan(), number="一", title="总体要求", order=1),
}


@pytest.mark.parametrize("model", NATURAL)
def test_a_natural_key_gives_the_row_back(model: str) -> None:
    row = NATURAL[model]()
    assert found_by_natural_key(row) == row


def test_every_natural_key_is_tried() -> None:
    assert set(NATURAL) == models_with_natural_key("plans")
