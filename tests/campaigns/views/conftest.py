import pytest
from django.test import Client

from tests.campaigns import make


@pytest.fixture
def client(db: None) -> Client:
    """Ada, signed in."""
    client = Client(headers={"host": "localhost"})
    client.force_login(make.user())
    return client
