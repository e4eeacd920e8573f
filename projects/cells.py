"""The inputs of a month sheet, written out: a hundred rows spent their time in the templates of Django's forms."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, cast

from django import forms
from django.forms.utils import flatatt
from django.utils.html import format_html
from django.utils.safestring import SafeString

from indicators.figures import format_figure
from indicators.options import Choices, options_of
from projects.forms import FigureField, MonthForm, form_of
from projects.kinds import Kind, Owner
from projects.models import MonthlyReport
from projects.months import Month


@dataclass(frozen=True, slots=True)
class Cells:
    """The inputs of one row: what stands in them, and which of them were refused.

    They stand in the cells of a table row, outside the form element `form_id` that sends them.
    """

    form: type[MonthForm]
    owner: Owner
    month: Month
    values: Mapping[str, Any]
    refused: frozenset[str] = frozenset()

    @property
    def form_id(self) -> str:
        return f"month-{self.owner.pk}"

    @property
    def based_on(self) -> Any:
        """The version that what stands here is based on; empty where there was no report."""
        return self.values.get("version") or ""

    def __getitem__(self, name: str) -> SafeString:
        """The input of that name, as markup."""
        field, value = self.form.base_fields[name], self.values.get(name)
        about: dict[str, Any] = {
            "name": name,
            "form": self.form_id,
            "aria-label": f"{self.owner.name} {self.month}{field.label}",
            "aria-describedby": f"status-{self.owner.pk}",
            "autocomplete": "off",
            "id": f"{name}-{self.owner.pk}",
        }
        if name in self.refused:
            about["aria-invalid"] = "true"
        if isinstance(field, forms.ChoiceField):
            return format_html(
                "<select{}>{}</select>", flatatt(about), options_of(cast("Choices", field.choices), value or "")
            )
        if isinstance(field, FigureField):
            about |= {"class": "num", "inputmode": "decimal"}
        if value not in (None, ""):
            about["value"] = value
        return format_html("<input{}>", flatatt(about | {"type": "text", "maxlength": field.max_length}))  # type: ignore[attr-defined]


def stored_cells(
    kind: Kind[Any], owner: Owner, month: Month, *, stored: MonthlyReport | None, previous: MonthlyReport | None
) -> Cells:
    """Before anything is typed: the stored month, or a new one that begins where the month before ended."""
    form = form_of(kind)
    if stored is not None:
        return Cells(form, owner, month, {name: _shown(getattr(stored, name, None)) for name in form.base_fields})
    choice, standing = form.carried_on
    return Cells(form, owner, month, {choice: getattr(previous, choice, getattr(owner, standing))})


def _shown(value: Any) -> Any:
    return format_figure(value.normalize()) if isinstance(value, Decimal) else value


def typed_cells(typed: MonthForm, owner: Owner, month: Month) -> Cells:
    """What was typed and refused, as it was typed."""
    return Cells(type(typed), owner, month, typed.data, frozenset(typed.errors))
