"""Whose keys count for a release: a person compares a fingerprint with its owner, and vouches for it here."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

from pydantic import TypeAdapter, ValidationError

from hefed.core.errors import BadInput
from hefed.core.protocol.base import Slug
from hefed.core.protocol.fingerprint import grouped, parse
from hefed.core.protocol.releases import KeyOwner
from hefed.core.words import Said
from hefed.custodian.keeping import entries
from hefed.custodian.keeping.ledger import Entry, Ledger
from hefed.custodian.keeping.records import TrustRecord
from hefed.custodian.keeping.store import Home, Store
from hefed.custodian.keeping.vault import Vault

_SLUG: TypeAdapter[str] = TypeAdapter(Slug)


@dataclass(frozen=True)
class ListedKey:
    """One key as the server says and as a person here said; either may be missing."""

    fingerprint: str
    owner: KeyOwner | None
    trusted: TrustRecord | None

    @property
    def state(self) -> Said:
        if self.trusted is None:
            return Said("releases.key_not_vouched")
        if self.owner is None:
            return Said("releases.key_unused")
        same = self.trusted.institution.casefold() == self.owner.institution.casefold()
        return Said("releases.key_counts" if same else "releases.key_of_another")


def trust(home: Home, vault: Vault, text: str, *, institution: str, name: str) -> TrustRecord:
    """Vouch for a key; raises BadInput for one that speaks for another institution already."""
    fingerprint, store = parse(text), Store(home.path, vault.sealer())
    known = store.trusted().get(fingerprint)
    if known is not None:
        raise BadInput("releases.key_speaks_already", key=grouped(fingerprint[:16]), institution=known.institution)
    now = datetime.now(UTC).isoformat(timespec="seconds")
    record = TrustRecord(fingerprint=fingerprint, institution=_slug(institution), name=name, trusted_at=now)
    store.trust(record)
    _note(home, vault, entries.trusted(record))
    return record


def distrust(home: Home, vault: Vault, text: str) -> str:
    """A key counts no more, from the agent's next look on; what was published stays."""
    fingerprint = parse(text)
    if not Store(home.path, vault.sealer()).distrust(fingerprint):
        raise BadInput("releases.nobody_vouched_here", key=grouped(fingerprint[:16]))
    _note(home, vault, entries.distrusted(fingerprint))
    return fingerprint


def listed(owners: Iterable[KeyOwner], trusted: dict[str, TrustRecord]) -> list[ListedKey]:
    """The keys of the server beside those that count here, whether or not the server has them."""
    rows = [
        ListedKey(owner.key.fingerprint, owner, trusted.get(owner.key.fingerprint))
        for owner in sorted(owners, key=lambda owner: (owner.institution, owner.name))
    ]
    there = {row.fingerprint for row in rows}
    return [*rows, *(ListedKey(key, None, record) for key, record in sorted(trusted.items()) if key not in there)]


def _slug(institution: str) -> str:
    try:
        return _SLUG.validate_python(institution)
    except ValidationError:
        raise BadInput("releases.no_institution", institution=institution[:60]) from None


def _note(home: Home, vault: Vault, entry: Entry) -> None:
    Ledger(home.ledger, vault.ledger_key()).append(entry)
