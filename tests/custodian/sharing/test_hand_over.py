"""The lead moves from one hospital to another: jobs go on, and what must not be taken over is refused."""

import io
from pathlib import Path

import numpy as np
import pytest

from bench.reference import maximum_likelihood
from hefed.core.errors import BadInput
from hefed.core.protocol import signing
from hefed.core.protocol import threshold as protocol
from hefed.core.protocol.lead import HAND_OVER_MAGIC, HandOverNote, read_hand_over
from hefed.core.protocol.releases import OpenedItem, Publication
from hefed.core.protocol.requests import Request
from hefed.core.words import Said
from hefed.custodian.agent.share import ShareHolder
from hefed.custodian.keeping.ledger import Entry, Ledger, read_lines, verify
from hefed.custodian.keeping.records import BatchRecord, JobRecord, PublicationRecord, SealedRecord, TrustRecord
from hefed.custodian.keeping.store import Store
from hefed.custodian.sharing.hand_over import FILE, Handing, HandOver, lead_without, make, take_hand_over
from hefed.custodian.sharing.lead import lead_file
from tests.custodian.agents import holding, leading
from tests.custodian.conftest import NORTH, SOUTH, pooled
from tests.custodian.consortium import lead, name_everywhere
from tests.custodian.scene import Consortium, coefficients
from tests.words.raises import holds, says

WEST_PLACE = 3


def handing(consortium: Consortium, point: int) -> Handing:
    return consortium.holders[point - 1].handing


def name_west(consortium: Consortium) -> None:
    name_everywhere(consortium.holders, "west")


def start(consortium: Consortium, leads: int) -> None:
    """Every agent anew, after somebody else was named."""
    for point, holder in enumerate(consortium.holders, 1):
        kind = leading if point == leads else holding
        consortium.agents[point - 1] = kind(holder, consortium.client)
        consortium.agents[point - 1].recover()


def under_way(consortium: Consortium, rounds: int = 2) -> Request:
    """A job of which that many rounds were opened under north; the next request waits."""
    consortium.admit(2, 3, 1)
    request = consortium.server.launch("job-1", ["b1", "b2"])
    for _ in range(rounds):
        consortium.poll(2, 3, 1)
        following = consortium.server.proceed(request)
        assert following is not None
        request = following
    return request


def handed(consortium: Consortium) -> bytes:
    return (consortium.homes[0].path / FILE).read_bytes()


def test_a_job_goes_on_under_another_lead_and_finds_the_same_coefficients(consortium: Consortium) -> None:
    request = under_way(consortium)
    consortium.poll(2, 3)  # both have answered the request that waits before the lead moves
    name_west(consortium)
    start(consortium, WEST_PLACE)
    consortium.poll(3)
    assert request.request in consortium.server.waiting
    assert consortium.server.notes[-1] == "agent.awaits_hand_over"
    consortium.poll(1)
    last = consortium.finish(request, 1, 2, 3)
    rows = pooled(0)
    fit = maximum_likelihood(rows.x, rows.y)
    assert np.abs((coefficients(consortium, last) - fit.beta) / fit.standard_errors).max() < 0.02
    assert set(consortium.server.answer(last.request).opened_by) <= {"north", "south", "west"}
    assert consortium.server.taken == {HandOverNote.model_validate(note_of(handed(consortium))).digest}
    start(consortium, WEST_PLACE)
    consortium.poll(1)
    assert not (consortium.homes[0].path / FILE).exists()


def note_of(data: bytes) -> HandOverNote:
    return protocol.verify(read_hand_over(io.BytesIO(data)), HandOverNote)


def test_a_job_that_was_asked_for_and_not_begun_begins_under_the_next_lead(consortium: Consortium) -> None:
    consortium.admit(2, 3, 1)
    request = consortium.server.launch("job-1", ["b1", "b2"])
    consortium.poll(2, 3)
    name_west(consortium)
    start(consortium, WEST_PLACE)
    assert consortium.answer(request, 1, 2, 3).outcome == "next"


def test_what_the_earlier_lead_decided_and_could_not_post_is_posted_byte_for_byte(consortium: Consortium) -> None:
    request = consortium.server.upload("b1", "north", *NORTH)
    consortium.server.interrupt = lambda _: True
    consortium.poll(2, 1)
    consortium.server.interrupt = lambda _: False
    (kept,) = list(handing(consortium, 1).store.unacknowledged())
    stored = handing(consortium, 1).store.answer(kept)
    assert request.request in consortium.server.waiting and stored is not None
    name_west(consortium)
    start(consortium, WEST_PLACE)
    consortium.poll(1, 3)
    assert consortium.server.answers[request.request] == stored.envelope
    answers = [line for line in read_lines(consortium.homes[2].ledger) if line.event == "answer"]
    assert [line.answer_sha256 for line in answers] == [stored.record.answer_sha256]
    verify(consortium.homes[2].ledger)


