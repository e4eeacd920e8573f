"""A bureau's own template: what is taken, and what is refused with which place."""

from __future__ import annotations

import io
from typing import Any

import pytest
from docx import Document

from reports.models import ReportKind
from reports.word import template_check
from reports.word.default_template import default_template
from reports.word.fields import FIELDS, sample_data
from reports.word.rendering import rendered
from reports.word.template_check import TemplateFault, check_template
from tests.reports.word.documents import document, part_of, rows_of, texts_of, with_part

NAME = "模板.docx"
UNPAIRED = "for 和 endfor、if 和 endif 没有配对。"
RELATIONS = "word/_rels/document.xml.rels"


def fault_of(content: bytes, name: str = NAME) -> str:
    with pytest.raises(TemplateFault) as raised:
        check_template(content, name)
    return str(raised.value)


@pytest.mark.parametrize("kind", ReportKind)
def test_the_portals_own_templates_are_sound(kind: ReportKind) -> None:
    check_template(default_template(kind), NAME)


def test_every_placeholder_of_the_list_can_be_used_as_the_list_says() -> None:
    lines, tables = [], []
    for field in FIELDS:
        if field.columns:
            cells = [f"{{{{ 行.{column.name} }}}}" for column in field.columns]
            tables.append((field, [[f"{{%tr for 行 in {field.name} %}}"], cells, ["{%tr endfor %}"]]))
        elif field.is_list:
            lines += [f"{{%p for 段 in {field.name} %}}", "{{ 段 }}", "{%p endfor %}"]
        else:
            lines.append(f"{{{{ {field.name} }}}}")

    def add_tables(doc: Any) -> None:
        for field, rows in tables:
            table = doc.add_table(rows=3, cols=len(field.columns))
            for at, texts in enumerate(rows):
                for cell, text in zip(table.rows[at].cells, texts, strict=False):
                    cell.text = text

    content = document(*lines, change=add_tables)
    check_template(content, NAME)
    filled = rendered(content, sample_data(), [])
    expected = [[column.sample for column in tables[0][0].columns]] * 2
    assert list(rows_of(filled, 0)) == expected


