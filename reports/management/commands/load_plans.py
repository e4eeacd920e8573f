"""`manage.py load_plans`: the five documents, from fixtures/ into the database."""

from argparse import ArgumentParser
from collections import Counter
from typing import Any

from django.core.management.base import BaseCommand

from reports.documents import load_documents


def counted(rows: Counter[str]) -> str:
    """指标137、目标值146, in the order in which they came."""
    return "、".join(f"{label}{count}" for label, count in rows.items())


class Command(BaseCommand):
    help = "载入五份规划文件。只补缺少的行，已有的不动；可反复运行。"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--refresh", action="store_true", help="用文件内容覆盖已有行中来自文件的各项")

    def handle(self, *args: Any, refresh: bool, verbosity: int, **options: Any) -> None:
        loaded = load_documents(refresh=refresh)
        if verbosity == 0:
            return
        self.stdout.write(f"新增：{counted(loaded.added)}。" if loaded.added else "没有新增。")
        if loaded.refreshed:
            self.stdout.write(f"按文件改回：{counted(loaded.refreshed)}。")
        if loaded.kept:
            self.stdout.write(f"已有{loaded.kept}行，未改动。")
        self.stdout.write("各项指标的评价已更新。")
