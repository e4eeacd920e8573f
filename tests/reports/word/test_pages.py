"""The pages of Word reports and of their templates."""

from __future__ import annotations

import html
import io
import re
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, transaction
from django.test import Client
from django.utils import timezone
from django.utils.http import content_disposition_header
from docx import Document
from pytest_django import DjangoAssertNumQueries

from accounts.models import AuditEvent, Region, User
from accounts.permissions import Role
from indicators.models import Indicator, State
from indicators.reassess import reassess
from reports.models import ReportKind, ReportTemplate
from reports.word.default_template import default_template
from reports.word.template_check import TemplateFault
from reports.word.workflow import install_template
from tests import factories
from tests.reports.word.conftest import World
from tests.reports.word.documents import document, texts_of

pytestmark = pytest.mark.django_db
SignIn = Callable[[User], Client]
DOWNLOAD = "/plans/laohekou-14/reports/midterm-2023.docx"
LIST = "/reports/templates/"


def read(answer: Any) -> str:
    return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]+>", "", answer.content.decode())))


def cells(answer: Any) -> list[str]:
    """The cells of the page's tables, one after another."""
    found = re.findall(r"<t[dh]\b[^>]*>(.*?)</t[dh]>", answer.content.decode(), re.DOTALL)
    return [re.sub(r"<[^>]+>", "", cell).strip() for cell in found]


def sent(content: bytes, kind: str = "midterm", region: str = "420682", name: str = "本局模板.docx") -> dict[str, Any]:
    return {"region": region, "kind": kind, "file": SimpleUploadedFile(name, content)}


@pytest.fixture
def system() -> User:
    return factories.person(Role.SYSTEM)


def installed(by: User, words: str, kind: ReportKind = ReportKind.MIDTERM) -> ReportTemplate:
    region, at = Region.objects.get(code="420682"), timezone.now()
    return install_template(region=region, kind=kind, content=document(words), name="模板.docx", by=by, at=at)


# ---- The report


def test_the_preview_says_what_the_document_says(world: World, sign_in: SignIn) -> None:
    client = sign_in(world.analyst)
    page = read(client.get("/reports/word/?plan=laohekou-14&kind=midterm&year=2023"))
    paragraphs = texts_of(client.get(DOWNLOAD).content)
    told = [text for text in paragraphs if re.match(r"\d\.|2023年|〔请补充", text)]
    assert [text for text in told if text not in page] == []
    assert len(told) > 10


def test_the_download_is_a_document_under_its_chinese_name(world: World, sign_in: SignIn) -> None:
    answer = sign_in(world.analyst).get(DOWNLOAD)
    name = "老河口“十四五”_中期评估报告_2023年.docx"
    assert answer["Content-Disposition"] == content_disposition_header(as_attachment=True, filename=name)
    assert answer["Content-Type"].endswith("wordprocessingml.document")
    assert Document(io.BytesIO(answer.content)).core_properties.title == "老河口市民政事业发展“十四五”规划中期评估报告"


@pytest.mark.parametrize("path", ["midterm-2030", "midterm-1", "other-2023"])
def test_a_report_that_is_not_offered_is_not_there(world: World, sign_in: SignIn, path: str) -> None:
    assert sign_in(world.analyst).get(f"/plans/laohekou-14/reports/{path}.docx").status_code == 404


def test_another_regions_plan_is_not_there_and_who_may_not_export_is_told_so(world: World, sign_in: SignIn) -> None:
    away = factories.region("330127", "淳安县")
    stranger = sign_in(factories.person(Role.ANALYST, away))
    assert stranger.get(DOWNLOAD).status_code == 404
    assert stranger.get("/reports/word/?plan=laohekou-14").status_code == 404
    assert "没有可以导出的规划" in read(stranger.get("/reports/word/"))
    leader = sign_in(factories.person(Role.LEADER))
    assert (leader.get(DOWNLOAD).status_code, leader.get("/reports/word/").status_code) == (403, 403)


@pytest.mark.parametrize("query", ["kind=other", "year=２０２３", "year=99999999999", "year==cmd", "kind=&year="])
def test_a_broken_choice_shows_the_last_reported_year_and_says_so(world: World, sign_in: SignIn, query: str) -> None:
    page = read(sign_in(world.analyst).get(f"/reports/word/?plan=laohekou-14&{query}"))
    assert "2023年度监测报告" in page
    assert ("没有这种报告或数据年度，已显示2023年的年度监测报告。" in page) == (query != "kind=&year=")


