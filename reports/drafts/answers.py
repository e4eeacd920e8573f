"""What an answer to a doubt does to the row it is about. Pure."""

from __future__ import annotations

from indicators.figures import FigureError, Operator, parse_actual, parse_target
from indicators.verdicts import Direction, Kind
from reports.drafts.content import Content, DraftDoubt, DraftProject, DraftRow, DraftTarget

AS_READ = "as_read"  # the row stays as it was understood
WITHOUT = "without"  # there is no such figure, and that is meant
DEMO_BASELINE = "demo_baseline"  # "demo_baseline:2025:45.2": a demo figure, taken on a person's word
PROPOSED = "proposed"  # "proposed:52": what was proposed is promised
PROPOSED_BY_DEMO = "proposed_by_demo"  # the same, judged by demo figures; the remark says so
DEMO_REMARK = "基期值为演示数据"
DEMO_TARGET_REMARK = "目标值按演示数据推算"

ATTRIBUTES = ("binding", "expected", "unstated")
_CHOSEN = {
    "kind": [kind.value for kind in Kind],
    "direction": [direction.value for direction in Direction],
    "attribute": list(ATTRIBUTES),
}
_PLAIN = {"number": 20, "name": 100, "unit": 20, "category": 100, "printed_name": 100, "remark": 500}


class NotAnswered(ValueError):
    """The answer does not fit the question; the message says why, in Chinese."""


def put_baseline(row: DraftRow, text: str, *, year: int | None) -> None:
    """Set the baseline from its text; a stated absence leaves none. Raises FigureError."""
    figure = parse_actual(text, unit=row.unit)
    row.baseline_text, row.baseline_value, row.baseline_year = figure.text[:100], figure.value, year


def read_target(text: str, *, unit: str, year: int) -> DraftTarget | None:
    """A target from its text; None where the text states that there is none. Raises FigureError."""
    figure = parse_target(text, unit=unit)
    if figure.is_absent:
        return None
    return DraftTarget(year, figure.text, figure.operator.value, figure.value, figure.upper)


def settle(content: Content, doubt: DraftDoubt, answer: str) -> None:
    """Write the answer into the row and close the doubt; raises NotAnswered, and then nothing is changed."""
    offered = dict(doubt.choices)
    if not answer:
        raise NotAnswered("请选择或填写。")
    row = content.row(doubt.row)
    if answer in offered and answer in (AS_READ, WITHOUT):
        if answer == WITHOUT and row is not None:
            _leave_empty(row, doubt)
        doubt.answer = answer
        return
    try:
        if doubt.name == "year":
            _write_year(content, doubt, answer)
        elif not doubt.row:
            _answer_for_the_table(doubt, answer)
        elif doubt.name == "parent" and row is not None:
            _write_parent(content, row, answer)
        elif row is not None:
            last = content.facts.end_year
            _write(row, doubt, answer, is_offered=answer in offered, last=last)
        elif (project := content.project(doubt.row)) is not None:
            _write_project(project, doubt, answer)
    except FigureError as error:
        raise NotAnswered(str(error)) from error
    doubt.answer = answer[:200]


def _remark(line: DraftRow | DraftProject, words: str) -> None:
    line.remark = "；".join(filter(None, (line.remark, words)))


def _leave_empty(row: DraftRow, doubt: DraftDoubt) -> None:
    if doubt.name == "unit":
        row.unit = ""
    elif doubt.name == "target":
        row.targets = [target for target in row.targets if target.year != doubt.year]
    elif doubt.name == "baseline":
        row.baseline_value, row.baseline_year, row.baseline_text = None, None, ""


def _answer_for_the_table(doubt: DraftDoubt, answer: str) -> None:
    """Which of several tables was read, how rows were numbered: confirmed, but not undone by an answer."""
    if answer != doubt.assumed:
        raise NotAnswered("这一项不能在这里改。请逐行修改，或删除草稿，用只含这张表的文件重新读入。")


