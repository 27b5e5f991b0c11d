"""Every address of the site."""

from django.contrib import admin
from django.urls import URLPattern, URLResolver, include, path

from . import health, operations, views

urlpatterns: list[URLPattern | URLResolver] = [
    path("", views.home, name="home"),
    path("search/", views.search, name="search"),
    path("theme/", views.theme, name="theme"),
    path("session-token/", views.session_token, name="session-token"),
    path("healthz", health.healthz, name="healthz"),
    path("healthz/details", operations.details, name="healthz-details"),
    path("operations/", operations.page, name="operations"),
    path("operations/unlock/", operations.unlock, name="unlock"),
    path("admin/", admin.site.urls),
    path("accounts/", include("allauth.urls")),
    path("", include("campaigns.urls")),
    path("", include("people.urls")),
    path("", include("vibes.urls")),
]
