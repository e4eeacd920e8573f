"""A figure made of two parts: 分子 ÷ 分母 × 乘数, and whether a printed figure agrees with it. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from indicators.figures import format_figure


def computed_from(*, numerator: Decimal, denominator: Decimal, factor: Decimal) -> Decimal | None:
    """分子 ÷ 分母 × 乘数, in the unit of the figure (乘数 100 for a percentage); None where the 分母 is zero."""
    return None if denominator == 0 else numerator * factor / denominator


@dataclass(frozen=True, slots=True)
class Parts:
    """A figure beside what its parts come to; `decimals` are those of the figure, the finest it was printed with."""

    numerator: Decimal
    denominator: Decimal
    factor: Decimal
    printed: Decimal
    decimals: int

    @property
    def computed(self) -> Decimal | None:
        return computed_from(numerator=self.numerator, denominator=self.denominator, factor=self.factor)

    @property
    def agrees(self) -> bool:
        """Whether they differ by less than one printed step, so that 48.29 may be printed as 48.2 or 48.3."""
        computed = self.computed
        return computed is not None and abs(computed - self.printed) < Decimal(1).scaleb(-self.decimals)

    @property
    def computed_shown(self) -> str:
        return "—" if self.computed is None else format_figure(self.computed, decimals=self.decimals)

    @property
    def printed_shown(self) -> str:
        return format_figure(self.printed, decimals=self.decimals)

    @property
    def how(self) -> str:
        """The formula with the figures filled in, to redo with a pocket calculator: 964 ÷ 2000 × 100 = 48.2."""
        times = "" if self.factor == 1 else f" × {_plain(self.factor)}"
        return f"{_plain(self.numerator)} ÷ {_plain(self.denominator)}{times} = {self.computed_shown}"

    @property
    def doubt(self) -> str:
        """What is said where the two differ; empty where they agree."""
        return "" if self.agrees else f"按分子分母计算应为{self.computed_shown}，现为{self.printed_shown}。"


def _plain(value: Decimal) -> str:
    return format_figure(value.normalize())
