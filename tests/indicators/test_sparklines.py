"""The small drawing beside a cell: where its lines begin, break off and end."""

from __future__ import annotations

from decimal import Decimal

import pytest

from indicators.sparklines import HEIGHT, MARGIN, WIDTH, Dot, sparkline

LEFT, RIGHT = f"{MARGIN}.0", f"{WIDTH - MARGIN}.0"
TOP, BOTTOM, MIDDLE = f"{MARGIN}.0", f"{HEIGHT - MARGIN}.0", f"{HEIGHT // 2}.0"
HALF_WAY = f"{WIDTH // 2}.0"


def figures(text: str) -> list[Decimal | None]:
    """The figures of “40 - 50”: three years, the second of them missing."""
    return [None if word == "-" else Decimal(word) for word in text.split()]


@pytest.mark.parametrize(
    ("path", "reached", "path_lines", "reached_lines", "dots"),
    [
        ("40 45 50", "40 45 50", [f"{LEFT},{BOTTOM} {HALF_WAY},{MIDDLE} {RIGHT},{TOP}"], None, 3),
        ("- - -", "40 45 50", [], [f"{LEFT},{BOTTOM} {HALF_WAY},{MIDDLE} {RIGHT},{TOP}"], 3),
        ("40 45 50", "- 45 -", [f"{LEFT},{BOTTOM} {HALF_WAY},{MIDDLE} {RIGHT},{TOP}"], [], 1),
        ("- - -", "50 - 40", [], [], 2),
        ("- - -", "- - 40", [], [], 1),
        ("- - -", "7 7 7", [], [f"{LEFT},{MIDDLE} {HALF_WAY},{MIDDLE} {RIGHT},{MIDDLE}"], 3),
        ("- - -", "0 0 0", [], [f"{LEFT},{MIDDLE} {HALF_WAY},{MIDDLE} {RIGHT},{MIDDLE}"], 3),
        ("- - -", "-10 -5 0", [], [f"{LEFT},{BOTTOM} {HALF_WAY},{MIDDLE} {RIGHT},{TOP}"], 3),
        ("-", "47", [], [], 1),
        (
            "- - - - -",
            "0 10 - 10 0",
            [],
            [f"{LEFT},{BOTTOM} 68.0,{TOP}", f"192.0,{TOP} {RIGHT},{BOTTOM}"],
            4,
        ),
        (
            "- - -",
            "99999999999.9999 99999999999.9998 99999999999.9997",
            [],
            [f"{LEFT},{TOP} {HALF_WAY},{MIDDLE} {RIGHT},{BOTTOM}"],
            3,
        ),
    ],
    ids=[
        "both",
        "no_path",
        "one_year_reached",
        "a_gap_leaves_no_line",
        "last_year_only",
        "equal_figures_lie_in_the_middle",
        "zeros_are_figures",
        "below_zero",
        "one_year_stands_at_the_left",
        "a_line_on_each_side_of_a_gap",
        "close_and_huge",
    ],
)
def test_the_lines_and_dots_of_a_drawing(
    path: str, reached: str, path_lines: list[str], reached_lines: list[str] | None, dots: int
) -> None:
    drawing = sparkline(path=figures(path), reached=figures(reached))
    assert drawing is not None
    assert drawing.path == path_lines
    assert drawing.reached == (path_lines if reached_lines is None else reached_lines)
    assert [dot.index for dot in drawing.dots] == [
        index for index, figure in enumerate(figures(reached)) if figure is not None
    ]
    assert len(drawing.dots) == dots


def test_path_and_figures_share_one_scale() -> None:
    drawing = sparkline(path=figures("0 100"), reached=figures("50 50"))
    assert drawing is not None
    assert drawing.path == [f"{LEFT},{BOTTOM} {RIGHT},{TOP}"]
    assert drawing.reached == [f"{LEFT},{MIDDLE} {RIGHT},{MIDDLE}"]


def test_a_single_figure_is_a_dot_in_the_middle_of_the_left_edge() -> None:
    drawing = sparkline(path=[None], reached=[Decimal(47)])
    assert drawing is not None
    assert drawing.dots == [Dot(LEFT, MIDDLE, 0)]


@pytest.mark.parametrize("reached", ["", "-", "- - -"])
def test_nothing_reached_is_no_drawing(reached: str) -> None:
    assert sparkline(path=figures("40 45 50"), reached=figures(reached)) is None
