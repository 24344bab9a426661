"""What only the lead may say, and hand-overs of the lead: of another sharing, place, number or body, it is nothing."""

import io
from collections.abc import Callable

import pytest
from pydantic import ValidationError

from hefed.core.errors import BadInput
from hefed.core.protocol import threshold
from hefed.core.protocol.lead import (
    HAND_OVER_MAGIC,
    HandOverNote,
    LeadStatement,
    read,
    read_hand_over,
    sha256_of,
    state,
)
from hefed.core.protocol.signing import SignatureInvalid
from hefed.core.protocol.threshold import Signed
from tests.protocol.examples import example
from tests.protocol.people import DIGEST, OTHER, agent, hand_over_note, lead_statement, sharing
from tests.words.raises import says

LEAD, OTHER_HOSPITAL = agent("north"), agent("south")
SEALED = b"what is sealed to the taker"
NOTE = hand_over_note(sealed_sha256=sha256_of(SEALED), sealed_bytes=len(SEALED))


# ---- statements ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("word", ["answer", "report", "publication", "note", "taken"])
def test_a_statement_of_the_lead_comes_back(word: str) -> None:
    said = lead_statement(says=word)
    assert read(state(said, LEAD.signing), LEAD.card) == said


@pytest.mark.parametrize("word", ["", "Answer", "approve", "delete", "answer "])
def test_a_lead_has_no_other_words(word: str) -> None:
    with pytest.raises(ValidationError, match="says"):
        lead_statement(says=word)


def test_a_statement_that_another_hospital_signed_is_not_the_leads() -> None:
    """Also where it names the lead's place."""
    with says("protocol.signature", SignatureInvalid, message="LeadStatement"):
        read(state(lead_statement(point=1), OTHER_HOSPITAL.signing), LEAD.card)


def test_the_same_keys_on_an_older_card_still_read_what_they_signed() -> None:
    renamed = LEAD.named(name="North, renamed")
    assert read(state(lead_statement(), LEAD.signing), renamed.card) == lead_statement()


@pytest.mark.parametrize(
    "changes",
    [
        {"sharing": sharing(epoch=2).digest},
        {"sharing": sharing(key_fingerprint=OTHER).digest},
        {"point": 2},
        {"says": "report"},
        {"target": "request-0002"},
        {"target": "request-0001 "},
        {"payload_sha256": OTHER},
        {"payload_sha256": ""},
        {"body_sha256": DIGEST},
    ],
    ids=lambda changes: "-".join(changes),
)
def test_a_statement_for_something_else_is_another_statement(changes: dict[str, object]) -> None:
    """The server compares the whole: an older epoch, another place or body never equals what it expects."""
    assert read(state(lead_statement(**changes), LEAD.signing), LEAD.card) != lead_statement()


