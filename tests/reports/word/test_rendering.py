"""The report as a document: its format, its figures, its pictures, and text that is only text."""

from __future__ import annotations

import io
import re
from typing import cast

import pytest
from django.utils import timezone
from docx import Document
from docx.enum.text import WD_COLOR_INDEX
from docx.shared import Mm, Pt
from jinja2 import TemplateError

from indicators.models import Actual, Indicator
from indicators.reassess import reassess
from reports.models import ReportKind
from reports.word import drawing, rendering
from reports.word.charts import ROWS_PER_CHART, progress_charts
from reports.word.content import ChartRow
from reports.word.default_template import default_template
from reports.word.fields import sample_data
from reports.word.rendering import TooMuch, build_report, laid_out, rendered, sandbox
from tests.reports.word.conftest import TODAY, D, World
from tests.reports.word.documents import document, part_of, rows_of, texts_of

HOSTILE = "<w:b/>甲&乙 {{ 7*7 }} {% raw %} =cmd|' /C calc'!A0 \x07“引”"
HARMLESS = "<w:b/>甲&乙 {{ 7*7 }} {% raw %} =cmd|' /C calc'!A0 “引”"


@pytest.fixture(autouse=True)
def no_fonts_kept() -> None:
    drawing.font_for.cache_clear()


def built(world: World, kind: ReportKind = ReportKind.MIDTERM) -> bytes:
    at = timezone.now()
    return build_report(world.plan, kind, 2023, user=world.analyst, on=TODAY, at=at)


# ---- The document


def test_each_row_of_the_document_is_the_row_of_the_page(world: World) -> None:
    report = world.report()
    head, *found = rows_of(built(world), 0)
    assert [name.replace("\n", "") for name in head] == (
        ["序号", "指标", "单位", "属性", "基期", "2023年实际", "2025年目标", "完成进度", "时间进度", "评价"]
    )
    columns = ("序号", "指标", "单位", "属性", "基期", "实际", "目标", "完成进度", "时间进度")
    expected = cast(list[dict[str, str]], report.data["指标表"])
    assert found == [[*(row[name] for name in columns), row["标志"] + row["评价"]] for row in expected]


MONITORING = "监测工作概况 总体进展和指标完成情况 主要任务和重点项目进展 存在问题及原因 下一步工作"
MIDTERM = "评估工作概况 总体进展和指标完成情况 主要任务进展 重点项目进展 存在问题及原因 形势变化 调整建议 下一步工作"
FINAL = (
    "评估工作概况 规划全期总体进展和指标完成情况 主要任务完成情况 重点项目完成情况 "
    "未完成事项、存在问题及原因 规划期内的形势变化 对下一规划期的建议 下一步工作"
)


@pytest.mark.parametrize(
    ("kind", "heads"),
    [(ReportKind.MONITORING, MONITORING), (ReportKind.MIDTERM, MIDTERM), (ReportKind.FINAL, FINAL)],
)
def test_each_kind_has_the_outline_that_officials_use(world: World, kind: ReportKind, heads: str) -> None:
    doc = Document(io.BytesIO(built(world, kind)))
    found = [row.text for row in doc.paragraphs if row.style is not None and row.style.name == "Heading 1"]
    assert found == [f"{number}、{head}" for number, head in zip("一二三四五六七八", heads.split(), strict=False)]
    assert [row.text for row in doc.paragraphs if "{" in row.text or "}" in row.text] == []


def test_the_pages_are_those_of_the_official_format() -> None:
    doc = Document(io.BytesIO(default_template(ReportKind.MIDTERM)))
    section = doc.sections[0]
    sizes = (section.page_width, section.page_height, section.top_margin, section.bottom_margin)
    assert [round(size.mm) for size in (*sizes, section.left_margin, section.right_margin) if size is not None] == [
        210,
        297,
        37,
        35,
        28,
        26,
    ]
    assert doc.settings.odd_and_even_pages_header_footer
    for footer, side in ((section.footer, "RIGHT"), (section.even_page_footer, "LEFT")):
        paragraph = footer.paragraphs[0]
        assert paragraph.text == "— 1 —"
        assert str(paragraph.alignment).startswith(side)
        assert " PAGE " in paragraph._p.xml


@pytest.mark.parametrize(
    ("style", "font", "size", "line", "indent"),
    [
        ("公文标题", "方正小标宋简体", 22, 33, "0"),
        ("Normal", "仿宋_GB2312", 16, 28.95, "200"),
        ("Heading 1", "黑体", 16, 28.95, "200"),
        ("Heading 2", "楷体_GB2312", 16, 28.95, "200"),
        ("Heading 3", "仿宋_GB2312", 16, 28.95, "200"),
        ("页码", "宋体", 14, None, "0"),
    ],
)
def test_each_style_names_its_chinese_font(style: str, font: str, size: int, line: float | None, indent: str) -> None:
    found = Document(io.BytesIO(default_template(ReportKind.FINAL))).styles[style]
    written = found.element.xml
    assert re.findall(r'w:eastAsia="([^"]+)"', written)[0] == font
    assert re.findall(r'w:firstLineChars="(\d+)"', written) == [indent]
    assert found.font.size == Pt(size)
    spacing = found.paragraph_format.line_spacing
    assert spacing == (Pt(line) if line else 1.0)


