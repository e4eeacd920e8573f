"""What an uploaded file is: a table of contents and names, each with the type or the sentence."""

from __future__ import annotations

import io
import struct
import zipfile

import pytest

from indicators.file_types import DIRECTORY_LIMIT, NAME_LENGTH, TYPES, FileError, clean_name, type_of

PDF = b"%PDF-1.4\n1 0 obj\n"
PNG = b"\x89PNG\r\n\x1a\n" + bytes(40)
JPG = b"\xff\xd8\xff\xe0\x00\x10JFIF\x00" + bytes(40)
WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
SHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"
MACROS = "application/vnd.ms-word.document.macroEnabled.main+xml"


def office(main_part: str, *, content: bytes | None = None) -> bytes:
    """An office file that holds nothing but its list of parts."""
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("word/document.xml", "<w/>")
        part = f'<Types><Override PartName="/word/document.xml" ContentType="{main_part}"/></Types>'
        archive.writestr("[Content_Types].xml", part if content is None else content)
    return written.getvalue()


def compound(*streams: str) -> bytes:
    """An office file of before 2007 that holds these streams, all empty: head, table of sectors, directory."""
    end, free, none = 0xFFFFFFFE, 0xFFFFFFFF, 0xFFFFFFFF
    head = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(16)
    head += struct.pack("<HHHHHHLLLLLLLLLL", 0x3E, 3, 0xFFFE, 9, 6, 0, 0, 0, 1, 1, 0, 4096, end, 0, end, 0)
    head += struct.pack("<L", 0) + struct.pack("<L", free) * 108
    sectors = struct.pack("<LL", 0xFFFFFFFD, end) + struct.pack("<L", free) * 126

    def entry(name: str, kind: int, right: int, child: int) -> bytes:
        written = (name + "\0").encode("utf-16-le")
        return (
            written.ljust(64, b"\0")
            + struct.pack("<HBBLLL", len(written), kind, 1, none, right, child)
            + bytes(36)
            + struct.pack("<LQ", end, 0)
        )

    rows = [entry("Root Entry", 5, none, 1 if streams else none)]
    rows += [entry(name, 2, at + 1 if at < len(streams) else none, none) for at, name in enumerate(streams, 1)]
    return head + sectors + b"".join(rows).ljust(512, b"\0")


