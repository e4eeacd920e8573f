"""Kind and direction of an indicator from its words and figures, and whether they are certain. Source: DESIGN §4."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal

from indicators.figures import Operator
from indicators.verdicts import Direction, Kind
from reports.reading.values import Reading
from reports.reading.wording import bare

_LESS_IS_BETTER = re.compile(
    r"(?:死亡|病死|发生|发病|患病|感染|失业|伤亡|事故|贫困人口|贫困老人|贫困|能源消耗|能耗|水耗|用水|排放|消耗|下降|降低|减少|压减|流失|投诉|差错"
    r"|逾期|违法|犯罪|案件|恩格尔系数|空置|空床|时限|办理时间|等候时间|等待时间|负债|误差|辍学|抚养比|肥胖|近视|不合格|失能|信访|上访|积压)"
    r"(?:人数|人次|人口|起数|件数|总量|强度|水平|时间|天数|工作日|幅度|比例|比重|量|率|数|次|(?:下降|降低|减少)率?)*$"
)
_REDUCTION = re.compile(r"(?:下降|降低|减少|压减|削减)(?:率|幅度|比例|比率)?$")
_ADDED = re.compile(r"^(?:年?均?)?(?:新增|累计|五年|净增)|累计|五年新增|新增|(?:规划|五年)期(?:间|内)")
_MADE = re.compile(
    r"^(?:新建|新改?扩?建|改造|建设|培训|完成|培养|培育|建成|实施|创建|评选|开展|扶持|打造)|(?:改造|培训|新建|完成)(?:户|人|床|数|面积|任务)"
)
_ANNUAL = re.compile(r"年均|年平均")
_GROWTH = re.compile(r"(?:增长率?|增速|增幅|增长速度|年增率)$")
_HELD = re.compile(r"保持|稳定在|维持")


@dataclass(slots=True)
class Nature:
    """Kind and direction, each with the reason why a person should look; "" where the words are certain."""

    kind: Kind = Kind.LEVEL
    direction: Direction = Direction.UP
    kind_question: str = ""
    direction_question: str = ""


def nature_of(
    name: str,
    targets: list[Reading],
    baseline: Decimal | None,
    *,
    qualifier: str = "",
    from_rate: str = "",
    is_cumulative_head: bool = False,
) -> Nature:
    """Of the last target; `from_rate`: it stands in a column of yearly ("annual"), "cumulative" or "both" figures.

    `qualifier` is what a bracket in the name adds, such as 累计.
    """
    words = bare(name)
    nature = Nature()
    last = _last_read(targets, baseline)
    _find_kind(nature, f"{words}{qualifier}", words, last, baseline, from_rate, is_cumulative_head)
    _find_direction(nature, words, last, baseline)
    return nature


def _last_read(targets: list[Reading], baseline: Decimal | None) -> Reading | None:
    """The last target that could be read: a malformed one tells nothing where other cells of the row are figures."""
    read = [target for target in targets if not target.is_unread]
    if read or baseline is not None:
        return read[-1] if read else None
    return targets[-1] if targets else None


def _find_kind(
    nature: Nature,
    all_words: str,
    words: str,
    last: Reading | None,
    baseline: Decimal | None,
    from_rate: str,
    is_cumulative_head: bool,
) -> None:
    is_reduction = bool(_REDUCTION.search(words))
    if last is None:
        if is_reduction:
            nature.kind = Kind.CUMULATIVE_REDUCTION
        return
    if last.operator is Operator.TEXT:
        nature.kind = Kind.RELATIVE if last.kind is Kind.RELATIVE else Kind.QUALITATIVE
        if last.kind is Kind.HOLD:
            nature.kind_question = "目标是文字，是要求保持，还是由人判断是否完成？"
        return
    if last.kind in {Kind.ANNUAL_RATE, Kind.CUMULATIVE_REDUCTION}:
        nature.kind = last.kind
    elif last.is_cumulative or last.kind is Kind.CUMULATIVE or from_rate == "cumulative" or is_cumulative_head:
        nature.kind = Kind.CUMULATIVE_REDUCTION if is_reduction else Kind.CUMULATIVE
    elif from_rate == "annual" or _ANNUAL.search(words) or (from_rate and (_GROWTH.search(words) or baseline is None)):
        nature.kind = Kind.ANNUAL_RATE
        if from_rate == "both" and not _GROWTH.search(words) and not _ANNUAL.search(words):
            nature.kind_question = "“年均或累计”一栏的数没有括号，按年均增长读取，是否正确？"
    elif last.operator is Operator.RANGE:
        nature.kind = Kind.RANGE
    elif last.kind is Kind.HOLD or _HELD.search(words):
        nature.kind = Kind.HOLD
    elif is_reduction:
        nature.kind = Kind.CUMULATIVE_REDUCTION
        nature.kind_question = "名称写“下降”，目标是规划期累计降幅，还是当年水平？"
    elif _ADDED.search(all_words):
        nature.kind = Kind.CUMULATIVE
    elif _is_inside_already(last, baseline):
        nature.kind = Kind.HOLD
        nature.kind_question = "基期值已经达到目标，按“保持”读取，是否正确？"
    elif _GROWTH.search(words):
        nature.kind_question = "目标是当年的增速，还是年均增长？"
    elif baseline is None and _MADE.search(words) and not re.search(r"率|比例|占比|比重", words):
        nature.kind = Kind.CUMULATIVE
        nature.kind_question = "目标是规划期内的累计数，还是期末达到的水平？"


def _is_inside_already(last: Reading, baseline: Decimal | None) -> bool:
    """T = B, or a floor or ceiling that the baseline keeps."""
    if baseline is None or last.value is None or last.typed_unit:
        return False
    if last.operator in {Operator.GE, Operator.GT}:
        return baseline > last.value or (baseline == last.value and last.operator is Operator.GE)
    if last.operator in {Operator.LE, Operator.LT}:
        return baseline < last.value or (baseline == last.value and last.operator is Operator.LE)
    return last.operator is Operator.EQ and baseline == last.value


def _find_direction(nature: Nature, words: str, last: Reading | None, baseline: Decimal | None) -> None:
    says_less = bool(_LESS_IS_BETTER.search(words))
    says_more = last is not None and last.operator in {Operator.GE, Operator.GT}
    at_most = last is not None and last.operator is not Operator.TEXT and last.is_less
    falls = (
        last is not None
        and last.value is not None
        and baseline is not None
        and last.value < baseline
        and nature.kind in {Kind.LEVEL, Kind.RANGE}
    )
    if at_most or (says_less and not says_more):
        nature.direction = Direction.DOWN
    elif says_less:
        if nature.kind is Kind.CUMULATIVE_REDUCTION:
            nature.direction = Direction.DOWN
        else:
            nature.direction_question = "名称像是越低越好，目标却写“不低于”一类，哪个方向为好？"
    elif falls and not says_more:
        nature.direction = Direction.DOWN
        nature.direction_question = "目标值低于基期值，是否越低越好？"
    if last is not None and last.operator is Operator.APPROX and not nature.direction_question and not says_less:
        nature.direction_question = "目标写“左右”“约”，高于还是低于目标为好？"
