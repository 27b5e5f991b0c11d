"""A person, and the questions one can ask about people."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db import models
from django.db.models import Q
from django.db.models.functions import Coalesce, Lower
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from people import mobile
from people.models.setting import declared
from people.ordering import InOrder, Joined

FEWEST_DIGITS = 5  # of a whole number, the world over


class PersonQuerySet(models.QuerySet["Person"]):
    """Named questions about people. Each one chains; none of them writes."""

    def present(self) -> PersonQuerySet:
        """People who have not been deleted."""
        return self.filter(deleted_at=None)

    def in_the_bin(self) -> PersonQuerySet:
        """Those who were deleted and can come back."""
        return self.filter(deleted_at__isnull=False, erased_at=None, merged_into=None)

    def standing_for(self, ids: Iterable[int]) -> PersonQuerySet:
        """Those with these ids, and into whom those with these ids were merged; each once."""
        named = Person.objects.filter(pk__among=list(ids))
        return self.filter(pk__in=named.values(now=Coalesce("merged_into", "pk")))

    def marketable(self) -> PersonQuerySet:
        """People nobody has ruled out: present, neither block-listed nor suspended."""
        return self.present().filter(block_listed=False, marketing_suspended=False)

    def with_mobile(self) -> PersonQuerySet:
        return self.exclude(mobile="")

    def search(self, words: str) -> PersonQuerySet:
        """Whose name, e-mail address or number begins so; a whole number in any spelling."""
        if number := _whole_number(words):
            return self.filter(mobile=number)
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


def _whole_number(words: str) -> str:
    """As E.164, read as one typed where this instance is; '' where it is none. A query where there are digits."""
    if sum(letter.isdigit() for letter in words) < FEWEST_DIGITS:
        return ""
    return mobile.parse(words, region=declared["default_region"].get()).e164


class Person(models.Model):
    """Someone we know. `mobile` is E.164 or empty; `mobile_typed` keeps what was entered."""

    salutation = models.CharField(_("Salutation"), max_length=50, blank=True)
    first_name = models.CharField(_("First Name"), max_length=255, blank=True)
    middle_name = models.CharField(_("Middle Name"), max_length=255, blank=True)
    last_name = models.CharField(_("Last Name"), max_length=255, blank=True)
    email = models.CharField(_("Email Address"), max_length=254, blank=True, db_index=True)
    mobile = models.CharField(_("Mobile Phone Number"), max_length=16, blank=True, editable=False)
    mobile_typed = models.CharField(_("Mobile Phone Number"), max_length=64, blank=True)
    mobile_region = models.CharField(max_length=3, blank=True, editable=False)
    phone = models.CharField(_("Phone Number"), max_length=64, blank=True)
    date_of_birth = models.DateField(_("Date of Birth"), null=True, blank=True)
    language = models.CharField(_("Preferred Language"), max_length=35, blank=True)
    company = models.CharField(_("Company Name"), max_length=255, blank=True)
    job_title = models.CharField(_("Job Title"), max_length=255, blank=True)
    department = models.CharField(_("Department"), max_length=255, blank=True)
    industry = models.CharField(_("Industry"), max_length=255, blank=True)
    employees = models.BigIntegerField(_("Num Employees"), null=True, blank=True)
    annual_revenue = models.DecimalField(
        _("Annual Revenue"), max_digits=15, decimal_places=2, null=True, blank=True
    )
    website = models.CharField(_("Website"), max_length=255, blank=True)
    address = models.CharField(_("Address"), max_length=255, blank=True)
    city = models.CharField(_("City"), max_length=255, blank=True)
    state = models.CharField(_("State"), max_length=255, blank=True)
    postal_code = models.CharField(_("Postal Code"), max_length=32, blank=True)
    country = models.CharField(_("Country"), max_length=255, blank=True)
    time_zone = models.CharField(_("Time Zone"), max_length=64, blank=True)
    score = models.IntegerField(_("Score"), default=0)
    source = models.CharField(_("Person Source"), max_length=255, blank=True)
    block_listed = models.BooleanField(_("Block Listed"), default=False)
    block_listed_reason = models.CharField(_("Block Listed Reason"), max_length=255, blank=True)
    marketing_suspended = models.BooleanField(_("Marketing Suspended"), default=False)
    marketing_suspended_reason = models.CharField(
        _("Marketing Suspended Reason"), max_length=255, blank=True
    )
    unsubscribed = models.BooleanField(_("Unsubscribed (e-mail)"), default=False)
    unsubscribed_reason = models.CharField(_("Unsubscribed Reason"), max_length=255, blank=True)
    email_invalid = models.BooleanField(_("Email Invalid"), default=False)
    do_not_call = models.BooleanField(_("Do Not Call"), default=False)
    # Values of this installation's own fields (`people.fields`), by key, as JSON has them. What is
    # empty is not there.
    custom: models.JSONField[dict[str, Any], dict[str, Any]] = models.JSONField(
        default=dict, blank=True, editable=False
    )
    created_at = models.DateTimeField(_("Created At"))
    updated_at = models.DateTimeField(_("Updated At"))
    # In the recycle bin since then; erased for good at `erase_at`, which leaves this row without a word.
    deleted_at = models.DateTimeField(null=True, blank=True, editable=False)
    erase_at = models.DateTimeField(null=True, blank=True, editable=False)
    erased_at = models.DateTimeField(null=True, blank=True, editable=False)
    # Merged: the row stays, empty but for its number, so that its id still leads to the survivor.
    merged_into: models.ForeignKey[Person | None, Person | None] = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        editable=False,
        related_name="merged",
        db_index=False,
    )

    objects = PersonQuerySet.as_manager()

    class Meta:
        verbose_name = _("person")
        verbose_name_plural = _("people")
        indexes = [
            models.Index(fields=["mobile", "id"], name="person_by_number"),
            models.Index(Lower("email"), name="person_by_email"),
            models.Index(fields=["last_name", "first_name", "id"], name="person_by_name"),
            # What people are sorted by (`people.sorting`); each begins with its own empty ones.
            models.Index(
                InOrder(Joined("last_name", "first_name")), "id", name="person_in_order_of_name"
            ),
            models.Index(InOrder("company"), "id", name="person_in_order_of_company"),
            models.Index(InOrder("city"), "id", name="person_in_order_of_city"),
            models.Index(InOrder("state"), "id", name="person_in_order_of_state"),
            models.Index("score", "id", name="person_in_order_of_score"),
            models.Index("created_at", "id", name="person_in_order_of_creation"),
            models.Index("updated_at", "id", name="person_in_order_of_update"),
            # Of the few who are gone; and by number of all others, to find those who share one.
            models.Index(
                fields=["-deleted_at", "-id"],
                condition=Q(deleted_at__isnull=False, erased_at=None, merged_into=None),
                name="people_in_the_bin",
            ),
            models.Index(
                fields=["erase_at"],
                condition=Q(erase_at__isnull=False, erased_at=None),
                name="people_to_erase",
            ),
            models.Index(
                fields=["merged_into"],
                condition=Q(merged_into__isnull=False),
                name="people_merged",
            ),
        ]
        permissions = [
            ("merge_person", _("Can merge people")),
            ("erase_person", _("Can erase people for good")),
            ("lift_flags", _("Can lift Block Listed, Unsubscribed and other restrictions")),
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
