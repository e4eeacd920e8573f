"""Which entry of the dictionary, which theme and which department a row is probably about. Suggestions only.

Pure: names in, offers out. What is offered becomes a link only when a person says so.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from rapidfuzz import fuzz, process

from indicators.figures import same_unit

FROM_SCORE = 60  # what is less alike is not offered
MOST_OFFERS = 3
SURE_OF_THEME = 90
OTHER_UNIT, OTHER_DIRECTION, OTHER_SUBJECT = 15, 10, 30  # taken off the score
# Names alike but for one of these words speak of other people or places.
_RIVALS = (("城市", "农村"), ("城镇", "农村"), ("困难", "重度"), ("城市", "城乡"), ("农村", "城乡"), ("新建", "已建"))

_NOT_IN_NAMES = re.compile(r"[\s*＊①-⑳〔〕\[\]【】“”\"'、，,．.：:（）()《》]|其中[:：]?")
# The more telling words stand first: 老年人社会组织 is about 社会组织 only where no earlier word is found.
_THEME_WORDS: tuple[tuple[str, str], ...] = (
    ("toponymy", "地名|区划|界线|界桩"),
    ("ceremonies", "婚姻|结婚|离婚|收养|殡葬|火化|殡仪|公墓|安葬|骨灰|治丧"),
    ("migrants", "水库移民|移民"),
    ("veterans", "退役|优抚|烈士|双拥|军休|复员|义务兵"),
    ("disaster", "减灾|救灾|防灾|灾害|避灾"),
    ("children", "儿童|未成年|孤儿|困境少年|留守"),
    ("disability", "残疾|康复|精神障碍|假肢|残障"),
    ("elderly", "养老|老年|老龄|高龄|护理型|护理员|敬老|适老|失能|助餐|长者|银发"),
    ("charity", "慈善|社会工作|社工|志愿|福利彩票|福彩|捐赠"),
    ("organizations", "社会组织|社会团体|行业协会|商会|基金会|民办非企业"),
    ("assistance", "低保|救助|特困|低收入|临时救助|流浪|乞讨|供养|最低生活"),
    ("governance", "社区|村民|居民委员会|村委会|居委会|基层治理|议事|村务|自治"),
    ("informatization", "信息化|数据|互联网|智慧|数字|网上办|一网通"),
    ("capacity", "队伍|法治|标准化|干部|培训|党建|持证"),
)  # fmt: skip
_THEME_PATTERNS = tuple((code, re.compile(words)) for code, words in _THEME_WORDS)


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry of the dictionary with all its names."""

    pk: int
    name: str
    names: tuple[str, ...]
    unit: str
    direction: str
    theme: int


@dataclass(frozen=True, slots=True)
class Offer:
    """An entry that may be meant: 0 to 100, and in words where it differs."""

    entry: Entry
    score: int
    differs: str = ""

    @property
    def shown(self) -> str:
        return f"{self.entry.name}（相似{self.score}分{'，' + self.differs if self.differs else ''}）"


@dataclass(frozen=True, slots=True)
class Dictionary:
    """The entries, prepared for many searches."""

    entries: Mapping[int, Entry]
    names: Mapping[tuple[int, int], str]  # by entry and place among its names

    @classmethod
    def of(cls, entries: Sequence[Entry]) -> Dictionary:
        names = {(one.pk, at): _bare(name) for one in entries for at, name in enumerate((one.name, *one.names))}
        return cls({one.pk: one for one in entries}, names)

    def offers(self, *, name: str, unit: str, direction: str) -> list[Offer]:
        """The entries whose name or alias is most like this one, the likeliest first; few, or none.

        The score is the likeness of the words, less where unit or direction are others.
        """
        found: dict[int, float] = {}
        for _, score, (pk, _) in process.extract(
            _bare(name), self.names, scorer=fuzz.ratio, score_cutoff=FROM_SCORE, limit=20
        ):
            found[pk] = max(score, found.get(pk, 0))
        offers = [self._offer(self.entries[pk], score, name, unit, direction) for pk, score in found.items()]
        likely = [offer for offer in offers if offer.score >= FROM_SCORE]
        return sorted(likely, key=lambda offer: (-offer.score, offer.entry.pk))[:MOST_OFFERS]

    @staticmethod
    def _offer(entry: Entry, score: float, name: str, unit: str, direction: str) -> Offer:
        differs = []
        if any(_is_about_another(name, entry.name, pair) for pair in _RIVALS):
            score -= OTHER_SUBJECT
            differs.append("对象不同")
        if not same_unit(unit, entry.unit):
            score -= OTHER_UNIT
            differs.append(f"单位为{entry.unit or '空'}")
        if direction != entry.direction:
            score -= OTHER_DIRECTION
            differs.append("方向不同")
        return Offer(entry, round(score), "，".join(differs))


def _is_about_another(name: str, other: str, pair: tuple[str, str]) -> bool:
    one, two = pair
    return (one in name, two in name, one in other, two in other) in {(1, 0, 0, 1), (0, 1, 1, 0)}


def _bare(name: str) -> str:
    return _NOT_IN_NAMES.sub("", name).translate(_FULL_WIDTH)


_FULL_WIDTH = {code: chr(code - 0xFEE0) for code in range(0xFF01, 0xFF5F)}


def theme_of(*, name: str, category: str, offers: Sequence[Offer], themes: Mapping[str, tuple[int, str]]) -> int | None:
    """The key of the theme a row is probably about; None where nothing points at one.

    `themes` are (key, name) by code. A category that names a theme goes first, then a sure entry of the dictionary,
    then the words of the row, then those of its category.
    """
    for key, theme_name in themes.values():
        if category and (theme_name in category or (len(category) >= 4 and category in theme_name)):
            return key
    if offers and offers[0].score >= SURE_OF_THEME:
        return offers[0].entry.theme
    for text in (name, category):
        for code, pattern in _THEME_PATTERNS:
            if code in themes and pattern.search(text):
                return themes[code][0]
    return None


def department_of(printed: str, departments: Mapping[int, str]) -> int | None:
    """The department whose name is printed beside the row; None unless exactly one is."""
    named = [pk for pk, name in departments.items() if printed and (name == printed or name in printed)]
    return named[0] if len(named) == 1 else None
