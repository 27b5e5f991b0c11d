from django.apps import AppConfig


class VibesConfig(AppConfig):
    name = "vibes"
