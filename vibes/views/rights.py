"""Who may change a Vibes service: whoever holds Django's permission for it. All others may look."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse

View = Callable[..., HttpResponse]
ADD, CHANGE = "vibes.add_account", "vibes.change_account"
DELETE = "vibes.delete_account"


def who_may(permission: str) -> Callable[[View], View]:
    """Decorator: refuse everybody else (403). The login alone is not enough to change credentials."""

    def guard(view: View) -> View:
        @wraps(view)
        def guarded(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
            if not request.user.has_perm(permission):
                raise PermissionDenied
            return view(request, *args, **kwargs)

        return guarded

    return guard
