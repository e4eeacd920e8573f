"""How a figure is read and shown in the forms of the back office."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db import models

from accounts.sheets import text_of
from indicators.figures import FigureError, parse_actual


class FigureField(forms.DecimalField):
    """A number in a form of the back office, read by the portal's one parser and shown without trailing zeros."""

    widget = forms.TextInput

    def to_python(self, value: Any) -> Any:
        try:
            return parse_actual(str(value or "")).value
        except FigureError as error:
            raise ValidationError(str(error)) from error

    def prepare_value(self, value: Any) -> Any:
        return text_of(value) if isinstance(value, Decimal) else value

    def has_changed(self, initial: Any, data: Any) -> bool:
        try:
            return bool(initial != self.to_python(data))
        except ValidationError:
            return True


FIGURES: Any = {models.DecimalField: {"form_class": FigureField}}
