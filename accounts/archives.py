"""What an uploaded workbook really is and how large it unpacks, found out before anything opens it.

A 199 KB workbook can unpack to 385 MB, and an extension is only a name: a file is refused here by its bytes, each kind
with its own sentence.
"""

from __future__ import annotations

import io
import zipfile
import zlib

import olefile

MAX_ENTRIES = 1000
MAX_UNPACKED_BYTES = 50 * 1024 * 1024
# Sheets of repeated rows shrink to a fortieth; what shrinks to less than this, and is not small, was made to burst.
MAX_RATIO = 250
_SMALL_BYTES = 1024 * 1024
_CHUNK = 256 * 1024

_OLE, _ZIP = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"PK\x03\x04"
_SAVE_AS = "请用 Excel 或 WPS 另存为“Excel 工作簿（.xlsx）”再上传。"
_EXTENSIONS = {
    ".xls": f"这是旧格式的 .xls 文件，不能导入。{_SAVE_AS}",
    ".et": f"这是 WPS 的 .et 文件，不能导入。{_SAVE_AS}",
    ".csv": f"这是 .csv 文本，不是工作簿，不能导入。{_SAVE_AS}",
    ".xlsm": f"这是带宏的 .xlsm 文件，不能导入。{_SAVE_AS}",
    ".xlsb": f"这是二进制的 .xlsb 文件，不能导入。{_SAVE_AS}",
    ".docx": "这是 Word 的 .docx 文件，不是工作簿。",
    ".doc": "这是 Word 的 .doc 文件，不是工作簿。",
    ".ods": f"这是 .ods 文件，不能导入。{_SAVE_AS}",
}
_SAVE_AS_DOCUMENT = "请用 Word 或 WPS 另存为“Word 文档（.docx）”再上传。"
_DOCUMENTS = {
    ".doc": f"这是旧格式的 .doc 文件，不能导入。{_SAVE_AS_DOCUMENT}",
    ".wps": f"这是 WPS 的 .wps 文件，不能导入。{_SAVE_AS_DOCUMENT}",
    ".docm": f"这是带宏的 .docm 文件，不能导入。{_SAVE_AS_DOCUMENT}",
    ".odt": f"这是 .odt 文件，不能导入。{_SAVE_AS_DOCUMENT}",
    ".rtf": f"这是 .rtf 文件，不能导入。{_SAVE_AS_DOCUMENT}",
    ".xlsx": "这是 Excel 的 .xlsx 工作簿，不是文档。",
    ".pdf": "这是 PDF 文件，读不出表格的格子。请用原来的 Word 或 Excel 文件。",
}


class UnreadableFile(ValueError):
    """The file is not opened; the message says why, in Chinese."""


def check_workbook(content: bytes, name: str, *, max_bytes: int) -> None:
    """Refuse whatever is no sound, plain .xlsx of bearable size; all of it is unpacked and counted, nothing is kept."""
    _check_size(content, max_bytes)
    if content.startswith(_ZIP):
        check_archive(content)
    extension = _extension(name)
    really = _really(content)
    if extension == really == ".xlsx":
        return
    if really == ".xlsx":
        raise UnreadableFile(f"扩展名是“{extension[:8]}”，内容却是 .xlsx，可能改过名。请把扩展名改回 .xlsx 再上传。")
    if extension == ".xlsx":
        raise UnreadableFile(f"扩展名是 .xlsx，内容却不是，可能只改了文件名。{_EXTENSIONS.get(really, _SAVE_AS)}")
    raise UnreadableFile(_EXTENSIONS.get(extension, "只能导入 .xlsx 文件。"))


def check_document(content: bytes, name: str, *, max_bytes: int) -> None:
    """The same for a .docx."""
    _check_size(content, max_bytes)
    if content.startswith(_ZIP):
        check_archive(content)
    extension = _extension(name)
    really = _really(content)
    if extension == really == ".docx":
        return
    if really == ".docx":
        raise UnreadableFile(f"扩展名是“{extension[:8]}”，内容却是 .docx，可能改过名。请把扩展名改回 .docx 再上传。")
    if extension == ".docx":
        said = _DOCUMENTS.get(really) or _EXTENSIONS.get(really, _SAVE_AS_DOCUMENT)
        raise UnreadableFile(f"扩展名是 .docx，内容却不是，可能只改了文件名。{said}")
    raise UnreadableFile(_DOCUMENTS.get(extension, "只能导入 .docx 文件。"))


