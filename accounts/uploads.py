"""How much of an uploaded file is taken in at all."""

from __future__ import annotations

from django.core.files.uploadhandler import FileUploadHandler

CUT_OFF = 24 * 1024 * 1024  # bytes; above what any page takes, so that what was cut is refused there by its size


class CutOff(FileUploadHandler):
    """Stands first among the handlers and keeps the rest of a huge file from memory and disk.

    The file arrives cut, and the page that asked for it says in its own sentence that it is too large; ending the
    request instead would leave the sender with a broken connection and no word.
    """

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes | None:
        return raw_data if start <= CUT_OFF else None

    def file_complete(self, file_size: int) -> None:
        """The handlers behind this one have the file."""
