"""Answers of the API: JSON, Vibes' error envelope, and refusals as exceptions."""

import json
from typing import Any

from django.http import HttpRequest, HttpResponse

BAD_FORMAT, ALREADY, BLOCK, MISMATCH, NOT_MOBILE, UNPROCESSABLE, UNKNOWN_FIELD = range(1, 8)
NOT_FOUND = 40


class Refusal(Exception):
    """The call is refused: nothing it did is kept."""

    def __init__(self, status: int, *messages: str, code: int = BAD_FORMAT) -> None:
        super().__init__(status, *messages)
        self.status = status
        self.messages = messages
        self.code = code


def reply(data: object, status: int = 200) -> HttpResponse:
    return HttpResponse(json.dumps(data), status=status, content_type="application/json")


def nothing() -> HttpResponse:
    """204: done, and no body."""
    answer = HttpResponse(status=204)
    del answer.headers["Content-Type"]
    return answer


def refuse(status: int, *messages: str, code: int = BAD_FORMAT) -> HttpResponse:
    errors = [{"message": text, "code": code + number} for number, text in enumerate(messages)]
    return reply({"errors": errors}, status)


def not_found(request: HttpRequest, exception: Any = None) -> HttpResponse:
    """Django's ``handler404``."""
    return refuse(404, "There is nothing at this address", code=NOT_FOUND)


def broken(request: HttpRequest) -> HttpResponse:
    """Django's ``handler500``."""
    return HttpResponse("<h1>500 Internal Server Error</h1>", status=500)
