"""An old address of somebody who was merged leads on to the survivor's."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from people import merging

View = Callable[..., HttpResponse]


def follows_merges(view: View) -> View:
    """Decorator of a view of one person: where there is none with this id, but a survivor, go there."""

    @wraps(view)
    def followed(request: HttpRequest, pk: int, **rest: object) -> HttpResponse:
        try:
            return view(request, pk=pk, **rest)
        except Http404:
            survivor = merging.survivor_of(pk)
            if survivor is None or request.method not in ("GET", "HEAD"):
                raise
            assert request.resolver_match is not None  # a view has one
            kwargs = {"pk": survivor, **rest}
            return redirect(reverse(request.resolver_match.view_name, kwargs=kwargs))

    return followed
