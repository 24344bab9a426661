"""New shares of one key for other hospitals: old batches stay readable, old shares lose their use."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path

import numpy as np
import pytest

from hefed.core.ckks.backend import Encryptor, Evaluator
from hefed.core.ckks.totals import SealedTotal
from hefed.core.errors import BadInput, WrongKey
from hefed.core.protocol import threshold as protocol
from hefed.core.protocol.threshold import Dealing, Resharing, Sharing, Signed
from hefed.core.threshold.combine import to_share
from hefed.core.threshold.shamir import Share
from hefed.custodian.keeping.ledger import verify
from hefed.custodian.keeping.store import Home
from hefed.custodian.keeping.vault import open_vault
from hefed.custodian.sharing.ceremony import deal, from_ceremony, from_dealings, plan_resharing, sharing_of
from hefed.custodian.sharing.holding import Identity, open_share
from tests.core.threshold.conftest import opened
from tests.custodian.conftest import PASSPHRASE
from tests.custodian.consortium import ceremony, identities, key_files, plan, take_into
from tests.words.raises import says

VALUES = np.random.default_rng(3).normal(size=2048)


@dataclass(frozen=True)
class Study:
    """A 2-of-3 sharing, a total encrypted under its key, and the move to 3 of 5."""

    folder: Path
    people: list[Identity]
    sharing: Sharing
    old: list[Share]
    total: SealedTotal
    plan: Resharing
    dealings: list[Signed]

    def new(self, who: Sequence[Identity] = ()) -> list[Share]:
        found = [from_dealings(self.plan, self.dealings, p, self.plan.digest) for p in who or self.people]
        return [to_share(one.sharing, one.piece) for one in found]


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Study:
    people, folder = identities(tmp_path_factory.mktemp("agents"), 5), tmp_path_factory.mktemp("ceremony") / "out"
    sharing = ceremony(people[:3], folder)[1].sharing
    old = [to_share(sharing, from_ceremony(folder, person, sharing.digest).piece) for person in people[:3]]
    new = sharing_of(plan(people, 3), sharing.key_fingerprint, epoch=2)
    resharing = plan_resharing(sharing, new, [1, 3])
    dealings = [deal(resharing, people[i], sharing, old[i]) for i in (0, 2)]
    keys = key_files(folder).read(sharing)
    ops = Evaluator(keys)
    total = ops.seal_total(ops.blind(Encryptor(keys.public).encrypt(VALUES, 0)))
    return Study(folder, people, sharing, old, total, resharing, dealings)


def test_any_three_of_the_five_new_hospitals_open_what_was_encrypted_before(study: Study) -> None:
    values = {opened(list(group), study.total) for group in combinations(study.new(), 3)}
    assert len(values) == 1
    assert values.pop() == pytest.approx(VALUES.sum(), abs=0.04)


def test_old_and_new_shares_do_not_open_together(study: Study) -> None:
    new = study.new()
    for mixed in ([study.old[0], new[1]], [new[0], study.old[1]]):
        two = [
            Share(study.old[0].scheme, one.point, one.words, study.old[at].noise_keys) for at, one in enumerate(mixed)
        ]
        assert abs(opened(two, study.total) - VALUES.sum()) > 1000


def test_two_new_shares_are_not_enough(study: Study) -> None:
    assert abs(opened(study.new()[:2], study.total) - VALUES.sum()) > 1000


def test_a_share_is_renewed_for_the_same_hospitals(study: Study) -> None:
    """Proactive refresh; also what replaces a lost share: the hospital comes with a new card."""
    people = study.people[:3]
    new = sharing_of(plan(people), study.sharing.key_fingerprint, epoch=2)
    refresh = plan_resharing(study.sharing, new, [2, 3])
    dealings = [deal(refresh, people[i], study.sharing, study.old[i]) for i in (1, 2)]
    found = [from_dealings(refresh, dealings, person, refresh.digest) for person in people]
    shares = [to_share(one.sharing, one.piece) for one in found]
    assert opened(shares[:2], study.total) == pytest.approx(VALUES.sum(), abs=0.02)
    assert not np.array_equal(shares[0].words, study.old[0].words)
    assert abs(opened([shares[0], study.old[1]], study.total) - VALUES.sum()) > 1000


def test_the_vault_of_a_hospital_that_stays_holds_the_new_share_and_its_ledger_goes_on(
    study: Study, tmp_path: Path
) -> None:
    home, person = Home(tmp_path / "custodian"), study.people[0]
    take_into(home, person, from_ceremony(study.folder, person, study.sharing.digest), study.folder)
    data_key = open_vault(home.vault, PASSPHRASE).data_key
    take_into(home, person, from_dealings(study.plan, study.dealings, person, study.plan.digest), study.folder)
    vault = open_vault(home.vault, PASSPHRASE)
    sharing, share = open_share(vault)
    assert (sharing.epoch, sharing.threshold, share.point) == (2, 3, 1)
    assert vault.data_key == data_key
    assert verify(home.ledger, vault.ledger_key()) == 2


def test_a_dealing_is_needed_from_every_dealer(study: Study) -> None:
    with says("sharing.dealings_missing", BadInput, missing=(3,)):
        from_dealings(study.plan, study.dealings[:1], study.people[4], study.plan.digest)


def test_a_dealing_signed_by_somebody_else_is_refused(study: Study) -> None:
    inside = protocol.verify(study.dealings[0], Dealing)
    forged = protocol.sign(inside, study.people[1].signing)
    with says("sharing.dealing_signer", BadInput):
        from_dealings(study.plan, [forged, study.dealings[1]], study.people[4], study.plan.digest)


def test_a_dealer_that_gives_hospitals_different_noise_keys_is_found_out(study: Study) -> None:
    inside = protocol.verify(study.dealings[0], Dealing)
    other = protocol.verify(deal(study.plan, study.people[0], study.sharing, study.old[0]), Dealing)
    mixed = inside.model_copy(update={"pieces": [*inside.pieces[:4], other.pieces[4]]})
    dealings = [protocol.sign(mixed, study.people[0].signing), study.dealings[1]]
    with says("sharing.dealing_noise_keys", BadInput, dealer=1):
        from_dealings(study.plan, dealings, study.people[4], study.plan.digest)


def test_a_plan_that_was_read_out_differently_is_refused(study: Study) -> None:
    with says("sharing.share_of_other_plan", WrongKey):
        from_dealings(study.plan, study.dealings, study.people[4], "0" * 64)


def test_a_hospital_deals_only_from_the_share_that_it_holds(study: Study) -> None:
    with says("sharing.no_dealer", BadInput, dealers=(1, 3), point=2):
        deal(study.plan, study.people[1], study.sharing, study.old[1])
    with says("sharing.plan_begins", BadInput):
        deal(study.plan, study.people[0], study.plan.new, study.old[0])


@pytest.mark.parametrize(
    ("epoch", "dealers", "reason"),
    [(3, [1, 2], "epoch 3 does not follow 1"), (2, [1], "exactly 2 different"), (2, [1, 1], "exactly 2 different")],
)
def test_a_plan_that_does_not_follow_is_refused(study: Study, epoch: int, dealers: list[int], reason: str) -> None:
    new = sharing_of(plan(study.people, 3), study.sharing.key_fingerprint, epoch=epoch)
    with says("sharing.new_plan", BadInput) as raised:
        plan_resharing(study.sharing, new, dealers)
    assert reason in str(raised.value.facts["why"])
