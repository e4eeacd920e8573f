"""What the reader finds in an official table: rows as understood beside the cells as printed, and its doubts.

Pure: no model, no query. Codes are those of the models and of `indicators`; figures are Decimal, in the unit of the
row; what is missing is None, or "" where it is text.
"""

from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum

from indicators.figures import Operator
from indicators.verdicts import Direction, Kind


class Attribute(StrEnum):
    """The codes of `indicators.models.Attribute`, which a module without Django cannot import."""

    BINDING = "binding"
    EXPECTED = "expected"
    UNSTATED = "unstated"


@dataclass(frozen=True, slots=True)
class Doubt:
    """A question for a person about one field of one row, and what is taken until somebody answers."""

    number: str  # of the indicator or project; "" for the whole table
    # name unit attribute kind direction parent baseline target number year; of a project its own field
    field: str
    year: int | None
    question: str
    choices: tuple[tuple[str, str], ...] = ()  # (code, words); empty: free text
    assumed: str = ""
    where: str = ""


@dataclass(frozen=True, slots=True)
class ReadColumn:
    head: str
    # number category name unit baseline target actual past_target rate attribute department …; see heads.Role
    role: str
    year: int | None = None
    letter: str = ""  # in a sheet "C", elsewhere "第3列"


@dataclass(slots=True)
class ReadBaseline:
    year: int | None = None
    value: Decimal | None = None
    text: str = ""


@dataclass(slots=True)
class ReadTarget:
    year: int
    operator: Operator
    value: Decimal | None = None
    upper: Decimal | None = None
    text: str = ""


@dataclass(slots=True)
class ReadIndicator:
    number: str  # unique in its table
    name: str
    parent: str = ""  # the parent's number
    printed_name: str = ""  # the name cell as printed, where it differs from the name
    unit: str = ""
    attribute: Attribute = Attribute.UNSTATED
    kind: Kind = Kind.LEVEL
    direction: Direction = Direction.UP
    decimals: int = 0
    category: str = ""
    department: str = ""
    remark: str = ""
    is_group: bool = False
    baseline: ReadBaseline = field(default_factory=ReadBaseline)
    targets: list[ReadTarget] = field(default_factory=list)
    actuals: list[ReadBaseline] = field(default_factory=list)  # what the table prints as reached, by year
    where: str = ""  # 专栏1!B7, 表1 第7行
    printed: dict[str, str] = field(default_factory=dict)  # field (target with its year: "target 2025") → its cell


@dataclass(slots=True)
class ReadTable:
    title: str = ""
    columns: list[ReadColumn] = field(default_factory=list)
    indicators: list[ReadIndicator] = field(default_factory=list)
    doubts: list[Doubt] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)  # lines above and below the table: units, footnotes


@dataclass(frozen=True, slots=True)
class ReadFunding:
    name: str
    amount: Decimal | None = None  # 万元


@dataclass(slots=True)
class ReadProject:
    number: str
    name: str
    category: str = ""
    location: str = ""
    total_investment: Decimal | None = None  # 万元
    start_year: int | None = None
    end_year: int | None = None
    years_text: str = ""
    content: str = ""
    stage_text: str = ""
    units: list[str] = field(default_factory=list)
    funding_sources: list[ReadFunding] = field(default_factory=list)
    remark: str = ""
    where: str = ""
    printed: dict[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class ReadProjects:
    title: str = ""
    columns: list[ReadColumn] = field(default_factory=list)
    projects: list[ReadProject] = field(default_factory=list)
    doubts: list[Doubt] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
