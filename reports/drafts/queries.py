"""What the pages of drafts show, in a fixed number of queries however many rows a draft has."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from django.db.models import QuerySet
from django.utils.functional import cached_property

from accounts.models import Region, User
from indicators.models import DIRECTION_WORDS, KIND_WORDS, Attribute, Metric
from indicators.verdicts import Direction, Kind
from plans.models import Plan, Theme
from plans.periods import period_of
from reports.drafts.checks import Fault, faults_of, kind_of
from reports.drafts.content import Content, DraftDoubt, DraftProject, DraftRow, DraftTarget, Facts
from reports.drafts.matching import Dictionary, Entry, Offer
from reports.models import PlanDraft

NOT_LINKED = ("0", "不关联")


@dataclass(frozen=True)
class Reference:
    """What rows are matched with: the dictionary, the themes, the departments of one region. Three queries and one."""

    region: Region

    @cached_property
    def themes(self) -> list[Theme]:
        return list(Theme.objects.all())

    @cached_property
    def dictionary(self) -> Dictionary:
        metrics = Metric.objects.prefetch_related("aliases")
        return Dictionary.of(
            [
                Entry(
                    pk=metric.pk,
                    name=metric.name,
                    names=tuple(alias.name for alias in metric.aliases.all()),
                    unit=metric.unit,
                    direction=metric.direction,
                    theme=metric.theme_id,
                )
                for metric in metrics
            ]
        )

    @cached_property
    def departments(self) -> dict[int, str]:
        return {department.pk: str(department) for department in self.region.departments.all()}

    @property
    def themes_by_code(self) -> dict[str, tuple[int, str]]:
        return {theme.code: (theme.pk, theme.name) for theme in self.themes}

    @property
    def offered(self) -> dict[str, list[tuple[int, str]]]:
        """The choices of a row's form."""
        metrics = [(entry.pk, entry.name) for entry in self.dictionary.entries.values()]
        return {
            "theme": [(theme.pk, theme.name) for theme in self.themes],
            "metric": metrics,
            "department": list(self.departments.items()),
        }


def free_code(facts: Facts, region: Region, user: User) -> str:
    """A code after those of the region's plans: laohekou-15 where there is laohekou-14, else 420682-15."""
    number = str(period_of(facts.start_year).number) if facts.end_year > facts.start_year else str(facts.start_year)
    codes = list(
        Plan.objects.visible_to(user).filter(region=region).order_by("-end_year").values_list("code", flat=True)
    )
    stem = next((head for code in codes if (head := code.rpartition("-")[0]) and code.rpartition("-")[2].isdigit()), "")
    wanted = f"{(stem or region.code)[:40]}-{number}"
    taken, code, again = set(codes), wanted, 1
    while code in taken:
        again += 1
        code = f"{wanted}-{again}"
    return code


def drafts_of(user: User) -> QuerySet[PlanDraft]:
    """The drafts of the regions this person plans for, the one changed last first."""
    return PlanDraft.objects.visible_to(user).select_related("region", "by", "changed_by", "plan", "into")


@dataclass(frozen=True, slots=True)
class DraftLine:
    """A draft in the list."""

    draft: PlanDraft
    content: Content

    @property
    def n_rows(self) -> int:
        return len(self.content.kept_rows)

    @property
    def n_projects(self) -> int:
        return len(self.content.kept_projects)

    @property
    def n_open(self) -> int:
        return len(self.content.open_doubts)


def draft_lines(drafts: QuerySet[PlanDraft]) -> list[DraftLine]:
    return [DraftLine(draft, Content.from_json(draft.content)) for draft in drafts]


