"""The files the back office opens and writes: .xlsx and .csv, checked before they are opened, text kept as text."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import tablib
from import_export.formats.base_formats import Format
from openpyxl import Workbook, load_workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE

from accounts.archives import UnreadableFile, check_workbook
from accounts.renderers import STARTS_A_FORMULA

MAX_FILE_BYTES = 2 * 1024 * 1024
MAX_ROWS = 5000
MAX_COLUMNS = 100


def check_upload(content: bytes, name: str) -> None:
    """Refuse what is too large, no .xlsx or .csv, or would unpack to far more than it weighs; opens nothing."""
    if len(content) > MAX_FILE_BYTES:
        raise UnreadableFile("文件超过2 MB，请拆分后再导入。")
    if name.lower().endswith(".csv"):
        return
    if not name.lower().endswith(".xlsx"):
        raise UnreadableFile("只能导入 .xlsx 或 .csv 文件。")
    check_workbook(content, name, max_bytes=MAX_FILE_BYTES)


def text_of(cell: Any) -> str:
    """A cell as a person would type it; a float by its shortest decimal form, so that 0.1 stays 0.1."""
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "是" if cell else "否"
    if isinstance(cell, int | float | Decimal):
        number = Decimal(repr(cell)) if isinstance(cell, float) else Decimal(cell)
        text = format(number, "f") if number.is_finite() else str(cell)
        return text.rstrip("0").rstrip(".") if "." in text else text
    if isinstance(cell, datetime):
        return cell.date().isoformat()
    if isinstance(cell, date):
        return cell.isoformat()
    return str(cell).strip()


def dataset_of(rows: Iterator[list[Any]]) -> tablib.Dataset:
    """The first row as headers and the rest below it, up to the last filled one."""
    headers = [text_of(cell) for cell in next(rows, [])]
    while headers and not headers[-1]:
        headers.pop()
    dataset = tablib.Dataset(headers=headers or None)
    blank_rows = 0
    for row in rows:
        cells = [*row[: len(headers)], *[""] * (len(headers) - len(row))]
        if not any(map(text_of, cells)):
            blank_rows += 1
            if blank_rows > MAX_ROWS:
                break
            continue
        if blank_rows:
            raise UnreadableFile(f"第{len(dataset) + 2}行是空行，请删除空行后再导入。")
        if len(dataset) >= MAX_ROWS:
            raise UnreadableFile(f"超过{MAX_ROWS}行，请拆分后再导入。")
        dataset.append(cells)
    if not headers or not len(dataset):
        raise UnreadableFile("文件里没有数据。第一行应为列名，其下为数据。")
    return dataset


class Sheet(Format):  # type: ignore[misc]
    """An Excel workbook: its first sheet in, one sheet out."""

    def get_title(self) -> str:
        return "Excel（.xlsx）"

    def get_extension(self) -> str:
        return "xlsx"

    def get_content_type(self) -> str:
        return "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

    def __init__(self, encoding: str | None = None) -> None:
        self.encoding = encoding

    def can_import(self) -> bool:
        return True

    def can_export(self) -> bool:
        return True

    def create_dataset(self, in_stream: bytes) -> tablib.Dataset:
        check_upload(in_stream, "file.xlsx")
        book = load_workbook(io.BytesIO(in_stream), read_only=True)
        try:
            sheet = book.worksheets[0]
            sheet.reset_dimensions()  # what a file claims about its size is not believed
            return dataset_of(self._rows(sheet))
        finally:
            book.close()

    @staticmethod
    def _rows(sheet: Any) -> Iterator[list[Any]]:
        for row in sheet.iter_rows(max_col=MAX_COLUMNS):
            cells = []
            for cell in row:
                if cell.data_type == "f":
                    raise UnreadableFile(f"单元格{cell.coordinate}是公式，请先粘贴为数值。")
                value = cell.value
                if isinstance(value, int | float) and "%" in (getattr(cell, "number_format", "") or ""):
                    value = f"{text_of(Decimal(repr(value)) * 100)}%"
                cells.append(value)
            yield cells

    def export_data(self, dataset: tablib.Dataset, **kwargs: Any) -> bytes:
        book = Workbook(write_only=True)
        sheet = book.create_sheet("数据")
        for row in [dataset.headers or [], *dataset]:
            sheet.append([self._cell(sheet, value) for value in row])
        content = io.BytesIO()
        book.save(content)
        return content.getvalue()

    @staticmethod
    def _cell(sheet: Any, value: Any) -> Any:
        if not isinstance(value, str):
            return value
        cell = WriteOnlyCell(sheet, ILLEGAL_CHARACTERS_RE.sub("", value))
        cell.data_type = "s"  # text stays text: "=" never becomes a formula
        return cell


class CommaText(Sheet):
    """A CSV file as Excel in China reads and writes it: UTF-8 with mark, or GB 18030 on the way in."""

    def get_title(self) -> str:
        return "CSV（.csv）"

    def get_extension(self) -> str:
        return "csv"

    def get_content_type(self) -> str:
        return "text/csv; charset=utf-8"

    def create_dataset(self, in_stream: bytes) -> tablib.Dataset:
        check_upload(in_stream, "file.csv")
        for encoding in ("utf-8-sig", "gb18030"):
            try:
                text = in_stream.decode(encoding)
                break
            except UnicodeDecodeError:
                continue
        else:
            raise UnreadableFile("文件编码无法识别，请另存为“CSV UTF-8”或 .xlsx。")
        if "\0" in text:
            raise UnreadableFile("这不是CSV文件。")
        try:
            return dataset_of(list(map(self._unescaped, row)) for row in csv.reader(io.StringIO(text, newline="")))
        except csv.Error:
            raise UnreadableFile("CSV文件格式有误，打不开。") from None

    def _unescaped(self, cell: str) -> str:
        return cell[1:] if cell[:1] == "'" and cell[1:].startswith(STARTS_A_FORMULA) else cell

    def export_data(self, dataset: tablib.Dataset, **kwargs: Any) -> bytes:
        text = io.StringIO(newline="")
        writer = csv.writer(text)
        for row in [dataset.headers or [], *dataset]:
            writer.writerow(
                f"'{cell}" if isinstance(cell, str) and cell.startswith(STARTS_A_FORMULA) else cell for cell in row
            )
        return text.getvalue().encode("utf-8-sig")


FORMATS = [Sheet, CommaText]
