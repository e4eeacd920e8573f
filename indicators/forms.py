"""What people type, turned into figures. Page, API and import use the same forms."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import fields
from datetime import date
from decimal import Decimal
from typing import Any, ClassVar, cast

from django import forms
from django.db.models import QuerySet

from indicators.definitions import Promise
from indicators.figures import Absence, FigureError, Operator, format_figure, parse_actual
from indicators.models import JUDGEMENT_WORDS, AbsenceReason, Availability, FigureKind, Indicator
from indicators.moves import Move
from indicators.parts import computed_from
from indicators.reminders import Duty, duties_of
from indicators.reviews import Wanted
from indicators.verdicts import EXCLUDED, FINAL_WORDS, VERDICT_WORDS, WAY_WORDS, Verdict
from indicators.workflow import PARTS, Entry
from plans.models import Round

CHOSEN_LIMIT = 500  # figures approved at once

ABSENCES = {
    Absence.BLANK: Availability.UNREPORTED,
    Absence.NOT_APPLICABLE: Availability.NOT_APPLICABLE,
}  # every other sign of absence means 暂缺


# 不适用 and its reason in one choice, as the sheet offers them: "not_applicable:transferred".
REASONED_ABSENCES = [
    (f"{Availability.NOT_APPLICABLE}:{reason}", f"不适用：{AbsenceReason(reason).label}")
    for reason in AbsenceReason.values
]


class EntryForm(forms.Form):
    """One figure of one indicator and year: the text as typed, and what is said about it."""

    value = forms.CharField(label="实际值", required=False, strip=False, max_length=200)
    comparator = forms.CharField(label="对照值", required=False, strip=False, max_length=200)
    judgement = forms.ChoiceField(label="定性结论", required=False, choices=[("", "未填"), *JUDGEMENT_WORDS.items()])
    availability = forms.ChoiceField(
        label="数据情况", required=False, choices=[("", "按所填内容"), *Availability.choices, *REASONED_ABSENCES]
    )
    absence_reason = forms.ChoiceField(
        label="不适用的原因", required=False, choices=[("", "未选"), *AbsenceReason.choices]
    )
    figure_kind = forms.ChoiceField(label="数据性质", required=False, choices=[("", "不变"), *FigureKind.choices])
    note = forms.CharField(label="说明", required=False, max_length=2000)
    numerator = forms.CharField(label="分子", required=False, strip=False, max_length=200)
    denominator = forms.CharField(label="分母", required=False, strip=False, max_length=200)
    version = forms.IntegerField(label="版本", required=False, min_value=0)

    def __init__(self, *args: Any, indicator: Indicator, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.indicator = indicator

    def _figure(self, name: str) -> Decimal | None:
        typed = self.cleaned_data[name]
        try:
            figure = parse_actual(typed, unit=self.indicator.unit)
        except FigureError as error:
            raise forms.ValidationError(str(error)) from error
        self.cleaned_data[f"{name}_absence"] = figure.absence
        self.cleaned_data[f"{name}_text"] = figure.text  # without the invisible characters around it
        return figure.value

    def clean_value(self) -> str:
        self.cleaned_data["figure"] = self._figure("value")
        return str(self.cleaned_data["value"])

    def clean_comparator(self) -> Decimal | None:
        return self._figure("comparator")

    def clean_numerator(self) -> Decimal | None:
        return self._figure("numerator")

    def clean_denominator(self) -> Decimal | None:
        return self._figure("denominator")

    def clean_version(self) -> int | None:
        """The version the typing was based on; none and zero both mean that there was no figure yet."""
        return self.cleaned_data["version"] or None

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if self.errors:
            return data
        self._read_parts(data)
        has_content = data["figure"] is not None or bool(data["judgement"])
        chosen, _, reason = data["availability"].partition(":")
        data |= {"availability": chosen, "absence_reason": reason or data["absence_reason"]}
        if chosen and (chosen == Availability.REPORTED) != has_content:
            said = "已填写数据，" if has_content else "没有填写数据，"
            raise forms.ValidationError(f"{said}与数据情况“{Availability(chosen).label}”不符，请改其中一项。")
        if has_content:
            data["availability"] = Availability.REPORTED
        elif not chosen:
            data["availability"] = ABSENCES.get(data["value_absence"], Availability.MISSING)
        if data["availability"] in (Availability.MISSING, Availability.NOT_APPLICABLE):
            data["comparator"] = None
        if data["availability"] != Availability.NOT_APPLICABLE:
            data["absence_reason"] = ""
        return data

    def _read_parts(self, data: dict[str, Any]) -> None:
        """Both parts or none, and only where the dictionary names them; without a figure they make it."""
        numerator, denominator = data["numerator"], data["denominator"]
        if numerator is None and denominator is None:
            return
        factor = self.indicator.metric.parts_factor if self.indicator.metric else None
        if factor is None:
            raise forms.ValidationError("指标库没有写明这一指标的分子和分母，不能填写分子分母。")
        if numerator is None or denominator is None:
            raise forms.ValidationError("分子和分母要么都填，要么都不填。")
        computed = computed_from(numerator=numerator, denominator=denominator, factor=factor)
        if computed is None:
            raise forms.ValidationError({"denominator": "分母不能为0。"})
        if data["figure"] is None and data["value_absence"] == Absence.BLANK and not data["availability"]:
            try:
                figure = parse_actual(format_figure(computed, decimals=self.indicator.decimals))
            except FigureError as error:
                raise forms.ValidationError({"numerator": str(error)}) from error
            data |= {"figure": figure.value, "value_text": figure.text}
        if data["figure"] is None:
            raise forms.ValidationError("没有实际值的，不填分子和分母。")

    @property
    def entry(self) -> Entry:
        """What was typed, as the workflow wants it; only after `is_valid()`."""
        data = self.cleaned_data
        return Entry(
            value=data["figure"],
            text=data["value_text"] if data["figure"] is not None else "",
            comparator=data["comparator"],
            judgement=data["judgement"],
            availability=Availability(data["availability"]),
            absence_reason=AbsenceReason(data["absence_reason"]) if data["absence_reason"] else None,
            figure_kind=FigureKind(data["figure_kind"]) if data["figure_kind"] else None,
            note=data["note"],
            numerator=data["numerator"],
            denominator=data["denominator"],
            says_parts=any(name in self.data for name in PARTS),
        )


class PartsForm(forms.Form):
    """分子 and 分母 from which the year's figure is made; both are numbers, and the 分母 is not zero."""

    numerator = forms.CharField(label="分子", max_length=200, error_messages={"required": "请填写分子。"})
    denominator = forms.CharField(label="分母", max_length=200, error_messages={"required": "请填写分母。"})
    version = forms.IntegerField(label="版本", required=False, min_value=0)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        for name in PARTS:
            try:
                if name in data and parse_actual(data[name]).value is None:
                    self.add_error(name, f"{self.fields[name].label}要填数字。")
            except FigureError as error:
                self.add_error(name, str(error))
        return data


