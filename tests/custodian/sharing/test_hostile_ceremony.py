"""A ceremony and a re-sharing in which somebody cheats, drops out or comes twice."""

import shutil
import stat
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np
import pytest

from hefed.core.errors import BadInput, WrongKey
from hefed.core.protocol import threshold as protocol
from hefed.core.protocol.threshold import Dealing, Resharing, Sharing, Signed
from hefed.core.threshold.combine import to_share
from hefed.core.threshold.shamir import Share
from hefed.custodian.keeping import files
from hefed.custodian.keeping.ledger import read_lines, verify
from hefed.custodian.keeping.store import Home
from hefed.custodian.keeping.vault import open_vault
from hefed.custodian.sharing.ceremony import (
    RECORD,
    Plan,
    deal,
    from_ceremony,
    from_dealings,
    hold_ceremony,
    plan_resharing,
    read_plan,
    share_file,
    sharing_of,
)
from hefed.custodian.sharing.holding import (
    ACCEPTANCE,
    IDENTITY,
    SHARING,
    HeldShare,
    Identity,
    Taking,
    create_identity,
    holds_share,
    open_identity,
    open_share,
    read_card,
    read_signed,
    take,
)
from tests.custodian.conftest import PASSPHRASE
from tests.custodian.consortium import MADE_AT, RING, ceremony, copied, identities, key_files, plan, take_into

EXPIRES = date(2099, 1, 1)


@dataclass(frozen=True)
class Held:
    """A ceremony among three of five hospitals, and a plan for all five."""

    out: Path
    people: list[Identity]
    sharing: Sharing
    plan: Resharing
    dealings: list[Signed]

    def home(self, folder: Path, seat: int = 1) -> Home:
        home, person = Home(folder / "custodian"), self.people[seat - 1]
        take_into(home, person, from_ceremony(self.out, person, self.sharing.digest), self.out)
        return home


@pytest.fixture(scope="module")
def held(tmp_path_factory: pytest.TempPathFactory) -> Held:
    people, out = identities(tmp_path_factory.mktemp("people"), 5), tmp_path_factory.mktemp("ceremony") / "out"
    sharing = ceremony(people[:3], out)[1].sharing
    new = sharing_of(plan(people, 3), sharing.key_fingerprint, epoch=2)
    agreed = plan_resharing(sharing, new, [1, 2])
    dealings = []
    for person in people[:2]:
        one = from_ceremony(out, person, sharing.digest)
        dealings.append(deal(agreed, person, sharing, share_of(one)))
    return Held(out, people, sharing, agreed, dealings)


def share_of(one: HeldShare) -> Share:
    return to_share(one.sharing, one.piece)


def contents(folder: Path) -> dict[str, bytes]:
    found = (path for path in folder.rglob("*") if path.is_file() and path.suffix != ".lock")
    return {str(path.relative_to(folder)): path.read_bytes() for path in found}


# ---- the plan of a ceremony ------------------------------------------------------------------------------------------


def bad_plan(people: list[Identity], what: str) -> Plan:
    cards = tuple(person.card for person in people[:3])
    changed = cards[0].model_copy(update={"study": "other"})
    return {
        "one hospital alone": Plan("demo", RING.name, 2, cards[:1], EXPIRES),
        "nobody": Plan("demo", RING.name, 2, (), EXPIRES),
        "one that opens alone": Plan("demo", RING.name, 1, cards, EXPIRES),
        "more than there are": Plan("demo", RING.name, 4, cards, EXPIRES),
        "a card twice": Plan("demo", RING.name, 2, (cards[0], cards[1], cards[0]), EXPIRES),
        "a card of another study": Plan("demo", RING.name, 2, (changed, *cards[1:]), EXPIRES),
        "another study than the cards'": Plan("other", RING.name, 2, cards, EXPIRES),
    }[what]


PLANS = [
    "one hospital alone",
    "nobody",
    "one that opens alone",
    "more than there are",
    "a card twice",
    "a card of another study",
    "another study than the cards'",
]


@pytest.mark.parametrize("what", PLANS)
def test_a_plan_that_cannot_be_makes_no_key(held: Held, tmp_path: Path, what: str) -> None:
    with pytest.raises(BadInput):
        hold_ceremony(bad_plan(held.people, what), tmp_path / "out")
    assert contents(tmp_path) == {}


# ---- what arrives from a ceremony ------------------------------------------------------------------------------------


def share_path(folder: Path, held: Held, seat: int) -> Path:
    return folder / share_file(seat, held.people[seat - 1].card)


