"""What people type about a month, turned into figures."""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any, ClassVar, cast

from django import forms

from indicators.figures import FigureError, format_figure, parse_actual
from projects.checks import STAGES
from projects.kinds import PROJECTS, Kind, Owner
from projects.models import MonthlyReport, Stage, WorkItem, WorkState
from projects.months import Month
from projects.workflow import Entry, ProjectEntry, WorkEntry


class FigureField(forms.CharField):
    """One number as people type it (full width, thousands separators); absence in any of its spellings is None."""

    def __init__(self, *, unit: str = "", at_most: int | None = None, **kwargs: Any) -> None:
        widget = forms.TextInput({"class": "num", "inputmode": "decimal"})
        super().__init__(required=False, strip=False, max_length=200, widget=widget, **kwargs)
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
    """One month of one project or work item; its fields stand in a table row, outside the form element `form_id`."""

    carried_on: ClassVar[tuple[str, str]]  # the choice a new month begins with, and its name in the owner

    note = forms.CharField(label="说明", required=False, max_length=2000)
    version = forms.IntegerField(label="版本", required=False, min_value=0, widget=forms.HiddenInput)

    def __init__(
        self,
        data: Mapping[str, Any] | None = None,
        *,
        owner: Owner,
        month: Month,
        stored: MonthlyReport | None = None,
        previous: MonthlyReport | None = None,
    ) -> None:
        choice, standing = self.carried_on
        carried = {choice: getattr(previous, choice, getattr(owner, standing))}
        initial = carried if stored is None else _shown(self, stored)
        super().__init__(data, initial=initial, auto_id=f"%s-{owner.pk}")
        self.form_id = f"month-{owner.pk}"
        for name, field in self.fields.items():
            if name != "version":
                field.widget.attrs |= {
                    "form": self.form_id,
                    "aria-label": f"{owner.name} {month}{field.label}",
                    "aria-describedby": f"status-{owner.pk}",
                    "autocomplete": "off",
                }

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


def _shown(form: MonthForm, stored: MonthlyReport) -> dict[str, Any]:
    """What the inputs show before anything is typed: the stored month."""
    values = {name: getattr(stored, name, None) for name in form.base_fields}
    return {
        name: format_figure(value.normalize()) if isinstance(value, Decimal) else value
        for name, value in values.items()
    }


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

    def __init__(self, data: Mapping[str, Any] | None = None, *, owner: Owner, **kwargs: Any) -> None:
        super().__init__(data, owner=owner, **kwargs)
        item = cast(WorkItem, owner)
        if item.is_measurable:
            cast(FigureField, self.fields["value"]).unit = item.unit
        else:
            del self.fields["value"]

    @property
    def entry(self) -> WorkEntry:
        data = self.cleaned_data
        return WorkEntry(work_state=WorkState(data["work_state"]), value=data.get("value"), note=data["note"])


def month_form(kind: Kind[Any], data: Mapping[str, Any] | None = None, **about: Any) -> MonthForm:
    """The form for one month of this kind; `about` is what MonthForm asks for."""
    form = ProjectReportForm if kind is PROJECTS else WorkReportForm
    return form(data, **about)


class ChosenForm(forms.Form):
    """Rows ticked on a review page, each as "key:version", so that what changed since is not decided on."""

    def __init__(self, ticked: list[str]) -> None:
        super().__init__({})
        self.ticked = ticked
        self.chosen: dict[int, int] = {}

    def clean(self) -> None:
        for text in self.ticked:
            if not re.fullmatch(r"[0-9]{1,18}:[0-9]{1,9}", text):
                raise forms.ValidationError("所选内容不完整，请刷新页面后重新勾选。")
            pk, _, version = text.partition(":")
            self.chosen[int(pk)] = int(version)
        if not self.chosen:
            raise forms.ValidationError("请先勾选要通过的各项。")
