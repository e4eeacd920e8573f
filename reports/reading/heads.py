"""What the columns of a table are: by the grammar of their heads and, where words leave it open, by content."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import pairwise

from reports.reading.grids import Cell, Grid
from reports.reading.units import unit_of
from reports.reading.wording import MARK, bare, closed
from reports.reading.years import Period, periods_in, span_in, years_in

MAX_HEAD_ROWS = 4
_MAX_HEAD_TEXT = 60
LAST_RESORT = Period(2026, 2030)  # the period in which tables without any year are now drawn up


class Role(StrEnum):
    NUMBER = "number"
    CATEGORY = "category"
    NAME = "name"
    UNIT = "unit"
    BASELINE = "baseline"
    TARGET = "target"
    ACTUAL = "actual"
    RATE = "rate"  # 年均增长, 五年累计, or both in one column
    PAST_TARGET = "past_target"  # what the plan before this one promised
    ATTRIBUTE = "attribute"
    DEPARTMENT = "department"
    REMARK = "remark"
    OTHER = "other"
    # Not yet decided: a year alone, an actual figure of some year, a column that is called 类型.
    YEAR = "year"
    REACHED = "reached"
    KIND_OR_ATTRIBUTE = "kind_or_attribute"


VALUES = {Role.BASELINE, Role.TARGET, Role.ACTUAL, Role.RATE, Role.YEAR, Role.REACHED}

_BRACKETED = re.compile(r"[(〔\[【][^)〕\]】]*[)〕\]】]?")
_NUMBER = re.compile(r"(?:指标)?(?:序号|编号|序|号|项次|序次|代码|编码|次序|no\.?|№|#)", re.IGNORECASE)
_UNIT = re.compile(r"(?:计量|计算|指标|度量|数据|统计|数值|核算)?单位(?:名称)?|量纲|计量")
_ATTRIBUTE = re.compile(r"属性|(?:指标)?性质|约束性|预期性|约束力")
_DEPARTMENT = re.compile(
    r"(?:责任|牵头|主管|承办|配合|负责|主责|落实|参与|协同|归口|主办|协办|填报|提供|实施|考核|分管|对口|业务)"
    r"(?:单位|科室|部门|处室|股室|主体|人|机构|领导|司局|局|处|科)|^(?:科室|部门|处室|股室|责任|牵头|司局|职能部门)"
)
_REMARK = re.compile(
    r"^(?:备注|备考|说明|解释|注释|附注|口径|依据|来源|定义|其他)|指标(?:解释|说明|含义|定义|释义|口径)|统计口径|数据来源"
    r"|计算(?:方法|公式|方式)|资料来源|设置依据|测算依据"
)
_CATEGORY = re.compile(
    r"(?:指标|业务|工作|主要|重点|所属|项目|任务|发展)?(?:类别|分类|领域|大类|板块|方面|维度|门类|模块|类|体系|范畴|层面|条线)"
    r"|一级指标(?:名称)?|目标层|准则层|归类|领域类别|类别名称|分项"
)
_KIND_OR_ATTRIBUTE = re.compile(r"(?:指标)?(?:类型|类别|种类|分类)")
_NAME = re.compile(
    r"指标|^(?:项目|名称|内容|事项|监测项|评价内容|具体内容|主要内容|发展目标|目标名称|主要目标|工作目标)(?:名称|内容)?"
)
_VERDICT = re.compile(
    r"完成(?:情况|与否|率|程度|进度)|是否(?:完成|达标|实现)|评价|评估结果|进度|达标|得分|权重|分值|完成时限|实现程度"
)
_RATE = re.compile(
    r"年均|年平均|累计|合计|(?<!正)增长|增速|增幅|增量|升降|变化|增减|提高|下降|降低|比(?:19|20)[0-9]{2}年|较(?:19|20)[0-9]{2}年"
)
_TARGET = re.compile(
    r"目标|规划(?:值|数|指标|要求)|预期(?:值|数)|计划(?:值|数)?|力争|任务(?:值|数)?|预计(?:达到|值)|要达到|指标值|拟达"
)
_BASE = re.compile(r"基期|基数|基础|基准|基值|现状|现有|期初|当前|现值|初始|本底|起始|上期|目前")
_REACHED = re.compile(r"实际|完成|已达|执行|实绩|达到|实现|发生|预计|统计|快报")
_ARROW = re.compile(r"→|➔|➝|⟶|⇒|[-=—]+>")
_JOINED = re.compile(r"→|➔|➝|⟶|⇒|[-=—]+>|[-—~～/]+|至|到")
_PERIOD_END = re.compile(r"末|期末|终期|期满|远期")
_LABEL = re.compile(r"城市|农村|城镇|乡村|城区|乡镇|男性?|女性?")
MIDDLE = re.compile(r"中期")


@dataclass(slots=True)
class Column:
    place: int
    head: str
    role: Role
    year: int | None = None
    unit: str = ""  # 目标值（万人）
    is_cumulative: bool = False  # of a rate: the head says 累计
    is_annual: bool = False
    says_unit: bool = False  # of a name: the head promises units in brackets
    is_year_assumed: bool = False
    is_year_unknown: bool = False  # not even the plan's period is known
    is_deadline: bool = False  # 完成时限: the year of the row's target
    same_head_as: int | None = None  # the column under the same merged head, to the left
    label: str = ""  # 城市 of 2025年 above 城市 and 农村
    is_pair: bool = False  # “十三五”末→“十四五”末: baseline and target stand in each cell, in this order
    base_year: int | None = None  # of a pair
    is_base_year_assumed: bool = False


@dataclass(slots=True)
class Head:
    top: int
    bottom: int  # the last row of it
    columns: list[Column]
    texts: list[str] = field(default_factory=list)

    def places(self, *roles: Role) -> list[int]:
        return [column.place for column in self.columns if column.role in roles]

    def of(self, *roles: Role) -> list[Column]:
        return [column for column in self.columns if column.role in roles]

    @property
    def shape(self) -> list[tuple[Role, int | None]]:
        return [(column.role, column.year) for column in self.columns]


def head_at(grid: Grid, top: int) -> Head | None:
    """The head that begins in this row, with its columns as far as words tell; None where no head begins."""
    row = grid.rows[top]
    own = [cell for cell in row if cell.top == top and not cell.is_blank]
    if len({id(cell) for cell in own}) < 2 or any(len(bare(cell.text)) > _MAX_HEAD_TEXT for cell in own):
        return None
    if sum(_words_role(bare(cell.text)) is not None for cell in set(own)) < 2:
        return None
    bottom = min(max(cell.top + cell.height for cell in own) - 1, len(grid.rows) - 1)
    if bottom - top >= MAX_HEAD_ROWS:
        return None
    while bottom + 1 < len(grid.rows) and bottom - top + 1 < MAX_HEAD_ROWS and _goes_on(grid, top, bottom):
        bottom = min(max(cell.top + cell.height for cell in grid.rows[bottom + 1]), len(grid.rows)) - 1
    columns = [_column(place, path) for place, path in enumerate(head_paths(grid, top, bottom))]
    _mark_same_heads(grid, bottom, columns)
    _name_by_task(columns)
    head = Head(top, bottom, columns, [column.head for column in columns])
    return head if head.places(Role.NAME) and head.places(*VALUES) else None


def _goes_on(grid: Grid, top: int, bottom: int) -> bool:
    """Whether the next row is one more row of the head: only words of heads, nothing where the name would stand."""
    cells = {cell for cell in grid.rows[bottom + 1] if not cell.is_blank}
    if not cells:
        return False
    for place, cell in enumerate(grid.rows[bottom + 1]):
        above = " ".join(path for path in head_paths(grid, top, bottom)[place])
        if cell.is_blank or cell.top <= bottom:
            continue
        text = bare(cell.text)
        role = _words_role(text)
        is_unit_line = bool(unit_of(text)) and text[:1] in "([单"
        if (role is None and not is_unit_line) or _words_role(bare(above)) in {Role.NUMBER}:
            return False
        if _words_role(bare(above)) is Role.NAME and role not in {Role.NAME, Role.CATEGORY} and not is_unit_line:
            return False
        if role in {Role.NAME, Role.CATEGORY} and not re.search(r"指标|名称|类别|领域", text):
            return False
    return True


def head_paths(grid: Grid, top: int, bottom: int) -> list[list[str]]:
    """For each column the texts of its head cells from above; a blank above a sub-head is its left neighbour's."""
    paths: list[list[str]] = []
    for place in range(grid.width):
        path: list[str] = []
        seen: set[int] = set()
        for row in range(top, bottom + 1):
            cell = grid.rows[row][place]
            if cell.top < top or id(cell) in seen or cell.is_blank:
                continue
            seen.add(id(cell))
            path.append(closed(cell.text))
        first = grid.rows[top][place]
        if first.is_blank and path and place and len(paths[-1]) > 1 and grid.rows[bottom][place - 1].top > top:
            path = [paths[-1][0], *path]
        paths.append(path)
    return paths


