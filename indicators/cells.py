"""The inputs of an entry sheet's open rows, written out: four hundred rows spent their time looking words up."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.html import format_html
from django.utils.safestring import SafeString

from indicators.entry import Line
from indicators.forms import REASONED_ABSENCES
from indicators.models import JUDGEMENT_WORDS, Availability, FigureKind
from indicators.options import Choices, options_of

# What the selects of the sheet offer.
JUDGEMENTS = [("", "未填"), *JUDGEMENT_WORDS.items()]
AVAILABILITIES = [
    *((kind.value, str(kind.label)) for kind in Availability if kind != Availability.NOT_APPLICABLE),
    *REASONED_ABSENCES,
]
FIGURE_KINDS = [(kind.value, str(kind.label)) for kind in FigureKind if kind != FigureKind.REVISED]


@dataclass(frozen=True, slots=True)
class Cells:
    """The inputs of one row as markup. They stand in the cells of a table row, outside the form that sends them.

    Each is one template filled at once: attributes put together one by one took as long as Django's own templates.
    """

    line: Line

    @property
    def figure(self) -> SafeString:
        """The year's figure, or the finding where a person judges."""
        if self.line.is_judged:
            return self._select("judgement", "定性结论", JUDGEMENTS)
        return format_html(
            '<input form="entry-{0}" name="value" value="{1}" inputmode="decimal" autocomplete="off"'
            ' aria-label="{2} {3}年实际值{4}" aria-describedby="state-{0}">',
            self.line.indicator.pk,
            self.line.fields["value"],
            self.line.indicator.name,
            self.line.year,
            self._unit,
        )

    @property
    def comparator(self) -> SafeString:
        """Only a relative indicator has one."""
        if not self.line.has_comparator:
            return SafeString("")
        return format_html(
            '<input form="entry-{}" name="comparator" value="{}" inputmode="decimal" autocomplete="off"'
            ' aria-label="{} 对照值{}">',
            self.line.indicator.pk,
            self.line.fields["comparator"],
            self.line.indicator.name,
            self._unit,
        )

    @property
    def note(self) -> SafeString:
        return format_html(
            '<input form="entry-{}" name="note" value="{}" autocomplete="off" maxlength="2000" aria-label="{} 说明">',
            self.line.indicator.pk,
            self.line.fields["note"],
            self.line.indicator.name,
        )

    @property
    def availability(self) -> SafeString:
        return self._select("availability", "数据情况", AVAILABILITIES)

    @property
    def figure_kind(self) -> SafeString:
        """修订 is what it is; nobody chooses it."""
        if self.line.fields["figure_kind"] == FigureKind.REVISED:
            return format_html('<span class="small">{}</span>', FigureKind.REVISED.label)
        return self._select("figure_kind", "数据性质", FIGURE_KINDS)

    @property
    def _unit(self) -> str:
        return f"（{self.line.indicator.unit}）" if self.line.indicator.unit else ""

    def _select(self, name: str, label: str, choices: Choices) -> SafeString:
        return format_html(
            '<select form="entry-{}" name="{}" aria-label="{} {}">{}</select>',
            self.line.indicator.pk,
            name,
            self.line.indicator.name,
            label,
            options_of(choices, self.line.fields[name]),
        )
