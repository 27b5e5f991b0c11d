from datetime import datetime

import pytest
from django.test import Client

from campaigns import tree
from campaigns.models import Node
from tests.campaigns import make


@pytest.fixture
def client(db: None) -> Client:
    """Ada, signed in."""
    client = Client(headers={"host": "localhost"})
    client.force_login(make.user())
    return client


@pytest.fixture
def spring(now: datetime) -> Node:
    """A folder at the top."""
    return tree.create_folder(parent=None, name="Spring", now=now)


@pytest.fixture
def offer(spring: Node, now: datetime) -> Node:
    """A program in it."""
    return tree.create_program(parent=spring, name="Spring offer", now=now)
