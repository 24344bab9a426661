"""From cards to shares in vaults; what is refused on the way; and that nothing holds the key afterwards."""

import subprocess
import sys
from itertools import combinations
from pathlib import Path

import numpy as np
import pytest

from hefed.core.ckks.backend import Encryptor, Evaluator
from hefed.core.ckks.params import profile
from hefed.core.errors import BadInput, WrongKey
from hefed.core.protocol import threshold as protocol
from hefed.core.protocol.threshold import Acceptance, CeremonyRecord, Signed
from hefed.core.threshold.combine import to_share
from hefed.core.threshold.shamir import Share, lagrange, weighted_sum
from hefed.custodian.keeping.ledger import read_lines, rule_words, verify
from hefed.custodian.keeping.store import Home
from hefed.custodian.keeping.vault import WrongPassphrase, open_vault
from hefed.custodian.sharing.ceremony import PUBLIC_KEY, RECORD, from_ceremony, hold_ceremony
from hefed.custodian.sharing.holding import Identity, create_identity, open_identity, open_share, read_card
from tests.core.threshold.conftest import RING, opened
from tests.custodian.conftest import PASSPHRASE
from tests.custodian.consortium import ceremony, copied, identities, key_files, plan, take_into
from tests.custodian.memory import READABLE, count, writable_memory
from tests.words.raises import says

Held = tuple[Path, CeremonyRecord, list[Identity]]


@pytest.fixture(scope="module")
def people(tmp_path_factory: pytest.TempPathFactory) -> list[Identity]:
    return identities(tmp_path_factory.mktemp("agents"))


@pytest.fixture(scope="module")
def held(people: list[Identity], tmp_path_factory: pytest.TempPathFactory) -> Held:
    out = tmp_path_factory.mktemp("ceremony") / "out"
    return out, ceremony(people, out)[1], people


def shares_of(held: Held) -> list[Share]:
    folder, record, people = held
    found = [from_ceremony(folder, person, record.sharing.digest) for person in people]
    return [to_share(one.sharing, one.piece) for one in found]


def test_the_shares_of_a_ceremony_open_what_its_public_key_encrypts(held: Held) -> None:
    keys = key_files(held[0]).read(held[1].sharing)
    values = np.random.default_rng(2).normal(size=RING.slots)
    ops = Evaluator(keys)
    total = ops.seal_total(ops.blind(Encryptor(keys.public).encrypt(values, 0)))
    for pair in combinations(shares_of(held), 2):
        answers = opened(list(pair), total)
        assert answers == pytest.approx(values.sum(), abs=0.02)


def test_a_share_in_the_vault_is_the_share_of_the_ceremony(held: Held, tmp_path: Path) -> None:
    folder, record, people = held
    home, digest = Home(tmp_path / "custodian"), record.sharing.digest
    accepted = take_into(home, people[1], from_ceremony(folder, people[1], digest), folder)
    vault = open_vault(home.vault, PASSPHRASE)
    sharing, share = open_share(vault)
    assert (sharing, share.point) == (record.sharing, 2)
    assert np.array_equal(share.words, shares_of(held)[1].words)
    said = protocol.verify(accepted, Acceptance, people[1].card.signing)
    assert (said.sharing, said.point, said.share) == (digest, 2, record.shares[1])
    assert verify(home.ledger, vault.ledger_key()) == 1
    assert digest in rule_words(next(read_lines(home.ledger)).rule)


def test_nothing_that_a_ceremony_writes_holds_a_share_in_clear(held: Held) -> None:
    words = [share.words[:4].astype("<u8").tobytes() for share in shares_of(held)]
    secret = weighted_sum(
        [share.words for share in shares_of(held)[:2]], lagrange((1, 2), 0, RING.primes[0]), RING.primes[0]
    )
    for path in held[0].iterdir():
        content = path.read_bytes()
        assert not any(word in content for word in [*words, secret[:4].astype("<u8").tobytes()])
        assert path.stat().st_mode & 0o077 == 0


def test_a_share_is_for_its_hospital_only(held: Held, tmp_path: Path) -> None:
    folder, record, people = held
    swapped = copied(folder, tmp_path / "swapped")
    (swapped / "share-1-north.jwe").write_text((swapped / "share-2-south.jwe").read_text())
    with says("protocol.sealed", BadInput):
        from_ceremony(swapped, people[0], record.sharing.digest)


def test_a_share_of_another_ceremony_is_refused(held: Held, tmp_path: Path) -> None:
    folder, record, people = held
    ceremony(people, tmp_path / "other")
    mixed = copied(folder, tmp_path / "mixed")
    (mixed / "share-1-north.jwe").write_text((tmp_path / "other" / "share-1-north.jwe").read_text())
    with says("sharing.other_share", BadInput):
        from_ceremony(mixed, people[0], record.sharing.digest)


