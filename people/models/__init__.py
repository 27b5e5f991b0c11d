"""Who we know, and what happened to them."""

from people import among as among  # so that every queryset knows it

from .activity import Activity
from .import_job import ImportFile, ImportJob, ImportReject
from .person import Person, PersonQuerySet
from .setting import Setting
from .static_list import StaticList, StaticListMember
from .tick import Tick

__all__ = [
    "Activity",
    "ImportFile",
    "ImportJob",
    "ImportReject",
    "Person",
    "PersonQuerySet",
    "Setting",
    "StaticList",
    "StaticListMember",
    "Tick",
]
