"""What a planner types about a round: its plans and year, its dates, and an extension."""

from __future__ import annotations

from collections import defaultdict
from datetime import date
from typing import Any, cast

from django import forms
from django.core.validators import MaxValueValidator, MinValueValidator

from accounts.models import Department, Region, User
from accounts.permissions import Permission
from plans.models import Plan, Round

EARLIEST, LATEST = date(2000, 1, 1), date(2100, 12, 31)
IN_OUR_TIME = "日期应在2000年至2100年之间。"


def day_field(label: str, *, help_text: str = "") -> forms.DateField:
    """A day of our time: a mistyped century would keep a round open for ever."""
    return forms.DateField(
        label=label,
        help_text=help_text,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        validators=[MinValueValidator(EARLIEST, IN_OUR_TIME), MaxValueValidator(LATEST, IN_OUR_TIME)],
    )


class DatesForm(forms.Form):
    """From which day to which figures may be entered; the last day counts in full."""

    opens_on = day_field("开放日期")
    due_on = day_field("截止日期", help_text="当日24时（北京时间）前均可填报")

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if data.get("opens_on") and data.get("due_on") and data["opens_on"] > data["due_on"]:
            self.add_error("due_on", "开放日期不能晚于截止日期。")
        return data


class RoundChangeForm(DatesForm):
    """New dates, with those on which the decision rests (the page writes them as the round then stands)."""

    seen_opens_on = forms.DateField(widget=forms.HiddenInput)
    seen_due_on = forms.DateField(widget=forms.HiddenInput)

    @property
    def seen(self) -> tuple[date, date]:
        """The dates the person saw; only after `is_valid()`."""
        return self.cleaned_data["seen_opens_on"], self.cleaned_data["seen_due_on"]


class RoundOpenForm(DatesForm):
    """One plan of the planner's regions, or all plans of one region that cover the year."""

    scope = forms.ChoiceField(label="规划")
    year = forms.IntegerField(label="数据年度", min_value=1950, max_value=2100)
    field_order = ("scope", "year", "opens_on", "due_on")

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._plans: defaultdict[str, list[Plan]] = defaultdict(list)  # by the choice that stands for them
        names: dict[Region, list[tuple[str, str]]] = {}
        plans = Plan.objects.visible_to(user, Permission.PLAN).select_related("region")
        for plan in plans.order_by("region__code", "-end_year", "code"):
            every, this = f"region:{plan.region.code}", f"plan:{plan.code}"
            for choice in (every, this):
                self._plans[choice].append(plan)
            offered = names.setdefault(plan.region, [(every, f"{plan.region.name}：该年度的全部规划")])
            offered.append((this, plan.short_title))
        choices = [("", "请选择"), *((region.name, theirs) for region, theirs in names.items())]
        cast(forms.ChoiceField, self.fields["scope"]).choices = choices

    @property
    def has_plans(self) -> bool:
        return bool(self._plans)

    @property
    def plans(self) -> list[Plan]:
        """The chosen plans that cover the year; only after `is_valid()`."""
        return [plan for plan in self._plans[self.cleaned_data["scope"]] if self.cleaned_data["year"] in plan.years]

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        if data.get("scope") and data.get("year") and not self.plans:
            chosen = self._plans[data["scope"]]
            spans = "、".join(f"{plan}为{plan.start_year}～{plan.end_year}年" for plan in chosen)
            self.add_error("year", f"没有覆盖{data['year']}年的规划：{spans}。")
        return data


class ExtensionForm(forms.Form):
    """Until when late entry is allowed, for whom, and why."""

    department: forms.ModelChoiceField[Department] = forms.ModelChoiceField(
        None, label="科室", required=False, empty_label="全部科室"
    )
    until = day_field("延至", help_text="当日24时（北京时间）前均可填报")
    reason = forms.CharField(label="理由", max_length=200)

    def __init__(self, *args: Any, round_: Round, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        departments = cast("forms.ModelChoiceField[Department]", self.fields["department"])
        departments.queryset = round_.plan.region.departments.all()
