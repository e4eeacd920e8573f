"""What comes with a file or a choice: which plans and year a template is for, the upload, the confirmation."""

from __future__ import annotations

from typing import Any, cast

from django import forms
from django.db.models import QuerySet

from accounts.models import User
from plans.models import Plan

MOST_PLANS = 100


class TemplateForm(forms.Form):
    """The plans (by code, of one region) and the year that a template is asked for."""

    plan: forms.ModelMultipleChoiceField[Plan] = forms.ModelMultipleChoiceField(
        label="规划", queryset=None, to_field_name="code"
    )
    year = forms.IntegerField(label="数据年度", min_value=1950, max_value=2100)

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = cast("forms.ModelMultipleChoiceField[Plan]", self.fields["plan"])
        field.queryset = Plan.objects.visible_to(user).select_related("region", "policy")

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        plans = list(cast("QuerySet[Plan]", data.get("plan") or ()))
        if len(plans) > MOST_PLANS or len({plan.region_id for plan in plans}) > 1:
            raise forms.ValidationError(f"一个模板只能包含同一地区的规划，最多{MOST_PLANS}个。")
        if any(data.get("year") not in plan.years for plan in plans):
            raise forms.ValidationError("规划期内没有这一年度。")
        data["plan"] = plans
        return data


class UploadForm(forms.Form):
    """A filled-in template; what it really is, is found out after the form."""

    file = forms.FileField(label="填报模板（.xlsx）", max_length=255, allow_empty_file=True)
    year = forms.IntegerField(label="只导入这一年度（可不填）", required=False, min_value=1950, max_value=2100)


class KeysField(forms.Field):
    """Any number of keys of rows, each a whole number; which rows they are is for the workflow to see."""

    widget = forms.MultipleHiddenInput

    def to_python(self, value: Any) -> list[int]:
        keys = [str(key) for key in value or ()]
        if not all(key.isascii() and key.isdigit() and len(key) < 19 for key in keys):
            raise forms.ValidationError("认不出所选的行。")
        return [int(key) for key in keys]


class ConfirmForm(forms.Form):
    """The confirmation of a preview: which one was seen, whether refused rows stay out, which conflicts are decided."""

    preview = forms.IntegerField(min_value=1)
    only_right = forms.BooleanField(required=False)
    from_file = KeysField(required=False)
    all_from_file = forms.BooleanField(required=False)


class YearAskedForm(forms.Form):
    """The year of the sheet from which somebody comes to the imports."""

    year = forms.IntegerField(required=False, min_value=1950, max_value=2100)


class LinesForm(forms.Form):
    """Which lines of an import the third table shows."""

    show = forms.ChoiceField(required=False, choices=[("", "将写入"), ("same", "相同")])
    page = forms.IntegerField(required=False, min_value=1, max_value=100_000)
