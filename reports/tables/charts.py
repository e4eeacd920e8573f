"""Native charts beside the official tables, each on a sheet of its own above the figures it draws."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from openpyxl import Workbook
from openpyxl.chart import BarChart, LineChart, Reference
from openpyxl.chart import Series as Drawn
from openpyxl.chart.data_source import StrRef
from openpyxl.chart.label import DataLabelList
from openpyxl.chart.series import SeriesLabel
from openpyxl.chart.shapes import GraphicalProperties
from openpyxl.chart.text import RichText
from openpyxl.drawing.line import LineProperties
from openpyxl.drawing.text import CharacterProperties, Font, Paragraph, ParagraphProperties
from openpyxl.utils import get_column_letter

from reports.tables.workbooks import Column, Content, Table, add_table, number, share, text

MOST_BARS = 40
MOST_LINES = 12  # more cannot be told apart
# Told apart by lightness too, so that a black-and-white print can be read.
LINE_COLOURS = ("1C5D7A", "C77700", "1F8A8C", "8E1B1B", "68747E", "7FB8BD", "5B4A9C", "3E7D3A", "B0578D", "9A8A3C")
LINE_MARKERS = ("circle", "triangle", "square", "diamond", "x", "star")


@dataclass(frozen=True, slots=True)
class Series:
    """One colour of the chart: a figure for each category, None where there is none."""

    name: str
    values: Sequence[Decimal | None]


@dataclass(frozen=True, slots=True)
class Chart:
    """Bars of shares by category, or lines of figures by year."""

    title: str
    categories: Sequence[str]
    head: str  # of the categories
    series: Sequence[Series]
    is_line: bool = False
    unit: str = ""
    decimals: int = 0
    note: str = ""
    sheet: str = "图"


def add_chart(book: Workbook, chart: Chart, *, warning: str) -> None:
    """Add a sheet with the figures as a table, and the chart over it; an empty cell is a gap, never zero."""
    rows = list(range(len(chart.categories)))
    columns: list[Column[int]] = [
        Column(chart.head, 44 if not chart.is_line else 12, lambda at: text(chart.categories[at]), is_prose=True),
        *(Column(series.name, 16, _figure(chart, series)) for series in chart.series),
    ]
    lines = [chart.note] if chart.note else []
    add_table(book, Table(chart.sheet, chart.title, lines, warning, columns, [("", rows)]))
    sheet: Any = book[chart.sheet]
    first = int(str(sheet.freeze_panes)[1:])
    last = first + len(rows) - 1
    drawn: Any = _lines(chart) if chart.is_line else _bars(chart)
    heads = first - 2  # the merged head's upper cell holds the words
    for position, series in enumerate(_series_of(drawn, sheet, chart, first, last, heads)):
        _look(series, position, is_line=chart.is_line)
    drawn.title = chart.title
    drawn.title.tx.rich.p[0].pPr = ParagraphProperties(defRPr=_letters(1400, bold=True))
    for run in drawn.title.tx.rich.p[0].r or ():
        run.rPr = _letters(1400, bold=True)
    drawn.legend.position = "b"
    drawn.legend.txPr = _text(1000)
    sheet.add_chart(drawn, f"{get_column_letter(len(columns) + 2)}1")
    # The chart is to be printed with its figures: on one page, over the area of both.
    width = len(columns) + 16  # 24 cm in columns of the usual width
    bottom = max(last, 30 if chart.is_line else 8 + 2 * len(rows))
    sheet.print_area = f"A1:{get_column_letter(width)}{bottom}"


def _series_of(drawn: Any, sheet: Any, chart: Chart, first: int, last: int, heads: int) -> list[Any]:
    """Give the chart its series, and return them."""
    for position in range(2, len(chart.series) + 2):
        values = Reference(sheet, min_col=position, min_row=first, max_row=last)
        series = Drawn(values, title_from_data=False, title=None)
        series.tx = _title_of(sheet, position, heads)
        drawn.series.append(series)
    drawn.set_categories(Reference(sheet, min_col=1, min_row=first, max_row=last))
    found: list[Any] = drawn.series
    return found


def _title_of(sheet: Any, position: int, row: int) -> SeriesLabel:
    return SeriesLabel(strRef=StrRef(f"'{sheet.title}'!${get_column_letter(position)}${row}"))


def _figure(chart: Chart, series: Series) -> Any:
    def content(at: int) -> Content:
        value = series.values[at]
        if value is None:
            return text("")
        return number(value, decimals=chart.decimals) if chart.is_line else share(value)

    return content


def _bars(chart: Chart) -> Any:
    drawn: Any = BarChart()
    drawn.type, drawn.grouping, drawn.gapWidth, drawn.overlap = "bar", "clustered", 60, 0
    drawn.height, drawn.width = min(4 + 1.1 * len(chart.categories), 40), 24
    drawn.x_axis.scaling.orientation = "maxMin"  # the first row on top, as in the table
    drawn.y_axis.number_format = "0%"
    drawn.y_axis.majorGridlines.spPr = GraphicalProperties(ln=_hairline())
    drawn.y_axis.crosses = "max"
    drawn.x_axis.tickLblPos = "low"
    _axes(drawn)
    return drawn


def _lines(chart: Chart) -> Any:
    drawn: Any = LineChart()
    drawn.height, drawn.width = 13, 24
    drawn.y_axis.number_format = "0." + "0" * chart.decimals if chart.decimals else "0"
    drawn.y_axis.title = chart.unit or None
    drawn.y_axis.majorGridlines.spPr = GraphicalProperties(ln=_hairline())
    _axes(drawn)
    return drawn


def _axes(drawn: Any) -> None:
    drawn.display_blanks = "gap"
    drawn.x_axis.delete = drawn.y_axis.delete = False  # openpyxl's default hides them in newer Excel
    drawn.x_axis.txPr, drawn.y_axis.txPr = _text(900), _text(900)


def _look(series: Any, position: int, *, is_line: bool) -> None:
    colour = LINE_COLOURS[position % len(LINE_COLOURS)]
    if not is_line:
        colour = ("1C5D7A", "C9D3D9")[position % 2]
        series.graphicalProperties = GraphicalProperties(solidFill=colour)
        series.graphicalProperties.line.solidFill = "56636F"
        if position == 0:
            series.dLbls = DataLabelList()
            series.dLbls.showVal = True
            series.dLbls.showSerName = series.dLbls.showCatName = series.dLbls.showLegendKey = False
            series.dLbls.numFmt = "0.0%"
            series.dLbls.txPr = _text(800)
        return
    series.graphicalProperties = GraphicalProperties()
    series.graphicalProperties.line.solidFill = colour
    series.graphicalProperties.line.width = 22000
    series.marker.symbol = LINE_MARKERS[position % len(LINE_MARKERS)]
    series.marker.size = 7
    series.marker.graphicalProperties = GraphicalProperties(solidFill=colour)
    series.smooth = False


def _hairline() -> LineProperties:
    return LineProperties(solidFill="D8DDE1", w=6350)


def _letters(size: int, *, bold: bool = False) -> CharacterProperties:
    return CharacterProperties(sz=size, b=bold, ea=Font(typeface="宋体"), latin=Font(typeface="Times New Roman"))


def _text(size: int) -> RichText:
    return RichText(p=[Paragraph(pPr=ParagraphProperties(defRPr=_letters(size)), endParaRPr=_letters(size))])
