"""Who may change a Vibes service: whoever holds Django's permission for it. All others may look.

The login alone is not enough to change credentials.
"""

from people.views.rights import who_may

ADD, CHANGE = "vibes.add_account", "vibes.change_account"
DELETE = "vibes.delete_account"
__all__ = ["ADD", "CHANGE", "DELETE", "who_may"]
