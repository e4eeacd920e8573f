"""The one place where drafts meet the reader: a file or a paste in, rows as found out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from accounts.archives import UnreadableFile
from reports.drafts.content import Facts
from reports.reading.found import ReadProjects, ReadTable
from reports.reading.projects import read_pasted_projects, read_project_tables
from reports.reading.reader import NoTable, best_of, read_pasted, read_tables

PASTED = "网页粘贴.txt"


@dataclass(frozen=True, slots=True)
class Sent:
    """What was sent: a file with its name, or a paste."""

    name: str
    content: bytes = b""
    html: str = ""
    text: str = ""

    @property
    def kept(self) -> bytes:
        """What the draft keeps to be looked at again: the file, or the paste as text."""
        return self.content or (self.html or self.text).encode()

    @classmethod
    def of(cls, data: Mapping[str, Any]) -> Sent:
        """From a valid `TableForm`; a file goes before a paste, a table before its text."""
        if file := data.get("file"):
            return cls(file.name, content=file.read())
        html = data.get("pasted_html") or ""
        return cls(PASTED, html=html, text="" if html.strip() else data.get("pasted") or "")


def indicators_in(sent: Sent, facts: Facts) -> ReadTable:
    """The table of indicators; the period of the plan decides what a head without a year means.

    Raises UnreadableFile, with the reason in Chinese, for what is none.
    """
    period = (facts.start_year, facts.end_year)
    try:
        if sent.content or not (sent.html or sent.text):
            return best_of(read_tables(sent.content, sent.name, period=period))
        return best_of(read_pasted(sent.html or sent.text, period=period))
    except NoTable as error:
        raise UnreadableFile(str(error)) from error


def projects_in(sent: Sent) -> ReadProjects:
    """The longest table of projects; raises UnreadableFile for what is none."""
    if sent.content or not (sent.html or sent.text):
        found = read_project_tables(sent.content, sent.name)
    else:
        found = read_pasted_projects(sent.html or sent.text)
    if not found:
        raise UnreadableFile("没有找到项目表。项目表要有表头，至少有“项目名称”一栏。")
    return max(found, key=lambda table: len(table.projects))
