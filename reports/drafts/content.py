"""What a draft holds: the facts of the plan, its rows as understood beside what is printed, and the open doubts.

Pure but for the words of the pure leaves. Figures lie in the draft's JSON as text, never as a float.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, field, fields
from decimal import Decimal
from typing import Any, TypeVar

from indicators.figures import Marker, Operator, format_figure, format_target
from indicators.verdicts import Direction, Kind

MOST_ROWS = 200  # of one kind; a form with more would pass what a request may hold
LOOKED_AT = "已在行内核对"


@dataclass(slots=True)
class DraftTarget:
    """What is promised for a year, as understood; `text` as printed."""

    year: int
    text: str
    operator: str = Operator.EQ.value
    value: Decimal | None = None
    upper: Decimal | None = None

    def shown(self, kind: str) -> str:
        """As the portal writes it, to be read back by its own parser."""
        marker = Marker.CUMULATIVE if kind == Kind.CUMULATIVE and self.value is not None else Marker.NONE
        return format_target(
            operator=Operator(self.operator), value=self.value, upper=self.upper, text=self.text, marker=marker
        )


@dataclass(slots=True)
class DraftRow:
    """An indicator to be. `parent` is the key of another row; `metric` None with `metric_decided` means 不关联."""

    key: str
    number: str = ""
    name: str = ""
    printed_name: str = ""
    unit: str = ""
    attribute: str = "unstated"
    kind: str = Kind.LEVEL.value
    direction: str = Direction.UP.value
    decimals: int = 0
    baseline_year: int | None = None
    baseline_value: Decimal | None = None
    baseline_text: str = ""
    targets: list[DraftTarget] = field(default_factory=list)
    parent: str = ""
    is_group: bool = False
    category: str = ""
    theme: int | None = None
    theme_confirmed: bool = False
    department: int | None = None
    printed_department: str = ""
    metric: int | None = None
    metric_decided: bool = False
    hard_minimum: Decimal | None = None
    hard_maximum: Decimal | None = None
    change_limit: Decimal | None = None
    definition: str = ""
    remark: str = ""
    where: str = ""
    printed: dict[str, str] = field(default_factory=dict)
    is_left_out: bool = False

    def target(self, year: int) -> DraftTarget | None:
        return next((target for target in self.targets if target.year == year), None)

    def put_target(self, target: DraftTarget) -> None:
        """Set the year's target, in the place of the one that is there."""
        others = [other for other in self.targets if other.year != target.year]
        self.targets = sorted([*others, target], key=lambda one: one.year)

    @property
    def label(self) -> str:
        return f"{self.number} {self.name}".strip() or "（未命名的行）"

    @property
    def baseline_shown(self) -> str:
        return self.baseline_text if self.baseline_value is None else format_figure(self.baseline_value)


@dataclass(slots=True)
class DraftProject:
    """A key project to be; money in 万元."""

    key: str
    number: str = ""
    category: str = ""
    name: str = ""
    printed_name: str = ""
    location: str = ""
    total_investment: Decimal | None = None
    start_year: int | None = None
    end_year: int | None = None
    years_text: str = ""
    content: str = ""
    stage: str = "unstated"
    stage_text: str = ""
    units: list[str] = field(default_factory=list)
    funding_sources: list[str] = field(default_factory=list)
    remark: str = ""
    where: str = ""
    printed: dict[str, str] = field(default_factory=dict)
    is_left_out: bool = False

    @property
    def label(self) -> str:
        return f"{self.number} {self.name}".strip() or "（未命名的行）"


@dataclass(slots=True)
class DraftDoubt:
    """A question that a person answers before the draft is published; `row` "" means the table as a whole."""

    key: str
    row: str
    name: str  # of the field it is about, as the reader calls it
    question: str
    year: int | None = None
    choices: list[tuple[str, str]] = field(default_factory=list)
    assumed: str = ""
    where: str = ""
    answer: str = ""

    @property
    def is_open(self) -> bool:
        return not self.answer

    @property
    def answer_shown(self) -> str:
        return dict(self.choices).get(self.answer, self.answer)


