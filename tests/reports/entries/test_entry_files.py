"""Reading a filled-in template back: what is none of ours, what misleads, and what a hostile file tries."""

from __future__ import annotations

import json
import re
import tempfile
from collections.abc import Callable
from decimal import Decimal
from itertools import chain
from pathlib import Path
from shutil import which
from subprocess import run
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl import Workbook
from openpyxl.styles import PatternFill

from accounts.archives import UnreadableFile
from accounts.models import User
from accounts.permissions import Role
from indicators.models import AbsenceReason, Availability, Indicator, Origin, State
from indicators.verdicts import Kind
from plans.models import Plan
from reports.entries.columns import FACTS_SHEET
from reports.entries.file import MAX_ROWS, EntryFile, FileRow, marked, read_entry_file
from tests import factories
from tests.reports.entries.entry_books import (
    YEAR,
    filled,
    keys_of,
    opened,
    place_of,
    rewritten,
    saved,
    sheet_of,
    template_of,
)

pytestmark = pytest.mark.django_db

SHEET = "xl/worksheets/sheet1.xml"


@pytest.fixture
def clerk() -> User:
    return factories.person(Role.CLERK)


@pytest.fixture
def plan() -> Plan:
    plan = factories.plan(code="laohekou-14", short_title="老河口“十四五”")
    factories.open_round(plan, YEAR)
    return plan


@pytest.fixture
def nurses(plan: Plan) -> Indicator:
    return factories.indicator(plan=plan, name="养老护理人员培训率")


@pytest.fixture
def template(clerk: User, plan: Plan, nurses: Indicator) -> bytes:
    return template_of(plan, user=clerk)


def with_fact(content: bytes, fact: str, value: str) -> bytes:
    book = opened(content)
    for row in book[FACTS_SHEET].iter_rows():
        if row[0].value == fact:
            row[1].value = value
    return saved(book)


def in_sheet(content: bytes, change: Callable[[str], str]) -> bytes:
    """The template with the XML of its first sheet changed."""
    return rewritten(content, lambda name, part: change(part.decode()).encode() if name == SHEET else part)


def rows_of(content: bytes) -> list[FileRow]:
    return list(chain.from_iterable(read_entry_file(content).parts()))


def only_row(content: bytes) -> FileRow:
    (row,) = rows_of(content)
    return row


def refused(content: bytes) -> str:
    with pytest.raises(UnreadableFile) as refusal:
        read_entry_file(content)
    return str(refusal.value)


# ---- What is none of ours


def test_a_workbook_without_our_keys_is_no_template(template: bytes) -> None:
    assert "这不是本平台的填报模板" in refused(saved(Workbook()))
    assert "这不是本平台的填报模板" in refused(_without_facts(template))
    assert "这不是本平台的填报模板" in refused(_without_keys(template))


def _without_facts(content: bytes) -> bytes:
    book = opened(content)
    del book[FACTS_SHEET]
    return saved(book)


def _without_keys(content: bytes) -> bytes:
    book = opened(content)
    sheet = book.worksheets[0]
    sheet.delete_rows(keys_of(sheet)[0])
    return saved(book)


def test_a_template_of_another_portal_or_an_older_one_says_so(template: bytes) -> None:
    assert "另一个平台的填报模板" in refused(with_fact(template, "portal", "0" * 20))
    assert "这个模板是旧版的" in refused(with_fact(template, "format", "0"))


def test_a_copied_column_leaves_no_doubt_which_counts(template: bytes) -> None:
    book = opened(template)
    sheet = book.worksheets[0]
    sheet.cell(keys_of(sheet)[0], sheet.max_column + 1).value = "value"
    assert "重复的填报列" in refused(saved(book))


# ---- What misleads


def cell_xml(template: bytes, nurses: Indicator, inner: str, attributes: str = "") -> bytes:
    """The template with the XML of the 本年实际 cell written by hand."""
    sheet = sheet_of(opened(template), nurses)
    place = place_of(sheet, nurses, "value")
    cell = re.compile(rf'<c r="{place}"[^>]*?(/>|>.*?</c>)')
    return in_sheet(template, lambda xml: cell.sub(f'<c r="{place}" {attributes}>{inner}</c>', xml, count=1))


def test_a_formula_counts_by_its_result_and_says_so(template: bytes, nurses: Indicator) -> None:
    row = only_row(cell_xml(template, nurses, "<f>40+6.5</f><v>46.5</v>"))
    assert (row.typed, row.faults) == ({"value": "46.5"}, [])
    assert row.notices == [f"{row.places['value']} 是公式，按其结果读入"]


@pytest.mark.parametrize("inner", ["<f>40+6.5</f>", "<f>40+6.5</f><v></v>", "<f>40+6.5</f><v/>"])
def test_a_formula_without_a_result_is_refused(template: bytes, nurses: Indicator, inner: str) -> None:
    row = only_row(cell_xml(template, nurses, inner))
    assert [(cell, "没有算出的结果" in reason) for cell, reason in row.faults] == [(row.places["value"], True)]


