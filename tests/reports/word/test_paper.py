"""The reports as an office program sets them: A4 pages with the named fonts and the figures of the page.

One call of LibreOffice turns all three into PDF; pdftoppm draws them, so that a page that came out empty is found.
"""

from __future__ import annotations

import io
import shutil
import subprocess
from pathlib import Path

import pytest
from django.utils import timezone
from docx import Document
from PIL import Image

from reports.models import ReportKind
from reports.word.rendering import build_report
from tests.reports.word.conftest import TODAY, World

pytestmark = pytest.mark.skipif(
    not all(map(shutil.which, ("soffice", "pdfinfo", "pdftotext", "pdftoppm"))),
    reason="LibreOffice and poppler are not on this machine",
)

FONTS = {"方正小标宋简体", "仿宋_GB2312", "黑体", "楷体_GB2312", "宋体"}


def run(*command: str, at: Path) -> str:
    done = subprocess.run(command, cwd=at, capture_output=True, check=True, text=True, timeout=120)  # noqa: S603
    return done.stdout


def test_all_three_reports_come_out_on_paper(world: World, tmp_path: Path) -> None:
    named: dict[str, set[str]] = {}
    for kind in ReportKind:
        content = build_report(world.plan, kind, 2023, user=world.analyst, on=TODAY, at=timezone.now())
        (tmp_path / f"{kind.value}.docx").write_bytes(content)
        styles = Document(io.BytesIO(content)).styles.element.xml
        named[kind.value] = {
            font for font in ("方正小标宋简体", "仿宋_GB2312", "黑体", "楷体_GB2312", "宋体") if font in styles
        }
    profile = f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}"
    files = [f"{kind.value}.docx" for kind in ReportKind]
    run("soffice", profile, "--headless", "--convert-to", "pdf", *files, at=tmp_path)
    for kind in ReportKind:
        pdf = f"{kind.value}.pdf"
        info = dict(line.split(":", 1) for line in run("pdfinfo", pdf, at=tmp_path).splitlines())
        assert "(A4)" in info["Page size"]
        pages = int(info["Pages"])
        assert 3 <= pages <= 7
        text = run("pdftotext", "-layout", pdf, "-", at=tmp_path)
        squeezed = "".join(text.split())
        assert "比2020年提高8.0个百分点，完成规划目标的80%，快于时间进度20个百分点" in squeezed
        assert [at for at in range(1, pages + 1) if f"—{at}—" not in squeezed] == []
        assert "{" not in squeezed
        run("pdftoppm", "-r", "30", "-png", pdf, kind.value, at=tmp_path)
        drawn = sorted(tmp_path.glob(f"{kind.value}-*.png"))
        assert len(drawn) == pages
        assert [name for name in drawn if len(Image.open(name).convert("L").getcolors() or []) < 10] == []
    assert named == {kind.value: FONTS for kind in ReportKind}
