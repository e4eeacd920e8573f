"""Years and plan periods as officials write them: ２０２５ 年, 二〇二五年, “十四五”末, 2021—2025年."""

from __future__ import annotations

import re
from dataclasses import dataclass

from reports.reading.wording import bare

_HAN_DIGITS = {char: str(digit) for digit, char in enumerate("零一二三四五六七八九")} | {"〇": "0", "○": "0", "Ｏ": "0"}
_YEAR = re.compile(r"(?<![0-9])((?:19|20)[0-9]{2})(?![0-9])")
_HAN_YEAR = re.compile(r"[一二][零〇○九][零〇○一二三四五六七八九]{2}(?=年)")
_LETTER_O = re.compile(r"(?<=[0-9])[OoО]|[OoО](?=[0-9]{2})")
_PLAN = re.compile(r"(十[一二三四五六七八九])[·.]?五(?!年)|第(十[一二三四五六七八九])个五年")
_SPAN = re.compile(r"((?:19|20)[0-9]{2})年?(?:—+|-+|~|～|至|到)((?:19|20)[0-9]{2})")


@dataclass(frozen=True, slots=True)
class Period:
    """The years of a plan, both included."""

    start: int
    end: int

    @property
    def base(self) -> int:
        return self.start - 1


def _even(text: str) -> str:
    even = _HAN_YEAR.sub(lambda found: "".join(_HAN_DIGITS[char] for char in _as_digits(found[0])), bare(text))
    return _LETTER_O.sub("0", even)


def _as_digits(text: str) -> str:
    return text.replace("〇", "零").replace("○", "零")


def years_in(text: str) -> list[int]:
    return [int(year) for year in _YEAR.findall(_even(text))]


def periods_in(text: str) -> list[Period]:
    """Every plan period that is named; (十四五) is 2021 to 2025."""
    even = _even(text)
    found = []
    for match in _PLAN.finditer(re.sub(r"[“”\"'‘’「」《》]", "", even)):
        number = 10 + int(_HAN_DIGITS[(match[1] or match[2])[1]])
        found.append(Period(2021 + (number - 14) * 5, 2025 + (number - 14) * 5))
    for match in _SPAN.finditer(even):
        if 2 <= int(match[2]) - int(match[1]) <= 15:
            found.append(Period(int(match[1]), int(match[2])))
    return found


def span_in(text: str) -> Period | None:
    """Two years joined by a dash: 2021—2025年年均增长."""
    found = _SPAN.search(_even(text))
    return Period(int(found[1]), int(found[2])) if found and found[1] < found[2] else None
