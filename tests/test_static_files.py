"""The files a browser loads, as a production start names them."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.core.management import call_command
from pytest_django import Settings

IMPORT = re.compile(r"""(?:from|import)\s*["'](\./[^"']+)["']""")
HASHED = re.compile(r"\.[0-9a-f]{12}\.js$")


@pytest.fixture
def collected(tmp_path: Path, settings: Settings) -> Path:
    settings.STATIC_ROOT = tmp_path
    settings.STORAGES = settings.STORAGES | {"staticfiles": {"BACKEND": "civplan.static_files.HashedFiles"}}
    call_command("collectstatic", interactive=False, verbosity=0)
    return tmp_path


def test_a_module_imports_the_others_under_the_names_of_their_content(collected: Path) -> None:
    modules = [path for path in (collected / "js").rglob("*.js") if HASHED.search(path.name)]
    imports = {(path, name) for path in modules for name in IMPORT.findall(path.read_text(encoding="utf-8"))}
    assert imports
    for path, name in imports:
        assert HASHED.search(name), (path.name, name)
        assert (path.parent / name).is_file(), (path.name, name)
