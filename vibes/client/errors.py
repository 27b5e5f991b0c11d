"""The three ways a call can fail. Which one it is decides whether it may be made again."""

import re

from people.mobile import NUMBER
from vibes.storable import clean

# What comes after it opens our door.
ADDRESS = re.compile(r"(/vibes/callbacks/)[\w-]+")


def masked(text: str) -> str:
    """The text with every telephone number in it cut down to its ends, and callback addresses without
    what opens them; at most 255 characters that any database takes."""
    closed = ADDRESS.sub(r"\1…", clean(text))  # first, lest a NUL hide a number
    return NUMBER.sub(lambda found: f"{found.group()[:5]}…{found.group()[-2:]}", closed)[:255]


class VibesError(Exception):
    """A call to Vibes that did not succeed. The words in it hold no whole number, and no callback address.

    `status`: of the answer; 0 where none came.
    """

    def __init__(self, message: str, *, status: int = 0) -> None:
        super().__init__(masked(message))
        self.status = status

    @property
    def leads_elsewhere(self) -> bool:
        """Whether it was a redirect, which no call follows: the account's address is not Vibes'."""
        return 300 <= self.status < 400


class Retryable(VibesError):
    """Surely not processed: it may be made again. `throttled`: Vibes asked us to slow down."""

    def __init__(
        self,
        message: str,
        *,
        throttled: bool = False,
        retry_after: float | None = None,
        status: int = 0,
    ) -> None:
        super().__init__(message, status=status)
        self.throttled, self.retry_after = throttled, retry_after


class Busy(Retryable):
    """Our own calls use what Vibes allows in a second: this one was not made."""

    def __init__(self) -> None:
        super().__init__("Our other calls use what Vibes allows in a second.", throttled=True)


class Locked(Retryable):
    """Nothing may leave this database (`vibes.lock`): this call was not made."""


class NotTrusted(Retryable):
    """The other side did not prove that it is who it says: nothing was told to it."""


class Refused(VibesError):
    """Vibes said no, in its own words: making the call again changes nothing.

    `token` is the first word of the message written as one (MDNHASCONFIRMATIONBLOCK), or empty.
    `strange`: it said something, and not as Vibes does; there may be something else in between.
    """

    def __init__(self, message: str, *, status: int, code: str = "", strange: bool = False) -> None:
        super().__init__(message, status=status)
        self.code, self.strange = code, strange
        self.message = str(self)
        self.token = _token(self.message)

    @property
    def names_no_number(self) -> bool:
        """Whether Vibes said of a question about a number that it is none."""
        return self.status == 400 and not self.strange


class LoginRefused(Refused):
    """The credentials, not the call, were refused: everything of this account has to stop."""


class Unknown(VibesError):
    """A byte may have left and no clear answer came: it may or may not have been processed."""


class TransactionOpen(RuntimeError):
    """Somebody would wait for Vibes with a database transaction open: a programming error."""


def _token(message: str) -> str:
    found = re.search(r"\b(?:[A-Z]{9,}|countrynotsupported)\b", message)
    return found.group() if found and found.group() != "UNPROCESSABLE" else ""
