"""What a planner types into a draft: the table it begins with, the facts, a row, the answers, the choices."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any, ClassVar, cast

from django import forms

from accounts.models import Region, User
from accounts.permissions import Permission
from indicators.figures import FigureError, format_figure, parse_actual
from indicators.models import DIRECTION_WORDS, KIND_WORDS, Attribute, Indicator, words_of
from plans.forms import day_field
from plans.models import Plan
from projects.forms import FigureField
from projects.models import Stage
from reports.drafts.answers import put_baseline, read_target
from reports.drafts.content import Content, DraftDoubt, DraftProject, DraftRow, Facts
from reports.drafts.workflow import Choice

MOST_PASTED = 2_000_000  # characters; with Chinese in UTF-8 about what a request may hold
_CODE = r"^[a-z0-9][a-z0-9-]{0,49}$"


class VersionForm(forms.Form):
    """The version of the draft that was on the screen."""

    version = forms.IntegerField(min_value=1, max_value=2_000_000_000, widget=forms.HiddenInput)


class FactsForm(forms.Form):
    """The plan and the document it stands in."""

    title = forms.CharField(label="规划名称", max_length=200)
    short_title = forms.CharField(label="简称", max_length=50, help_text="例如 老河口“十五五”")
    start_year = forms.IntegerField(label="起始年", min_value=1950, max_value=2100)
    end_year = forms.IntegerField(label="结束年", min_value=1950, max_value=2100)
    source_title = forms.CharField(
        label="来源文件标题", max_length=200, required=False, help_text="不填则与规划名称相同"
    )
    publisher = forms.CharField(label="发布机构", max_length=100, required=False, help_text="不填则为本级民政部门")
    published_on = day_field("公开日期")
    document_number = forms.CharField(label="文号", max_length=100, required=False)
    is_excerpt = forms.BooleanField(label="只有节选或解读", required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["published_on"].required = False

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        start, end = data.get("start_year"), data.get("end_year")
        if start and end and end - start not in (0, 4):
            self.add_error("end_year", "五年规划应跨五个年度，年度工作要点应为一个年度。")
        return data

    def facts(self, *, region: Region, code: str) -> Facts:
        """Only after `is_valid()`."""
        data = self.cleaned_data
        published: date | None = data["published_on"]
        return Facts(
            title=data["title"],
            short_title=data["short_title"],
            start_year=data["start_year"],
            end_year=data["end_year"],
            code=code,
            source_title=data["source_title"] or data["title"],
            publisher=data["publisher"] or region.bureau_name,
            published_on=published.isoformat() if published else "",
            document_number=data["document_number"],
            is_excerpt=data["is_excerpt"],
        )


class DraftFactsForm(FactsForm, VersionForm):
    """The facts of a draft that is there, its code too."""

    code = forms.RegexField(
        _CODE,
        label="代码",
        help_text="小写字母、数字和连字符，例如 laohekou-15",
        error_messages={"invalid": "请用小写字母、数字和连字符，例如 laohekou-15。"},
    )
    field_order = ("title", "short_title", "code", "start_year", "end_year")


class TableForm(forms.Form):
    """A table: a file, what a browser pasted as HTML, or what was typed or pasted as text."""

    file = forms.FileField(label="文件（.xlsx 或 .docx）", required=False, max_length=255, allow_empty_file=True)
    pasted_html = forms.CharField(required=False, widget=forms.HiddenInput, max_length=MOST_PASTED, strip=False)
    pasted = forms.CharField(
        label="或者粘贴表格",
        required=False,
        max_length=MOST_PASTED,
        strip=False,
        widget=forms.Textarea(attrs={"rows": 4, "data-paste-table": "pasted_html"}),
        help_text="从网页、Excel 或 WPS 复制整张表，连同表头粘贴到这里",
    )

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if not self.errors and not data.get("file") and not self._has_paste(data):
            self.add_error("file", "请选择文件，或者粘贴表格。")
        return data

    @staticmethod
    def _has_paste(data: Mapping[str, Any]) -> bool:
        return bool((data.get("pasted_html") or data.get("pasted") or "").strip())


class StartForm(TableForm, FactsForm):
    """A draft's beginning: a table, a region of the planner's, the facts."""

    region: forms.ModelChoiceField[Region] = forms.ModelChoiceField(
        None, label="行政区划", to_field_name="code", empty_label=None
    )
    field_order = ("file", "pasted", "region", "title", "short_title", "start_year", "end_year")

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = cast("forms.ModelChoiceField[Region]", self.fields["region"])
        field.queryset = Region.objects.visible_to(user, Permission.PLAN).order_by("code")


class ProjectsForm(TableForm, VersionForm):
    """A table of projects for a draft that is there."""


class RollForm(forms.Form):
    """What goes on into the next plan."""

    title = forms.CharField(label="规划名称", max_length=200)
    short_title = forms.CharField(label="简称", max_length=50)
    rows: forms.ModelMultipleChoiceField[Indicator] = forms.ModelMultipleChoiceField(
        None, label="接续的指标", error_messages={"required": "请至少选择一行指标。"}
    )
    proposes = forms.BooleanField(
        label="按上一期趋势提出目标建议值", required=False, help_text="建议值逐行列为疑问，确认或改填后才能发布"
    )

    def __init__(self, *args: Any, user: User, plan: Plan, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        rows = cast("forms.ModelMultipleChoiceField[Indicator]", self.fields["rows"])
        rows.queryset = Indicator.objects.visible_to(user, Permission.PLAN).filter(plan=plan)


# ---- Answers and choices on the preview


def answers_sent(data: Mapping[str, str], content: Content) -> dict[str, str]:
    """What was typed or chosen for each open doubt; a text goes before a choice."""
    found = {}
    for doubt in content.open_doubts:
        typed = data.get(f"{doubt.key}-text", "").strip() or data.get(doubt.key, "").strip()
        if typed:
            found[doubt.key] = typed[:500]
    return found


def choices_sent(
    data: Mapping[str, str],
    content: Content,
    *,
    themes: Sequence[int],
    metrics: Sequence[int],
    departments: Sequence[int],
) -> dict[str, Choice]:
    """Theme, metric and department of each row that was on the page; a key that is not offered counts as none."""
    found = {}
    for row in content.kept_rows:
        if f"{row.key}-theme" not in data:
            continue
        metric = data.get(f"{row.key}-metric", "")
        found[row.key] = Choice(
            theme=_one_of(data.get(f"{row.key}-theme", ""), themes),
            metric=0 if metric == "0" else _one_of(metric, metrics),
            department=_one_of(data.get(f"{row.key}-department", ""), departments),
        )
    return found


def _one_of(typed: str, offered: Sequence[int]) -> int | None:
    return int(typed) if re.fullmatch(r"[0-9]{1,18}", typed) and int(typed) in offered else None


# ---- One row


class NumberField(forms.CharField):
    """A figure by the portal's own parser; empty is none."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(required=False, max_length=100, **kwargs)

    def clean(self, value: Any) -> Decimal | None:
        text = super().clean(value)
        try:
            return parse_actual(text).value if text else None
        except FigureError as error:
            raise forms.ValidationError(str(error)) from error


