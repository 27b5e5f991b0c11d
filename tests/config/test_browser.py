import pytest
from playwright.sync_api import Page
from pytest_django.live_server_helper import LiveServer


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
def test_sign_in_page_opens_without_a_complaint(page: Page, live_server: LiveServer) -> None:
    page.goto(f"{live_server.url}/accounts/login/")

    assert page.locator("input[name=login]").is_visible()
