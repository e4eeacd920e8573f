"""When a year may be reported: dates in, a word out."""

from datetime import date

from django.db.models import TextChoices


class RoundState(TextChoices):
    """Whether figures may be entered today, in words a clerk reads."""

    NONE = "none", "未开放填报"
    BEFORE = "before", "未到开放时间"
    OPEN = "open", "填报中"
    EXTENDED = "extended", "已延期"
    CLOSED = "closed", "已截止"


OPEN_STATES = frozenset({RoundState.OPEN, RoundState.EXTENDED})


def round_state(opens_on: date | None, due_on: date | None, extended_until: date | None, *, on: date) -> RoundState:
    """The state of a round on a day of Beijing time; a plan year without a round is not open."""
    if opens_on is None or due_on is None:
        return RoundState.NONE
    if on < opens_on:
        return RoundState.BEFORE
    if on <= due_on:
        return RoundState.OPEN
    if extended_until is not None and on <= extended_until:
        return RoundState.EXTENDED
    return RoundState.CLOSED


def time_left(deadline: date, *, on: date) -> str:
    """How far a deadline is from a day, in words: 还有3天, 今日截止, 逾期2天. The deadline's own day still counts."""
    days = (deadline - on).days
    if days == 0:
        return "今日截止"
    return f"还有{days}天" if days > 0 else f"逾期{-days}天"
