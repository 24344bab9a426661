"""What the page shows, gathered from the agent's directory; nothing of it needs the pass phrase."""

import threading
from dataclasses import dataclass
from datetime import UTC, datetime

from pydantic import ValidationError

from hefed.custodian.contact import Contact, State
from hefed.custodian.ledger import Line
from hefed.custodian.page.book import Asked, Book
from hefed.custodian.page.reviews import Reviews
from hefed.custodian.policy import Policy, read_policy
from hefed.custodian.store import Home
from hefed.custodian.threshold.holding import SHARING, holds_share
from hefed.custodian.threshold.identity import CARD, read_card
from hefed.custodian.threshold.lead import lead_file, read_lead
from hefed.custodian.vault import read_header
from hefed.errors import BadInput
from hefed.protocol.threshold import Seat, Sharing
from hefed.protocol.verdicts import VerdictTask

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
    """``trouble``: sentences about files that cannot be used. ``part``: None where one custodian holds the key."""

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
    trouble: list[str]


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
        trouble: list[str] = []
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

    def _policy(self, trouble: list[str]) -> Policy | None:
        try:
            return read_policy(self._home.policy)
        except BadInput as error:
            trouble.append(str(error))
            return None

    def _part(self, trouble: list[str]) -> Part | None:
        if not holds_share(self._home):
            return None
        try:
            sharing = Sharing.model_validate_json((self._home.path / SHARING).read_bytes())
            seat = sharing.seat_of(read_card(self._home.path / CARD))
        except (BadInput, ValidationError) as error:
            trouble.append(f"cannot show this hospital's share: {error}")
            return None
        try:
            lead = read_lead(self._home.path, sharing)
            return Part(sharing, seat, lead, lead_file(self._home.path).awaits or "")
        except BadInput as error:
            trouble.append(str(error))
            return Part(sharing, seat, None)

    def _count(self, folder: str) -> int:
        return sum(1 for _ in (self._home.path / folder).glob("*.sealed"))
