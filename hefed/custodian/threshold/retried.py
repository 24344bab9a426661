"""Failures of what is tried again at the next look: each is told once, until there is another."""

import logging


class Failures:
    """Of one thing that is tried over and over. ``words`` stand before the error."""

    def __init__(self, log: logging.Logger, words: str, level: int = logging.INFO) -> None:
        self._log, self._words, self._level = log, words, level
        self._last = ""

    def tell(self, error: Exception) -> None:
        if str(error) != self._last:
            self._log.log(self._level, "%s: %s", self._words, error)
        self._last = str(error)
