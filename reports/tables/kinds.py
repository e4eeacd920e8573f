"""The official tables there are: what each says, what must be chosen for it, and how it is made."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import islice

from indicators.queries import PlanTable, plan_tables
from reports.tables.comparison_table import comparison_product
from reports.tables.detail_table import COLUMNS, DetailRow, detail_count, detail_file_name, detail_rows, notes_of
from reports.tables.detail_table import TITLE as DETAIL
from reports.tables.plan_tables import completion_product, main_product
from reports.tables.products import Product
from reports.tables.project_tables import project_product
from reports.tables.scopes import Scope
from reports.tables.status_table import status_product
from reports.tables.work_tables import work_product
from reports.tables.workbooks import Column, Content, Table, number, number_of, share, text

PREVIEWED = 15  # rows of a table on the page


@dataclass(frozen=True, slots=True)
class TableKind:
    """One official table.

    `holds` is the relation of a plan that must have rows, `lacks` what to say where none has. `is_by_plan`: a sheet for
    each plan, so that the first plan shows what the file is like.
    """

    title: str
    says: str
    product: Callable[[Scope], Product]
    holds: str
    lacks: str
    asks_year: bool = True
    asks_month: bool = False
    asks_metric: bool = False
    asks_state: bool = True
    is_by_plan: bool = True
    is_of_past: bool = False  # speaks of a year that has begun


def _main(scope: Scope) -> Product:
    return main_product(_tables(scope), scope.user, scope.at, scope.name)


def _completion(scope: Scope) -> Product:
    return completion_product(_tables(scope), scope.user, scope.at, scope.name)


def _tables(scope: Scope) -> list[PlanTable]:
    return plan_tables(scope.plans, years=scope.years, user=scope.user, on=scope.on, approved_only=scope.approved_only)


def _detail(scope: Scope) -> Product:
    """The first rows as the page shows them; the file itself is written by `detail_table.write_detail`."""
    rows = detail_rows(scope.plans, scope.user, scope.on, year=scope.year, approved_only=scope.approved_only)
    shown = list(islice(rows, PREVIEWED))
    count = detail_count(scope.plans, scope.user, year=scope.year)
    lines = [f"共{count}行，每个指标每个年度一行；下载的文件第一行即为表头。"]
    table = Table(DETAIL, DETAIL, lines, "", _detail_columns(), [("", shown)])
    notes = notes_of(scope, rows=count, has_demo=False)
    return Product(DETAIL, detail_file_name(scope, scope.at), [table], notes)


def _detail_columns() -> list[Column[DetailRow]]:
    return [
        Column(column.head, column.width, _detail_content(position, column.looks), is_prose=column.width >= 18)
        for position, column in enumerate(COLUMNS)
    ]


def _detail_content(position: int, looks: str) -> Callable[[DetailRow], Content]:
    def content(row: DetailRow) -> Content:
        value = row[position]
        if value is None or isinstance(value, str):
            return text(value or "")
        if isinstance(value, int):
            return number_of(value)
        if looks == "share":
            return share(value)
        decimals = row[-1]
        return number(value, decimals=decimals if isinstance(decimals, int) else 0)

    return content


KINDS: dict[str, TableKind] = {
    "completion": TableKind(
        title="指标完成情况表",
        says="到所选年度各指标完成多少、应达到多少、如何评价；规划期第三年为中期，最后一年为期末。",
        product=_completion,
        holds="indicators",
        lacks="所选规划没有登记指标",
        is_of_past=True,
    ),
    "main-indicators": TableKind(
        title="规划主要指标表",
        says="规划承诺了什么：基期、各年目标、属性和原文位置，不含实际值。",
        product=_main,
        holds="indicators",
        lacks="所选规划没有登记指标",
        asks_year=False,
        asks_state=False,
    ),
    "projects": TableKind(
        title="重点项目进展情况表",
        says="到所选月份各项目的投资、进度、阶段和问题，按类别合计。",
        product=project_product,
        holds="projects",
        lacks="所选规划没有登记重点项目",
        asks_month=True,
    ),
    "work-items": TableKind(
        title="工作要点落实表",
        says="按章节列出每项任务的目标、进展、时限、责任科室和落实状态。",
        product=work_product,
        holds="work_items",
        lacks="所选规划没有登记工作要点",
        asks_year=False,
    ),
    "comparison": TableKind(
        title="跨地区对比表",
        says="一个指标在各地区、各年度的数，口径不同的单列，只在指标库允许时排名。",
        product=comparison_product,
        holds="indicators",
        lacks="所选规划没有登记指标",
        asks_metric=True,
        asks_state=False,
        is_by_plan=False,
    ),
    "status": TableKind(
        title="填报情况表",
        says="谁报了、谁没报：各地区、规划、年度、科室的应报、待审核、已审核和逾期。",
        product=status_product,
        holds="rounds",
        lacks="所选规划没有设置填报期",
        asks_state=False,
        is_by_plan=False,
    ),
    "detail": TableKind(
        title="明细数据",
        says="每个指标每个年度一行，带代码，供筛选、透视和其他软件使用。",
        product=_detail,
        holds="indicators",
        lacks="所选规划没有登记指标",
        is_by_plan=False,
    ),
}
