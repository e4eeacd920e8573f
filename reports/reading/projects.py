"""The table of key projects: the same grids, other columns. Money in 万元; 合计 and 小计 rows are no projects."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal

from indicators.figures import FigureError, Operator, parse_target
from reports.reading import doubts
from reports.reading.files import grids_of_file
from reports.reading.found import Doubt, ReadColumn, ReadFunding, ReadProject, ReadProjects
from reports.reading.grids import Cell, Grid
from reports.reading.heads import MAX_HEAD_ROWS, head_paths
from reports.reading.notes import is_note
from reports.reading.numbers import even_number
from reports.reading.tables import lines_above, title_of
from reports.reading.units import unit_in_note
from reports.reading.web_tables import grids_of_text
from reports.reading.wording import (
    bare,
    closed,
    full_brackets,
    half,
    has_ordinal,
    lines_of,
    without_marks,
    without_ordinal,
)
from reports.reading.years import years_in

_ROLES = (
    ("number", r"(?:项目)?(?:序号|编号|序)$|^No\.?$"),
    ("remark", r"^备注|^说明"),
    ("category", r"类别|分类|类型|领域|大类|板块|所属工程"),
    ("funding", r"资金来源|筹资|资金筹措|资金渠道|资金构成"),
    ("investment", r"总?投资|估算|资金(?:需求|规模)|概算"),
    ("start", r"开工(?:时间|年)?|开始(?:时间|年)|起始"),
    ("end", r"完工|竣工|建成(?:时间|年)|完成(?:时间|年限|时限)|结束"),
    ("years", r"年限|期限|工期|起止|建设(?:时间|周期|年度|年份|期)|实施(?:时间|周期|年度)|时间|周期"),
    ("location", r"地点|地址|位置|所在|区域|建设地"),
    ("content", r"内容|规模|功能|概况|目标任务"),
    ("stage", r"进展|阶段|状态|进度|前期|情况|性质"),
    ("units", r"单位|业主|部门|主体|科室|责任"),
    ("name", r"(?:项目|工程)(?:名称)?$|^名称$|项目名"),
)
_CHINESE_NUMBER = re.compile(r"^[(（]?[一二三四五六七八九十]+[)）]?[、.]?$")
_TOTAL = re.compile(r"^(?:合计|总计|小计|共计|汇总)")
_BODY_OF = re.compile(
    r"(?:局|委|办|办公室|镇|乡|街道|中心|部|院|会|公司|政府|社|站|所|处|科|室|县|区|市|厅|组织|集团|学校|医院|村|居|单位|部门|馆|园|队|机构)$"
)
_AMOUNT = re.compile(r"[:：]?\s*([0-9][0-9.,]*)\s*(万元|亿元|元|万|亿)?$")
_UNIT_IN_HEAD = re.compile(r"(亿元|万元|千元|元)")


@dataclass(slots=True)
class _Table:
    """A project table under way."""

    read: ReadProjects
    places: dict[str, list[int]]
    funding_names: dict[int, str]
    money: str  # the unit of the investment column; "" where nothing states it
    category: str = ""


def read_project_tables(content: bytes, name: str) -> list[ReadProjects]:
    """Every project table of an .xlsx, .docx or saved web page; UnreadableFile where it cannot be opened."""
    return _read(grids_of_file(content, name))


def read_pasted_projects(text: str) -> list[ReadProjects]:
    return _read(grids_of_text(text))


def _read(grids: list[Grid]) -> list[ReadProjects]:
    found: list[_Table] = []
    for grid in grids:
        row, is_open = 0, bool(found)
        if found and grid.width != len(found[-1].read.columns):
            is_open = False
        while row < len(grid.rows):
            head = _head(grid, row)
            if head is not None:
                bottom, columns = head
                if not (found and [one.head for one in columns] == [one.head for one in found[-1].read.columns]):
                    found.append(_begun(grid, row, columns))
                row, is_open = bottom + 1, True
                continue
            if is_open:
                _read_row(grid, row, found[-1])
            row += 1
        if found and is_open:
            found[-1].read.notes += [closed(line) for line in grid.after[:6] if is_note(line)]
    tables = [table.read for table in found if table.read.projects]
    for table in tables:
        _number(table)
    return tables


def _head(grid: Grid, top: int) -> tuple[int, list[ReadColumn]] | None:
    """The last row of the head that begins here, and its columns; a head names projects and what they cost or hold."""
    own = [cell for cell in dict.fromkeys(grid.rows[top]) if cell.top == top and not cell.is_blank]
    if len(own) < 3 or any(len(bare(cell.text)) > 30 for cell in own):
        return None
    bottom = min(max(cell.top + cell.height for cell in own) - 1, len(grid.rows) - 1)
    if bottom - top >= MAX_HEAD_ROWS:
        return None
    columns = []
    for place, path in enumerate(head_paths(grid, top, bottom)):
        role = _role(bare("".join(path)))
        if "funding" in {_role(bare(part)) for part in path}:
            role = "funding"
        columns.append(ReadColumn(closed("".join(path)), role, None, grid.letter(place)))
    roles = {column.role for column in columns}
    is_indicators = any(re.search(r"指标|目标值|基期", column.head) for column in columns)
    has_rest = len(roles & {"investment", "content", "years", "location", "units", "funding", "stage"}) >= 2
    return (bottom, columns) if "name" in roles and has_rest and not is_indicators else None


def _role(head: str) -> str:
    plain = re.sub(r"\([^)]*\)?", "", head)
    return next((role for role, pattern in _ROLES if re.search(pattern, plain, re.IGNORECASE)), "other")


def _begun(grid: Grid, top: int, columns: list[ReadColumn]) -> _Table:
    above = lines_above(grid, top, is_first=True)
    places: dict[str, list[int]] = {}
    for place, column in enumerate(columns):
        places.setdefault(column.role, []).append(place)
    money = ""
    for place in places.get("investment", [])[:1]:
        found = _UNIT_IN_HEAD.search(half(columns[place].head))
        money = found[1] if found else ""
    money = money or unit_in_note(above)
    names = {
        place: re.sub(r"^.*?(?:资金来源|资金筹措|资金构成|资金渠道|筹资)|[(（].*?[)）]", "", columns[place].head)
        for place in places.get("funding", [])
    }
    table = _Table(ReadProjects(title_of(above, grid), columns, notes=list(above)), places, names, money)
    if not money and "investment" in places:
        table.read.doubts.append(
            doubts.table("total_investment", "总投资没有印单位，按万元读取，是否正确？", assumed="万元")
        )
    return table


def _read_row(grid: Grid, row: int, table: _Table) -> None:
    cells = grid.rows[row]
    own = [cell for cell in dict.fromkeys(cells) if not cell.is_blank]
    if not any(cell.top == row for cell in own):
        return

    def text(role: str) -> str:
        found = dict.fromkeys(cells[place] for place in table.places.get(role, []))
        return "\n".join(cell.text for cell in found if not cell.is_blank)

    if is_note(own[0].text) and len(own) == 1:
        table.read.notes.append(closed(own[0].text))
        return
    name, number, category = closed(text("name")), even_number(text("number")), closed(text("category"))
    if any(_TOTAL.match(bare(without_ordinal(part))) for part in (name, text("number"), category)):
        return
    is_headed = has_ordinal(name) or bool(_CHINESE_NUMBER.match(bare(text("number"))))
    if len(own) == 1 or (is_headed and not text("content") and not text("location")):
        heading = full_brackets(without_ordinal(closed(own[-1].text if len(own) == 1 else name)))
        if len(own) == 1 or not number.isdigit():
            table.category = re.split(r"[(（]\s*共?\s*[0-9]+\s*[个项]", heading)[0]
            return
    if not name:
        return
    table.category = full_brackets(without_ordinal(category)) or table.category
    project = ReadProject(number, full_brackets(without_marks(name)[0]), table.category, closed(text("location")))
    project.content, project.stage_text = closed(text("content")), closed(text("stage"))
    project.remark, project.where = closed(text("remark")), _where(grid, row, table)
    project.printed = {role: closed(said) for role in table.places if role != "other" and (said := text(role))}
    project.units = units_of(text("units"))
    _read_money(project, text("investment"), table)
    _read_years(project, text)
    _read_funding(project, cells, table)
    table.read.projects.append(project)


def _where(grid: Grid, row: int, table: _Table) -> str:
    return grid.where(row, table.places["name"][0])


def _doubt(project: ReadProject, field: str, question: str, assumed: str = "") -> Doubt:
    return Doubt(project.number, field, None, f"“{project.name}”：{question}", (), assumed, project.where)


def _read_money(project: ReadProject, printed: str, table: _Table) -> None:
    """The total in 万元; another unit is converted only where it is printed, in the head or in the cell."""
    if not bare(printed):
        return
    value = amount_of(printed, table.money or "万元")
    if value is None and not re.fullmatch(r"[-—/*…]*", bare(printed)):
        table.read.doubts.append(_doubt(project, "total_investment", f"总投资印作“{closed(printed)}”，读不出数值。"))
    project.total_investment = value


def amount_of(printed: str, unit: str) -> Decimal | None:
    """Money in 万元 of a text in this unit or with one of its own."""
    even = re.sub(r"\([^)]*\)", "", bare(printed))
    typed = _UNIT_IN_HEAD.search(even)
    if re.search(r"[0-9][亿万千]$", even):
        even, typed = f"{even}元", re.search(r"(亿元|万元|千元)", f"{even}元")
    unit = typed[1] if typed else unit
    try:
        figure = parse_target(re.sub(r"(?:亿|万|千)?元", "", even))
    except FigureError:
        return None
    if figure.value is None or figure.operator in {Operator.TEXT, Operator.RANGE}:
        return None
    power = {"亿元": 4, "万元": 0, "千元": -1, "元": -4}.get(unit, 0)
    return Decimal(format(figure.value.scaleb(power), "f"))


def _read_years(project: ReadProject, text: object) -> None:
    said = {role: closed(text(role)) for role in ("years", "start", "end")}  # type: ignore[operator]
    project.years_text = said["years"] or "-".join(filter(None, (said["start"], said["end"])))
    even = re.sub(r"(20[0-9]{2})\s*[-—~至]+\s*([0-9]{2})(?![0-9])", r"\g<1>-20\g<2>", bare(said["years"]))
    years = years_in(even)
    if len(years) > 1:
        project.start_year, project.end_year = min(years), max(years)
    elif years:
        is_end = bool(re.search(r"前|底|到|至|建成|完|竣工", even))
        is_start = bool(re.search(r"起|开始|开工|启动", even))
        project.start_year = None if is_end else years[0]
        project.end_year = None if is_start else years[0]
    for role, field in (("start", "start_year"), ("end", "end_year")):
        if found := years_in(said[role]):
            setattr(project, field, found[0])
    if project.start_year and project.end_year and project.start_year > project.end_year:
        project.start_year = project.end_year = None


def units_of(printed: str) -> list[str]:
    """The units of a cell: by signs between them, else by lines and spaces where each piece is a unit of its own."""
    found: list[str] = []
    for part in re.split(r"[、，,；;/]", printed):
        pieces = re.split(r"[\s\u3000]+", part.strip())
        joined = ""
        for piece in pieces:
            joined += piece
            if _BODY_OF.search(joined) and joined not in {"市", "县", "区"}:
                found.append(joined)
                joined = ""
        if joined:
            found.append(joined)
    return list(dict.fromkeys(filter(None, found)))


def _read_funding(project: ReadProject, cells: list[Cell], table: _Table) -> None:
    """The sources of one column by name, or the amounts of a column for each source."""
    places = table.places.get("funding", [])
    if len(places) > 1:
        for place in places:
            value = amount_of(cells[place].text, table.money or "万元")
            if value is not None and not value.is_zero():
                project.funding_sources.append(ReadFunding(table.funding_names[place] or "其他", value))
        return
    for place in places:
        for part in _sources(cells[place].text):
            found = _AMOUNT.search(half(part))
            name = part[: found.start()] if found else part
            amount = amount_of(f"{found[1]}{found[2] or ''}", table.money or "万元") if found else None
            if name:
                project.funding_sources.append(ReadFunding(name, amount))


def _sources(printed: str) -> list[str]:
    parts = [part for part in re.split(r"[、，；;+＋]|,(?![0-9]{3})", closed(printed)) if part]
    lines = lines_of(printed)
    if len(parts) == 1 and len(lines) > 1 and all(re.search(r"[0-9]", line) for line in lines):
        parts = lines
    return list(dict.fromkeys(parts))


def _number(table: ReadProjects) -> None:
    """Unique numbers: as printed, else in order."""
    printed = {project.number for project in table.projects if project.number}
    used: set[str] = set()
    for place, project in enumerate(table.projects, 1):
        if not project.number or project.number in used:
            number = str(place)
            while number in used or number in printed:
                number = str(int(number) + 1)
            if printed:
                said = f"序号“{project.number}”印了不止一次" if project.number else "没有印序号"
                project.number = number
                table.doubts.append(_doubt(project, "number", f"{said}，编为{number}，是否正确？", number))
            project.number = number
        used.add(project.number)
