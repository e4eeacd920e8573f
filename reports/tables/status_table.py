"""填报情况表: how far the reports of each department are, by region, plan and year. Counts, no figure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from indicators.models import State
from indicators.reminders import STATE_WORDS, UNREPORTED, Duty, duties_of
from plans.models import Round
from reports.tables.columns import DEMO_WORD
from reports.tables.notes import about_the_export
from reports.tables.products import Notes, Product
from reports.tables.scopes import ImpossibleChoice, Scope
from reports.tables.workbooks import Column, Content, Table, light, number_of, share, text

TITLE = "填报情况表"


@dataclass(frozen=True, slots=True)
class Line:
    """A department's duty in one round, or the sum of several."""

    duty: Duty | None
    counts: Counter[str]
    name: str = ""

    @property
    def total(self) -> int:
        return self.counts.total()

    @property
    def passed_on(self) -> int:
        return self.counts[State.SUBMITTED.value] + self.counts[State.APPROVED.value]

    def share_of(self, count: int) -> Decimal | None:
        return Decimal(count) / self.total if self.total else None


def status_product(scope: Scope) -> Product:
    """The departments of the scope's plans in the rounds that have opened, of the year asked for or of all."""
    rounds = Round.objects.visible_to(scope.user).filter(plan__in=scope.plans)
    if scope.year:
        rounds = rounds.filter(year=scope.year)
    duties = duties_of(rounds, on=scope.on)
    if not duties:
        when = f"{scope.year}年" if scope.year else ""
        raise ImpossibleChoice(f"所选规划{when}没有开放过填报，没有可统计的内容。")
    is_demo = any(duty.round.is_demo or (duty.department and duty.department.is_demo) for duty in duties)
    warning = f"含{DEMO_WORD}" if is_demo else ""
    day = f"{scope.on.year}年{scope.on.month}月{scope.on.day}日"
    total = Line(None, _sum(duties), "合计")
    late = sum(1 for duty in duties if duty.is_overdue)
    lines = [
        f"统计截至：{day}（北京时间）　　范围：{scope.said}",
        f"共{len(duties)}份科室报表，已报齐{sum(duty.is_complete for duty in duties)}份，逾期{late}份；"
        f"应报{total.total}项，已报送{total.passed_on}项。",
    ]
    blocks = [("", [Line(duty, duty.counts) for duty in duties]), ("合计", [*_by_region(duties), total])]
    table = Table(TITLE, TITLE, lines, warning, _columns(), blocks)
    when = f"_{scope.year}年" if scope.year else ""
    name = f"{scope.name}_{TITLE}{when}_{scope.on:%Y%m%d}"
    return Product(TITLE, name, [table], _notes(scope, day, is_demo=is_demo), warning)


def _sum(duties: Sequence[Duty]) -> Counter[str]:
    found: Counter[str] = Counter()
    for duty in duties:
        found.update(duty.counts)
    return found


def _by_region(duties: Sequence[Duty]) -> list[Line]:
    """A sum for each region where there are several."""
    regions: dict[str, list[Duty]] = {}
    for duty in duties:
        regions.setdefault(duty.round.plan.region.name, []).append(duty)
    return [Line(None, _sum(theirs), name) for name, theirs in regions.items()] if len(regions) > 1 else []


def _columns() -> list[Column[Line]]:
    return [
        Column("区划代码", 10, _of(lambda duty: duty.round.plan.region.code)),
        Column("地区", 14, lambda line: text(line.name or _region(line), is_sum=line.duty is None)),
        Column("规划", 24, _of(lambda duty: str(duty.round.plan)), is_prose=True),
        Column("数据年度", 9, lambda line: number_of(line.duty.round.year) if line.duty else text("", is_sum=True)),
        Column("责任科室", 20, _of(lambda duty: duty.department_name), is_prose=True),
        Column("截止日期", 12, _of(lambda duty: f"{duty.deadline:%Y-%m-%d}")),
        Column("应报", 8, lambda line: number_of(line.total, is_sum=line.duty is None), group="项数"),
        *(Column(word, 8, _in_state(state), group="项数") for state, word in STATE_WORDS.items()),
        Column("报送率", 9, lambda line: _share(line, line.passed_on)),
        Column("审核率", 9, lambda line: _share(line, line.counts[State.APPROVED.value])),
        Column(
            "报送情况",
            14,
            lambda line: light(line.duty.light, line.duty.word) if line.duty else text("", is_sum=True),
        ),
        Column("逾期", 8, _of(lambda duty: "逾期" if duty.is_overdue else "否")),
    ]


def _region(line: Line) -> str:
    return line.duty.round.plan.region.name if line.duty else ""


def _of(words: Callable[[Duty], str]) -> Callable[[Line], Content]:
    return lambda line: text(words(line.duty)) if line.duty else text("", is_sum=True)


def _in_state(state: str) -> Callable[[Line], Content]:
    return lambda line: number_of(line.counts[state], is_sum=line.duty is None)


def _share(line: Line, count: int) -> Content:
    return share(line.share_of(count), is_sum=line.duty is None)


def _notes(scope: Scope, day: str, *, is_demo: bool) -> Notes:
    return [
        ("范围", scope.said),
        ("数据年度", f"{scope.year}年" if scope.year else "所选规划已开放填报的各年度"),
        ("统计截至", f"{day}（北京时间）"),
        *about_the_export(scope.user, scope.at),
        ("应报", "由该科室填报的行；数据填在下级行的合计行不计。"),
        (
            "未报、草稿、退回",
            f"{STATE_WORDS[UNREPORTED]}为没有填写；草稿为已填未提交；退回为审核退回未重新提交。三者合为未报送。"
            "注明“暂缺”“不适用”的按其状态计入，不算未报。",
        ),
        ("待审核、已审核", "待审核为已提交；已审核为审核通过。两者合为已报送。"),
        ("报送率、审核率", "已报送项数÷应报项数；已审核项数÷应报项数。四舍五入到一位小数，只影响显示。"),
        ("截止日期", "当日24时（北京时间）截止，含已批准的延期。截止后仍有未报送的为逾期。"),
        ("数据", "本表只有报送情况，不含任何实际值。"),
        *([(DEMO_WORD, "所列填报期或科室为演示而设。")] if is_demo else []),
    ]