def _name_by_task(columns: list[Column]) -> None:
    """目标任务 left of all figures names the rows where no other head does; else it is the target."""
    first = next((column for column in columns if column.role in VALUES), None)
    named = any(column.role is Role.NAME for column in columns)
    if first and not named and re.fullmatch(r"(?:目标|工作|重点|主要)*任务(?:名称|内容)?", bare(first.head)):
        first.role = Role.NAME


def _mark_same_heads(grid: Grid, bottom: int, columns: list[Column]) -> None:
    for column in columns[1:]:
        if grid.rows[bottom][column.place] is grid.rows[bottom][column.place - 1]:
            column.same_head_as = column.place - 1


def _words_role(text: str) -> Role | None:
    """The role by the words of a head (spaces gone, half width); None where it says nothing known."""
    text = re.sub(rf"[“”\"'‘’]|{MARK}$", "", text)
    plain = _BRACKETED.sub("", text)
    has_year = bool(years_in(text))
    has_time = has_year or bool(periods_in(text))
    if not text or len(text) > _MAX_HEAD_TEXT:
        return None
    if not has_year:
        if _NUMBER.fullmatch(plain or text):
            return Role.NUMBER
        if _DEPARTMENT.search(plain):
            return Role.DEPARTMENT
        if _UNIT.fullmatch(plain) or text == "(单位)":
            return Role.UNIT
        if _KIND_OR_ATTRIBUTE.fullmatch(plain):
            return Role.KIND_OR_ATTRIBUTE
        if _ATTRIBUTE.search(plain) and len(plain) <= 8:
            return Role.ATTRIBUTE
        if _CATEGORY.fullmatch(plain):
            return Role.CATEGORY
        if _REMARK.search(plain):
            return Role.REMARK
    if not has_year and _NAME.search(plain) and not re.search(r"指标值|目标值|规划值|实际|完成", plain):
        return Role.NAME
    if _VERDICT.search(plain) and not has_year:
        return Role.OTHER
    if _RATE.search(text) and len(text) <= 30:
        return Role.RATE
    if _BASE.search(plain) or (_BASE.search(text) and not _TARGET.search(plain)):
        return Role.BASELINE
    if _TARGET.search(plain):
        return Role.TARGET
    if has_time and _REACHED.search(plain):
        return Role.REACHED
    if re.search(r"实际|完成|执行|实绩|已达", plain):
        return Role.REACHED
    if has_time or _PERIOD_END.fullmatch(plain) or re.search(r"期末|终期|中期", plain):
        return Role.YEAR
    return None


