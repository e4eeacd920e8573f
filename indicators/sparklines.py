"""A small line drawing beside a cell: figures in, coordinates of an SVG picture out. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from indicators.figures import format_figure

WIDTH, HEIGHT, MARGIN = 260, 72, 6
Values = Sequence[Decimal | None]


@dataclass(frozen=True, slots=True)
class Dot:
    """One figure of the drawing; coordinates as text with one decimal, as SVG wants them."""

    x: str
    y: str
    index: int


@dataclass(frozen=True, slots=True)
class Sparkline:
    """The promised path and the figures reached; where a figure is missing a line breaks off."""

    path: list[str]
    reached: list[str]
    dots: list[Dot]
    width: int = WIDTH
    height: int = HEIGHT


def sparkline(*, path: Values, reached: Values) -> Sparkline | None:
    """Both rows over the same years, drawn to one scale; None where nothing was reached yet.

    The largest figure touches the upper margin, the smallest the lower one; equal figures lie in the middle.
    """
    if all(value is None for value in reached):
        return None
    known = [value for value in (*path, *reached) if value is not None]
    low, high = min(known), max(known)

    def place(index: int, value: Decimal) -> Dot:
        across = Decimal(index) / max(len(reached) - 1, 1)
        up = (value - low) / (high - low) if high > low else Decimal("0.5")
        x = MARGIN + across * (WIDTH - 2 * MARGIN)
        y = HEIGHT - MARGIN - up * (HEIGHT - 2 * MARGIN)
        return Dot(format_figure(x, decimals=1), format_figure(y, decimals=1), index)

    def lines(values: Values) -> list[str]:
        """Each unbroken run of figures as the points of one line."""
        runs: list[list[Dot]] = [[]]
        for index, value in enumerate(values):
            if value is None:
                runs.append([])
            else:
                runs[-1].append(place(index, value))
        return [" ".join(f"{dot.x},{dot.y}" for dot in run) for run in runs if len(run) > 1]

    dots = [place(index, value) for index, value in enumerate(reached) if value is not None]
    return Sparkline(lines(path), lines(reached), dots)
