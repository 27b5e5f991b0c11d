"""Addresses of the Vibes pages, and the one Vibes calls back."""

from django.urls import path

from vibes.views import callback

app_name = "vibes"
urlpatterns = [
    path("callbacks/<str:token>/", callback.receive, name="callback"),
]
