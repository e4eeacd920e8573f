"""指标库: the list and the page of an entry; who sees which uses of it."""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from accounts.models import User
from accounts.permissions import Role
from dashboard.dictionary import dictionary_of, metric_page
from tests import factories

pytestmark = pytest.mark.django_db
SignIn = Callable[[User], Client]


def read(answer: Any) -> str:
    return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]+>", " ", answer.content.decode())))


def test_the_list_holds_every_entry_and_counts_what_one_sees(sign_in: SignIn) -> None:
    used = factories.metric(name="甲占比")
    factories.metric(name="乙占比")
    factories.indicator(metric=used)
    factories.indicator(metric=used, plan=factories.plan(region=factories.region("330127", "淳安县")))
    leader = factories.person(Role.LEADER)
    assert [(line.metric.name, line.regions, line.plans) for line in dictionary_of(leader)] == [
        ("甲占比", 1, 1),
        ("乙占比", 0, 0),
    ]
    national = factories.person(Role.LEADER, factories.region("100000"))
    assert [line.plans for line in dictionary_of(national)] == [2, 0]
    assert dictionary_of(factories.person(Role.SYSTEM)) == []
    page = read(sign_in(leader).get("/metrics/"))
    assert "护理型床位数 ÷ 床位数 × 100" in page


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("", ["甲占比", "乙标准"]),
        ("q=标准", ["乙标准"]),
        ("q=ＪＩＡ", ["甲占比"]),
        ("q=别名", ["乙标准"]),
        ("theme=rescue", ["乙标准"]),
        ("theme=rescue&q=甲", []),
        ("theme=nothing", ["甲占比", "乙标准"]),
    ],
)
def test_search_and_theme_stand_in_the_address(sign_in: SignIn, query: str, names: list[str]) -> None:
    factories.metric(name="甲占比", code="jia", theme=factories.theme())
    other = factories.metric(name="乙标准", code="yi", theme=factories.theme("rescue", "社会救助"), parts_factor=None)
    other.aliases.create(name="另一个别名")
    page = sign_in(factories.person(Role.CLERK)).get(f"/metrics/?{query}").content.decode()
    assert re.findall(r'<a href="/metrics/[a-z]+/">([^<]+)</a>', page) == names


def test_an_entry_shows_what_it_is_made_of_and_who_uses_it(sign_in: SignIn) -> None:
    beds = factories.metric(code="beds", name="床位数", parts_factor=None)
    nursing = factories.metric(code="nursing", name="护理型床位数", parts_factor=None)
    share = factories.metric(code="share", name="床位占比", numerator=nursing, denominator=beds, definition="比例。")
    share.aliases.create(name="占比")
    mine = factories.indicator(metric=share, number="3", unit="张")
    factories.indicator(plan=mine.plan, metric=nursing, baseline_value=Decimal(82), target=None)
    factories.indicator(plan=mine.plan, metric=beds, baseline_value=Decimal(200), target=None)
    factories.indicator(metric=share, plan=factories.plan(region=factories.region("330127", "淳安县")))
    client = sign_in(factories.person(Role.LEADER))
    page = client.get("/metrics/share/")
    said = read(page)
    for words in ("比例。", "护理型床位数 ÷ 床位数 × 100", "占比", "1个地区，1项指标", "老河口市", "单位为张"):
        assert words in said
    assert "▲ 按分子分母计算应为41，现为40。" in said
    assert "淳安" not in said
    assert set(re.findall(r'href="(/(?:metrics|compare|indicators)/[^"]*)"', page.content.decode())) >= {
        "/metrics/nursing/",
        "/metrics/beds/",
        "/compare/share/",
        f"/indicators/{mine.pk}/",
    }
    assert "用于计算 床位占比" in read(client.get("/metrics/beds/"))


def test_an_entry_nobody_uses_has_its_page_too(sign_in: SignIn) -> None:
    factories.metric(code="unused")
    client = sign_in(factories.person(Role.CLERK))
    assert "您权限范围内的规划没有使用这一条目。" in read(client.get("/metrics/unused/"))
    assert client.get("/metrics/no-such/").status_code == 404


@pytest.mark.parametrize("number", [1, 3])
def test_both_take_the_same_queries_for_any_number(
    django_assert_num_queries: DjangoAssertNumQueries, number: int
) -> None:
    beds, nursing = factories.metric(parts_factor=None), factories.metric(parts_factor=None)
    share = factories.metric(numerator=nursing, denominator=beds)
    for _ in range(number):
        plan = factories.plan()
        for metric in (share, beds, nursing):
            metric.aliases.create(name=f"{metric}{plan.pk}")
            factories.indicator(plan=plan, metric=metric)
    leader = factories.person(Role.LEADER)
    assert leader.held
    with django_assert_num_queries(4):
        assert len(dictionary_of(leader)) == 3
    with django_assert_num_queries(6):
        page = metric_page(share.code, user=leader)
        assert page is not None
        assert sum(len(use.recomputed) for use in page.uses) == 2 * number
