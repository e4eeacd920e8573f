"""What a planner types to freeze a round."""

from __future__ import annotations

from typing import Any, cast

from django import forms

from plans.models import Plan


class SnapshotForm(forms.Form):
    """A year of the plan's rounds that is over, and what the snapshot is called."""

    year = forms.TypedChoiceField(label="数据年度", coerce=int)
    name = forms.CharField(label="名称", max_length=60, help_text="如：2024年度监测上报省厅")
    note = forms.CharField(label="说明", max_length=500, required=False)

    def __init__(self, *args: Any, plan: Plan, before: int, **kwargs: Any) -> None:
        """`before` is the running year, which has nothing to report yet."""
        super().__init__(*args, **kwargs)
        self.years = sorted(plan.rounds.filter(year__lt=before).values_list("year", flat=True), reverse=True)
        cast(forms.ChoiceField, self.fields["year"]).choices = [(year, f"{year}年") for year in self.years]
