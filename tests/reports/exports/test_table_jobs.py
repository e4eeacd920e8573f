"""An official table as a kind of export: whose it is, and how many rows are to be expected."""

from __future__ import annotations

import pytest

from accounts.permissions import Role
from indicators.models import State
from reports.exports.jobs import rights_over
from reports.exports.kinds import JOBS
from reports.tables.choices import FileChoice
from tests import factories

pytestmark = pytest.mark.django_db
TABLES = JOBS["tables"]


@pytest.fixture
def plans() -> None:
    """老河口 has two plans, 淳安 one."""
    for code, region in (("laohekou-14", "420682"), ("laohekou-13", "420682"), ("chunan-14", "330127")):
        plan = factories.plan(code=code, region=factories.region(region, f"{region}县"))
        indicator = factories.indicator(plan=plan)
        for year in (2021, 2022):
            factories.actual(indicator=indicator, year=year, state=State.APPROVED)
        factories.actual(indicator=indicator, year=2023)
        factories.project(plan=plan)
        factories.work_item(plan=plan)


@pytest.mark.parametrize(
    ("choice", "codes"),
    [
        (FileChoice("completion"), ["420682"]),
        (FileChoice("completion", region="420000"), ["420682"]),
        (FileChoice("completion", region="330000"), []),
        (FileChoice("completion", plans=("laohekou-13",)), ["420682"]),
        (FileChoice("completion", plans=("chunan-14",)), []),
        (FileChoice("completion", plans=("no-such-plan",)), []),
    ],
)
def test_a_choice_is_of_the_regions_that_the_person_may_export(
    plans: None, choice: FileChoice, codes: list[str]
) -> None:
    analyst = factories.person(Role.ANALYST, factories.region("420000", "湖北省"))
    assert sorted(rights_over(analyst, TABLES.regions(choice.as_json(), analyst))) == codes


def test_the_rows_to_expect_are_counted_without_making_the_file(plans: None) -> None:
    analyst, planner = factories.person(Role.ANALYST), factories.person(Role.PLANNER)
    one, every = FileChoice("completion", plans=("laohekou-14",)), FileChoice("detail")
    assert TABLES.rows(one.as_json(), analyst) == 3  # an indicator, a project, a work item
    assert TABLES.rows(every.as_json(), analyst) == 4  # the approved figures of two plans
    assert TABLES.rows(every.as_json(), planner) == 6
