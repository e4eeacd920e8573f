"""What a kind of file has to say of itself to be exported in the background, and the rights under which it is made.

What a person chose travels as JSON, so that the worker, another process, can make the same file from the row alone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, BinaryIO

from accounts.models import Region, User
from accounts.permissions import Permission
from reports.downloads import WORKBOOK

# Called with (rows written, rows in all) whenever some more are written; raises when nobody wants the file any more.
Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Job:
    """One kind of file. Each function gets the choice as JSON and the person; rows are reached as that person.

    `regions`: those whose rows the file holds. `rows`: about how many it will have, from a count and not by making it.
    `write`: puts the file into the stream and answers its Chinese name; it runs outside a transaction.
    """

    title: Callable[[Any], str]
    regions: Callable[[Any, User], Iterable[Region]]
    rows: Callable[[Any, User], int]
    write: Callable[[Any, User, BinaryIO, Progress], str]
    content_type: str = WORKBOOK


# What widens a file: nobody opens one that holds more than they may see by then.
_WIDENING = (Permission.EXPORT, Permission.SEE_UNAPPROVED)


def rights_over(user: User, regions: Iterable[Region]) -> dict[str, list[str]]:
    """{region code: permissions}: which of the permissions that decide what is in a file this person holds there."""
    return {region.code: [each.value for each in _WIDENING if user.can(each, region)] for region in regions}


def may_export(rights: dict[str, list[str]]) -> bool:
    """Whether there is anything to export, and the right to do so in every region of it."""
    return bool(rights) and all(Permission.EXPORT in held for held in rights.values())


def still_holds(user: User, rights: dict[str, list[str]]) -> bool:
    """Whether this person still holds every permission under which a file was made."""
    return user.is_active and all(
        user.can(Permission(permission), Region(code=code)) for code, held in rights.items() for permission in held
    )


def region_of(rights: dict[str, list[str]]) -> Region | None:
    """The region of an audit line: the one the file is of, or none where there are several."""
    return Region(code=next(iter(rights))) if len(rights) == 1 else None
