"""Key projects of many plans together: by stage with money, and one by one. Money in 万元; approved months only."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import Exists, F, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce

from plans.models import Plan
from projects.models import Project, ProjectReport, Stage

LONG = 500  # projects of the list at most


@dataclass(frozen=True, slots=True)
class StageSum:
    """The projects of one stage, or all: how many, what they are to cost, and what is done of those that say so."""

    stage: str
    word: str
    count: int
    planned: Decimal | None
    unpriced: int
    reported: int
    done: Decimal | None


@dataclass(frozen=True, slots=True)
class RegionalProjects:
    """By stage, and together."""

    stages: list[StageSum]
    all: StageSum
    plans: int
    is_demo: bool


def with_standing(plans: Iterable[Plan]) -> QuerySet[Any]:
    """The projects with the stage of the newest approved month (else the printed one) and what is spent by then."""
    months = ProjectReport.objects.approved().filter(project=OuterRef("pk")).order_by("-year", "-month")
    return Project.objects.filter(plan__in=plans).annotate(
        now_stage=Coalesce(Subquery(months.values("stage")[:1]), F("stage")),
        spent=Subquery(months.exclude(investment_done=None).values("investment_done")[:1]),
        has_demo=Exists(months.filter(is_demo=True)),
    )


def regional_projects(plans: Sequence[Plan]) -> RegionalProjects | None:
    """One query; None where no plan names a project. Sums are made here: SQLite would add them as floats."""
    rows = with_standing(plans).order_by().values_list("now_stage", "total_investment", "spent", "has_demo", "plan")
    by_stage: defaultdict[str, list[Any]] = defaultdict(list)
    everything = list(rows)
    for row in everything:
        by_stage[row[0]].append(row)
    if not everything:
        return None
    return RegionalProjects(
        stages=[_sum(stage.value, stage.label, by_stage[stage]) for stage in Stage if by_stage[stage]],
        all=_sum("", "合计", everything),
        plans=len({row[4] for row in everything}),
        is_demo=any(row[3] for row in everything),
    )


def _sum(stage: str, word: str, rows: Sequence[Any]) -> StageSum:
    planned = [row[1] for row in rows if row[1] is not None]
    done = [row[2] for row in rows if row[2] is not None]
    return StageSum(
        stage=stage,
        word=word,
        count=len(rows),
        planned=sum(planned, Decimal(0)) if planned else None,
        unpriced=len(rows) - len(planned),
        reported=len(done),
        done=sum(done, Decimal(0)) if done else None,
    )


@dataclass(frozen=True, slots=True)
class ProjectLine:
    """A project, its stage in words, and what is spent."""

    project: Project
    stage: str
    spent: Decimal | None
    is_demo: bool


@dataclass(frozen=True, slots=True)
class ProjectLines:
    """Projects one by one, region by region; `count` counts those beyond the list too."""

    rows: list[ProjectLine]
    count: int

    @property
    def n_hidden(self) -> int:
        return self.count - len(self.rows)


def regional_project_lines(plans: Sequence[Plan], *, stage: str) -> ProjectLines:
    """The projects of one stage, or all: two queries."""
    found = with_standing(plans)
    if stage:
        found = found.filter(now_stage=stage)
    ordered = found.select_related("plan__region", "department")
    ordered = ordered.order_by("plan__region__code", "plan__code", "order", "pk")
    lines = [
        ProjectLine(project, Stage(project.now_stage).label, project.spent, project.has_demo)
        for project in ordered[:LONG]
    ]
    return ProjectLines(lines, found.count())
