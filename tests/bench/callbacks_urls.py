"""What our intake is compared with: a view that applies each receipt through the ORM before it answers."""

import json

from django.contrib.auth.decorators import login_not_required
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.urls import include, path
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt

from vibes import receipts
from vibes.models import Account, Callback


@csrf_exempt
@login_not_required
@transaction.atomic
def naive(request: HttpRequest, token: str) -> HttpResponse:
    """Whose is it, did we have it, keep it, bring the text further with history and verdict."""
    account = next((each for each in Account.objects.all() if each.callback_token == token), None)
    if account is None:
        return HttpResponse(status=404)
    now, body = timezone.now(), json.loads(request.body)
    callback, is_new = Callback.objects.get_or_create(
        account=account,
        event_id=body["event_id"],
        defaults={
            "kind": body["callback_type"],
            "body": request.body.decode(),
            "received_at": now,
        },
    )
    if is_new:
        event, action = body["event_processed"], body["event_processed"]["action"]
        said = (action["type"], action["status"], action["status_reason"])
        callback.outcome = receipts.apply(event["event_id"], *said, now=now)
        callback.applied_at = now
        callback.save()
    return HttpResponse(status=200)


urlpatterns = [path("naive/<str:token>/", naive), path("", include("config.urls"))]
