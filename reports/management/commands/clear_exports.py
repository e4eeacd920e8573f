"""`manage.py clear_exports`: what background exports leave behind; for a timer, once a day."""

from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from reports.exports.clearing import clear_exports


class Command(BaseCommand):
    help = "删除过期的导出文件及旧的导出记录；可重复运行。"

    def handle(self, *args: Any, verbosity: int, **options: Any) -> None:
        cleared = clear_exports(at=timezone.now())
        if verbosity:
            self.stdout.write(f"已删除：文件{cleared.files}个、导出记录{cleared.rows}条、任务记录{cleared.tasks}条。")