SPOILT: dict[str, Callable[[Path, Held], object]] = {
    "without its share": lambda folder, held: share_path(folder, held, 1).unlink(),
    "with an empty share": lambda folder, held: share_path(folder, held, 1).write_bytes(b""),
    "with half a share": lambda folder, held: share_path(folder, held, 1).write_bytes(
        share_path(folder, held, 1).read_bytes()[:-40]
    ),
    "with another hospital's share": lambda folder, held: shutil.copy(
        share_path(folder, held, 2), share_path(folder, held, 1)
    ),
    "without its record": lambda folder, held: (folder / RECORD).unlink(),
    "with an empty record": lambda folder, held: (folder / RECORD).write_bytes(b""),
    "with a record that is none": lambda folder, held: (folder / RECORD).write_bytes(b"{}"),
    "with half a record": lambda folder, held: (folder / RECORD).write_bytes((folder / RECORD).read_bytes()[:500]),
}


@pytest.mark.parametrize("what", SPOILT)
def test_a_ceremonys_folder_in_which_something_is_wrong_gives_no_share(held: Held, tmp_path: Path, what: str) -> None:
    folder = copied(held.out, tmp_path / "out")
    SPOILT[what](folder, held)
    with pytest.raises(BadInput):
        from_ceremony(folder, held.people[0], held.sharing.digest)


def test_a_hospital_that_made_a_new_card_after_the_ceremony_has_no_seat(held: Held, tmp_path: Path) -> None:
    """Its share was sealed to the old card, which people compared."""
    card = held.people[0].card
    create_identity(tmp_path, study="demo", institution=card.institution, name=card.name, passphrase=PASSPHRASE)
    with pytest.raises(BadInput):
        from_ceremony(held.out, open_identity(tmp_path, PASSPHRASE), held.sharing.digest)


@pytest.mark.parametrize("digest", ["", "0" * 64, "nonsense"])
def test_a_share_is_taken_on_the_digest_that_was_read_aloud_only(held: Held, digest: str) -> None:
    with pytest.raises(WrongKey):
        from_ceremony(held.out, held.people[0], digest)


def test_everything_of_a_ceremony_is_its_owners_only(held: Held) -> None:
    assert {stat.S_IMODE(path.stat().st_mode) for path in held.out.iterdir()} == {0o600}
    assert stat.S_IMODE(held.out.stat().st_mode) == 0o700


# ---- taking a share --------------------------------------------------------------------------------------------------


def test_a_share_that_is_taken_twice_is_the_same_share(held: Held, tmp_path: Path) -> None:
    home = held.home(tmp_path)
    first = open_share(open_vault(home.vault, PASSPHRASE))[1]
    held.home(tmp_path)
    again = open_share(open_vault(home.vault, PASSPHRASE))[1]
    assert np.array_equal(first.words, again.words)
    assert [line.event for line in read_lines(home.ledger)] == ["share-taken", "share-taken"]


def test_a_short_pass_phrase_puts_no_share_anywhere(held: Held, tmp_path: Path) -> None:
    one = from_ceremony(held.out, held.people[0], held.sharing.digest)
    with pytest.raises(BadInput):
        take(Taking(Home(tmp_path / "c"), held.people[0], one, key_files(held.out), "short", MADE_AT))
    assert contents(tmp_path) == {}


def test_the_directory_of_another_key_takes_no_share_of_this_one(held: Held, template: Home, tmp_path: Path) -> None:
    """A custodian with a whole key stays one."""
    home = Home(tmp_path / "custodian")
    shutil.copytree(template.path, home.path)
    vault = home.vault.read_bytes()
    with pytest.raises(WrongKey):
        held.home(tmp_path)
    assert home.vault.read_bytes() == vault
    assert not holds_share(home)


class PowerCut(BaseException):
    pass


@pytest.mark.parametrize("at", range(1, 8))
def test_a_share_whose_taking_was_cut_off_anywhere_is_taken_again(
    held: Held, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, at: int
) -> None:
    """Each file that is written is one step; after any of them the same command may be given again."""
    calls: list[int] = []
    sync = files.sync_directory

    def cutting(folder: Path) -> None:
        calls.append(1)
        sync(folder)
        if len(calls) == at:
            raise PowerCut

    with monkeypatch.context() as patched:
        patched.setattr(files, "sync_directory", cutting)
        with pytest.raises(PowerCut):
            held.home(tmp_path)
    home = held.home(tmp_path)
    assert open_share(open_vault(home.vault, PASSPHRASE))[0] == held.sharing
    assert (home.path / SHARING).exists() and (home.path / ACCEPTANCE).exists()
    assert not (home.path / "vault.next").exists()
    verify(home.ledger)


