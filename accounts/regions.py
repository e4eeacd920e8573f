"""The tree inside a GB/T 2260 code: two digits each for province, prefecture and county."""

from django.db.models import TextChoices


class Level(TextChoices):
    """级别 of a region."""

    COUNTRY = "country", "全国"
    PROVINCE = "province", "省级"
    PREFECTURE = "prefecture", "地级"
    COUNTY = "county", "县级"


COUNTRY_CODE = "100000"


def code_prefix(code: str) -> str:
    """The digits with which the codes of this place and of all places below it begin.

    >>> [code_prefix(code) for code in ("100000", "420000", "420600", "420682")]
    ['', '42', '4206', '420682']
    """
    if code == COUNTRY_CODE:
        return ""
    for digits in (2, 4):
        if code.endswith("0" * (6 - digits)):
            return code[:digits]
    return code
