"""The geometry of bars and small multiples, without a database."""

from __future__ import annotations

from decimal import Decimal

from dashboard.drawings import bullet, panel

D = Decimal


def test_the_scale_of_a_bullet_runs_from_a_fifth_before_the_start_to_a_fifth_beyond_the_target() -> None:
    drawn = bullet(reached=D("0.5"), expected=D("0.6"), ahead=None)
    assert (drawn.start, drawn.goal) == ("142.9", "857.1")
    assert (drawn.bar_x, drawn.bar_width, drawn.reached, drawn.expected) == ("142.9", "357.1", "500.0", "571.4")
    assert (drawn.ahead, drawn.is_beyond) == (None, False)


def test_a_bar_that_went_backwards_runs_to_the_left() -> None:
    drawn = bullet(reached=D("-0.1"), expected=None, ahead=None)
    assert (drawn.bar_x, drawn.bar_width, drawn.reached) == ("71.4", "71.4", "71.4")


def test_what_lies_beyond_the_scale_stands_at_its_edge_and_says_so() -> None:
    drawn = bullet(reached=D(3), expected=None, ahead=D(-2))
    assert (drawn.reached, drawn.ahead, drawn.is_beyond) == ("1000.0", "0.0", True)


def test_without_a_figure_there_is_no_bar() -> None:
    drawn = bullet(reached=None, expected=D("0.2"), ahead=None)
    assert (drawn.bar_width, drawn.reached, drawn.expected) == ("0.0", None, "285.7")


def test_a_panel_breaks_its_line_where_a_year_is_missing() -> None:
    drawn = panel(path=[D(0), D(10), D(20), D(30)], stated={0, 3}, reached=[D(0), D(8), None, D(25)], ahead=[None] * 4)
    assert drawn is not None
    assert [len(line.split()) for line in drawn.path] == [4]
    assert [len(line.split()) for line in drawn.reached] == [2]
    assert [dot.index for dot in drawn.dots] == [0, 1, 3]
    assert [dot.index for dot in drawn.stated] == [0, 3]
    assert len(drawn.ticks) == 4


def test_figures_that_are_all_alike_lie_in_the_middle_and_nothing_is_nothing() -> None:
    alike = panel(path=[None, None], stated=set(), reached=[D(5), D(5)], ahead=[None, None])
    assert alike is not None
    assert {dot.y for dot in alike.dots} == {"54.0"}
    assert panel(path=[None], stated=set(), reached=[None], ahead=[None]) is None
