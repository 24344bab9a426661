"""An agent and its server, besides requests: whether it is reached, and what the agent says unasked.

A note on the job pages, whom a hospital names to lead, and that its agent runs are courtesies: a server that does not
take them stops nobody.
"""

import logging
import time
from dataclasses import dataclass
from datetime import UTC, datetime

from joserfc.jwk import ECKey

from hefed.core.errors import HEFedError
from hefed.core.protocol.lead import EVERY_SECONDS, Presence
from hefed.core.protocol.requests import CustodianNote, NoteCode
from hefed.core.protocol.threshold import Sharing, Signed, sign
from hefed.core.threshold.shamir import Point
from hefed.core.words import Said
from hefed.custodian.agent.share import ShareHolder
from hefed.custodian.client import CustodianClient
from hefed.custodian.keeping.store import Home
from hefed.custodian.sharing.lead import signed_notice
from hefed.http.client import Rejected

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class State:
    """``since``: of what is so now. ``reason`` says why the server is not reached; None while it is, or not tried."""

    since: datetime
    reached: datetime | None = None
    reason: Said | None = None


class Contact:
    """Written by the agent's thread, read by another: every change is one new state."""

    def __init__(self) -> None:
        self.state = State(datetime.now(UTC))

    def made(self) -> None:
        now, old = datetime.now(UTC), self.state
        unbroken = old.reached is not None and old.reason is None
        self.state = State(old.since if unbroken else now, now)

    def lost(self, reason: Said) -> None:
        old = self.state
        self.state = State(old.since if old.reason else datetime.now(UTC), old.reached, reason)


class Failures:
    """Of one thing that is tried over and over: each is logged once, until there is another. ``words`` stand before."""

    def __init__(self, words: str, level: int = logging.INFO) -> None:
        self._words, self._level, self._last = words, level, ""

    def log(self, error: Exception) -> None:
        if str(error) != self._last:
            _log.log(self._level, "%s: %s", self._words, error)
        self._last = str(error)


class JobNote:
    """What the job pages say while requests wait here. A server that refuses a note is not asked again to take it."""

    def __init__(self, client: CustodianClient) -> None:
        self._client = client
        self._shown: NoteCode | None = None  # unknown at first

    def leave(self, code: NoteCode) -> None:
        """An empty code clears the note."""
        if code == self._shown:
            return
        self._shown = code
        try:
            self._client.note(CustodianNote(code=code))
        except HEFedError as error:
            self._shown = code if isinstance(error, Rejected) else None
            _log.info("the server took no note: %s", error)


class Announcement:
    """Whom this hospital names to lead, sent again whenever that changes."""

    def __init__(self, home: Home, client: CustodianClient) -> None:
        self._home, self._client = home, client
        self._sent: Signed | None = None
        self._failures = Failures("who leads was not told")

    def look(self) -> None:
        """What cannot be sent now is sent at a later look."""
        try:
            notice = signed_notice(self._home)
            if notice != self._sent:
                self._client.put_sharing(notice)
                self._sent = notice
        except HEFedError as error:
            self._failures.log(error)


class SignOfLife:
    """Sent at most every 30 seconds."""

    def __init__(self, sharing: Sharing, point: Point, signing: ECKey, client: CustodianClient) -> None:
        self._sharing, self._point = sharing.digest, point
        self._signing = signing
        self._client = client
        self._next = 0.0
        self._failures = Failures("the server took no sign of life")

    def give(self) -> None:
        """Does nothing when the last one is recent."""
        if time.monotonic() < self._next:
            return
        self._next = time.monotonic() + EVERY_SECONDS
        message = Presence(sharing=self._sharing, point=self._point, at=datetime.now(UTC))
        try:
            self._client.put_presence(sign(message, self._signing))
        except HEFedError as error:
            self._failures.log(error)


class Presenting:
    """Both, for a hospital that holds a share."""

    def __init__(self, holder: ShareHolder, client: CustodianClient) -> None:
        self._announcement = Announcement(holder.custodian.home, client)
        self._sign = SignOfLife(holder.sharing, holder.point, holder.identity.signing, client)

    def look(self) -> None:
        """At each look of the agent."""
        self._announcement.look()
        self._sign.give()
