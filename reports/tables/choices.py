"""Which file somebody wants: a choice that can be kept as JSON and turned into a workbook later."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any

from accounts.models import User


@dataclass(frozen=True, slots=True)
class FileChoice:
    """One official table of some plans. Plans by code, else the tree of a region, else all that a person may export.

    `year` and `month` stay empty where the table is to take its latest ones; `metric` is the code of 跨地区对比.
    """

    table: str
    plans: tuple[str, ...] = ()
    region: str = ""
    year: int | None = None
    month: int | None = None
    metric: str = ""
    approved_only: bool = False

    def as_json(self) -> dict[str, Any]:
        """Plain words, numbers and lists; `from_json` makes the same choice of it again."""
        return {**asdict(self), "plans": list(self.plans)}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> FileChoice:
        return cls(**{**data, "plans": tuple(data.get("plans", ()))})


def build_file(choice: FileChoice, user: User, on: date, at: datetime) -> tuple[str, bytes]:
    """The file's Chinese name and its content, with what this person may export on a day of Beijing time.

    Raises Http404 for plans, regions and metrics that are not theirs, PermissionDenied for those they see but may not
    export, and `scopes.ImpossibleChoice` with a sentence where the choice makes no table.
    """
    raise NotImplementedError
