"""The view, the year and the filters of a plan's page, kept in its address."""

from __future__ import annotations

from typing import Any, cast

from django import forms

from accounts.regions import Level
from dashboard.cockpit import SORTS
from dashboard.lags import Wanted
from dashboard.plan_pages import View
from dashboard.row_sets import RowSet, holds
from indicators.forms import YearForm
from indicators.models import Attribute
from indicators.neighbourhood import Choice, MetricLine, MetricRow
from indicators.queries import PlanTable, Row
from indicators.verdicts import VERDICT_WORDS, Light
from plans.models import Plan
from plans.periods import period_of
from projects.models import Stage

LIGHT_CHOICES = [
    (Light.RED, "■ 滞后、回落、未完成"),
    (Light.YELLOW, "▲ 轻度滞后、基本完成"),
    (Light.GREEN, "● 完成或符合预期"),
    (Light.GREY, "– 未评价"),
]


class PlanViewForm(YearForm):
    """Which view of a plan's page, and of which year; the official table where nothing else is asked."""

    view = forms.ChoiceField(required=False, choices=View.choices)

    @property
    def chosen_view(self) -> View:
        self.is_valid()
        return View(self.cleaned_data.get("view") or View.TABLE)

    @property
    def chosen_year(self) -> int | None:
        self.is_valid()
        return self.cleaned_data.get("year")

    @property
    def is_bad_year(self) -> bool:
        return "year" in self.errors