def test_a_digest_that_was_read_out_differently_is_refused(held: Held) -> None:
    with says("sharing.other_ceremony", WrongKey):
        from_ceremony(held[0], held[2][0], "0" * 64)


def test_a_public_key_of_another_ceremony_is_refused(held: Held, tmp_path: Path) -> None:
    folder, record, people = held
    ceremony(people, tmp_path / "other")
    found = from_ceremony(folder, people[0], record.sharing.digest)
    with says("sharing.key_differs", WrongKey):
        take_into(Home(tmp_path / "custodian"), people[0], found, tmp_path / "other")


def test_a_changed_record_is_refused(held: Held, tmp_path: Path) -> None:
    folder, record, people = held
    changed = copied(folder, tmp_path / "changed")
    signed = Signed.model_validate_json((folder / RECORD).read_bytes())
    head, body, mark = signed.jws.split(".")
    flipped = signed.model_copy(update={"jws": f"{head}.{body[:-2]}AA.{mark}"})
    (changed / RECORD).write_text(flipped.model_dump_json())
    with says("protocol.signature", BadInput, message="CeremonyRecord"):
        from_ceremony(changed, people[0], record.sharing.digest)


def test_a_stranger_has_no_seat(held: Held, tmp_path: Path) -> None:
    create_identity(tmp_path, study="demo", institution="north", name="North hospital", passphrase=PASSPHRASE)
    with says("protocol.no_seat", BadInput):
        from_ceremony(held[0], open_identity(tmp_path, PASSPHRASE), held[1].sharing.digest)


def test_one_hospital_with_two_seats_is_refused_before_a_key_is_made(people: list[Identity], tmp_path: Path) -> None:
    with says("sharing.plan", BadInput):
        hold_ceremony(plan([people[0], people[0]]), tmp_path / "out")
    assert not (tmp_path / "out" / PUBLIC_KEY).exists()


def test_a_ceremony_does_not_overwrite_another(held: Held) -> None:
    with says("sharing.out_not_empty", BadInput):
        ceremony(held[2], held[0])


def test_a_card_comes_back_and_opens_with_its_pass_phrase_only(tmp_path: Path) -> None:
    made = create_identity(tmp_path, study="demo", institution="north", name="North", passphrase=PASSPHRASE)
    assert read_card(tmp_path / "card.json") == made == open_identity(tmp_path, PASSPHRASE).card
    with pytest.raises(WrongPassphrase):
        open_identity(tmp_path, "another pass phrase")
    with says("sharing.card_exists", BadInput):
        create_identity(tmp_path, study="demo", institution="north", name="North", passphrase=PASSPHRASE)


CEREMONY = """
import sys
from datetime import date
from pathlib import Path
from tests.insecure import register
register()
from hefed.custodian.sharing.ceremony import Plan, hold_ceremony
from hefed.custodian.sharing.holding import read_card
cards = tuple(read_card(Path(path)) for path in sys.argv[2:])
hold_ceremony(Plan("demo", "INSECURE_TEST_N12_L9", 2, cards, date(2099, 1, 1)), Path(sys.argv[1]))
print("done", flush=True)
sys.stdin.read()
"""


@pytest.mark.skipif(not READABLE, reason="memory is read through /proc")
def test_the_memory_of_the_ceremony_holds_no_word_of_the_key_afterwards(people: list[Identity], tmp_path: Path) -> None:
    """The process still runs when its memory is searched."""
    cards = []
    for person in people:
        cards.append(tmp_path / f"{person.card.institution}.json")
        cards[-1].write_text(person.card.model_dump_json())
    command = [sys.executable, "-c", CEREMONY, str(tmp_path / "out"), *map(str, cards)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None and process.stdin is not None
        try:
            assert process.stdout.readline() == "done\n"
            memory = writable_memory(process.pid)
        finally:
            process.stdin.close()
    signed = Signed.model_validate_json((tmp_path / "out" / RECORD).read_bytes())
    record = protocol.verify(signed, CeremonyRecord)
    shares = shares_of((tmp_path / "out", record, people))
    prime = profile(RING.name).primes[0]
    secret = weighted_sum([share.words for share in shares[:2]], lagrange((1, 2), 0, prime), prime)
    assert count(memory, secret, prime) == 0
    mark = np.frombuffer(record.sharing.key_fingerprint[:8].encode(), np.uint64)
    assert (memory == mark).any()  # what is there is found
