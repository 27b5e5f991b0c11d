from collections.abc import Callable

import pytest

from people.models import Person
from tests.people import make


@pytest.fixture
def make_person(db: None) -> Callable[..., Person]:
    """`make_person(city="Chicago", mobile="(312) 555-0142")` saves that person."""
    return make.person
