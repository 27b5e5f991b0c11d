"""Addresses of the Vibes pages, and the one Vibes calls back."""

from django.urls import path

from vibes.views import account, callback, home, person

app_name = "vibes"
urlpatterns = [
    path("vibes/", home.home, name="home"),
    path("vibes/services/new/", account.edit, name="account-new"),
    path("vibes/services/<int:pk>/", account.edit, name="account"),
    path("vibes/services/<int:pk>/test/", account.test, name="test"),
    path("vibes/services/<int:pk>/sync/", account.sync, name="sync"),
    path("vibes/services/<int:pk>/test-callbacks/", account.test_callbacks, name="test-callbacks"),
    path("vibes/services/<int:pk>/arrived/", account.callback_arrived, name="callback-arrived"),
    path("vibes/may-we-text/<int:pk>/", person.may_we_text, name="may-we-text"),
    path("vibes/callbacks/<str:token>/", callback.receive, name="callback"),
]
