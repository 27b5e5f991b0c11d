"""A set of people somebody put together by hand, by import or by a flow step."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _

from .person import Person


class StaticListQuerySet(models.QuerySet["StaticList"]):
    """Named questions about lists."""

    def with_sizes(self) -> StaticListQuerySet:
        """Each list with its `size`: the members who have not been deleted."""
        there = models.Q(members__deleted_at=None)
        return self.annotate(size=models.Count("members", filter=there))


class PresentLists(models.Manager["StaticList"]):
    """Lists that are not in the recycle bin: nothing else finds one by accident."""

    def get_queryset(self) -> StaticListQuerySet:
        return StaticListQuerySet(self.model, using=self._db).filter(deleted_at=None)

    def with_sizes(self) -> StaticListQuerySet:
        return self.get_queryset().with_sizes()


class StaticList(models.Model):
    """A named set of people. With `deleted_at` it is in the recycle bin: only `everything` has it."""

    name = models.CharField(max_length=255)
    members: models.ManyToManyField[Person, StaticListMember] = models.ManyToManyField(
        Person, through="StaticListMember", related_name="static_lists"
    )
    created_at = models.DateTimeField()
    deleted_at = models.DateTimeField(null=True, editable=False)

    objects = PresentLists()
    everything = StaticListQuerySet.as_manager()

    class Meta:
        verbose_name = _("static list")
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(
                fields=["name"], condition=models.Q(deleted_at=None), name="list_name_once"
            )
        ]

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        """The constraint is asked of no form, since none shows what it depends on."""
        if StaticList.objects.filter(name=self.name).exclude(pk=self.pk).exists():
            raise ValidationError({"name": _("There is a list of this name already.")})


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
