"""Django's pages and reports about errors, without secrets: also under DEBUG, also for ourselves.

No local variable is shown at all. Which of them hold a password, a key or somebody's number cannot
be told by their names; whoever needs them has a debugger. What remains is masked as logs are.
"""

from __future__ import annotations

import re
from collections.abc import ItemsView
from typing import Any

from django.http import HttpRequest
from django.utils.safestring import SafeString, mark_safe
from django.views.debug import ExceptionReporter, SafeExceptionReporterFilter

from config.logs import masked


class Filter(SafeExceptionReporterFilter):
    """Hides what came with a POST, every local variable, and addresses that may hold a password."""

    hidden_settings = re.compile(
        "API|AUTH|TOKEN|KEY|SECRET|PASS|SIGNATURE|HTTP_COOKIE|BROKER_URL|REDIS_URL|DATABASE_URL",
        re.IGNORECASE,
    )

    def is_active(self, request: HttpRequest | None) -> bool:
        return True

    def get_post_parameters(self, request: HttpRequest | None) -> dict[str, Any]:
        posted = request.POST if request else {}
        return dict.fromkeys(posted, self.cleansed_substitute)

    def get_traceback_frame_variables(
        self, request: HttpRequest | None, tb_frame: Any
    ) -> ItemsView[str, Any]:
        return {}.items()


class Reporter(ExceptionReporter):
    """Masks numbers and callback addresses wherever they stand: in the message, the address, a cookie."""

    def get_traceback_html(self) -> SafeString:
        return mark_safe(masked(super().get_traceback_html()))  # noqa: S308  # it was before

    def get_traceback_text(self) -> SafeString:
        return mark_safe(masked(super().get_traceback_text()))  # noqa: S308  # it was before
