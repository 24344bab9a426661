"""A key that several hospitals hold: who they are, who leads, when each answered last."""

from dataclasses import dataclass

from django.utils import timezone

from hefed.protocol.threshold import Sharing
from hospitals.models import KeyHolder, KeySet


@dataclass(frozen=True)
class SharedKey:
    """As the Keys page shows it."""

    sharing: Sharing
    holders: list[KeyHolder]
    lead: KeyHolder

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
    def expired(self) -> bool:
        return timezone.now().date() > self.sharing.expires_on


def shared_key(key: KeySet | None) -> SharedKey | None:
    """None while one custodian holds the whole key."""
    if key is None or key.sharing is None:
        return None
    holders = list(key.holders.all())
    lead = next(holder for holder in holders if holder.place == key.lead)
    return SharedKey(Sharing.model_validate(key.sharing), holders, lead)