@dataclass(frozen=True, slots=True)
class AskedDoubt:
    """An open doubt with the row it is about and what a refused page had typed for it."""

    doubt: DraftDoubt
    label: str
    typed: str = ""
    text: str = ""
    error: str = ""

    @property
    def anchor(self) -> str:
        return self.doubt.row or "rows"

    @property
    def takes_text(self) -> bool:
        """Kind, direction and attribute are one of what is listed; of the whole table only a year can be typed."""
        return self.doubt.name == "year" or bool(
            self.doubt.row and self.doubt.name not in ("kind", "direction", "attribute")
        )


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell as understood; `printed` as it stands in the table."""

    head: str
    shown: str
    printed: str = ""
    is_open: bool = False
    is_number: bool = False


@dataclass(frozen=True, slots=True)
class RowLine:
    """A row of the preview with the choices it offers."""

    row: DraftRow
    depth: int
    cells: list[Cell]
    doubts: list[DraftDoubt]
    faults: list[str]
    metrics: list[tuple[str, str]]
    theme: str
    metric: str
    department: str

    @property
    def is_theme_suggested(self) -> bool:
        return self.row.theme is not None and not self.row.theme_confirmed


@dataclass(frozen=True, slots=True)
class ProjectLine:
    project: DraftProject
    doubts: list[DraftDoubt]
    faults: list[str]


@dataclass(frozen=True, slots=True)
class DraftPage:
    """A draft as its planners see it."""

    draft: PlanDraft
    content: Content
    asked: list[AskedDoubt]
    answered: list[AskedDoubt]
    faults: list[Fault]
    rows: list[RowLine]
    projects: list[ProjectLine]
    years: list[int]
    themes: list[tuple[str, str]]
    departments: list[tuple[str, str]]
    refused: list[Fault] = field(default_factory=list)

    @property
    def is_ready(self) -> bool:
        return not self.asked and not self.faults

    @property
    def n_targets(self) -> int:
        return sum(len(row.targets) for row in self.content.kept_rows)

    @property
    def beside(self) -> str:
        """What the grey words under a cell are."""
        return "原文：" if self.draft.file_name else ""

    @property
    def kind(self) -> str:
        kind = kind_of(self.content.facts)
        return str(kind.label) if kind else ""

    @property
    def n_unlinked(self) -> int:
        return sum(row.metric is None for row in self.content.kept_rows)


MOST_ASKED = 150  # at once, so that a page of 200 rows stays below what a request may hold


def draft_page(
    draft: PlanDraft,
    reference: Reference,
    *,
    typed: Mapping[str, str] | None = None,
    refused: list[Fault] | None = None,
) -> DraftPage:
    """The preview; `typed` is what a refused page was sent with, `refused` why."""
    content = Content.from_json(draft.content)
    sent = typed or {}
    faults = faults_of(content, file_name=draft.file_name, into=draft.into)
    years = sorted({*(target.year for row in content.kept_rows for target in row.targets)})
    errors = {fault.anchor: fault.words for fault in refused or ()}
    labels = {line.key: line.label for line in content.lines}
    return DraftPage(
        draft=draft,
        content=content,
        asked=[_asked(doubt, labels, sent, errors) for doubt in content.open_doubts],
        answered=[_asked(doubt, labels, {}, {}) for doubt in content.live_doubts if not doubt.is_open],
        faults=faults,
        rows=_row_lines(content, reference, years, faults, sent),
        projects=[
            ProjectLine(one, content.doubts_of(one.key), [fault.words for fault in faults if fault.anchor == one.key])
            for one in content.projects
        ],
        years=years,
        themes=[("", "请选择"), *((str(theme.pk), theme.name) for theme in reference.themes)],
        departments=[("", "—"), *((str(pk), name) for pk, name in reference.departments.items())],
        refused=refused or [],
    )


def _asked(
    doubt: DraftDoubt, labels: Mapping[str, str], sent: Mapping[str, str], errors: Mapping[str, str]
) -> AskedDoubt:
    return AskedDoubt(
        doubt,
        labels.get(doubt.row, "整张表"),
        typed=sent.get(doubt.key, ""),
        text=sent.get(f"{doubt.key}-text", ""),
        error=errors.get(doubt.key, ""),
    )


def _row_lines(
    content: Content, reference: Reference, years: list[int], faults: list[Fault], sent: Mapping[str, str]
) -> list[RowLine]:
    found: dict[str, list[str]] = {}
    for fault in faults:
        found.setdefault(fault.anchor, []).append(fault.words)
    return [_row_line(row, content, reference, years, found.get(row.key, []), sent) for row in content.rows]


def _row_line(
    row: DraftRow,
    content: Content,
    reference: Reference,
    years: list[int],
    faults: list[str],
    sent: Mapping[str, str],
) -> RowLine:
    doubts = [] if row.is_left_out else content.doubts_of(row.key)
    offers: list[Offer] = []
    if row.metric is None and not row.is_left_out:
        offers = reference.dictionary.offers(name=row.name, unit=row.unit, direction=row.direction)
    metric = str(row.metric or "") if row.metric or not row.metric_decided else NOT_LINKED[0]
    return RowLine(
        row=row,
        depth=_depth(row, content),
        cells=_cells(row, years, {doubt.name for doubt in doubts}),
        doubts=doubts,
        faults=faults,
        metrics=_metrics_offered(row, offers, reference),
        theme=sent.get(f"{row.key}-theme", str(row.theme or "")),
        metric=sent.get(f"{row.key}-metric", metric),
        department=sent.get(f"{row.key}-department", str(row.department or "")),
    )


def _metrics_offered(row: DraftRow, offers: list[Offer], reference: Reference) -> list[tuple[str, str]]:
    offered = [(str(offer.entry.pk), offer.shown) for offer in offers]
    if row.metric is not None:
        entry = reference.dictionary.entries.get(row.metric)
        offered = [(str(row.metric), entry.name if entry else "已删除的条目")]
    undecided = "未确认，暂不关联" if offered else "没有相近的条目"
    return [("", undecided), *offered, NOT_LINKED]


def _depth(row: DraftRow, content: Content) -> int:
    above, depth = content.row(row.parent), 0
    while above is not None and depth < 3:
        above, depth = content.row(above.parent), depth + 1
    return depth


def _cells(row: DraftRow, years: list[int], asked: set[str]) -> list[Cell]:
    printed = row.printed
    baseline = f"{row.baseline_shown}（{row.baseline_year}年）" if row.baseline_year and row.baseline_shown else ""
    cells = [
        Cell("单位", row.unit, printed.get("unit", ""), "unit" in asked),
        Cell("属性", str(Attribute(row.attribute).label), printed.get("attribute", ""), "attribute" in asked),
        Cell(
            "类型与方向",
            f"{KIND_WORDS[Kind(row.kind)]}，{DIRECTION_WORDS[Direction(row.direction)]}",
            printed.get("kind", ""),
            bool({"kind", "direction"} & asked),
        ),
        Cell("基期", baseline or row.baseline_shown, printed.get("baseline", ""), "baseline" in asked, is_number=True),
    ]
    for year in years:
        target: DraftTarget | None = row.target(year)
        shown = target.shown(row.kind) if target else ""
        cells.append(Cell(f"{year}年目标", shown, printed.get(f"target {year}", ""), "target" in asked, is_number=True))
    return cells
