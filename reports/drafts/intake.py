"""From what the reader found to a draft: the same rows with keys of their own, suggestions, and every doubt. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from reports.drafts.answers import AS_READ, WITHOUT
from reports.drafts.content import Content, DraftProject, DraftRow, DraftTarget
from reports.drafts.matching import Dictionary, department_of, theme_of
from reports.reading.found import Doubt, ReadIndicator, ReadProject, ReadProjects, ReadTable

Themes = Mapping[str, tuple[int, str]]


def take_table(
    content: Content, table: ReadTable, *, dictionary: Dictionary, themes: Themes, departments: Mapping[int, str]
) -> None:
    """Add the rows of a table of indicators to the draft, with its doubts and notes."""
    keys = {read.number: content.new_key("r") for read in table.indicators}
    for read in table.indicators:
        row = _row(read, key=keys[read.number], parent=keys.get(read.parent, ""))
        offers = dictionary.offers(name=row.name, unit=row.unit, direction=row.direction)
        row.theme = theme_of(name=row.name, category=row.category, offers=offers, themes=themes)
        row.department = department_of(row.printed_department, departments)
        content.rows.append(row)
    _inherit_themes(content)
    _take_doubts(content, table.doubts, keys)
    asked = {doubt.row for doubt in content.doubts if doubt.name == "target"}
    for row in content.rows:
        if row.key in keys.values() and not row.is_group and not row.targets and row.key not in asked:
            content.ask(
                row.key,
                "target",
                "本行没有读出目标值，请填写，或确认不设目标值。",
                year=content.facts.end_year,
                choices=[(WITHOUT, "不设目标值")],
                where=row.where,
            )
    content.notes += table.notes


def _row(read: ReadIndicator, *, key: str, parent: str) -> DraftRow:
    return DraftRow(
        key=key,
        number=read.number,
        name=read.name,
        printed_name=read.printed_name,
        unit=read.unit,
        attribute=read.attribute.value,
        kind=read.kind.value,
        direction=read.direction.value,
        decimals=read.decimals,
        baseline_year=read.baseline.year,
        baseline_value=read.baseline.value,
        baseline_text=read.baseline.text,
        targets=[
            DraftTarget(target.year, target.text, target.operator.value, target.value, target.upper)
            for target in sorted(read.targets, key=lambda one: one.year)
        ],
        parent=parent,
        is_group=read.is_group,
        category=read.category,
        printed_department=read.department,
        remark=read.remark,
        where=read.where,
        printed=dict(read.printed),
    )


def _inherit_themes(content: Content) -> None:
    """A row below says less than the row above it: 其中：城市."""
    for row in content.rows:
        above = content.row(row.parent)
        if row.theme is None and above is not None:
            row.theme = above.theme


def take_projects(content: Content, table: ReadProjects) -> None:
    """Add the rows of a table of projects to the draft, with its doubts and notes."""
    keys = {read.number: content.new_key("p") for read in table.projects}
    content.projects += [_project(read, key=keys[read.number]) for read in table.projects]
    _take_doubts(content, table.doubts, keys)
    content.notes += table.notes


def _project(read: ReadProject, *, key: str) -> DraftProject:
    return DraftProject(
        key=key,
        number=read.number,
        category=read.category,
        name=read.name,
        location=read.location,
        total_investment=read.total_investment,
        start_year=read.start_year,
        end_year=read.end_year,
        years_text=read.years_text,
        content=read.content,
        stage_text=read.stage_text,
        units=_once(read.units),
        funding_sources=_once(source.name for source in read.funding_sources),
        remark=read.remark,
        where=read.where,
        printed=dict(read.printed),
    )


def _once(names: Iterable[str]) -> list[str]:
    """Each name once, in the printed order: a project names a unit or source once."""
    return list(dict.fromkeys(name for name in names if name))


def _take_doubts(content: Content, doubts: Sequence[Doubt], keys: Mapping[str, str]) -> None:
    for doubt in doubts:
        # an empty code is a choice too (没有单位), but an empty answer is none
        choices = [(code or WITHOUT, words) for code, words in doubt.choices]
        if (doubt.assumed or WITHOUT) not in dict(choices):
            how = f"照此：{dict(choices).get(doubt.assumed, doubt.assumed)}" if doubt.assumed else "照所列理解"
            choices.insert(0, (AS_READ, how))
        content.ask(
            keys.get(doubt.number, ""),
            doubt.field,
            doubt.question,
            year=doubt.year,
            choices=choices,
            assumed=doubt.assumed,
            where=doubt.where,
        )
