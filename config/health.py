"""Whether this process answers."""

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe


@login_not_required
@require_safe
def healthz(request: HttpRequest) -> HttpResponse:
    """200 while the process serves requests; it asks neither database nor broker."""
    return HttpResponse("ok\n", content_type="text/plain; charset=utf-8")