class LineForm(VersionForm):
    """What both kinds of line have: whether it stays, and whether its doubts are answered by what it now says."""

    saved_by: ClassVar[str]  # the name of the address
    line: DraftRow | DraftProject
    draft: Content

    is_left_out = forms.BooleanField(label="不发布这一行", required=False)
    looked_at = forms.BooleanField(label="本行的疑问已按上面的内容核对", required=False)

    @property
    def doubts(self) -> list[DraftDoubt]:
        """The open ones about this line."""
        return self.draft.doubts_of(self.line.key) if self.line.key else []


class RowForm(LineForm):
    """One indicator of a draft; targets by year, each as it would be printed."""

    saved_by = "draft_row_save"

    number = forms.CharField(label="序号", max_length=20)
    name = forms.CharField(label="指标", max_length=100)
    printed_name = forms.CharField(label="印制名称", max_length=100, required=False, help_text="与指标名称不同时填写")
    unit = forms.CharField(label="单位", max_length=20, required=False)
    parent = forms.ChoiceField(label="上级指标（其中）", required=False)
    after = forms.ChoiceField(label="排在哪一行之后", required=False)
    is_group = forms.BooleanField(label="由下级行填报", required=False)
    attribute = forms.ChoiceField(label="属性", choices=Attribute.choices)
    kind = forms.ChoiceField(label="类型", choices=words_of(KIND_WORDS))
    direction = forms.ChoiceField(label="方向", choices=words_of(DIRECTION_WORDS))
    decimals = forms.IntegerField(label="小数位数", min_value=0, max_value=4)
    baseline_year = forms.IntegerField(label="基期年", required=False, min_value=1950, max_value=2100)
    baseline = forms.CharField(label="基期值", required=False, max_length=100, strip=False)
    theme = forms.TypedChoiceField(label="业务领域", coerce=int, empty_value=None)
    metric = forms.TypedChoiceField(label="指标库条目", required=False, coerce=int, empty_value=None)
    department = forms.TypedChoiceField(label="责任科室", required=False, coerce=int, empty_value=None)
    hard_minimum = NumberField(label="不得低于")
    hard_maximum = NumberField(label="不得高于")
    change_limit = NumberField(label="比上年变动上限（%）")
    definition = forms.CharField(label="定义与口径", required=False, widget=forms.Textarea(attrs={"rows": 2}))
    remark = forms.CharField(label="备注", required=False, widget=forms.Textarea(attrs={"rows": 2}))

    def __init__(self, *args: Any, row: DraftRow, content: Content, offered: Mapping[str, Any], **kwargs: Any) -> None:
        self.line = self.row = row
        self.draft = content
        kwargs["initial"] = self._initial() | kwargs.pop("seen")
        super().__init__(*args, **kwargs)
        years = sorted({*(target.year for target in row.targets), *content.facts.years})
        self.target_names = {f"target_{year}": year for year in years}
        for name, year in self.target_names.items():
            there = row.target(year)
            self.fields[name] = forms.CharField(
                label=f"{year}年目标",
                required=False,
                max_length=100,
                strip=False,
                initial=there.shown(row.kind) if there else "",
            )
        others = [(other.key, other.label) for other in content.kept_rows if other.key != row.key]
        self._offer("parent", [("", "没有上级"), *others])
        self._offer("after", [("", "最后"), *others])
        if row.key:
            del self.fields["after"]
        self.order_fields([*list(self.fields)[:16], *self.target_names])
        for name in ("theme", "metric", "department"):
            self._offer(name, [("", "请选择" if name == "theme" else "—"), *offered[name]])

    def _offer(self, name: str, choices: list[tuple[Any, str]]) -> None:
        cast(forms.ChoiceField, self.fields[name]).choices = choices

    def _initial(self) -> dict[str, Any]:
        row = self.row
        named = "number name printed_name unit parent is_group attribute kind direction decimals baseline_year"
        plain = {name: getattr(row, name) for name in f"{named} theme metric department definition remark".split()}
        bounds = {name: format_figure(getattr(row, name)) for name in ("hard_minimum", "hard_maximum", "change_limit")}
        return {**plain, **bounds, "baseline": row.baseline_shown, "is_left_out": row.is_left_out}

    @property
    def target_fields(self) -> list[forms.BoundField]:
        return [self[name] for name in self.target_names]

    def clean(self) -> dict[str, Any]:
        """The row as it would be; figures that were not touched stay as they were understood."""
        data = super().clean() or self.cleaned_data
        if self.errors:
            return data
        row = replace(self.row, targets=list(self.row.targets))
        for name in ("number", "name", "printed_name", "unit", "parent", "is_group", "attribute", "kind", "direction"):
            setattr(row, name, data[name])
        for name in ("decimals", "theme", "metric", "department", "definition", "remark", "is_left_out"):
            setattr(row, name, data[name])
        for name in ("hard_minimum", "hard_maximum", "change_limit"):
            setattr(row, name, data[name])
        row.theme_confirmed, row.metric_decided = True, True
        self._read_baseline(row, data)
        for name, year in self.target_names.items():
            if data[name].strip() != (self.fields[name].initial or ""):
                self._read_target(row, name, year, data[name])
        if row.hard_minimum is not None and row.hard_maximum is not None and row.hard_minimum >= row.hard_maximum:
            self.add_error("hard_maximum", "“不得低于”应小于“不得高于”。")
        self.made = row
        return data

    def _read_baseline(self, row: DraftRow, data: Mapping[str, Any]) -> None:
        if data["baseline"].strip() == self.row.baseline_shown:
            row.baseline_year = data["baseline_year"]
        else:
            try:
                put_baseline(row, data["baseline"], year=data["baseline_year"])
            except FigureError as error:
                self.add_error("baseline", str(error))
        if row.baseline_value is not None and row.baseline_year is None:
            self.add_error("baseline_year", "有基期值就要有基期年。")

    def _read_target(self, row: DraftRow, name: str, year: int, text: str) -> None:
        try:
            target = read_target(text, unit=row.unit, year=year) if text.strip() else None
        except FigureError as error:
            self.add_error(name, str(error))
            return
        row.targets = [other for other in row.targets if other.year != year]
        if target is not None:
            row.put_target(target)