@dataclass(slots=True)
class Facts:
    """The plan and its document; dates as 2026-03-01."""

    title: str = ""
    short_title: str = ""
    start_year: int = 2026
    end_year: int = 2030
    code: str = ""
    source_title: str = ""
    publisher: str = ""
    published_on: str = ""
    document_number: str = ""
    is_excerpt: bool = False

    @property
    def years(self) -> range:
        return range(self.start_year, self.end_year + 1)


Line = DraftRow | DraftProject


@dataclass(slots=True)
class Content:
    """All of a draft. `origin` says in a sentence where it came from."""

    facts: Facts = field(default_factory=Facts)
    rows: list[DraftRow] = field(default_factory=list)
    projects: list[DraftProject] = field(default_factory=list)
    doubts: list[DraftDoubt] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    origin: str = ""
    last_key: int = 0

    def new_key(self, letter: str) -> str:
        """A name for a row or doubt that no other one of this draft has or had."""
        self.last_key += 1
        return f"{letter}{self.last_key}"

    def row(self, key: str) -> DraftRow | None:
        return next((row for row in self.rows if row.key == key), None)

    def project(self, key: str) -> DraftProject | None:
        return next((project for project in self.projects if project.key == key), None)

    def line(self, key: str) -> Line | None:
        return self.row(key) or self.project(key)

    @property
    def lines(self) -> list[Line]:
        return [*self.rows, *self.projects]

    @property
    def kept_rows(self) -> list[DraftRow]:
        return [row for row in self.rows if not row.is_left_out]

    @property
    def kept_projects(self) -> list[DraftProject]:
        return [project for project in self.projects if not project.is_left_out]

    def children(self, key: str) -> list[DraftRow]:
        return [row for row in self.kept_rows if row.parent == key]

    def doubt(self, key: str) -> DraftDoubt | None:
        return next((doubt for doubt in self.doubts if doubt.key == key), None)

    @property
    def live_doubts(self) -> list[DraftDoubt]:
        """Those about rows that stay; what is left out raises no question."""
        out = {line.key for line in self.lines if line.is_left_out}
        return [doubt for doubt in self.doubts if doubt.row not in out]

    @property
    def open_doubts(self) -> list[DraftDoubt]:
        return [doubt for doubt in self.live_doubts if doubt.is_open]

    def doubts_of(self, key: str) -> list[DraftDoubt]:
        return [doubt for doubt in self.doubts if doubt.row == key and doubt.is_open]

    def ask(self, row: str, name: str, question: str, **said: Any) -> DraftDoubt:
        """Add a doubt to those that are there."""
        doubt = DraftDoubt(key=self.new_key("d"), row=row, name=name, question=question, **said)
        self.doubts.append(doubt)
        return doubt

    def as_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, kept: dict[str, Any]) -> Content:
        return cls(
            facts=_made(Facts, kept["facts"]),
            rows=[_row(row) for row in kept["rows"]],
            projects=[_made(DraftProject, row) for row in kept["projects"]],
            doubts=[
                _made(DraftDoubt, {**doubt, "choices": [(code, words) for code, words in doubt["choices"]]})
                for doubt in kept["doubts"]
            ],
            notes=list(kept["notes"]),
            origin=kept["origin"],
            last_key=kept["last_key"],
        )


T = TypeVar("T")


def _made(kind: type[T], kept: dict[str, Any]) -> T:
    """The dataclass again; what is a figure in it comes back as Decimal."""
    names = {one.name: str(one.type) for one in fields(kind)}  # type: ignore[arg-type]
    return kind(**{name: _figure(value, names[name]) for name, value in kept.items() if name in names})


def _figure(value: Any, kind: str) -> Any:
    return Decimal(value) if isinstance(value, str) and kind.startswith("Decimal") else value


def _row(kept: dict[str, Any]) -> DraftRow:
    row = _made(DraftRow, kept)
    row.targets = [_made(DraftTarget, target) for target in kept["targets"]]
    return row
