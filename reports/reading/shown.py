"""What was read, written out: as JSON for programs, as a Chinese table for people."""

from __future__ import annotations

import unicodedata
from decimal import Decimal
from typing import Any

from indicators.figures import Operator, format_figure, format_target
from reports.reading.doubts import word_of
from reports.reading.found import Doubt, ReadIndicator, ReadProject, ReadProjects, ReadTable

_ABSENT = "—"
_MAX_WIDTH = 40


def json_of(table: ReadTable) -> dict[str, Any]:
    """Decimals as strings, null where nothing is printed; parents by their number."""
    return {
        "title": table.title,
        "columns": [
            {"head": column.head, "role": column.role, "year": column.year, "letter": column.letter}
            for column in table.columns
        ],
        "indicators": [_json_of_row(row) for row in table.indicators],
        "doubts": [_json_of_doubt(doubt) for doubt in table.doubts],
        "notes": table.notes,
    }


def _json_of_row(row: ReadIndicator) -> dict[str, Any]:
    return {
        "number": row.number,
        "parent": row.parent or None,
        "name": row.name,
        "printed_name": row.printed_name or row.name,
        "unit": row.unit,
        "attribute": row.attribute.value,
        "kind": row.kind.value,
        "direction": row.direction.value,
        "decimals": row.decimals,
        "category": row.category,
        "department": row.department,
        "remark": row.remark,
        "is_group": row.is_group,
        "baseline": {
            "year": row.baseline.year,
            "value": _figure(row.baseline.value),
            "text": row.baseline.text,
        },
        "targets": [
            {
                "year": target.year,
                "operator": target.operator.value,
                "value": _figure(target.value),
                "upper": _figure(target.upper),
                "text": target.text,
            }
            for target in row.targets
        ],
        "actuals": [{"year": past.year, "value": _figure(past.value), "text": past.text} for past in row.actuals],
        "where": row.where,
        "printed": row.printed,
    }


def json_of_projects(table: ReadProjects) -> dict[str, Any]:
    return {
        "title": table.title,
        "columns": [
            {"head": column.head, "role": column.role, "year": column.year, "letter": column.letter}
            for column in table.columns
        ],
        "projects": [_json_of_project(project) for project in table.projects],
        "doubts": [_json_of_doubt(doubt) for doubt in table.doubts],
        "notes": table.notes,
    }


def _json_of_project(project: ReadProject) -> dict[str, Any]:
    return {
        "number": project.number,
        "category": project.category,
        "name": project.name,
        "location": project.location,
        "total_investment": _figure(project.total_investment),
        "start_year": project.start_year,
        "end_year": project.end_year,
        "years_text": project.years_text,
        "content": project.content,
        "stage_text": project.stage_text,
        "units": project.units,
        "funding_sources": [{"name": part.name, "amount": _figure(part.amount)} for part in project.funding_sources],
        "remark": project.remark,
        "where": project.where,
        "printed": project.printed,
    }


def _json_of_doubt(doubt: Doubt) -> dict[str, Any]:
    return {
        "number": doubt.number,
        "field": doubt.field,
        "year": doubt.year,
        "question": doubt.question,
        "choices": [{"code": code, "words": words} for code, words in doubt.choices],
        "assumed": doubt.assumed,
        "where": doubt.where,
    }


def _figure(value: Decimal | None) -> str | None:
    return None if value is None else format_figure(value)


def text_of(table: ReadTable) -> str:
    """The table as understood, its rows under one another, then every doubt."""
    years = sorted({target.year for row in table.indicators for target in row.targets})
    bases = sorted({row.baseline.year for row in table.indicators if row.baseline.year})
    base = f"{bases[0]}年基期" if len(bases) == 1 else "基期"
    head = ["序号", "指标", "单位", "属性", "类型", "方向", base, *(f"{year}年目标" for year in years)]
    lines = [head, *(_row_shown(row, years) for row in table.indicators)]
    said = [f"指标表：{table.title or '（没有标题）'}，{len(table.indicators)}行。", "", *_aligned(lines), ""]
    said += _doubts_shown(table.doubts)
    return "\n".join(said)


def _row_shown(row: ReadIndicator, years: list[int]) -> list[str]:
    by_year = {target.year: target for target in row.targets}
    targets = []
    for year in years:
        target = by_year.get(year)
        shown = _ABSENT
        if target is not None:
            is_text = target.operator is Operator.TEXT
            shown = (
                target.text
                if is_text
                else format_target(operator=target.operator, value=target.value, upper=target.upper, text=target.text)
            )
        targets.append(shown)
    name = f"  其中：{row.name}" if row.parent else row.name
    baseline = format_figure(row.baseline.value) or row.baseline.text or _ABSENT
    words = [word_of(row.attribute.value), "分组" if row.is_group else word_of(row.kind.value)]
    return [row.number, name, row.unit or _ABSENT, *words, word_of(row.direction.value), baseline, *targets]


def projects_text(table: ReadProjects) -> str:
    head = ["序号", "类别", "项目", "地点", "总投资（万元）", "起止年", "实施单位", "资金来源"]
    lines = [head]
    for project in table.projects:
        years = "-".join(str(year) for year in (project.start_year, project.end_year) if year)
        funding = "、".join(f"{part.name}{format_figure(part.amount)}" for part in project.funding_sources)
        lines.append(
            [
                project.number,
                project.category or _ABSENT,
                project.name,
                project.location or _ABSENT,
                format_figure(project.total_investment) or _ABSENT,
                years or project.years_text or _ABSENT,
                "、".join(project.units) or _ABSENT,
                funding or _ABSENT,
            ]
        )
    said = [f"项目表：{table.title or '（没有标题）'}，{len(table.projects)}个项目。", "", *_aligned(lines), ""]
    return "\n".join([*said, *_doubts_shown(table.doubts)])


def _doubts_shown(doubts: list[Doubt]) -> list[str]:
    if not doubts:
        return ["没有疑问。"]
    lines = [f"疑问{len(doubts)}条："]
    for place, doubt in enumerate(doubts, 1):
        taken = f"（暂按“{word_of(doubt.assumed)}”）" if doubt.assumed else ""
        lines.append(f"{place}. {f'第{doubt.number}项 ' if doubt.number else ''}{doubt.question}{taken} {doubt.where}")
    return [line.rstrip() for line in lines]


def _aligned(lines: list[list[str]]) -> list[str]:
    """Columns under one another; a Chinese character takes two places."""
    cut = [[_cut(text) for text in line] for line in lines]
    widths = [max(_width(line[place]) for line in cut) for place in range(len(cut[0]))]
    return [
        "  ".join(text + " " * (width - _width(text)) for text, width in zip(line, widths, strict=True)).rstrip()
        for line in cut
    ]


def _width(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(char) in "WFA" else 1 for char in text)


def _cut(text: str) -> str:
    while _width(text) > _MAX_WIDTH:
        text = text[: max(1, len(text) - 3)] + "…" if not text.endswith("…") else text[:-2] + "…"
    return text
