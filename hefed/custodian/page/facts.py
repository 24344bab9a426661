"""What the page shows, gathered from the agent's directory; nothing of it needs the pass phrase."""

import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from pydantic import ValidationError

from hefed.core.errors import BadInput, HEFedError
from hefed.core.protocol.threshold import Seat, Sharing
from hefed.core.protocol.verdicts import VerdictTask
from hefed.core.words import Said
from hefed.custodian.agent.contact import Contact, State
from hefed.custodian.desk.policy import Policy, read_policy
from hefed.custodian.keeping.ledger import Line
from hefed.custodian.keeping.store import Home
from hefed.custodian.keeping.vault import read_header
from hefed.custodian.sharing.holding import CARD, SHARING, holds_share, read_card
from hefed.custodian.sharing.lead import lead_file, read_lead

_KEPT_LINES = 400
_ANSWERS = ("answer", "share-answered")


@dataclass(frozen=True)
class Asked:
    """One request and, once there is one, what became of it."""

    asked: Line
    answer: Line | None


class Book:
    """Counts today's requests and keeps the last lines. Not for two threads at once."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._offset = 0
        self._day = ""
        self._requests = 0
        self._lines: deque[bytes] = deque(maxlen=_KEPT_LINES)

    def read(self) -> None:
        """Take in what was written since the last time; a line that is being written waits."""
        today = datetime.now(UTC).date().isoformat()
        if today != self._day or not self._path.exists() or self._path.stat().st_size < self._offset:
            self._day, self._offset, self._requests = today, 0, 0
            self._lines.clear()
        if not self._path.exists():
            return
        with self._path.open("rb") as file:
            file.seek(self._offset)
            for raw in file:
                if not raw.endswith(b"\n"):
                    return
                self._offset += len(raw)
                self._take(raw)

    def _take(self, raw: bytes) -> None:
        """Without parsing: a ledger of years has a million lines. Quotes inside of a value are escaped in it."""
        self._lines.append(raw)
        self._requests += b'"event":"request"' in raw and f'"time":"{self._day}'.encode() in raw

    @property
    def today(self) -> int:
        """Requests of this UTC day."""
        return self._requests

    @property
    def last(self) -> Line | None:
        return Line.model_validate_json(self._lines[-1]) if self._lines else None

    def requests(self, count: int) -> list[Asked]:
        """The last ones, the newest first."""
        found: dict[str, Asked] = {}
        for raw in self._lines:
            line = Line.model_validate_json(raw)
            if line.event == "request":
                found.pop(line.request, None)
                found[line.request] = Asked(line, None)
            elif line.event in _ANSWERS and line.request in found:
                found[line.request] = Asked(found[line.request].asked, line)
        return list(found.values())[-count:][::-1]


EVERY_SECONDS = 60.0


class Reviews:
    """Gives what is known, and asks anew in a thread of its own once that is a minute old."""

    def __init__(self, ask: Callable[[], list[VerdictTask]], every_seconds: float = EVERY_SECONDS) -> None:
        self._ask, self._every_seconds = ask, every_seconds
        self._known: list[VerdictTask] = []
        self._next = 0.0
        self._asking: threading.Thread | None = None

    def latest(self) -> list[VerdictTask]:
        if time.monotonic() >= self._next and (self._asking is None or not self._asking.is_alive()):
            self._next = time.monotonic() + self._every_seconds
            self._asking = threading.Thread(target=self._refresh, name="reviews", daemon=True)
            self._asking.start()
        return self._known

    def _refresh(self) -> None:
        try:
            self._known = self._ask()
        except (HEFedError, RuntimeError):  # httpx raises the latter when the agent has closed the connection
            self._known = []  # the page says elsewhere that the server is not reached


_SHOWN_REQUESTS = 20


@dataclass(frozen=True)
class Part:
    """This hospital's part in a key that several hold. ``lead``: None while this hospital named nobody that can.
    ``awaits``: the earlier lead whose hand-over must come first."""

    sharing: Sharing
    seat: Seat
    lead: Seat | None
    awaits: str = ""

    @property
    def leads(self) -> bool:
        return self.lead == self.seat


@dataclass(frozen=True)
class Facts:
    """``trouble``: which files cannot be used, and why. ``part``: None where one custodian holds the key."""

    study: str
    profile: str
    key_fingerprint: str
    server: str
    contact: State
    part: Part | None
    policy: Policy | None
    requests_today: int
    requests: list[Asked]
    last_line: Line | None
    checked_lines: int
    checked_at: datetime
    sealed_results: int
    kept_answers: int
    reviews: list[VerdictTask]
    trouble: list[Said]


class Watch:
    """Looks at one agent's directory, for as many readers as ask."""

    def __init__(self, home: Home, server: str, contact: Contact, reviews: Reviews | None = None) -> None:
        self._home, self._server, self._contact = home, server, contact
        self._reviews = reviews
        self._book, self._lock = Book(home.ledger), threading.Lock()
        self._header = read_header(home.vault)
        self._book.read()
        self._checked_lines = self._book.last.number if self._book.last else 0
        self._checked_at = datetime.now(UTC)

    def facts(self) -> Facts:
        with self._lock:
            return self._facts()

    def _facts(self) -> Facts:
        self._book.read()
        trouble: list[Said] = []
        return Facts(
            study=self._header.study,
            profile=self._header.profile,
            key_fingerprint=self._header.key_fingerprint,
            server=self._server,
            contact=self._contact.state,
            part=self._part(trouble),
            policy=self._policy(trouble),
            requests_today=self._book.today,
            requests=self._book.requests(_SHOWN_REQUESTS),
            last_line=self._book.last,
            checked_lines=self._checked_lines,
            checked_at=self._checked_at,
            sealed_results=self._count("sealed"),
            kept_answers=self._count("answers"),
            reviews=self._reviews.latest() if self._reviews is not None and holds_share(self._home) else [],
            trouble=trouble,
        )

    def _policy(self, trouble: list[Said]) -> Policy | None:
        try:
            return read_policy(self._home.policy)
        except BadInput as error:
            trouble.append(error.said)
            return None

    def _part(self, trouble: list[Said]) -> Part | None:
        if not holds_share(self._home):
            return None
        try:
            sharing = Sharing.model_validate_json((self._home.path / SHARING).read_bytes())
            seat = sharing.seat_of(read_card(self._home.path / CARD))
        except (BadInput, ValidationError) as error:
            trouble.append(Said("sharing.not_shown", why=_said(error)))
            return None
        try:
            lead = read_lead(self._home.path, sharing)
            return Part(sharing, seat, lead, lead_file(self._home.path).awaits or "")
        except BadInput as error:
            trouble.append(error.said)
            return Part(sharing, seat, None)

    def _count(self, folder: str) -> int:
        return sum(1 for _ in (self._home.path / folder).glob("*.sealed"))


def _said(error: BadInput | ValidationError) -> Said:
    return error.said if isinstance(error, BadInput) else Said("sharing.share_changed")
