"""What a picture measures, read from its first bytes: nothing is unpacked, so nothing can be blown up."""

from __future__ import annotations

import struct
from typing import BinaryIO

PICTURES = ("image/jpeg", "image/png")  # content types that a browser shows as a picture and as nothing else
PREVIEW_BYTES = 5 * 1024 * 1024
PREVIEW_PIXELS = 50_000_000  # a browser unpacks a picture whole: four bytes for each
SEGMENTS = 1000  # parts of a JPEG that are looked at before its size must be found
FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}  # JPEG markers that begin a frame


def has_preview(content: BinaryIO, *, content_type: str, size: int) -> bool:
    """Whether a file may be shown as a picture within a page: of a type for it, and not so large as to harm."""
    if content_type not in PICTURES or size > PREVIEW_BYTES:
        return False
    measured = _png(content) if content_type == "image/png" else _jpeg(content)
    return measured is not None and 0 < measured[0] * measured[1] <= PREVIEW_PIXELS


def _png(content: BinaryIO) -> tuple[int, int] | None:
    content.seek(16)
    head = content.read(8)
    return struct.unpack(">LL", head) if len(head) == 8 else None


def _jpeg(content: BinaryIO) -> tuple[int, int] | None:
    content.seek(2)
    for _ in range(SEGMENTS):
        head = content.read(4)
        if len(head) < 4 or head[0] != 0xFF:
            return None
        if head[1] in FRAMES:
            frame = content.read(5)
            return struct.unpack(">HH", frame[1:]) if len(frame) == 5 else None
        content.seek(max(0, int.from_bytes(head[2:]) - 2), 1)
    return None
