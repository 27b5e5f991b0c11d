"""How large an upload may be, held while it comes in, so that no disk fills up."""

from __future__ import annotations

from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import FileUploadHandler, StopUpload
from django.http import HttpRequest

WAY_TOO_MUCH = 200 * 1024 * 1024


class Limit(FileUploadHandler):
    """Stops keeping a file after `most` bytes; the form then finds none, and `is_over` says why.

    The rest of the request is read and thrown away, since a browser shows an answer only to what
    it could send. A request over `WAY_TOO_MUCH` is not worth that: the view refuses it unread.
    """

    def __init__(self, request: HttpRequest, *, most: int) -> None:
        super().__init__(request)
        self.most, self.received, self.is_over = most, 0, False

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes:
        self.received += len(raw_data)
        if self.received > self.most:
            self.is_over = True
            raise StopUpload
        return raw_data

    def file_complete(self, file_size: int) -> UploadedFile[bytes] | None:
        return None