def _check_size(content: bytes, max_bytes: int) -> None:
    if not content:
        raise UnreadableFile("文件是空的。请重新下载或保存后再上传。")
    if len(content) > max_bytes:
        raise UnreadableFile(f"文件超过{max_bytes // 1024 // 1024} MB，请拆分后再导入。")


def _extension(name: str) -> str:
    return f".{name.lower().rpartition('.')[2]}" if "." in name else ""


def _really(content: bytes) -> str:
    """The extension that fits the content; "" where none does. Raises for what is broken or encrypted."""
    if content.startswith(_OLE):
        return _kind_of_ole(content)
    if not content.startswith(_ZIP):
        return ".csv" if _is_text(content) else ""
    names = {entry.filename for entry in _entries(content)}
    if "xl/vbaProject.bin" in names:
        return ".xlsm"
    if "xl/workbook.bin" in names:
        return ".xlsb"
    if "word/vbaProject.bin" in names:
        return ".docm"
    if {"word/document.xml", "[Content_Types].xml"} <= names:
        return ".docx"
    return ".xlsx" if {"xl/workbook.xml", "[Content_Types].xml"} <= names else ""


def _kind_of_ole(content: bytes) -> str:
    try:
        with olefile.OleFileIO(io.BytesIO(content)) as ole:  # short bytes alone it takes for a path
            if ole.exists("EncryptedPackage"):
                raise UnreadableFile("文件加了打开密码，读不出内容。请在 Excel 或 WPS 里取消密码，另存后再上传。")
            if ole.exists("WordDocument"):
                return ".doc"
            return ".xls" if ole.exists("Workbook") or ole.exists("Book") else ""
    except UnreadableFile:
        raise
    except (OSError, ValueError):  # olefile raises both for a broken table of sectors
        raise _broken() from None


def _is_text(content: bytes) -> bool:
    return not any(byte < 9 for byte in content[:4096])


def _entries(content: bytes) -> list[zipfile.ZipInfo]:
    if not zipfile.is_zipfile(io.BytesIO(content)):
        raise UnreadableFile("文件不完整，可能没有下载或上传完。请重新保存后再上传。")
    try:
        return zipfile.ZipFile(io.BytesIO(content)).infolist()
    except (zipfile.BadZipFile, ValueError, NotImplementedError):
        raise _broken() from None


def check_archive(content: bytes) -> None:
    """Refuse an archive that is broken, locked or bursts when unpacked; all of it is read once, nothing is kept."""
    entries = _entries(content)
    if len(entries) > MAX_ENTRIES:
        raise UnreadableFile(f"文件里有{len(entries)}个部件，超过{MAX_ENTRIES}个，不是正常的工作簿，没有打开。")
    if len({entry.filename for entry in entries}) < len(entries):
        raise _broken()  # two readers would see two different books
    if any(entry.flag_bits & 1 for entry in entries):
        raise UnreadableFile("文件加了压缩密码，读不出内容。请去掉密码后再上传。")
    burst = "文件解压后过大，不能导入。请把数据复制到新的工作簿再导入。"
    if sum(entry.file_size for entry in entries) > MAX_UNPACKED_BYTES:
        raise UnreadableFile(burst)
    for entry in entries:
        if entry.file_size > _SMALL_BYTES and entry.file_size > MAX_RATIO * max(entry.compress_size, 1):
            raise UnreadableFile(burst)
    _unpack(content, entries)


def _unpack(content: bytes, entries: list[zipfile.ZipInfo]) -> None:
    """Read all of it once: an entry that is longer than it says, or whose checksum is wrong, is found here."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            for entry in entries:
                with archive.open(entry) as part:
                    head = part.read(_CHUNK)
                    if entry.filename.lower().endswith((".xml", ".rels")) and _declares_entities(head):
                        raise UnreadableFile("文件里有不该有的实体声明，不是正常的文件，没有打开。")
                    while part.read(_CHUNK):
                        pass
    except UnreadableFile:
        raise
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError, ValueError):
        raise _broken() from None


def _declares_entities(head: bytes) -> bool:
    """Office writes no document type, so one is an attack (entities that multiply or fetch), in whatever encoding."""
    return b"<!DOCTYPE" in head.replace(b"\0", b"").upper()


def _broken() -> UnreadableFile:
    return UnreadableFile("文件已损坏，打不开。请用 Excel 或 WPS 重新保存后再上传。")