def test_a_new_share_whose_taking_was_cut_off_before_the_vault_moved_leaves_the_old_one(
    held: Held, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = held.home(tmp_path)
    new = from_dealings(held.plan, held.dealings, held.people[0], held.plan.digest)

    def cut(*_: object) -> None:
        raise PowerCut

    with monkeypatch.context() as patched:
        patched.setattr(Path, "replace", cut)
        with pytest.raises(PowerCut):
            take_into(home, held.people[0], new, held.out)
    assert open_share(open_vault(home.vault, PASSPHRASE))[0] == held.sharing
    take_into(home, held.people[0], new, held.out)
    vault = open_vault(home.vault, PASSPHRASE)
    assert open_share(vault)[0] == held.plan.new
    assert verify(home.ledger, vault.ledger_key()) == 2


# ---- sharing anew ----------------------------------------------------------------------------------------------------


def dealing_of(held: Held, at: int = 0) -> Dealing:
    return protocol.verify(held.dealings[at], Dealing)


def resigned(held: Held, **changes: object) -> Signed:
    return protocol.sign(dealing_of(held).model_copy(update=changes), held.people[0].signing)


DEALINGS: dict[str, Callable[[Held], list[Signed]]] = {
    "none": lambda held: [],
    "one twice": lambda held: [held.dealings[0], held.dealings[0]],
    "one of another plan": lambda held: [resigned(held, resharing="0" * 64), held.dealings[1]],
    "one in another dealer's name": lambda held: [resigned(held, dealer=2), held.dealings[1]],
    "one of a hospital that does not deal": lambda held: [resigned(held, dealer=3), held.dealings[1]],
    "one without pieces": lambda held: [resigned(held, pieces=[]), held.dealings[1]],
    "one with a piece less": lambda held: [resigned(held, pieces=dealing_of(held).pieces[:-1]), held.dealings[1]],
    "one whose pieces changed places": lambda held: [
        resigned(held, pieces=dealing_of(held).pieces[::-1]),
        held.dealings[1],
    ],
    "one that commits to no noise keys": lambda held: [resigned(held, noise_keys=[]), held.dealings[1]],
    "one that commits to other noise keys": lambda held: [
        resigned(held, noise_keys=dealing_of(held).noise_keys[::-1]),
        held.dealings[1],
    ],
    "one with the other dealer's pieces": lambda held: [
        resigned(held, pieces=dealing_of(held, 1).pieces),
        held.dealings[1],
    ],
}


@pytest.mark.parametrize("what", DEALINGS)
def test_dealings_that_do_not_make_a_share_make_none(held: Held, what: str) -> None:
    with pytest.raises(BadInput):
        from_dealings(held.plan, DEALINGS[what](held), held.people[1], held.plan.digest)


def test_dealings_make_the_same_share_in_any_order_and_one_too_often(held: Held) -> None:
    person = held.people[4]
    one = from_dealings(held.plan, held.dealings, person, held.plan.digest)
    assert from_dealings(held.plan, held.dealings[::-1], person, held.plan.digest) == one
    assert from_dealings(held.plan, [*held.dealings, held.dealings[0]], person, held.plan.digest) == one


def test_who_is_not_in_the_new_sharing_gets_nothing_of_it(held: Held, tmp_path: Path) -> None:
    create_identity(tmp_path, study="demo", institution="north", name="North hospital", passphrase=PASSPHRASE)
    with pytest.raises(BadInput):
        from_dealings(held.plan, held.dealings, open_identity(tmp_path, PASSPHRASE), held.plan.digest)


@pytest.mark.parametrize("content", [None, b"", b"{}", b"\xff"])
def test_a_plan_that_cannot_be_read_is_followed_by_nobody(tmp_path: Path, content: bytes | None) -> None:
    if content is not None:
        (tmp_path / "plan.json").write_bytes(content)
    with pytest.raises(BadInput):
        read_plan(tmp_path / "plan.json", "0" * 64)


def test_a_plan_that_was_exchanged_on_its_way_is_followed_by_nobody(held: Held, tmp_path: Path) -> None:
    (tmp_path / "plan.json").write_text(held.plan.model_dump_json())
    assert read_plan(tmp_path / "plan.json", held.plan.digest) == held.plan
    other = plan_resharing(held.sharing, held.plan.new, [1, 3])
    (tmp_path / "plan.json").write_text(other.model_dump_json())
    with pytest.raises(WrongKey):
        read_plan(tmp_path / "plan.json", held.plan.digest)


# ---- files of people -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("content", [None, b"", b"{}", b"null", b"\xff"])
@pytest.mark.parametrize("read", [read_card, read_signed, lambda path: open_identity(path.parent, PASSPHRASE)])
def test_a_file_that_is_not_what_it_should_be_is_an_error_that_a_person_is_told(
    tmp_path: Path, content: bytes | None, read: Callable[[Path], object]
) -> None:
    if content is not None:
        (tmp_path / IDENTITY).write_bytes(content)
    with pytest.raises(BadInput):
        read(tmp_path / IDENTITY)


@pytest.mark.parametrize(
    "fields", [{"institution": "a b"}, {"institution": ""}, {"name": ""}, {"study": "../x"}, {"name": "x" * 121}]
)
def test_a_card_with_names_that_cannot_be_makes_no_keys(tmp_path: Path, fields: dict[str, str]) -> None:
    given = {"study": "demo", "institution": "north", "name": "North hospital", **fields}
    with pytest.raises(BadInput):
        create_identity(tmp_path / "home", passphrase=PASSPHRASE, **given)
    assert contents(tmp_path) == {}
