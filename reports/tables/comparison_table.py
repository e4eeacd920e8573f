"""跨地区对比表: one metric across regions and years, read by the function of the page."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from decimal import Decimal

from django.http import Http404

from indicators.models import Metric
from indicators.neighbourhood import Choice, CompareLine, Comparison, comparison, metric_rows, metric_seen_by
from indicators.queries import actual_shown, places_of
from reports.tables.charts import MOST_LINES, Chart, Series
from reports.tables.columns import DEMO_WORD, target_content
from reports.tables.notes import DEMO_WARNING, about_demo, about_the_export
from reports.tables.products import Notes, Product
from reports.tables.scopes import ImpossibleChoice, Scope
from reports.tables.workbooks import ABSENT, Column, Content, Table, light, number, number_of, share, text

TITLE = "跨地区对比表"


def comparison_product(scope: Scope) -> Product:
    """The metric in the scope's plans: approved figures only, for every reader; ranked only where the dictionary says.

    Raises Http404 for a metric that no plan this person sees promises.
    """
    if not scope.metric:
        raise ImpossibleChoice("跨地区对比表要选择一个指标。")
    metric = metric_seen_by(scope.user, scope.metric)
    if metric is None:
        raise Http404
    compared = compared_in(metric, scope)
    if not compared.lines and not compared.others:
        raise ImpossibleChoice(f"所选规划都没有“{metric.name}”这一指标，没有可对比的内容。")
    unit = f"（{metric.unit}）" if metric.unit else ""
    warning = DEMO_WARNING if compared.has_demo else ""
    table = Table(
        name=TITLE,
        heading=f"{metric.name}{unit}{TITLE}",
        lines=[compared.sentence, f"{compared.ranking_note}只计已审核的数据。"],
        warning=warning,
        columns=_columns(compared),
        blocks=[
            (head, lines)
            for head, lines in (
                ("口径一致的规划" if compared.others else "", compared.lines),
                ("口径不同，不参与比较和排名", compared.others),
            )
            if lines
        ],
    )
    chart = _chart(compared)
    when = f"_{compared.year}年" if scope.year else ""
    name = f"{metric.name}_{TITLE}_{scope.name}{when}"
    return Product(TITLE, name, [table], _notes(compared, scope, warning), warning, [chart] if chart else [])


def compared_in(metric: Metric, scope: Scope) -> Comparison:
    """The page's comparison, of the plans of the scope."""
    plans = {plan.pk for plan in scope.plans}
    rows = [row for row in metric_rows(metric, user=scope.user) if row.indicator.plan_id in plans]
    return comparison(metric, rows, choice=Choice(year=scope.year), on=scope.on)


def _columns(compared: Comparison) -> list[Column[CompareLine]]:
    lines = [*compared.lines, *compared.others]
    years = sorted({cell.year for line in lines for cell in line.cells if cell.is_in_plan})
    found: list[Column[CompareLine]] = [
        Column("区划代码", 10, lambda line: text(line.row.region.code)),
        Column("地区", 14, lambda line: text(line.row.region.name), is_prose=True),
        Column("级别", 8, lambda line: text(line.row.region.get_level_display())),
        Column("规划", 22, lambda line: text(line.indicator.plan.short_title), is_prose=True),
        Column("指标", 24, lambda line: text(line.indicator.name), is_prose=True),
        Column("单位", 8, lambda line: text(line.indicator.unit or ABSENT)),
        Column("年份", 8, lambda line: _year(line.indicator.baseline_year), group="基期"),
        Column("数值", 10, _baseline, group="基期"),
        Column("年份", 8, lambda line: _year(line.target.year if line.target else None), group="期末目标"),
        Column(
            "数值", 12, lambda line: target_content(line.target, decimals=line.indicator.decimals), group="期末目标"
        ),
        *(Column(f"{year}年", 10, _actual_of(year), group="各年实际值") for year in years),
        Column("年度", 8, lambda line: _year(line.year), group="评价"),
        Column("完成进度", 10, lambda line: share(line.assessment.progress if line.assessment else None), group="评价"),
        Column("评价", 12, lambda line: light(line.light, line.word) if line.light else text(ABSENT), group="评价"),
        Column("口径差异与说明", 40, lambda line: text(_said(line)), is_prose=True),
    ]
    rank: Column[CompareLine] = Column("名次", 7, _rank)
    return [found[0], found[1], rank, *found[2:]] if compared.is_ranked else found