class ProjectForm(LineForm):
    """One project of a draft; money in 万元."""

    saved_by = "draft_project_save"

    number = forms.CharField(label="序号", max_length=20)
    name = forms.CharField(label="项目名称", max_length=100)
    printed_name = forms.CharField(label="印制名称", max_length=100, required=False, help_text="与项目名称不同时填写")
    category = forms.CharField(label="项目类别", max_length=100, required=False)
    location = forms.CharField(label="建设地点", max_length=100, required=False)
    total_investment = FigureField(label="总投资（万元）", unit="万元")
    start_year = forms.IntegerField(label="开工年", required=False, min_value=1950, max_value=2100)
    end_year = forms.IntegerField(label="完工年", required=False, min_value=1950, max_value=2100)
    years_text = forms.CharField(label="建设起止年限（印制）", max_length=50, required=False)
    stage = forms.ChoiceField(label="阶段", choices=Stage.choices)
    stage_text = forms.CharField(label="进展情况（印制）", max_length=50, required=False)
    units = forms.CharField(label="实施单位", required=False, help_text="多个用顿号隔开")
    funding_sources = forms.CharField(label="资金来源", required=False, help_text="多个用顿号隔开")
    content = forms.CharField(label="建设内容及功能", required=False, widget=forms.Textarea(attrs={"rows": 3}))
    remark = forms.CharField(label="备注", required=False, widget=forms.Textarea(attrs={"rows": 2}))

    NAMES = (
        "number", "name", "printed_name", "category", "location", "total_investment", "start_year", "end_year",
        "years_text", "stage", "stage_text", "content", "remark", "is_left_out",
    )  # fmt: skip

    def __init__(self, *args: Any, project: DraftProject, content: Content, **kwargs: Any) -> None:
        self.line = self.project = project
        self.draft = content
        initial = {name: getattr(project, name) for name in self.NAMES}
        initial["total_investment"] = format_figure(project.total_investment)
        initial |= {name: "、".join(getattr(project, name)) for name in ("units", "funding_sources")}
        kwargs["initial"] = initial | kwargs.pop("seen")
        super().__init__(*args, **kwargs)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if data.get("start_year") and data.get("end_year") and data["start_year"] > data["end_year"]:
            self.add_error("end_year", "开工年不能晚于完工年。")
        return data

    @property
    def made(self) -> DraftProject:
        """The project as it would be; only after `is_valid()`."""
        data = self.cleaned_data
        made = replace(self.project, units=_names(data["units"]), funding_sources=_names(data["funding_sources"]))
        for name in self.NAMES:
            setattr(made, name, data[name])
        return made


def _names(text: str) -> list[str]:
    return list(dict.fromkeys(name for part in text.split("、") if (name := part.strip())))
