"""A set of people somebody put together by hand, by import or by a flow step."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from .person import Person


class StaticListQuerySet(models.QuerySet["StaticList"]):
    """Named questions about lists."""

    def with_sizes(self) -> StaticListQuerySet:
        """Each list with its `size`: the members who have not been deleted."""
        there = models.Q(members__deleted_at=None)
        return self.annotate(size=models.Count("members", filter=there))


class StaticList(models.Model):
    """A named set of people."""

    name = models.CharField(max_length=255, unique=True)
    members: models.ManyToManyField[Person, StaticListMember] = models.ManyToManyField(
        Person, through="StaticListMember", related_name="static_lists"
    )
    created_at = models.DateTimeField()

    objects = StaticListQuerySet.as_manager()

    class Meta:
        verbose_name = _("static list")
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class StaticListMember(models.Model):
    """That a person is on a list, and since when."""

    static_list = models.ForeignKey(StaticList, models.CASCADE)
    person = models.ForeignKey(Person, models.CASCADE)
    added_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["static_list", "person"], name="once_on_a_list")
        ]

    def __str__(self) -> str:
        return f"{self.person_id} on {self.static_list_id}"
