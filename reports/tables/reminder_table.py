"""催报清单: who has not reported, as a workbook with a 说明 sheet. Counts and names, no figure."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from decimal import Decimal
from itertools import groupby

from django.utils import timezone

from accounts.models import User
from indicators.reminders import STATE_WORDS, Duty
from reports.tables.columns import DEMO_WORD
from reports.tables.workbooks import (
    ABSENT,
    Column,
    Content,
    Table,
    add_notes,
    add_table,
    light,
    new_book,
    number,
    saved,
    text,
)

TITLE = "催报清单"


def reminder_file_name(at: datetime) -> str:
    """催报清单_20261124.xlsx, by the day of Beijing time."""
    return f"{TITLE}_{timezone.localtime(at):%Y%m%d}.xlsx"


def reminder_list(duties: Sequence[Duty], filters: str, by: User, at: datetime) -> bytes:
    """The departments of the page of reminders under the same filters, each round under its own heading."""
    day = timezone.localtime(at)
    demo = any(duty.round.is_demo or (duty.department and duty.department.is_demo) for duty in duties)
    warning = f"含{DEMO_WORD}" if demo else ""
    book = new_book(TITLE)
    blocks = [
        (f"{round_.plan.region.name}　{round_.plan}　{round_.year}年", list(theirs))
        for round_, theirs in groupby(duties, key=lambda duty: duty.round)
    ]
    line = f"统计时间：{day:%Y-%m-%d %H:%M}（北京时间）　　{filters}"
    add_table(book, Table(TITLE, TITLE, [line], warning, _columns(), blocks))
    notes = [
        ("筛选条件", filters),
        ("统计时间", f"{day:%Y-%m-%d %H:%M}（北京时间）"),
        ("导出人", str(by)),
        ("应报", "由该科室填报的行；数据填在下级行的合计行不计。"),
        (
            "未报、草稿、退回",
            "未报为没有填写；草稿为已填未提交；退回为审核退回未重新提交。三者合为未报送。"
            "注明“暂缺”“不适用”的按其状态计入，不算未报。",
        ),
        ("截止日期", "当日24时（北京时间）截止，含已批准的延期。"),
        ("数据", "本表只有报送情况，不含任何实际值。"),
        *([(DEMO_WORD, "所列填报期或科室为演示而设。")] if demo else []),
    ]
    add_notes(book, "说明", notes, warning=warning)
    return saved(book)


def _columns() -> list[Column[Duty]]:
    return [
        Column("地区", 12, lambda duty: text(duty.round.plan.region.name)),
        Column("责任科室", 20, lambda duty: text(duty.department_name), is_prose=True),
        Column("规划", 22, lambda duty: text(str(duty.round.plan)), is_prose=True),
        Column("数据年度", 9, lambda duty: _count(duty.round.year)),
        Column("报送情况", 13, lambda duty: light(duty.light, duty.word)),
        Column("截止日期", 12, lambda duty: text(f"{duty.deadline:%Y-%m-%d}")),
        Column("应报", 8, lambda duty: _count(duty.total), group="行数"),
        *(Column(word, 8, _in_state(state), group="行数") for state, word in STATE_WORDS.items()),
        Column("填报员", 18, lambda duty: text(duty.clerk_names), is_prose=True),
        Column("最近邮件催报", 13, _last_reminder),
        Column("未报送的行", 50, _pending, is_prose=True),
    ]


def _count(value: int) -> Content:
    return number(Decimal(value), decimals=0)


def _in_state(state: str) -> Callable[[Duty], Content]:
    return lambda duty: _count(duty.counts[state])


def _last_reminder(duty: Duty) -> Content:
    sent_at = duty.told[0].sent_at if duty.told else None
    return text(f"{timezone.localtime(sent_at):%Y-%m-%d}" if sent_at else ABSENT)


def _pending(duty: Duty) -> Content:
    return text("\n".join(f"{row.number} {row.name}（{row.word}）" for row in duty.pending) or ABSENT)
