"""Which reader opens which file, after the file has been checked; every refusal is a Chinese sentence."""

from __future__ import annotations

from accounts.archives import UnreadableFile, check_document, check_workbook
from reports.reading.grids import Grid
from reports.reading.sheets import grids_of_workbook
from reports.reading.web_tables import decoded, grids_of_text
from reports.reading.word_tables import grids_of_document

MAX_BYTES = 10 * 1024 * 1024
_PAGES = {"html", "htm", "txt", "tsv", "mht"}


def grids_of_file(content: bytes, name: str) -> list[Grid]:
    """The tables of an .xlsx, .docx, .html or tab-separated .txt; UnreadableFile for anything else."""
    extension = name.lower().rpartition(".")[2] if "." in name else ""
    if extension in _PAGES and not content.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0")):
        if not content.strip():
            raise UnreadableFile("文件是空的。请重新下载或保存后再试。")
        if len(content) > MAX_BYTES:
            raise UnreadableFile(f"文件超过{MAX_BYTES // 1024 // 1024} MB。请只留下表格再试。")
        return grids_of_text(decoded(content))
    if extension in {"docx", "doc", "docm", "wps", "odt", "rtf", "pdf"} or _is_document(content, extension):
        check_document(content, name, max_bytes=MAX_BYTES)
        return grids_of_document(content)
    check_workbook(content, name, max_bytes=MAX_BYTES)
    return grids_of_workbook(content)


def _is_document(content: bytes, extension: str) -> bool:
    """A .docx under another name: refused by the check of documents, which says what it really is."""
    return extension not in {"xlsx", "xls", "et", "csv", "xlsm", "xlsb", "ods"} and b"word/document.xml" in content
