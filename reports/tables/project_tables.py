"""重点项目进展情况表: money, time and problems of the key projects, the numbers of the project page. Money in 万元."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from indicators.models import State
from indicators.queries import places_of
from projects.models import Project, ProjectReport
from projects.portfolio import Money, ProjectTable, project_tables
from projects.standings import Standing
from reports.tables.columns import DEMO_WORD
from reports.tables.notes import DEMO_WARNING, about_demo, about_the_export, about_the_plans
from reports.tables.plan_tables import sheets_of_plans
from reports.tables.products import Notes, Product
from reports.tables.scopes import ImpossibleChoice, Scope
from reports.tables.workbooks import ABSENT, Column, Content, Table, light, number, share, text

TITLE = "重点项目进展情况表"


@dataclass(frozen=True, slots=True)
class Line:
    """A row of the table: a project, or a sum."""

    standing: Standing | None = None
    sum: Money | None = None

    @property
    def project(self) -> Project | None:
        return self.standing.project if self.standing else None


def project_product(scope: Scope) -> Product:
    """The projects of the scope's plans, as they stood when the month asked for was over."""
    tables = project_tables(
        scope.plans, user=scope.user, on=scope.on, until=scope.month, approved_only=scope.approved_only
    )
    tables = [table for table in tables if table.standings]
    if not tables:
        raise ImpossibleChoice("所选规划没有登记重点项目，没有可导出的内容。")
    when = f"{scope.month}" if scope.month else "最近进展"
    counted = [(table.plan, len(table.standings), table.sentence) for table in tables]

    def each(table: ProjectTable) -> Table[Line]:
        return _sheet(table, when)

    def together(several: Sequence[ProjectTable]) -> Table[Line]:
        return _list(several, when)

    sheets = sheets_of_plans(tables, counted, each=each, together=together, title=TITLE)
    warning = DEMO_WARNING if any(table.has_demo for table in tables) else ""
    notes: Notes = [
        *about_the_plans([table.plan for table in tables]),
        ("截至", f"{when}底" if scope.month else "各项目最近一个已审核的月份，见“数据状态”"),
        *about_demo(warning, "有演示数据的行在“数据状态”列注明。"),
        *about_the_export(scope.user, scope.at),
        *_definitions(),
    ]
    return Product(TITLE, f"{scope.name}_{TITLE}_{when}", sheets, notes, warning)


def _sheet(table: ProjectTable, when: str) -> Table[Line]:
    blocks = [(name or "未分类", [Line(row) for row in rows]) for name, rows in table.groups]
    if len(blocks) == 1 and not table.groups[0][0]:
        blocks = [("", blocks[0][1])]
    sums = [*table.categories, table.all] if len(table.groups) > 1 else [table.all]
    return Table(
        name=TITLE,
        heading=f"{table.plan.title}{TITLE}",
        lines=[f"填报单位：{table.plan.region.bureau_name}　　截至：{when}　　单位：万元", table.sentence],
        warning=DEMO_WARNING if table.has_demo else "",
        columns=_columns(),
        blocks=[*blocks, ("合计", [Line(sum=money) for money in sums])],
    )


def _list(tables: Sequence[ProjectTable], when: str) -> Table[Line]:
    plans = {table.plan.pk: table.plan for table in tables}

    def place(shown: str) -> Column[Line]:
        def content(line: Line) -> Content:
            if line.project is None:
                return text("", is_sum=True)
            plan = plans[line.project.plan_id]
            return text({"区划代码": plan.region.code, "地区": plan.region.name, "规划": plan.short_title}[shown])

        return Column(shown, 20 if shown == "规划" else 12, content, is_prose=shown == "规划")

    standings = [row for table in tables for row in table.standings]
    names = list(dict.fromkeys(row.project.category for row in standings))
    sums = [Money(name or "未分类", [row for row in standings if row.project.category == name]) for name in names]
    return Table(
        name=TITLE,
        heading=f"{TITLE}（汇总）",
        lines=[f"共{len(tables)}个规划，{len(standings)}个项目　　截至：{when}　　单位：万元"],
        warning=DEMO_WARNING if any(table.has_demo for table in tables) else "",
        columns=[place("区划代码"), place("地区"), place("规划"), *_columns()],
        blocks=[
            ("", [Line(row) for row in standings]),
            ("合计", [Line(sum=money) for money in (*sums, Money("合计", standings))]),
        ],
    )


def _columns() -> list[Column[Line]]:
    return [
        Column("序号", 7, _number),
        Column("项目名称", 28, _name, is_prose=True),
        Column("类别", 14, lambda line: _text(line, lambda project: project.category)),
        Column("建设地点", 14, lambda line: _text(line, lambda project: project.location)),
        Column("建设内容", 40, lambda line: _text(line, lambda project: project.content), is_prose=True),
        Column(
            "起止年限", 12, lambda line: text(line.standing.years_shown) if line.standing else text("", is_sum=True)
        ),
        Column("总投资\n（万元）", 12, _planned),
        Column("资金来源", 16, lambda line: _text(line, _funding)),
        Column("投资\n（万元）", 12, _done, group="累计完成"),
        Column("完成率", 9, _completion, group="累计完成"),
        Column("时间进度", 9, _time),
        Column("形象进度\n（%）", 10, _physical),
        Column("阶段", 11, lambda line: _standing(line, lambda row: row.stage.label)),
        Column("进度评价", 15, _mark),
        Column("存在问题", 34, lambda line: _standing(line, _problems), is_prose=True),
        Column("责任单位", 16, lambda line: _text(line, _responsible)),
        Column("数据状态", 18, lambda line: _standing(line, _state)),
    ]


