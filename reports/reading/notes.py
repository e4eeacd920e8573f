"""Lines around a table: what the footnotes say of brackets and marks, and which lines are notes at all."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from reports.reading.wording import MARK, bare, half, without_marks

_BEGINS = re.compile(
    rf"^\s*(?:[*＊※]?(?:备注|说明|注释|注|附注|资料来源|数据来源)\s*[0-9一二三]?\s*[:：.、]|注[0-9一二三]|{MARK}"
    r"|[〔\[［【(（][\s0-9]*[〕\]］】)）]\s*(?:内|中|为|里|表示|是)|带[*＊※▲★#]|标[*＊※▲★#])"
)
_ITEM = re.compile(rf"({MARK})")
_BRACKETS = re.compile(
    r"(〔\s*〕|\[\s*\]|【\s*】|\(\s*\)|方括号|中括号|六角括号|括号|〔〕|带括号)[^。;；]{0,12}?(?:累计|合计|五年|5年)"
)


@dataclass(slots=True)
class Notes:
    """Footnotes by mark, whether round brackets are declared cumulative, and the attribute that a mark stands for."""

    by_mark: dict[str, str] = field(default_factory=dict)
    round_is_cumulative: bool = False
    attribute_of_mark: dict[str, str] = field(default_factory=dict)
    attribute_of_rest: str = ""


def is_note(line: str) -> bool:
    return _BEGINS.match(line) is not None


def read_notes(lines: list[str]) -> Notes:
    """From lines such as “注：1.〔〕内为五年累计数；2.带*的为约束性指标。”"""
    notes = Notes()
    for line in lines:
        even = half(line)
        found = _BRACKETS.search(even)
        if found and ("(" in found[1] or found[1] in {"括号", "带括号"}):
            notes.round_is_cumulative = True
        _read_marks(line, notes)
    return notes


def _read_marks(line: str, notes: Notes) -> None:
    if not is_note(line) and not re.search(MARK, line):
        return
    pieces = _ITEM.split(line)
    for mark, said in zip(pieces[1::2], pieces[2::2], strict=True):
        text = re.sub(
            r"^[”\"’]?\s*(?:号|标记|符号)?\s*(?:的?(?:指标|数据)?(?:为|表示|是|代表)|:|：|、|\.|-)?\s*", "", said
        )
        text = re.split(r"[;；]\s*(?=[0-9]|〔|\[|$)", text)[0].strip(' ；;。\n带标“"‘')
        if not text:
            continue
        key = mark[0]
        notes.by_mark.setdefault(key, text)
        if re.match(r"(?:的|项|指标|的指标|的为)*(?:为|是)?约束性", bare(text)):
            notes.attribute_of_mark[key] = "binding"
        elif re.match(r"(?:的|项|指标|的指标|的为)*(?:为|是)?预期性", bare(text)):
            notes.attribute_of_mark[key] = "expected"
        rest = re.search(r"(?:其余|其他|其它|未标注?的?|不带的?)[^。；;]{0,10}?(约束|预期)性", bare(line))
        if notes.attribute_of_mark and rest:
            notes.attribute_of_rest = "binding" if rest[1] == "约束" else "expected"


def of_marks(notes: Notes, marks: list[str]) -> str:
    """What the footnotes say of these marks, for the remark."""
    return "；".join(f"{mark} {notes.by_mark[mark]}" for mark in dict.fromkeys(marks) if mark in notes.by_mark)


def cleaned(line: str) -> str:
    return without_marks(line)[0]
