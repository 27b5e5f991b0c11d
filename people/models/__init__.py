"""Who we know, and what happened to them."""

from people import among as among  # so that every queryset knows them
from people import folding as folding

from .activity import Activity
from .column_view import ColumnView
from .export_job import ExportDownload, ExportJob, ExportPiece
from .field import CustomField
from .import_job import ImportJob, ImportKey, ImportPiece, ImportReject, ImportTrace
from .person import Person, PersonQuerySet
from .setting import Setting
from .static_list import StaticList, StaticListMember
from .suppression import HashKey, Suppression
from .tick import Tick

__all__ = [
    "Activity",
    "ColumnView",
    "CustomField",
    "ExportDownload",
    "ExportJob",
    "ExportPiece",
    "HashKey",
    "ImportJob",
    "ImportKey",
    "ImportPiece",
    "ImportReject",
    "ImportTrace",
    "Person",
    "PersonQuerySet",
    "Setting",
    "StaticList",
    "StaticListMember",
    "Suppression",
    "Tick",
]