def test_an_error_is_not_taken_for_a_blank(template: bytes, nurses: Indicator) -> None:
    row = only_row(cell_xml(template, nurses, "<f>1/0</f><v>#DIV/0!</v>", 't="e"'))
    assert [(cell, "出错标记" in reason) for cell, reason in row.faults] == [(row.places["value"], True)]


def test_merged_input_cells_are_refused_and_a_merged_heading_is_not(template: bytes, nurses: Indicator) -> None:
    book = opened(template)
    sheet = sheet_of(book, nurses)
    first = place_of(sheet, nurses, "value")
    below = f"{first.rstrip('0123456789')}{int(re.sub('[A-Z]', '', first)) + 1}"
    sheet.merge_cells(f"{first}:{below}")
    row = only_row(saved(book))
    assert [(cell, f"（{first}:{below}）" in reason) for cell, reason in row.faults] == [(first, True)]
    assert only_row(template).faults == []


def test_the_heading_between_the_rows_is_no_row(clerk: User, plan: Plan, nurses: Indicator) -> None:
    factories.indicator(plan=plan, origin=Origin.TEXT)
    assert [(row.typed, row.faults) for row in rows_of(template_of(plan, user=clerk))] == [({}, [])] * 2


def test_text_in_a_row_of_ones_own_is_refused_by_its_cell(template: bytes, nurses: Indicator) -> None:
    book = opened(template)
    sheet = sheet_of(book, nurses)
    column = keys_of(sheet)[1]["value"]
    sheet.cell(sheet.max_row + 2, column).value = 5
    stray = rows_of(saved(book))[-1]
    assert stray.faults == [(stray.places["value"], "这一行没有编号，不是模板里的行。请填在模板原有的行里。")]


def test_a_date_stays_recognisable(template: bytes, nurses: Indicator) -> None:
    row = only_row(cell_xml(template, nurses, "<v>2024-05-01</v>", 't="d"'))
    assert row.typed["value"].startswith("2024-05-01")


@pytest.mark.parametrize("base", ["", "{", "[]", '{"value": "x"}', '{"value": 1}', "_x0000_"])
def test_without_what_the_template_held_every_cell_counts_as_typed(
    template: bytes, nurses: Indicator, base: str
) -> None:
    row = only_row(filled(template, {(nurses, "base"): base, (nurses, "value"): 5}))
    assert row.typed == {"value": "5"}


# ---- What a hostile file tries


def test_a_claimed_million_rows_is_not_believed(template: bytes) -> None:
    lying = in_sheet(template, lambda xml: re.sub(r'<dimension ref="[^"]*"', '<dimension ref="A1:XFD1048576"', xml))
    assert len(rows_of(lying)) == 1


@pytest.mark.parametrize("cell", [f"A{MAX_ROWS + 1}", "XFD1048576", "XFD7"])
def test_a_cell_far_away_is_refused_before_a_table_is_laid_out(template: bytes, cell: str) -> None:
    row = re.sub("[A-Z]", "", cell)
    far = f'<row r="{row}"><c r="{cell}"><v>1</v></c></row></sheetData>'
    assert "不是填报模板，没有读入" in refused(in_sheet(template, lambda xml: xml.replace("</sheetData>", far)))


def test_empty_cells_far_away_do_no_harm(template: bytes) -> None:
    far = '<row r="1048576"><c r="XFD1048576" s="1"/></row></sheetData>'
    assert len(rows_of(in_sheet(template, lambda xml: xml.replace("</sheetData>", far)))) == 1


def test_a_document_type_is_refused(template: bytes) -> None:
    entity = '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]>'
    assert "文件已损坏" in refused(in_sheet(template, lambda xml: entity + xml))


def test_a_flood_of_merged_areas_is_refused(template: bytes) -> None:
    flood = "".join('<mergeCell ref="A1:C20000"/>' for _ in range(10))
    changed = in_sheet(template, lambda xml: re.sub(r"<mergeCells[^>]*>", lambda found: found[0] + flood, xml))
    assert "合并的单元格太多" in refused(changed)


@pytest.mark.parametrize("part", ["xl/workbook.xml", "xl/_rels/workbook.xml.rels", "xl/styles.xml", SHEET])
@pytest.mark.parametrize("damage", [b"", b"<", b"<a></b>", b"\xff\xfe<a/>", b"not xml"])
def test_a_damaged_part_is_a_sentence_and_not_an_error(template: bytes, part: str, damage: bytes) -> None:
    said = refused(rewritten(template, lambda name, content: damage if name == part else content))
    assert "已损坏" in said or "不是本平台" in said


@pytest.mark.parametrize("part", ["xl/workbook.xml", "xl/_rels/workbook.xml.rels", SHEET])
def test_a_missing_part_is_a_sentence_and_not_an_error(template: bytes, part: str) -> None:
    said = refused(rewritten(template, lambda name, content: None if name == part else content))
    assert "已损坏" in said or "不是本平台" in said


# ---- There and back