def test_the_plan_page_leads_to_the_report_who_may_export(world: World, sign_in: SignIn) -> None:
    link = "/reports/word/?plan=laohekou-14&amp;year=2023"
    assert link in sign_in(world.analyst).get("/plans/laohekou-14/?year=2023").content.decode()
    assert link not in sign_in(factories.person(Role.LEADER)).get("/plans/laohekou-14/?year=2023").content.decode()


# ---- Templates


def test_a_template_is_installed_used_and_set_aside_again(world: World, sign_in: SignIn, system: User) -> None:
    client, analyst = sign_in(system), sign_in(world.analyst)
    answer = client.post(f"{LIST}install/", sent(document("本局：{{ 标题 }}")), follow=True)
    assert "已安装并启用：老河口 中期评估报告 第1版。" in read(answer)
    own = ["本局：老河口市民政事业发展“十四五”规划中期评估报告"]
    assert texts_of(analyst.get(DOWNLOAD).content) == own
    client.post(f"{LIST}420682/midterm/default/")
    assert texts_of(analyst.get(DOWNLOAD).content)[0] != own[0]
    first = ReportTemplate.objects.get(version=1)
    client.post(f"{LIST}install/", sent(document("第二版：{{ 标题 }}")))
    assert texts_of(analyst.get(DOWNLOAD).content) == [own[0].replace("本局", "第二版")]
    client.post(f"{LIST}{first.pk}/use/")
    assert texts_of(analyst.get(DOWNLOAD).content) == own
    assert [(row.version, row.is_in_use) for row in ReportTemplate.objects.order_by("version")] == [
        (1, True),
        (2, False),
    ]
    lines = AuditEvent.objects.filter(region_code="420682").order_by("pk").values_list("summary", flat=True)
    assert list(lines) == [
        "老河口 中期评估报告：安装模板第1版“本局模板.docx”",
        "老河口 中期评估报告：恢复默认模板",
        "老河口 中期评估报告：安装模板第2版“本局模板.docx”",
        "老河口 中期评估报告：改用模板第1版",
    ]


def test_a_hostile_template_is_refused_with_its_place_and_nothing_is_kept(
    world: World, sign_in: SignIn, system: User
) -> None:
    answer = sign_in(system).post(f"{LIST}install/", sent(document("甲", "{{ ''.__class__ }}")))
    assert answer.status_code == 422
    assert "正文第2段“{{ ''.__class__ }}”：不能用" not in read(answer)
    assert "正文第2段“{{ ''.__class__ }}”：占位符最多写成“行.名称”。" in read(answer)
    assert (ReportTemplate.objects.count(), AuditEvent.objects.count()) == (0, 0)


@pytest.mark.parametrize(
    "changed", [{"region": "330127"}, {"region": ""}, {"kind": "other"}, {"file": ""}, {"region": "=cmd"}]
)
def test_an_upload_for_another_place_or_without_a_file_is_refused(
    world: World, sign_in: SignIn, system: User, changed: dict[str, str]
) -> None:
    factories.region("330127", "淳安县")
    answer = sign_in(system).post(f"{LIST}install/", {**sent(document("甲")), **changed})
    assert (answer.status_code, ReportTemplate.objects.count()) == (422, 0)


def test_templates_of_another_region_are_not_there(world: World, sign_in: SignIn, system: User) -> None:
    row = installed(system, "{{ 标题 }}")
    stranger = sign_in(factories.person(Role.SYSTEM, factories.region("330127", "淳安县")))
    assert stranger.post(f"{LIST}{row.pk}/use/").status_code == 404
    assert stranger.get(f"{LIST}{row.pk}.docx").status_code == 404
    assert stranger.post(f"{LIST}420682/midterm/default/").status_code == 404
    assert "老河口" not in read(stranger.get(LIST)).split("占位符一览")[0]
    row.refresh_from_db()
    assert row.is_in_use


def test_versions_and_the_portals_own_template_can_be_downloaded(world: World, sign_in: SignIn, system: User) -> None:
    row, client = installed(system, "{{ 标题 }}"), sign_in(system)
    assert texts_of(client.get(f"{LIST}{row.pk}.docx").content) == ["{{ 标题 }}"]
    assert client.get(f"{LIST}default/final.docx").content == default_template(ReportKind.FINAL)
    assert client.get(f"{LIST}default/other.docx").status_code == 404
    assert client.post(f"{LIST}420682/other/default/").status_code == 404


