"""A real file or a real paste, all the way from the upload to the plan."""

from __future__ import annotations

import io
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from docx import Document
from openpyxl import Workbook

from accounts.models import User
from accounts.permissions import Role
from plans.models import Plan
from reports.drafts.content import Content
from reports.drafts.forms import MOST_PASTED
from reports.models import PlanDraft
from tests import factories

pytestmark = pytest.mark.django_db
SignIn = Callable[[User], Client]
TABLE = [
    ["序号", "指标", "单位", "2025年实际值", "2030年目标值", "属性"],
    ["1", "养老机构护理型床位占比", "%", "60", "≥65", "约束性"],
    ["2", "社会组织数", "个", "120", "130左右", "预期性"],
]
FACTS: dict[str, Any] = {
    "region": "420682",
    "title": "老河口市民政事业发展“十五五”规划",
    "short_title": "老河口“十五五”",
    "start_year": 2026,
    "end_year": 2030,
    "published_on": "2026-03-01",
}


@pytest.fixture
def client(sign_in: SignIn) -> Client:
    factories.theme()
    factories.theme("organizations", "社会组织")
    return sign_in(factories.person(Role.PLANNER))


def workbook(rows: list[list[str]] = TABLE) -> bytes:
    book, kept = Workbook(), io.BytesIO()
    sheet = book.create_sheet("指标表", 0)
    for row in rows:
        sheet.append(row)
    book.save(kept)
    return kept.getvalue()


def document() -> bytes:
    paper, kept = Document(), io.BytesIO()
    table = paper.add_table(len(TABLE), len(TABLE[0]))
    for at, row in enumerate(TABLE):
        for place, text in enumerate(row):
            table.cell(at, place).text = text
    paper.save(kept)
    return kept.getvalue()


def markup() -> str:
    return "<table>" + "".join(f"<tr>{''.join(f'<td>{text}</td>' for text in row)}</tr>" for row in TABLE) + "</table>"


def upload(content: bytes, name: str = "指标表.xlsx") -> dict[str, Any]:
    return {"file": SimpleUploadedFile(name, content)}


@pytest.mark.parametrize(
    "sent",
    [
        lambda: upload(workbook()),
        lambda: upload(document(), "指标表.docx"),
        lambda: {"pasted_html": markup()},
        lambda: {"pasted": "\n".join("\t".join(row) for row in TABLE)},
    ],
    ids=["xlsx", "docx", "html", "text"],
)
def test_a_table_becomes_a_plan_by_way_of_its_doubts(client: Client, sent: Callable[[], dict[str, Any]]) -> None:
    answer = client.post(reverse("draft_start"), {**FACTS, **sent()})
    draft = PlanDraft.objects.get()
    assert answer["Location"] == draft.get_absolute_url()
    content = Content.from_json(draft.content)
    assert [(row.number, row.name, row.unit, row.attribute) for row in content.rows] == [
        ("1", "养老机构护理型床位占比", "%", "binding"),
        ("2", "社会组织数", "个", "expected"),
    ]
    assert [row.targets[0].text for row in content.rows] == ["≥65", "130左右"]
    assert content.facts.code == "420682-15"

    assert client.post(reverse("draft_publish", args=[draft.pk]), {"version": 1}).status_code == 422
    assert not Plan.objects.exists()
    checked: dict[str, Any] = {"version": 1}
    for doubt in content.open_doubts:
        checked[doubt.key] = doubt.assumed if doubt.assumed in dict(doubt.choices) else doubt.choices[0][0]
    for row in content.rows:
        checked |= {f"{row.key}-theme": row.theme or factories.theme().pk, f"{row.key}-metric": "0"}
    assert client.post(reverse("draft_check", args=[draft.pk]), checked).status_code == 302
    assert client.post(reverse("draft_publish", args=[draft.pk]), {"version": 2}).status_code == 302

    beds, organizations = Plan.objects.get().indicators.order_by("order")
    assert (beds.baseline_year, beds.baseline_value, beds.targets.get().operator) == (2025, Decimal(60), "ge")
    assert (organizations.targets.get().operator, organizations.targets.get().value) == ("approx", Decimal(130))
    assert str(Plan.objects.get().source.published_on) == "2026-03-01"


