"""What keeps a draft from being published, each thing with the row to go to.

The rows are built as models and cleaned by them, without a query; what only the database knows is found on publishing.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.db import models

from indicators.figures import Operator
from indicators.models import Indicator, Target
from plans.models import Plan, PlanKind, Source
from projects.models import FundingSource, Project, ProjectUnit
from reports.drafts.content import Content, DraftProject, DraftRow, DraftTarget, Facts


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing to put right; `anchor` is the place on the preview."""

    anchor: str
    label: str
    words: str


# ---- The rows as models


def kind_of(facts: Facts) -> PlanKind | None:
    """Five years are a plan, one year is the year's work points; None for any other span."""
    return {5: PlanKind.FIVE_YEAR, 1: PlanKind.YEARLY}.get(facts.end_year - facts.start_year + 1)


def plan_of(facts: Facts, *, source: Source, region_id: int) -> Plan:
    return Plan(
        code=facts.code,
        title=facts.title,
        short_title=facts.short_title,
        kind=kind_of(facts) or "",
        region_id=region_id,
        start_year=facts.start_year,
        end_year=facts.end_year,
        source=source,
    )


def source_of(facts: Facts, *, file_name: str) -> Source:
    return Source(
        code=facts.code,
        title=facts.source_title or facts.title,
        publisher=facts.publisher,
        published_on=facts.published_on or None,
        document_number=facts.document_number,
        file_name=file_name,
        is_excerpt=facts.is_excerpt,
    )


def indicator_of(row: DraftRow, *, order: int) -> Indicator:
    """The row as an indicator, still without plan and parent."""
    return Indicator(
        number=row.number,
        order=order,
        is_group=row.is_group,
        name=row.name,
        printed_name=row.printed_name if row.printed_name != row.name else "",
        unit=row.unit,
        theme_id=row.theme or 0,  # without one it is not written
        attribute=row.attribute,
        kind=row.kind,
        direction=row.direction,
        decimals=row.decimals,
        baseline_year=row.baseline_year,
        baseline_value=row.baseline_value,
        baseline_text=row.baseline_text,
        hard_minimum=row.hard_minimum,
        hard_maximum=row.hard_maximum,
        change_limit=row.change_limit,
        department_id=row.department,
        metric_id=row.metric,
        metric_note="" if row.metric else "建立规划时未关联",
        definition=row.definition,
        source_ref=row.where[:100],
        remark=row.remark,
    )


def target_of(target: DraftTarget) -> Target:
    """The target, still without its indicator."""
    return Target(
        year=target.year,
        operator=target.operator,
        value=target.value,
        upper=target.upper,
        text=target.text or target.shown(""),
    )


def project_of(project: DraftProject, *, order: int) -> tuple[Project, list[ProjectUnit], list[FundingSource]]:
    """The project, still without a plan, with its units and sources."""
    row = Project(
        number=project.number,
        order=order,
        category=project.category,
        name=project.name,
        printed_name=project.printed_name if project.printed_name != project.name else "",
        location=project.location,
        total_investment=project.total_investment,
        start_year=project.start_year,
        end_year=project.end_year,
        years_text=project.years_text,
        content=project.content,
        stage=project.stage,
        stage_text=project.stage_text,
        source_ref=project.where[:100],
        remark=project.remark,
    )
    units = [ProjectUnit(order=at, name=name) for at, name in enumerate(project.units, 1)]
    sources = [FundingSource(order=at, name=name) for at, name in enumerate(project.funding_sources, 1)]
    return row, units, sources


# ---- What is wrong with them

NOT_YET = {"plan", "parent", "project", "indicator", "region", "source", "theme", "department", "metric"}


def words_of_error(row: models.Model, error: ValidationError) -> list[str]:
    """Each message with the name of its field: 单位：确保该变量包含不超过 20 个字符."""
    named = []
    for name, messages in error.message_dict.items():
        field = "" if name == "__all__" else f"{getattr(row._meta.get_field(name), 'verbose_name', name)}："
        named += [f"{field}{message}" for message in messages]
    return named


def _cleaned(row: models.Model) -> list[str]:
    try:
        row.clean_fields(exclude=NOT_YET)
    except ValidationError as error:
        return words_of_error(row, error)
    return []


