"""Who may come in: accounts are made by an operator, never by signing up."""

from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest


class ClosedAccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]  # allauth ships no types
    """No sign-up page."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False
