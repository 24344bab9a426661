"""The parties of a rehearsal: administrators, coordinators and the holders of a shared key."""

import secrets
import shutil
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from hefed.core.errors import BadInput
from hefed.core.protocol.threshold import CeremonyRecord, Signed, verify
from hefed.rehearsal.memory import Memory
from hefed.rehearsal.stack import ProcessGroup, Program, ServerConfig


@dataclass(frozen=True)
class Party:
    """One party's directory and how its program is started (``python``: interpreter and module switch)."""

    name: str
    folder: Path
    python: tuple[str, ...]
    server: ServerConfig

    def program(self, log: str, module: str, *words: str | Path) -> Program:
        self.folder.mkdir(parents=True, exist_ok=True)
        return Program(log, (*self.python, module, *map(str, words)), {"OMP_NUM_THREADS": "1"})

    @property
    def token(self) -> Path:
        return self.folder / "token"

    def _server_words(self) -> tuple[str | Path, ...]:
        return ("--server", self.server.url, "--token-file", self.token)


class CustodianParty(Party):
    """The key custodian: keys, then an agent that answers until it is stopped."""

    @property
    def home(self) -> Path:
        return self.folder / "home"

    @property
    def passphrase(self) -> Path:
        return self.folder / "passphrase"

    def init(self, study: str, profile: str) -> Program:
        """Results are released automatically: a rehearsal has one person, and two institutions cannot sign."""
        words = ("--study", study, "--profile", profile, "--passphrase-file", self.passphrase, "--release", "automatic")
        return self.program("custodian-init", "hefed.custodian", "init", "--home", self.home, *words)

    def publish(self) -> Program:
        return self.program(
            "custodian-publish", "hefed.custodian", "publish", "--home", self.home, *self._server_words()
        )

    def pin(self, fingerprint: str) -> Program:
        """Compared with what the dictionary's author computed, not with what the server says."""
        words = ("--home", self.home, *self._server_words(), "--passphrase-file", self.passphrase)
        return self.program("custodian-pin", "hefed.custodian", "pin", "--fingerprint", fingerprint, *words)

    def run(self) -> Program:
        words = ("--home", self.home, *self._server_words(), "--passphrase-file", self.passphrase)
        return self.program("custodian", "hefed.custodian", "run", *words)


@dataclass(frozen=True)
class ShareParty(CustodianParty):
    """A hospital's agent that holds a share of the key: card, share, then answers. ``title``: its name for people."""

    title: str

    @property
    def card(self) -> Path:
        return self.home / "card.json"

    def make_card(self, study: str) -> Program:
        words = ("--study", study, "--institution", self.name, "--name", self.title)
        return self._command("card", *words)

    def take(self, ceremony: Path, digest: str) -> Program:
        return self._command("take", "--from", ceremony, "--expect", digest, "--release", "automatic")

    def follow(self, lead: str) -> Program:
        return self._command("lead", lead)

    def run(self) -> Program:
        words = ("--home", self.home, *self._server_words(), "--passphrase-file", self.passphrase)
        return self.program(f"custodian-{self.name}", "hefed.custodian", "run", *words)

    def _command(self, name: str, *words: str | Path) -> Program:
        whose = ("--home", self.home, "--passphrase-file", self.passphrase)
        return self.program(f"custodian-{self.name}", "hefed.custodian", name, *words, *whose)


class CeremonyParty(Party):
    """The machine without a network on which the shared key is made."""

    @property
    def out(self) -> Path:
        return self.folder / "out"

    def hold(self, cards: list[Path], threshold: int, profile: str) -> Program:
        given = [word for card in cards for word in ("--card", card)]
        numbers = ("--parties", str(len(cards)), "--threshold", str(threshold), "--profile", profile)
        return self.program("ceremony", "hefed.custodian", "ceremony", *numbers, *given, "--out", self.out, "--yes")


class HospitalParty(Party):
    """One hospital: its table, its batch file, its ids of held-out patients."""

    @property
    def batch_file(self) -> Path:
        return self.folder / "batch.hefed.zip"

    @property
    def holdout_ids(self) -> Path:
        return self.folder / "holdout_ids.txt"

    @property
    def state(self) -> Path:
        return self.folder / "state"

    def encrypt(self, table: Path, seed: int | None) -> Program:
        words: list[str | Path] = [*self._server_words(), "--state-dir", self.state, "--out", self.batch_file, table]
        words += [] if seed is None else ["--seed", str(seed)]
        return self.program("encryptor", "hefed.encryptor", "encrypt", *words)

    def upload(self) -> Program:
        words = (*self._server_words(), "--state-dir", self.state, "--no-wait", self.batch_file)
        return self.program("encryptor", "hefed.encryptor", "upload", *words)

    def list_held_out(self, table: Path) -> Program:
        words = (*self._server_words(), "--out", self.holdout_ids, table)
        return self.program("encryptor", "hefed.encryptor", "held-out", *words)


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
    def pin(self, group: ProcessGroup, fingerprint: str) -> None: ...
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

    def pin(self, group: ProcessGroup, fingerprint: str) -> None:
        group.run(self.party.pin(fingerprint))

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

    def pin(self, group: ProcessGroup, fingerprint: str) -> None:
        for party in self.parties:
            group.run(party.pin(fingerprint))

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
