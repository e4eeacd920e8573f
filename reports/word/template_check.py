"""Whether an uploaded .docx can be a template of a Word report; it is refused with the place, in Chinese.

Three steps, each before the next may run: the archive and its parts (size, macros, links to outside, embedded
objects, entities), the placeholders (only fields of `fields.py`, plain loops over the lists, no calls, no arithmetic),
and a trial with sample data in the sandbox. A loop inside a loop could only multiply the data, so it is refused too:
what a template makes is at most its own length times the longest list.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import cast

from docx import Document
from jinja2 import TemplateError, TemplateSyntaxError, nodes
from lxml import etree  # type: ignore[import-untyped]

from accounts.archives import UnreadableFile, check_archive
from indicators.file_types import FileError, type_of
from reports.word.fields import FIELDS, Field, sample_data
from reports.word.rendering import FILTERS, TooMuch, rendered, sandbox

MAX_BYTES = 5 * 1024 * 1024
MAX_PART_BYTES = 2 * 1024 * 1024  # of one XML part, unpacked
# docxtpl's search for placeholders takes quadratic time in these: with as many the trial still takes seconds
MAX_PARAGRAPHS, MAX_RUNS = 4000, 8000
MAX_TAGS = 1000
W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_RELATIONSHIP = "{http://schemas.openxmlformats.org/package/2006/relationships}Relationship"
_PARTS = re.compile(r"word/(document|header\d*|footer\d*|footnotes)\.xml")
_PART_WORDS = {"document": "正文", "header": "页眉", "footer": "页脚", "footnotes": "脚注"}
_TAG = re.compile(r"\{\{.*?\}\}|\{%.*?%\}|\{#.*?#\}", re.DOTALL)
_BRACKETS = re.compile(r"\{\{|\}\}|\{%|%\}|\{#|#\}")
_PREFIX = re.compile(r"^(\{[{%#]-?)(?:tr|tc|p|r)(?=\s)")  # docxtpl's own: the whole row, cell, paragraph or run
_REACHES_OUT = re.compile(r"\b(DDE|DDEAUTO|INCLUDETEXT|INCLUDEPICTURE|LINK|IMPORT|DATABASE|AUTOTEXT|MACROBUTTON)\b")
_FORBIDDEN_PARTS = (
    ("vbaproject", "带有宏"),
    ("vbadata", "带有宏"),
    ("/embeddings/", "嵌有其他文件（OLE对象）"),
    ("/activex/", "带有ActiveX控件"),
    ("/afchunk", "引入了其他文档（altChunk）"),
)
_LOOP_WORDS = frozenset({"index", "index0", "first", "last", "length"})


class TemplateFault(ValueError):
    """The template is not taken; the message says why and where, in Chinese."""


def check_template(content: bytes, name: str) -> None:
    """Raise TemplateFault unless this file is a sound, harmless template that renders with sample data."""
    _check_file(content, name)
    parts = list(_parts(content))
    for part in parts:
        _check_part(part)
    if not any(_TAG.search(text) for part in parts for text in part.paragraphs):
        raise TemplateFault("文档里没有一个占位符，报告会没有数据。请从下载的默认模板改起。")
    _check_trial(content)


# ---- The file


def _check_file(content: bytes, name: str) -> None:
    if len(content) > MAX_BYTES:
        raise TemplateFault(f"文件超过{MAX_BYTES // 1024 // 1024} MB。模板一般只有几十KB，请删去其中的图片后再上传。")
    if not name.lower().endswith(".docx"):
        raise TemplateFault("模板只能是 .docx 文件。旧格式的 .doc、.wps 请在 Word 或 WPS 里另存为 .docx。")
    try:
        type_of(name, io.BytesIO(content))
        check_archive(content)
    except FileError as error:
        raise TemplateFault(str(error)) from error
    except UnreadableFile as error:
        raise TemplateFault(
            "文件已损坏、有密码、含实体声明或解压后过大，不能作为模板。请用 Word 另存后再上传。"
        ) from error
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        for entry in archive.infolist():
            _check_entry(archive, entry)


def _check_entry(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> None:
    """No part that runs, embeds or reaches outside the file."""
    for sign, word in _FORBIDDEN_PARTS:
        if sign in f"/{entry.filename.lower()}":
            raise TemplateFault(f"文件{word}（{entry.filename[:80]}），不能作为模板。请去掉后再上传。")
    if not entry.filename.lower().endswith((".xml", ".rels")):
        return
    if entry.file_size > MAX_PART_BYTES:
        raise TemplateFault(f"文件的部件 {entry.filename[:80]} 过大，不能作为模板。")
    root = _parsed(archive.read(entry), entry.filename)
    for relationship in root.iter(_RELATIONSHIP):
        if relationship.get("TargetMode") == "External":
            target = (relationship.get("Target") or "")[:60]
            raise TemplateFault(f"文件链接到外部（{target}），不能作为模板。请取消超链接、链接的图片或附加的模板。")
    if any(True for _ in root.iter(f"{W}altChunk")):
        raise TemplateFault("文件引入了其他文档（altChunk），不能作为模板。")
    instructions = [*root.iter(f"{W}instrText"), *root.iter(f"{W}fldSimple")]
    said = "".join((element.text or "") + (element.get(f"{W}instr") or "") for element in instructions)
    if found := _REACHES_OUT.search(said.upper()):
        raise TemplateFault(f"文件含有会引入外部内容的域（{found[0]}），不能作为模板。请删去这个域。")


def _parsed(content: bytes, name: str) -> etree._Element:
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    try:
        root = etree.fromstring(content, parser)
    except etree.XMLSyntaxError as error:
        raise TemplateFault(f"文件的部件 {name[:80]} 已损坏，请用 Word 或 WPS 重新保存后再上传。") from error
    return root


# ---- The placeholders


@dataclass(frozen=True, slots=True)
class _Part:
    """One part that is rendered, as the texts of its paragraphs in order."""

    name: str
    paragraphs: Sequence[str]

    def place(self, at: int) -> str:
        """正文第12段“{{ 指标 }}”: paragraphs are counted from 1, those in tables too."""
        shown = self.paragraphs[at - 1].strip() if 0 < at <= len(self.paragraphs) else ""
        return f"{self.name}第{at}段“{shown[:30]}{'…' if len(shown) > 30 else ''}”"


def _parts(content: bytes) -> Iterator[_Part]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        for entry in archive.infolist():
            if found := _PARTS.fullmatch(entry.filename):
                root = _parsed(archive.read(entry), entry.filename)
                word = next(said for sign, said in _PART_WORDS.items() if found[1].startswith(sign))
                paragraphs = list(root.iter(f"{W}p"))
                if len(paragraphs) > MAX_PARAGRAPHS or sum(1 for _ in root.iter(f"{W}t")) > MAX_RUNS:
                    raise TemplateFault(f"{word}的段落过多（最多{MAX_PARAGRAPHS}段），不像模板，没有安装。")
                yield _Part(word, [_text_of(paragraph) for paragraph in paragraphs])
            elif entry.filename == "docProps/core.xml" and _BRACKETS.search(
                archive.read(entry).decode("utf-8", "replace")
            ):
                raise TemplateFault("文档属性（标题、作者等）里不能有占位符，请在“文件—信息”里删去。")


def _text_of(paragraph: etree._Element) -> str:
    """The paragraph's own text, without that of a text box inside it."""
    own = (text for text in paragraph.iter(f"{W}t") if next(text.iterancestors(f"{W}p")) is paragraph)
    return "".join(text.text or "" for text in own)


