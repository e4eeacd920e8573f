"""What the page 报表 asks: which table, of which plans, as of when."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

from django import forms

from accounts.models import Region, User
from accounts.permissions import Permission
from indicators.neighbourhood import by_theme, compared_metrics
from plans.models import Plan
from reports.tables.choices import FileChoice
from reports.tables.kinds import KINDS

FIRST = "completion"
_CODE = re.compile(r"[-a-zA-Z0-9_]{1,50}")


class CodesField(forms.MultipleChoiceField):
    """Codes that need not be among those offered: a plan that is not theirs is answered with 404, not with a list."""

    def valid_value(self, value: Any) -> bool:
        return bool(_CODE.fullmatch(str(value)))


class CodeField(forms.ChoiceField):
    """The same of one code."""

    def valid_value(self, value: Any) -> bool:
        return bool(_CODE.fullmatch(str(value)))


class FileForm(forms.Form):
    """A table of plans, by the names that the address of the page keeps."""

    table = forms.ChoiceField(choices=[(code, kind.title) for code, kind in KINDS.items()], required=False)
    region = CodeField(label="地区及其下级", required=False)
    year = forms.IntegerField(label="数据年度", required=False, min_value=1950, max_value=2100)
    month = forms.IntegerField(label="月份", required=False, min_value=1, max_value=12)
    metric = CodeField(label="指标", required=False)
    state = forms.ChoiceField(
        label="数据状态", required=False, choices=[("", "含未审核的（带＊）"), ("approved", "只含已审核的")]
    )
    plan = CodesField(label="规划", required=False, widget=forms.CheckboxSelectMultiple)

    @property
    def table_chosen(self) -> str:
        """The table of the page, whatever else of the address is wrong."""
        self.is_valid()
        return self.cleaned_data.get("table") or FIRST

    @property
    def choice(self) -> FileChoice:
        """The file asked for; only of a form that is valid."""
        data = self.cleaned_data
        return FileChoice(
            table=data["table"] or FIRST,
            plans=tuple(dict.fromkeys(data["plan"])),
            region=data["region"],
            year=data["year"],
            month=data["month"],
            metric=data["metric"],
            approved_only=data["state"] == "approved",
        )

    @property
    def said_wrong(self) -> str:
        """What cannot be read in the address, in a sentence."""
        names = {"table": "报表", **{name: str(field.label) for name, field in self.fields.items() if field.label}}
        return "、".join(names[name] for name in self.errors) + "填写有误，请重新选择。" if self.errors else ""


@dataclass(frozen=True, slots=True)
class Offers:
    """What a person may choose from: the plans they may export, their regions, the years of these."""

    plans: Sequence[Plan]
    regions: Sequence[Region]
    works_there: bool  # sees figures under review of one of them

    @property
    def years(self) -> list[int]:
        return sorted({year for plan in self.plans for year in plan.years}, reverse=True)


def offers_to(user: User) -> Offers:
    plans = Plan.objects.visible_to(user, Permission.EXPORT).select_related("region")
    regions = Region.objects.visible_to(user, Permission.EXPORT).filter(
        level__in=("country", "province", "prefecture", "county")
    )
    return Offers(
        plans=list(plans.order_by("region__code", "-start_year", "code")),
        regions=list(regions),
        works_there=user.can(Permission.SEE_UNAPPROVED),
    )


def form_for(user: User, data: Mapping[str, Any], offers: Offers) -> FileForm:
    """The form with only the fields that the chosen table asks for, and what this person may choose in them."""
    form = FileForm(data)
    kind = KINDS[form.table_chosen]
    _offer(form, "plan", [(plan.code, f"{plan.region.name}　{plan.short_title}") for plan in offers.plans])
    _offer(form, "region", [("", "不按地区选"), *((region.code, region.name) for region in offers.regions)])
    years = [(str(year), f"{year}年") for year in offers.years]
    form.fields["year"].widget = forms.Select(choices=[("", "最新" if kind.asks_month else "各规划最新"), *years])
    form.fields["month"].widget = forms.Select(
        choices=[("", "年末或最新"), *((str(month), f"{month}月") for month in range(1, 13))]
    )
    if kind.asks_metric:
        groups = by_theme(compared_metrics(user))
        named = [
            (theme.name, [(line.metric.code, f"{line.metric.name}（{line.plans}个规划）") for line in lines])
            for theme, lines in groups
        ]
        _offer(form, "metric", [("", "请选择"), *named])
    return form


def _offer(form: FileForm, name: str, choices: Sequence[Any]) -> None:
    cast(forms.ChoiceField, form.fields[name]).choices = choices


def shown_fields(form: FileForm, offers: Offers) -> list[forms.BoundField]:
    """The fields beside the plans that the chosen table asks for."""
    kind = KINDS[form.table_chosen]
    asked = {
        "metric": kind.asks_metric,
        "region": len(offers.regions) > 1,
        "year": kind.asks_year,
        "month": kind.asks_month,
        "state": kind.asks_state and offers.works_there,
    }
    return [form[name] for name, is_asked in asked.items() if is_asked]
