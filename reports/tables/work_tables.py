"""工作要点落实表: each task under its section, what was promised, how far it is and who answers for it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from decimal import Decimal

from indicators.figures import Operator, format_figure, format_target
from indicators.queries import places_of
from indicators.verdicts import Light
from projects.models import WorkItem, WorkState
from projects.progress import Due
from projects.queries import SectionTree, Task, WorkTable, work_tables
from reports.tables.columns import DEMO_WORD
from reports.tables.notes import DEMO_WARNING, about_demo, about_the_export, about_the_plans
from reports.tables.plan_tables import sheets_of_plans
from reports.tables.products import Notes, Product
from reports.tables.scopes import ImpossibleChoice, Scope
from reports.tables.workbooks import ABSENT, Column, Content, Table, light, number, share, text

TITLE = "工作要点落实表"


def work_product(scope: Scope) -> Product:
    """The tasks of the scope's plans as they stand today."""
    tables = [table for table in work_tables(scope.plans, user=scope.user, on=scope.on) if table.tasks]
    if not tables:
        raise ImpossibleChoice("所选规划没有登记工作要点，没有可导出的内容。")
    counted = [(table.plan, len(table.tasks), table.sentence) for table in tables]

    def each(table: WorkTable) -> Table[Task]:
        return _sheet(table, scope)

    def together(several: Sequence[WorkTable]) -> Table[Task]:
        return _list(several, scope)

    sheets = sheets_of_plans(tables, counted, each=each, together=together, title=TITLE)
    warning = DEMO_WARNING if any(table.has_demo for table in tables) else ""
    notes: Notes = [
        *about_the_plans([table.plan for table in tables]),
        ("截至", _day(scope)),
        *about_demo(warning, "有演示数据的行在“数据状态”列注明。"),
        *about_the_export(scope.user, scope.at),
        *_definitions(),
    ]
    day = f"{scope.on:%Y%m%d}"
    return Product(TITLE, f"{scope.name}_{TITLE}_{day}", sheets, notes, warning)


def _day(scope: Scope) -> str:
    return f"{scope.on.year}年{scope.on.month}月{scope.on.day}日"


def _sheet(table: WorkTable, scope: Scope) -> Table[Task]:
    blocks = [block for tree in table.trees for block in _blocks(tree, ())]
    return Table(
        name=TITLE,
        heading=f"{table.plan.title.removesuffix('工作要点')}{TITLE}",  # yearly work points end in the word themselves
        lines=[f"填报单位：{table.plan.region.bureau_name}　　截至：{_day(scope)}", table.sentence],
        warning=DEMO_WARNING if table.has_demo else "",
        columns=_columns(scope),
        blocks=[*blocks, *([("未列入章节", table.loose)] if table.loose else [])] if blocks else [("", table.tasks)],
    )


def _blocks(tree: SectionTree, above: tuple[str, ...]) -> Iterator[tuple[str, Sequence[Task]]]:
    """The tasks under their section, named with the sections above it."""
    path = (*above, str(tree.section))
    if tree.tasks:
        yield " › ".join(path), tree.tasks
    for child in tree.children:
        yield from _blocks(child, path)


def _list(tables: Sequence[WorkTable], scope: Scope) -> Table[Task]:
    plans = {table.plan.pk: table.plan for table in tables}

    def of(words: Callable[[Task], str]) -> Callable[[Task], Content]:
        return lambda task: text(words(task))

    return Table(
        name=TITLE,
        heading=f"{TITLE}（汇总）",
        lines=[f"共{len(tables)}个规划，{sum(len(table.tasks) for table in tables)}项任务　　截至：{_day(scope)}"],
        warning=DEMO_WARNING if any(table.has_demo for table in tables) else "",
        columns=[
            Column("区划代码", 10, of(lambda task: plans[task.item.plan_id].region.code)),
            Column("地区", 12, of(lambda task: plans[task.item.plan_id].region.name)),
            Column("规划", 20, of(lambda task: plans[task.item.plan_id].short_title), is_prose=True),
            Column("章节", 24, of(lambda task: str(task.top) if task.top else ""), is_prose=True),
            *_columns(scope),
        ],
        blocks=[("", [task for table in tables for task in table.tasks])],
    )


def _columns(scope: Scope) -> list[Column[Task]]:
    return [
        Column("序号", 9, lambda task: text(task.item.number)),
        Column("工作任务", 50, lambda task: text(task.item.title), is_prose=True),
        Column("量化目标", 16, lambda task: target_content(task.item)),
        Column("单位", 8, lambda task: text((task.item.unit if task.item.is_measurable else "") or ABSENT)),
        Column("完成值", 12, _value),
        Column("完成率", 9, lambda task: share(task.share)),
        Column("进展", 40, lambda task: text((task.approved.note if task.approved else "") or ABSENT), is_prose=True),
        Column("完成时限", 13, lambda task: text(f"{task.item.due_on:%Y-%m-%d}" if task.item.due_on else ABSENT)),
        Column("责任科室", 14, lambda task: text(str(task.item.department) if task.item.department else ABSENT)),
        Column("落实状态", 16, lambda task: light(*_status(task))),
        Column("数据状态", 18, lambda task: text(_state(task, approved_only=scope.approved_only))),
    ]


def target_content(item: WorkItem) -> Content:
    """A bound stays a number with its sign before it; a range and a promise in words are text."""
    if item.target_value is None:
        return text(item.target_text or ABSENT)
    decimals = places_of(item.target_value)
    shown = format_target(
        operator=item.target_operator, value=item.target_value, upper=item.target_upper, decimals=decimals
    )
    if item.target_operator == Operator.RANGE:
        return text(shown)
    sign = shown.removesuffix(format_figure(item.target_value, decimals=decimals))
    return number(item.target_value, decimals=decimals, before=sign)


def _value(task: Task) -> Content:
    value: Decimal | None = task.approved.value if task.approved else None
    return text(ABSENT) if value is None else number(value, decimals=places_of(value))


def _status(task: Task) -> tuple[Light, str]:
    """Done is green, late is red, due within thirty days is yellow; the rest says how far it is."""
    word = task.item.get_state_display()
    if task.item.state == WorkState.DONE:
        return Light.GREEN, word
    colour = {Due.OVERDUE: Light.RED, Due.SOON: Light.YELLOW}.get(task.due, Light.GREY)
    return colour, f"{word}\n{task.due_word}" if task.due_word else word


def _state(task: Task, *, approved_only: bool) -> str:
    words = [f"截至{task.approved.when}，已审核" if task.approved else "尚无已审核的进展"]
    if task.under_review and not approved_only:
        words.append(f"{task.under_review.when}{task.under_review.get_state_display()}，未计入")
    if task.is_demo:
        words.append(DEMO_WORD)
    return "\n".join(words)


def _definitions() -> Notes:
    return [
        (
            "量化目标、完成值",
            "目标为文件所载，“≥”“约”等是目标的一部分，单元格仍是数值；完成值为最近一个已审核月份的累计数。",
        ),
        ("完成率", "完成值÷量化目标，不封顶；“不超过”类目标没有完成率，区间目标按下限计算。"),
        (
            "落实状态",
            "●已完成；■超过完成时限仍未完成；▲三十天内到期；–未到期或没有写明时限。"
            "推进中、未开始取最近一个已审核月份，没有进展报告的为登记时的状态。",
        ),
        ("数据状态", "只取已审核的月份；待审核、草稿、退回的月份只在本列注明，不计入。"),
        ("小数与舍入", f"数值单元格存原值，百分比显示一位，四舍五入，只影响显示。“{ABSENT}”为没有数据，不是零。"),
    ]
