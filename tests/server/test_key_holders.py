"""A rehearsal with a shared key: the hospitals' programs are called so that they end up with shares that open."""

import threading
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from typer.testing import CliRunner

from hefed.core.errors import BadInput
from hefed.custodian.__main__ import app
from hefed.custodian.keeping.store import Home
from hefed.custodian.keeping.vault import open_vault
from hefed.custodian.sharing.holding import open_share
from hefed.custodian.sharing.lead import notice_of
from hefed.rehearsal.memory import Memory
from hefed.rehearsal.parties import CeremonyParty, Hospitals, OneCustodian, ShareParty, agreed_threshold
from hefed.rehearsal.pipeline import Plan, Rehearsal
from hefed.rehearsal.stack import Program, ServerConfig
from tests.words.raises import pattern, says

PROFILE = "INSECURE_TEST_N12_L9"


class InProcess:
    """Runs the custodian's commands here, one at a time, instead of in a process each."""

    def __init__(self) -> None:
        self._turn = threading.Lock()
        self.ran: list[str] = []
        self.started: list[str] = []

    def run(self, program: Program) -> str:
        words = list(program.argv[program.argv.index("hefed.custodian") + 1 :])
        self.ran.append(words[0])
        with self._turn:
            result = CliRunner().invoke(app, words)
        assert result.exit_code == 0, result.output
        return result.output

    def start(self, program: Program) -> None:
        self.started.append(program.name)


SERVER = ServerConfig(folder=Path("server"), port=9, broker_port=9, workers=1)


def rehearsal(folder: Path, names: str, threshold: int | None = None) -> Rehearsal:
    plan = Plan(folder, folder / "dictionary.csv", {name: folder / name for name in names}, SERVER, threshold=threshold)
    return Rehearsal(plan, lambda line: None)


@pytest.fixture
def hospitals(tmp_path: Path) -> Hospitals:
    python = ("python", "-m")
    parties = [ShareParty(name, tmp_path / name, python, SERVER, f"{name} hospital") for name in ("a", "b", "c")]
    return Hospitals(parties, CeremonyParty("ceremony", tmp_path / "ceremony", python, SERVER), 2)


def test_every_hospital_holds_a_share_the_first_leads_and_a_repeat_keeps_the_key(hospitals: Hospitals):
    group: Any = InProcess()

    hospitals.make_keys(group, "rehearsal", PROFILE)
    hospitals.start(group)

    homes = [Home(party.home) for party in hospitals.parties]
    opened = [
        open_share(open_vault(h.vault, p.passphrase.read_text())) for h, p in zip(homes, hospitals.parties, strict=True)
    ]
    assert [share.point for _, share in opened] == [1, 2, 3]
    assert len({sharing.digest for sharing, _ in opened}) == 1
    assert [notice_of(home).lead for home in homes] == [1, 1, 1]
    assert 'release = "automatic"' in homes[1].policy.read_text()
    assert len({party.passphrase.read_text() for party in hospitals.parties}) == 3
    assert group.started == ["custodian-a", "custodian-b", "custodian-c"]
    again: Any = InProcess()
    hospitals.make_keys(again, "rehearsal", PROFILE)
    assert "card" not in again.ran and "ceremony" not in again.ran


@pytest.mark.parametrize(("names", "threshold"), [("A", 1), ("AB", 1), ("ABC", 2), ("ABCDEF", 2)])
def test_two_of_three_or_more_hospitals_open_unless_told_otherwise(tmp_path: Path, names: str, threshold: int):
    assert agreed_threshold(None, len(names), Memory.load(tmp_path / "progress.json")) == threshold


def test_every_agent_has_directory_and_token_of_its_own(tmp_path: Path):
    made = rehearsal(tmp_path, "ABC").key_holders

    assert isinstance(made, Hospitals)
    assert len({party.folder for party in made.parties}) == 3
    files = made.token_files["agent_token_files"]
    assert files == {party.name: str(party.token) for party in made.parties}
    assert len(set(files.values())) == 3


def test_one_custodian_holds_the_key_when_asked_for(tmp_path: Path):
    made = rehearsal(tmp_path, "ABC", threshold=1).key_holders

    assert isinstance(made, OneCustodian)
    assert "opens alone" in made.who_opens


def test_of_twelve_hospitals_the_first_nine_hold_shares(tmp_path: Path):
    made = rehearsal(tmp_path, "ABCDEFGHIJKL").key_holders

    assert isinstance(made, Hospitals)
    assert [party.name for party in made.parties] == list("ABCDEFGHI")


def test_a_rehearsal_goes_on_with_the_key_it_began_with(tmp_path: Path):
    rehearsal(tmp_path, "ABC", threshold=1)

    assert rehearsal(tmp_path, "ABC").threshold == 1
    with says("rehearsal.threshold_began", BadInput, threshold=2, began=1):
        rehearsal(tmp_path, "ABC", threshold=2)


@pytest.mark.parametrize("asked", ["0", "4"])
def test_rehearse_refuses_a_threshold_that_cannot_be_before_it_starts_anything(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, asked: str
):
    for name, value in SERVER.env.items():
        monkeypatch.setenv(name, value)
    tables = {name: tmp_path / f"{name}.csv" for name in ("dictionary", "A", "B", "C")}
    for path in tables.values():
        path.touch()
    words = [word for name in "ABC" for word in ("--hospital", f"{name}={tables[name]}")]
    places = ["--dictionary", str(tables["dictionary"]), "--workdir", str(tmp_path), "--report", str(tmp_path / "r")]

    refusal = pattern("rehearsal.threshold", threshold=int(asked), hospitals=3)
    with pytest.raises(CommandError, match=refusal):
        call_command("rehearse", *words, *places, "--threshold", asked)

    assert not (tmp_path / "logs").exists()


@pytest.mark.parametrize(
    ("names", "why"),
    [
        (("A", "pooled"), pattern("people.short_name_reserved", slug="pooled")),
        (("A", "a"), pattern("rehearsal.name_taken", name="a")),
    ],
)
def test_rehearse_refuses_names_that_results_would_confuse(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, names: tuple[str, ...], why: str
):
    for name, value in SERVER.env.items():
        monkeypatch.setenv(name, value)
    table = tmp_path / "table.csv"
    table.touch()
    words = [word for name in names for word in ("--hospital", f"{name}={table}")]
    places = ["--dictionary", str(table), "--workdir", str(tmp_path), "--report", str(tmp_path / "r")]

    with pytest.raises(CommandError, match=why):
        call_command("rehearse", *words, *places)

    assert not (tmp_path / "logs").exists()
