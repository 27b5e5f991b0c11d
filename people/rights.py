"""The rights there are over people, their lists and files: Django permissions, given in Admin."""

from __future__ import annotations

from django.contrib.auth.models import Permission
from django.utils.translation import gettext as _

DELETE, MERGE, ERASE = "people.delete_person", "people.merge_person", "people.erase_person"
IMPORT, EXPORT = "people.import_people", "people.export_people"
SEE_ALL = "people.see_all_jobs"
DELETE_LIST = "people.delete_staticlist"
LIFT = "people.lift_flags"
DEFINE = "people.manage_fields"


def lacks(right: str) -> str:
    """Which right is missing, by the name under which it is given in Admin, and who gives it."""
    said = _("Your account lacks the right “%(right)s”. Ask an operator: they give it in Admin.")
    return said % {"right": name(right)}


def name(right: str) -> str:
    """What a right is called in Admin."""
    app, _dot, codename = right.partition(".")
    found = Permission.objects.filter(content_type__app_label=app, codename=codename).first()
    return found.name if found else right
