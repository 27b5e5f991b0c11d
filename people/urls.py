"""The addresses of the people pages."""

from django.urls import path

from people.views import database, imports, lists, person

app_name = "people"

urlpatterns = [
    path("database/", database.people, name="database"),
    path("database/people/new/", person.new, name="new-person"),
    path("database/people/<int:pk>/", person.page, name="person"),
    path("database/people/<int:pk>/log/", person.log, name="log"),
    path("database/people/<int:pk>/news/", person.news, name="news"),
    path("database/people/<int:pk>/flag/", person.flag, name="flag"),
    path("database/people/<int:pk>/add-to-list/", person.add_to_list, name="add-to-list"),
    path("database/lists/", lists.index, name="lists"),
    path("database/lists/<int:pk>/", lists.page, name="list"),
    path("database/lists/<int:pk>/remove/", lists.remove, name="remove-from-list"),
    path("database/imports/", imports.index, name="imports"),
    path("database/imports/<int:pk>/", imports.page, name="import"),
    path("database/imports/<int:pk>/preview/", imports.preview, name="import-preview"),
    path("database/imports/<int:pk>/progress/", imports.progress, name="import-progress"),
    path("database/imports/<int:pk>/cancel/", imports.cancel, name="import-cancel"),
    path("database/imports/<int:pk>/retry/", imports.retry, name="import-retry"),
    path("database/imports/<int:pk>/rejects.csv", imports.rejects, name="import-rejects"),
]
