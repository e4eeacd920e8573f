"""What part of a plan's projects or tasks is shown, and how; kept in the address of the page."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any, ClassVar, Generic, TypeVar, cast

from django import forms

from accounts.models import Department
from projects.models import Stage, WorkState
from projects.portfolio import ProjectTable
from projects.progress import DUE_WORDS
from projects.queries import Task, WorkTable
from projects.standings import Standing

R = TypeVar("R")
Offers = Mapping[str, Sequence[tuple[str, str]]]


class FilterForm(forms.Form, Generic[R]):
    """A way of showing rows and the filters they pass; only what occurs is offered, and what is not offered filters
    nothing."""

    views: ClassVar[tuple[tuple[str, str], ...]]  # the first is shown unless another is asked for
    # what a row has, by the name of the filter; several where more than one choice fits it
    values: ClassVar[Mapping[str, Callable[[Any], str | Sequence[str]]]]

    def __init__(self, data: Mapping[str, Any], *, offers: Offers) -> None:
        super().__init__(data)
        self.fields["view"] = forms.ChoiceField(required=False, choices=self.views, widget=forms.HiddenInput)
        for name, offered in offers.items():
            cast(forms.ChoiceField, self.fields[name]).choices = [("", "全部"), *offered]
        self.is_valid()  # leaves the values that are offered, whatever stands beside them

    @property
    def shown_as(self) -> str:
        return self.cleaned_data.get("view") or self.views[0][0]

    @property
    def shown(self) -> list[forms.BoundField]:
        """The filters that have something to choose."""
        fields = (self[name] for name in self.values)
        return [field for field in fields if len(cast(Any, field.field).choices) > 2 or field.value()]

    @property
    def chosen(self) -> dict[str, str]:
        return {name: value for name in self.values if (value := self.cleaned_data.get(name))}

    def keeps(self, row: R) -> bool:
        return all(
            value == has if isinstance(has := self.values[name](row), str) else value in has
            for name, value in self.chosen.items()
        )


def _departments(departments: Sequence[Department | None]) -> list[tuple[str, str]]:
    named = {department.pk: department.name for department in departments if department}
    return [(str(pk), name) for pk, name in sorted(named.items())]


# What the cockpit counts of projects, as `ProjectTable` does.
PACES: Mapping[str, tuple[str, Callable[[Standing], bool]]] = {
    "overdue": ("逾期未完工", lambda row: row.is_overdue),
    "lagging": ("落后于时间进度", lambda row: row.is_lagging),
    "troubled": ("有问题待解决", lambda row: bool(row.approved and row.approved.problems)),
    "reported": ("已报投资进展", lambda row: row.spent is not None),
}


class ProjectFilterForm(FilterForm[Standing]):
    """Category, stage, department and pace of the projects."""

    views = (("table", "项目表"), ("gantt", "进度横道图"), ("money", "投资与阶段"))
    values: ClassVar[Mapping[str, Callable[[Standing], str | Sequence[str]]]] = {
        "category": lambda row: row.project.category,
        "stage": lambda row: row.stage.value,
        "department": lambda row: str(row.project.department_id or ""),
        "pace": lambda row: [pace for pace, (_, fits) in PACES.items() if fits(row)],
    }

    category = forms.ChoiceField(label="项目类别", required=False)
    stage = forms.ChoiceField(label="阶段", required=False)
    department = forms.ChoiceField(label="责任科室", required=False)
    pace = forms.ChoiceField(label="进度", required=False)

    def __init__(self, data: Mapping[str, Any], *, table: ProjectTable) -> None:
        rows = table.standings
        stages = {row.stage for row in rows}
        offers: Offers = {
            "category": [(name, name) for name in dict.fromkeys(row.project.category for row in rows) if name],
            "stage": [(stage.value, stage.label) for stage in Stage if stage in stages],
            "department": _departments([row.project.department for row in rows]),
            "pace": [(pace, word) for pace, (word, fits) in PACES.items() if any(map(fits, rows))],
        }
        super().__init__(data, offers=offers)

    def kept(self, table: ProjectTable) -> ProjectTable:
        """The table with what the filters keep of it."""
        if not self.chosen:
            return table
        rows = [row for row in table.standings if self.keeps(row)]
        keys = {row.project.pk for row in rows}
        return replace(table, standings=rows, months=[month for month in table.months if month.project_id in keys])


class WorkFilterForm(FilterForm[Task]):
    """State, section, department and date of the tasks."""

    views = (("board", "看板"), ("due", "按期限"), ("table", "按章节"))
    values: ClassVar[Mapping[str, Callable[[Task], str]]] = {
        "state": lambda task: task.item.state,
        "section": lambda task: task.top.number if task.top else "",
        "department": lambda task: str(task.item.department_id or ""),
        "due": lambda task: task.due.value,
    }

    state = forms.ChoiceField(label="状态", required=False)
    section = forms.ChoiceField(label="章节", required=False)
    department = forms.ChoiceField(label="责任科室", required=False)
    due = forms.ChoiceField(label="期限", required=False)

    def __init__(self, data: Mapping[str, Any], *, table: WorkTable) -> None:
        tasks = table.tasks
        states, dues = {task.item.state for task in tasks}, {task.due for task in tasks}
        tops = {task.top.number: str(task.top) for task in tasks if task.top}
        offers: Offers = {
            "state": [choice for choice in WorkState.choices if choice[0] in states],
            "section": list(tops.items()),
            "department": _departments([task.item.department for task in tasks]),
            "due": [(due.value, word) for due, word in DUE_WORDS.items() if due in dues],
        }
        super().__init__(data, offers=offers)

    def kept(self, table: WorkTable) -> WorkTable:
        """The table with what the filters keep of it."""
        return replace(table, tasks=[task for task in table.tasks if self.keeps(task)])