texts = st.text(st.characters(codec="utf-8"), max_size=40)
figures = st.decimals(-99_999_999_999, 99_999_999_999, places=4)


rows = st.lists(st.tuples(figures, texts, texts, st.integers(0, 4)), min_size=1, max_size=12)


@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=rows)
def test_an_untouched_template_comes_back_without_a_change(
    clerk: User, plan: Plan, rows: list[tuple[Decimal, str, str, int]]
) -> None:
    """Whatever stands in it: long figures, signs that XML escapes or forbids, text that looks like an escape."""
    plan.indicators.all().delete()
    for value, note, name, decimals in rows:
        indicator = factories.indicator(plan=plan, name=name.replace("\0", ""), decimals=decimals)
        factories.actual(
            indicator=indicator, year=YEAR, value=value, note=note.replace("\0", ""), text="", entered_by=clerk
        )
    found = rows_of(template_of(plan, user=clerk))
    assert [(row.typed, row.cleared, row.faults) for row in found] == [({}, [], [])] * len(rows)


def test_each_kind_of_row_comes_back_without_a_change(clerk: User, plan: Plan) -> None:
    stored: list[dict[str, Any]] = [
        {"value": None, "availability": Availability.MISSING, "note": "_x0041_ =cmd"},
        {"value": None, "availability": Availability.NOT_APPLICABLE, "absence_reason": AbsenceReason.OTHER},
        {"value": Decimal("7.9"), "comparator": Decimal("8.1")},
        {"value": None, "judgement": "met"},
        {"value": Decimal("2.21"), "text": "2.21:1", "state": State.APPROVED},
    ]
    for values in stored:
        kind = Kind.RELATIVE if "comparator" in values else Kind.LEVEL
        factories.actual(indicator=factories.indicator(plan=plan, kind=kind.value), year=YEAR, **values)
    factories.indicator(plan=plan, is_group=True)

    rows = rows_of(template_of(plan, user=clerk))

    assert [(row.typed, row.cleared, row.faults) for row in rows] == [({}, [], [])] * 6
    assert json.loads(rows[0].keys["base"])["note"] == "_x0041_ =cmd"


@pytest.mark.skipif(which("soffice") is None, reason="no LibreOffice on this machine")
def test_libreoffice_opens_it_and_what_it_saves_comes_back(template: bytes, nurses: Indicator) -> None:
    content = filled(template, {(nurses, "value"): 46.5, (nurses, "note"): "=按台账"})
    with tempfile.TemporaryDirectory() as folder:
        source, out = Path(folder, "in.xlsx"), Path(folder, "out")
        source.write_bytes(content)
        command = [str(which("soffice")), f"-env:UserInstallation=file://{folder}/profile", "--headless"]
        run([*command, "--convert-to", "xlsx", "--outdir", str(out), str(source)], check=True, capture_output=True)  # noqa: S603
        row = only_row((out / "in.xlsx").read_bytes())
    assert (row.typed, row.faults) == ({"value": "46.5", "note": "=按台账"}, [])


# ---- The file handed back


def test_the_marked_file_differs_in_the_bad_cells_only(template: bytes, nurses: Indicator) -> None:
    content = filled(template, {(nurses, "value"): "=cmd", (nurses, "note"): "说明"})
    place = place_of(sheet_of(opened(content), nurses), nurses, "value")
    before = opened(content)
    name = sheet_of(before, nurses).title

    after = opened(marked(content, {(name, place): "像是公式，不能作为数值。"}))

    cell = after[name][place]
    assert (cell.value, cell.data_type) == ("=cmd", "s")
    assert cell.fill == PatternFill("solid", fgColor="F6C7C3")
    assert cell.comment is not None
    assert cell.comment.text == "像是公式，不能作为数值。"
    assert not cell.protection.locked
    assert after.sheetnames == before.sheetnames
    assert _cells(after, but=(name, place)) == _cells(before, but=(name, place))
    assert after[name].protection.sheet
    assert [str(offer.sqref) for offer in after[name].data_validations.dataValidation] == [
        str(offer.sqref) for offer in before[name].data_validations.dataValidation
    ]
    assert only_row(saved(after)).typed == only_row(content).typed


def _cells(book: Workbook, *, but: tuple[str, str]) -> dict[tuple[str, str], tuple[object, ...]]:
    return {
        (sheet.title, cell.coordinate): (cell.value, cell.number_format, cell.fill.fgColor.rgb, cell.protection.locked)
        for sheet in book.worksheets
        for row in sheet.iter_rows()
        for cell in row
        if (sheet.title, cell.coordinate) != but
    }


def test_marking_a_cell_that_is_not_there_marks_nothing(template: bytes, nurses: Indicator) -> None:
    assert opened(marked(template, {("没有这张表", "A1"): "x"})).sheetnames == opened(template).sheetnames


def test_the_file_names_its_region_and_year(template: bytes) -> None:
    file: EntryFile = read_entry_file(template)
    assert (file.region, file.year) == ("420682", "2024")
