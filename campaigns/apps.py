from django.apps import AppConfig


class CampaignsConfig(AppConfig):
    name = "campaigns"

    def ready(self) -> None:
        from campaigns import exports, registry  # noqa: F401, PLC0415  # models must be there first

        # Triggers first: the dropdowns of steps ask for campaigns that have some of them.
        registry.triggers.discover()
        registry.steps.discover()
        registry.filters.discover()