def _column(place: int, path: list[str]) -> Column:
    head = closed(" ".join(path))
    text = bare("".join(path))
    role = _words_role(text)
    if role is None or role is Role.OTHER:
        # 目标 above 2025年, 主要指标 above 名称: the lowest cell that says something decides.
        role = next((found for part in reversed(path) if (found := _words_role(bare(part)))), role)
    elif role is Role.NAME and len(path) > 1:
        role = next((found for part in reversed(path) if (found := _words_role(bare(part)))), role)
    elif role in VALUES and len(path) > 1:
        said = (_words_role(bare(part)) for part in reversed(path))
        role = next((found for found in said if found in VALUES - {Role.YEAR}), role)
    column = Column(place, head, role or Role.OTHER)
    if column.role in VALUES and len(path) > 1 and _LABEL.fullmatch(bare(path[-1])):
        column.label = bare(path[-1])
    if column.role in VALUES and (halves := _halves_of(text)):
        column.role, column.is_pair = Role.TARGET, True
        column.base_year, column.year = (_year_of(half, 0) or None for half in halves)
    elif column.role in VALUES:
        _date_column(column, text)
        units = [unit_of(inner.strip("()")) for inner in re.findall(r"\([^)]*\)?", text)]
        column.unit = next((unit for unit in units if unit), "")
    column.is_deadline = bool(
        re.search(r"(?:完成|达标|实现|目标)(?:时限|时间|年份|年度|期限)|^(?:时限|时间|年份|年度|年限)$", text)
    )
    column.says_unit = column.role is Role.NAME and "单位" in text
    column.is_cumulative = column.role is Role.RATE and bool(re.search(r"累计|合计|总量|共|[〔\[【]", text))
    column.is_annual = column.role is Role.RATE and bool(re.search(r"年均|年平均|增速|年增长", text))
    return column


