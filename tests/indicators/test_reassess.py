"""The stored assessments are what the engine finds from approved figures and targets in force."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from indicators.models import Actual, Assessment, Indicator, State, Target
from indicators.reassess import differences, reassess
from plans.models import AssessmentPolicy, Plan
from tests import factories

pytestmark = pytest.mark.django_db


def approved(indicator: Indicator, value: str, year: int = 2023, **values: Any) -> Actual:
    return factories.actual(indicator=indicator, year=year, value=Decimal(value), state=State.APPROVED, **values)


def everything() -> None:
    reassess(Indicator.objects.all())


def found(indicator: Indicator, year: int = 2023) -> Assessment:
    return Assessment.objects.get(indicator=indicator, year=year)


def test_every_year_of_the_plan_gets_an_assessment() -> None:
    indicator = factories.indicator()
    approved(indicator, "47")
    everything()
    assert list(Assessment.objects.values_list("year", "verdict", "light")) == [
        (2021, "unreported", "grey"),
        (2022, "unreported", "grey"),
        (2023, "on_track", "green"),
        (2024, "unreported", "grey"),
        (2025, "unreported", "grey"),
    ]


def test_the_figures_of_the_assessment_are_stored() -> None:
    """40 in 2020, 50 promised for 2025, 47 in 2023: 7 of 10 in 3 of 5 years, where 46 was due."""
    indicator = factories.indicator()
    approved(indicator, "47")
    everything()
    row = found(indicator)
    assert (row.progress, row.time_progress, row.expected) == (Decimal("0.7"), Decimal("0.6"), Decimal(46))
    assert (row.comparison, row.completion_rate) == (Decimal("1.1667"), Decimal("0.94"))
    assert (row.needed_per_year, row.gap, row.is_met) == (Decimal("1.5"), Decimal(-3), False)
    assert row.is_demo is False


@pytest.mark.parametrize("state", [State.DRAFT, State.SUBMITTED, State.RETURNED])
def test_a_figure_that_is_not_approved_changes_no_assessment(state: State) -> None:
    indicator = factories.indicator()
    factories.actual(indicator=indicator, state=state)
    everything()
    assert found(indicator).verdict == "unreported"


def test_a_second_run_finds_nothing_to_change() -> None:
    indicator = factories.indicator()
    approved(indicator, "45.3333", 2021)
    approved(indicator, "46.1234", 2022, is_demo=True)
    group = factories.indicator(plan=indicator.plan, target=None, is_group=True)
    factories.indicator(plan=indicator.plan, parent=group)
    assert len(reassess(Indicator.objects.all())) == 15
    assert differences(Indicator.objects.all()) == ([], [])
    assert reassess(Indicator.objects.all()) == []


def test_a_difference_says_what_was_and_what_is() -> None:
    indicator = factories.indicator()
    everything()
    approved(indicator, "47")
    assert [(d.indicator, d.year, d.was, d.now) for d in reassess(Indicator.objects.all())] == [
        (indicator, 2023, "未填报", "符合预期")
    ]


def test_looking_for_differences_writes_nothing() -> None:
    factories.indicator()
    assert len(differences(Indicator.objects.all())[0]) == 5
    assert not Assessment.objects.exists()


def test_only_the_chosen_indicators_are_written() -> None:
    chosen, other = factories.indicator(), factories.indicator()
    reassess(Indicator.objects.filter(pk=chosen.pk))
    assert not Assessment.objects.filter(indicator=other).exists()
    assert Assessment.objects.filter(indicator=chosen).count() == 5


# ---- A row whose figures stand in the rows below it

LIGHTS = {"green": "47", "yellow": "45.2", "red": "41", "grey": None}


@pytest.mark.parametrize(
    ("below", "light", "verdict"),
    [
        (["green", "green"], "green", "on_track"),
        (["green", "grey"], "grey", "unreported"),
        (["grey", "yellow"], "yellow", "slightly_behind"),
        (["yellow", "red"], "red", "behind"),
        (["red", "green", "grey"], "red", "behind"),
        (["grey", "grey"], "grey", "unreported"),
    ],
)
def test_a_group_stands_as_the_worst_row_below_it(below: list[str], light: str, verdict: str) -> None:
    plan = factories.plan()
    group = factories.indicator(plan=plan, target=None, is_group=True, name="每千人床位数")
    for number, wanted in enumerate(below):
        row = factories.indicator(plan=plan, parent=group, name=f"其中{wanted}{number}")
        value = LIGHTS[wanted]
        if value is not None:
            approved(row, value)
    everything()
    assert (found(group).light, found(group).verdict) == (light, verdict)
    assert found(group).reason.startswith(f"随其下各行中最差的一行（其中{light}")
    assert (found(group).progress, found(group).completion_rate, found(group).change) == (None, None, None)


def test_a_row_takes_its_group_along() -> None:
    plan = factories.plan()
    group = factories.indicator(plan=plan, target=None, is_group=True)
    row = factories.indicator(plan=plan, parent=group)
    everything()
    approved(row, "41")
    reassess(Indicator.objects.filter(pk=row.pk))
    assert found(group).verdict == "behind"


def test_a_group_without_rows_is_left_without_assessments() -> None:
    group = factories.indicator(target=None, is_group=True)
    everything()
    assert not Assessment.objects.filter(indicator=group).exists()


# ---- What an assessment rests on


def test_the_thresholds_of_the_plan_decide() -> None:
    indicator = factories.indicator()
    approved(indicator, "45.2")
    everything()
    assert found(indicator).verdict == "slightly_behind"
    AssessmentPolicy.objects.create(plan=indicator.plan, mild_lag_from=Decimal("0.9"))
    everything()
    assert found(indicator).verdict == "behind"


def test_only_the_target_in_force_counts() -> None:
    indicator = factories.indicator()
    approved(indicator, "47")
    indicator.targets.update(is_current=False)
    Target.objects.create(
        indicator=indicator,
        year=2025,
        version=2,
        value=Decimal(90),
        text="90",
        reason="省下达新任务",
        approved_by_body="老河口市人民政府",
        approval_number="老民〔2024〕1号",
        revised_by=factories.person(),
        revised_at=timezone.now(),
    )
    everything()
    assert found(indicator).verdict == "behind"


def test_an_assessment_that_rests_on_a_demo_figure_is_a_demo_one() -> None:
    indicator = factories.indicator()
    approved(indicator, "44", 2022, is_demo=True)
    approved(indicator, "47", 2023)
    everything()
    assert list(Assessment.objects.values_list("year", "is_demo")) == [
        (2021, False),
        (2022, True),
        (2023, True),
        (2024, True),
        (2025, True),
    ]


def test_a_group_over_a_demo_figure_is_a_demo_one() -> None:
    plan = factories.plan()
    group = factories.indicator(plan=plan, target=None, is_group=True)
    approved(factories.indicator(plan=plan, parent=group), "41")
    approved(factories.indicator(plan=plan, parent=group), "47", is_demo=True)
    everything()
    assert (found(group, 2022).is_demo, found(group, 2023).is_demo) == (False, True)


def test_an_unapproved_demo_figure_marks_nothing() -> None:
    indicator = factories.indicator()
    factories.actual(indicator=indicator, is_demo=True)
    everything()
    assert found(indicator).is_demo is False


def rows_with_figures(plan: Plan, number: int) -> None:
    for _ in range(number):
        group = factories.indicator(plan=plan, target=None, is_group=True)
        approved(factories.indicator(plan=plan, parent=group), "47")


@pytest.mark.parametrize("number", [1, 3])
def test_the_number_of_queries_does_not_grow_with_the_plan(
    django_assert_num_queries: DjangoAssertNumQueries, number: int
) -> None:
    rows_with_figures(factories.plan(), number)
    with django_assert_num_queries(12):
        differences(Indicator.objects.all())


def test_a_group_row_that_lost_its_last_row_below_says_nothing_any_more() -> None:
    group = factories.indicator(target=None, is_group=True)
    child = factories.indicator(plan=group.plan, parent=group)
    factories.actual(indicator=child, value=Decimal(47), state=State.APPROVED)
    reassess(Indicator.objects.all())
    assert Assessment.objects.filter(indicator=group, year=2023, light="green").exists()
    child.delete()
    reassess(Indicator.objects.all())
    assert not Assessment.objects.filter(indicator=group).exists()
