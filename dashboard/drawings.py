"""The drawings of a plan's page: figures in, coordinates of SVG pictures out. Pure.

Coordinates are text with one decimal, as SVG wants them. A missing figure is None and stays a gap.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from indicators.figures import format_figure

ZERO, ONE = Decimal(0), Decimal(1)

# ---- Bullets: one row each, on a scale of shares (0 is where it started, 1 the target)

LEAST, MOST = Decimal("-0.2"), Decimal("1.2")
BULLET_WIDTH = 1000


def across(share: Decimal) -> Decimal:
    """Where a share stands on the row, from 0 to its width; what lies outside the scale stands at its edge."""
    return (min(max(share, LEAST), MOST) - LEAST) / (MOST - LEAST) * BULLET_WIDTH


@dataclass(frozen=True, slots=True)
class Bullet:
    """One row: the bar from the start to the figure reached, and the marks it is measured by."""

    bar_x: str
    bar_width: str
    reached: str | None
    expected: str | None
    ahead: str | None
    start: str
    goal: str
    is_beyond: bool


def bullet(*, reached: Decimal | None, expected: Decimal | None, ahead: Decimal | None) -> Bullet:
    """`reached`, `expected` (where the path stands) and `ahead` (a first figure of a year under way), all shares."""
    end = across(ZERO if reached is None else reached)
    left, right = sorted((across(ZERO), end))
    shown = [share for share in (reached, ahead) if share is not None]
    return Bullet(
        bar_x=_written(left),
        bar_width=_written(right - left),
        reached=None if reached is None else _written(end),
        expected=None if expected is None else _written(across(expected)),
        ahead=None if ahead is None else _written(across(ahead)),
        start=_written(across(ZERO)),
        goal=_written(across(ONE)),
        is_beyond=any(not LEAST <= share <= MOST for share in shown),
    )


# ---- Small multiples: the promised path and what was reached, one small picture each

WIDTH, HEIGHT = 240, 118
LEFT, RIGHT, TOP, BOTTOM = 12, 12, 18, 22
Values = Sequence[Decimal | None]


@dataclass(frozen=True, slots=True)
class Dot:
    """One figure of a picture, by its place among the years."""

    x: str
    y: str
    index: int
    label_y: str
    anchor: str


@dataclass(frozen=True, slots=True)
class Panel:
    """A path (points of its lines), the figures stated on it, the figures reached, and first figures of this year."""

    path: list[str]
    stated: list[Dot]
    reached: list[str]
    dots: list[Dot]
    ahead: list[Dot]
    ticks: list[str]
    width: int = WIDTH
    height: int = HEIGHT

    @property
    def floor(self) -> int:
        return HEIGHT - BOTTOM

    @property
    def last_stated(self) -> Dot | None:
        return self.stated[-1] if self.stated else None


def panel(*, path: Values, stated: set[int], reached: Values, ahead: Values) -> Panel | None:
    """All three over the same years, to one scale; `stated` are the places whose path figure is printed in the plan.

    The largest figure touches the upper margin, the smallest the lower; equal figures lie in the middle. None where
    there is nothing to draw.
    """
    known = [value for value in (*path, *reached, *ahead) if value is not None]
    if not known:
        return None
    low, high = min(known), max(known)

    def x_of(index: int) -> Decimal:
        return LEFT + Decimal(index) / max(len(path) - 1, 1) * (WIDTH - LEFT - RIGHT)

    def place(index: int, value: Decimal, *, is_under: bool = False) -> Dot:
        up = (value - low) / (high - low) if high > low else Decimal("0.5")
        y = HEIGHT - BOTTOM - 6 - up * (HEIGHT - TOP - BOTTOM - 6)
        is_last = index > (len(path) - 1) * 2 / 3
        label_y = min(y + 14, Decimal(HEIGHT - BOTTOM - 1)) if is_under else max(y - 7, Decimal(10))
        anchor = "end" if is_last else "start" if index == 0 else "middle"
        return Dot(_written(x_of(index)), _written(y), index, _written(label_y), anchor)

    def lines(values: Values) -> list[str]:
        """Each unbroken run of figures as the points of one line."""
        runs: list[list[Dot]] = [[]]
        for index, value in enumerate(values):
            if value is None:
                runs.append([])
            else:
                runs[-1].append(place(index, value))
        return [" ".join(f"{dot.x},{dot.y}" for dot in run) for run in runs if len(run) > 1]

    def dots(values: Values, *, is_under: bool = False) -> list[Dot]:
        return [place(at, value, is_under=is_under) for at, value in enumerate(values) if value is not None]

    return Panel(
        path=lines(path),
        stated=[dot for dot in dots(path, is_under=True) if dot.index in stated],
        reached=lines(reached),
        dots=dots(reached),
        ahead=dots(ahead),
        ticks=[_written(x_of(index)) for index in range(len(path))],
    )


def _written(value: Decimal) -> str:
    return format_figure(value, decimals=1)