def _halves_of(text: str) -> tuple[str, str] | None:
    """Baseline and target of a head that names both (2020年→2025年, 基期/目标, 2020—2025年); None for any other.

    2021—2025年 is a plan's span and one figure; from the last year of one plan to that of the next there are two.
    """
    for found in _JOINED.finditer(text):
        first, second = text[: found.start()], text[found.end() :]
        from_years, to_years = years_in(first), years_in(second)
        if from_years and to_years and not _ARROW.match(found[0]) and found[0] != "/" and from_years[0] % 5:
            continue
        says_from = bool(from_years or periods_in(first) or _BASE.search(first))
        says_to = bool(to_years or periods_in(second) or _TARGET.search(second) or _PERIOD_END.search(second))
        if says_from and says_to and not _RATE.search(text) and _year_of(first, 0) < _year_of(second, 9999):
            return first, second
    return None


def _year_of(text: str, otherwise: int) -> int:
    years = years_in(text) or [period.end for period in periods_in(text)]
    return years[0] if years else otherwise


def _date_column(column: Column, text: str) -> None:
    """The year a head names; of a span its last, of a comparison (2025年比2020年) its first."""
    years = years_in(text)
    span = span_in(text)
    periods = periods_in(text)
    if span is not None:
        column.year = span.end
    elif years:
        column.year = years[0]
    elif periods:
        column.year = periods[0].end
        if column.role is Role.TARGET and MIDDLE.search(text):
            column.year, column.is_year_assumed = periods[0].start + 2, True


def is_column_numbers(cells: list[Cell]) -> bool:
    """甲 乙 1 2 3 under a head."""
    texts = [bare(cell.text).strip("()") for cell in dict.fromkeys(cells) if not cell.is_blank]
    numbers = [int(text) for text in texts if text.isascii() and text.isdigit() and len(text) < 3]
    others = [text for text in texts if not (text.isascii() and text.isdigit())]
    is_run = len(numbers) >= 2 and all(later == earlier + 1 for earlier, later in pairwise(numbers))
    return (
        is_run and len(texts) >= 3 and all(text in {"甲", "乙", "丙", "丁", "栏次", "A", "B", "C"} for text in others)
    )
