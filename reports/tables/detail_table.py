"""明细数据: one row per indicator and year, one header row, codes as text, real numbers.

It is read in portions and written row by row, so that a hundred thousand rows take no more memory than a thousand.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from datetime import date, datetime
from decimal import Decimal
from itertools import islice
from typing import IO, Any, NamedTuple

import xlsxwriter  # type: ignore[import-untyped]
from django.db.models import F, QuerySet, Sum

from accounts.models import User
from accounts.permissions import Permission
from accounts.regions import Level
from indicators.models import (
    LIGHT_WORDS,
    Actual,
    Assessment,
    Attribute,
    Availability,
    FigureKind,
    Indicator,
    Origin,
    State,
    Target,
    targets_in_force,
)
from indicators.models.words import DIRECTION_WORDS, JUDGEMENT_WORDS, KIND_WORDS, OPERATOR_WORDS
from indicators.queries import places_of, shown_verdict_of
from indicators.verdicts import VERDICT_LIGHTS, VERDICT_WORDS, Verdict
from plans.models import Plan
from reports.tables.columns import DEMO_WORD
from reports.tables.notes import DEMO_WARNING, about_the_export
from reports.tables.products import Notes
from reports.tables.scopes import Scope
from reports.tables.workbooks import cleaned

TITLE = "明细数据"
PORTION = 500  # indicators read at once
TOLD_EVERY = 1000  # rows between two words about how far it is
MOST_ROWS = 1_048_575  # of one sheet under its head


class DetailColumn(NamedTuple):
    """A head, what the API calls it, the width of the column, and how its numbers look.

    A figure has the decimals of its indicator, a share is a percentage.
    """

    head: str
    api: str
    width: int
    looks: str = ""


COLUMNS = (
    DetailColumn("区划代码", "plan.region.code", 9),
    DetailColumn("地区", "plan.region.name", 12),
    DetailColumn("级别", "plan.region.level", 7),
    DetailColumn("规划代码", "plan.code", 16),
    DetailColumn("规划", "plan.short_title", 18),
    DetailColumn("起始年", "plan.start_year", 8),
    DetailColumn("结束年", "plan.end_year", 8),
    DetailColumn("序号", "indicator.number", 8),
    DetailColumn("上级序号", "indicator.parent", 9),
    DetailColumn("指标", "indicator.name", 30),
    DetailColumn("单位", "indicator.unit", 8),
    DetailColumn("指标库代码", "indicator.metric", 18),
    DetailColumn("出处", "indicator.origin", 8),
    DetailColumn("属性", "indicator.attribute", 8),
    DetailColumn("类型", "indicator.kind", 10),
    DetailColumn("方向", "indicator.direction", 10),
    DetailColumn("业务领域", "indicator.theme", 12),
    DetailColumn("责任科室", "indicator.department", 14),
    DetailColumn("基期年", "baseline.year", 8),
    DetailColumn("基期值", "baseline.value", 11, "figure"),
    DetailColumn("基期原文", "baseline.text", 10),
    DetailColumn("数据年度", "year", 9),
    DetailColumn("当年目标值", "target.value（当年）", 11, "figure"),
    DetailColumn("期末目标年", "target.year", 10),
    DetailColumn("期末目标关系", "target.operator", 11),
    DetailColumn("期末目标值", "target.value", 11, "figure"),
    DetailColumn("期末目标上限", "target.upper", 11, "figure"),
    DetailColumn("期末目标原文", "target.text", 14),
    DetailColumn("实际值", "actual.value", 11, "figure"),
    DetailColumn("数据情况", "actual.availability", 9),
    DetailColumn("定性结论", "actual.judgement", 9),
    DetailColumn("对照值", "actual.comparator", 10, "figure"),
    DetailColumn("数据性质", "actual.figure_kind", 9),
    DetailColumn("数据状态", "actual.state", 9),
    DetailColumn("填报说明", "actual.note", 24),
    DetailColumn("评价", "assessment.verdict", 10),
    DetailColumn("灯色", "assessment.light", 6),
    DetailColumn("完成进度", "assessment.progress", 10, "share"),
    DetailColumn("时间进度", "assessment.time_progress", 10, "share"),
    DetailColumn("应达到值", "assessment.expected", 11, "figure"),
    DetailColumn("完成率", "assessment.completion_rate", 10, "share"),
    DetailColumn("期末预测", "assessment.forecast", 11, "figure"),
    DetailColumn("演示数据", "is_demo", 9),
    DetailColumn("原文位置", "indicator.source_ref", 18),
)
DetailRow = tuple[str | int | Decimal | None, ...]
Progress = Callable[[int, int], None]  # rows written, rows in all

_INDICATOR = (
    *("pk", "decimals", "plan__start_year", "plan__end_year", "is_group"),
    *("plan__region__code", "plan__region__name", "plan__region__level", "plan__code", "plan__short_title"),
    *("number", "parent__number", "name", "unit", "metric__code", "origin", "attribute", "kind", "direction"),
    *("theme__name", "department__name", "department__is_demo"),
    *("baseline_year", "baseline_value", "baseline_text", "source_ref"),
)
_ACTUAL = (
    *("indicator", "year", "value", "availability", "judgement", "comparator", "figure_kind", "state", "note"),
    *("is_demo", "source_ref"),
)
_ASSESSMENT = (
    *("indicator", "year", "verdict", "progress", "time_progress", "expected", "completion_rate", "forecast"),
    "is_demo",
)
_TARGET = ("pk", "indicator", "year", "version", "operator", "value", "upper", "text", "counts_from")
_LEVELS, _ORIGINS, _ATTRIBUTES, _STATES = (dict(words.choices) for words in (Level, Origin, Attribute, State))
_AVAILABILITY, _FIGURE_KINDS = dict(Availability.choices), dict(FigureKind.choices)
_KINDS, _DIRECTIONS, _OPERATORS, _JUDGEMENTS = (
    {key.value: word for key, word in words.items()}
    for words in (KIND_WORDS, DIRECTION_WORDS, OPERATOR_WORDS, JUDGEMENT_WORDS)
)
_VERDICTS = {verdict: (word, LIGHT_WORDS[VERDICT_LIGHTS[verdict]]) for verdict, word in VERDICT_WORDS.items()}
_NO_ACTUAL = (None, "未报", None, None, None, None, None)


def detail_count(plans: Sequence[Plan], user: User, *, year: int | None = None) -> int:
    """How many rows `detail_rows` makes of these plans."""
    seen = _indicators(plans, user, year)
    if year is not None:
        return seen.count()
    rows: int | None = seen.aggregate(rows=Sum(F("plan__end_year") - F("plan__start_year") + 1))["rows"]
    return rows or 0


def _indicators(plans: Sequence[Plan], user: User, year: int | None) -> QuerySet[Indicator]:
    seen = Indicator.objects.visible_to(user, Permission.EXPORT).filter(plan__in=plans)
    return seen if year is None else seen.filter(plan__start_year__lte=year, plan__end_year__gte=year)


def detail_rows(
    plans: Sequence[Plan], user: User, on: date, *, year: int | None = None, approved_only: bool = False
) -> Iterator[DetailRow]:
    """A row for each indicator and year of the plans, in the order of region, period, plan and print.

    Approved figures for every reader; those under review too where the reader works on them, unless `approved_only`.
    Four queries and three more per further 500 indicators. The last member of a row is no column: it says how many
    decimals the figures show.
    """
    ordered = _indicators(plans, user, year).order_by("plan__region__code", "plan__start_year", "plan", "order", "pk")
    indicators = ordered.values_list(*_INDICATOR).iterator(chunk_size=PORTION)
    while portion := list(islice(indicators, PORTION)):
        yield from _rows_of(portion, user, on, year=year, approved_only=approved_only)


def _rows_of(portion: list[Any], user: User, on: date, *, year: int | None, approved_only: bool) -> Iterator[DetailRow]:
    keys = [row[0] for row in portion]
    seen = Actual.objects.visible_to(user).filter(indicator__in=keys)
    if approved_only:
        seen = seen.filter(state=State.APPROVED)
    actuals = {(row[0], row[1]): row[2:] for row in seen.order_by().values_list(*_ACTUAL)}
    found = Assessment.objects.visible_to(user).filter(indicator__in=keys).order_by()
    assessments = {(row[0], row[1]): row[2:] for row in found.values_list(*_ASSESSMENT)}
    targets: defaultdict[int, list[Target]] = defaultdict(list)
    for target in Target.objects.visible_to(user).filter(indicator__in=keys).order_by().only(*_TARGET):
        targets[target.indicator_id].append(target)
    for pk, decimals, start, end, is_group, *words in portion:
        fixed = _fixed(words, start, end)
        demo_department = bool(words[16])
        source_ref = cleaned(words[20])
        versions = targets[pk]
        is_revised = any(target.counts_from for target in versions)
        promised = _promised(versions, start)
        for at in (year,) if year else range(start, end + 1):
            if is_revised:
                promised = _promised(versions, at)
            actual, assessment = actuals.get((pk, at)), assessments.get((pk, at))
            reached: tuple[Any, ...] = _NO_ACTUAL if not is_group else (None, "见其下各行", *_NO_ACTUAL[2:])
            is_demo = demo_department
            if actual:
                is_demo = is_demo or actual[7]
                reached = _reached(actual)
            if assessment:
                is_demo = is_demo or assessment[6]
            yield (
                *fixed,
                at,
                promised[0].get(at),
                *promised[1],
                *reached,
                *_judged(assessment, at, on),
                DEMO_WORD if is_demo else "",
                source_ref or (cleaned(actual[8]) if actual else ""),
                decimals,
            )


def _fixed(words: list[Any], start: int, end: int) -> tuple[Any, ...]:
    """What is the same in every year of an indicator."""
    code, name, level, plan, title, number, parent, indicator, unit, metric, *rest = words
    origin, attribute, kind, direction, theme, department, _, year, value, text, _ = rest
    return (
        *(code, cleaned(name), _LEVELS[level], plan, cleaned(title), start, end),
        *(cleaned(number), cleaned(parent or ""), cleaned(indicator), cleaned(unit), metric),
        *(_ORIGINS[origin], _ATTRIBUTES[attribute], _KINDS[kind], _DIRECTIONS[direction]),
        *(cleaned(theme), cleaned(department or ""), year, value, cleaned(text)),
    )


def _promised(versions: list[Target], year: int) -> tuple[dict[int, Decimal | None], tuple[Any, ...]]:
    """The targets by year and the last of them, as they count in a data year."""
    targets = targets_in_force(versions, year=year)
    if not targets:
        return {}, (None, None, None, None, None)
    last = targets[max(targets)]
    final = (last.year, _OPERATORS[last.operator], last.value, last.upper, cleaned(last.text))
    return {at: target.value for at, target in targets.items()}, final


def _reached(actual: tuple[Any, ...]) -> tuple[Any, ...]:
    value, availability, judgement, comparator, kind, state, note, _, source_ref = actual
    return (
        *(value, _AVAILABILITY[availability], _JUDGEMENTS.get(judgement), comparator, _FIGURE_KINDS[kind]),
        *("文件所载" if source_ref else _STATES[state], cleaned(note)),
    )


def _judged(assessment: tuple[Any, ...] | None, year: int, on: date) -> tuple[Any, ...]:
    if assessment is None:
        verdict = shown_verdict_of(Verdict.UNREPORTED, year=year, on=on)
        return (*_VERDICTS[verdict], None, None, None, None, None)
    verdict = shown_verdict_of(Verdict(assessment[0]), year=year, on=on)
    return (*_VERDICTS[verdict], *assessment[1:6])


# ---- The file


def write_detail(
    stream: IO[bytes],
    scope: Scope,
    *,
    on_progress: Progress | None = None,
) -> int:
    """Write the workbook of the scope's plans to a stream; how many rows. Numbers keep exactly their digits.

    `on_progress` hears how many of how many rows are written, at the start, every thousand and at the end; what it
    raises stops the writing.
    """
    total = detail_count(scope.plans, scope.user, year=scope.year)
    tell = on_progress or (lambda done, of: None)
    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    book = xlsxwriter.Workbook(stream, options)
    book.set_properties({"title": TITLE, "author": "民政规划监测平台"})
    looks = _Looks(book)
    tell(0, total)
    rows = detail_rows(scope.plans, scope.user, scope.on, year=scope.year, approved_only=scope.approved_only)
    done, has_demo, sheets = 0, False, 0
    row = next(rows, None)
    while row is not None or not sheets:
        sheets += 1
        sheet = book.add_worksheet(TITLE if sheets == 1 else f"{TITLE}（{sheets}）")
        _set_up(sheet, looks)
        at = 0
        while row is not None and at < MOST_ROWS:
            at += 1
            has_demo = has_demo or bool(row[_DEMO])
            _write_row(sheet, at, row, looks)
            done += 1
            if done % TOLD_EVERY == 0:
                tell(done, total)
            row = next(rows, None)
        sheet.autofilter(0, 0, at, len(COLUMNS) - 1)
    _write_notes(book, notes_of(scope, rows=done, has_demo=has_demo), looks)
    book.close()
    tell(done, total)
    return done


_DEMO = [column.head for column in COLUMNS].index("演示数据")


class _Looks:
    """How the cells of the file look: figures by how many decimals they show."""

    def __init__(self, book: Any) -> None:
        head = {"bold": True, "bg_color": "#E8EEF1", "border": 1, "text_wrap": True, "valign": "vcenter"}
        self.head: Any = book.add_format(head)
        self.wrapped: Any = book.add_format({"text_wrap": True, "valign": "top"})
        self.matter: Any = book.add_format({"bold": True, "valign": "top"})
        self.share: Any = book.add_format({"num_format": "0.00%"})
        self.figures: list[Any] = [
            book.add_format({"num_format": "0." + "0" * places if places else "0"}) for places in range(5)
        ]


def _set_up(sheet: Any, looks: _Looks) -> None:
    """One header row that stays in sight and on every page; A4 landscape, one page wide would be unreadable."""
    for position, column in enumerate(COLUMNS):
        sheet.set_column(position, position, column.width)
    sheet.set_row(0, 30)
    for position, column in enumerate(COLUMNS):
        sheet.write_string(0, position, column.head, looks.head)
    sheet.freeze_panes(1, 0)
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.repeat_rows(0)
    sheet.set_footer("&C第 &P 页，共 &N 页")


def _write_row(sheet: Any, at: int, row: tuple[Any, ...], looks: _Looks) -> None:
    decimals = row[-1]  # stands behind the columns
    for position, (column, value) in enumerate(zip(COLUMNS, row, strict=False)):
        if value is None or value == "":
            continue
        if isinstance(value, str):
            sheet.write_string(at, position, value)
        elif not column.looks:
            sheet.write_number(at, position, value)
        elif column.looks == "share":
            sheet.write_number(at, position, value, looks.share)
        else:
            # A Decimal, not a float: XlsxWriter prints sixteen digits, and 999.94 would become 999.9400000000001.
            places = max(decimals, places_of(value))
            sheet.write_number(at, position, value, looks.figures[places])


def _write_notes(book: Any, notes: Notes, looks: _Looks) -> None:
    sheet = book.add_worksheet("说明")
    sheet.set_column(0, 0, 20)
    sheet.set_column(1, 1, 96)
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 0)
    for at, (matter, words) in enumerate(notes):
        sheet.write_string(at, 0, cleaned(matter), looks.matter)
        sheet.write_string(at, 1, cleaned(words), looks.wrapped)


def notes_of(scope: Scope, *, rows: int, has_demo: bool) -> Notes:
    return [
        ("内容", f"{TITLE}：每个指标每个年度一行，共{rows}行。第一行为表头，可直接筛选、透视或导入其他软件。"),
        ("范围", scope.said),
        ("数据年度", f"{scope.year}年" if scope.year else "规划期内各年度"),
        ("数据状态", _states_said(scope)),
        *([(DEMO_WORD, f"{DEMO_WARNING}，“演示数据”列有标注的行仅供试用，不得引用。")] if has_demo else []),
        *about_the_export(scope.user, scope.at),
        ("空格", "没有数据；零就是零。“未报”为没有填报，或虽已填报但尚未审核、您无权查看。"),
        ("代码", "区划代码、规划代码、序号、指标库代码都是文本，不会丢失前导零，1.10与1.1不会混淆。"),
        ("目标", "为该数据年度适用的目标版本。关系“达到”即目标值本身；“区间”的下限在目标值、上限在目标上限。"),
        ("完成进度", "（实际值－基期值）÷（期末目标值－基期值）；累计类为累计值÷目标值。份额，显示为百分比。"),
        ("时间进度", "（数据年度－起点年）÷（目标年－起点年）。份额，显示为百分比。"),
        ("完成率", "实际值÷期末目标值，不封顶；不能代替完成进度。"),
        (
            "小数与舍入",
            "数值单元格存原值（最多四位小数），按规划印制的小数位显示，填报更细的照填报位数；百分比显示两位。",
        ),
        *((f"列 {column.head}", f"接口字段 {column.api}") for column in COLUMNS),
    ]


def _states_said(scope: Scope) -> str:
    works_there = any(scope.user.can(Permission.SEE_UNAPPROVED, plan.region) for plan in scope.plans)
    if scope.approved_only or not works_there:
        return "只含已审核的实际值。"
    return "含您经办地区未审核的实际值，见“数据状态”列；评价只依据已审核的实际值。"


def detail_file_name(scope: Scope, at: datetime) -> str:
    when = f"_{scope.year}年" if scope.year else ""
    return f"{scope.name}_{TITLE}{when}_{at:%Y%m%d}"
