"""Addresses of the Vibes pages, and the one Vibes calls back."""

from django.urls import path

from vibes.views import (
    account,
    callback,
    callback_test,
    deletion,
    home,
    person,
    reconciliation,
    service,
    vibes_list,
)

app_name = "vibes"
urlpatterns = [
    path("vibes/", home.home, name="home"),
    path("vibes/services/new/", account.new, name="account-new"),
    path("vibes/services/<int:pk>/", account.edit, name="account"),
    path("vibes/services/<int:pk>/delete/", deletion.delete, name="delete"),
    path("vibes/services/<int:pk>/source-codes/", account.source_codes, name="source-codes"),
    path("vibes/services/<int:pk>/test/", service.test, name="test"),
    path("vibes/services/<int:pk>/sync/", service.sync, name="sync"),
    path("vibes/services/<int:pk>/synced/", service.sync_state, name="sync-state"),
    path("vibes/services/<int:pk>/rotate/", service.rotate, name="rotate"),
    path("vibes/services/<int:pk>/test-callbacks/", callback_test.begin, name="test-callbacks"),
    path("vibes/services/<int:pk>/arrived/", callback_test.arrived, name="callback-arrived"),
    path("vibes/lists/<int:pk>/sender/", vibes_list.sender, name="sender"),
    path("vibes/campaigns/<int:pk>/wording/", vibes_list.wording, name="wording"),
    path("vibes/services/<int:pk>/drift/", reconciliation.page, name="drift"),
    path("vibes/services/<int:pk>/drift/start/", reconciliation.start, name="drift-start"),
    path("vibes/sweeps/<int:pk>/", reconciliation.progress, name="drift-progress"),
    path("vibes/sweeps/<int:pk>/stop/", reconciliation.stop, name="drift-stop"),
    path("vibes/sweeps/<int:pk>/drift/", reconciliation.found, name="drift-found"),
    path("vibes/sweeps/<int:pk>/drift.csv", reconciliation.export, name="drift-export"),
    path("vibes/may-we-text/<int:pk>/consent.csv", person.export_consent, name="consent-export"),
    path("vibes/may-we-text/<int:pk>/", person.may_we_text, name="may-we-text"),
    path("vibes/lists-of-person/<int:pk>/", person.lists, name="person-lists"),
    path("vibes/callbacks/<str:token>/", callback.receive, name="callback"),
]
