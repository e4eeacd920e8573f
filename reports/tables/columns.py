"""The columns of the official tables: head, width, and what of a row stands in each."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from decimal import Decimal

from indicators.figures import Operator, format_figure
from indicators.models import Actual, Assessment, Indicator, State, Target
from indicators.queries import PlanTable, Row, actual_shown, places_of, target_shown
from indicators.verdicts import Kind, Verdict
from plans.models import Plan
from reports.tables.workbooks import ABSENT, Column, Content, light, number, number_of, share, text

UNAPPROVED_MARK = "＊"
DEMO_WORD = "演示数据"


def main_indicator_columns(table: PlanTable) -> list[Column[Row]]:
    """规划主要指标表: what the plan promised, and where it says so."""
    plan = table.plan
    return [
        *_indicator_columns(name_width=38),
        _baseline_column(plan, width=12),
        *(Column(f"{year}年", 12, _target_of(year), group="目标值") for year in table.target_years or [plan.end_year]),
        _attribute_column(),
        Column("业务领域", 12, lambda row: text(row.indicator.theme.name)),
        _department_column(),
        Column("原文位置", 20, lambda row: text(row.indicator.source_ref), is_prose=True),
        Column("备注", 44, lambda row: text(remark_shown(row)), is_prose=True),
    ]


def completion_columns(table: PlanTable, *, phase: str = "") -> list[Column[Row]]:
    """指标完成情况表: what was reached up to the data year, what should have been, and how it is judged.

    `phase` names the evaluation of the data year: 中期, 期末 or nothing.
    """
    plan, year = table.plan, table.year
    return [
        *_indicator_columns(name_width=28),
        _attribute_column(),
        _baseline_column(plan, width=10),
        *(Column(f"{past}年", 10, _actual_of(past), group="各年实际值") for past in plan.years if past <= year),
        Column("应达到值", 10, expected_content, group=f"{year}年应达到"),
        Column("来源", 11, lambda row: text(expected_source(row)), group=f"{year}年应达到"),
        Column("期末\n目标值", 11, lambda row: final_target_content(row, plan=plan)),
        Column("完成进度", 10, _share_of(lambda found: found.progress), group="完成情况"),
        Column("时间进度", 10, _share_of(lambda found: found.time_progress), group="完成情况"),
        Column("完成率", 9, _share_of(lambda found: found.completion_rate), group="完成情况"),
        Column(f"{phase}评价", 12, lambda row: light(row.light, row.word)),
        Column("依据与说明", 40, lambda row: text(reason_shown(row)), is_prose=True),
        Column("数据状态", 13, lambda row: text(state_shown(row))),
        _department_column(),
    ]


def main_indicator_list_columns(years: Sequence[int]) -> list[Column[Row]]:
    """The same of many plans in one list; a plan without a target of the year has an empty sign there."""
    return [
        *_place_columns(),
        *_indicator_columns(name_width=38),
        *_baseline_columns(),
        *(Column(f"{year}年", 12, _target_of(year), group="目标值") for year in years),
        _attribute_column(),
        Column("业务领域", 12, lambda row: text(row.indicator.theme.name)),
        _department_column(),
        Column("原文位置", 20, lambda row: text(row.indicator.source_ref), is_prose=True),
        Column("备注", 44, lambda row: text(remark_shown(row)), is_prose=True),
    ]


def completion_list_columns() -> list[Column[Row]]:
    """指标完成情况表 of many plans in one list, each row in its plan's data year."""
    return [
        *_place_columns(),
        *_indicator_columns(name_width=28),
        _attribute_column(),
        *_baseline_columns(),
        Column("数据年度", 9, lambda row: number_of(row.year)),
        Column("实际值", 10, lambda row: actual_content(row.actual, decimals=row.indicator.decimals)),
        Column("应达到值", 10, expected_content),
        Column("期末\n目标值", 11, lambda row: final_target_content(row, plan=row.indicator.plan)),
        Column("完成进度", 10, _share_of(lambda found: found.progress), group="完成情况"),
        Column("时间进度", 10, _share_of(lambda found: found.time_progress), group="完成情况"),
        Column("完成率", 9, _share_of(lambda found: found.completion_rate), group="完成情况"),
        Column("评价", 12, lambda row: light(row.light, row.word)),
        Column("依据与说明", 40, lambda row: text(reason_shown(row)), is_prose=True),
        Column("数据状态", 13, lambda row: text(state_shown(row))),
        _department_column(),
    ]