def test_a_statement_is_about_the_bytes_of_its_body() -> None:
    assert sha256_of(b"abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    assert len({sha256_of(body) for body in (b"", b"\0", b"abc", b"abc\n")}) == 4


def test_a_header_longer_than_any_statement_is_refused() -> None:
    text = state(lead_statement(), LEAD.signing)
    for long in (text + "A" * 10_000, "A" * 10_000 + text, "A" * 50_000_000):
        with says("protocol.signature", SignatureInvalid):
            read(long, LEAD.card)


def test_the_longest_statement_fits_into_a_header() -> None:
    longest = lead_statement(target="\u1100" * 200)
    assert read(state(longest, LEAD.signing), LEAD.card) == longest


def test_a_hand_over_note_is_no_statement_of_the_lead() -> None:
    with says("protocol.signature", SignatureInvalid):
        read(threshold.sign(NOTE, LEAD.signing).jws, LEAD.card)


# ---- hand-overs ------------------------------------------------------------------------------------------------------


def file_of(note: HandOverNote = NOTE, sealed: bytes = SEALED, magic: bytes = HAND_OVER_MAGIC) -> bytes:
    return magic + threshold.sign(note, LEAD.signing).model_dump_json().encode() + b"\n" + sealed


def test_a_hand_over_is_read_up_to_what_is_sealed() -> None:
    stream = io.BytesIO(file_of())
    signed = read_hand_over(stream)
    assert threshold.verify(signed, HandOverNote, LEAD.card.signing) == NOTE
    assert stream.read() == SEALED


@pytest.mark.parametrize(
    "magic", [b"", b"HEFED-HAND-OVER/2\n", b"HEFED-HAND-OVER/1\r\n", b"hefed-hand-over/1\n", b"HEFED\x01\r\n", b"\n"]
)
def test_a_file_that_begins_otherwise_is_no_hand_over(magic: bytes) -> None:
    with says("protocol.no_hand_over", BadInput):
        read_hand_over(io.BytesIO(file_of(magic=magic)))


@pytest.mark.parametrize("length", range(len(HAND_OVER_MAGIC)))
def test_a_file_cut_in_its_first_line_is_no_hand_over(length: int) -> None:
    with says("protocol.no_hand_over", BadInput):
        read_hand_over(io.BytesIO(file_of()[:length]))


def test_a_file_cut_anywhere_in_its_note_is_a_changed_one() -> None:
    whole = file_of(sealed=b"")
    for length in range(len(HAND_OVER_MAGIC), len(whole) - 1):
        with says("protocol.hand_over_changed", BadInput):
            read_hand_over(io.BytesIO(whole[:length]))


@pytest.mark.parametrize(
    "line",
    [
        b"",
        b"\n",
        b"{}\n",
        b"null\n",
        b"\xff\xff\n",
        b"[" * 8000 + b"\n",
        b'{"signer":{},"jws":"a.b.c"}\n',
        b" " * 9000 + b"{}\n",
        b"x" * 100_000,
    ],
)
def test_a_note_that_is_no_signed_message_is_a_changed_one(line: bytes) -> None:
    with says("protocol.hand_over_changed", BadInput):
        read_hand_over(io.BytesIO(HAND_OVER_MAGIC + line))


def test_a_note_of_any_length_is_not_read_into_memory() -> None:
    stream = io.BytesIO(HAND_OVER_MAGIC + b" " * 1_000_000)
    with says("protocol.hand_over_changed", BadInput):
        read_hand_over(stream)
    assert stream.tell() < 20_000


def test_a_note_signed_by_another_than_the_giver_is_found_out() -> None:
    signed = threshold.sign(NOTE, OTHER_HOSPITAL.signing)
    body = HAND_OVER_MAGIC + signed.model_dump_json().encode() + b"\n"
    with says("protocol.other_signer", SignatureInvalid):
        threshold.verify(read_hand_over(io.BytesIO(body)), HandOverNote, LEAD.card.signing)


def swapped_payload(signed: Signed) -> Signed:
    other = threshold.sign(hand_over_note(taker=3), LEAD.signing)
    head, _, signature = signed.jws.split(".")
    return signed.model_copy(update={"jws": f"{head}.{other.jws.split('.')[1]}.{signature}"})


def named_signer(signed: Signed) -> Signed:
    return signed.model_copy(update={"signer": OTHER_HOSPITAL.card.signing})


@pytest.mark.parametrize("change", [swapped_payload, named_signer])
def test_a_note_changed_on_its_way_is_found_out(change: Callable[[Signed], Signed]) -> None:
    signed = change(threshold.sign(NOTE, LEAD.signing))
    body = HAND_OVER_MAGIC + signed.model_dump_json().encode() + b"\n" + SEALED
    with pytest.raises(SignatureInvalid):
        threshold.verify(read_hand_over(io.BytesIO(body)), HandOverNote, LEAD.card.signing)


@pytest.mark.parametrize(
    "changes",
    [
        {"study": "another"},
        {"sharing": sharing(epoch=2).digest},
        {"giver": 3},
        {"taker": 3},
        {"number": 2},
        {"sealed_sha256": OTHER},
        {"sealed_bytes": 1},
    ],
    ids=lambda changes: "-".join(changes),
)
def test_a_hand_over_has_another_digest_when_anything_is_another(changes: dict[str, object]) -> None:
    assert hand_over_note(**changes).digest != hand_over_note().digest


def test_a_note_is_the_same_after_a_round_through_json() -> None:
    again = HandOverNote.model_validate_json(NOTE.model_dump_json())
    assert (again, again.digest) == (NOTE, NOTE.digest)


def test_a_statement_of_another_version_of_the_protocol_is_refused() -> None:
    with pytest.raises(ValidationError, match="format"):
        LeadStatement.model_validate(example("lead.LeadStatement", format="hefed-lead/2"))
