"""Whether the agent reaches its server, for whoever looks at it on its own machine."""

import logging
import time
from dataclasses import dataclass
from datetime import UTC, datetime

from joserfc.jwk import ECKey

from hefed.core.threshold.shamir import Point
from hefed.custodian.client import CustodianClient
from hefed.errors import HEFedError
from hefed.protocol.presence import EVERY_SECONDS, Presence
from hefed.protocol.threshold import Sharing, sign


@dataclass(frozen=True)
class State:
    """``since``: of what is so now. ``reason`` says why the server is not reached; empty while it is, or not tried."""

    since: datetime
    reached: datetime | None = None
    reason: str = ""


class Contact:
    """Written by the agent's thread, read by another: every change is one new state."""

    def __init__(self) -> None:
        self.state = State(datetime.now(UTC))

    def made(self) -> None:
        now, old = datetime.now(UTC), self.state
        unbroken = old.reached is not None and not old.reason
        self.state = State(old.since if unbroken else now, now)

    def lost(self, reason: str) -> None:
        old = self.state
        self.state = State(old.since if old.reason else datetime.now(UTC), old.reached, reason)


class Failures:
    """Of one thing that is tried over and over. ``words`` stand before the error."""

    def __init__(self, log: logging.Logger, words: str, level: int = logging.INFO) -> None:
        self._log, self._words, self._level = log, words, level
        self._last = ""

    def tell(self, error: Exception) -> None:
        if str(error) != self._last:
            self._log.log(self._level, "%s: %s", self._words, error)
        self._last = str(error)


_log = logging.getLogger(__name__)


class SignOfLife:
    """A sign of life, at most every 30 seconds. A server that does not take it loses nothing but a line on a page."""

    def __init__(self, sharing: Sharing, point: Point, signing: ECKey, client: CustodianClient) -> None:
        self._sharing, self._point = sharing.digest, point
        self._signing = signing
        self._client = client
        self._next = 0.0
        self._failures = Failures(_log, "the server took no sign of life")

    def give(self) -> None:
        """Does nothing when the last one is recent."""
        if time.monotonic() < self._next:
            return
        self._next = time.monotonic() + EVERY_SECONDS
        message = Presence(sharing=self._sharing, point=self._point, at=datetime.now(UTC))
        try:
            self._client.put_presence(sign(message, self._signing))
        except HEFedError as error:
            self._failures.tell(error)
