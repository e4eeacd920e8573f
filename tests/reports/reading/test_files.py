"""What may come as a file: bombs, hostile and broken ones are refused in Chinese, nothing is fetched or crashes."""

from __future__ import annotations

import ast
import io
import zipfile
from pathlib import Path

import pytest
from django.conf import settings as django_settings
from docx import Document
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import Workbook
from openpyxl.cell.rich_text import CellRichText, TextBlock
from openpyxl.cell.text import InlineFont

from accounts.archives import UnreadableFile, check_document
from reports.reading.projects import read_pasted_projects
from reports.reading.reader import NoTable, best_of, read_pasted, read_tables
from tests.reports.reading.books import add_sheet, add_table, docx, html, read, saved, xlsx
from tests.reports.reading.made_tables import doubts_of, lines_of

APPS = ("accounts", "plans", "indicators", "projects", "reports", "dashboard", "civplan")
SMALL = [["序号", "指标（单位）", "2020年", "2025年"], ["1", "养老床位（张）", "10", "20"]]
TITLE = ["“十四五”主要指标"]


def replaced(content: bytes, part: str, made: bytes) -> bytes:
    """The archive with one part replaced or added."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            if name != part:
                new.writestr(name, old.read(name))
        new.writestr(part, made)
    return buffer.getvalue()


LAUGHS = b"""<?xml version="1.0"?><!DOCTYPE w [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;">]>
<w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:body><w:p>&b;</w:p></w:body>
</w:document>"""
FETCHES = LAUGHS.replace(b'<!ENTITY a "aaaaaaaaaa">', b'<!ENTITY a SYSTEM "file:///etc/hostname">')

REFUSED = [
    ("nothing", b"", "表.docx", "文件是空的"),
    ("cut off", docx(SMALL)[:900], "表.docx", "文件不完整|文件已损坏"),
    ("text called docx", b"abc", "表.docx", "内容却不是，可能只改了文件名"),
    ("workbook called docx", xlsx(SMALL), "表.docx", "内容却不是"),
    ("document called xlsx", docx(SMALL), "表.xlsx", "内容却不是"),
    ("document called doc", docx(SMALL), "表.doc", "内容却是 .docx，可能改过名"),
    ("old document", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "表.doc", "文件已损坏"),
    ("pdf", b"%PDF-1.7\n", "表.pdf", "PDF 文件，读不出表格"),
    ("macros", replaced(docx(SMALL), "word/vbaProject.bin", b"x"), "表.docm", "带宏的 .docm"),
    ("entities", replaced(docx(SMALL), "word/document.xml", LAUGHS), "表.docx", "不该有的实体声明"),
    ("a fetching entity", replaced(docx(SMALL), "word/document.xml", FETCHES), "表.docx", "不该有的实体声明"),
    (
        "entities in another encoding",
        replaced(
            docx(SMALL),
            "word/document.xml",
            LAUGHS.decode().replace('"1.0"', '"1.0" encoding="utf-16"').encode("utf-16"),
        ),
        "表.docx",
        "不该有的实体声明",
    ),
    ("entities in a sheet", replaced(xlsx(SMALL), "xl/worksheets/sheet1.xml", LAUGHS), "表.xlsx", "不该有的实体声明"),
    ("no markup", replaced(docx(SMALL), "word/document.xml", b"<w:x"), "表.docx", "文件已损坏"),
    ("a sheet without markup", replaced(xlsx(SMALL), "xl/worksheets/sheet1.xml", b"<x"), "表.xlsx", "文件已损坏"),
    ("a bomb", replaced(docx(SMALL), "word/media/x.xml", b"\0" * (8 * 1024 * 1024)), "表.docx", "解压后过大"),
    ("a text without content", b"  ", "表.html", "文件是空的"),
]


@pytest.mark.parametrize(
    ("content", "name", "reason"), [case[1:] for case in REFUSED], ids=[case[0] for case in REFUSED]
)
def test_a_hostile_or_broken_file_is_refused_in_its_own_words(content: bytes, name: str, reason: str) -> None:
    with pytest.raises(UnreadableFile, match=reason):
        read_tables(content, name)


def test_a_merged_block_over_the_whole_sheet_is_refused_before_it_fills_memory() -> None:
    book = Workbook()
    assert book.active is not None
    book.active["A1"] = "指标"
    content = saved(book)
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        sheet = archive.read("xl/worksheets/sheet1.xml")
    sheet = sheet.replace(
        b"</sheetData>", b'</sheetData><mergeCells count="1"><mergeCell ref="A1:XFD1048576"/></mergeCells>'
    )
    with pytest.raises(UnreadableFile, match="合并的单元格范围过大"):
        read_tables(replaced(content, "xl/worksheets/sheet1.xml", sheet), "表.xlsx")


def test_a_plain_document_passes() -> None:
    check_document(docx(SMALL), "表.docx", max_bytes=10**7)


@pytest.mark.parametrize("content", [xlsx([["a", "b"]]), docx([["姓名", "电话"], ["甲", "1"]])])
def test_a_file_without_an_indicator_table_says_so(content: bytes) -> None:
    name = "表.xlsx" if b"xl/workbook" in content else "表.docx"
    with pytest.raises(NoTable, match="没有找到指标表"):
        best_of(read_tables(content, name))


def test_entities_of_a_web_page_are_text_and_scripts_are_not_read() -> None:
    page = html(SMALL, before=TITLE).replace(b"<table>", b"<script>x</script><table>").replace(b">20<", b">&ge;20<")
    assert lines_of(read(page, "表.html")) == [
        "1 |  | 养老床位 | 张 | unstated | level | up | 2020 10 | 2025 ge 20 «≥20»"
    ]


def test_a_block_pasted_from_a_sheet_is_read() -> None:
    table = best_of(read_pasted('“十四五”主要指标\n序号\t指标\t单位\t2020年\t2025年\n1\t"养老\n床位"\t张\t10\t20\n'))
    assert lines_of(table) == ["1 |  | 养老床位 | 张 | unstated | level | up | 2020 10 | 2025 eq 20"]


def test_the_richest_table_of_a_file_is_read_and_the_others_are_named() -> None:
    document = Document()
    document.add_paragraph("表1 “十三五”主要指标完成情况")
    add_table(document, [["指标", "2015年实际", "2020年目标", "2020年实际"], ["床位（张）", "1", "2", "3"]])
    document.add_paragraph("表2 “十四五”主要指标")
    add_table(document, SMALL)
    tables = read_tables(saved(document), "规划.docx")
    assert [table.title for table in tables] == ["表1“十三五”主要指标完成情况", "表2“十四五”主要指标"]
    best = best_of(tables)
    assert (best.title, doubts_of(best)) == ("表2“十四五”主要指标", [":name"])


def test_a_table_goes_on_in_the_next_one_with_and_without_its_head() -> None:
    document = Document()
    document.add_paragraph("“十四五”主要指标")
    add_table(document, SMALL)
    document.add_paragraph("")
    add_table(document, [["2", "护理员（人）", "5", "8"]])
    document.add_paragraph("续表")
    add_table(document, [SMALL[0], ["3", "社工站（个）", "1", "9"]])
    (table,) = read_tables(saved(document), "规划.docx")
    assert [row.number for row in table.indicators] == ["1", "2", "3"]
    assert [row.where for row in table.indicators] == ["表1 第2行", "表2 第1行", "表3 第2行"]


def test_sheets_with_the_same_head_are_one_table_and_hidden_ones_are_not_read() -> None:
    book = Workbook()
    assert book.active is not None
    add_sheet(book.active, SMALL, before=TITLE)
    add_sheet(book.create_sheet("治理"), [SMALL[0], ["2", "社工站（个）", "1", "9"]], before=TITLE)
    hidden = book.create_sheet("旧表")
    add_sheet(hidden, [SMALL[0], ["3", "旧指标（个）", "1", "9"]], before=TITLE)
    hidden.sheet_state = "hidden"
    (table,) = read_tables(saved(book), "规划.xlsx")
    assert [row.where for row in table.indicators] == ["Sheet!B3", "治理!B3"]


def test_a_raised_number_is_a_footnote_s_mark_and_a_raised_two_after_m_is_part_of_the_unit() -> None:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    add_sheet(sheet, SMALL, before=TITLE, after=["①含家庭床位。"])
    up = InlineFont(vertAlign="superscript")
    sheet["B3"] = CellRichText("养老设施面积", TextBlock(up, "1"), "（m", TextBlock(up, "2"), "）")
    table = read(saved(book), "表.xlsx")
    assert (table.indicators[0].name, table.indicators[0].unit) == ("养老设施面积", "m²")
    assert table.indicators[0].remark == "① 含家庭床位"


def test_deleted_and_hidden_words_of_a_document_are_not_read() -> None:
    document = Document()
    document.add_paragraph(TITLE[0])
    add_table(document, SMALL)
    paragraph = document.tables[0].cell(1, 1).paragraphs[0]
    run = paragraph.add_run("旧")
    hide = OxmlElement("w:vanish")
    run._element.get_or_add_rPr().append(hide)
    deleted = OxmlElement("w:del")
    gone = OxmlElement("w:r")
    text = OxmlElement("w:delText")
    text.text = "删"
    gone.append(text)
    deleted.append(gone)
    paragraph._p.append(deleted)
    assert paragraph._p.find(qn("w:del")) is not None
    assert read(saved(document), "表.docx").indicators[0].name == "养老床位"


def test_a_formula_without_its_result_is_asked_about() -> None:
    book = Workbook()
    assert book.active is not None
    add_sheet(book.active, SMALL, before=TITLE)
    book.active["D3"] = "=C3*2"
    table = read(saved(book), "表.xlsx")
    assert (table.indicators[0].targets[0].value, doubts_of(table)) == (None, ["1:target"])


def test_a_table_whose_format_hides_digits_is_read_as_stored_and_asked_about() -> None:
    rows: list[list[object]] = [
        ["序号", "指标", "单位", "2020年", "2025年"],
        [1, "护理型床位占比", "%", (0.4, "0%"), (0.556, "0%")],
    ]
    table = read(xlsx(rows, before=TITLE), "表.xlsx")
    assert lines_of(table) == [
        "1 |  | 护理型床位占比 | % | unstated | level | up | 2020 40 «40%» | 2025 eq 55.6 «55.6%»"
    ]
    assert doubts_of(table) == ["1:target"]


_WORDS = (
    "序号|指标|单位|2020年|2025年目标|年均/累计|属性|其中：|（1）|1.1|一、|〔5〕|注：*|<|^|≥55%|3.5万张|63%→67%"
    "|2.0(城市) 2.0(农村)|—|a\nb|5\n6|项目名称|总投资|建设内容|合计"
)
_TEXTS = st.one_of(
    st.text(max_size=12),
    st.sampled_from(_WORDS.split("|")),
)


@settings(max_examples=150, deadline=None)
@given(st.lists(st.lists(_TEXTS, max_size=7), max_size=9))
def test_no_table_crashes_the_reader(rows: list[list[str]]) -> None:
    head = ["序号", "指标（单位）", "2020年", "2025年目标", "年均/累计", "属性"]
    for texts in (rows, [head, *rows], [["序号", "项目名称", "总投资", "建设内容", "建设年限"], *rows]):
        pasted = "\n".join("\t".join(cell.replace('"', "") for cell in row) for row in texts)
        for table in read_pasted(pasted):
            numbers = [row.number for row in table.indicators]
            assert len(set(numbers)) == len(numbers)
            assert {row.parent for row in table.indicators} - {""} <= set(numbers)
        read_pasted_projects(pasted)


@settings(max_examples=25, deadline=None)
@given(st.lists(st.lists(_TEXTS, min_size=1, max_size=6), min_size=1, max_size=6), st.sampled_from(["docx", "html"]))
def test_no_merging_crashes_the_reader(rows: list[list[str]], kind: str) -> None:
    wide = max(map(len, rows))
    clean = [["".join(char for char in cell if char.isprintable() or char == "\n") for cell in row] for row in rows]
    full = [[*row, *[""] * (wide - len(row))] for row in clean]
    full = [["0" if cell in "<^" and cell else cell for cell in row] for row in full]
    full.insert(0, ["指标", *["2025年目标"] * (wide - 1)])
    for place in range(1, len(full)):
        full[place][0] = "^" if place % 2 == 0 else full[place][0]
    read_tables((docx if kind == "docx" else html)(full), f"表.{kind}")


def test_the_reader_knows_no_model_and_no_database() -> None:
    folder = Path(django_settings.BASE_DIR) / "reports" / "reading"
    allowed = ("reports.reading", "indicators.figures", "indicators.verdicts", "accounts.archives")
    reached = {
        f"{file.name} imports {node.module}"
        for file in folder.glob("*.py")
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, ast.ImportFrom) and str(node.module).startswith(("django", *APPS))
        if not str(node.module).startswith(allowed)
    }
    assert reached == set()


def test_many_rows_with_one_number_are_told_apart_and_a_long_number_has_room_for_its_sub_rows() -> None:
    long = "1" * 30
    rows = [["序号", "指标（个）", "2025年"], [long, "甲", "1"], ["", "其中：乙", "1"], *([["7", "丙", "1"]] * 300)]
    table = read(xlsx(rows, before=TITLE), "表.xlsx")
    numbers = [row.number for row in table.indicators]
    assert len(set(numbers)) == 302
    assert max(map(len, numbers)) == 20
