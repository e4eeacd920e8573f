"""`manage.py remind`: e-mails to the clerks whose rounds are due soon; meant for a timer, as often as one likes."""

from argparse import ArgumentParser
from datetime import timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from indicators.reminders import duties_of, letters_about
from plans.models import Round
from plans.workflow import send_reminders


class Command(BaseCommand):
    help = "给几天内截止、尚未报齐的填报员发催报邮件；同一人同一填报期就同一截止日期只发一次，没发出的再试。"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--days", type=int, default=7, metavar="天数", help="截止日期在今天起几天以内（默认7）")

    def handle(self, *args: Any, days: int, verbosity: int, **options: Any) -> None:
        if days < 0:
            raise CommandError("--days 应为0或正整数。")
        now = timezone.now()
        today = timezone.localdate(now)
        duties = duties_of(Round.objects.all(), on=today)
        due = [duty for duty in duties if today <= duty.deadline <= today + timedelta(days=days)]
        reminders = send_reminders(letters=letters_about(due), by=None, at=now)
        failed = [reminder for reminder in reminders if reminder.error]
        for reminder in failed:
            self.stderr.write(f"没有发出：{reminder}：{reminder.error}")
        if verbosity:
            self.stdout.write(f"已发出{len(reminders) - len(failed)}封催报邮件。")
        if failed:
            raise CommandError(f"{len(failed)}封没有发出，下次运行时再试。")