def _rank(line: CompareLine) -> Content:
    return number_of(line.rank) if line.rank else text(ABSENT)


def _year(year: int | None) -> Content:
    return number_of(year) if year else text(ABSENT)


def _baseline(line: CompareLine) -> Content:
    value, decimals = line.indicator.baseline_value, line.indicator.decimals
    if value is None:
        return text(line.indicator.baseline_text or ABSENT)
    return number(value, decimals=max(decimals, places_of(value)))


def _actual_of(year: int) -> Callable[[CompareLine], Content]:
    def content(line: CompareLine) -> Content:
        if year not in line.indicator.plan.years:
            return text("")  # outside the plan: neither missing nor zero
        actual, decimals = line.row.actuals.get(year), line.indicator.decimals
        if actual is None or actual.value is None:
            return text(actual_shown(actual, decimals=decimals))
        return number(actual.value, decimals=max(decimals, places_of(actual.value)))

    return content


def _said(line: CompareLine) -> str:
    words = [*line.row.differences]
    if line.is_tied:
        words.append("名次并列")
    demo = [f"{year}年" for year, actual in sorted(line.row.actuals.items()) if actual.is_demo]
    if demo:
        words.append(f"{'、'.join(demo)}为{DEMO_WORD}")
    return "；".join(words)


def _chart(compared: Comparison) -> Chart | None:
    """A line for each plan that can be compared, by year; a year without a figure is a gap."""
    drawable = [line for line in compared.lines if line.figures]
    lines = drawable[:MOST_LINES]
    if not lines:
        return None
    years = sorted({cell.year for line in lines for cell in line.cells if cell.is_in_plan})
    left_out = f"另有{len(drawable) - len(lines)}个规划未画。" if len(drawable) > len(lines) else ""
    unit = compared.metric.unit
    return Chart(
        title=f"{compared.metric.name}{f'（{unit}）' if unit else ''}",
        head="年度",
        categories=[f"{year}年" for year in years],
        series=[Series(name, _values(line, years)) for name, line in zip(_names(lines), lines, strict=True)],
        is_line=True,
        unit=unit,
        decimals=max(line.indicator.decimals for line in lines),
        note=f"只画口径一致、已审核的实际值；断开处没有数据。{left_out}",
    )


def _values(line: CompareLine, years: Sequence[int]) -> list[Decimal | None]:
    return [line.row.value(year) for year in years]


def _names(lines: Sequence[CompareLine]) -> list[str]:
    """The region where it has one line, else with its plan."""
    regions = [line.row.region.pk for line in lines]
    return [
        line.row.region.short_name if regions.count(line.row.region.pk) == 1 else line.indicator.plan.short_title
        for line in lines
    ]


def _notes(compared: Comparison, scope: Scope, warning: str) -> Notes:
    metric = compared.metric
    ways = "、".join(alias.name for alias in metric.aliases.all())
    return [
        ("指标", f"{metric.name}（指标库代码 {metric.code}）"),
        *([("又称", ways)] if ways else []),
        ("指标库定义", metric.definition or "指标库没有写明定义。"),
        ("方向", metric.get_direction_display()),
        ("范围", scope.said),
        ("数据年度", f"{scope.year}年" if scope.year else "各规划取最新的数据年度；排名年度见表头说明"),
        ("数据状态", "只含已审核的实际值。"),
        *about_demo(warning, "有演示数据的行在“口径差异与说明”列注明。"),
        *about_the_export(scope.user, scope.at),
        ("排名", compared.ranking_note),
        (
            "口径不同",
            "单位、类型、方向、定义与指标库不一，或规划注明口径的，列在后面，不参与比较和排名；差异写在“口径差异与说明”。",
        ),
        ("完成进度", "（实际值－基期值）÷（目标值－基期值），在“评价”所列年度计算。"),
        ("空格", f"空格为该年不在规划期内；“{ABSENT}”为没有数据。零就是零。"),
        ("小数与舍入", "数值单元格存原值（最多四位小数），按规划印制的小数位显示，四舍五入，只影响显示。"),
    ]
