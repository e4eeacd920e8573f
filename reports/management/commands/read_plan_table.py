"""`manage.py read_plan_table FILE`: an official indicator table as the portal understands it. Writes nothing."""

import json
import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand

from accounts.archives import UnreadableFile
from reports.reading.files import MAX_BYTES
from reports.reading.reader import NoTable, best_of, read_tables
from reports.reading.shown import json_of, text_of


class Command(BaseCommand):
    help = "读取一张官方指标表（.xlsx、.docx 或 .html），显示读懂的各行和所有疑问。不写数据库。"
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", metavar="FILE", help="指标表文件")
        parser.add_argument("--json", action="store_true", help="输出 JSON")
        parser.add_argument("--table", type=int, default=None, metavar="N", help="文件里有几张指标表时，读第几张")

    def handle(self, *args: Any, file: str, table: int | None, **options: Any) -> None:
        try:
            read = best_of(read_tables(_content(Path(file)), Path(file).name), chosen=table)
        except (UnreadableFile, NoTable) as problem:
            self.stderr.write(str(problem))
            sys.exit(1)
        if options["json"]:
            self.stdout.write(json.dumps(json_of(read), ensure_ascii=False, indent=2))
        else:
            self.stdout.write(text_of(read))


def _content(path: Path) -> bytes:
    try:
        if not path.is_file():
            raise UnreadableFile(f"没有找到文件“{path.name}”。")
        with path.open("rb") as opened:
            return opened.read(MAX_BYTES + 1)
    except OSError:
        raise UnreadableFile(f"文件“{path.name}”打不开，可能没有读取权限。") from None
