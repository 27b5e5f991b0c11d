"""Does a web address answer yet?"""

import http.client
import time
from collections.abc import Callable
from urllib.parse import urlsplit


def answers(url: str) -> bool:
    """Whether a GET of `url` gets an answer that is no error."""
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.netloc, timeout=5)
    try:
        connection.request("GET", parts.path or "/")
        return connection.getresponse().status < 400
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def wait_for(
    question: Callable[[], bool], *, seconds: float, meanwhile: Callable[[], object] = bool
) -> bool:
    """Ask until the answer is yes, doing `meanwhile` in between; False when `seconds` are over."""
    end = time.monotonic() + seconds
    while not question():
        if time.monotonic() > end:
            return False
        meanwhile()
        time.sleep(0.1)
    return True
