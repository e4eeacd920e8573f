"""接续: the draft of the next plan from a plan that ends: chosen rows, the last approved figure as baseline."""

from __future__ import annotations

from collections.abc import Collection
from decimal import Decimal
from typing import cast

from django.db.models import Prefetch

from accounts.models import User
from indicators.figures import Operator, format_target
from indicators.models import Actual, Exclusion, Indicator, Target
from indicators.queries import actual_shown, figure_shown, target_shown
from indicators.verdicts import Direction, Kind
from plans.models import Plan
from plans.periods import period_of
from reports.drafts.answers import AS_READ, DEMO_BASELINE, DEMO_REMARK, PROPOSED, PROPOSED_BY_DEMO, WITHOUT
from reports.drafts.content import Content, DraftRow, DraftTarget, Facts
from reports.drafts.proposals import Past, proposal

# Of these a figure of one year is no place to start from.
_WITHOUT_BASELINE = (Kind.CUMULATIVE, Kind.CUMULATIVE_REDUCTION, Kind.QUALITATIVE, Kind.RELATIVE, Kind.ANNUAL_RATE)


def rows_offered(plan: Plan, *, user: User) -> list[Indicator]:
    """The plan's rows in order, each with its approved figures, targets and rulings: a fixed number of queries."""
    rows = Indicator.objects.visible_to(user).filter(plan=plan).select_related("parent", "plan")
    return list(
        rows.prefetch_related(
            Prefetch("actuals", Actual.objects.visible_to(user).approved().order_by("year"), to_attr="reached"),
            Prefetch("targets", Target.objects.visible_to(user).filter(is_current=True), to_attr="promises"),
            Prefetch("exclusions", Exclusion.objects.visible_to(user).in_force(), to_attr="standing"),
        ).order_by("order", "pk")
    )


def excluded_ones(rows: Collection[Indicator]) -> set[int]:
    """The keys of the rows that a ruling takes out of the assessment, themselves or with the group row above."""
    out = {row.pk for row in rows if row.standing}  # type: ignore[attr-defined]
    return out | {row.pk for row in rows if row.parent_id in out}


def next_facts(plan: Plan) -> Facts:
    """The period that follows, and the titles with its name in the place of the old one."""
    years = plan.end_year - plan.start_year + 1
    start = plan.end_year + 1
    old, new = str(period_of(plan.start_year)), str(period_of(start))
    if years == 1:
        old, new = str(plan.start_year), str(start)
    return Facts(
        title=plan.title.replace(old, new)[:200],
        short_title=plan.short_title.replace(old, new)[:50],
        start_year=start,
        end_year=start + years - 1,
        source_title=plan.title.replace(old, new)[:200],
        publisher=plan.region.bureau_name,
    )


def roll_over(plan: Plan, rows: Collection[Indicator], *, facts: Facts, proposes: bool) -> Content:
    """The draft of the next plan from the chosen rows (of `rows_offered`)."""
    content = Content(facts=facts, origin=f"接续{plan.title}（{plan.start_year}—{plan.end_year}年）")
    keys = {row.pk: content.new_key("r") for row in rows}
    for indicator in rows:
        row = _carried(indicator, key=keys[indicator.pk], parent=keys.get(indicator.parent_id or 0, ""))
        content.rows.append(row)
        if not row.is_group:
            _take_baseline(content, row, indicator)
            _ask_for_target(content, row, indicator, plan=plan, proposes=proposes)
    for row in content.rows:  # a group whose rows were not chosen is filled in by itself
        row.is_group = row.is_group and any(other.parent == row.key for other in content.rows)
    return content


def _carried(indicator: Indicator, *, key: str, parent: str) -> DraftRow:
    return DraftRow(
        key=key,
        number=indicator.number,
        name=indicator.name,
        unit=indicator.unit,
        attribute=indicator.attribute,
        kind=indicator.kind,
        direction=indicator.direction,
        decimals=indicator.decimals,
        parent=parent,
        is_group=indicator.is_group,
        theme=indicator.theme_id,
        theme_confirmed=True,
        department=indicator.department_id,
        metric=indicator.metric_id,
        metric_decided=True,
        hard_minimum=_tidy(indicator.hard_minimum),
        hard_maximum=_tidy(indicator.hard_maximum),
        change_limit=_tidy(indicator.change_limit),
        definition=indicator.definition,
        where=f"接续自{indicator.plan.short_title} {indicator.number}"[:100],
    )


def _tidy(value: Decimal | None, decimals: int = 0) -> Decimal | None:
    """The figure without the zeros that the database fills it up with."""
    return None if value is None else Decimal(figure_shown(value, decimals))


def _of(indicator: Indicator) -> list[Actual]:
    """The approved figures that are numbers, the oldest first."""
    reached: list[Actual] = indicator.reached  # type: ignore[attr-defined]
    return [actual for actual in reached if actual.value is not None]


