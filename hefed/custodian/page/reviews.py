"""Releases that wait for hospitals' own approval, asked of the server beside the agent's work, never in its way."""

import threading
import time
from collections.abc import Callable

from hefed.errors import HEFedError
from hefed.protocol.verdicts import VerdictTask

EVERY_SECONDS = 60.0


class Reviews:
    """Gives what is known, and asks anew in a thread of its own once that is a minute old."""

    def __init__(self, ask: Callable[[], list[VerdictTask]]) -> None:
        self._ask = ask
        self._known: list[VerdictTask] = []
        self._next = 0.0
        self._asking: threading.Thread | None = None

    def latest(self) -> list[VerdictTask]:
        if time.monotonic() >= self._next and (self._asking is None or not self._asking.is_alive()):
            self._next = time.monotonic() + EVERY_SECONDS
            self._asking = threading.Thread(target=self._refresh, name="reviews", daemon=True)
            self._asking.start()
        return self._known

    def _refresh(self) -> None:
        try:
            self._known = self._ask()
        except (HEFedError, RuntimeError):  # httpx raises the latter when the agent has closed the connection
            self._known = []  # the page says elsewhere that the server is not reached