class PlanFilterForm(forms.Form):
    """Theme, attribute, light and department, and the rows that a number counts; only what occurs is offered."""

    theme = forms.ChoiceField(label="业务领域", required=False)
    attribute = forms.ChoiceField(label="属性", required=False)
    light = forms.ChoiceField(label="评价", required=False, choices=[("", "全部"), *LIGHT_CHOICES])
    verdict = forms.ChoiceField(label="具体评价", required=False)
    department = forms.ChoiceField(label="责任科室", required=False)
    rows = forms.ChoiceField(label="计入范围", required=False)

    def __init__(self, *args: Any, table: PlanTable, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.table, rows = table, table.rows
        themes = {row.indicator.theme.code: row.indicator.theme for row in rows}
        departments = {row.indicator.department for row in rows if row.indicator.department}
        attributes = {row.indicator.attribute for row in rows}
        self._offer("theme", [(theme.code, theme.name) for theme in sorted(themes.values(), key=lambda t: t.order)])
        self._offer("attribute", [choice for choice in Attribute.choices if choice[0] in attributes])
        occurring = {row.verdict for row in rows}
        self._offer("verdict", [(v.value, word) for v, word in VERDICT_WORDS.items() if v in occurring])
        self._offer("rows", RowSet.choices)
        self._offer("department", [(str(d.pk), d.name) for d in sorted(departments, key=lambda d: d.pk)])

    def _offer(self, name: str, choices: list[tuple[str, str]]) -> None:
        cast(forms.ChoiceField, self.fields[name]).choices = [("", "全部"), *choices]

    @property
    def is_used(self) -> bool:
        self.is_valid()
        return any(self.cleaned_data.values())

    @property
    def is_of_the_year(self) -> bool:
        """Whether what passes depends on how the rows stand in the data year."""
        self.is_valid()
        return any(self.cleaned_data.get(name) for name in ("light", "verdict", "rows"))

    def keeps(self, row: Row) -> bool:
        """Whether a row passes; a value that is not offered filters nothing."""
        self.is_valid()  # leaves the values that are offered, whatever stands beside them
        chosen = self.cleaned_data
        has = {
            "theme": row.indicator.theme.code,
            "attribute": row.indicator.attribute,
            "light": row.light,
            "verdict": row.verdict,
            "department": str(row.indicator.department_id or ""),
        }
        is_of_the_set = not chosen.get("rows") or holds(RowSet(chosen["rows"]), row, table=self.table)
        return is_of_the_set and all(has[name] == chosen[name] for name in has if chosen.get(name))

    def groups(self, table: PlanTable) -> list[tuple[str, list[Row]]]:
        """The rows that pass, under the heads of the official table and of the targets that stand in the text."""
        main, others = ([row for row in rows if self.keeps(row)] for rows in (table.main, table.others))
        others_head = (
            "专栏和正文中的量化目标（序号为本平台所加）" if table.main else "正文中的量化目标（序号为本平台所加）"
        )
        return [(head, rows) for head, rows in (("主要指标表", main), (others_head, others)) if rows]


# The sets that a number of an upper region counts.
REGION_ROWS = [(s.value, s.label) for s in (RowSet.NUMBER, RowSet.MET, RowSet.JUDGED, RowSet.EXCLUDED)]
SORT_CHOICES = [(f"{sign}{key}", key) for sign in ("", "-") for key in SORTS]


class CockpitForm(forms.Form):
    """What the address of a cockpit chooses: region, period, and the lists of an upper region.

    A value that means nothing chooses nothing.
    """

    region = forms.RegexField(r"^[0-9]{6}$", required=False)
    period = forms.IntegerField(required=False, min_value=1, max_value=30)
    light = forms.ChoiceField(required=False, choices=[("", ""), *LIGHT_CHOICES])
    attribute = forms.ChoiceField(required=False, choices=[("", ""), *Attribute.choices])
    theme = forms.SlugField(required=False)
    verdict = forms.ChoiceField(required=False, choices=[("", ""), *((v.value, w) for v, w in VERDICT_WORDS.items())])
    rows = forms.ChoiceField(required=False, choices=[("", ""), *REGION_ROWS])
    sort = forms.ChoiceField(required=False, choices=[("", ""), *SORT_CHOICES])
    all = forms.BooleanField(required=False)

    @property
    def chosen(self) -> dict[str, Any]:
        self.is_valid()  # leaves the values that mean something, whatever stands beside them
        return self.cleaned_data

    @property
    def period_chosen(self) -> int | None:
        return cast(int | None, self.chosen.get("period"))

    @property
    def period_in_address(self) -> str:
        return f"period={self.period_chosen}" if self.period_chosen else ""

    @property
    def wanted(self) -> Wanted:
        chosen = self.chosen
        return Wanted(
            light=chosen.get("light", ""),
            attribute=chosen.get("attribute", ""),
            theme=chosen.get("theme", ""),
            verdict=chosen.get("verdict", ""),
            rows=chosen.get("rows", ""),
            sort=chosen.get("sort") or "code",
            is_all=chosen.get("all", False),
        )


class RegionListForm(forms.Form):
    """Which rows of a region a list shows: period, plan and stage; a value that means nothing chooses nothing."""

    period = forms.IntegerField(required=False, min_value=1, max_value=30)
    plan = forms.SlugField(required=False)
    stage = forms.ChoiceField(required=False, choices=[("", ""), *Stage.choices])

    @property
    def chosen(self) -> dict[str, Any]:
        self.is_valid()
        return self.cleaned_data

    def kept(self, plans: list[Plan]) -> list[Plan]:
        """The plans of the period, or the one chosen."""
        period, code = self.chosen.get("period"), self.chosen.get("plan")
        of_period = [plan for plan in plans if not period or period_of(plan.start_year).number == period]
        return [plan for plan in of_period if not code or plan.code == code]


class MetricSearchForm(forms.Form):
    """The list of metrics by name and theme; only themes that occur are offered."""

    q = forms.CharField(label="指标名称", required=False, max_length=100)
    theme = forms.ChoiceField(label="业务领域", required=False)

    def __init__(self, *args: Any, lines: list[MetricLine], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        themes = {line.metric.theme.code: line.metric.theme.name for line in lines}  # the lines stand in their order
        cast(forms.ChoiceField, self.fields["theme"]).choices = [("", "全部"), *themes.items()]

    @property
    def is_used(self) -> bool:
        self.is_valid()
        return any(self.cleaned_data.values())

    def kept(self, lines: list[MetricLine]) -> list[MetricLine]:
        """The lines that pass; a value that is not offered filters nothing."""
        self.is_valid()
        text, theme = (self.cleaned_data.get(name, "") for name in ("q", "theme"))
        return [line for line in lines if theme in ("", line.metric.theme.code) and line.is_called(text)]


class CompareForm(forms.Form):
    """Which plans of one metric stand side by side, and in which year; only what occurs is offered."""

    period = forms.ChoiceField(label="规划期", required=False)
    year = forms.TypedChoiceField(label="数据年度", required=False, coerce=int, empty_value=None)
    level = forms.ChoiceField(label="级别", required=False)
    region = forms.MultipleChoiceField(label="地区", required=False, widget=forms.CheckboxSelectMultiple)

    def __init__(self, *args: Any, rows: list[MetricRow], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        spans = {row.span for row in rows}
        self._periods = {
            f"{start}-{end}": (start, end)
            for start, end in sorted(spans, reverse=True)
            if not any(a <= start and end <= b for a, b in spans - {(start, end)})
        }
        years = sorted({year for row in rows for year in row.indicator.plan.years}, reverse=True)
        levels = {row.region.level for row in rows}
        self._offer("period", "全部", [(key, f"{start}—{end}年") for key, (start, end) in self._periods.items()])
        self._offer("year", "各规划最新", [(str(year), f"{year}年") for year in years])
        self._offer("level", "全部", [choice for choice in Level.choices if choice[0] in levels])
        regions = {row.region.code: row.region.name for row in rows}
        cast(forms.MultipleChoiceField, self.fields["region"]).choices = list(regions.items())

    def _offer(self, name: str, everything: str, choices: list[tuple[str, str]]) -> None:
        cast(forms.ChoiceField, self.fields[name]).choices = [("", everything), *choices]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        period, year = self._periods.get(data.get("period", "")), data.get("year")
        if period and year and not period[0] <= year <= period[1]:
            data["year"] = None
            self.add_error(None, "所选年度不在所选规划期内，已按各规划最新数据年度显示。")
        return data

    @property
    def choice(self) -> Choice:
        """What is to be compared; a value that is not offered, or does not fit, asks for nothing."""
        self.is_valid()
        data = self.cleaned_data
        return Choice(
            period=self._periods.get(data.get("period", "")),
            year=data.get("year"),
            level=data.get("level", ""),
            regions=frozenset(data.get("region", ())),
        )
