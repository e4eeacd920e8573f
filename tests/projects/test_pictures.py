"""Which files are shown as a picture: told by their first bytes, never by unpacking them."""

from __future__ import annotations

import io
import struct

import pytest

from projects.pictures import PREVIEW_BYTES, has_preview

PNG = b"\x89PNG\r\n\x1a\n" + struct.pack(">L", 13) + b"IHDR" + struct.pack(">LL", 640, 480)
JPEG = b"\xff\xd8\xff\xe0\x00\x10" + b"JFIF\0" + bytes(9) + b"\xff\xc0\x00\x11\x08" + struct.pack(">HH", 480, 640)


@pytest.mark.parametrize(("content", "content_type"), [(PNG, "image/png"), (JPEG, "image/jpeg")])
def test_a_picture_of_ordinary_size_has_a_preview(content: bytes, content_type: str) -> None:
    assert has_preview(io.BytesIO(content), content_type=content_type, size=len(content))


@pytest.mark.parametrize(
    ("content", "content_type"),
    [
        (PNG[:16] + struct.pack(">LL", 50_000, 50_000), "image/png"),
        (JPEG[:-4] + struct.pack(">HH", 60_000, 60_000), "image/jpeg"),
        (PNG[:16] + struct.pack(">LL", 0, 480), "image/png"),
        (PNG[:20], "image/png"),
        (JPEG[:22], "image/jpeg"),
        (JPEG[:-2], "image/jpeg"),
        (b"\xff\xd8" + b"\xff\xe0\x00\x00" * 5000, "image/jpeg"),
        (PNG, "image/svg+xml"),
        (PNG, "application/pdf"),
    ],
)
def test_what_is_huge_or_broken_or_no_picture_has_none(content: bytes, content_type: str) -> None:
    assert not has_preview(io.BytesIO(content), content_type=content_type, size=len(content))


def test_a_heavy_picture_has_none() -> None:
    assert not has_preview(io.BytesIO(PNG), content_type="image/png", size=PREVIEW_BYTES + 1)
