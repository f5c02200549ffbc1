"""Keeps uploaded files in memory only, and lets a form report a file that is too large."""

from __future__ import annotations

import io
from typing import Any

from django.core.files.uploadedfile import InMemoryUploadedFile, UploadedFile
from django.core.files.uploadhandler import MemoryFileUploadHandler


class InMemory(MemoryFileUploadHandler):
    """Keeps a file in memory. For one above FILE_UPLOAD_MAX_MEMORY_SIZE it keeps only the name and the size.

    Django's own handler drops such a file, and the form would say that none was chosen.
    """

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes | None:
        return super().receive_data_chunk(raw_data, start) if self.activated else None

    def file_complete(self, file_size: int) -> UploadedFile[Any] | None:
        if self.activated:
            return super().file_complete(file_size)
        return InMemoryUploadedFile(
            io.BytesIO(), self.field_name, str(self.file_name), self.content_type, file_size, self.charset
        )
