"""The ceremony and a re-sharing as people run them: cards, digests read aloud, sentences back."""

import re
from pathlib import Path

import pytest
from click.testing import Result
from typer.testing import CliRunner

from hefed.custodian.__main__ import app
from hefed.custodian.backup import restore_backup
from hefed.custodian.store import Home
from hefed.custodian.threshold.holding import open_share
from hefed.custodian.vault import open_vault
from tests.custodian.conftest import PASSPHRASE
from tests.custodian.threshold.conftest import RING

NAMES = ("north", "south", "west")


def run(*words: str | Path, fails: str = "", answers: str = "") -> str:
    result: Result = CliRunner().invoke(app, [*map(str, words)], input=answers, env={"COLUMNS": "300"})
    text = " ".join(result.output.split())
    assert result.exit_code == (1 if fails else 0), text
    assert re.search(fails, text), text
    return text


def digests(text: str) -> list[str]:
    return re.findall(r"(?:[0-9a-f]{4} ){15}[0-9a-f]{4}", text)


@pytest.fixture
def secret(tmp_path: Path) -> Path:
    (tmp_path / "passphrase").write_text(PASSPHRASE + "\n")
    return tmp_path / "passphrase"


@pytest.fixture
def cards(tmp_path: Path, secret: Path) -> list[Path]:
    return [_card(tmp_path, name, secret) for name in NAMES]


def _card(folder: Path, name: str, secret: Path) -> Path:
    home = folder / name
    run("card", "--home", home, "--study", "demo", "--institution", name, "--name", name, "--passphrase-file", secret)
    return home / "card.json"


def _ceremony(tmp_path: Path, cards: list[Path], *more: str, **expected: str) -> str:
    given = [word for card in cards for word in ("--card", card)]
    numbers = ("--parties", str(len(NAMES)), "--threshold", "2", "--profile", RING.name)
    return run("ceremony", *numbers, *given, "--out", tmp_path / "out", *more, **expected)


def test_three_hospitals_take_their_shares_and_deal_them_anew(tmp_path: Path, cards: list[Path], secret: Path) -> None:
    said = _ceremony(tmp_path, cards, answers="y\n")
    assert "any 2 of 3" in said
    digest = digests(said)[3]
    for name in NAMES:
        home = ("--home", tmp_path / name, "--passphrase-file", secret)
        assert "Share" in run("take", *home, "--from", tmp_path / "out", "--expect", digest)
    _reshare(tmp_path, cards, secret)
    for name in NAMES:
        sharing, share = open_share(open_vault(tmp_path / name / "vault.json", PASSPHRASE))
        assert (sharing.epoch, sharing.threshold, share.scheme.parties) == (2, 3, 3)
    assert "3 lines hold" in run("ledger", "verify", "--home", tmp_path / "north")


def _reshare(tmp_path: Path, cards: list[Path], secret: Path) -> None:
    north, plan = ("--home", tmp_path / "north", "--passphrase-file", secret), tmp_path / "plan.json"
    given = [word for card in cards for word in ("--card", card)]
    dealers = ("--dealer", "1", "--dealer", "2")
    said = run("reshare", "plan", *north, "--threshold", "3", *given, *dealers, "--out", plan, "--yes")
    agreed = ("--plan", plan, "--expect", digests(said)[-1])
    dealt = []
    for name in NAMES[:2]:
        dealt += ["--dealing", tmp_path / f"{name}.dealing"]
        home = ("--home", tmp_path / name, "--passphrase-file", secret)
        run("reshare", "deal", *home, *agreed, "--out", tmp_path / f"{name}.dealing")
    for name in NAMES:
        home = ("--home", tmp_path / name, "--passphrase-file", secret)
        run("reshare", "take", *home, *agreed, *dealt, "--keys", tmp_path / "out")


def test_a_backup_of_a_hospital_brings_its_share_and_its_card_to_a_new_machine(
    tmp_path: Path, cards: list[Path], secret: Path
) -> None:
    digest = digests(_ceremony(tmp_path, cards, "--yes"))[3]
    home = ("--home", tmp_path / "north", "--passphrase-file", secret)
    run("take", *home, "--from", tmp_path / "out", "--expect", digest)
    run("backup", *home, "--out", tmp_path / "backup")
    restore_backup(tmp_path / "backup", Home(tmp_path / "new"), PASSPHRASE)
    assert (tmp_path / "new" / "agent.json").read_bytes() == (tmp_path / "north" / "agent.json").read_bytes()
    assert open_share(open_vault(tmp_path / "new" / "vault.json", PASSPHRASE))[1].point == 1


def test_a_ceremony_without_compared_cards_makes_nothing(tmp_path: Path, cards: list[Path]) -> None:
    _ceremony(tmp_path, cards, answers="n\n", fails="the fingerprints were not compared")
    assert not (tmp_path / "out").exists()


def test_a_ceremony_with_a_card_missing_says_how_many(tmp_path: Path, cards: list[Path]) -> None:
    _ceremony(tmp_path, cards[:2], fails="2 cards for 3 hospitals")


def test_a_share_is_not_taken_on_a_digest_that_is_none(tmp_path: Path, cards: list[Path], secret: Path) -> None:
    home = ("--home", tmp_path / "north", "--passphrase-file", secret)
    run("take", *home, "--from", tmp_path, "--expect", "1234", fails="not 64 hex digits")
