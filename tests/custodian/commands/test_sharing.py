"""The ceremony and a re-sharing as people run them: cards, digests read aloud, sentences back."""

import re
from pathlib import Path

import pytest
from click.testing import Result
from typer.testing import CliRunner

from hefed.custodian.__main__ import app
from hefed.custodian.keeping.backup import restore_backup
from hefed.custodian.keeping.files import sole_user
from hefed.custodian.keeping.store import Home
from hefed.custodian.keeping.vault import open_vault
from hefed.custodian.sharing.holding import open_share
from tests.core.threshold.conftest import RING
from tests.custodian.conftest import NORTH, PASSPHRASE
from tests.custodian.fake_server import TOKEN
from tests.custodian.pinning import pinned
from tests.custodian.share_server import ShareServer, serving
from tests.words.raises import pattern

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


def test_a_backup_of_a_hospital_brings_its_share_its_card_and_whom_it_named_to_a_new_machine(
    tmp_path: Path, cards: list[Path], secret: Path
) -> None:
    digest = digests(_ceremony(tmp_path, cards, "--yes"))[3]
    home = ("--home", tmp_path / "north", "--passphrase-file", secret)
    run("take", *home, "--from", tmp_path / "out", "--expect", digest)
    run("lead", "north", *home)
    run("lead", "west", *home)
    run("backup", *home, "--out", tmp_path / "backup")
    restore_backup(tmp_path / "backup", Home(tmp_path / "new"), PASSPHRASE)
    for name in ("agent.json", "lead.json", "hand-over.hefed"):
        assert (tmp_path / "new" / name).read_bytes() == (tmp_path / "north" / name).read_bytes()
    assert open_share(open_vault(tmp_path / "new" / "vault.json", PASSPHRASE))[1].point == 1


def test_a_ceremony_without_compared_cards_makes_nothing(tmp_path: Path, cards: list[Path]) -> None:
    _ceremony(tmp_path, cards, answers="n\n", fails=pattern("commands.fingerprints_not_compared"))
    assert not (tmp_path / "out").exists()


def test_a_ceremony_with_a_card_missing_says_how_many(tmp_path: Path, cards: list[Path]) -> None:
    _ceremony(tmp_path, cards[:2], fails=pattern("commands.cards", cards=2, parties=3))


def test_a_share_is_not_taken_on_a_digest_that_is_none(tmp_path: Path, cards: list[Path], secret: Path) -> None:
    home = ("--home", tmp_path / "north", "--passphrase-file", secret)
    run("take", *home, "--from", tmp_path, "--expect", "1234", fails=pattern("protocol.fingerprint_length", found=4))


@pytest.fixture
def taken(tmp_path: Path, cards: list[Path], secret: Path) -> list[Path]:
    """Three directories with shares; north leads."""
    digest = digests(_ceremony(tmp_path, cards, "--yes"))[3]
    homes = [tmp_path / name for name in NAMES]
    for home in homes:
        run("take", "--home", home, "--passphrase-file", secret, "--from", tmp_path / "out", "--expect", digest)
        run("lead", "north", "--home", home, "--passphrase-file", secret)
    return homes


def test_agents_of_three_hospitals_publish_and_answer_from_the_command_line(
    tmp_path: Path, taken: list[Path], secret: Path
) -> None:
    (tmp_path / "token").write_text(TOKEN + "\n")
    with serving(ShareServer()) as server:
        at = ("--server", server.address, "--token-file", tmp_path / "token", "--passphrase-file", secret)
        run("publish", "--home", taken[0], *at)
        assert [seat.point for seat in server.notice.sharing.seats] == [1, 2, 3]
        request = server.upload("b1", "north", *NORTH)
        for home in (taken[2], taken[0]):
            run("run", "--home", home, *at, "--once", fails=pattern("commands.not_pinned"))
            pinned(Home(home), secret.read_text().strip())
            run("run", "--home", home, *at, "--once")
        assert server.answer(request.request).opened_by == ["north", "west"]


def test_one_hospital_cannot_rotate_the_key_of_all(tmp_path: Path, taken: list[Path], secret: Path) -> None:
    (tmp_path / "token").write_text(TOKEN + "\n")
    at = ("--server", "http://127.0.0.1:9", "--token-file", tmp_path / "token", "--passphrase-file", secret)
    run("rotate", "--home", taken[0], *at, fails=pattern("sharing.not_rotated"))


def test_an_agent_does_not_run_before_somebody_was_named_to_lead(
    tmp_path: Path, taken: list[Path], secret: Path
) -> None:
    (taken[1] / "lead.json").unlink()
    (tmp_path / "token").write_text(TOKEN + "\n")
    at = ("--server", "http://127.0.0.1:9", "--token-file", tmp_path / "token", "--passphrase-file", secret)
    run("run", "--home", taken[1], *at, "--once", fails=pattern("sharing.nobody_leads"))


def test_the_lead_moves_by_a_file_and_is_not_taken_over_twice_or_while_the_agent_runs(
    tmp_path: Path, taken: list[Path], secret: Path
) -> None:
    words = [("--home", home, "--passphrase-file", secret) for home in taken]
    with sole_user(taken[0] / "run.lock"):
        run("lead", "west", *words[0], fails=pattern("keeping.already_running"))
    run("lead", "west", *words[1], "--out", tmp_path / "file", fails=pattern("commands.does_not_lead"))
    said = run("lead", "west", *words[0], "--out", tmp_path / "file")
    digest = digests(said)[0]
    run("take-over", *words[2], "--from", tmp_path / "file", fails=pattern("sharing.awaits_nobody"))
    assert "takes the hand-over of north" in run("lead", "west", *words[2])
    assert digest in run("take-over", *words[2], "--from", tmp_path / "file")
    run("take-over", *words[2], "--from", tmp_path / "file", fails=pattern("sharing.awaits_nobody"))
    run("take-over", *words[2], "--from", tmp_path / "none", fails=pattern("commands.source_unreadable"))
    run("lead", "north", *words[2])
    run("lead", "north", *words[0])
    assert "without the hand-over of west" in run("take-over", *words[0], "--lost")
    run("take-over", *words[0], "--lost", fails=pattern("sharing.awaits_none"))


def test_the_next_lead_takes_over_from_the_server(tmp_path: Path, taken: list[Path], secret: Path) -> None:
    (tmp_path / "token").write_text(TOKEN + "\n")
    words = [("--home", home, "--passphrase-file", secret) for home in taken]
    with serving(ShareServer()) as server:
        at = ("--server", server.address, "--token-file", tmp_path / "token")
        run("publish", "--home", taken[0], *at)
        for place in words:
            run("lead", "west", *place)
        run("take-over", *words[2], *at, fails=pattern("agent.no_hand_over"))
        pinned(Home(taken[0]), secret.read_text().strip())
        run("run", *words[0], *at, "--once")
        assert "West" in run("take-over", *words[2], *at).title()
        assert len(server.taken) == 1
