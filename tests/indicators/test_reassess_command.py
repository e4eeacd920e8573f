"""`reassess`: finds stored assessments that no longer say what the engine says, and mends them."""

from __future__ import annotations

from decimal import Decimal
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from indicators.models import Assessment, Indicator, State
from indicators.reassess import reassess
from indicators.verdicts import Light, Verdict
from tests import factories

pytestmark = pytest.mark.django_db


def assessed() -> Indicator:
    """A row on its path in 2023: 46 where 46 is expected."""
    plan = factories.plan(code="laohekou-14")
    row = factories.indicator(plan=plan, number="4", name="护理型床位占比")
    factories.actual(indicator=row, value=Decimal(46), state=State.APPROVED)
    reassess(Indicator.objects.all())
    return row


def spoil(row: Indicator) -> None:
    Assessment.objects.filter(indicator=row, year=2023).update(verdict=Verdict.BEHIND, light=Light.RED)


def said(*args: str) -> str:
    out = StringIO()
    call_command("reassess", *args, stdout=out)
    return out.getvalue()


def test_it_says_so_when_nothing_differs() -> None:
    assessed()
    assert said() == "各项评价与重新计算的结果一致。\n"


def test_it_names_and_mends_each_difference() -> None:
    row = assessed()
    spoil(row)
    assert said() == "laohekou-14 4 护理型床位占比 2023年：滞后 → 符合预期\n已改正1处评价。\n"
    assert Assessment.objects.get(indicator=row, year=2023).verdict == Verdict.ON_TRACK


def test_check_exits_with_1_and_writes_nothing() -> None:
    row = assessed()
    spoil(row)
    with pytest.raises(CommandError, match="有1处评价与重新计算的结果不同") as refused:
        said("--check")
    assert refused.value.returncode == 1
    assert Assessment.objects.get(indicator=row, year=2023).verdict == Verdict.BEHIND


def test_a_difference_in_figures_alone_is_told_too() -> None:
    row = assessed()
    Assessment.objects.filter(indicator=row, year=2023).update(progress=Decimal("0.1"))
    assert "2023年：符合预期 → 符合预期（数字或依据有变）" in said()


def test_an_assessment_that_was_never_stored_is_told_as_none() -> None:
    row = assessed()
    Assessment.objects.filter(indicator=row, year=2023).delete()
    assert "2023年：无 → 符合预期" in said()


def test_only_the_named_plan_is_looked_at() -> None:
    spoil(assessed())
    factories.plan(code="chunan-14")
    assert said("--plan", "chunan-14") == "各项评价与重新计算的结果一致。\n"
    assert "laohekou-14 4" in said("--plan", "laohekou-14")


def test_an_unknown_plan_is_refused() -> None:
    with pytest.raises(CommandError, match="没有代码为nowhere的规划"):
        said("--plan", "nowhere")
