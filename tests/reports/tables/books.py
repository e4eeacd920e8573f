"""A small portal for the tests of the official tables, and what stands in the files made of it."""

from __future__ import annotations

import io
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from openpyxl import Workbook, load_workbook
from openpyxl.worksheet.worksheet import Worksheet

from accounts.models import Region, User
from accounts.permissions import Role
from indicators.models import Indicator, Metric, State
from indicators.reassess import reassess
from plans.models import Plan, Section
from projects.models import FundingSource
from reports.tables.choices import FileChoice, write_file
from reports.tables.kinds import KINDS
from tests import factories

ON = date(2025, 3, 2)
AT = datetime(2025, 3, 1, 20, 30, tzinfo=UTC)  # half past four of the next day in Beijing
NAME = "养老机构护理型床位占比"


def metric(**values: Any) -> Metric:
    given = {"code": "nursing-bed-share", "name": NAME, "unit": "%", "direction": "up"}
    return Metric.objects.create(theme=factories.theme(), **given | values)


def rich_plan(place: Region | None = None, *, measured: Metric | None = None, text: str = "", **values: Any) -> Plan:
    """A plan with one row of each kind, all approved; `text` is put wherever a person may write."""
    place = place or factories.region()
    plan = factories.plan(region=place, title=text[:200] or "“十四五”规划", **values)
    department = factories.department(region=place)
    row = factories.indicator(
        plan=plan,
        metric=measured,
        department=department,
        name=text[:100] or NAME,
        decimals=2,
        remark=text,
    )
    factories.actual(indicator=row, value=Decimal("45.5"), state=State.APPROVED, note=text)
    factories.open_round(plan, 2023)
    project = factories.project(
        **{"plan": plan, "name": text[:100] or "福利院", "category": text[:50] or "养老", "content": text},
        **{"start_year": 2021, "end_year": 2025, "department": department},
    )
    FundingSource.objects.create(project=project, name=text[:50] or "中央预算内投资")
    factories.project_report(project=project, state=State.APPROVED, problems=text)
    section = Section.objects.create(plan=plan, number="一", title=text[:200] or "兜底保障", order=1)
    item = factories.work_item(
        **{"plan": plan, "section": section, "title": text[:200] or "适老化改造", "department": department},
        **{"target_operator": "ge", "target_value": Decimal(100), "unit": "户"},
    )
    factories.work_report(item=item, state=State.APPROVED, value=Decimal(80), note=text or "已印发")
    reassess(Indicator.objects.filter(plan=plan))
    return plan


def analyst(place: Region | None = None, role: Role = Role.ANALYST) -> User:
    return factories.person(role, place or factories.region("100000"))


def choice(table: str, **values: Any) -> FileChoice:
    return FileChoice(table, **{"metric": "nursing-bed-share"} | values)


def file_of(user: User, table: str, **values: Any) -> tuple[str, bytes]:
    stream = io.BytesIO()
    return write_file(choice(table, **values), stream, user, ON, AT), stream.getvalue()


def book_of(user: User, table: str, **values: Any) -> Workbook:
    return load_workbook(io.BytesIO(file_of(user, table, **values)[1]))


def words_of(book: Workbook) -> str:
    """All that stands in the cells of a book."""
    values = (cell.value for sheet in book.worksheets for cells in sheet.iter_rows() for cell in cells)
    return "\n".join(str(value) for value in values if value is not None)


def rows_of(sheet: Worksheet) -> list[dict[str, Any]]:
    """The rows under the head, by head; a head in a group by both."""
    first = int(str(sheet.freeze_panes)[1:])
    heads, group = [], ""
    for upper, lower in zip(sheet[first - 2], sheet[first - 1], strict=True):
        group = str(upper.value or group)
        heads.append((f"{group}/{lower.value}" if lower.value else group).replace("\n", ""))
    return [dict(zip(heads, [cell.value for cell in row], strict=True)) for row in sheet.iter_rows(min_row=first)]


ALL_TABLES = tuple(KINDS)
