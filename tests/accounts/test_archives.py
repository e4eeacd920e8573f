"""What an upload really is: each kind that is no plain .xlsx is refused with its own sentence, before it is opened."""

from __future__ import annotations

import io
import struct
import zipfile
from collections.abc import Callable

import pytest
from openpyxl import Workbook

from accounts.archives import MAX_ENTRIES, UnreadableFile, check_document, check_workbook

LIMIT = 10 * 1024 * 1024


def workbook() -> bytes:
    buffer = io.BytesIO()
    book = Workbook()
    sheet = book.create_sheet("数据")
    for row in range(200):
        sheet.append([f"第{row}行", row])
    book.save(buffer)
    return buffer.getvalue()


def archive(**parts: bytes) -> bytes:
    """A zip with these parts; a double underscore stands for the slash."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as out:
        for name, content in parts.items():
            out.writestr(name.replace("__", "/"), content)
    return buffer.getvalue()


def with_parts(*more: tuple[str, bytes]) -> bytes:
    """A sound workbook with more parts in it."""
    buffer = io.BytesIO(workbook())
    with zipfile.ZipFile(buffer, "a", zipfile.ZIP_DEFLATED) as out:
        for name, content in more:
            out.writestr(name, content)
    return buffer.getvalue()


def compound(stream: str) -> bytes:
    """A minimal OLE file with one stream, as [MS-CFB] lays it out: header, allocation table, directory, one sector."""
    free, end, table, none = 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD, b"\xff\xff\xff\xff"
    header = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(16) + struct.pack("<HHHHH", 0x3E, 3, 0xFFFE, 9, 6) + bytes(6)
    header += struct.pack("<IIIIIIIII", 0, 1, 1, 0, 4096, end, 0, end, 0) + struct.pack("<I", 0) + none * 108
    sectors = [table, end, *range(3, 10), end]
    allocation = b"".join(struct.pack("<I", sector) for sector in sectors) + none * (128 - len(sectors))

    def entry(name: str, kind: int, child: int, start: int, size: int) -> bytes:
        packed = (name + "\0").encode("utf-16-le")
        tree = struct.pack("<BBIII", kind, 1, free, free, child)
        return (
            packed.ljust(64, b"\0")
            + struct.pack("<H", len(packed))
            + tree
            + bytes(36)
            + struct.pack("<IQ", start, size)
        )

    directory = entry("Root Entry", 5, 1, end, 0) + entry(stream, 2, free, 2, 4096)
    return header + allocation + directory.ljust(512, b"\0") + b"\x01" * 4096


def lying_about_its_size() -> bytes:
    """An entry of 64 MB that says it has 100 bytes."""
    content = with_parts(("xl/media/x.bin", b"\0" * (64 * 1024 * 1024)))
    return content.replace(struct.pack("<I", 64 * 1024 * 1024), struct.pack("<I", 100))


def same_part_twice() -> bytes:
    with pytest.warns(UserWarning, match="Duplicate name"):
        return with_parts(("xl/workbook.xml", b"<workbook/>"))


REFUSED: list[tuple[Callable[[], bytes], str, str]] = [
    (lambda: b"", "表.xlsx", "文件是空的"),
    (lambda: b"x" * (LIMIT + 1), "表.xlsx", "文件超过10 MB"),
    (lambda: compound("Workbook"), "表.xls", "旧格式的 .xls"),
    (lambda: compound("Workbook"), "表.et", "WPS 的 .et"),
    (lambda: "序号,指标\n1,床位".encode("gb18030"), "表.csv", ".csv 文本"),
    (workbook, "表.xlsm", "扩展名是“.xlsm”，内容却是 .xlsx"),
    (lambda: with_parts(("xl/vbaProject.bin", b"x")), "表.xlsm", "带宏的 .xlsm"),
    (lambda: b"%PDF-1.7\n\x00", "表.pdf", "只能导入 .xlsx 文件"),
    (lambda: b"x", "没有扩展名", "只能导入 .xlsx 文件"),
    (lambda: compound("EncryptedPackage"), "表.xlsx", "加了打开密码"),
    (lambda: compound("Workbook"), "表.xlsx", "内容却不是，可能只改了文件名。这是旧格式的 .xls"),
    (lambda: compound("WordDocument"), "表.xlsx", "内容却不是，可能只改了文件名"),
    (lambda: b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 40, "表.xlsx", "文件已损坏"),
    (lambda: b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "表.xlsx", "文件已损坏"),
    (
        lambda: with_parts(("xl/x.xml", b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "c">]><a/>')),
        "表.xlsx",
        "实体声明",
    ),
    (workbook, "表.xls", "扩展名是“.xls”，内容却是 .xlsx"),
    (lambda: archive(word__document__xml=b"<w/>"), "表.xlsx", "内容却不是，可能只改了文件名"),
    (lambda: "序号,指标\n1,床位".encode(), "表.xlsx", "内容却不是，可能只改了文件名。这是 .csv 文本"),
    (lambda: with_parts(("xl/vbaProject.bin", b"x")), "表.xlsx", "内容却不是，可能只改了文件名。这是带宏的"),
    (lambda: with_parts(*((f"x/{part}", b"x") for part in range(2_000))), "表.xlsx", f"超过{MAX_ENTRIES}个"),
    (lambda: with_parts(("xl/sharedStrings2.xml", b"<si/>" * (11 * 1024 * 1024))), "表.xlsx", "解压后过大"),
    (lambda: with_parts(("xl/x.xml", b"\0" * (8 * 1024 * 1024))), "表.xlsx", "解压后过大"),
    (lying_about_its_size, "表.xlsx", "文件已损坏"),
    (same_part_twice, "表.xlsx", "文件已损坏"),
]


@pytest.mark.parametrize(("content", "name", "reason"), REFUSED, ids=[f"{name} {why}" for _, name, why in REFUSED])
def test_each_kind_of_file_is_refused_in_its_own_words(content: Callable[[], bytes], name: str, reason: str) -> None:
    made = content()
    with pytest.raises(UnreadableFile) as refused:
        check_workbook(made, name, max_bytes=LIMIT)
    assert reason in str(refused.value)


REFUSED_DOCUMENTS: list[tuple[Callable[[], bytes], str, str]] = [
    (lambda: compound("WordDocument"), "规划.doc", "旧格式的 .doc"),
    (lambda: compound("WordDocument"), "规划.docx", "内容却不是，可能只改了文件名。这是旧格式的 .doc"),
    (lambda: compound("EncryptedPackage"), "规划.docx", "加了打开密码"),
    (lambda: archive(**{"word__document.xml": b"<w/>", "[Content_Types].xml": b"<t/>"}), "规划.wps", "内容却是 .docx"),
    (workbook, "规划.docx", "内容却不是，可能只改了文件名"),
    (lambda: b"%PDF-1.7", "规划.pdf", "PDF 文件"),
    (lambda: b"x" * (LIMIT + 1), "规划.docx", "文件超过10 MB"),
    (lambda: b"x", "没有扩展名", "只能导入 .docx 文件"),
]


@pytest.mark.parametrize(
    ("content", "name", "reason"), REFUSED_DOCUMENTS, ids=[f"{name} {why}" for _, name, why in REFUSED_DOCUMENTS]
)
def test_what_is_no_plain_document_is_refused_in_its_own_words(
    content: Callable[[], bytes], name: str, reason: str
) -> None:
    with pytest.raises(UnreadableFile, match=reason):
        check_document(content(), name, max_bytes=LIMIT)


@pytest.mark.parametrize("part", [0.02, 0.1, 0.5, 0.9, 0.99, 0.9999])
def test_a_file_that_was_cut_off_is_refused_wherever_it_ends(part: float) -> None:
    content = workbook()
    with pytest.raises(UnreadableFile, match=r"文件不完整|文件已损坏"):
        check_workbook(content[: int(len(content) * part)], "表.xlsx", max_bytes=LIMIT)


def test_a_flipped_byte_is_found() -> None:
    content = bytearray(workbook())
    content[len(content) // 2] ^= 0xFF
    with pytest.raises(UnreadableFile, match="文件已损坏"):
        check_workbook(bytes(content), "表.xlsx", max_bytes=LIMIT)


@pytest.mark.parametrize("name", ["表.xlsx", "表.XLSX", "a.b.xlsx"])
def test_a_plain_workbook_passes(name: str) -> None:
    check_workbook(workbook(), name, max_bytes=LIMIT)