def _number(line: Line) -> Content:
    if line.project is None:
        return text("", is_sum=True)
    printed = line.project.number
    if printed.isascii() and printed.isdigit() and not printed.startswith("0"):
        return number(Decimal(printed), decimals=0)
    return text(printed)


def _name(line: Line) -> Content:
    if line.sum is None:
        return text(line.project.name if line.project else "")
    unpriced = f"，其中{line.sum.unpriced}个未载明投资" if line.sum.unpriced else ""
    return text(f"{line.sum.name}（{line.sum.count}个{unpriced}）", is_sum=True)


def _money(value: Decimal | None, *, is_sum: bool) -> Content:
    if value is None:
        return text(ABSENT, is_sum=is_sum)
    return number(value, decimals=places_of(value), is_sum=is_sum)


def _planned(line: Line) -> Content:
    if line.sum is not None:
        return _money(line.sum.planned, is_sum=True)
    return _money(line.project.total_investment if line.project else None, is_sum=False)


def _done(line: Line) -> Content:
    if line.sum is not None:
        return _money(line.sum.done, is_sum=True)
    return _money(line.standing.done if line.standing else None, is_sum=False)


def _completion(line: Line) -> Content:
    of = line.sum or line.standing
    return share(of.completion if of else None, is_sum=line.sum is not None)


def _time(line: Line) -> Content:
    if line.standing is None:
        return text("", is_sum=True)
    return share(line.standing.time_progress)


def _physical(line: Line) -> Content:
    if line.standing is None:
        return text("", is_sum=True)
    value = line.standing.approved.physical_progress if line.standing.approved else None
    return text(ABSENT) if value is None else number(value, decimals=max(1, places_of(value)))


def _mark(line: Line) -> Content:
    if line.standing is None:
        return text("", is_sum=True)
    mark = line.standing.mark
    if mark is None:
        return text(ABSENT)
    words = f"\n{line.standing.lead_shown}" if line.standing.lead_shown else ""
    return light(mark[0], mark[1] + words)


def _text(line: Line, words: Callable[[Project], str]) -> Content:
    if line.project is None:
        return text("", is_sum=True)
    return text(words(line.project) or ABSENT)


def _standing(line: Line, words: Callable[[Standing], str]) -> Content:
    if line.standing is None:
        return text("", is_sum=True)
    return text(words(line.standing) or ABSENT)


def _funding(project: Project) -> str:
    return "、".join(map(str, project.funding_sources.all()))


def _responsible(project: Project) -> str:
    """The units the plan names, and our department that answers for the project."""
    names = [*map(str, project.units.all()), *([str(project.department)] if project.department else [])]
    return "\n".join(dict.fromkeys(names))


def _problems(row: Standing) -> str:
    return row.approved.problems if row.approved else ""


def _state(row: Standing) -> str:
    """Which month the figures are of, what is under review beside it, and whether it is a demo's."""
    words = [_approved_said(row)]
    newest = row.newest
    if newest and newest.state != State.APPROVED:
        words.append(f"{newest.when}{newest.get_state_display()}，未计入")
    if row.is_demo:
        words.append(DEMO_WORD)
    return "\n".join(words)


def _approved_said(row: Standing) -> str:
    if row.approved is None:
        return "规划所载，尚无已审核的进展"
    said = f"截至{row.approved.when}，已审核"
    return said if row.spent in (None, row.approved) else f"{said}\n投资截至{_month(row.spent)}"


def _month(report: ProjectReport | None) -> str:
    return str(report.when) if report else ""


def _definitions() -> Notes:
    return [
        (
            "总投资、累计完成投资",
            "单位万元。总投资为规划所载；累计完成投资为开工以来的累计数，取最近一个填有投资的已审核月份。",
        ),
        (
            "合计",
            "按类别和全部项目合计。总投资只计载明投资的项目；完成率只计既载明总投资、又有已审核投资进展的项目，"
            "分母为这些项目的总投资，所以不等于合计行两数之商。",
        ),
        ("完成率", "累计完成投资÷总投资，不封顶。"),
        ("时间进度", "从起始年1月到完工年12月，截至数据月份已过的月数所占份额。规划没有写明起止年的没有时间进度。"),
        (
            "进度评价",
            "完成率落后于时间进度达到0.1个百分点为滞后（▲）；完工年已过、已审核进展显示尚未完工的为逾期未完工（■）。",
        ),
        ("形象进度", "填报单位所报工程形象进度，单位%。"),
        ("数据状态", "数字只取已审核的月份；待审核、草稿、退回的月份只在本列注明，不计入。"),
        (
            "小数与舍入",
            f"数值单元格存原值（最多四位小数）。百分比显示一位，四舍五入，只影响显示。“{ABSENT}”为没有数据，不是零。",
        ),
    ]
