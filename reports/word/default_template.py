"""The portal's own template of each Word report, in the format of GB/T 9704-2012 (党政机关公文格式).

A4, margins of 37, 35, 28 and 26 mm; title 方正小标宋简体 二号; body 仿宋_GB2312 三号, 22 lines of 28.95 points a page;
heads 黑体 and 楷体_GB2312; page number — 1 — 宋体 四号 on the outer side. Fonts are named, none is embedded. Equal to
the byte however often it is built: what a bureau downloads and edits in Word is what its report is made from.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from docx import Document
from docx.enum.section import WD_SECTION
from docx.enum.style import WD_STYLE_TYPE
from docx.enum.table import WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_LINE_SPACING
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Length, Mm, Pt, RGBColor

from reports.models import ReportKind

LATIN = "Times New Roman"
SONG, HEI, KAI, FANG = "宋体", "黑体", "楷体_GB2312", "仿宋_GB2312"
TITLE_FONT = "方正小标宋简体"
TITLE, BODY, PAGE_NUMBER = Pt(22), Pt(16), Pt(14)  # 二号, 三号, 四号
LINE = Pt(28.95)
_TWO_CHARACTERS = "200"  # in hundredths of a character
_FIXED = (2020, 1, 1, 0, 0, 0)
_CENTRE, _LEFT, _RIGHT = WD_ALIGN_PARAGRAPH.CENTER, WD_ALIGN_PARAGRAPH.LEFT, WD_ALIGN_PARAGRAPH.RIGHT

Columns = Sequence[tuple[str, str, float, Any]]  # head, placeholder, width in mm, alignment


@cache
def default_template(kind: ReportKind) -> bytes:
    """The template as a .docx."""
    builder = _Builder(Document())
    _OUTLINES[kind](builder)
    builder.signature()
    return builder.saved()


def default_name(kind: ReportKind) -> str:
    return f"{kind.label}_默认模板.docx"


# ---- The three outlines


def _monitoring(build: _Builder) -> None:
    build.title()
    build.head("一、监测工作概况")
    build.each("工作概况")
    build.head("二、总体进展和指标完成情况")
    build.each("总体进展")
    build.charts()
    build.indicator_table("表1　规划主要指标完成情况", "指标表", _PROGRESS_COLUMNS)
    build.indicators("指标段落")
    build.when("其他指标表")
    build.indicator_table("表2　专栏和正文中的量化目标完成情况", "其他指标表", _PROGRESS_COLUMNS)
    build.end("if")
    build.head("三、主要任务和重点项目进展")
    build.each("主要任务")
    build.each("项目概况")
    build.each("项目问题")
    build.head("四、存在问题及原因")
    build.problems()
    build.head("五、下一步工作")
    build.each("下一步")


def _midterm(build: _Builder) -> None:
    build.title()
    build.head("一、评估工作概况")
    build.each("工作概况")
    build.head("二、总体进展和指标完成情况")
    build.head("（一）总体情况", level=2)
    build.each("总体进展")
    build.charts()
    build.head("（二）规划主要指标完成情况", level=2)
    build.indicator_table("表1　规划主要指标完成情况", "指标表", _PROGRESS_COLUMNS)
    build.indicators("指标段落")
    _others(build, "（三）专栏和正文中的量化目标", _PROGRESS_COLUMNS)
    build.head("三、主要任务进展")
    build.each("主要任务")
    _projects(build, "四、重点项目进展")
    build.head("五、存在问题及原因")
    build.problems()
    build.head("六、形势变化")
    build.each("形势变化")
    build.head("七、调整建议")
    build.each("调整建议")
    build.head("八、下一步工作")
    build.each("下一步")


def _final(build: _Builder) -> None:
    build.title()
    build.head("一、评估工作概况")
    build.each("工作概况")
    build.head("二、规划全期总体进展和指标完成情况")
    build.head("（一）全期总体情况", level=2)
    build.each("总体进展")
    build.charts()
    build.head("（二）规划主要指标全期完成情况", level=2)
    build.indicator_table("表1　规划主要指标各年及全期完成情况", "指标表", _WHOLE_COLUMNS)
    build.indicators("指标段落")
    _others(build, "（三）专栏和正文中的量化目标", _WHOLE_COLUMNS)
    build.head("三、主要任务完成情况")
    build.each("主要任务")
    _projects(build, "四、重点项目完成情况")
    build.head("五、未完成事项、存在问题及原因")
    build.problems()
    build.head("六、规划期内的形势变化")
    build.each("形势变化")
    build.head("七、对下一规划期的建议")
    build.each("调整建议")
    build.head("八、下一步工作")
    build.each("下一步")


def _others(build: _Builder, head: str, columns: Columns) -> None:
    build.when("其他指标表")
    build.head(head, level=2)
    build.indicator_table("表2　专栏和正文中的量化目标完成情况", "其他指标表", columns)
    build.indicators("其他指标段落")
    build.end("if")


def _projects(build: _Builder, head: str) -> None:
    build.head(head)
    build.each("项目概况")
    build.when("项目表")
    build.table("表3　重点项目分阶段情况", "项目阶段表", _STAGE_COLUMNS, note="金额单位：万元")
    build.table("表4　重点项目进展情况", "项目表", _PROJECT_COLUMNS, note="金额单位：万元")
    build.end("if")
    build.each("项目问题")


_OUTLINES = {ReportKind.MONITORING: _monitoring, ReportKind.MIDTERM: _midterm, ReportKind.FINAL: _final}

_NAME_COLUMNS: Columns = (
    ("序号", "行.序号", 11, _CENTRE),
    ("指标", "行.指标", 36, _LEFT),
    ("单位", "行.单位", 11, _CENTRE),
)
_VERDICT_COLUMN: Columns = (("评价", "行.标志 }}{{ 行.评价", 18, _CENTRE),)
_PROGRESS_COLUMNS: Columns = (
    *_NAME_COLUMNS,
    ("属性", "行.属性", 12, _CENTRE),
    ("基期", "行.基期", 13, _RIGHT),
    ("{{ 数据年度 }}年\n{{ 实际表头 }}", "行.实际", 15, _RIGHT),
    ("{{ 目标年度 }}年\n目标", "行.目标", 16, _RIGHT),
    ("完成\n进度", "行.完成进度", 12, _RIGHT),
    ("时间\n进度", "行.时间进度", 12, _RIGHT),
    *_VERDICT_COLUMN,
)
_WHOLE_COLUMNS: Columns = (
    *((head, use, width - (7 if head == "指标" else 0), align) for head, use, width, align in _NAME_COLUMNS),
    ("基期", "行.基期", 12, _RIGHT),
    *((f"{{{{ 第{at}年表头 }}}}", f"行.第{at}年", 12.2, _RIGHT) for at in range(1, 6)),
    ("{{ 目标年度 }}年\n目标", "行.目标", 14, _RIGHT),
    ("评价", "行.标志 }}{{ 行.评价", 17, _CENTRE),
)
_STAGE_COLUMNS: Columns = (
    ("阶段", "行.阶段", 36, _LEFT),
    ("项目个数", "行.个数", 26, _RIGHT),
    ("总投资", "行.总投资", 32, _RIGHT),
    ("累计完成投资", "行.完成投资", 34, _RIGHT),
    ("完成率", "行.完成率", 28, _RIGHT),
)
_PROJECT_COLUMNS: Columns = (
    ("序号", "行.序号", 10, _CENTRE),
    ("项目", "行.项目", 46, _LEFT),
    ("总投资", "行.总投资", 17, _RIGHT),
    ("阶段", "行.阶段", 17, _CENTRE),
    ("累计完成\n投资", "行.完成投资", 17, _RIGHT),
    ("完成率", "行.完成率", 14, _RIGHT),
    ("数据截至", "行.截至", 17, _CENTRE),
    ("情况", "行.情况", 18, _CENTRE),
)


# ---- How the parts are made


@dataclass(frozen=True, slots=True)
class _Builder:
    """Writes the parts of a template into a new document, whose styles it makes first."""

    doc: Any

    def __post_init__(self) -> None:
        _page(self.doc)
        _styles(self.doc)

    def title(self) -> None:
        self.line("{%p if 演示提示 %}")
        self.line("{{ 演示提示 }}", "演示提示")
        self.end("if")
        self.line("{{ 规划名称 }}\n{{ 报告名称 }}", "公文标题")
        self.line("（{{ 数据年度 }}年数据）", "副标题")

    def head(self, words: str, *, level: int = 1) -> None:
        self.line(words, f"Heading {level}")

    def line(self, words: str, style: str = "Normal") -> Any:
        return self.doc.add_paragraph(words, style=style)

    def when(self, name: str) -> None:
        self.line(f"{{%p if {name} %}}")

    def end(self, what: str) -> None:
        self.line(f"{{%p end{what} %}}")

    def each(self, name: str) -> None:
        """One paragraph for each text of the list."""
        self.line(f"{{%p for 段 in {name} %}}")
        self.line("{{ 段 }}")
        self.end("for")

    def indicators(self, name: str) -> None:
        """One numbered paragraph for each indicator, its name in bold."""
        self.line(f"{{%p for 行 in {name} %}}")
        paragraph = self.line("")
        paragraph.add_run("{{ 行.编号 }}{{ 行.标题 }}。").bold = True
        paragraph.add_run("{{ 行.分述 }}")
        self.end("for")

    def problems(self) -> None:
        self.line("{%p if not 问题 %}")
        self.line("已审核的数据中没有落后的指标。")
        self.end("if")
        self.line("{%p for 行 in 问题 %}")
        paragraph = self.line("")
        paragraph.add_run("{{ loop.index }}.{{ 行.标题 }}：").bold = True
        paragraph.add_run("{{ 行.正文 }}{% if 行.责任科室 %}责任科室：{{ 行.责任科室 }}。{% endif %}")
        self.end("for")
        self.each("数据问题")

    def charts(self) -> None:
        self.line("{%p for 图 in 进度图 %}")
        self.line("{{ 图.图片 }}", "图")
        self.line("{{ 图.图题 }}", "图题")
        self.end("for")

    def indicator_table(self, caption: str, name: str, columns: Columns) -> None:
        note = "标志：●达到或好于应有进度　▲轻度滞后或基本完成　■滞后、回落或未完成　–未评价　※演示数据"
        self.table(caption, name, columns, note=note)

    def table(self, caption: str, name: str, columns: Columns, *, note: str) -> None:
        """A table whose head row is repeated on every page, one row for each row of the list."""
        self.line(caption, "表题")
        table = self.doc.add_table(rows=4, cols=len(columns))
        table.style, table.alignment, table.autofit = "Table Grid", WD_TABLE_ALIGNMENT.CENTER, False
        _narrow_margins(table)
        for at, (head, use, width, align) in enumerate(columns):
            table.columns[at].width = Mm(width)
            cells = table.columns[at].cells
            for cell in cells:
                cell.width = Mm(width)
            _fill(cells[0], head, "表头", _CENTRE)
            _fill(cells[2], f"{{{{ {use} }}}}", "表格文字", align)
        _fill(table.cell(1, 0), f"{{%tr for 行 in {name} %}}", "表格文字", _LEFT)
        _fill(table.cell(3, 0), "{%tr endfor %}", "表格文字", _LEFT)
        _mark_row(table.rows[0], "w:tblHeader")
        for row in table.rows:
            _mark_row(row, "w:cantSplit")
        self.line(note, "表注")

    def signature(self) -> None:
        self.line("{{ 编制单位 }}", "落款")
        self.line("{{ 报告日期 }}", "落款")

    def saved(self) -> bytes:
        """The document as bytes; the files in the archive carry one fixed date."""
        core = self.doc.core_properties
        core.author = core.last_modified_by = core.comments = core.title = ""
        core.created = core.modified = datetime(*_FIXED[:3])  # noqa: DTZ001 (the format knows no zone)
        out = io.BytesIO()
        self.doc.save(out)
        return with_fixed_dates(out.getvalue())


def with_fixed_dates(content: bytes) -> bytes:
    """The same archive, each of its files dated alike, so that equal documents are equal bytes."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as given, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as written:
        for entry in given.infolist():
            fixed = zipfile.ZipInfo(entry.filename, _FIXED)
            fixed.compress_type = zipfile.ZIP_DEFLATED
            written.writestr(fixed, given.read(entry))
    return out.getvalue()


