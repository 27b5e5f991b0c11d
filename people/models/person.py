"""A person, and the questions one can ask about people."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from people import mobile


class PersonQuerySet(models.QuerySet["Person"]):
    """Named questions about people. Each one chains; none of them writes."""

    def present(self) -> PersonQuerySet:
        """People who have not been deleted."""
        return self.filter(deleted_at=None)

    def marketable(self) -> PersonQuerySet:
        """People nobody has ruled out: present, neither block-listed nor suspended."""
        return self.present().filter(block_listed=False, marketing_suspended=False)

    def with_mobile(self) -> PersonQuerySet:
        return self.exclude(mobile="")

    def search(self, words: str) -> PersonQuerySet:
        """Whose name, e-mail address or number begins so; a whole number in any spelling."""
        found = mobile.parse(words).e164
        if found:
            return self.filter(mobile=found)
        people = self
        for word in words.split()[:5]:
            fits = Q(first_name__istartswith=word) | Q(last_name__istartswith=word)
            fits |= Q(email__istartswith=word) | Q(mobile_typed__istartswith=word)
            if digits := "".join(letter for letter in word if letter.isdigit()):
                fits |= Q(mobile__contains=digits)
            people = people.filter(fits)
        return people

    def by_number(self) -> PersonQuerySet:
        """In the order in which people are put into cohorts: by number, then by id."""
        return self.order_by("mobile", "pk")


class Person(models.Model):
    """Someone we know. `mobile` is E.164 or empty; `mobile_typed` keeps what was entered."""

    email = models.CharField(_("Email Address"), max_length=254, blank=True, db_index=True)
    first_name = models.CharField(_("First Name"), max_length=255, blank=True)
    last_name = models.CharField(_("Last Name"), max_length=255, blank=True)
    mobile = models.CharField(_("Mobile Phone Number"), max_length=16, blank=True, editable=False)
    mobile_typed = models.CharField(_("Mobile Phone Number"), max_length=64, blank=True)
    mobile_region = models.CharField(max_length=3, blank=True, editable=False)
    company = models.CharField(_("Company Name"), max_length=255, blank=True)
    job_title = models.CharField(_("Job Title"), max_length=255, blank=True)
    city = models.CharField(_("City"), max_length=255, blank=True)
    state = models.CharField(_("State"), max_length=255, blank=True)
    postal_code = models.CharField(_("Postal Code"), max_length=32, blank=True)
    country = models.CharField(_("Country"), max_length=255, blank=True)
    time_zone = models.CharField(_("Time Zone"), max_length=64, blank=True)
    score = models.IntegerField(_("Score"), default=0)
    source = models.CharField(_("Person Source"), max_length=255, blank=True)
    block_listed = models.BooleanField(_("Block Listed"), default=False)
    marketing_suspended = models.BooleanField(_("Marketing Suspended"), default=False)
    unsubscribed = models.BooleanField(_("Unsubscribed (e-mail)"), default=False)
    created_at = models.DateTimeField(_("Created At"))
    updated_at = models.DateTimeField(_("Updated At"))
    deleted_at = models.DateTimeField(null=True, blank=True, editable=False)

    objects = PersonQuerySet.as_manager()

    class Meta:
        verbose_name = _("person")
        verbose_name_plural = _("people")
        indexes = [
            models.Index(fields=["mobile", "id"], name="person_by_number"),
            models.Index(Lower("email"), name="person_by_email"),
            models.Index(fields=["last_name", "first_name", "id"], name="person_by_name"),
        ]

    def __str__(self) -> str:
        return self.full_name or self.email or f"#{self.pk}"

    def get_absolute_url(self) -> str:
        return reverse("people:person", args=[self.pk])

    @property
    def full_name(self) -> str:
        return f"{self.first_name} {self.last_name}".strip()

    def set_mobile(self, typed: str, *, region: str = "US") -> None:
        """Keep what was typed, and the number it stands for; nothing is saved."""
        number = mobile.parse(typed, region=region)
        self.mobile_typed = typed.strip()[:64]
        self.mobile, self.mobile_region = number.e164, number.region
