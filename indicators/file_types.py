"""What an uploaded file is: its name and its content must say the same. Bytes in, a type or a Chinese sentence out."""

from __future__ import annotations

import io
import re
import struct
import unicodedata
import zipfile
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import BinaryIO

import olefile
import puremagic

NAME_LENGTH = 120  # characters of a cleaned name, its extension included
HEAD = 4096  # bytes that tell what family a file is of
DIRECTORY_LIMIT = 1024 * 1024  # bytes of a zip's table of contents; an office file has a few thousand
CONTENT_TYPES_LIMIT = 256 * 1024  # bytes of [Content_Types].xml, unpacked
END_OF_ZIP = b"PK\x05\x06"
LONGEST_END_OF_ZIP = 65_557


class FileError(ValueError):
    """The file is not taken; the message says why, in Chinese."""


@dataclass(frozen=True, slots=True)
class FileType:
    """One kind of file that is taken: what it is called, how it may end, and what its content must be."""

    word: str
    extensions: tuple[str, ...]
    content_type: str
    is_it: Callable[[BinaryIO, bytes], bool]


def clean_name(name: str) -> str:
    """The name of a file without path, control and direction characters, short enough to store, ending as it did.

    Characters that a folder of Windows refuses become underscores.
    """
    last = name.replace("\\", "/").rpartition("/")[2]
    visible = "".join(character for character in last if unicodedata.category(character)[0] != "C")
    plain = re.sub(r'[<>:"|?*\s]+', "_", visible.strip()).strip("._")
    path = PurePosixPath(plain or "材料")
    ending = path.suffix[:10]
    return path.stem[: NAME_LENGTH - len(ending)] + ending


def type_of(name: str, content: BinaryIO) -> FileType:
    """The type on which the extension of the name and the content agree; raises FileError where they do not."""
    extension = PurePosixPath(name).suffix[1:].lower()
    found = next((row for row in TYPES if extension in row.extensions), None)
    if found is None:
        raise FileError(f"“{name}”的类型不能上传。可以上传：{words_of_types()}。")
    content.seek(0)
    head = content.read(HEAD)
    if not head:
        raise FileError(f"“{name}”是空文件，请检查后重新选择。")
    if not found.is_it(content, head):
        if _is_encrypted(content, head):
            raise FileError(f"“{name}”设有打开密码，请取消密码后再上传。")
        raise FileError(f"“{name}”的内容不是{found.word}，可能改过扩展名或已损坏，请上传原文件。")
    return found


def words_of_types() -> str:
    """What may be uploaded, for a person: PDF、图片（jpg、png）…"""
    return "、".join(f"{row.word}（{'、'.join(row.extensions)}）" for row in TYPES)


def _families(head: bytes) -> set[str]:
    """The extensions of everything that begins like this."""
    try:
        return {match.extension for match in puremagic.magic_string(head)}
    except puremagic.PureError:
        return set()


def _begins_as(extension: str) -> Callable[[BinaryIO, bytes], bool]:
    return lambda content, head: extension in _families(head)


def _is_office(main_part: bytes) -> Callable[[BinaryIO, bytes], bool]:
    """An office file of today: a zip whose list of parts names this main part. With macros it names another one."""
    return lambda content, head: ".zip" in _families(head) and main_part in _content_types(content)


def _content_types(content: BinaryIO) -> bytes:
    """[Content_Types].xml of an office file; empty where there is none, or more of it than such a file has."""
    content.seek(0, io.SEEK_END)
    content.seek(max(0, content.tell() - LONGEST_END_OF_ZIP))
    end = content.read()
    at = end.rfind(END_OF_ZIP)
    # zipfile reads the whole table of contents before it answers anything, so its length is looked at first
    if at < 0 or len(end) < at + 22 or struct.unpack_from("<L", end, at + 12)[0] > DIRECTORY_LIMIT:
        return b""
    try:
        with zipfile.ZipFile(content) as archive, archive.open("[Content_Types].xml") as part:
            return part.read(CONTENT_TYPES_LIMIT)
    except (zipfile.BadZipFile, KeyError, OSError, ValueError, RuntimeError, NotImplementedError, zlib.error):
        return b""


def _streams(content: BinaryIO, head: bytes) -> set[str]:
    """The names of what stands in an office file of before 2007; nothing where it is none."""
    if not head.startswith(olefile.MAGIC):
        return set()
    content.seek(0)
    try:
        with olefile.OleFileIO(content) as archive:
            return {path[0] for path in archive.listdir()}
    except Exception:
        # a damaged directory raises whatever it runs into; for us the file is then not what it says
        return set()


def _has_stream(*names: str) -> Callable[[BinaryIO, bytes], bool]:
    return lambda content, head: not _streams(content, head).isdisjoint(names)


def _is_encrypted(content: BinaryIO, head: bytes) -> bool:
    return "EncryptedPackage" in _streams(content, head)


_WORD = b"application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
_SHEET = b"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"

TYPES = (
    FileType("PDF文件", ("pdf",), "application/pdf", _begins_as(".pdf")),
    FileType("JPG图片", ("jpg", "jpeg"), "image/jpeg", _begins_as(".jpg")),
    FileType("PNG图片", ("png",), "image/png", _begins_as(".png")),
    FileType(
        "Word文档",
        ("docx",),
        "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        _is_office(_WORD),
    ),
    FileType(
        "Excel工作簿",
        ("xlsx",),
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        _is_office(_SHEET),
    ),
    # WPS keeps its own two kinds in the same containers
    FileType("Word或WPS文字文档", ("doc", "wps"), "application/msword", _has_stream("WordDocument")),
    FileType("Excel或WPS表格", ("xls", "et"), "application/vnd.ms-excel", _has_stream("Workbook", "Book")),
)