def _check_part(part: _Part) -> None:
    lines = [_tags_of(part, at, text) for at, text in enumerate(part.paragraphs, start=1)]
    if sum(map(len, lines)) > MAX_TAGS:
        raise TemplateFault(f"{part.name}里的占位符超过{MAX_TAGS}个，不能作为模板。")
    environment = sandbox()
    try:
        tree = environment.parse("\n".join("".join(tags) for tags in lines))
    except TemplateSyntaxError as error:
        raise TemplateFault(f"{part.place(error.lineno)}的写法有误：{_in_chinese(error.message or '')}") from error
    _Checker(part).check(tree.body, {}, is_in_loop=False)


def _tags_of(part: _Part, at: int, text: str) -> list[str]:
    """The placeholders of a paragraph without docxtpl's prefixes; each has to end in the paragraph it begins in."""
    rest = _TAG.sub("", text)
    if found := _BRACKETS.search(rest):
        raise TemplateFault(f"{part.place(at)}里的“{found[0]}”没有配对。一个占位符要写在同一段里。")
    tags = [found[0] for found in _TAG.finditer(text) if not found[0].startswith("{#")]
    for tag in tags:
        if re.match(r"\{%-?\s*(cellbg|colspan|vm|hm)\b", tag):
            raise TemplateFault(f"{part.place(at)}用了不支持的写法“{tag[:30]}”。")
    return [_PREFIX.sub(r"\1", _straight(tag)).replace("\n", " ") for tag in tags]


def _straight(tag: str) -> str:
    """Word turns quotation marks; inside a placeholder they are meant straight, as docxtpl reads them."""
    return tag.translate({0x201C: '"', 0x201D: '"', 0x2018: "'", 0x2019: "'"})


