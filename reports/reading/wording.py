"""How printed text is made even: width, spaces, line breaks, footnote marks. What a reader would not see is dropped.

Nothing here decides what a text means, and no Unicode normalisation is used (NFKC turns ① into 1 and ² into 2).
"""

from __future__ import annotations

import re
import unicodedata

_HALF = {code: chr(code - 0xFEE0) for code in range(0xFF01, 0xFF5F)} | {
    ord(char): replaced
    for char, replaced in {
        "\u3000": " ",
        "\xa0": " ",
        "−": "-",
        "–": "—",
        "―": "—",
        "─": "—",
        "∶": ":",
        "∕": "/",
        "⁄": "/",
    }.items()
}
# Left full width: in running Chinese text they are punctuation, not figures.
_KEPT = {ord(char) for char in "，；！？、＊＃"}
_INVISIBLE = {"Cc", "Cf", "Cs", "Co", "Cn"}
_SIDE_MARKS = "*＊※▲△★☆●◆■#＃†‡"
_CIRCLED = "①②③④⑤⑥⑦⑧⑨⑩⑪⑫⑬⑭⑮⑯⑰⑱⑲⑳"
RAISED = {str(number): _CIRCLED[number - 1] for number in range(1, 21)}
MARK = rf"(?:[{re.escape(_SIDE_MARKS)}]+|[{_CIRCLED}❶-❿➀-➓⑴-⒇])"
_TRAILING_MARKS = re.compile(rf"(?:\s*{MARK})+$")
_LEADING_MARKS = re.compile(rf"^(?:{MARK}\s*)+")
_ONE_MARK = re.compile(MARK)
_HAN_LIKE = r"\u2e80-\u9fff\uf900-\ufaff\uff01-\uff0f\uff1a-\uff5e\u3000-\u303f“”‘’—…·"
_SPACE_BESIDE_HAN = re.compile(rf"(?<=[{_HAN_LIKE}(])[ \t]+|[ \t]+(?=[{_HAN_LIKE})])")
_WRAPPED = re.compile(r"[ \t]*\n[ \t]*")
_ORDINAL = re.compile(
    r"^\s*(?:第?[一二三四五六七八九十]{1,3}[、.．:：]|[((（][一二三四五六七八九十]{1,3}[))）][、.．]?"
    r"|第[一二三四五六七八九十]{1,3}[章节类部]分?[、:：]?)\s*"
)


def visible(text: str) -> str:
    """Without control, format and private characters; line ends become one kind, a tab a space."""
    text = re.sub(r"\r\n?|[\x0b\x0c\x85\u2028\u2029]|_x000[dD]_", "\n", text).replace("\t", " ")
    return "".join(char for char in text if char == "\n" or unicodedata.category(char) not in _INVISIBLE)


def half(text: str) -> str:
    """Digits, letters, brackets and signs in half width; Chinese commas stay."""
    return "".join(char if ord(char) in _KEPT else char.translate(_HALF) for char in text)


def closed(text: str) -> str:
    """One line as meant: line breaks of the layout gone, no space beside a Chinese character, one between words."""
    joined = _WRAPPED.sub(_joint, text.strip())
    joined = re.sub(r"[\u3000\xa0]", " ", joined)
    return re.sub(r" {2,}", " ", _SPACE_BESIDE_HAN.sub("", joined)).strip()


def _joint(found: re.Match[str]) -> str:
    before, after = found.string[: found.start()], found.string[found.end() :]
    is_word = all(char.isascii() and char.isalpha() for char in (before[-1:], after[:1]) if char)
    return " " if is_word and before and after else ""


def bare(text: str) -> str:
    """For comparing words: half width, without any space or line break."""
    return re.sub(r"\s+", "", half(visible(text)))


def lines_of(text: str) -> list[str]:
    return [line.strip() for line in text.split("\n") if line.strip()]


def without_marks(text: str) -> tuple[str, list[str]]:
    """The text without footnote marks at its edges, and these marks; a text of marks alone is left as it is."""
    core, marks = text.strip(), []
    for pattern in (_TRAILING_MARKS, _LEADING_MARKS):
        found = pattern.search(core)
        if found and len(found[0]) < len(core):
            marks += [mark[0] for mark in _ONE_MARK.findall(found[0])]
            core = (core[: found.start()] + core[found.end() :]).strip()
    return core, marks


def without_ordinal(text: str) -> str:
    """社会救助 for 一、社会救助 and （一）社会救助."""
    return _ORDINAL.sub("", text, count=1)


def has_ordinal(text: str) -> bool:
    return _ORDINAL.match(text) is not None


def raised(text: str, before: str) -> str:
    """A superscript: ² after m is part of the unit, any other number is the mark of a footnote."""
    if re.search(r"(?:m|M|米)$", before) and text.strip() in {"2", "3"}:
        return {"2": "²", "3": "³"}[text.strip()]
    inner = text.strip().strip("[]［］()（）〔〕")
    return RAISED.get(inner, text)


def full_brackets(text: str) -> str:
    """（街道） for (街道), as running Chinese text prints brackets."""
    has_han = re.search(r"[\u4e00-\u9fff]", text) is not None
    return text.replace("(", "（").replace(")", "）") if has_han else text
