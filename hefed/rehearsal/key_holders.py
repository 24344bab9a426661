"""Who holds the key in a rehearsal: its hospitals with a share each, or one custodian (docs/shared-key.md)."""

import secrets
import shutil
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Protocol

from hefed.core.errors import BadInput
from hefed.core.protocol.threshold import CeremonyRecord, Signed, verify
from hefed.rehearsal.memory import Memory
from hefed.rehearsal.parties import CeremonyParty, CustodianParty, ShareParty
from hefed.rehearsal.stack import ProcessGroup

MAX_SHARES = 9  # a sharing has no more seats; of more hospitals the first nine hold shares


class KeyHolders(Protocol):
    """Makes and publishes a key, then starts whoever opens."""

    @property
    def threshold(self) -> int: ...
    @property
    def who_opens(self) -> str: ...
    @property
    def token_files(self) -> dict[str, dict[str, str]]: ...
    def make_keys(self, group: ProcessGroup, study: str, profile: str) -> None: ...
    def publish(self, group: ProcessGroup) -> None: ...
    def start(self, group: ProcessGroup) -> None: ...


def default_threshold(hospitals: int) -> int:
    """Two of three or more. A key that only two share is lost with either of them (docs/adr/1105)."""
    return 2 if hospitals >= 3 else 1


def agreed_threshold(asked: int | None, hospitals: int, memory: Memory) -> int:
    """How many open together: as asked, as this directory began, or by default; remembered. Raises BadInput."""
    began = memory.notes.get("threshold", 1 if memory.done("keygen") else None)
    threshold = next(n for n in (asked, began, default_threshold(hospitals)) if n is not None)
    if not 1 <= threshold <= min(hospitals, MAX_SHARES):
        raise BadInput(
            "rehearsal.threshold",
            threshold=threshold,
            hospitals=hospitals,
            shares=MAX_SHARES,
            most=min(hospitals, MAX_SHARES),
        )
    if began not in (None, threshold):
        raise BadInput("rehearsal.threshold_began", threshold=threshold, began=began)
    memory.notes["threshold"] = threshold
    memory.save()
    return threshold


@dataclass(frozen=True)
class OneCustodian:
    party: CustodianParty
    threshold: int = 1

    @property
    def who_opens(self) -> str:
        return "one custodian holds the key and opens alone; no hospital holds any of it"

    @property
    def token_files(self) -> dict[str, dict[str, str]]:
        return {"token_files": {"custodian": str(self.party.token)}}

    def make_keys(self, group: ProcessGroup, study: str, profile: str) -> None:
        _passphrase(self.party)
        group.run(self.party.init(study, profile))

    def publish(self, group: ProcessGroup) -> None:
        group.run(self.party.publish())

    def start(self, group: ProcessGroup) -> None:
        group.start(self.party.run())


@dataclass(frozen=True)
class Hospitals:
    """Any ``threshold`` of the parties open together; the first leads."""

    parties: list[ShareParty]
    ceremony: CeremonyParty
    threshold: int

    @property
    def lead(self) -> ShareParty:
        return self.parties[0]

    @property
    def who_opens(self) -> str:
        names = ", ".join(party.title for party in self.parties)
        return (
            f"any {self.threshold} of {len(self.parties)} hospitals open together ({names}); fewer read nothing; "
            f"{self.lead.title} leads"
        )

    @property
    def token_files(self) -> dict[str, dict[str, str]]:
        return {"agent_token_files": {party.name: str(party.token) for party in self.parties}}

    def make_keys(self, group: ProcessGroup, study: str, profile: str) -> None:
        def make_card(party: ShareParty) -> None:
            _passphrase(party)
            if not party.card.exists():
                group.run(party.make_card(study))

        self._everywhere(make_card)
        if not (self.ceremony.out / "ceremony.json").exists():
            shutil.rmtree(self.ceremony.out, ignore_errors=True)
            group.run(self.ceremony.hold([party.card for party in self.parties], self.threshold, profile))
        digest = self._record().sharing.digest

        def take_share(party: ShareParty) -> None:
            group.run(party.take(self.ceremony.out, digest))
            group.run(party.follow(self.lead.name))

        self._everywhere(take_share)

    def publish(self, group: ProcessGroup) -> None:
        group.run(self.lead.publish())

    def start(self, group: ProcessGroup) -> None:
        for party in self.parties:
            group.start(party.run())

    def _everywhere(self, step: Callable[[ShareParty], None]) -> None:
        """At all hospitals at the same time, as hospitals would; raises what the first that failed raised."""
        with ThreadPoolExecutor(len(self.parties)) as pool:
            list(pool.map(step, self.parties))

    def _record(self) -> CeremonyRecord:
        signed = Signed.model_validate_json((self.ceremony.out / "ceremony.json").read_bytes())
        return verify(signed, CeremonyRecord)


def _passphrase(party: CustodianParty) -> None:
    party.folder.mkdir(parents=True, exist_ok=True)
    if not party.passphrase.exists():
        party.passphrase.touch(mode=0o600)
        party.passphrase.write_text(secrets.token_urlsafe(24))
