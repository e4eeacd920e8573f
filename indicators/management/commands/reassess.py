"""`manage.py reassess`: whether the stored assessments still say what the engine says, and makes them say it."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from indicators.models import Indicator
from indicators.reassess import Difference, differences, reassess
from plans.models import Plan


def line(difference: Difference) -> str:
    """laohekou-14 4 养老机构护理型床位占比 2023年：符合预期 → 轻度滞后."""
    indicator = difference.indicator
    was = difference.was or "无"
    now = difference.now if was != difference.now else f"{difference.now}（数字或依据有变）"
    return f"{indicator.plan.code} {indicator} {difference.year}年：{was} → {now}"


class Command(BaseCommand):
    help = "重新计算各项指标的评价，列出与已存结果的不同并写入；--check 只检查，有不同则以1退出。"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--plan", metavar="代码", help="只算这一规划")
        parser.add_argument("--check", action="store_true", help="只检查，不写入")

    def handle(self, *args: Any, plan: str | None, check: bool, verbosity: int, **options: Any) -> None:
        if plan and not Plan.objects.filter(code=plan).exists():
            raise CommandError(f"没有代码为{plan}的规划。")
        indicators = Indicator.objects.filter(plan__code=plan) if plan else Indicator.objects.all()
        found = differences(indicators)[0] if check else reassess(indicators)
        for difference in found:
            self.stdout.write(line(difference))
        if check and found:
            raise CommandError(f"有{len(found)}处评价与重新计算的结果不同。", returncode=1)
        if verbosity:
            self.stdout.write(f"已改正{len(found)}处评价。" if found else "各项评价与重新计算的结果一致。")
