"""`manage.py remove_demo`: everything that load_demo brought, and what demo people entered since."""

from typing import Any

from django.core.management.base import BaseCommand

from reports.demo.people import remove_demo


class Command(BaseCommand):
    help = "删除全部演示数据：实际值、项目进展、填报期、科室、账号及其令牌和会话，并重新评价。正式数据不动。"

    def handle(self, *args: Any, verbosity: int, **options: Any) -> None:
        removed = remove_demo()
        if verbosity == 0:
            return
        counts = "、".join(f"{label}{count}" for label, count in removed.rows.items() if count)
        self.stdout.write(f"已删除：{counts}。" if counts else "没有演示数据。")
        for kept in removed.kept:
            self.stdout.write(self.style.WARNING(f"未删除：{kept}。"))
