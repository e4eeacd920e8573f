"""What a select offers, written out: Django's own widgets render each option through a template of its own."""

from collections.abc import Iterable
from functools import lru_cache

from django.forms.utils import flatatt
from django.utils.html import format_html_join
from django.utils.safestring import SafeString

Choices = Iterable[tuple[str, str]]


def options_of(choices: Choices, chosen: str) -> SafeString:
    """The options of a select, this one chosen; a choice that is not offered leaves the first."""
    offered = tuple((str(value), str(word)) for value, word in choices)
    return _written(offered, chosen if chosen in dict(offered) else "")  # what was typed is never kept


@lru_cache(maxsize=1024)
def _written(choices: tuple[tuple[str, str], ...], chosen: str) -> SafeString:
    """Kept, since the rows of a sheet offer the same over and over."""
    rows = ((value, flatatt({"selected": value == chosen}), word) for value, word in choices)
    return format_html_join("", '<option value="{}"{}>{}</option>', rows)
