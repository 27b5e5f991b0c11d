"""Addresses of Marketing Activities."""

from django.urls import URLPattern, path

from campaigns.views import tree

app_name = "campaigns"

tree_urls: list[URLPattern] = [
    path("marketing-activities/", tree.page, name="tree"),
]

urlpatterns = [*tree_urls]
