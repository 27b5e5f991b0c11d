"""Where migrations and models of vibes find the encrypted column, which is people's (`people.secret`)."""

from people.secret import SecretField, keys

__all__ = ["SecretField", "keys"]
