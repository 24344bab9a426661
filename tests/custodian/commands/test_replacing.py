"""Another key as people at a terminal see it: what a command says is awaited, and what it does once they agreed."""

from pathlib import Path

from hefed.core.protocol.fingerprint import grouped
from hefed.custodian.keeping.ledger import read_lines
from hefed.custodian.keeping.vault import read_header
from tests.core.threshold.conftest import RING
from tests.custodian.commands.test_sharing import cards, run, secret, taken
from tests.custodian.fake_server import TOKEN
from tests.custodian.share_server import ShareServer, serving
from tests.words.raises import pattern

__all__ = ["cards", "secret", "taken"]


def at(server: ShareServer, folder: Path, secret: Path) -> tuple[str | Path, ...]:
    (folder / "token").write_text(TOKEN + "\n")
    return ("--server", server.address, "--token-file", folder / "token", "--passphrase-file", secret)


def made(home: Path, secret: Path) -> str:
    """The fingerprint of a fresh key that one custodian holds."""
    run("init", "--home", home, "--study", "demo", "--profile", RING.name, "--passphrase-file", secret)
    return read_header(home / "vault.json").key_fingerprint


def test_rotate_waits_for_a_person_and_goes_on_when_the_key_was_confirmed(tmp_path: Path, secret: Path) -> None:
    home = tmp_path / "home"
    old = made(home, secret)
    with serving(ShareServer(in_use=old)) as server:
        words = ("rotate", "--home", home, *at(server, tmp_path, secret), "--yes")
        said = run(*words)
        new = read_header(home / "next" / "vault.json").key_fingerprint
        assert f"the one in use stays, with all batches. Its fingerprint: {grouped(new)}" in said
        assert "Awaited: a person with the custodian's role confirms this fingerprint on the Keys page" in said
        assert read_header(home / "vault.json").key_fingerprint == old

        server.in_use = new
        assert "The new key is in use. Every hospital confirms it" in run(*words)
        assert read_header(home / "vault.json").key_fingerprint == new
        assert read_header(home / "previous" / "vault.json").key_fingerprint == old

        server.in_use = old
        assert "The earlier key was put back on the Keys page" in run(*words)
        assert read_header(home / "vault.json").key_fingerprint == old


def test_hospitals_that_share_the_key_sign_for_another_one_and_are_told_who_is_awaited(
    tmp_path: Path, taken: list[Path], secret: Path
) -> None:
    in_use = read_header(taken[0] / "vault.json").key_fingerprint
    other = tmp_path / "other"
    new = made(other, secret)
    with serving(ShareServer(in_use=in_use, cards=2)) as server:
        rest = at(server, tmp_path, secret)
        said = run("publish", "--home", other, *rest)
        assert "Awaited: 2 hospitals that hold shares of the key in use sign for it (so far: none yet)" in said
        assert f"replace-key --home DIR --expect '{grouped(new)}'" in said

        sign = ("replace-key", *rest, "--expect", grouped(new))
        run(*sign, "--home", taken[0], answers="n\n", fails=pattern("commands.succession_not_agreed"))
        assert server.proposals == {new: []}
        said = run(*sign, "--home", taken[0], "--yes")
        assert "The key in use stays. Awaited: 1 more of the hospitals" in said
        assert "The new key is in use." in run(*sign, "--home", taken[1], "--yes")

    assert server.in_use == new
    assert [line.event for line in read_lines(taken[1] / "ledger.jsonl")][-1] == "succession-signed"


def test_no_hospital_signs_for_a_key_that_nobody_proposed(tmp_path: Path, taken: list[Path], secret: Path) -> None:
    with serving(ShareServer(cards=2)) as server:
        words = ("replace-key", *at(server, tmp_path, secret), "--expect", "ab" * 32, "--home", taken[0], "--yes")
        run(*words, fails=pattern("commands.no_such_proposal"))