class _Checker:
    """Walks the syntax tree with the fields that each name stands for; whatever is not listed here is refused."""

    def __init__(self, part: _Part) -> None:
        self.part = part

    def refuse(self, node: nodes.Node, reason: str) -> TemplateFault:
        return TemplateFault(f"{self.part.place(node.lineno)}：{reason}")

    def check(self, body: Sequence[nodes.Node], known: Mapping[str, Field], *, is_in_loop: bool) -> None:
        for node in body:
            if isinstance(node, nodes.Output):
                for part in node.nodes:
                    self.expression(part, known, is_in_loop=is_in_loop)
            elif isinstance(node, nodes.If):
                self.expression(node.test, known, is_in_loop=is_in_loop)
                for branch in (node.body, node.elif_, node.else_):
                    self.check(cast(Sequence[nodes.Node], branch), known, is_in_loop=is_in_loop)
            elif isinstance(node, nodes.For):
                self.loop(node, known, is_in_loop=is_in_loop)
            else:
                raise self.refuse(node, f"不能用“{_word_of(node)}”，只能用占位符、if 和 for。")

    def loop(self, node: nodes.For, known: Mapping[str, Field], *, is_in_loop: bool) -> None:
        if is_in_loop:
            raise self.refuse(node, "循环里不能再循环。")
        if node.recursive or node.test is not None or not isinstance(node.target, nodes.Name):
            raise self.refuse(node, "循环只能写成“for 名称 in 列表”。")
        if not isinstance(node.iter, nodes.Name):
            raise self.refuse(node, "只能对列表循环，不能用函数、运算或数字。")
        listed = self.named(node.iter, known)
        if not (listed.columns or listed.is_list):
            raise self.refuse(node, f"“{listed.name}”不是列表，不能循环。")
        name = node.target.name
        if name in _TOP or name == "loop":
            raise self.refuse(node, f"“{name}”是已有的名称，循环请换一个名称。")
        row = Field(name, "", columns=listed.columns)
        self.check(node.body, {**known, name: row}, is_in_loop=True)
        self.check(node.else_, known, is_in_loop=False)

    def named(self, node: nodes.Name, known: Mapping[str, Field]) -> Field:
        found = known.get(node.name) or _TOP.get(node.name)
        if found is None:
            raise self.refuse(node, f"没有“{node.name[:30]}”这个占位符。可用的名称见下表。")
        return found

    def expression(self, node: nodes.Node, known: Mapping[str, Field], *, is_in_loop: bool) -> None:
        if isinstance(node, nodes.TemplateData | nodes.Const):
            return
        if isinstance(node, nodes.Name):
            self.named(node, known)
        elif isinstance(node, nodes.Getattr):
            self.attribute(node, known, is_in_loop=is_in_loop)
        elif isinstance(node, nodes.Filter) and node.name in FILTERS and node.node is not None:
            for part in (node.node, *node.args):
                self.expression(part, known, is_in_loop=is_in_loop)
        elif isinstance(node, nodes.Not | nodes.And | nodes.Or | nodes.Compare | nodes.Operand | nodes.CondExpr):
            for child in node.iter_child_nodes():
                self.expression(child, known, is_in_loop=is_in_loop)
        else:
            raise self.refuse(node, f"不能用“{_word_of(node)}”，占位符里只能写名称。")

    def attribute(self, node: nodes.Getattr, known: Mapping[str, Field], *, is_in_loop: bool) -> None:
        """行.指标 or loop.index: one step, from a row of a list to one of its columns."""
        if not isinstance(node.node, nodes.Name):
            raise self.refuse(node, "占位符最多写成“行.名称”。")
        if node.node.name == "loop" and is_in_loop and node.attr in _LOOP_WORDS:
            return
        row = self.named(node.node, known)
        columns = [column.name for column in row.columns] if row.name in known else []
        if node.attr not in columns:
            raise self.refuse(node, f"“{row.name}”没有“{node.attr[:30]}”这一项。")


_TOP: dict[str, Field] = {field.name: field for field in FIELDS}
_NODE_WORDS = {
    "Call": "函数调用",
    "Include": "include",
    "Import": "import",
    "FromImport": "import",
    "Extends": "extends",
    "Macro": "macro",
    "CallBlock": "call",
    "FilterBlock": "filter",
    "Assign": "set",
    "AssignBlock": "set",
    "Block": "block",
    "With": "with",
    "Getitem": "方括号取值",
    "Filter": "过滤器",
    "Test": "is 判断",
}


def _word_of(node: nodes.Node) -> str:
    return _NODE_WORDS.get(type(node).__name__, "运算")


def _in_chinese(message: str) -> str:
    """What Jinja says about broken syntax, as far as an office can use it."""
    if any(sign in message for sign in ("endfor", "endif", "end of template", "innermost")):
        return "for 和 endfor、if 和 endif 没有配对。"
    if "unknown tag" in message:
        return "不认识的写法，只能用 for、if 和它们的结束标记。"
    return "请检查括号和名称，名称里不能有空格。"


# ---- The trial


def _check_trial(content: bytes) -> None:
    """Fill it with sample data and open the result, as a person will."""
    try:
        Document(io.BytesIO(rendered(content, sample_data(), [])))
    except TooMuch as error:
        raise TemplateFault(str(error)) from error
    except TemplateError as error:
        raise TemplateFault(f"试生成没有成功：{_in_chinese(error.message or '')}") from error
    except Exception as error:
        # docxtpl and lxml raise whatever a broken document leads them to; for us it is then no template
        raise TemplateFault(
            "试生成没有成功：占位符打乱了文档的结构。“tr”标记要独占表格的一行，“p”标记要独占一段。"
        ) from error
