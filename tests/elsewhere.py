"""Something done at the same time, on a connection of its own."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

from django.db import connection


class Elsewhere:
    """A deed in another thread, begun at once. `wait` gives its answer, or raises what it raised."""

    def __init__(self, deed: Callable[[], Any]) -> None:
        self._answer: Any = None
        self._error: BaseException | None = None
        self._thread = threading.Thread(target=self._do, args=[deed])
        self._thread.start()

    def is_over(self) -> bool:
        return not self._thread.is_alive()

    def _do(self, deed: Callable[[], Any]) -> None:
        try:
            self._answer = deed()
        except BaseException as error:  # noqa: BLE001  # raised where it is waited for
            self._error = error
        finally:
            connection.close()

    def wait(self) -> Any:
        self._thread.join(30)
        if self._error:
            raise self._error
        return self._answer