class MoveForm(forms.Form):
    """One step of the review, with the version it was decided on."""

    move = forms.ChoiceField(label="操作", choices=[c for c in Move.choices if c[0] != Move.SAVE])
    version = forms.IntegerField(label="版本", min_value=1)
    note = forms.CharField(label="理由", required=False, max_length=2000)


class EvidenceForm(forms.Form):
    """One file to put beside a figure; what it may be is the matter of evidence.attach_evidence."""

    file = forms.FileField(label="文件", allow_empty_file=True, error_messages={"required": "请选择要上传的文件。"})


class YearForm(forms.Form):
    """The data year of a page; years outside the plan are not offered."""

    year = forms.TypedChoiceField(label="数据年度", coerce=int, required=False, empty_value=None)

    def __init__(self, *args: Any, years: range, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = cast(forms.TypedChoiceField, self.fields["year"])
        field.choices = [(year, f"{year}年") for year in years]


class ReviewFilterForm(forms.Form):
    """Which figures the review shows; a broken filter is none."""

    plan = forms.SlugField(label="规划", required=False)
    year = forms.IntegerField(label="数据年度", required=False, min_value=1950, max_value=2100)
    department = forms.IntegerField(label="科室", required=False, min_value=1, max_value=2**31)
    doubtful = forms.BooleanField(label="只看有疑问", required=False)
    revised = forms.BooleanField(label="只看修订", required=False)
    choose = forms.BooleanField(label="全选没有疑问的", required=False)

    @property
    def wanted(self) -> Wanted:
        if not self.is_valid():
            return Wanted()
        return Wanted(**{field.name: self.cleaned_data[field.name] for field in fields(Wanted)})


class ChosenForm(forms.Form):
    """The figures chosen for one decision, each as "key:version" of what the reviewer saw."""

    chosen = forms.Field(widget=forms.MultipleHiddenInput, error_messages={"required": "请先勾选要通过的数据。"})

    def clean_chosen(self) -> list[tuple[int, int]]:
        sent = list(dict.fromkeys(self.cleaned_data["chosen"] or ()))
        if len(sent) > CHOSEN_LIMIT:
            raise forms.ValidationError(f"一次最多通过{CHOSEN_LIMIT}项，这次选了{len(sent)}项，请分几次办理。")
        pairs = [re.fullmatch(r"([0-9]{1,18}):([0-9]{1,9})", text) for text in sent]
        if None in pairs:
            raise forms.ValidationError("所选内容有误，请刷新页面后重新选择。")
        return [(int(pair[1]), int(pair[2])) for pair in pairs if pair]


class ShownRowsForm(forms.Form):
    """Which rows of the sheet are shown; anything else shows all."""

    SHOWN = (("", "全部"), ("unfilled", "只看未填"), ("faulty", "有误"), ("returned", "退回"), ("mine", "我科室"))

    show = forms.ChoiceField(label="显示", required=False, choices=SHOWN)

    @property
    def chosen(self) -> str:
        return self.cleaned_data["show"] if self.is_valid() else ""


class ReminderFilterForm(forms.Form):
    """Which departments' duties the page of reminders shows, of these rounds; only what occurs is offered."""

    plan = forms.ChoiceField(label="规划", required=False)
    year = forms.ChoiceField(label="数据年度", required=False)
    department = forms.ChoiceField(label="责任科室", required=False)
    state = forms.ChoiceField(
        label="报送情况",
        required=False,
        choices=[
            ("", "未报齐"),
            ("open", "未报齐，未到期"),
            ("overdue", "未报齐，已逾期"),
            ("done", "已报齐"),
            ("all", "全部"),
        ],
    )

    def __init__(self, *args: Any, rounds: QuerySet[Round], on: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        opened = rounds.filter(opens_on__lte=on).order_by("plan__region__code", "-plan__end_year", "plan", "-year")
        offered = list(opened.values_list("plan__code", "plan__region__name", "plan__short_title", "year"))
        plans = {code: f"{region} {title}" for code, region, title, _ in offered}
        years = {str(year): f"{year}年" for *_, year in sorted(offered, key=lambda row: -row[-1])}
        self._offer("plan", plans)
        self._offer("year", years)
        # plan and year narrow what is read; the rest is decided on what was read
        if (plan := self.data.get("plan")) in plans:
            rounds = rounds.filter(plan__code=plan)
        if (year := self.data.get("year")) in years:
            rounds = rounds.filter(year=int(year))
        self._duties = duties_of(rounds, on=on)
        self._offer("department", {duty.department_name: duty.department_name for duty in self._duties})

    def _offer(self, name: str, choices: dict[str, str]) -> None:
        cast(forms.ChoiceField, self.fields[name]).choices = [("", "全部"), *choices.items()]

    @property
    def chosen(self) -> dict[str, str]:
        """What is filtered by; a value that is not offered filters nothing."""
        self.is_valid()  # leaves the values that are offered, whatever stands beside them
        return {name: value for name, value in self.cleaned_data.items() if value}

    @property
    def said(self) -> str:
        """The filter in words, for a file: 数据年度：2024年；报送情况：未报齐."""
        chosen = self.chosen
        words = []
        for name, field in self.fields.items():
            offered = cast(list[tuple[str, str]], cast(forms.ChoiceField, field).choices)
            words.append(f"{field.label}：{dict(offered)[chosen.get(name, '')]}")
        return "；".join(words)

    def kept(self) -> list[Duty]:
        """The duties that pass; without a choice, those that are not complete."""
        state, department = self.chosen.get("state", ""), self.chosen.get("department")
        return [
            duty for duty in self._duties if state in duty.shown_under and department in (None, duty.department_name)
        ]


# ---- What planners rule on an indicator's page


class SeenForm(forms.Form):
    """A decision with what it rests on: `seen` is written by the page as things then stood, "2023:17 2025:2"."""

    about: ClassVar[str]  # several of these stand on one page
    seen = forms.CharField(required=False, widget=forms.HiddenInput, max_length=400)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.auto_id = f"{self.about}_%s"

    def clean_seen(self) -> dict[int, int]:
        pairs = [re.fullmatch(r"([0-9]{1,4}):([0-9]{1,18})", word) for word in self.cleaned_data["seen"].split()]
        if None in pairs:
            raise forms.ValidationError("页面内容有误，请刷新后重新填写。")
        return {int(pair[1]): int(pair[2]) for pair in pairs if pair}


def _reason(label: str = "理由", *, help_text: str = "") -> forms.CharField:
    return forms.CharField(
        label=label,
        max_length=300,
        help_text=help_text,
        error_messages={"required": f"请写明{label}。"},
        widget=forms.Textarea(attrs={"rows": 2}),
    )


def _year(label: str, *, help_text: str = "") -> forms.TypedChoiceField:
    return forms.TypedChoiceField(
        label=label, coerce=int, help_text=help_text, error_messages={"required": "请选择年度。"}
    )


def _offer_years(form: forms.Form, name: str, years: Iterable[int]) -> None:
    cast(forms.TypedChoiceField, form.fields[name]).choices = [("", "请选择"), *((year, f"{year}年") for year in years)]


class OverrideForm(SeenForm):
    """Another verdict than the engine's for one year."""

    about = "override"

    year = _year("年度")
    verdict = forms.ChoiceField(
        label="评价为",
        choices=[
            ("", "请选择"),
            ("目标年度之前", [(v.value, VERDICT_WORDS[v]) for v in WAY_WORDS if v not in FINAL_WORDS]),
            ("目标年度", [(v.value, VERDICT_WORDS[v]) for v in FINAL_WORDS if v not in WAY_WORDS]),
            ("各年度均可", [(v.value, VERDICT_WORDS[v]) for v in FINAL_WORDS if v in WAY_WORDS]),
        ],
        error_messages={"required": "请选择评价。"},
    )
    reason = _reason(help_text="写明依据，例如上级通报、考核结果的名称和文号")

    def __init__(self, *args: Any, indicator: Indicator, on: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _offer_years(self, "year", [year for year in indicator.plan.years if year <= on.year])

    @property
    def ruling(self) -> dict[str, Any]:
        """What `rulings.override_verdict` wants; only after `is_valid()`."""
        data = self.cleaned_data
        return {
            "year": data["year"],
            "verdict": Verdict(data["verdict"]),
            "reason": data["reason"],
            "seen": data["seen"].get(data["year"]),
        }


class ExclusionForm(SeenForm):
    """Out of the assessment from a data year on."""

    about = "exclusion"

    since_year = _year("从哪一年起", help_text="此前各年度的评价不变")
    cause = forms.ChoiceField(
        label="原因",
        choices=[("", "请选择"), *((v.value, VERDICT_WORDS[v]) for v in EXCLUDED)],
        error_messages={"required": "请选择原因。"},
    )
    reason = _reason(help_text="写明依据，例如机构改革方案或统计制度的名称和文号")

    def __init__(self, *args: Any, indicator: Indicator, on: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _offer_years(self, "since_year", indicator.plan.years)

    @property
    def ruling(self) -> dict[str, Any]:
        """What `rulings.exclude_indicator` wants; only after `is_valid()`."""
        data = self.cleaned_data
        return {
            "since_year": data["since_year"],
            "cause": Verdict(data["cause"]),
            "reason": data["reason"],
            "seen": next(iter(data["seen"].values()), None),
        }


class TargetRevisionForm(SeenForm):
    """A year's new target, as it would be printed, with the paper that approved it."""

    about = "target"

    year = _year("目标年度")
    text = forms.CharField(
        label="新目标",
        max_length=100,
        strip=False,
        help_text="照批准文件原样填写，例如 55、≥55、35～40、应保尽保",
        error_messages={"required": "请填写新目标。"},
    )
    is_band = forms.BooleanField(label="超过上限也算未达到（仅用于区间目标）", required=False)
    counts_from = _year("从哪一年的数据起适用", help_text="此前各年度仍按原目标评价")
    reason = _reason("调整理由")
    approved_by_body = forms.CharField(
        label="批准机关", max_length=100, error_messages={"required": "请填写批准机关，例如 老河口市人民政府。"}
    )
    approval_number = forms.CharField(label="批准文号", max_length=100, error_messages={"required": "请填写批准文号。"})

    def __init__(self, *args: Any, indicator: Indicator, on: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.indicator = indicator
        years = indicator.plan.years
        for name in ("year", "counts_from"):
            _offer_years(self, name, years)
        self.fields["year"].initial = years[-1]
        # years that are over keep the target they had, unless the paper says otherwise
        self.fields["counts_from"].initial = min(max(years[0], on.year), years[-1])

    def clean_text(self) -> Promise:
        try:
            promise = Promise.read(self.cleaned_data["text"], unit=self.indicator.unit)
        except FigureError as error:
            raise forms.ValidationError(str(error)) from error
        if promise.operator != Operator.TEXT and promise.value is None:
            raise forms.ValidationError("目标不能为空。")
        return promise

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        promise: Promise | None = data.get("text")
        if data.get("is_band") and promise and promise.operator != Operator.RANGE:
            self.add_error("is_band", "只有区间目标可以设为不得超过上限。")
        if data.get("year") and data.get("counts_from") and data["counts_from"] > data["year"]:
            self.add_error("counts_from", f"{data['year']}年的目标最迟从{data['year']}年的数据起适用。")
        return data

    @property
    def ruling(self) -> dict[str, Any]:
        """What `definitions.revise_target` wants; only after `is_valid()`."""
        data = self.cleaned_data
        return {
            "year": data["year"],
            "promise": data["text"],
            "is_band": data["is_band"],
            "counts_from": data["counts_from"],
            "reason": data["reason"],
            "approved_by_body": data["approved_by_body"],
            "approval_number": data["approval_number"],
            "version": data["seen"].get(data["year"], 0),
        }


class WithdrawalForm(forms.Form):
    """Why a ruling no longer holds."""

    reason = _reason("撤销理由")


def ruling_forms(indicator: Indicator, *, on: date, sent: forms.Form | None = None) -> dict[str, forms.Form]:
    """The planner's forms for one indicator by what they are for; a refused one as it was sent."""
    kinds: tuple[type[OverrideForm | ExclusionForm | TargetRevisionForm], ...]
    kinds = (OverrideForm, ExclusionForm, TargetRevisionForm)
    return {kind.about: sent if isinstance(sent, kind) else kind(indicator=indicator, on=on) for kind in kinds}
