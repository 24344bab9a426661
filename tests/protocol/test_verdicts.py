"""Verdicts and signed statements of approval: whose they are, of which sharing and release, and of which numbers."""

import pytest

from hefed.core.protocol.releases import (
    ApproverKey,
    OpenedItem,
    PreviewContent,
    Statement,
    commit,
    manifest_digest,
    sign,
    signer_of,
    verify,
)
from hefed.core.protocol.signing import SignatureInvalid, sign_text
from hefed.core.protocol.threshold import Sharing
from hefed.core.protocol.verdicts import digest_of_preview, read_verdict, sign_verdict
from tests.protocol.examples import example
from tests.protocol.people import DIGEST, OTHER, agent, lead_statement, presence, seats, sharing, verdict
from tests.words.raises import says

NORTH, SOUTH, EAST = agent("north"), agent("south"), agent("east")


# ---- verdicts --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("point", [1, 2, 3])
def test_a_verdict_is_read_with_the_seat_of_its_hospital(point: int) -> None:
    said, who = verdict(point=point), (NORTH, SOUTH, EAST)[point - 1]
    assert read_verdict(sign_verdict(said, who.signing).jws, sharing()) == (said, sharing().seats[point - 1])


def test_a_rejection_is_read_with_its_reason() -> None:
    said = verdict(says="reject", reason="the cells are small")
    assert read_verdict(sign_verdict(said, NORTH.signing).jws, sharing())[0].reason == "the cells are small"


@pytest.mark.parametrize(("point", "signer"), [(1, SOUTH), (2, NORTH), (3, SOUTH), (1, agent("far"))])
def test_a_verdict_in_the_name_of_another_hospital_is_refused(point: int, signer: object) -> None:
    jws = sign_verdict(verdict(point=point), signer.signing).jws
    with says("protocol.verdict_card", SignatureInvalid, name=sharing().seats[point - 1].card.name):
        read_verdict(jws, sharing())


@pytest.mark.parametrize(
    "other",
    [
        sharing(epoch=2),
        sharing(threshold=3),
        sharing(seats=seats(4)),
        sharing(key_fingerprint=OTHER),
        sharing(profile="N13_L4"),
    ],
    ids=["epoch", "threshold", "seats", "key", "ring"],
)
def test_a_verdict_of_another_sharing_is_refused(other: Sharing) -> None:
    """An approval given under an older epoch does not count under the next, nor the other way round."""
    for said, current in ((other, sharing()), (sharing(), other)):
        jws = sign_verdict(verdict(sharing=said.digest), NORTH.signing).jws
        with says("protocol.verdict_sharing", SignatureInvalid, found=said.digest[:16], current=current.digest[:16]):
            read_verdict(jws, current)


@pytest.mark.parametrize("place", [4, 5, 9])
def test_a_verdict_from_a_place_beyond_the_seats_is_refused(place: int) -> None:
    jws = sign_verdict(verdict(point=place), NORTH.signing).jws
    with says("protocol.verdict_place", SignatureInvalid, place=place, seats=3):
        read_verdict(jws, sharing())


@pytest.mark.parametrize("text", ["", "a", "a.b.c", "\ud800", "é.é.é", "W10.W10.W10"])
def test_text_that_is_no_verdict_is_refused(text: str) -> None:
    with says("protocol.no_verdict", SignatureInvalid):
        read_verdict(text, sharing())


@pytest.mark.parametrize("other", [presence(), lead_statement(), sharing()], ids=["presence", "lead", "sharing"])
def test_another_message_of_the_same_hospital_is_no_verdict(other: object) -> None:
    with says("protocol.no_verdict", SignatureInvalid):
        read_verdict(sign_text(other, NORTH.signing), sharing())


@pytest.mark.parametrize("changes", [{"version": 2}, {"digest": OTHER}, {"release": "r2"}, {"job": "j2"}, {"point": 2}])
def test_a_verdict_moved_to_another_release_is_refused(changes: dict[str, object]) -> None:
    head, _, signature = sign_verdict(verdict(), NORTH.signing).jws.split(".")
    payload = sign_verdict(verdict(**changes), NORTH.signing).jws.split(".")[1]
    with says("protocol.verdict_card", SignatureInvalid):
        read_verdict(f"{head}.{payload}.{signature}", sharing())