def _page(doc: Any) -> None:
    section = doc.sections[0]
    section.start_type = WD_SECTION.NEW_PAGE
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.top_margin, section.bottom_margin = Mm(37), Mm(35)
    section.left_margin, section.right_margin = Mm(28), Mm(26)
    section.header_distance, section.footer_distance = Mm(15), Mm(24)
    doc.settings.odd_and_even_pages_header_footer = True


def _styles(doc: Any) -> None:
    normal = doc.styles["Normal"]
    _look(normal, FANG, BODY, indent=True)
    normal.paragraph_format.alignment = WD_ALIGN_PARAGRAPH.JUSTIFY
    language = OxmlElement("w:lang")
    language.set(qn("w:val"), "en-US")
    language.set(qn("w:eastAsia"), "zh-CN")
    normal.element.get_or_add_rPr().append(language)
    for level, font in ((1, HEI), (2, KAI), (3, FANG)):
        _look(doc.styles[f"Heading {level}"], font, BODY, indent=True, keep=True)
    _look(_new(doc, "公文标题"), TITLE_FONT, TITLE, align=_CENTRE, line=Pt(33), before=Pt(29))
    _look(_new(doc, "副标题"), KAI, BODY, align=_CENTRE, after=Pt(29))
    _look(_new(doc, "演示提示"), HEI, PAGE_NUMBER, align=_CENTRE, colour=RGBColor(0x8E, 0x1B, 0x1B))
    _look(_new(doc, "表题"), HEI, Pt(12), align=_CENTRE, line=Pt(22), before=Pt(6), keep=True)
    _look(_new(doc, "表注"), SONG, Pt(9), align=_LEFT, line=Pt(14), after=Pt(8))
    _look(_new(doc, "表头"), HEI, Pt(9), align=_CENTRE, line=Pt(12.5))
    _look(_new(doc, "表格文字"), SONG, Pt(9), line=Pt(12.5))
    _look(_new(doc, "图"), FANG, BODY, align=_CENTRE, line=None, keep=True)
    _look(_new(doc, "图题"), HEI, Pt(12), align=_CENTRE, line=Pt(22), after=Pt(6))
    _look(_new(doc, "落款"), FANG, BODY, align=_RIGHT)
    doc.styles["落款"].paragraph_format.right_indent = Pt(32)
    _look(_new(doc, "页码"), SONG, PAGE_NUMBER, latin=SONG, line=None)
    _page_number(doc.sections[0].footer, _RIGHT)
    _page_number(doc.sections[0].even_page_footer, _LEFT)


