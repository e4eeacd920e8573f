"""One chart as a PNG: 完成进度 as bars, 时间进度 as strokes.

Drawn by matplotlib without a window. Status is shape, colour and hatch, so that a copy in grey still tells. The same
rows give the same bytes. Where no installed font has the characters, the rows are labelled by their numbers alone.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from decimal import Decimal
from functools import cache
from typing import Any

from matplotlib import font_manager
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties
from matplotlib.ft2font import FT2Font
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from indicators.verdicts import Light
from reports.word.content import ChartRow
from reports.word.prose import percent_said

# In the order of preference: the sans faces of Windows, Linux and macOS, then whatever else holds Chinese.
CJK_FONTS = (
    "Noto Sans CJK SC",
    "Source Han Sans SC",
    "Source Han Sans CN",
    "思源黑体",
    "Microsoft YaHei",
    "SimHei",
    "WenQuanYi Zen Hei",
    "WenQuanYi Micro Hei",
    "PingFang SC",
    "Noto Sans CJK JP",  # the first face of the collection file, which holds the Chinese characters too
    "Droid Sans Fallback",
    "SimSun",
    "Noto Serif CJK SC",
    "Noto Serif CJK JP",
    "AR PL UMing CN",
)
_LOOKS = {
    Light.GREEN: ("#1f8a8c", "", "o"),
    Light.YELLOW: ("#c77700", "///", "^"),
    Light.RED: ("#8e1b1b", "xxx", "s"),
    Light.GREY: ("#8a8f94", "...", "_"),
}
_WORDS = {
    Light.GREEN: "达到或好于应有进度",
    Light.YELLOW: "轻度滞后或基本完成",
    Light.RED: "滞后、回落或未完成",
    Light.GREY: "未评价",
}
_LEFT, _RIGHT = Decimal("-0.25"), Decimal("1.25")  # a bar beyond is cut off, and says its figure


@cache
def font_for(text: str) -> str | None:
    """The file of the first installed font that has every character; None where there is none."""

    installed: dict[str, str] = {}
    for entry in font_manager.fontManager.ttflist:
        if entry.weight in (400, "normal", "regular", "book"):
            installed.setdefault(entry.name, entry.fname)
    for name in CJK_FONTS:
        if file := installed.get(name):
            face = FT2Font(file)
            if all(face.get_char_index(ord(char)) for char in set(text)):
                return file
    return None


def drawn(rows: Sequence[ChartRow]) -> bytes:
    """Horizontal bars from zero, a stroke where the time is, one line per indicator."""

    words = {light: _WORDS[light] for light in Light if any(row.light is light for row in rows)}
    labels = [_label(row) for row in rows]
    file = font_for("".join(sorted(set("".join([*labels, *words.values(), "完成进度时间"])))))
    font = FontProperties(fname=file) if file else FontProperties()
    if file is None:
        labels = [row.number if row.number.isascii() else str(at) for at, row in enumerate(rows, start=1)]
    figure = Figure(figsize=(6, 0.75 + 0.3 * len(rows)), dpi=200, layout="constrained")
    FigureCanvasAgg(figure)
    axes: Any = figure.add_subplot()
    for at, row in enumerate(rows):
        _draw_row(axes, at, row, font)
    axes.axvline(0, color="#444444", linewidth=0.8)
    axes.set_yticks(range(len(rows)), labels, fontproperties=font, fontsize=8)
    axes.set_ylim(len(rows) - 0.4, -0.6)
    low = min([Decimal(0), *(row.progress for row in rows)])
    axes.set_xlim(float(max(_LEFT, low) - Decimal("0.02")), float(_RIGHT))
    ticks = [0, 0.25, 0.5, 0.75, 1]
    axes.set_xticks(ticks, [f"{round(tick * 100)}%" for tick in ticks], fontsize=8)
    axes.grid(axis="x", color="#d9dcdd", linewidth=0.5)
    axes.set_axisbelow(True)
    axes.tick_params(length=0)
    for side in ("top", "right", "left"):
        axes.spines[side].set_visible(False)
    if file:
        _draw_legend(axes, words, font)
    out = io.BytesIO()
    figure.savefig(out, format="png", metadata={"Software": None})
    return out.getvalue()


def _draw_row(axes: Any, at: int, row: ChartRow, font: Any) -> None:
    colour, hatch, marker = _LOOKS[row.light]
    shown = float(min(max(row.progress, _LEFT), Decimal("1.08")))
    axes.barh(at, shown, height=0.56, color=colour, alpha=0.75, hatch=hatch, edgecolor="white", linewidth=0.4)
    time = float(row.time_progress)
    axes.plot([time, time], [at - 0.4, at + 0.4], color="#13455c", linewidth=1.6, solid_capstyle="butt")
    axes.plot([max(shown, 0)], [at], marker=marker, color=colour, markersize=6, markeredgecolor="white")
    end = max(shown, 0)
    axes.annotate(
        percent_said(row.progress).replace("−", "-"),
        (time if end <= time < end + 0.12 else end, at),  # beside the stroke, not under it
        xytext=(5, 0),
        textcoords="offset points",
        va="center",
        fontsize=7.5,
        bbox={"facecolor": "white", "edgecolor": "none", "pad": 0.6, "alpha": 0.85},
    )


def _draw_legend(axes: Any, words: dict[Light, str], font: Any) -> None:

    handles: list[Any] = [
        Patch(facecolor=_LOOKS[light][0], hatch=_LOOKS[light][1], edgecolor="white", label=f"完成进度（{word}）")
        for light, word in words.items()
    ]
    handles.append(Line2D([], [], color="#13455c", linewidth=1.6, label="时间进度"))
    small = font.copy()
    small.set_size(7.5)
    axes.legend(
        handles=handles,
        prop=small,
        loc="lower center",
        bbox_to_anchor=(0.35, 1.0),
        ncols=2,
        frameon=False,
        handlelength=1.4,
    )


def _label(row: ChartRow) -> str:
    name = row.name if len(row.name) <= 20 else f"{row.name[:19]}…"
    return f"{row.number}　{name}"
