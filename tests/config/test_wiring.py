"""Names in the settings by which lower layers reach higher ones (docs/decisions/0003)."""

import pytest
from django.conf import settings
from django.urls import reverse
from django.utils.module_loading import import_string

from people.following import Follower


@pytest.mark.parametrize(
    "name", [*settings.OUTBOX_LISTENERS, *settings.VIBES_REFERENCES, *settings.HOME_CHECKLIST]
)
def test_every_name_in_the_settings_can_be_called(name: str) -> None:
    assert callable(import_string(name))


@pytest.mark.parametrize("name", settings.PERSON_FOLLOWERS)
def test_every_follower_of_people_is_one(name: str) -> None:
    assert isinstance(import_string(name), Follower)


@pytest.mark.parametrize("name", settings.STATIC_LIST_KEEPERS)
def test_every_keeper_of_static_lists_is_there(name: str) -> None:
    assert {"uses", "page", "renamed", "deleting"} <= set(dir(import_string(name)))


@pytest.mark.parametrize("page", settings.PEOPLE_DEEDS)
def test_every_deed_with_people_has_an_address(page: str) -> None:
    assert reverse(page)


@pytest.mark.parametrize("panel", settings.PERSON_PANELS)
def test_every_panel_of_a_person_has_an_address(panel: str) -> None:
    assert reverse(panel, args=[1])
