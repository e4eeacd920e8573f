"""Fixtures that more than one folder of tests needs."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client

from accounts.models import User


@pytest.fixture(autouse=True)
def uploaded_files(settings: Any, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What a test uploads goes to this folder, never to that of the portal."""
    settings.MEDIA_ROOT = tmp_path_factory.getbasetemp() / "files"
    return Path(settings.MEDIA_ROOT)


@pytest.fixture
def sign_in() -> Callable[[User], Client]:
    """A client signed in as somebody."""

    def signed_in(user: User) -> Client:
        client = Client()
        client.force_login(user)
        return client

    return signed_in


@pytest.fixture
def five_documents(db: None) -> None:
    """The five documents, loaded as a newcomer loads them."""
    call_command("load_plans", verbosity=0)
