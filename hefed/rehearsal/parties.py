"""Command lines of the hospital's and the custodian's programs, each with its own directory."""

from dataclasses import dataclass
from pathlib import Path

from hefed.rehearsal.stack import Program, ServerConfig


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