def test_an_approval_turned_into_a_rejection_is_refused() -> None:
    head, _, signature = sign_verdict(verdict(), NORTH.signing).jws.split(".")
    rejection = sign_verdict(verdict(says="reject", reason="no"), NORTH.signing).jws.split(".")[1]
    with says("protocol.verdict_card", SignatureInvalid):
        read_verdict(f"{head}.{rejection}.{signature}", sharing())


# ---- what a verdict and a statement are about ------------------------------------------------------------------------


def preview(**changes: object) -> PreviewContent:
    return PreviewContent.model_validate(example("releases.PreviewContent", **changes))


def test_the_digest_of_a_preview_is_that_of_the_manifest_of_what_was_read() -> None:
    commitments = [item.commitment() for item in preview().items]
    assert digest_of_preview(preview(), "job-0001") == manifest_digest("mortality", "job-0001", commitments)


def test_the_digest_that_a_preview_claims_is_not_believed() -> None:
    claims = [preview(digest=claimed) for claimed in (DIGEST, OTHER)]
    assert len({digest_of_preview(claim, "job-0001") for claim in claims}) == 1


@pytest.mark.parametrize(
    ("changes", "job"),
    [
        ({"study": "another"}, "job-0001"),
        ({}, "job-0002"),
        ({"items": []}, "job-0001"),
        ({"items": [example("releases.OpenedItem", text='{"auroc":0.76}')]}, "job-0001"),
        ({"items": [example("releases.OpenedItem", text='{"auroc":0.750}')]}, "job-0001"),
        ({"items": [example("releases.OpenedItem", salt="1f" * 32)]}, "job-0001"),
        ({"items": [example("releases.OpenedItem", item="curves")]}, "job-0001"),
    ],
)
def test_another_number_study_job_or_salt_is_another_manifest(changes: dict[str, object], job: str) -> None:
    assert digest_of_preview(preview(**changes), job) != digest_of_preview(preview(), "job-0001")


def test_a_commitment_is_the_digest_of_salt_and_text() -> None:
    item = OpenedItem(item="metrics", salt="00" * 32, text="1")
    assert item.commitment().sha256 == "4e77cf06eac5cff3fad8d5e81138dd93eb1be514cd3abbd9e378efa909a7873b"


@pytest.mark.parametrize("content", [float("nan"), {"a": float("inf")}, [float("-inf")]])
def test_what_is_no_number_cannot_be_committed_to(content: object) -> None:
    with pytest.raises(ValueError, match="not JSON compliant"):
        commit("metrics", content)


def statement(**changes: object) -> Statement:
    fields = example("releases.Statement", signer=NORTH.approver.fingerprint)
    return Statement.model_validate(fields | changes)


def test_a_statement_names_its_signer_before_it_is_verified() -> None:
    assert signer_of(sign(statement(), SOUTH.signing)) == NORTH.approver.fingerprint


def test_a_statement_is_its_signers_only_with_both_keys() -> None:
    """The fingerprint binds the two: a right signing key beside a stranger's other key is another person."""
    mixed = ApproverKey(signing=NORTH.card.signing, agreement=SOUTH.card.agreement)
    with says("protocol.statement_key", SignatureInvalid, key=mixed.fingerprint[:16]):
        verify(sign(statement(), NORTH.signing), mixed)


@pytest.mark.parametrize("says_other", ["request", "approve"])
def test_a_request_is_no_approval(says_other: str) -> None:
    said = verify(sign(statement(says=says_other), NORTH.signing), NORTH.approver)
    assert said.says == says_other


def test_a_verdict_of_an_agent_is_no_statement_of_a_person() -> None:
    jws = sign_verdict(verdict(), NORTH.signing).jws
    with says("protocol.statement_signature", SignatureInvalid):
        verify(jws, NORTH.approver)
    with says("protocol.no_statement", SignatureInvalid):
        signer_of(jws)