def test_a_broken_template_cannot_be_installed_past_the_page(world: World, system: User) -> None:
    with pytest.raises(TemplateFault):
        installed(system, "{{ 没有 }}")
    assert ReportTemplate.objects.count() == 0


@pytest.mark.parametrize(
    "changes", [{"version": 1}, {"version": 2, "is_in_use": True}, {"version": 2, "is_in_use": False, "kind": "other"}]
)
def test_the_database_keeps_versions_apart_and_one_in_use(system: User, changes: dict[str, Any]) -> None:
    values = {"region": factories.region(), "kind": "midterm", "content": b"x", "name": "a.docx"}
    values |= {"installed_by": system, "installed_at": timezone.now(), "version": 1}
    ReportTemplate.objects.create(**values)
    with pytest.raises(IntegrityError), transaction.atomic():
        ReportTemplate.objects.create(**{**values, "is_in_use": False, **changes})


@pytest.mark.parametrize("number", [1, 3])
def test_the_page_of_templates_takes_as_many_queries_for_three_versions_as_for_one(
    world: World, sign_in: SignIn, system: User, django_assert_num_queries: DjangoAssertNumQueries, number: int
) -> None:
    for at in range(number):
        installed(system, f"第{at}版：{{{{ 标题 }}}}")
    client = sign_in(system)
    client.get(LIST)
    with django_assert_num_queries(9):
        client.get(LIST)


# ---- The bulletin


def test_the_bulletin_names_who_is_late_and_what_lags(world: World, sign_in: SignIn) -> None:
    factories.open_round(world.plan, 2023, due_on="2024-03-31")
    answer = sign_in(factories.person(Role.REVIEWER)).get("/reports/bulletin/420682/?year=2023")
    page = read(answer)
    assert "关于老河口市2023年规划指标数据报送和进展情况的通报" in page
    assert "应报送的科室报表1份，共6项，已报送5项。未报齐1份，其中已逾期1份。" in page
    assert cells(answer)[7:12] == ["养老服务科", "老河口“十四五”", "6", "1", "2024年3月31日"]
    assert "2023年进展落后的指标2行，其中滞后、回落或未完成的2行。" in page
    assert "原因：前期手续办理时间长" in page
    assert "47.0" not in page  # waits for review


def test_the_bulletin_of_an_upper_region_holds_those_below_and_no_others(world: World, sign_in: SignIn) -> None:
    factories.open_round(world.plan, 2023)
    province = sign_in(factories.person(Role.REVIEWER, factories.region("420000", "湖北省")))
    assert "床位数" in read(province.get("/reports/bulletin/420000/?year=2023"))
    away = factories.region("330127", "淳安县")
    stranger = sign_in(factories.person(Role.REVIEWER, away))
    assert stranger.get("/reports/bulletin/420682/").status_code == 404
    assert "还没有开放过填报" in read(stranger.get("/reports/bulletin/330127/"))


def test_a_year_that_is_not_over_has_nothing_behind(world: World, sign_in: SignIn) -> None:
    year = timezone.localdate().year
    plan = factories.plan(start_year=year, end_year=year + 4)
    factories.open_round(plan, year)
    indicator = factories.indicator(plan=plan, baseline_year=year - 1, target_year=year + 4)
    factories.actual(indicator=indicator, year=year, value=Decimal(30), state=State.APPROVED)
    reassess(Indicator.objects.all())
    assert indicator.assessments.get(year=year).light == "red"
    page = read(sign_in(factories.person(Role.PLANNER)).get(f"/reports/bulletin/420682/?year={year}"))
    assert f"按已审核的数据评价，{year}年没有落后的指标。" in page


@pytest.mark.parametrize("number", [1, 3])
def test_the_bulletin_takes_as_many_queries_for_three_rows_as_for_one(
    sign_in: SignIn, django_assert_num_queries: DjangoAssertNumQueries, number: int
) -> None:
    plan = factories.plan()
    factories.open_round(plan, 2023)
    for _ in range(number):
        indicator = factories.indicator(plan=plan, department=factories.department())
        factories.actual(indicator=indicator, state=State.APPROVED, value=41)
    reassess(Indicator.objects.all())
    client = sign_in(factories.person(Role.PLANNER))
    client.get("/reports/bulletin/420682/")
    with django_assert_num_queries(19):
        client.get("/reports/bulletin/420682/")