def test_the_next_lead_refuses_a_pool_that_only_the_earlier_one_knew_to_be_too_similar(consortium: Consortium) -> None:
    consortium.admit(2, 3, 1)
    first = consortium.server.parts(consortium.server.train, ["b1", "b2"])
    similar = [first[0], first[1].model_copy(update={"rows": first[1].rows - 3})]
    fields = {"round": 9, "expects": None, "columns": [], "dictionary_digest": "", "optimiser": None}
    handing(consortium, 1).store.keep_job(JobRecord(job="job-0", cohort=similar, **fields))
    name_west(consortium)
    start(consortium, WEST_PLACE)
    consortium.poll(1, 3)
    answer = consortium.answer(consortium.server.launch("job-1", ["b1", "b2"]), 2, 3)
    assert answer.outcome == "refused"
    assert answer.reasons == ("desk.rows_changed",)


def test_keys_of_approvers_come_along_but_for_those_that_were_distrusted_here(consortium: Consortium) -> None:
    north, west = handing(consortium, 1), handing(consortium, 3)
    good, bad = (TrustRecord(fingerprint=c * 64, institution="south", name="A", trusted_at="") for c in "ab")
    north.store.trust(good)
    north.store.trust(bad)
    west.ledger.append(Entry(event="distrusted", rule=f"key {bad.fingerprint}"))
    name_west(consortium)
    found = take_hand_over(west, io.BytesIO(handed(consortium)))
    assert found.left_out == (bad.fingerprint,)
    assert west.store.trusted() == {good.fingerprint: good}
    last = [line.rule for line in read_lines(west.home.ledger)][-2:]
    assert last[0] == Said(
        "keeping.rule_trusted_handed", fingerprint=good.fingerprint, institution="south", giver="north"
    )
    assert holds(last[1], "keeping.rule_taken", number=1, giver="north", counts=found.counts), last[1]
    assert found.counts == Said(
        "keeping.hand_over_counts", batches=0, jobs=0, under_way=0, sealed=0, publications=0, keys=2
    )


def sealed_and_published(salt: str) -> tuple[SealedRecord, PublicationRecord]:
    item = OpenedItem(item="metrics", salt=salt * 64, text="{}")
    publication = Publication(release="release-1", version=1, digest="c" * 64, items=[item])
    return (
        SealedRecord(request="request-9", job="job-1", items=[item], notes={}),
        PublicationRecord(job="job-1", publication=publication, signers=["d" * 64]),
    )


def test_sealed_results_and_publications_come_along_and_never_change(consortium: Consortium) -> None:
    north, west = handing(consortium, 1).store, handing(consortium, 3).store
    sealed, published = sealed_and_published("a")
    north.keep_sealed(sealed)
    north.publish(published)
    name_west(consortium)
    other, otherwise = sealed_and_published("b")
    west.keep_sealed(other)
    with says("sharing.other_result", BadInput, name="request-9"):
        take_hand_over(handing(consortium, 3), io.BytesIO(handed(consortium)))
    west.keep_sealed(sealed)
    west.publish(otherwise)
    with says("sharing.other_publication", BadInput):
        take_hand_over(handing(consortium, 3), io.BytesIO(handed(consortium)))
    west.publish(published)
    take_hand_over(handing(consortium, 3), io.BytesIO(handed(consortium)))
    assert (west.sealed("request-9"), west.publication("release-1", 1)) == (sealed, published)


def test_a_hand_over_whose_taking_was_interrupted_is_taken_again(
    consortium: Consortium, monkeypatch: pytest.MonkeyPatch
) -> None:
    request = under_way(consortium, 1)
    name_west(consortium)
    with monkeypatch.context() as patched:
        patched.setattr(Store, "keep_answer", stop)
        patched.setattr(Ledger, "append", stop)
        with pytest.raises(KeyboardInterrupt):
            take_hand_over(handing(consortium, 3), io.BytesIO(handed(consortium)))
    start(consortium, WEST_PLACE)
    assert consortium.answer(request, 1, 2, 3).outcome == "next"
    assert [line.event for line in read_lines(consortium.homes[2].ledger)].count("lead-taken") == 1


def stop(*_: object) -> None:
    raise KeyboardInterrupt


def test_without_a_hand_over_batches_must_be_admitted_again(consortium: Consortium) -> None:
    under_way(consortium, 0)
    for holder in consortium.holders[1:]:
        lead(holder.custodian.home.path, holder.identity, holder.sharing, "west")
    start(consortium, WEST_PLACE)
    assert lead_without(handing(consortium, 3)) == "north"
    consortium.server.waiting.clear()
    answer = consortium.answer(consortium.server.launch("job-2", ["b1", "b2"]), 2, 3)
    assert answer.reasons == ("desk.not_admitted",)
    for batch, institution, rows in (("b1", "north", NORTH), ("b2", "south", SOUTH)):
        assert consortium.answer(consortium.server.upload(batch, institution, *rows), 2, 3).outcome == "admitted"
    assert consortium.answer(consortium.server.launch("job-3", ["b1", "b2"]), 2, 3).outcome == "next"