def _new(doc: Any, name: str) -> Any:
    style = doc.styles.add_style(name, WD_STYLE_TYPE.PARAGRAPH)
    style.base_style = doc.styles["Normal"]
    style.quick_style = True
    return style


def _look(
    style: Any,
    font: str,
    size: Length,
    *,
    latin: str = LATIN,
    align: Any = None,
    line: Length | None = LINE,
    before: Length | None = None,
    after: Length | None = None,
    indent: bool = False,
    keep: bool = False,
    colour: RGBColor | None = None,
) -> None:
    """Font by name (`w:eastAsia` for the Chinese), exact line spacing, first-line indent of two characters."""
    style.font.size, style.font.bold, style.font.italic = size, False, False
    style.font.color.rgb = colour or RGBColor(0, 0, 0)
    fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
    fonts.attrib.clear()
    for name, value in (("ascii", latin), ("hAnsi", latin), ("eastAsia", font), ("cs", latin)):
        fonts.set(qn(f"w:{name}"), value)
    fonts.set(qn("w:hint"), "eastAsia")  # else “ ” and … would be taken from the Latin font
    format_ = style.paragraph_format
    format_.space_before, format_.space_after = before or Pt(0), after or Pt(0)
    format_.keep_with_next, format_.widow_control = keep, False
    if align is not None:
        format_.alignment = align
    if line is None:
        format_.line_spacing_rule = WD_LINE_SPACING.SINGLE
    else:
        format_.line_spacing_rule, format_.line_spacing = WD_LINE_SPACING.EXACTLY, line
    format_.first_line_indent = Pt(size.pt * 2) if indent else Pt(0)
    indented = style.element.get_or_add_pPr().get_or_add_ind()
    indented.set(qn("w:firstLineChars"), _TWO_CHARACTERS if indent else "0")


