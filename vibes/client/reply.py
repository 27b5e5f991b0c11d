"""What came back, read to its end or to the end of our patience."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import requests
from urllib3.exceptions import HTTPError

from people.crashpoint import crashpoint
from vibes.storable import clean_all

# More than any list of an account: about 20,000 campaigns.
MOST_BYTES = 16 * 1024 * 1024
PIECE = 64 * 1024


@dataclass(frozen=True)
class Answer:
    """What came back. A body that broke off is empty: the status had arrived, and that decides."""

    status_code: int
    headers: Mapping[str, str]
    content: bytes

    def json(self) -> Any:
        """The body, fit for any database; ValueError or RecursionError where it makes no sense."""
        return clean_all(json.loads(self.content))


def read(response: requests.Response, *, seconds: float) -> Answer:
    """Read the whole body within so many seconds: the socket's own limit starts anew at each byte."""
    ends, pieces, size = time.monotonic() + seconds, list[bytes](), 0
    content = b""
    try:
        while piece := response.raw.read1(PIECE, decode_content=True):
            pieces.append(piece)
            size += len(piece)
            if size > MOST_BYTES or time.monotonic() > ends:
                break
        else:
            content = b"".join(pieces)
    except (HTTPError, OSError):
        content = b""
    crashpoint("response-read")
    return Answer(response.status_code, response.headers, content)