def test_the_head_of_each_table_is_repeated_and_no_row_is_torn(world: World) -> None:
    doc = Document(io.BytesIO(built(world)))
    for table in doc.tables:
        marks = [row._tr.xml for row in table.rows]
        assert ["w:tblHeader" in mark for mark in marks] == [True] + [False] * (len(marks) - 1)
        assert all("w:cantSplit" in mark for mark in marks)


def test_equal_reports_are_equal_bytes_and_so_are_templates(world: World) -> None:
    report, at = world.report(), timezone.now()
    template = default_template(ReportKind.MIDTERM)
    assert laid_out(report, template, at=at) == laid_out(report, template, at=at)
    default_template.cache_clear()
    assert default_template(ReportKind.MIDTERM) == template


def test_what_is_to_be_written_is_marked_yellow_and_nothing_else(world: World) -> None:
    content = built(world)
    doc = Document(io.BytesIO(content))
    runs = [run for paragraph in doc.paragraphs for run in paragraph.runs]
    marked = [run.text for run in runs if run.font.highlight_color == WD_COLOR_INDEX.YELLOW]
    assert [text for text in marked if not re.fullmatch(r"〔请补充：[^〕]+〕", text)] == []
    assert marked.count("〔请补充：落后的原因〕") == 1
    assert sum(text.count("〔请补充：") for text in texts_of(content)) == len(marked)


def test_text_of_every_kind_stays_text(world: World) -> None:
    Indicator.objects.filter(name="床位数").update(name=HOSTILE[:90])
    Actual.objects.filter(note="前期手续办理时间长").update(note=HOSTILE)
    reassess(Indicator.objects.all())
    content = built(world)
    assert HARMLESS in [row[1] for row in rows_of(content, 0)]
    assert f"1.{HARMLESS}（约束性，滞后）：{HARMLESS}责任科室：养老服务科。" in texts_of(content)
    assert "49" not in "".join(text for text in texts_of(content) if "甲&乙" in text)


# ---- Charts


def bars(number: int) -> list[ChartRow]:
    lights = list(drawing._LOOKS)
    return [
        ChartRow(str(at), f"指标{at}", D(at) / 10 - 1, D("0.6"), lights[at % len(lights)])
        for at in range(1, number + 1)
    ]


def test_the_chart_stands_in_the_document_with_words_for_who_cannot_see_it(world: World) -> None:
    content = built(world)
    doc = Document(io.BytesIO(content))
    (picture,) = doc.inline_shapes
    assert picture.width == Mm(152)
    number = Indicator.objects.get(name="护理型床位占比").number
    (described,) = re.findall(r'descr="([^"]*)"', part_of(content, "word/document.xml"))
    assert described.startswith(
        f"图1　2023年各指标完成进度与时间进度。{number} 护理型床位占比：完成进度80%，时间进度60%；"
    )
    assert "图1　2023年各指标完成进度与时间进度" in [paragraph.text for paragraph in doc.paragraphs]


def test_many_rows_make_several_charts_of_like_size() -> None:
    assert progress_charts([], year=2023) == []
    captions = [picture.caption for picture in progress_charts(bars(ROWS_PER_CHART + 1), year=2023)]
    assert captions == [f"图{at}　2023年各指标完成进度与时间进度（{at}）" for at in (1, 2)]


def test_the_same_rows_are_the_same_picture() -> None:
    assert drawing.drawn(bars(4)) == drawing.drawn(bars(4))
    assert drawing.drawn(bars(4)) != drawing.drawn(bars(3))


def test_without_a_chinese_font_the_rows_are_labelled_by_number(monkeypatch: pytest.MonkeyPatch) -> None:
    """matplotlib warns of every character it has no shape for, and a warning is an error here."""
    monkeypatch.setattr(drawing, "CJK_FONTS", ())
    assert drawing.font_for("养老") is None
    assert drawing.drawn(bars(3)).startswith(b"\x89PNG")


def test_a_font_without_one_of_the_characters_is_passed_over(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(drawing, "CJK_FONTS", ("DejaVu Sans",))
    assert drawing.font_for("abc") is not None
    assert drawing.font_for("abc养") is None


# ---- The sandbox


def test_a_template_reads_nothing_but_the_data() -> None:
    for expression in ("''.__class__", "range(3)", "标题.__class__", "lipsum()", "标题.format(1)", "没有"):
        with pytest.raises(TemplateError):
            assert sandbox().from_string("{{ " + expression + " }}").render(sample_data()) == "never"


def test_a_template_cannot_make_more_than_a_document_holds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rendering, "MOST_CHARACTERS", 100)
    with pytest.raises(TooMuch):
        sandbox().from_string("{% for 段 in 列 %}{{ 段 }}{% endfor %}").render(列=["十个字的一段话在这里"] * 11)


def test_a_field_that_is_missing_is_an_error_and_no_gap() -> None:
    with pytest.raises(TemplateError):
        rendered(document("{{ 没有这一项 }}"), sample_data(), [])