@pytest.mark.parametrize(
    ("name", "content", "content_type"),
    [
        ("台账.pdf", PDF, "application/pdf"),
        ("台账.PDF", PDF, "application/pdf"),
        ("现场.png", PNG, "image/png"),
        ("现场.jpg", JPG, "image/jpeg"),
        ("现场.jpeg", JPG, "image/jpeg"),
        ("说明.docx", office(WORD), "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
        ("报表.xlsx", office(SHEET), "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
        ("说明.doc", compound("WordDocument"), "application/msword"),
        ("说明.wps", compound("1Table", "WordDocument"), "application/msword"),
        ("报表.xls", compound("Workbook"), "application/vnd.ms-excel"),
        ("旧报表.xls", compound("Book"), "application/vnd.ms-excel"),
        ("报表.et", compound("Workbook"), "application/vnd.ms-excel"),
    ],
)
def test_a_file_whose_name_and_content_agree_is_taken(name: str, content: bytes, content_type: str) -> None:
    assert type_of(name, io.BytesIO(content)).content_type == content_type


ALTERED = "可能改过扩展名或已损坏，请上传原文件。"
NOT_TAKEN = (
    "的类型不能上传。可以上传：PDF文件（pdf）、JPG图片（jpg、jpeg）、PNG图片（png）、Word文档（docx）、"
    "Excel工作簿（xlsx）、Word或WPS文字文档（doc、wps）、Excel或WPS表格（xls、et）。"
)


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("setup.exe", b"MZ\x90\0" + bytes(60), f"“setup.exe”{NOT_TAKEN}"),
        ("数据.csv", b"a,b", f"“数据.csv”{NOT_TAKEN}"),
        ("说明.txt", b"abc", f"“说明.txt”{NOT_TAKEN}"),
        ("页面.html", b"<html>", f"“页面.html”{NOT_TAKEN}"),
        ("图.svg", b"<svg/>", f"“图.svg”{NOT_TAKEN}"),
        ("材料", PDF, f"“材料”{NOT_TAKEN}"),
        ("台账.pdf.exe", PDF, f"“台账.pdf.exe”{NOT_TAKEN}"),
        ("台账.pdf", b"MZ\x90\0" + bytes(60), f"“台账.pdf”的内容不是PDF文件，{ALTERED}"),
        ("台账.pdf", b"<!DOCTYPE html><html>%PDF-1.4", f"“台账.pdf”的内容不是PDF文件，{ALTERED}"),
        ("台账.pdf", b"\n" + PDF, f"“台账.pdf”的内容不是PDF文件，{ALTERED}"),
        ("现场.png", JPG, f"“现场.png”的内容不是PNG图片，{ALTERED}"),
        ("现场.jpg", PDF, f"“现场.jpg”的内容不是JPG图片，{ALTERED}"),
        ("说明.docx", office(SHEET), f"“说明.docx”的内容不是Word文档，{ALTERED}"),
        ("说明.docx", office(MACROS), f"“说明.docx”的内容不是Word文档，{ALTERED}"),
        ("说明.docx", PDF, f"“说明.docx”的内容不是Word文档，{ALTERED}"),
        ("说明.docx", office(WORD)[:-30], f"“说明.docx”的内容不是Word文档，{ALTERED}"),
        ("报表.xlsx", compound("Workbook"), f"“报表.xlsx”的内容不是Excel工作簿，{ALTERED}"),
        ("报表.xls", office(SHEET), f"“报表.xls”的内容不是Excel或WPS表格，{ALTERED}"),
        ("报表.xls", compound("WordDocument"), f"“报表.xls”的内容不是Excel或WPS表格，{ALTERED}"),
        ("说明.doc", compound()[:600], f"“说明.doc”的内容不是Word或WPS文字文档，{ALTERED}"),
        ("说明.docx", compound("EncryptedPackage"), "“说明.docx”设有打开密码，请取消密码后再上传。"),
        ("空.pdf", b"", "“空.pdf”是空文件，请检查后重新选择。"),
    ],
)
def test_any_other_file_is_refused_with_its_sentence(name: str, content: bytes, message: str) -> None:
    with pytest.raises(FileError) as refused:
        type_of(name, io.BytesIO(content))
    assert str(refused.value) == message


def test_a_list_of_parts_that_unpacks_without_end_is_read_to_its_limit_only() -> None:
    bomb = office("", content=bytes(50 * 1024 * 1024))
    assert len(bomb) < 60_000
    with pytest.raises(FileError, match="的内容不是Word文档"):
        type_of("说明.docx", io.BytesIO(bomb))


def test_a_table_of_contents_beyond_any_office_file_is_not_read() -> None:
    good = office(WORD)
    at = good.rfind(b"PK\x05\x06") + 12
    claimed = good[:at] + struct.pack("<L", DIRECTORY_LIMIT + 1) + good[at + 4 :]
    with pytest.raises(FileError, match="的内容不是Word文档"):
        type_of("说明.docx", io.BytesIO(claimed))


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("台账.pdf", "台账.pdf"),
        ("../../etc/passwd.pdf", "passwd.pdf"),
        (r"C:\民政\台账.pdf", "台账.pdf"),
        ("台\x00账\r\n.pdf", "台账.pdf"),
        ("台账\u202efdp.exe", "台账fdp.exe"),
        ('a"b<c>|d?*.pdf', "a_b_c_d_.pdf"),
        ("2024年 年报（终稿）.pdf", "2024年_年报（终稿）.pdf"),
        (" .台账.pdf. ", "台账.pdf"),
        ("", "材料"),
        ("..", "材料"),
        ("长" * 300 + ".pdf", "长" * (NAME_LENGTH - 4) + ".pdf"),
        ("a." + "x" * 300, "a." + "x" * 9),
    ],
)
def test_a_name_is_kept_without_what_could_do_harm(sent: str, kept: str) -> None:
    assert clean_name(sent) == kept


def test_every_extension_belongs_to_one_type() -> None:
    extensions = [extension for row in TYPES for extension in row.extensions]
    assert sorted(extensions) == sorted(set(extensions))
