"""The OpenAPI description and the page that shows it."""

from __future__ import annotations

import re
from collections.abc import Callable
from io import StringIO

import pytest
from django.contrib.staticfiles import finders
from django.core.management import call_command
from django.test import Client

from accounts.models import User
from tests import factories

pytestmark = pytest.mark.django_db

SignIn = Callable[[User], Client]


def test_the_description_is_valid_and_complete() -> None:
    out = StringIO()
    call_command("spectacular", "--validate", "--fail-on-warn", stdout=out)
    assert "/api/v1/actuals/{id}/move/:" in out.getvalue()


def test_the_description_is_for_people_who_signed_in(client: Client, sign_in: SignIn) -> None:
    assert client.get("/api/v1/schema/").status_code == 401
    answer = sign_in(factories.person()).get("/api/v1/schema/?format=json")
    described = answer.json()["paths"]
    assert [path for path, methods in described.items() if "post" in methods] == [
        "/api/v1/actuals/",
        "/api/v1/actuals/{id}/move/",
    ]


def test_every_address_says_csv_etag_and_what_it_refuses(sign_in: SignIn) -> None:
    described = sign_in(factories.person()).get("/api/v1/schema/?format=json").json()["paths"]
    reading = described["/api/v1/actuals/"]["get"]
    assert set(reading["responses"]) == {"200", "304", "401", "429"}
    assert list(reading["responses"]["200"]["headers"]) == ["ETag"]
    assert reading["responses"]["200"]["content"]["text/csv"] == {"schema": {"type": "string"}}
    asked = [parameter["name"] for parameter in reading["parameters"]]
    assert {"If-None-Match", "format", "under", "light", "state", "attribute", "page_size"} <= set(asked)
    writing = described["/api/v1/actuals/"]["post"]
    assert {"401", "429"} < set(writing["responses"])
    assert "304" not in writing["responses"]
    schemas = [methods["get"]["responses"] for methods in described.values() if "get" in methods]
    assert all({"401", "429"} <= set(responses) for responses in schemas)


def test_the_root_lists_the_endpoints(sign_in: SignIn) -> None:
    answer = sign_in(factories.person()).get("/api/v1/")
    assert " ".join(answer.json()) == (
        "regions plans metrics indicators actuals assessments projects project-reports work-items work-reports rounds"
    )


@pytest.mark.parametrize("path", ["", "actuals/", "indicators/", "projects/"])
def test_asking_what_may_be_done_names_no_rows(sign_in: SignIn, path: str) -> None:
    factories.indicator(name="不该出现的名称")
    answer = sign_in(factories.person()).options(f"/api/v1/{path}")
    assert answer.status_code == 200
    assert "不该出现的名称" not in answer.content.decode()


def test_the_docs_page_asks_to_sign_in(client: Client) -> None:
    answer = client.get("/api/v1/docs/")
    assert (answer.status_code, answer["Location"]) == (302, "/login/?next=/api/v1/docs/")


def test_the_docs_page_takes_everything_from_this_server(sign_in: SignIn) -> None:
    answer = sign_in(factories.person()).get("/api/v1/docs/")
    fetched = re.findall(r'(?:src|href)="([^"]+)"', answer.content.decode())
    assert len(fetched) == 8
    assert all(address.startswith("/") and not address.startswith("//") for address in fetched)
    for address in fetched:
        if address.startswith("/static/"):
            assert finders.find(address.removeprefix("/static/"))


def test_the_docs_script_asks_no_validator_elsewhere(sign_in: SignIn) -> None:
    script = sign_in(factories.person()).get("/api/v1/docs/?script=").content.decode()
    assert '"validatorUrl": null' in script
    assert "http" not in script.replace('"http"', "")


def test_the_docs_page_alone_may_style_itself(sign_in: SignIn) -> None:
    client = sign_in(factories.person())

    def directive(path: str, name: str) -> str:
        policy: str = client.get(path)["Content-Security-Policy"]
        return next(part.strip() for part in policy.split(";") if part.strip().startswith(name))

    assert directive("/api/v1/docs/", "style-src") == "style-src 'self' 'unsafe-inline'"
    assert directive("/api/v1/", "style-src") == "style-src 'self'"
    assert "unsafe" not in directive("/api/v1/docs/", "script-src")
