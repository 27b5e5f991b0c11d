"""The address Vibes calls back. It stores and answers; everything else happens afterwards."""

from django.contrib.auth.decorators import login_not_required
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from vibes import callbacks, tasks


@csrf_exempt
@login_not_required
@require_http_methods(["POST", "PUT"])
def receive(request: HttpRequest, token: str) -> HttpResponse:
    """200 once it is kept. A 4xx is final for Vibes: only a wrong token or a flood gets one."""
    length = request.headers.get("Content-Length", "")
    if length.isdigit() and int(length) > callbacks.MOST_BYTES:
        return HttpResponse(status=413)
    try:
        account = callbacks.account_of(token)
        if account is None:
            return HttpResponse(status=404)
        callback = callbacks.store(account, request.body, timezone.now())
    except (OperationalError, InterfaceError):
        return HttpResponse(status=503)
    # Receipts wait for the sweep, which takes them in bulk: a STOP must not queue behind them.
    if callback.applied_at is None and not callbacks.is_receipt(callback):
        tasks.apply_callback.delay_on_commit(callback_id=callback.pk)  # type: ignore[attr-defined]
    return HttpResponse(status=200)
