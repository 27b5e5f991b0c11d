"""A Vibes service: who we are at Vibes (LaunchPoint in Marketo)."""

from __future__ import annotations

import secrets
from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from .secret import SecretField

# Vibes Platform API, Technical Details (read 2026-08): hosts by region.
HOSTS = {"us": "https://public-api.vibescm.com", "eu": "https://public-api.eu.vibes.com"}


def new_token() -> str:
    """256 bits for a callback address."""
    return secrets.token_urlsafe(32)


class Account(models.Model):
    """The credentials, and the pace at which Vibes may be called (requests a second)."""

    class Region(models.TextChoices):
        US = "us", _("United States")
        EU = "eu", _("Europe")
        CUSTOM = "custom", _("Other address")
        SIMULATOR = "simulator", _("Simulator (nothing leaves this machine)")

    class Health(models.TextChoices):
        UNTESTED = "untested", _("Not tested yet")
        CONNECTED = "connected", _("Connected")
        REFUSED = "refused", _("Refused")
        AWAY = "away", _("Not reachable")

    name = models.CharField(_("Display Name"), max_length=80, unique=True)
    username = models.CharField(_("Username"), max_length=120)
    password = SecretField(_("Password"), blank=True)
    company_key = models.CharField(_("Company Key"), max_length=80)
    region = models.CharField(_("Region"), max_length=12, choices=Region, default=Region.US)
    base_url = models.URLField(_("Address"), blank=True)
    source_code = models.CharField(_("Source Code"), max_length=20)
    country_code = models.CharField(max_length=4, default="1")
    # The certificate chain and its private key, as PEM; empty where Vibes asks for none.
    client_certificate = SecretField(_("Client Certificate"), blank=True, default="")
    events_per_second = models.PositiveIntegerField(default=240)
    calls_per_second = models.PositiveIntegerField(default=80)
    callback_token = SecretField(default=new_token)
    # The address before the last rotation: callbacks on their way still come to it for a day.
    previous_callback_token = SecretField(blank=True, default="")
    rotated_at = models.DateTimeField(null=True)
    health = models.CharField(max_length=12, choices=Health, default=Health.UNTESTED)
    health_detail = models.CharField(max_length=255, blank=True)
    checked_at = models.DateTimeField(null=True)
    # Set: nothing is sent. At this time the connection is tried again, and only success clears it.
    held_until = models.DateTimeField(null=True)
    # Vibes did not answer: nothing is sent before this.
    resting_until = models.DateTimeField(null=True)
    # Calls that failed one after the other, whoever made them: the more, the longer the rests.
    faults = models.PositiveIntegerField(default=0)
    synced_at = models.DateTimeField(null=True)
    # Whoever syncs this account renews this; nobody else starts before it ran out.
    syncing_until = models.DateTimeField(null=True)
    # Somebody, or a callback naming what we do not know, asked for a sync that has not been done yet.
    sync_wanted_at = models.DateTimeField(null=True)
    # What Vibes had registered at the last sync, and of whom (`vibes.registered`).
    registrations: models.JSONField[dict[str, Any], dict[str, Any]] = models.JSONField(
        default=dict, blank=True
    )

    class Meta:
        verbose_name = _("Vibes service")

    def __str__(self) -> str:
        return self.name

    @property
    def host(self) -> str:
        """The address calls go to, without a slash at the end."""
        return HOSTS.get(self.region, self.base_url).rstrip("/")

    @property
    def is_simulated(self) -> bool:
        return self.region == self.Region.SIMULATOR
