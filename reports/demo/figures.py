"""The figures of the demo: what a bureau might have reported, made from what its plan promises. Pure.

Nothing is drawn by lot: the same plan always gives the same figures. Most rows keep to their path; `PARTS` says which
rows lead, lag, fall back or have no figure, so that every verdict can be seen somewhere.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_UP, Decimal
from enum import Enum, auto
from zlib import crc32

from indicators.figures import Operator
from indicators.paths import expected_value
from indicators.verdicts import Direction, IndicatorFacts, Judgement, Kind, TargetPoint

ZERO = Decimal(0)
ONE = Decimal(1)


class Course(Enum):
    """How a row fares in the demo."""

    STEADY = auto()  # on its path, and there in the final year
    EARLY = auto()  # there two years before the final year
    AHEAD = auto()  # a year ahead of its path, and beyond the target in the end
    SLOW = auto()  # a little behind, but in time for every promised year
    BEHIND = auto()  # clearly behind, and short in the end
    LATE = auto()  # misses its first promised year and is there afterwards
    NEARLY = auto()  # on its path, and short by a hair in the end
    SLIPPED = auto()  # there in good time, then lost again


@dataclass(frozen=True, slots=True)
class Part:
    """The part of one row: its course, why it lags (said where it does), and the years without a figure.

    `start` is where a row without a printed baseline stood before the plan, where another plan's figure tells.
    """

    course: Course
    reason: str = ""
    start: str = ""
    missing: tuple[int, ...] = ()
    not_applicable: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class DemoFigure:
    """What is reported for one year: a number, a judgement, or an absence with its reason."""

    year: int
    value: Decimal | None = None
    comparator: Decimal | None = None
    judgement: Judgement | None = None
    is_missing: bool = False
    is_not_applicable: bool = False


@dataclass(frozen=True, slots=True)
class DemoRow:
    """What the figures of one indicator are made from."""

    key: str
    facts: IndicatorFacts
    unit: str
    decimals: int
    minimum: Decimal | None
    maximum: Decimal | None

    @property
    def step(self) -> Decimal:
        """One printed step: 0.1 where one decimal is printed."""
        return ONE.scaleb(-self.decimals)

    @property
    def sign(self) -> int:
        return 1 if self.facts.direction is Direction.UP else -1


SHARE_OF_WAY = {Course.SLOW: Decimal("0.9"), Course.BEHIND: Decimal("0.6")}
USUAL_REASON = "受项目开工较晚和配套资金到位较慢影响，进度慢于计划；已列入督办事项，逐月调度。"

PARTS: dict[str, Part] = {
    # 老河口 十四五
    "laohekou-14/1.2": Part(
        Course.SLOW, "当年居民人均消费支出增速较高，农村低保标准调整幅度未能同步，次年提标时一并补足。"
    ),
    "laohekou-14/2": Part(Course.SLOW, "农村低保标准按省定最低标准调整，城市标准提标较快，比例提高略慢于计划。"),
    "laohekou-14/3": Part(
        Course.BEHIND,
        "社会福利院三期等床位项目前期手续办理时间长，新增床位少于计划；已会同发改、自然资源部门并联审批。",
    ),
    "laohekou-14/4": Part(Course.SLOW, "乡镇福利院改造期间部分床位暂停使用，护理型床位认定滞后；改造完成后集中认定。"),
    "laohekou-14/8": Part(Course.NEARLY, "个别受助人员因病暂未返乡，已安排后续护送。"),
    "laohekou-14/10": Part(Course.AHEAD),
    "laohekou-14/11": Part(Course.STEADY),
    "laohekou-14/13": Part(Course.STEADY),
    "laohekou-14/14": Part(Course.LATE, "2022年尚有个别乡镇社工站因场地调整未挂牌，已于次年建成。"),
    "laohekou-14/15": Part(Course.STEADY),
    "laohekou-14/文1": Part(Course.BEHIND, "有效供给床位以社会投资项目为主，投资进度慢于计划；已调整招商安排。"),
    "laohekou-14/文7": Part(Course.SLIPPED, "年中新增失能老年人的补贴申请仍在评估，暂未全部发放，评估完成后按月补发。"),
    "laohekou-14/文10": Part(Course.STEADY),
    "laohekou-14/专3": Part(Course.LATE, "县级照护设施改造工期延长，未能在2022年底前投入使用。"),
    "laohekou-14/专4": Part(Course.STEADY, "2020年已达90%，高于本规划目标，数据核对无误。", start="90"),
    "laohekou-14/专7": Part(
        Course.STEADY, "2021年综合性社区养老服务设施布点方案尚未批复，无考核对象。", not_applicable=(2021,)
    ),
    "laohekou-14/专10": Part(Course.EARLY, "2021年培训台账未按新增人员单列，无法取得数据。", missing=(2021,)),
    "laohekou-14/专11": Part(Course.AHEAD),
    # 淳安 十四五
    "chunan-14/3": Part(Course.SLOW, "部分持证护理员流动到县外，净增人数少于计划；已落实入职奖补。"),
    "chunan-14/4": Part(Course.BEHIND, "乡镇敬老院护理型床位改造进度慢于计划，已纳入县政府民生实事项目督办。"),
    "chunan-14/6": Part(Course.AHEAD),
    "chunan-14/7": Part(Course.SLOW, "当年职业水平考试通过率偏低，已增加考前培训。"),
    "chunan-14/8": Part(Course.AHEAD),
    "chunan-14/10": Part(Course.BEHIND, "部门间数据接口改造未完成，联办事项上线少于计划。"),
    "chunan-14/文2": Part(Course.STEADY),
    "chunan-14/文5": Part(Course.EARLY, "2021年未按条线统计，无数据。", missing=(2021,)),
    # 汕尾 十四五
    "shanwei-14/文2": Part(Course.SLIPPED, "个别新建小区配建设施移交手续未办结，按口径计为未达标，正在督促移交。"),
    "shanwei-14/建成镇（街道）社工站数": Part(Course.STEADY),
    "shanwei-14/持有社会工作者职业水平证书人数": Part(Course.NEARLY, "当年考试通过人数略少于预计。"),
    "shanwei-14/村（居）社会工作服务覆盖率": Part(Course.LATE, "偏远村社工点建设用房落实较晚，次年已全部建成。"),
    "shanwei-14/省级以上标准殡仪馆占比": Part(Course.STEADY, "2021年等级评定工作尚未启动，无数据。", missing=(2021,)),
    "shanwei-14/建设区域性精神卫生福利设施数": Part(Course.BEHIND, "项目选址调整，用地手续仍在办理，尚未开工。"),
    "shanwei-14/“双百工程”全省示范点": Part(Course.BEHIND, "示范点评估验收未通过，正按评估意见整改。"),
    "shanwei-14/未成年人救助保护机构县级覆盖率": Part(Course.STEADY),
    "shanwei-14/注册志愿者占常住人口比例": Part(Course.AHEAD),
    # 攀枝花 十三五
    "panzhihua-13/文3": Part(Course.BEHIND, "供养机构护理力量不足，部分有需求的特困人员尚在轮候。"),
    "panzhihua-13/文4": Part(
        Course.STEADY, "医疗救助职能已划转医疗保障部门，本部门不再统计。", not_applicable=(2019, 2020)
    ),
    "panzhihua-13/文8": Part(Course.SLOW, "职业水平考试每年一次，当年新增持证人数少于计划。"),
    "panzhihua-13/文9": Part(Course.NEARLY, "1名人员年内调离本市。"),
    "panzhihua-13/文11": Part(
        Course.EARLY, "退役士兵安置职能已划转退役军人事务部门，本部门不再统计。", not_applicable=(2019, 2020)
    ),
    "panzhihua-13/文14": Part(Course.SLIPPED, "个别社区居家养老服务合同到期未续签，服务中断，已重新招标。"),
    "panzhihua-13/文15": Part(Course.LATE, "2017年两个养老院项目延期竣工，床位未投入使用。"),
    "panzhihua-13/文18": Part(Course.STEADY),
    # 海宁 2021
    "haining-2021/文1": Part(Course.SLOW, "验收材料已报送，等待上级评定。"),
    "haining-2021/文3": Part(Course.AHEAD),
    "haining-2021/文7": Part(Course.BEHIND, "一家养老机构失智照护专区改造工程年底仍在施工，床位未验收。"),
    "haining-2021/文9": Part(Course.NEARLY, "2户因房屋拆迁取消改造。"),
}


def part_of(plan_code: str, number: str, name: str, facts: IndicatorFacts) -> Part:
    """The part written for a row (by its number, or by its name where numbers say little), else the usual one.

    Without a baseline nothing can be said to be on a path, so most such rows reach their target early.
    """
    written = PARTS.get(f"{plan_code}/{number}") or PARTS.get(f"{plan_code}/{name}")
    has_path = facts.baseline is not None or facts.kind is Kind.CUMULATIVE
    is_patient = has_path or crc32(f"{plan_code}/{number}".encode()) % 4 == 0
    return written or Part(Course.STEADY if is_patient else Course.EARLY)


def demo_figures(row: DemoRow, part: Part) -> list[DemoFigure]:
    """What the row reports for each year of its plan; nothing for a kind that no document uses."""
    make = _MAKERS.get(row.facts.kind)
    if make is None or (row.facts.kind in (Kind.LEVEL, Kind.HOLD, Kind.RANGE) and not _promised(row)):
        return []
    found = {figure.year: figure for figure in make(row, part)}
    found |= {year: DemoFigure(year, is_missing=True) for year in part.missing}
    found |= {year: DemoFigure(year, is_not_applicable=True) for year in part.not_applicable}
    return [found[year] for year in sorted(found)]


def _years(row: DemoRow) -> range:
    return range(row.facts.start_year, row.facts.end_year + 1)


def _promised(row: DemoRow) -> list[tuple[int, Decimal]]:
    """(year, the figure to reach) in the order of years; > and < ask for one step more."""
    points = sorted(row.facts.targets, key=lambda point: point.year)
    return [(point.year, _to_reach(row, point, point.value)) for point in points if point.value is not None]


def _to_reach(row: DemoRow, point: TargetPoint, value: Decimal) -> Decimal:
    near = point.upper if row.sign < 0 and point.upper is not None else value
    return near + {Operator.GT: row.step, Operator.LT: -row.step}.get(point.operator, ZERO)


def _levels(row: DemoRow, part: Part) -> Iterator[DemoFigure]:
    origin = row.facts.start_year - 1 if row.facts.baseline_year is None else row.facts.baseline_year
    goals = [point for point in _promised(row) if point[0] > origin]
    start = _start(row, part, goals)
    for year in _years(row):
        value = start if year <= origin else _reached(row, part.course, (origin, start), goals, year)
        yield DemoFigure(year, _printed(row, value, part.course))


def _start(row: DemoRow, part: Part, goals: list[tuple[int, Decimal]]) -> Decimal:
    """The baseline; where none is printed one invented for the demo only (it is never stored), 8 to 38 % away."""
    if row.facts.baseline is not None:
        return row.facts.baseline
    if part.start or row.facts.kind is Kind.HOLD:
        return Decimal(part.start or goals[0][1])
    return goals[0][1] * (ONE - row.sign * Decimal(8 + crc32(row.key.encode()) % 31) / 100)


def _reached(
    row: DemoRow, course: Course, start: tuple[int, Decimal], goals: list[tuple[int, Decimal]], year: int
) -> Decimal:
    """Where the row stands at the end of a year, before rounding."""
    (origin, begin), (final_year, final) = start, goals[-1]
    path = [start, *goals]
    expected = expected_value(path, year=year)
    way, wiggle = final - begin, _wiggle(row, year)
    if way * row.sign < 0:  # the plan promises less than was there already
        return begin - way * wiggle
    if course is Course.EARLY:
        there = max(origin + 1, final_year - 1 - crc32(row.key.encode()) % 2)
        lead = expected_value([start, (there, final)], year=year)
        return max(lead, expected, key=lambda value: value * row.sign)
    if course is Course.AHEAD:
        beyond = final + (way or final) * Decimal("0.12")
        return expected_value(path, year=year + 1) + way * wiggle if year < final_year else beyond
    if course is Course.SLIPPED:
        is_lost = year >= row.facts.start_year + 3
        return final - row.sign * abs(final) * Decimal("0.025") if is_lost else final
    if course is Course.LATE:
        return begin + (expected - begin) * Decimal("0.7") if year <= goals[0][0] else final
    if course is Course.NEARLY and year >= final_year:
        return final - row.sign * abs(final) * Decimal("0.004")
    is_promised = any(at == year for at, _ in goals)
    if year > final_year or (is_promised and course is not Course.BEHIND):
        return expected if course is not Course.BEHIND else begin + way * SHARE_OF_WAY[course]
    return begin + (expected - begin) * (SHARE_OF_WAY.get(course, ONE) + wiggle)


def _wiggle(row: DemoRow, year: int) -> Decimal:
    """0 to 3 % of the way, so that no path is drawn with a ruler; always the same for the same row and year."""
    return Decimal(crc32(f"{row.key}/{year}".encode()) % 31) / 1000


def _printed(row: DemoRow, value: Decimal, course: Course) -> Decimal:
    """With the printed decimals, inside the bounds; a row on its path is not thrown off it by rounding."""
    if course is Course.SLOW:
        rounding = ROUND_HALF_UP
    else:
        is_short = course in (Course.BEHIND, Course.LATE, Course.NEARLY)
        rounding = ROUND_FLOOR if is_short == (row.sign > 0) else ROUND_CEILING
    shown = value.quantize(row.step, rounding=rounding)
    if row.minimum is not None:
        shown = max(shown, row.minimum.quantize(row.step))
    if row.maximum is not None:
        shown = min(shown, row.maximum.quantize(row.step))
    return shown


def _parts(row: DemoRow, part: Part) -> Iterator[DemoFigure]:
    """cumulative: each year reports its own part, so that the running total follows the course."""
    goals = _promised(row)
    so_far = ZERO
    for year in _years(row):
        total = _reached(row, part.course, (row.facts.start_year - 1, ZERO), goals, year)
        total = max(so_far, _printed(row, total, part.course))
        yield DemoFigure(year, total - so_far)
        so_far = total


def _rates(row: DemoRow, part: Part) -> Iterator[DemoFigure]:
    """annual_rate: around the promised rate every year."""
    goal = _promised(row)[-1][1]
    for year in _years(row):
        yield DemoFigure(
            year, _printed(row, goal * (SHARE_OF_WAY.get(part.course, ONE) + _wiggle(row, year)), part.course)
        )


def _compared(row: DemoRow, part: Part) -> Iterator[DemoFigure]:
    """relative: a comparator of the year, and a figure above it; a slow row misses it in the third year."""
    for at, year in enumerate(_years(row)):
        if row.unit == "%":
            comparator = Decimal("3.5") + Decimal(crc32(f"{row.key[:8]}/{year}".encode()) % 25) / 10
            lead, lag = Decimal("0.4"), Decimal("0.6")
        else:
            comparator = Decimal(13000 + 700 * at)
            lead, lag = Decimal(60 * (at % 3)), Decimal(240)
        is_missed = part.course is Course.BEHIND or (part.course is Course.SLOW and at == 2)
        value = comparator - lag * row.sign if is_missed else comparator + lead * row.sign
        yield DemoFigure(year, value.quantize(row.step), comparator.quantize(row.step))


def _judged(row: DemoRow, part: Part) -> Iterator[DemoFigure]:
    """qualitative: under way, then reached; a row behind is found short in the last two years."""
    final = max((point.year for point in row.facts.targets), default=row.facts.end_year)
    reached_in = {Course.EARLY: final - 1, Course.AHEAD: final - 2}.get(part.course, final)
    for year in _years(row):
        if part.course is Course.BEHIND and year >= final - 1:
            yield DemoFigure(year, judgement=Judgement.NOT_MET)
        elif part.course in (Course.BEHIND, Course.SLOW) or year < reached_in:
            yield DemoFigure(year, judgement=Judgement.IN_PROGRESS)
        else:
            yield DemoFigure(year, judgement=Judgement.MET)


_MAKERS = {
    Kind.LEVEL: _levels,
    Kind.HOLD: _levels,
    Kind.RANGE: _levels,
    Kind.CUMULATIVE: _parts,
    Kind.ANNUAL_RATE: _rates,
    Kind.RELATIVE: _compared,
    Kind.QUALITATIVE: _judged,
}