def _write_year(content: Content, doubt: DraftDoubt, answer: str) -> None:
    """Another year than the one assumed for a column, or for one baseline."""
    year = _year_of(answer)
    for row in content.rows:
        if doubt.row not in ("", row.key):
            continue
        if row.baseline_year == doubt.year and (row.baseline_value is not None or doubt.year is not None):
            row.baseline_year = year
        moved = row.target(doubt.year) if doubt.year and not doubt.row else None
        if moved is not None and year != doubt.year:
            row.targets.remove(moved)
            moved.year = year
            row.put_target(moved)


def _year_of(answer: str) -> int:
    typed = answer.removesuffix("年")
    if not (typed.isascii() and typed.isdigit() and 1950 <= int(typed) <= 2100):
        raise NotAnswered("请填写四位年份，例如 2025。")
    return int(typed)


def _write_parent(content: Content, row: DraftRow, answer: str) -> None:
    """The row above by its number; 无 for none."""
    if answer in ("无", "没有"):
        row.parent = ""
        return
    above = next((other for other in content.kept_rows if other.number == answer and other is not row), None)
    if above is None:
        raise NotAnswered(f"没有序号为“{answer[:20]}”的行。请填写上级指标的序号，没有上级填“无”。")
    row.parent = above.key


def _write(row: DraftRow, doubt: DraftDoubt, answer: str, *, is_offered: bool, last: int) -> None:
    name = doubt.name.partition(".")[0].rstrip("s")
    if name in _CHOSEN:
        if answer not in _CHOSEN[name]:
            raise NotAnswered("请从所列的选项中选择。")
        setattr(row, name, answer)
    elif name == "decimal":
        if answer not in "01234" or len(answer) != 1:
            raise NotAnswered("小数位数应为0～4。")
        row.decimals = int(answer)
    elif name == "target":
        _write_target(row, doubt, answer, is_offered=is_offered, last=last)
    elif name.startswith("baseline"):
        _write_baseline(row, doubt, answer, is_offered=is_offered)
    elif name in _PLAIN:
        if len(answer) > _PLAIN[name]:
            raise NotAnswered(f"太长了，最多{_PLAIN[name]}个字。")
        setattr(row, name, answer)
    else:  # what no column of a plan holds stays readable in the remark
        _remark(row, f"{doubt.question}{dict(doubt.choices).get(answer, answer)}")


def _write_target(row: DraftRow, doubt: DraftDoubt, answer: str, *, is_offered: bool, last: int) -> None:
    """Of the year that was asked about; a question without one is about the last year of the plan."""
    year = doubt.year or last
    there = row.target(year)
    if answer in list(Operator) and there is not None and is_offered:
        there.operator = answer
        if there.operator != Operator.RANGE:
            there.upper = None
        return
    code, _, proposed = answer.partition(":") if is_offered else ("", "", "")
    is_proposal = code in (PROPOSED, PROPOSED_BY_DEMO)
    found = read_target(proposed if is_proposal else answer, unit=row.unit, year=year)
    if code == PROPOSED_BY_DEMO:
        _remark(row, DEMO_TARGET_REMARK)
    if found is None:
        row.targets = [target for target in row.targets if target.year != year]
    else:
        row.put_target(found)


def _write_baseline(row: DraftRow, doubt: DraftDoubt, answer: str, *, is_offered: bool) -> None:
    year = doubt.year or row.baseline_year
    if is_offered and answer.startswith(f"{DEMO_BASELINE}:"):
        _, taken, value = answer.split(":", 2)
        put_baseline(row, value, year=int(taken))
        _remark(row, f"{DEMO_REMARK}（{taken}年）")
        return
    put_baseline(row, answer, year=year)


def _write_project(project: DraftProject, doubt: DraftDoubt, answer: str) -> None:
    if doubt.name == "total_investment":
        figure = parse_actual(answer, unit="万元")
        project.total_investment = figure.value
    elif doubt.name in ("start_year", "end_year"):
        setattr(project, doubt.name, _year_of(answer))
    elif doubt.name in ("number", "name", "category", "location"):
        setattr(project, doubt.name, answer[:100])
    else:
        _remark(project, f"{doubt.question}{dict(doubt.choices).get(answer, answer)}")