@pytest.mark.parametrize(
    ("sent", "words"),
    [
        (lambda: {}, "请选择文件，或者粘贴表格"),
        (lambda: upload(b""), "文件是空的"),
        (lambda: upload(b"PK\x03\x04nonsense"), "文件"),
        (lambda: upload(b"%PDF-1.4", "规划.pdf"), "PDF"),
        (lambda: upload(workbook([["甲", "乙"], ["1", "2"]])), "没有找到指标表"),
        (lambda: {"pasted": "没有表格的一句话"}, "没有找到指标表"),
        (lambda: {"pasted": "字" * (MOST_PASTED // 4)}, "没有找到指标表"),
        (lambda: {"pasted_html": "<table></table>"}, "没有找到指标表"),
    ],
    ids=["nothing", "empty", "broken", "pdf", "another table", "a sentence", "a long text", "empty table"],
)
def test_what_is_no_table_is_refused_with_the_reason_and_nothing_is_kept(
    client: Client, sent: Callable[[], dict[str, Any]], words: str
) -> None:
    answer = client.post(reverse("draft_start"), {**FACTS, **sent()})
    assert answer.status_code == 422
    assert words in answer.content.decode()
    assert FACTS["short_title"] in answer.content.decode()  # what was typed stays
    assert not PlanDraft.objects.exists()


def test_a_file_that_is_too_large_is_refused(client: Client) -> None:
    answer = client.post(reverse("draft_start"), {**FACTS, **upload(b"PK\x03\x04" + b"0" * (10 * 1024 * 1024))})
    assert answer.status_code == 422
    assert "文件超过10 MB" in answer.content.decode()


def test_a_paste_beyond_what_a_request_may_hold_is_refused_in_chinese(client: Client) -> None:
    answer = client.post(reverse("draft_start"), {**FACTS, "pasted_html": "字" * 1_000_000})
    assert answer.status_code == 400
    assert "发送的内容过大" in answer.content.decode()


@pytest.mark.parametrize("region", ["330127", "", "420000"])
def test_a_region_one_does_not_plan_for_is_not_offered(client: Client, region: str) -> None:
    factories.region("330127", "淳安县")
    answer = client.post(reverse("draft_start"), {**FACTS, **upload(workbook()), "region": region})
    assert answer.status_code == 422
    assert not PlanDraft.objects.exists()


def test_formulas_of_a_sheet_are_never_figures(client: Client) -> None:
    rows = [TABLE[0], ["1", "=cmd|' /C calc'!A0", "%", "60", "=1+1", "约束性"]]
    client.post(reverse("draft_start"), {**FACTS, "pasted": "\n".join("\t".join(row) for row in rows)})
    draft = PlanDraft.objects.first()
    if draft is not None:
        row = Content.from_json(draft.content).rows[0]
        assert [target.value for target in row.targets] in ([], [None])


def test_two_hundred_rows_at_most(client: Client) -> None:
    rows = [TABLE[0], *([str(at), f"指标{at}", "个", "1", "2", "预期性"] for at in range(1, 202))]
    answer = client.post(reverse("draft_start"), {**FACTS, **upload(workbook(rows))})
    assert answer.status_code == 422
    assert "一份草稿最多200行" in answer.content.decode()


PROJECTS = [
    ["序号", "项目名称", "建设地点", "建设内容", "总投资（万元）", "起止年限", "资金来源", "责任单位"],
    ["1", "社会福利院三期", "城区", "新建床位200张", "2500", "2026-2028", "省级资金", "民政局"],
    ["2", "殡仪馆迁建", "洪山嘴镇", "迁建", "5,000", "2027—2030", "自筹", "民政局"],
]


def test_a_table_of_projects_goes_into_a_draft(client: Client) -> None:
    draft = factories.plan_draft()
    sent = {"version": 1, **upload(workbook(PROJECTS), "项目表.xlsx")}
    assert client.post(reverse("draft_add_projects", args=[draft.pk]), sent).status_code == 302
    draft.refresh_from_db()
    first, second = Content.from_json(draft.content).projects
    assert (first.name, first.total_investment, first.start_year, first.end_year) == (
        "社会福利院三期", Decimal(2500), 2026, 2028,
    )  # fmt: skip
    assert (second.number, second.total_investment) == ("2", Decimal(5000))


def test_a_table_of_projects_is_added_to_a_plan_that_is_there(client: Client) -> None:
    plan = factories.plan(code="laohekou-14")
    answer = client.post(reverse("draft_projects_start", args=["laohekou-14"]), upload(workbook(PROJECTS)))
    draft = PlanDraft.objects.get()
    assert (answer["Location"], draft.into) == (draft.get_absolute_url(), plan)
    page = client.get(draft.get_absolute_url()).content.decode()
    assert "增加 2 个项目" in page
    content = Content.from_json(draft.content)
    checked = {"version": 1, **{doubt.key: doubt.choices[0][0] for doubt in content.open_doubts}}
    assert client.post(reverse("draft_check", args=[draft.pk]), checked).status_code == 302
    assert client.post(reverse("draft_publish", args=[draft.pk]), {"version": 2})["Location"].endswith("/projects/")
    assert [str(project) for project in plan.projects.all()] == ["1 社会福利院三期", "2 殡仪馆迁建"]


def test_what_is_no_table_of_projects_is_refused(client: Client) -> None:
    factories.plan(code="laohekou-14")
    answer = client.post(reverse("draft_projects_start", args=["laohekou-14"]), upload(workbook([["甲"], ["1"]])))
    assert answer.status_code == 422
    assert "没有找到项目表" in answer.content.decode()
    assert not PlanDraft.objects.exists()