def _said(actual: Actual, indicator: Indicator) -> str:
    """45.2%（2025年，快报）: the figure, its year and what kind of figure it is."""
    kind = "文件所载" if actual.source_ref else actual.get_figure_kind_display()
    demo = "，演示数据" if actual.is_demo else ""
    return f"{actual_shown(actual, decimals=indicator.decimals)}{indicator.unit}（{actual.year}年，{kind}{demo}）"


def _take_baseline(content: Content, row: DraftRow, indicator: Indicator) -> None:
    """The last approved figure that is no demo; a demo figure only on a person's word."""
    figures = _of(indicator)
    real = [actual for actual in figures if not actual.is_demo]
    last = figures[-1] if figures else None
    year = content.facts.start_year - 1
    if row.kind in _WITHOUT_BASELINE:
        if last is not None:
            row.printed["baseline"] = f"上一期最近一年：{_said(last, indicator)}"
        return
    if real:
        newest = real[-1]
        row.baseline_year, row.baseline_value = newest.year, _tidy(newest.value, indicator.decimals)
        row.baseline_text = figure_shown(newest.value, indicator.decimals)
        row.printed["baseline"] = f"已审核：{_said(newest, indicator)}"
        kind = "文件所载" if newest.source_ref else newest.get_figure_kind_display()
        row.remark = f"基期值取自{indicator.plan.short_title}{newest.year}年已审核数据（{kind}）"
    if last is not None and last.is_demo:
        row.printed["baseline"] = "；".join(filter(None, (row.printed.get("baseline"), _said(last, indicator))))
        taken = figure_shown(last.value, indicator.decimals)
        content.ask(
            row.key,
            "baseline",
            f"最近一年已审核的{_said(last, indicator)}是演示数据，没有用作基期。请填写真实的基期值，或选择如何处理。",
            year=year,
            choices=[
                (f"{DEMO_BASELINE}:{last.year}:{taken}", f"仍用演示数据{taken}，备注写明“{DEMO_REMARK}”"),
                (AS_READ, f"用{real[-1].year}年的{actual_shown(real[-1], decimals=indicator.decimals)}")
                if real
                else (WITHOUT, "基期暂缺"),
            ],
        )
    elif not real:
        content.ask(
            row.key,
            "baseline",
            f"{indicator.plan.short_title}没有已审核的数据，基期为空。请填写{year}年的值，或确认基期暂缺。",
            year=year,
            choices=[(WITHOUT, "基期暂缺")],
        )


def _ask_for_target(content: Content, row: DraftRow, indicator: Indicator, *, plan: Plan, proposes: bool) -> None:
    """The last year's target is a question in any case: proposed and to be confirmed, or empty and to be filled in."""
    year = content.facts.end_year
    final = max(cast("list[Target]", indicator.promises), key=lambda one: one.year, default=None)  # type: ignore[attr-defined]
    if final is not None:
        shown = final.text if final.value is None else _written(indicator, final)
        row.printed[f"target {year}"] = f"上一期{final.year}年目标：{shown}"
    found = None
    if proposes:
        found = proposal(_past(indicator, final), year=year, years=len(content.facts.years))
    if found is None:
        content.ask(
            row.key,
            "target",
            f"{year}年的目标值未定，请填写。",
            year=year,
            choices=[(WITHOUT, "不设目标值")],
        )
        return
    text = found.text or format_target(operator=found.operator, value=found.value, decimals=row.decimals)
    row.put_target(DraftTarget(year, text, found.operator.value, found.value))
    is_demo = found.value is not None and any(actual.is_demo for actual in _of(indicator))
    by_demo = "，所据含演示数据" if is_demo else ""
    code = PROPOSED_BY_DEMO if is_demo else PROPOSED
    content.ask(
        row.key,
        "target",
        f"{year}年目标 {text}{row.unit if found.value is not None else ''} 是建议值，须确认（{found.how}{by_demo}）。"
        "可改填其他目标。",
        year=year,
        choices=[
            (f"{code}:{text}", f"确认为 {text}"),
            (WITHOUT, "不设目标值"),
        ],
    )


def _written(indicator: Indicator, target: Target) -> str:
    return target_shown(target, decimals=indicator.decimals) + indicator.unit


def _past(indicator: Indicator, final: Target | None) -> Past:
    there = indicator.baseline_year, indicator.baseline_value
    baseline: tuple[int, Decimal] | None = None
    if there[0] is not None and there[1] is not None:
        baseline = (there[0], there[1])
    return Past(
        kind=Kind(indicator.kind),
        direction=Direction(indicator.direction),
        unit=indicator.unit,
        decimals=indicator.decimals,
        baseline=baseline,
        reached={actual.year: actual.value for actual in _of(indicator) if actual.value is not None},
        promised=final.value if final else None,
        operator=Operator(final.operator) if final else Operator.EQ,
        words=final.text if final and final.value is None else "",
        minimum=indicator.hard_minimum,
        maximum=indicator.hard_maximum,
    )
