"""Which report is asked for, and what comes with an uploaded template."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any, cast

from django import forms
from django.db.models import QuerySet

from accounts.models import Region, User
from accounts.permissions import Permission
from indicators.queries import data_year
from plans.models import Plan, Round
from reports.models import ReportKind
from reports.word.content import kinds_of


class PlanAskedForm(forms.Form):
    """The plan of a report: of those whose figures this person may export; the first where none is named."""

    plan: forms.ModelChoiceField[Plan] = forms.ModelChoiceField(
        label="规划", queryset=None, to_field_name="code", empty_label=None, required=False
    )

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = cast("forms.ModelChoiceField[Plan]", self.fields["plan"])
        plans = Plan.objects.visible_to(user, Permission.EXPORT)
        field.queryset = plans.select_related("region", "source", "policy")

    @property
    def plans(self) -> QuerySet[Plan]:
        queryset = cast("forms.ModelChoiceField[Plan]", self.fields["plan"]).queryset
        return cast("QuerySet[Plan]", queryset)


class ReportForm(forms.Form):
    """The kind and the data year of a report of a plan; what is not offered is refused."""

    kind = forms.TypedChoiceField(label="报告", coerce=ReportKind, required=False, empty_value=None)
    year = forms.TypedChoiceField(label="数据年度", coerce=int, required=False, empty_value=None)

    def __init__(self, *args: Any, plan: Plan, on: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._plan, self._on = plan, on
        kinds, years = kinds_of(plan), cast(forms.TypedChoiceField, self.fields["year"])
        cast(forms.TypedChoiceField, self.fields["kind"]).choices = [(kind.value, kind.label) for kind in kinds]
        years.choices = [(year, f"{year}年") for year in plan.years]
        self.initial = {"kind": kinds[0].value, "year": data_year(plan, on=on)}

    @property
    def chosen(self) -> tuple[ReportKind, int]:
        """What is asked for; by itself the monitoring report of the last year that has figures."""
        data = self.cleaned_data if self.is_valid() else {}
        kind = data.get("kind") or kinds_of(self._plan)[0]
        return kind, data.get("year") or cast(int, self.initial["year"])


class TemplateUploadForm(forms.Form):
    """A template for one kind of report of one region; what the file really is, is found out after the form."""

    region: forms.ModelChoiceField[Region] = forms.ModelChoiceField(
        label="行政区划", queryset=None, to_field_name="code", empty_label=None
    )
    kind = forms.TypedChoiceField(label="报告", coerce=ReportKind, choices=ReportKind.choices)
    file = forms.FileField(
        label="模板（.docx）",
        max_length=255,
        allow_empty_file=True,
        error_messages={"required": "请选择要上传的模板。"},
    )

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = cast("forms.ModelChoiceField[Region]", self.fields["region"])
        field.queryset = Region.objects.visible_to(user, Permission.MANAGE_PEOPLE)


class BulletinForm(forms.Form):
    """The data year of a bulletin; only years with an open round are offered, the newest by itself."""

    year = forms.TypedChoiceField(label="数据年度", coerce=int, required=False, empty_value=None)

    def __init__(self, *args: Any, rounds: QuerySet[Round], on: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        opened = rounds.filter(opens_on__lte=on).order_by("-year").values_list("year", flat=True)
        self.years: Sequence[int] = list(dict.fromkeys(opened))
        cast(forms.TypedChoiceField, self.fields["year"]).choices = [(year, f"{year}年") for year in self.years]

    @property
    def chosen_year(self) -> int | None:
        """The year asked for, else the newest that is over or under way; None where no round has opened."""
        asked = self.cleaned_data["year"] if self.is_valid() else None
        return asked or next(iter(self.years), None)
