"""How figures are written on a page; all rounding is `figures.round_half_up`.

What is not there may arrive as an empty text instead of None: Django hands that to a filter behind a missing variable.
"""

from decimal import Decimal

from django import template

from indicators.figures import format_figure
from indicators.models import Actual, Target
from indicators.moves import Move
from indicators.queries import actual_shown, figure_shown, places_of, target_shown

register = template.Library()


@register.filter
def percent(share: Decimal | None) -> str:
    """A share as percent with one decimal: 0.8 → 80.0%."""
    return "—" if not isinstance(share, Decimal) else f"{format_figure(share * 100, decimals=1)}%"


@register.filter
def figure(value: Decimal | None, decimals: int = 0) -> str:
    """A value with at least so many decimals, and never fewer than it has; — where there is none."""
    return figure_shown(value if isinstance(value, Decimal) else None, decimals)


@register.filter
def rounded(value: Decimal | None, decimals: int = 0) -> str:
    """A computed value with so many decimals; — where there is none."""
    return "—" if not isinstance(value, Decimal) else format_figure(value, decimals=decimals)


@register.filter
def signed(value: Decimal | None, decimals: int = 0) -> str:
    """A change with its sign: +2.5, −1; — where there is none."""
    if not isinstance(value, Decimal):
        return "—"
    written = format_figure(abs(value), decimals=max(decimals, places_of(value)))
    return written if not value else f"{'+' if value > 0 else '−'}{written}"


@register.filter
def target(promise: Target | None, decimals: int = 0) -> str:
    """A target: ≥55, 35～40, or its words."""
    return target_shown(promise, decimals=decimals)


@register.filter
def actual(reached: Actual | None, decimals: int = 0) -> str:
    """A figure, or the word for its absence."""
    return actual_shown(reached, decimals=decimals)


@register.filter
def change_unit(unit: str) -> str:
    """The unit of a difference: two percentages differ by 个百分点."""
    return "个百分点" if unit == "%" else unit


@register.filter
def item(mapping: dict[int, object], key: int) -> object | None:
    """The entry of a dict, for columns by year."""
    return mapping.get(key)


@register.filter
def bar_width(share: Decimal | None) -> int:
    """The length of a progress bar, 0 to 100."""
    return 0 if share is None else max(0, min(100, int(share * 100)))


@register.filter
def cited(title: str) -> str:
    """A document's title in 《》, with 〈〉 for a title inside it."""
    return f"《{title.replace('《', '〈').replace('》', '〉')}》"


@register.filter
def move_word(move: str) -> str:
    """The word for a step of the review: 提交."""
    return Move(move).label