def _place_columns() -> list[Column[Row]]:
    return [
        Column("区划代码", 10, lambda row: text(row.indicator.plan.region.code)),
        Column("地区", 13, lambda row: text(row.indicator.plan.region.name)),
        Column("规划", 20, lambda row: text(row.indicator.plan.short_title), is_prose=True),
    ]


def _baseline_columns() -> list[Column[Row]]:
    """The year in a column of its own: plans of several periods stand below each other."""

    def value(row: Row) -> Content:
        return baseline_content(row, usual_year=row.indicator.baseline_year or 0)

    def year(row: Row) -> Content:
        return number_of(row.indicator.baseline_year) if row.indicator.baseline_year else text(ABSENT)

    return [Column("年份", 8, year, group="基期"), Column("数值", 10, value, group="基期")]


def _indicator_columns(*, name_width: int) -> list[Column[Row]]:
    return [
        Column("序号", 7, lambda row: number_content(row.indicator)),
        Column("指标", name_width, name_content, is_prose=True),
        Column("单位", 8, lambda row: text(row.indicator.unit or ABSENT)),
    ]


def _baseline_column(plan: Plan, *, width: int) -> Column[Row]:
    year = plan.start_year - 1
    return Column(f"基期\n（{year}年）", width, lambda row: baseline_content(row, usual_year=year))


def _attribute_column() -> Column[Row]:
    return Column("属性", 8, lambda row: text(row.indicator.get_attribute_display()))


def _department_column() -> Column[Row]:
    return Column("责任科室", 12, lambda row: text(department_shown(row.indicator)))


def number_content(indicator: Indicator) -> Content:
    """1 as a number, 1.1 and 文1 as text: 1.10 is not 1.1."""
    printed = indicator.number
    if printed.isascii() and printed.isdigit() and not printed.startswith("0"):
        return number(Decimal(printed), decimals=0)
    return text(printed)


def name_content(row: Row) -> Content:
    return text(f"其中：{row.indicator.name}", indent=1) if row.depth else text(row.indicator.name)


def baseline_content(row: Row, *, usual_year: int) -> Content:
    """The baseline; its year beside it where it is not the usual one."""
    indicator = row.indicator
    if indicator.baseline_value is None:
        return text(row.baseline_shown)
    after = "" if indicator.baseline_year == usual_year else f"（{indicator.baseline_year}年）"
    decimals = max(indicator.decimals, places_of(indicator.baseline_value))
    return number(indicator.baseline_value, decimals=decimals, after=after)


def target_content(target: Target | None, *, decimals: int, after: str = "") -> Content:
    """A bound stays a number with its sign before it; a range and a promise in words are text."""
    if target is None:
        return text(ABSENT)
    if target.value is None or target.operator == Operator.RANGE:
        return text(target_shown(target, decimals=decimals) + after)
    decimals = max(decimals, places_of(target.value))
    sign = target_shown(target, decimals=decimals).removesuffix(format_figure(target.value, decimals=decimals))
    return number(target.value, decimals=decimals, before=sign, after=after)


def final_target_content(row: Row, *, plan: Plan) -> Content:
    """The last target; its year beside it where that is not the plan's last."""
    target = row.final_target
    after = "" if target is None or target.year == plan.end_year else f"（{target.year}年）"
    return target_content(target, decimals=row.indicator.decimals, after=after)


