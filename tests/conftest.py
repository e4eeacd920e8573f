"""Fixtures that more than one folder of tests needs."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.core.management import call_command
from django.test import Client, override_settings

from accounts.models import User
from tests import races

shared_database = races.shared_database


@pytest.fixture(scope="session", autouse=True)
def uploaded_files(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """What tests upload goes to this folder, never to that of the portal."""
    folder = tmp_path_factory.mktemp("files")
    with override_settings(MEDIA_ROOT=folder):
        yield folder


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
