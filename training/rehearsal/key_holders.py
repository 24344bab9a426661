"""Who holds the key in a rehearsal: one custodian, or all hospitals with a share each (docs/shared-key.md)."""

import secrets
import shutil
from dataclasses import dataclass
from typing import Protocol

from hefed.protocol.threshold import CeremonyRecord, Signed, verify
from hefed.stack import ProcessGroup
from training.rehearsal.parties import CeremonyParty, CustodianParty, ShareParty


class KeyHolders(Protocol):
    """Makes and publishes a key, then starts whoever opens."""

    def make_keys(self, group: ProcessGroup, study: str, profile: str) -> None: ...
    def publish(self, group: ProcessGroup) -> None: ...
    def start(self, group: ProcessGroup) -> None: ...


@dataclass(frozen=True)
class OneCustodian:
    party: CustodianParty

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

    def make_keys(self, group: ProcessGroup, study: str, profile: str) -> None:
        for party in self.parties:
            _passphrase(party)
            if not party.card.exists():
                group.run(party.make_card(study))
        if not (self.ceremony.out / "ceremony.json").exists():
            shutil.rmtree(self.ceremony.out, ignore_errors=True)
            group.run(self.ceremony.hold([party.card for party in self.parties], self.threshold, profile))
        digest = self._record().sharing.digest
        for party in self.parties:
            group.run(party.take(self.ceremony.out, digest))
            group.run(party.follow(self.parties[0].name))

    def publish(self, group: ProcessGroup) -> None:
        group.run(self.parties[0].publish())

    def start(self, group: ProcessGroup) -> None:
        for party in self.parties:
            group.start(party.run())

    def _record(self) -> CeremonyRecord:
        signed = Signed.model_validate_json((self.ceremony.out / "ceremony.json").read_bytes())
        return verify(signed, CeremonyRecord)


def _passphrase(party: CustodianParty) -> None:
    party.folder.mkdir(parents=True, exist_ok=True)
    if not party.passphrase.exists():
        party.passphrase.touch(mode=0o600)
        party.passphrase.write_text(secrets.token_urlsafe(24))
