"""From a filled-in template to figures: what the preview says of each row, what is written, what is taken back."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client

from accounts.archives import UnreadableFile
from accounts.models import AuditEvent, Region, User
from accounts.permissions import Role
from indicators.models import Actual, Availability, FigureKind, Indicator, State
from indicators.moves import Move
from indicators.review import Refused
from indicators.verdicts import Judgement, Kind
from indicators.workflow import Entry, move_actual, save_actual
from plans.models import Plan
from reports.entries.workflow import Outdated, confirm_import, undo_import, upload_entries
from reports.models import EntryImport, EntryImportLine, ImportState, Outcome
from tests import factories
from tests.reports.entries.entry_books import YEAR, filled, keys_of, opened, place_of, saved, sheet_of, template_of

pytestmark = pytest.mark.django_db

SignIn = Callable[[User], Client]
Typed = dict[tuple[Indicator, str], Any]


@pytest.fixture
def clerk() -> User:
    return factories.person(Role.CLERK)


@pytest.fixture
def plan() -> Plan:
    plan = factories.plan(code="laohekou-14", short_title="老河口“十四五”")
    factories.open_round(plan, YEAR)
    return plan


@pytest.fixture
def beds(plan: Plan) -> Indicator:
    """养老机构护理型床位占比, with 45 for the year as a draft."""
    indicator = factories.indicator(plan=plan, decimals=1)
    factories.actual(indicator=indicator, year=YEAR, value=Decimal(45), text="45")
    return indicator


@pytest.fixture
def nurses(plan: Plan) -> Indicator:
    """A row of the same plan without a figure."""
    return factories.indicator(plan=plan, name="养老护理人员培训率")


def imported_by(clerk: User, plan: Plan, typed: Typed, **values: Any) -> EntryImport:
    content = filled(template_of(plan, user=clerk), typed)
    return upload_entries(content=content, name="表.xlsx", by=clerk, **values)


def line_of(imported: EntryImport, indicator: Indicator) -> EntryImportLine:
    return imported.lines.get(indicator=indicator)


def figure(indicator: Indicator) -> Actual:
    return Actual.objects.get(indicator=indicator, year=YEAR)


def counts(imported: EntryImport) -> dict[str, int]:
    found: dict[str, int] = {}
    for line in imported.lines.all():
        found[line.outcome] = found.get(line.outcome, 0) + 1
    return found


def confirmed(imported: EntryImport, by: User, **values: Any) -> EntryImport:
    return confirm_import(imported=imported, by=by, preview=imported.preview, **values)


# ---- What a row would do


def test_an_untouched_template_changes_nothing(clerk: User, plan: Plan, beds: Indicator, nurses: Indicator) -> None:
    assert counts(imported_by(clerk, plan, {})) == {Outcome.SAME: 2}


def test_a_first_figure_is_new_and_a_changed_one_shows_both(
    clerk: User, plan: Plan, beds: Indicator, nurses: Indicator
) -> None:
    imported = imported_by(clerk, plan, {(beds, "value"): 46.5, (nurses, "value"): 90})

    assert (line_of(imported, beds).outcome, line_of(imported, beds).changes) == (
        Outcome.CHANGED,
        [["本年实际", "45.0", "46.5"]],
    )
    assert (line_of(imported, nurses).outcome, line_of(imported, nurses).changes) == (
        Outcome.NEW,
        [["本年实际", "未填", "90"]],
    )


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        (46.5, "46.5"),
        ("４６．５", "46.5"),
        ("46.5％", "46.5"),
        (" 1,234 ", "1234"),
        (0, "0"),
        ("0", "0"),
        (0.1 + 0.2, "0.3"),
        (99.0001, "99.0001"),
        ("−5", "-5"),
    ],
)
def test_a_cell_is_read_as_the_page_reads_it(
    clerk: User, plan: Plan, nurses: Indicator, cell: object, value: str
) -> None:
    confirmed(imported_by(clerk, plan, {(nurses, "value"): cell}), clerk)
    assert figure(nurses).value == Decimal(value)


@pytest.mark.parametrize(
    ("cell", "reason"),
    [
        ("=cmd|'/C calc'!A0", "像是公式"),
        ("@SUM(1)", "像是公式"),
        ("1e5", "科学计数法"),
        ("10²", "上标"),
        ("1,23", "逗号位置不对"),
        ("不低于55", "只能填一个数"),
        (True, "“TRUE”"),
        (1.23456, "小数太多"),
        ("#DIV/0!", "出错标记"),
        ("4\x0b5", "控制字符"),
        ("5" * 300, "200"),
    ],
)
def test_a_wrong_cell_is_refused_by_name_and_nothing_is_lost(
    clerk: User, plan: Plan, beds: Indicator, cell: object, reason: str
) -> None:
    written = "4_x000B_5" if cell == "4\x0b5" else cell
    imported = imported_by(clerk, plan, {(beds, "value"): written})

    line = line_of(imported, beds)
    assert line.outcome == Outcome.REFUSED
    (problem,) = line.problems
    assert problem.startswith(f"老河口“十四五”!{line.places['value']}：")
    assert reason in problem
    assert figure(beds).value == 45


def test_all_wrong_cells_are_named_at_once(clerk: User, plan: Plan, beds: Indicator, nurses: Indicator) -> None:
    imported = imported_by(
        clerk, plan, {(beds, "value"): "四十五", (nurses, "value"): "1e5", (nurses, "figure_kind"): "月报"}
    )
    assert counts(imported) == {Outcome.REFUSED: 2}
    assert [problem.partition("：")[0] for line in imported.lines.all() for problem in line.problems] == [
        f"老河口“十四五”!{line_of(imported, beds).places['value']}",
        f"老河口“十四五”!{line_of(imported, nurses).places['figure_kind']}",
    ]


def test_a_percent_cell_is_taken_times_a_hundred(clerk: User, plan: Plan, nurses: Indicator) -> None:
    book = opened(template_of(plan, user=clerk))
    sheet = sheet_of(book, nurses)
    cell = sheet[place_of(sheet, nurses, "value")]
    cell.value, cell.number_format = 0.856, '0.00"%"0%'
    imported = upload_entries(content=saved(book), name="表.xlsx", by=clerk)
    assert line_of(imported, nurses).changes == [["本年实际", "未填", "85.6"]]


def test_a_written_percent_sign_in_the_format_multiplies_nothing(clerk: User, plan: Plan, nurses: Indicator) -> None:
    book = opened(template_of(plan, user=clerk))
    sheet = sheet_of(book, nurses)
    cell = sheet[place_of(sheet, nurses, "value")]
    cell.value, cell.number_format = 85.6, '0.0"%"'
    imported = upload_entries(content=saved(book), name="表.xlsx", by=clerk)
    assert line_of(imported, nurses).changes == [["本年实际", "未填", "85.6"]]


def test_a_share_where_percent_is_meant_is_taken_with_a_question(clerk: User, plan: Plan, nurses: Indicator) -> None:
    line = line_of(imported_by(clerk, plan, {(nurses, "value"): 0.856}), nurses)
    assert (line.changes, line.notices) == ([["本年实际", "未填", "0.856"]], ["是否为 85.6%？"])


def test_blank_means_unchanged(clerk: User, plan: Plan, beds: Indicator) -> None:
    imported = imported_by(clerk, plan, {(beds, "value"): None, (beds, "figure_kind"): None})
    assert counts(imported) == {Outcome.SAME: 1}
    imported = imported_by(clerk, plan, {(beds, "value"): None, (beds, "note"): "按台账"})
    confirmed(imported, clerk)
    assert (figure(beds).value, figure(beds).text, figure(beds).note) == (45, "45", "按台账")


def test_absence_is_chosen_and_the_figure_gives_way_only_where_it_was_cleared(
    clerk: User, plan: Plan, beds: Indicator
) -> None:
    kept = imported_by(clerk, plan, {(beds, "availability"): "暂缺"})
    assert "与数据情况“暂缺”不符" in line_of(kept, beds).problems[0]

    cleared = imported_by(clerk, plan, {(beds, "availability"): "暂缺", (beds, "value"): None})
    confirmed(cleared, clerk)
    assert (figure(beds).availability, figure(beds).value) == (Availability.MISSING, None)

    back = imported_by(clerk, plan, {(beds, "value"): 47})
    confirmed(back, clerk)
    assert (figure(beds).availability, figure(beds).value) == (Availability.REPORTED, 47)


def test_each_column_of_the_form_comes_back(clerk: User, plan: Plan, nurses: Indicator) -> None:
    relative = factories.indicator(plan=plan, kind=Kind.RELATIVE.value)
    judged = factories.indicator(plan=plan, kind=Kind.QUALITATIVE.value, target=None)
    imported = imported_by(
        clerk,
        plan,
        {
            (nurses, "availability"): "不适用",
            (nurses, "absence_reason"): "职能划转",
            (relative, "value"): 8.1,
            (relative, "comparator"): "7.9%",
            (relative, "figure_kind"): "快报",
            (judged, "judgement"): "已达到",
            (judged, "note"): "=已建成",
        },
    )
    assert [line.problems for line in imported.lines.all()] == [[], [], []]
    confirmed(imported, clerk)

    assert (figure(nurses).availability, figure(nurses).absence_reason) == ("not_applicable", "transferred")
    assert (figure(relative).value, figure(relative).comparator, figure(relative).figure_kind) == (
        Decimal("8.1"),
        Decimal("7.9"),
        FigureKind.PRELIMINARY,
    )
    assert (figure(judged).judgement, figure(judged).note) == (Judgement.MET.value, "=已建成")


# ---- What may not be written


def test_locked_rows_are_refused_with_the_reason(clerk: User, plan: Plan, beds: Indicator, nurses: Indicator) -> None:
    content = filled(template_of(plan, user=clerk), {(beds, "value"): 46, (nurses, "value"): 90})
    move_actual(actual=figure(beds), move=Move.SUBMIT, by=clerk, version=1, note="无误")
    plan.rounds.all().delete()
    imported = upload_entries(content=content, name="表.xlsx", by=clerk)

    assert "为“待审核”，不能保存" in line_of(imported, beds).problems[0]
    assert "未开放填报" in line_of(imported, nurses).problems[0]


def test_rows_of_another_department_are_refused(clerk: User, plan: Plan, nurses: Indicator) -> None:
    theirs = factories.indicator(plan=plan, department=factories.department())
    clerk.memberships.get().departments.add(factories.department())
    imported = imported_by(clerk, plan, {(nurses, "value"): 1, (theirs, "value"): 1})
    assert [("没有对" in line.problems[0], line.outcome) for line in imported.lines.all()] == [
        (True, Outcome.REFUSED),
        (True, Outcome.REFUSED),
    ]


def test_rows_of_another_year_are_refused(clerk: User, plan: Plan, nurses: Indicator) -> None:
    imported = imported_by(clerk, plan, {(nurses, "value"): 1}, year=2023)
    assert line_of(imported, nurses).problems[0].endswith("：这一行是2024年的数据，本次只导入2023年。")


@pytest.mark.parametrize("key", ["indicator", "plan", "year"])
def test_a_row_whose_key_was_changed_is_refused(clerk: User, plan: Plan, nurses: Indicator, key: str) -> None:
    other = factories.indicator(plan=factories.plan())
    content = filled(
        template_of(plan, user=clerk),
        {(nurses, "value"): 1, (nurses, key): {"indicator": str(other.pk), "plan": "elsewhere", "year": "20²4"}[key]},
    )
    imported = upload_entries(content=content, name="表.xlsx", by=clerk)
    assert counts(imported) == {Outcome.REFUSED: 1}


def test_the_same_indicator_twice_is_refused_twice(clerk: User, plan: Plan, nurses: Indicator) -> None:
    book = opened(filled(template_of(plan, user=clerk), {(nurses, "value"): 1}))
    sheet = sheet_of(book, nurses)
    sheet.append([cell.value for cell in sheet[sheet.max_row]])
    imported = upload_entries(content=saved(book), name="表.xlsx", by=clerk)
    reasons = [reason for line in imported.lines.all() for _, reason in line.errors]
    assert reasons == ["同一指标在文件中出现了不止一次，分不清以哪一行为准。请只保留一行。"] * 2


@pytest.fixture
def elsewhere() -> Region:
    return factories.region("330127", "淳安县")


def test_a_file_for_another_region_is_refused_whole_and_says_nothing_of_itself(clerk: User, elsewhere: Region) -> None:
    foreign = factories.plan(region=elsewhere, short_title="淳安“十四五”")
    row = factories.indicator(plan=foreign, name="外地的指标")
    stranger = factories.person(Role.CLERK, elsewhere)
    content = filled(template_of(foreign, user=stranger), {(row, "value"): "外地的错数"})

    with pytest.raises(UnreadableFile) as refused:
        upload_entries(content=content, name="表.xlsx", by=clerk)

    assert str(refused.value) == "这个文件不是您所在地区的填报模板，没有读入。请从您自己的填报页下载模板。"
    assert not EntryImport.objects.exists()


def test_one_foreign_row_refuses_the_whole_file(clerk: User, plan: Plan, nurses: Indicator, elsewhere: Region) -> None:
    content = filled(template_of(plan, user=clerk), {(nurses, "region"): elsewhere.code})
    with pytest.raises(UnreadableFile, match="不是您所在地区"):
        upload_entries(content=content, name="表.xlsx", by=clerk)


# ---- Conflicts


def test_a_row_changed_since_is_a_conflict_and_stays_out_unless_chosen(
    clerk: User, plan: Plan, beds: Indicator, nurses: Indicator
) -> None:
    content = filled(template_of(plan, user=clerk), {(beds, "value"): 46, (nurses, "value"): 90})
    save_actual(indicator=beds, year=YEAR, entry=Entry(value=Decimal(47), text="47"), by=clerk, version=1)
    imported = upload_entries(content=content, name="表.xlsx", by=clerk)

    line = line_of(imported, beds)
    assert (line.outcome, line.changes) == (Outcome.CONFLICT, [["本年实际", "47.0", "46.0"]])
    confirmed(imported, clerk)
    assert (figure(beds).value, figure(nurses).value) == (47, 90)


def test_a_chosen_conflict_is_written(clerk: User, plan: Plan, beds: Indicator) -> None:
    content = filled(template_of(plan, user=clerk), {(beds, "value"): 46})
    save_actual(indicator=beds, year=YEAR, entry=Entry(value=Decimal(47), text="47"), by=clerk, version=1)
    imported = upload_entries(content=content, name="表.xlsx", by=clerk)
    confirmed(imported, clerk, from_file=[line_of(imported, beds).pk])
    assert figure(beds).value == 46


def test_a_row_nobody_touched_in_the_file_is_no_conflict(clerk: User, plan: Plan, beds: Indicator) -> None:
    content = template_of(plan, user=clerk)
    save_actual(indicator=beds, year=YEAR, entry=Entry(value=Decimal(47), text="47"), by=clerk, version=1)
    assert counts(upload_entries(content=content, name="表.xlsx", by=clerk)) == {Outcome.SAME: 1}


def test_the_same_change_on_both_sides_is_no_conflict(clerk: User, plan: Plan, beds: Indicator) -> None:
    content = filled(template_of(plan, user=clerk), {(beds, "value"): 47})
    save_actual(indicator=beds, year=YEAR, entry=Entry(value=Decimal(47), text="47"), by=clerk, version=1)
    assert counts(upload_entries(content=content, name="表.xlsx", by=clerk)) == {Outcome.SAME: 1}


# ---- Confirm


def test_what_is_confirmed_stands_as_drafts_of_the_clerk(clerk: User, plan: Plan, nurses: Indicator) -> None:
    imported = confirmed(imported_by(clerk, plan, {(nurses, "value"): 90}), clerk)
    stored = figure(nurses)
    assert (imported.state, stored.state, stored.entered_by, stored.version) == ("applied", State.DRAFT, clerk, 1)
    assert [event.move for event in stored.events.all()] == [Move.SAVE]


def test_refused_rows_hold_everything_back_unless_only_the_right_ones_are_asked_for(
    clerk: User, plan: Plan, beds: Indicator, nurses: Indicator
) -> None:
    imported = imported_by(clerk, plan, {(beds, "value"): "四十五", (nurses, "value"): 90})
    with pytest.raises(Refused, match="有1行被拒绝"):
        confirmed(imported, clerk)
    assert not Actual.objects.filter(indicator=nurses).exists()

    confirmed(imported, clerk, only_right=True)
    assert (figure(beds).value, figure(nurses).value) == (45, 90)


def test_nothing_is_written_when_a_figure_changed_after_the_preview(
    clerk: User, plan: Plan, beds: Indicator, nurses: Indicator
) -> None:
    imported = imported_by(clerk, plan, {(beds, "value"): 46, (nurses, "value"): 90})
    save_actual(indicator=beds, year=YEAR, entry=Entry(value=Decimal(47), text="47"), by=clerk, version=1)

    with pytest.raises(Outdated, match="没有写入任何一项"):
        confirmed(imported, clerk)

    assert not Actual.objects.filter(indicator=nurses).exists()
    imported.refresh_from_db()
    assert (imported.state, imported.preview) == (ImportState.PREVIEWED, 2)
    assert counts(imported) == {Outcome.CONFLICT: 1, Outcome.NEW: 1}


def test_a_preview_that_was_made_anew_must_be_seen_first(clerk: User, plan: Plan, nurses: Indicator) -> None:
    imported = imported_by(clerk, plan, {(nurses, "value"): 90})
    EntryImport.objects.update(preview=2)
    with pytest.raises(Outdated, match="预览已更新"):
        confirm_import(imported=imported, by=clerk, preview=1)
    assert not Actual.objects.exists()


def test_a_round_that_closed_after_the_preview_lets_nothing_in(clerk: User, plan: Plan, nurses: Indicator) -> None:
    imported = imported_by(clerk, plan, {(nurses, "value"): 90})
    plan.rounds.all().delete()
    with pytest.raises(Outdated):
        confirmed(imported, clerk)
    assert counts(imported) == {Outcome.REFUSED: 1}


def test_an_import_is_confirmed_once(clerk: User, plan: Plan, nurses: Indicator) -> None:
    imported = confirmed(imported_by(clerk, plan, {(nurses, "value"): 90}), clerk)
    with pytest.raises(Refused, match="已导入"):
        confirmed(imported, clerk)
    assert figure(nurses).version == 1


def test_without_anything_to_write_nothing_is_confirmed(clerk: User, plan: Plan, nurses: Indicator) -> None:
    with pytest.raises(Refused, match="没有要写入的数据"):
        confirmed(imported_by(clerk, plan, {}), clerk)


# ---- Undo


def test_undo_puts_back_what_was_there(clerk: User, plan: Plan, beds: Indicator, nurses: Indicator) -> None:
    typed: Typed = {(beds, "value"): 46.5, (beds, "note"): "按台账", (nurses, "value"): 90}
    imported = confirmed(imported_by(clerk, plan, typed), clerk)

    undone = undo_import(imported=imported, by=clerk)

    assert undone.state == ImportState.UNDONE
    assert (figure(beds).value, figure(beds).text, figure(beds).note) == (45, "45", "")
    assert (figure(nurses).availability, figure(nurses).value) == (Availability.UNREPORTED, None)
    with pytest.raises(Refused, match="已撤销"):
        undo_import(imported=imported, by=clerk)


def test_another_figure_clears_the_parts_and_undo_puts_them_back(clerk: User, plan: Plan) -> None:
    share = factories.indicator(plan=plan, decimals=1, metric=factories.metric())
    noted = factories.indicator(plan=plan, decimals=1, metric=share.metric)
    parts = {"numerator": Decimal(964), "denominator": Decimal(2000)}
    for indicator in (share, noted):
        factories.actual(indicator=indicator, year=YEAR, value=Decimal("48.2"), text="48.2", **parts)
    imported = confirmed(imported_by(clerk, plan, {(share, "value"): 48.5, (noted, "note"): "按台账"}), clerk)
    assert (figure(share).numerator, figure(noted).numerator) == (None, 964)

    undo_import(imported=imported, by=clerk)

    assert [(figure(row).value, figure(row).numerator, figure(row).denominator) for row in (share, noted)] == [
        (Decimal("48.2"), 964, 2000)
    ] * 2


def test_undo_leaves_alone_what_somebody_went_on_with(clerk: User, plan: Plan, beds: Indicator) -> None:
    passed_on = factories.indicator(plan=plan)
    back = factories.indicator(plan=plan)
    typed: Typed = {(row, "value"): 46 for row in (beds, passed_on, back)}
    imported = confirmed(imported_by(clerk, plan, typed), clerk)
    save_actual(indicator=beds, year=YEAR, entry=Entry(value=Decimal(48), text="48"), by=clerk, version=2)
    move_actual(actual=figure(passed_on), move=Move.SUBMIT, by=clerk, version=1, note="无误")

    undo_import(imported=imported, by=clerk)

    assert (figure(beds).value, figure(passed_on).value, figure(back).value) == (48, 46, None)
    assert line_of(imported, beds).kept_because == "导入之后又改过"
    assert line_of(imported, passed_on).kept_because == "已为“待审核”"
    assert line_of(imported, back).kept_because == ""


def test_undo_after_the_round_closed_says_so(clerk: User, plan: Plan, beds: Indicator) -> None:
    imported = confirmed(imported_by(clerk, plan, {(beds, "value"): 46}), clerk)
    plan.rounds.all().delete()
    undo_import(imported=imported, by=clerk)
    assert figure(beds).value == 46
    assert "未开放填报" in line_of(imported, beds).kept_because


def test_upload_import_and_undo_stand_in_the_audit_log_with_their_counts(
    clerk: User, plan: Plan, beds: Indicator, nurses: Indicator
) -> None:
    imported = imported_by(clerk, plan, {(beds, "value"): 46, (nurses, "value"): 90})
    undo_import(imported=confirmed(imported, clerk), by=clerk)

    lines = AuditEvent.objects.filter(kind="reports.entryimport").order_by("pk")
    assert [(line.action, line.summary, line.region_code) for line in lines] == [
        ("上传导入文件", "表.xlsx 2024年：新增1行，更改1行", "420682"),
        ("导入", "表.xlsx 2024年：新增1行，更改1行", "420682"),
        ("撤销导入", "表.xlsx 2024年：恢复2行", "420682"),
    ]


def test_keys_decide_whatever_was_moved(clerk: User, plan: Plan, beds: Indicator, nurses: Indicator) -> None:
    book = opened(filled(template_of(plan, user=clerk), {(beds, "value"): 46, (nurses, "value"): 90}))
    sheet = sheet_of(book, beds)
    for area in list(sheet.merged_cells.ranges):
        sheet.unmerge_cells(str(area))
    sheet.insert_cols(3, 2)
    head, _ = keys_of(sheet)
    first, last = ([cell.value for cell in sheet[row]] for row in (head + 1, head + 2))
    for row, values in ((head + 1, last), (head + 2, first)):
        for column, value in enumerate(values, start=1):
            sheet.cell(row, column).value = value
    sheet.row_dimensions[head + 1].hidden = True
    sheet.title = "改过的名字"
    imported = upload_entries(content=saved(book), name="表.xlsx", by=clerk)
    assert line_of(imported, beds).changes == [["本年实际", "45.0", "46.0"]]
    assert line_of(imported, nurses).changes == [["本年实际", "未填", "90"]]
    assert line_of(imported, beds).sheet == "改过的名字"


# ---- More rows than are taken at a time


@pytest.fixture
def parts_of_two(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("reports.entries.file.PART", 2)
    monkeypatch.setattr("reports.entries.workflow.PART", 2)


@pytest.mark.usefixtures("parts_of_two")
def test_an_import_in_parts_is_shown_written_and_taken_back_whole(clerk: User, plan: Plan, beds: Indicator) -> None:
    others = [factories.indicator(plan=plan) for _ in range(4)]
    imported = imported_by(clerk, plan, {(row, "value"): 50 for row in [beds, *others]})
    assert counts(imported) == {Outcome.CHANGED: 1, Outcome.NEW: 4}

    confirmed(imported, clerk)
    assert [figure(row).value for row in [beds, *others]] == [50] * 5

    save_actual(indicator=others[3], year=YEAR, entry=Entry(value=Decimal(51)), by=clerk, version=1)
    undo_import(imported=imported, by=clerk)
    assert [figure(row).value for row in [beds, *others]] == [45, None, None, None, 51]
    assert AuditEvent.objects.get(action="撤销导入").detail == {"restored": 4, "kept": 1}


@pytest.mark.usefixtures("parts_of_two")
def test_the_same_indicator_far_apart_in_the_file_is_refused_twice(clerk: User, plan: Plan, beds: Indicator) -> None:
    others = [factories.indicator(plan=plan) for _ in range(3)]
    book = opened(filled(template_of(plan, user=clerk), {(row, "value"): 50 for row in [beds, *others]}))
    sheet = sheet_of(book, beds)
    column = keys_of(sheet)[1]["indicator"]
    sheet.cell(sheet.max_row, column).value = str(beds.pk)
    imported = upload_entries(content=saved(book), name="表.xlsx", by=clerk)
    assert counts(imported) == {Outcome.REFUSED: 2, Outcome.NEW: 2}

    save_actual(indicator=others[0], year=YEAR, entry=Entry(value=Decimal(51)), by=clerk, version=None)
    with pytest.raises(Outdated):
        confirmed(imported, clerk, only_right=True)
    assert counts(imported) == {Outcome.REFUSED: 2, Outcome.NEW: 1, Outcome.CONFLICT: 1}
