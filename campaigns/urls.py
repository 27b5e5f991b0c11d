"""Addresses of Marketing Activities."""

from django.urls import URLPattern, path

from campaigns.views import nodes, tree

app_name = "campaigns"

tree_urls: list[URLPattern] = [
    path("marketing-activities/", tree.page, name="tree"),
    path("marketing-activities/find/", tree.find, name="tree-find"),
    path("marketing-activities/new/<str:kind>/", nodes.new, name="new-node"),
    path("marketing-activities/<int:node_id>/", tree.node, name="node"),
    path("marketing-activities/<int:node_id>/below/", tree.below, name="tree-below"),
    path("marketing-activities/<int:node_id>/rename/", nodes.rename, name="rename-node"),
    path("marketing-activities/<int:node_id>/move/", nodes.move, name="move-node"),
    path("marketing-activities/<int:node_id>/delete/", nodes.delete, name="delete-node"),
]

urlpatterns = [*tree_urls]
