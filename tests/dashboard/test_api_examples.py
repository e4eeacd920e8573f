"""接口示例: what the page offers to copy works as it stands, against the portal itself."""

from __future__ import annotations

import csv
import html
import io
import json
import re
import shlex
import sys
import urllib.request
from collections.abc import Callable
from types import ModuleType
from typing import Any

import pytest
from django.test import Client
from pytest_django.live_server_helper import LiveServer

from accounts.models import User
from accounts.permissions import Role
from dashboard.api_examples import TOKEN
from indicators.models import Indicator
from indicators.reassess import reassess
from tests import factories

SignIn = Callable[[User], Client]


def examples_on(page: Any, key: str) -> dict[str, str]:
    """The examples by name, as a reader copies them, with the token put in."""
    found = re.findall(r'<textarea id="code-([a-z-]+)"[^>]*>(.*?)</textarea>', page.content.decode(), re.DOTALL)
    return {name: html.unescape(code).replace(TOKEN, key) for name, code in found}


def fetched(address: str, headers: dict[str, str]) -> bytes:
    with urllib.request.urlopen(urllib.request.Request(address, headers=headers)) as answer:  # noqa: S310 (our own)
        content: bytes = answer.read()
        return content


def curled(command: str) -> bytes:
    """What the command line would fetch."""
    words = shlex.split(command)
    name, value = words[words.index("-H") + 1].split(": ", 1)
    return fetched(words[-1], {name: value})


def tables() -> ModuleType:
    """As much of pandas as the example uses: read_csv with headers, and to_numeric."""
    module = ModuleType("pandas")

    def read_csv(address: str, *, storage_options: dict[str, str], dtype: str) -> dict[str, list[str]]:
        assert dtype == "string"
        rows = list(csv.DictReader(io.StringIO(fetched(address, storage_options).decode("utf-8-sig"))))
        return {name: [row[name] for row in rows] for name in rows[0]}

    module.__dict__.update(read_csv=read_csv, to_numeric=lambda texts: [float(text) for text in texts])
    return module


@pytest.mark.django_db(transaction=True)
def test_every_example_works_as_it_stands(
    live_server: LiveServer, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    """curl, pandas and plain Python against a running portal; Power Query by the address it would ask."""
    indicator = factories.indicator(plan=factories.plan(code="laohekou-14"))
    factories.actual(indicator=indicator, year=2025, state="approved")
    factories.actual(indicator=indicator, year=2024)
    reassess(Indicator.objects.all())
    elsewhere = factories.indicator(plan=factories.plan(region=factories.region("330127", "淳安县")))
    analyst = factories.person(Role.ANALYST)
    factories.api_token(user=analyst, key="cp_example")
    host = live_server.url.removeprefix("http://")
    codes = examples_on(sign_in(analyst).get("/api-examples/", headers={"Host": host}), "cp_example")
    assert list(codes) == ["curl", "curl-csv", "pandas", "python", "power-query"]

    assessed = json.loads(curled(codes["curl"]))["results"]
    assert [(row["indicator"], row["year"]) for row in assessed] == [(indicator.pk, 2025)]

    rows = list(csv.DictReader(io.StringIO(curled(codes["curl-csv"]).decode("utf-8-sig"))))
    assert [(row["year"], row["value"], row["state"]) for row in rows] == [("2025", "45", "approved")]

    monkeypatch.setitem(sys.modules, "pandas", tables())
    known: dict[str, Any] = {}
    exec(codes["pandas"], known)  # noqa: S102 (what a reader would run)
    assert (known["actuals"]["value"], known["actuals"]["number"]) == (["45"], [45.0])

    read: dict[str, Any] = {}
    exec(codes["python"], read)  # noqa: S102 (what a reader would run)
    assert [row["id"] for row in read["indicators"]] == [indicator.pk]
    assert elsewhere.pk not in [row["id"] for row in read["indicators"]]
    assert read["again"] is None

    query = codes["power-query"]
    (base,) = re.findall(r'Web\.Contents\("([^"]+)"', query)
    (path,) = re.findall(r'RelativePath = "([^"]+)"', query)
    (asked,) = re.findall(r"Query = \[([^]]+)\]", query)
    (key,) = re.findall(r'令牌 = "([^"]+)"', query)
    parameters = "&".join(f"{name}={value}" for name, value in re.findall(r'(\w+) = "([^"]*)"', asked))
    table = fetched(f"{base}/{path}?{parameters}", {"Authorization": f"Token {key}"}).decode("utf-8-sig")
    assert [row["year"] for row in csv.DictReader(io.StringIO(table))] == ["2025"]


@pytest.mark.django_db
@pytest.mark.parametrize(("role", "may"), [(Role.ANALYST, True), (Role.PLANNER, True), (Role.CLERK, False)])
def test_who_may_make_tokens_is_led_to_them(sign_in: SignIn, role: Role, may: bool) -> None:
    page = sign_in(factories.person(role)).get("/api-examples/").content.decode()
    assert ('href="/tokens/"' in page) is may
    assert 'href="/api/v1/docs/"' in page


@pytest.mark.django_db
def test_without_a_plan_the_examples_ask_for_everything(sign_in: SignIn) -> None:
    codes = examples_on(sign_in(factories.person(Role.SYSTEM)).get("/api-examples/"), "key")
    assert "plan=" not in "".join(codes.values())
    assert '"http://testserver/api/v1/actuals/?state=approved&format=csv"' in codes["curl-csv"]
