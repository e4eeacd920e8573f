"""What people type about a month, turned into figures."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, cast

from django import forms

from indicators.figures import FigureError, format_figure, parse_actual
from projects.checks import STAGES
from projects.kinds import PROJECTS, Kind, Owner
from projects.models import Stage, WorkItem, WorkState
from projects.workflow import Entry, ProjectEntry, WorkEntry


class FigureField(forms.CharField):
    """One number as people type it (full width, thousands separators); absence in any of its spellings is None."""

    def __init__(self, *, unit: str = "", at_most: int | None = None, **kwargs: Any) -> None:
        super().__init__(required=False, strip=False, max_length=200, **kwargs)
        self.unit, self.at_most = unit, at_most

    def clean(self, value: Any) -> Any:
        try:
            figure = parse_actual(super().clean(value), unit=self.unit)
        except FigureError as error:
            raise forms.ValidationError(str(error)) from error
        if figure.value is not None and figure.value < 0:
            raise forms.ValidationError(f"{self.label}不能为负数。")
        if figure.value is not None and self.at_most is not None and figure.value > self.at_most:
            raise forms.ValidationError(
                f"{self.label}应为0～{self.at_most}，现为{format_figure(figure.value)}。是否少了小数点？"
            )
        return figure.value


class MonthForm(forms.Form):
    """One month of one project or work item, as it is typed; its inputs are `cells.Cells`."""

    carried_on: ClassVar[tuple[str, str]]  # the choice a new month begins with, and its name in the owner

    note = forms.CharField(label="说明", required=False, max_length=2000)
    version = forms.IntegerField(label="版本", required=False, min_value=0)

    def __init__(self, data: Mapping[str, Any], *, owner: Owner) -> None:
        super().__init__(data)
        self.owner = owner

    def clean_version(self) -> int | None:
        """The version the typing was based on; none and zero both mean that there was no report yet."""
        return self.cleaned_data["version"] or None

    @property
    def refusals(self) -> list[str]:
        """Why what was typed was not saved, a sentence each."""
        return [str(error) for errors in self.errors.values() for error in errors]

    @property
    def entry(self) -> Entry:
        """What was typed, as the workflow wants it; only after `is_valid()`."""
        raise NotImplementedError


class ProjectReportForm(MonthForm):
    carried_on = ("stage", "stage")

    stage = forms.ChoiceField(
        label="阶段", choices=[(Stage.UNSTATED.value, "请选择"), *((stage.value, stage.label) for stage in STAGES)]
    )
    investment_done = FigureField(label="累计完成投资", unit="万元")
    physical_progress = FigureField(label="形象进度", unit="%", at_most=100)
    problems = forms.CharField(label="存在问题", required=False, max_length=2000)
    field_order = ("stage", "investment_done", "physical_progress", "problems", "note")

    @property
    def entry(self) -> ProjectEntry:
        data = self.cleaned_data
        return ProjectEntry(
            stage=Stage(data["stage"]),
            investment_done=data["investment_done"],
            physical_progress=data["physical_progress"],
            problems=data["problems"],
            note=data["note"],
        )


class WorkReportForm(MonthForm):
    carried_on = ("work_state", "state")

    work_state = forms.ChoiceField(label="进展", choices=WorkState.choices)
    value = FigureField(label="累计完成")
    field_order = ("work_state", "value", "note")

    def __init__(self, data: Mapping[str, Any], *, owner: Owner) -> None:
        super().__init__(data, owner=owner)
        item = cast(WorkItem, owner)
        if item.is_measurable:
            cast(FigureField, self.fields["value"]).unit = item.unit
        else:
            del self.fields["value"]

    @property
    def entry(self) -> WorkEntry:
        data = self.cleaned_data
        return WorkEntry(work_state=WorkState(data["work_state"]), value=data.get("value"), note=data["note"])


def form_of(kind: Kind[Any]) -> type[MonthForm]:
    """The form for a month of this kind."""
    return ProjectReportForm if kind is PROJECTS else WorkReportForm