def actual_content(actual: Actual | None, *, decimals: int) -> Content:
    """A figure, marked where it is not approved; zero is a figure, absence is its word or sign."""
    if actual is None:
        return text(ABSENT)
    mark = "" if actual.state == State.APPROVED else UNAPPROVED_MARK
    if actual.value is None:
        return text(actual_shown(actual, decimals=decimals) + mark)
    return number(actual.value, decimals=max(decimals, places_of(actual.value)), after=mark)


def expected_content(row: Row) -> Content:
    """The value due in the data year; an interpolated one shows two decimals at most beyond those printed."""
    expected = row.assessment.expected if row.assessment else None
    if expected is None:
        return text(ABSENT)
    return number(expected, decimals=max(row.indicator.decimals, min(places_of(expected), 2)))


def expected_source(row: Row) -> str:
    """Where the expected value comes from: the plan, the path, the target to be kept, or an entered comparator."""
    assessment, final = row.assessment, row.final_target
    if assessment is None or assessment.expected is None:
        return ABSENT
    if row.indicator.kind == Kind.RELATIVE:
        return "对照值"
    if assessment.is_expected_stated:
        return "规划所载"
    if assessment.progress is None or (final is not None and row.year > final.year):
        return "沿用目标值"
    return "按时间进度推算"


def reason_shown(row: Row) -> str:
    """The ruling where there is one, the engine's reason, then what the bureau wrote."""
    note = row.actual.note.strip() if row.actual else ""
    return row.reason + (f"填报说明：{note}" if note else "")


def state_shown(row: Row) -> str:
    """The state of the data year's figure, then what of the earlier years is not approved, then whether it is demo."""
    words = [_state_of_the_year(row)]
    words += [
        f"{actual.year}年{actual.get_state_display()}"
        for actual in row.actuals.values()
        if actual.year < row.year and actual.state != State.APPROVED
    ]
    if shows_demo(row):
        words.append(DEMO_WORD)
    return "\n".join(words)


def _state_of_the_year(row: Row) -> str:
    actual = row.actual
    if row.indicator.is_group:
        return "见其下各行"
    if actual is None:
        return "未到期" if row.verdict is Verdict.NOT_DUE else "未填报"
    if actual.source_ref:
        return "文件所载"
    return f"{actual.get_state_display()}（{actual.get_figure_kind_display()}）"


def shows_demo(row: Row) -> bool:
    """Whether a figure of this row up to the data year, or what rests on it, is demo data."""
    figures = any(actual.is_demo for actual in row.actuals.values() if actual.year <= row.year)
    return figures or bool(row.assessment and row.assessment.is_demo)


def remark_shown(row: Row) -> str:
    """What the document prints where it is not the figure itself, revised targets, and our remark."""
    words = [part for target in row.targets.values() for part in _target_remarks(row.indicator, target)]
    return "".join([*words, row.indicator.remark])


def _target_remarks(indicator: Indicator, target: Target) -> list[str]:
    shown = target_shown(target, decimals=indicator.decimals)
    words = []
    if target.version > 1:
        words.append(f"{target.year}年目标已调整（{target.approval}）：{target.reason}。")
    if target.value is not None and target.text and target.text not in (shown, shown + indicator.unit):
        words.append(f"{target.year}年目标原文作“{target.text}”。")
    return words


def department_shown(indicator: Indicator) -> str:
    if indicator.department is None:
        return ABSENT
    return indicator.department.name + ("\n（演示）" if indicator.department.is_demo else "")


def _share_of(figure: Callable[[Assessment], Decimal | None]) -> Callable[[Row], Content]:
    return lambda row: share(figure(row.assessment) if row.assessment else None)


def _target_of(year: int) -> Callable[[Row], Content]:
    return lambda row: target_content(row.targets.get(year), decimals=row.indicator.decimals)


def _actual_of(year: int) -> Callable[[Row], Content]:
    return lambda row: actual_content(row.actuals.get(year), decimals=row.indicator.decimals)