def faults_of(content: Content, *, file_name: str, into: Plan | None) -> list[Fault]:
    """Everything that has to be put right before publishing, open doubts apart; in the order of the page."""
    found: list[Fault] = []
    if into is None:
        found += [Fault("facts", "规划", words) for words in _wrong_facts(content.facts, file_name)]
    if not content.kept_rows and not content.kept_projects:
        found.append(Fault("rows", "草稿", "没有要发布的行。"))
    counts = Counter(row.number for row in content.kept_rows)
    for order, row in enumerate(content.kept_rows, 1):
        found += [Fault(row.key, row.label, words) for words in _wrong_in(row, content, order, counts)]
    numbers = Counter(project.number for project in content.kept_projects)
    for order, project in enumerate(content.kept_projects, 1):
        found += [Fault(project.key, project.label, words) for words in _wrong_project(project, order, numbers)]
    return found


def _wrong_facts(facts: Facts, file_name: str) -> Iterator[str]:
    source = source_of(facts, file_name=file_name or "—")
    yield from (f"来源文件{words}" for words in _cleaned(source) if not words.startswith("代码"))
    plan = plan_of(facts, source=source, region_id=0)
    if kind_of(facts) is None:
        yield "五年规划应跨五个年度，年度工作要点应为一个年度，请改起止年。"
        plan.kind = PlanKind.FIVE_YEAR
    yield from _cleaned(plan)


def _wrong_in(row: DraftRow, content: Content, order: int, counts: Counter[str]) -> Iterator[str]:
    yield from _cleaned(indicator_of(row, order=order))
    if row.number and counts[row.number] > 1:
        yield f"序号“{row.number}”有{counts[row.number]}行，每行要有自己的序号。"
    if row.theme is None:
        yield "没有业务领域，请选择。"
    elif not row.theme_confirmed:
        yield "业务领域是建议的，请核对后保存。"
    if row.baseline_value is not None and row.baseline_year is None:
        yield "有基期值就要有基期年。"
    if row.hard_minimum is not None and row.hard_maximum is not None and row.hard_minimum >= row.hard_maximum:
        yield "“不得低于”应小于“不得高于”。"
    yield from _wrong_place(row, content)
    for target in row.targets:
        yield from (f"{target.year}年目标{words}" for words in _wrong_target(target, content.facts))


def _wrong_place(row: DraftRow, content: Content) -> Iterator[str]:
    if row.parent:
        above = content.row(row.parent)
        if above is None or above.is_left_out:
            yield "上级指标不在发布的行里，请另选上级或设为没有上级。"
        elif _is_below_itself(row, content):
            yield "上级指标不能是本行或本行的下级。"
        if row.is_group:
            yield "由下级行填报的行，自己不能再是下级行。"
    if row.is_group and not content.children(row.key):
        yield "设为由下级行填报，却没有下级行。"
    if row.is_group and row.targets:
        yield "由下级行填报的行不设目标值，目标填在下级行。"


def _is_below_itself(row: DraftRow, content: Content) -> bool:
    seen = {row.key}
    above = content.row(row.parent)
    while above is not None:
        if above.key in seen:
            return True
        seen.add(above.key)
        above = content.row(above.parent)
    return False


def _wrong_target(target: DraftTarget, facts: Facts) -> Iterator[str]:
    yield from (f"：{words}" for words in _cleaned(target_of(target)))
    if target.year not in facts.years:
        yield f"不在规划期{facts.start_year}～{facts.end_year}年内。"
    if target.operator != Operator.TEXT and target.value is None:
        yield "没有数值。"
    if target.operator == Operator.RANGE and (
        target.upper is None or target.value is None or target.upper <= target.value
    ):
        yield "是区间，上限应大于下限。"


def _wrong_project(project: DraftProject, order: int, numbers: Counter[str]) -> Iterator[str]:
    row, units, sources = project_of(project, order=order)
    for part in (row, *units, *sources):
        yield from _cleaned(part)
    if project.number and numbers[project.number] > 1:
        yield f"序号“{project.number}”有{numbers[project.number]}行，每行要有自己的序号。"
    if project.total_investment is not None and project.total_investment < 0:
        yield "总投资不能为负数。"
    if project.start_year and project.end_year and project.start_year > project.end_year:
        yield "开工年不能晚于完工年。"