def test_a_template_edited_in_word_may_split_a_placeholder_into_runs_and_turn_its_quotation_marks() -> None:
    def split(doc: Any) -> None:
        paragraph = doc.add_paragraph()
        for part in ("{", "{ 标", "题 }", "}"):
            paragraph.add_run(part)
        doc.add_paragraph("{% if 数据年度 == “2023” %}是{% endif %}")

    content = document(change=split)
    check_template(content, NAME)
    assert texts_of(rendered(content, sample_data(), [])) == [sample_data()["标题"], "是"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{{ ''.__class__.__mro__ }}", "占位符最多写成“行.名称”。"),
        ("{{ 标题.__class__ }}", "“标题”没有“__class__”这一项。"),
        ("{{ 标题['__class__'] }}", "不能用“方括号取值”，占位符里只能写名称。"),
        ("{{ 标题|attr('__class__') }}", "不能用“过滤器”，占位符里只能写名称。"),
        ("{{ self }}", "没有“self”这个占位符。可用的名称见下表。"),
        ("{{ cycler.__init__.__globals__ }}", "占位符最多写成“行.名称”。"),
        ("{{ lipsum() }}", "不能用“函数调用”，占位符里只能写名称。"),
        ("{% for x in range(10**9) %}x{% endfor %}", "只能对列表循环，不能用函数、运算或数字。"),
        ("{% for x in [1, 2] %}x{% endfor %}", "只能对列表循环，不能用函数、运算或数字。"),
        ("{% for x in 标题 %}x{% endfor %}", "“标题”不是列表，不能循环。"),
        ("{% for x in 问题 %}{% for y in 问题 %}y{% endfor %}{% endfor %}", "循环里不能再循环。"),
        ("{% for x in 问题 recursive %}{{ loop(问题) }}{% endfor %}", "循环只能写成“for 名称 in 列表”。"),
        ("{% for 标题 in 问题 %}{{ 标题 }}{% endfor %}", "“标题”是已有的名称，循环请换一个名称。"),
        ("{{ 'a' * 1000000000 }}", "不能用“运算”，占位符里只能写名称。"),
        ("{{ '%1000000000d' % 1 }}", "不能用“运算”，占位符里只能写名称。"),
        ("{{ 10 ** 10 ** 10 }}", "不能用“运算”，占位符里只能写名称。"),
        ("{{ 标题 ~ 标题 }}", "不能用“运算”，占位符里只能写名称。"),
        ("{% include 'a' %}", "不能用“include”，只能用占位符、if 和 for。"),
        ("{% import 'a' as b %}", "不能用“import”，只能用占位符、if 和 for。"),
        ("{% extends 'a' %}", "不能用“extends”，只能用占位符、if 和 for。"),
        ("{% set x = 标题 %}", "不能用“set”，只能用占位符、if 和 for。"),
        ("{% macro m() %}{{ m() }}{% endmacro %}", "不能用“macro”，只能用占位符、if 和 for。"),
        ("{% block b %}{% endblock %}", "不能用“block”，只能用占位符、if 和 for。"),
        ("{{ 没有这一项 }}", "没有“没有这一项”这个占位符。可用的名称见下表。"),
        ("{% for 行 in 问题 %}{{ 行.数字 }}{% endfor %}", "“行”没有“数字”这一项。"),
        ("{{ 行.标题 }}", "没有“行”这个占位符。可用的名称见下表。"),
        ("{{ loop.index }}", "没有“loop”这个占位符。可用的名称见下表。"),
        ("{{ 问题.标题 }}", "“问题”没有“标题”这一项。"),
    ],
)
def test_whatever_is_no_plain_placeholder_is_refused_with_its_paragraph(text: str, said: str) -> None:
    shown = text[:30] + ("…" if len(text) > 30 else "")
    assert fault_of(document("第一段", text)) == f"正文第2段“{shown}”：{said}"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{{ 标题", "正文第2段“{{ 标题”里的“{{”没有配对。一个占位符要写在同一段里。"),
        ("标题 }}", "正文第2段“标题 }}”里的“}}”没有配对。一个占位符要写在同一段里。"),
        ("{% for 段 in 下一步 %}", "正文第2段“{% for 段 in 下一步 %}”的写法有误：" + UNPAIRED),
        ("{% endfor %}", "正文第2段“{% endfor %}”的写法有误：" + UNPAIRED),
        ("{% 循环 %}", "正文第2段“{% 循环 %}”的写法有误：不认识的写法，只能用 for、if 和它们的结束标记。"),
        ("{{ 标 题 }}", "正文第2段“{{ 标 题 }}”的写法有误：请检查括号和名称，名称里不能有空格。"),
        ("{{ }}", "正文第2段“{{ }}”的写法有误：请检查括号和名称，名称里不能有空格。"),
        ("{%vm%}", "正文第2段“{%vm%}”用了不支持的写法“{%vm%}”。"),
    ],
)
def test_a_slip_of_the_pen_is_told_with_its_paragraph(text: str, said: str) -> None:
    assert fault_of(document("第一段", text)) == said


def test_headers_and_footers_are_read_too() -> None:
    def change(doc: Any) -> None:
        doc.sections[0].header.paragraphs[0].text = "{{ lipsum() }}"

    assert fault_of(document(change=change)).startswith("页眉第1段“{{ lipsum() }}”：不能用“函数调用”")


def test_the_properties_of_the_document_hold_no_placeholder() -> None:
    def change(doc: Any) -> None:
        doc.core_properties.title = "{{ 标题 }}"

    assert fault_of(document(change=change)).startswith("文档属性（标题、作者等）里不能有占位符")


def test_a_mark_for_rows_outside_a_table_is_refused_by_the_trial() -> None:
    assert fault_of(document("{%tr for 行 in 问题 %}", "{{ 行.标题 }}", "{%tr endfor %}", "后一段")).startswith(
        "试生成没有成功"
    )


def test_four_thousand_paragraphs_are_too_many() -> None:
    body = part_of(document("甲"), "word/document.xml").replace("<w:sectPr", "<w:p/>" * 4001 + "<w:sectPr", 1)
    content = with_part(document("甲"), "word/document.xml", body.encode())
    assert fault_of(content) == "正文的段落过多（最多4000段），不像模板，没有安装。"


def test_a_thousand_placeholders_are_too_many() -> None:
    assert fault_of(document(*["{{ 标题 }}"] * 1001)) == "正文里的占位符超过1000个，不能作为模板。"


# ---- The file


@pytest.mark.parametrize(
    ("name", "what"),
    [
        ("word/vbaProject.bin", "带有宏"),
        ("word/embeddings/oleObject1.bin", "嵌有其他文件（OLE对象）"),
        ("word/activeX/activeX1.xml", "带有ActiveX控件"),
        ("word/afchunk.htm", "引入了其他文档（altChunk）"),
    ],
)
def test_a_file_that_runs_or_embeds_is_refused(name: str, what: str) -> None:
    said = fault_of(with_part(document("正文"), name, b"x"))
    assert said == f"文件{what}（{name}），不能作为模板。请去掉后再上传。"


@pytest.mark.parametrize("kind", ["attachedTemplate", "image", "hyperlink", "oleObject", "frame"])
def test_a_file_that_reaches_outside_is_refused(kind: str) -> None:
    content = document("正文")
    link = (
        f'<Relationship Id="rId99" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/{kind}" '
        'Target="file://server/share/x.dotm" TargetMode="External"/></Relationships>'
    )
    relations = part_of(content, RELATIONS).replace("</Relationships>", link)
    assert fault_of(with_part(content, RELATIONS, relations.encode())) == (
        "文件链接到外部（file://server/share/x.dotm），不能作为模板。请取消超链接、链接的图片或附加的模板。"
    )


def test_a_field_that_brings_in_other_files_is_refused() -> None:
    content = document("正文")
    body = part_of(content, "word/document.xml").replace(
        "<w:t>正文</w:t>", '<w:instrText xml:space="preserve"> DDEAUTO c:\\\\cmd "/k calc" </w:instrText>'
    )
    assert fault_of(with_part(content, "word/document.xml", body.encode())) == (
        "文件含有会引入外部内容的域（DDEAUTO），不能作为模板。请删去这个域。"
    )


def test_entities_are_refused_before_they_are_unfolded() -> None:
    bomb = b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><a>&b;</a>'
    said = fault_of(with_part(document("正文"), "word/extra.xml", bomb))
    assert said == "文件已损坏、有密码、含实体声明或解压后过大，不能作为模板。请用 Word 另存后再上传。"
    wide = bomb.replace(b"?>", b' encoding="UTF-16"?>', 1).decode().encode("utf-16")
    assert fault_of(with_part(document("正文"), "word/extra.xml", wide)) == said


def test_a_document_without_a_placeholder_is_no_template() -> None:
    said = "文档里没有一个占位符，报告会没有数据。请从下载的默认模板改起。"
    assert fault_of(document("老河口市民政事业发展报告")) == said


def test_a_file_that_bursts_when_unpacked_is_refused() -> None:
    burst = with_part(document("正文"), "word/media/a.bmp", b"\0" * 60_000_000)
    assert fault_of(burst) == "文件已损坏、有密码、含实体声明或解压后过大，不能作为模板。请用 Word 另存后再上传。"


def test_a_part_too_large_to_be_parsed_in_time_is_refused() -> None:
    numbers = " ".join(map(str, range(template_check.MAX_PART_BYTES // 6))).encode()
    content = with_part(document("正文"), "word/extra.xml", b"<a>" + numbers + b"</a>")
    assert fault_of(content) == "文件的部件 word/extra.xml 过大，不能作为模板。"


@pytest.mark.parametrize(
    ("content", "name", "said"),
    [
        (b"", NAME, "是空文件"),
        (b"not a document", NAME, "的内容不是Word文档"),
        (document("正文"), "模板.doc", "模板只能是 .docx 文件"),
        (document("正文"), "模板.docm", "模板只能是 .docx 文件"),
        (b"PK\x03\x04 broken", NAME, "的内容不是Word文档"),
        (b"x" * (template_check.MAX_BYTES + 1), NAME, "文件超过5 MB"),
    ],
)
def test_what_is_no_document_is_refused(content: bytes, name: str, said: str) -> None:
    assert said in fault_of(content, name)


def test_a_document_with_macros_that_calls_itself_docx_is_refused() -> None:
    content = document("正文")
    types = part_of(content, "[Content_Types].xml").replace(
        "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml",
        "application/vnd.ms-word.document.macroEnabled.main+xml",
    )
    assert "的内容不是Word文档" in fault_of(with_part(content, "[Content_Types].xml", types.encode()))


def test_a_document_cut_short_is_refused() -> None:
    content = document("正文")
    assert Document(io.BytesIO(content)) is not None
    assert "的内容不是Word文档" in fault_of(content[:-200])
