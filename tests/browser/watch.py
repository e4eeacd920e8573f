"""What a visitor would call broken on any page: errors, other hosts, pages too wide, words left in English."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import ConsoleMessage, Error, Page, Request, Response

REPORT_CSP = """
document.addEventListener("securitypolicyviolation", (event) =>
  console.error(`securitypolicyviolation ${event.violatedDirective} ${event.blockedURI}`));
"""
# Names and file types that Chinese text writes in Latin letters.
LATIN_WORDS = {"API", "Excel", "xlsx", "csv", "CivPlan", "PDF", "Word", "docx", "WPS", "MB", "Tab", "Esc", "KB"}
LATIN_WORDS |= {"CSV", "JSON", "UTF-", "ETag", "curl", "Python", "pandas", "Power", "Query"}


def watched(page: Page) -> list[str]:
    """A list that fills with every console message of weight, page error, failed request and foreign host."""
    trouble: list[str] = []

    def on_console(message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            trouble.append(f"{page.url} console {message.type}: {message.text}")

    def on_error(error: Error) -> None:
        trouble.append(f"{page.url} page error: {error}")

    def on_request(request: Request) -> None:
        address = urlsplit(request.url)
        if address.scheme not in ("data", "blob") and address.hostname not in ("localhost", "127.0.0.1"):
            trouble.append(f"{page.url} asked another host: {request.url}")

    def on_failed(request: Request) -> None:
        # leaving a page before it is complete aborts what was still on its way
        if request.failure != "net::ERR_ABORTED":
            trouble.append(f"{page.url} request failed: {request.url} {request.failure}")

    def on_response(response: Response) -> None:
        if response.status >= 400:
            trouble.append(f"{page.url} answered {response.status}: {response.url}")

    page.on("console", on_console)
    page.on("pageerror", on_error)
    page.on("request", on_request)
    page.on("requestfailed", on_failed)
    page.on("response", on_response)
    return trouble


def language_faults(page: Page) -> list[str]:
    """A page that does not call itself Chinese would be read out as English."""
    language = page.evaluate("document.documentElement.lang")
    return [] if language.startswith("zh") else [f"{page.url} lang is {language!r}"]


def width_faults(page: Page) -> list[str]:
    """Whether the whole page, and not only a table in its frame, can be scrolled sideways."""
    wide, seen = page.evaluate("[document.documentElement.scrollWidth, window.innerWidth]")
    return [f"{page.url} is {wide} px wide in a window of {seen} px"] if wide > seen else []


def english_words(page: Page) -> list[str]:
    """Words in Latin letters that the eye meets and that are no names; what is marked as code is a name."""
    unseen = page.locator(".visually-hidden, code").all_inner_texts()
    words = _latin(page.locator("body").inner_text()) - _latin(" ".join(unseen)) - LATIN_WORDS
    return [f"{page.url} shows in English: {word}" for word in sorted(words)]


def _latin(text: str) -> set[str]:
    return set(re.findall(r"[A-Za-z][A-Za-z'’-]+", text))


def accessibility_faults(page: Page) -> list[str]:
    """The serious and critical findings of axe, each with the first element it points at."""
    # preload would have axe write a style element, which the portal's own policy refuses
    found = Axe().run(page, options={"resultTypes": ["violations"], "preload": False}).response["violations"]
    return [
        f"{page.url} axe {fault['id']} ({fault['impact']}, {len(fault['nodes'])}×): {fault['nodes'][0]['html'][:200]}"
        for fault in found
        if fault["impact"] in ("serious", "critical")
    ]