# ---- what is refused -------------------------------------------------------------------------------------------------


@pytest.fixture
def moving(consortium: Consortium) -> Consortium:
    """North has handed over to west, which waits for it."""
    name_west(consortium)
    return consortium


def forged(consortium: Consortium, **changes: object) -> bytes:
    """A hand-over to west whose note says something else, signed by north."""
    return signed(consortium, note_of(handed(consortium)).model_copy(update=changes), consortium.holders[0])


def signed(consortium: Consortium, note: HandOverNote, signer: ShareHolder) -> bytes:
    sealed = handed(consortium).split(b"\n", 2)[2]
    line = protocol.sign(note, signer.identity.signing).model_dump_json().encode()
    return HAND_OVER_MAGIC + line + b"\n" + sealed


REFUSED = {
    "sharing.hand_over_study": lambda c: forged(c, study="other"),
    "sharing.hand_over_sharing": lambda c: forged(c, sharing="0" * 64),
    "sharing.hand_over_stranger": lambda c: signed(c, note_of(handed(c)), c.holders[1]),
    "sharing.hand_over_other": lambda c: forged(c, taker=2),
    "sharing.awaits_another": lambda c: signed(c, note_of(handed(c)).model_copy(update={"giver": 2}), c.holders[1]),
    "sharing.hand_over_bytes": lambda c: handed(c)[:-1],
    "protocol.no_hand_over": lambda c: b"something else",
    "protocol.hand_over_changed": lambda c: HAND_OVER_MAGIC + b"{}\n",
    "sharing.hand_over_content": lambda c: forged(c, number=7),
}


@pytest.mark.parametrize("code", REFUSED)
def test_a_hand_over_that_is_not_for_this_hospital_now_changes_nothing(moving: Consortium, code: str) -> None:
    before = contents(moving.homes[2].path)
    with says(code, BadInput):
        take_hand_over(handing(moving, 3), io.BytesIO(REFUSED[code](moving)))
    assert contents(moving.homes[2].path) == before


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_nobody_but_the_next_lead_can_open_a_hand_over(moving: Consortium) -> None:
    sealed = handed(moving).split(b"\n", 2)[2].decode()
    for point in (1, 2):
        with says("protocol.sealed", BadInput):
            signing.unseal(sealed, handing(moving, point).identity.agreement, HandOver)


def test_a_hand_over_is_taken_once_and_an_older_one_not_after_a_newer(moving: Consortium) -> None:
    first = handed(moving)
    take_hand_over(handing(moving, 3), io.BytesIO(first))
    with says("sharing.awaits_nobody", BadInput):
        take_hand_over(handing(moving, 3), io.BytesIO(first))
    back_to_north_and_again_to_west(moving)
    with says("sharing.hand_over_old", BadInput, number=1, seen=2):
        take_hand_over(handing(moving, 3), io.BytesIO(first))
    take_hand_over(handing(moving, 3), io.BytesIO(handed(moving)))
    assert lead_file(moving.homes[2].path).number == 3


def back_to_north_and_again_to_west(consortium: Consortium) -> None:
    north, west = (consortium.holders[point - 1] for point in (1, 3))
    make(west.handing, north.handing.seat)
    for holder in (north, west):
        lead(holder.custodian.home.path, holder.identity, holder.sharing, "north")
    take_hand_over(north.handing, io.BytesIO((west.handing.home.path / FILE).read_bytes()))
    name_west(consortium)


@pytest.mark.parametrize(("led", "seen"), [(True, 4), (False, 5)])
def test_a_directory_that_has_seen_more_of_a_job_keeps_it(consortium: Consortium, led: bool, seen: int) -> None:
    fields = {"expects": None, "cohort": [], "columns": [], "dictionary_digest": "", "optimiser": None}
    handing(consortium, 1).store.keep_job(JobRecord(job="job-1", round=3, **fields))
    handing(consortium, 3).store.keep_job(JobRecord(job="job-1", round=seen, led=led, **fields))
    name_west(consortium)
    with says("sharing.hand_over_round", BadInput, job="job-1", round=3, seen=seen):
        take_hand_over(handing(consortium, 3), io.BytesIO(handed(consortium)))


def test_a_batch_that_changed_hands_is_not_taken_over(consortium: Consortium) -> None:
    fields = {"batch": "b1", "rows": 9, "n_columns": 1, "sums": [1.0]}
    handing(consortium, 1).store.keep_batches([BatchRecord(institution="north", **fields)])
    handing(consortium, 3).store.keep_batches([BatchRecord(institution="south", **fields)])
    name_west(consortium)
    with says("sharing.hand_over_batch", BadInput, batch="b1", rows=9, institution="north", own_rows=9, own="south"):
        take_hand_over(handing(consortium, 3), io.BytesIO(handed(consortium)))


def test_a_hospital_that_never_took_over_has_nothing_to_hand_over(moving: Consortium) -> None:
    with says("sharing.awaits_itself", BadInput, awaits="north"):
        make(handing(moving, 3), handing(moving, 2).seat)
