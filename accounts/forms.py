"""What people say about a token they make."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms

from accounts.tokens import LONGEST


class TokenForm(forms.Form):
    """What a token is for and until when it works: from today to a year ahead."""

    name = forms.CharField(
        label="用途",
        max_length=50,
        help_text="例如：季度分析脚本",
        error_messages={"required": "请写明令牌的用途。"},
    )
    expires_on = forms.DateField(
        label="有效期至",
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        help_text="含当天，最长一年",
        error_messages={"required": "请选择有效期。", "invalid": "请填写有效的日期，例如2026-12-31。"},
    )

    def __init__(self, *args: Any, on: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.on = on
        self.fields["expires_on"].initial = on + LONGEST / 2
        self.fields["expires_on"].widget.attrs.update({"min": f"{on}", "max": f"{on + LONGEST}"})

    def clean_expires_on(self) -> date:
        chosen: date = self.cleaned_data["expires_on"]
        if not self.on <= chosen <= self.on + LONGEST:
            raise forms.ValidationError(f"有效期应在{self.on}至{self.on + LONGEST}之间。")
        return chosen
