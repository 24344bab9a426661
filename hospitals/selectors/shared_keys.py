"""A key that several hospitals hold: who they are, who leads, who is there now, when each answered last."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils import timezone

from hefed.protocol.presence import EVERY_SECONDS
from hefed.protocol.threshold import Sharing
from hospitals.models import KeyHolder, KeySet

ONLINE = timedelta(seconds=4 * EVERY_SECONDS)  # an agent that computes may be late with its sign of life
EXPIRES_SOON = timedelta(days=30)


@dataclass(frozen=True)
class Holding:
    """One hospital with a share. ``seen``: its last sign of life or answer, whichever is later."""

    holder: KeyHolder
    leads: bool
    seen: datetime | None

    @property
    def name(self) -> str:
        return self.holder.name

    @property
    def online(self) -> bool:
        return self.seen is not None and timezone.now() - self.seen < ONLINE


@dataclass(frozen=True)
class SharedKey:
    """As the pages show it."""

    sharing: Sharing
    holdings: list[Holding]
    lead: Holding

    @property
    def threshold(self) -> int:
        return self.sharing.threshold

    @property
    def parties(self) -> int:
        return len(self.sharing.seats)

    @property
    def spare(self) -> int:
        """How many hospitals may lose their share, and the others still open."""
        return self.parties - self.threshold

    @property
    def online(self) -> int:
        return sum(holding.online for holding in self.holdings)

    @property
    def short(self) -> bool:
        """Nothing can be opened now: too few are there, or the one that puts the answers together is not."""
        return self.online < self.threshold or not self.lead.online

    @property
    def days_left(self) -> int:
        """Until the last day of use; negative when it is over."""
        return (self.sharing.expires_on - timezone.now().date()).days

    @property
    def expired(self) -> bool:
        return self.days_left < 0

    @property
    def expires_soon(self) -> bool:
        return not self.expired and self.days_left <= EXPIRES_SOON.days


def shared_key(key: KeySet | None) -> SharedKey | None:
    """None while one custodian holds the whole key."""
    if key is None or key.sharing is None:
        return None
    holdings = holdings_of(key)
    lead = next(holding for holding in holdings if holding.leads)
    return SharedKey(Sharing.model_validate(key.sharing), holdings, lead)


def holdings_of(key: KeySet) -> list[Holding]:
    """In the order of their shares."""
    return [Holding(holder, holder.place == key.lead, _seen(holder)) for holder in key.holders.all()]


def _seen(holder: KeyHolder) -> datetime | None:
    return max((at for at in (holder.last_seen_at, holder.last_answer_at) if at is not None), default=None)
