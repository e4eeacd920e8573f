"""Every number of cockpit, home and plan page opens the rows it counts: all links are walked and the rows counted."""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import User
from indicators.models import Indicator
from indicators.rulings import exclude_indicator
from indicators.verdicts import Verdict
from plans.models import Round
from reports.demo.people import load_demo

SignIn = Callable[[User], Client]
LINK = re.compile(r'<a\b[^>]*\bhref="([^"]*)"[^>]*>(.*?)</a>', re.DOTALL)
# Links that only lead somewhere: a page, a period, a way of sorting or of looking.
LEADS = re.compile(
    r"^(#|/indicators/|/projects/\d|/work-items/|/screen/|/static/|\?period=\d+$|\?year=\d+(&view=\w+)?$|.*sort=)"
)


def numbers_of(page: str, address: str) -> Iterator[tuple[str, int]]:
    """Each link of the page that shows a number which it counts, with the number."""
    main = page[page.index("<main") : page.index("</main>")]
    for href, inner in LINK.findall(main):
        words = html.unescape(re.sub(r"<[^>]+>", "", inner))
        told = re.findall(r"\d+", re.sub(r"\d{4}年", "", words))
        link = html.unescape(href)
        if told and not LEADS.match(link) and re.search(r"\d+\s*([项个条行]|$|[^\d]*$)", words):
            yield (address.split("?", maxsplit=1)[0] + link if link.startswith("?") else link), int(told[-1])


def listed(client: Client, address: str) -> int:
    """How many rows the page behind a link lists."""
    path, _, anchor = address.partition("#")
    answer = client.get(path)
    assert answer.status_code == 200, path
    page = answer.content.decode()
    if anchor == "listed":
        return page.split('id="listed"')[1].split("</section>")[0].count('<tr>\n        <th scope="row"')
    if "/overdue/" in path or path.startswith("/cockpit/"):
        return page.split("<tbody>")[1].count("<tr>") if "<tbody>" in page else 0
    if "/work-items/" in path:
        return len(set(re.findall(r'href="/work-items/(\d+)/"', page)))
    if "/projects/" in path:
        return len(set(re.findall(r'href="/projects/(\d+)/"', page)))
    return page.count('id="indicator-')


def wrong_numbers(client: Client, address: str) -> list[str]:
    shown = dict(numbers_of(client.get(address).content.decode(), address))
    assert len(shown) > 5, shown
    seen = {link: listed(client, link) for link in shown}
    return [
        f"{address}: {link} counts {shown[link]}, lists {seen[link]}" for link in shown if shown[link] != seen[link]
    ]


@pytest.fixture
def demo(five_documents: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """The documents with the demo as of May 2026; one round of 老河口 is overdue, one indicator was handed on."""
    monkeypatch.setattr(timezone, "now", lambda: datetime(2026, 5, 6, 2, 0, tzinfo=UTC))
    load_demo(password="", with_figures=True, now=timezone.now())
    yesterday = timezone.localdate() - timedelta(days=1)
    Round.objects.filter(plan__code="laohekou-14", year__in=(2024, 2025)).update(due_on=yesterday)
    handed_on = Indicator.objects.get_by_natural_key("laohekou-14", "8")
    planner = User.objects.get(username="demo-planner")
    exclude_indicator(
        indicator=handed_on, since_year=2023, cause=Verdict.TRANSFERRED, reason="机构改革", seen=None, by=planner
    )


@pytest.mark.usefixtures("demo")
def test_each_number_counts_the_rows_that_its_link_lists(sign_in: SignIn) -> None:
    client = sign_in(User.objects.get(username="demo-national"))
    wrong = []
    for address in (
        "/cockpit/420682/?period=13",
        "/cockpit/420682/?period=14",
        "/cockpit/420000/?period=14",
        "/",
        "/plans/laohekou-14/?year=2024",
        "/plans/laohekou-14/?year=2024&view=heat",
    ):
        wrong += wrong_numbers(client, address)
    assert not wrong, "\n".join(wrong)
