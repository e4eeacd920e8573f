"""`manage.py load_demo`: people to sign in as, open rounds and marked figures, for a demonstration."""

import os
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from reports.demo.people import PEOPLE, Unwanted, load_demo


class Command(BaseCommand):
    help = "载入演示账号、填报期、科室和演示数据（均有标记，可用 remove_demo 全部删除）；正式环境拒绝运行。"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--no-actuals", action="store_true", help="不载入演示的实际值和项目进展")

    def handle(self, *args: Any, no_actuals: bool, verbosity: int, **options: Any) -> None:
        if settings.PRODUCTION:
            raise CommandError("这是正式环境（CIVPLAN_PRODUCTION），不能载入演示数据。")
        password = os.environ.get("CIVPLAN_DEMO_PASSWORD", "")
        try:
            loaded = load_demo(password=password, with_figures=not no_actuals, now=timezone.now())
        except Unwanted as error:
            raise CommandError(str(error)) from error
        if verbosity == 0:
            return
        added = "、".join(f"{label}{count}" for label, count in loaded.added.items() if count)
        self.stdout.write(f"新增演示数据：{added}。" if added else "演示数据已齐全，没有新增。")
        self.stdout.write("演示账号：" + "、".join(f"{person.username}（{person.display_name}）" for person in PEOPLE))
        if loaded.password is None:
            self.stdout.write("演示账号的密码没有改变。忘记时可设 CIVPLAN_DEMO_PASSWORD 后再运行。")
        elif loaded.password_is_random:
            self.stdout.write(f"演示账号的随机密码：{loaded.password}")
        else:
            self.stdout.write("演示账号的密码已设为 CIVPLAN_DEMO_PASSWORD 的值。")
        self.stdout.write("以上均为演示数据，用 manage.py remove_demo 全部删除。")