def _page_number(footer: Any, align: Any) -> None:
    """— 1 — on the outer side, one character in from the edge."""
    footer.is_linked_to_previous = False
    paragraph = footer.paragraphs[0]
    paragraph.style, paragraph.alignment = "页码", align
    edge = "right_indent" if align == _RIGHT else "left_indent"
    setattr(paragraph.paragraph_format, edge, PAGE_NUMBER)
    paragraph.add_run("— ")
    for kind, text in (("begin", ""), ("", " PAGE "), ("separate", ""), ("shown", "1"), ("end", "")):
        run = paragraph.add_run("1" if kind == "shown" else "")
        if kind in ("begin", "separate", "end"):
            mark = OxmlElement("w:fldChar")
            mark.set(qn("w:fldCharType"), kind)
            run._r.append(mark)
        elif not kind:
            instruction = OxmlElement("w:instrText")
            instruction.set(qn("xml:space"), "preserve")
            instruction.text = text
            run._r.append(instruction)
    paragraph.add_run(" —")


def _narrow_margins(table: Any) -> None:
    margins = OxmlElement("w:tblCellMar")
    for side in ("left", "right"):
        margin = OxmlElement(f"w:{side}")
        margin.set(qn("w:w"), "45")
        margin.set(qn("w:type"), "dxa")
        margins.append(margin)
    table._tbl.tblPr.append(margins)


def _fill(cell: Any, words: str, style: str, align: Any) -> None:
    paragraph = cell.paragraphs[0]
    paragraph.text, paragraph.style, paragraph.alignment = words, style, align
    cell.vertical_alignment = 1  # centred


def _mark_row(row: Any, tag: str) -> None:
    row._tr.get_or_add_trPr().append(OxmlElement(tag))
