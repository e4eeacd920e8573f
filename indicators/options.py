"""What a select offers, written out: Django's own widgets render each option through a template of its own."""

from collections.abc import Iterable
from functools import lru_cache

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

Choices = Iterable[tuple[str, str]]


def options_of(choices: Choices, chosen: str) -> SafeString:
    """The options of a select, this one chosen; a choice that is not offered leaves the first."""
    return _written(tuple((str(value), str(word)) for value, word in choices), str(chosen))


@lru_cache(maxsize=1024)
def _written(choices: tuple[tuple[str, str], ...], chosen: str) -> SafeString:
    """Kept, since the rows of a sheet offer the same over and over."""
    plain, marked = '<option value="{}">{}</option>', '<option value="{}" selected>{}</option>'
    parts = (format_html(marked, *pair) if pair[0] == chosen else format_html(plain, *pair) for pair in choices)
    return format_html_join("", "{}", ((part,) for part in parts))
