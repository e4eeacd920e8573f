"""A plan with the cases a report has to tell of, and who reports on it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from accounts.models import User
from accounts.permissions import Role
from indicators.models import Indicator, State
from indicators.reassess import reassess
from plans.models import Plan
from reports.models import ReportKind
from reports.word.content import Report, report_of
from tests import factories

D = Decimal
TODAY = date(2026, 11, 25)


@dataclass(frozen=True, slots=True)
class World:
    """The plan, and its analyst; 2023 is the data year."""

    plan: Plan
    analyst: User

    def report(self, kind: ReportKind = ReportKind.MIDTERM, year: int = 2023, *, by: User | None = None) -> Report:
        return report_of(self.plan, kind, year, user=by or self.analyst, on=TODAY)


@pytest.fixture
def world(db: None) -> World:
    """Ahead, behind with a reason, behind without, unapproved, unreported, and one in the text of the plan."""
    plan = factories.plan(code="laohekou-14", short_title="老河口“十四五”", title="老河口市民政事业发展“十四五”规划")
    department = factories.department(name="养老服务科")
    values: dict[str, Any] = {"plan": plan, "department": department, "decimals": 1}

    def reported(name: str, value: str | None, note: str = "", state: State = State.APPROVED, **more: Any) -> None:
        row = factories.indicator(name=name, **{**values, **more})
        if value is not None:
            factories.actual(indicator=row, value=D(value), note=note, state=state)

    reported("护理型床位占比", "48")
    reported("床位数", "41", "前期手续办理时间长", attribute="binding")
    reported("覆盖率", "42")
    reported("培训率", "47", state=State.SUBMITTED)
    reported("服务站数", None)
    text: dict[str, Any] = {"origin": "text", "unit": "户", "kind": "cumulative", "decimals": 0}
    reported("适老化户数", "90", target="400", baseline_value=None, **text)
    reassess(Indicator.objects.all())
    return World(plan, factories.person(Role.ANALYST))
