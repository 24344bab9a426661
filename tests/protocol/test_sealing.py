"""Sealed messages as a forger and a curious reader meet them: for one card, whole, and one kind for no other."""

import json
from itertools import permutations

import pytest
from joserfc import jwe

from hefed.core.errors import BadInput
from hefed.core.protocol import threshold
from hefed.core.protocol.envelope import canonical_json
from hefed.core.protocol.lead import Presence
from hefed.core.protocol.signing import (
    SignatureInvalid,
    read_signed_text,
    seal_text,
    sign_text,
    unseal,
)
from tests.protocol.examples import bytes64, example, instance, model, text64
from tests.protocol.people import agent, presence
from tests.words.raises import says

ALICE, MALLORY = agent("north"), agent("south")
SEALED_MESSAGES = ["threshold.SharedPiece", "threshold.PartialOpening", "releases.PreviewContent"]


@pytest.mark.parametrize("name", SEALED_MESSAGES)
def test_a_sealed_message_opens_for_its_reader_only(name: str) -> None:
    sealed = threshold.seal(instance(name), ALICE.card)
    assert unseal(sealed, ALICE.agreement, model(name)) == instance(name)
    for other in (MALLORY.agreement, ALICE.signing):
        with says("protocol.sealed", BadInput, message=model(name).__name__):
            unseal(sealed, other, model(name))


def test_a_message_sealed_twice_looks_different() -> None:
    texts = [seal_text(presence(), ALICE.card.agreement) for _ in range(2)]
    assert not set(texts[0].split(".")[2:]) & set(texts[1].split(".")[2:])


@pytest.mark.parametrize(("written", "read"), list(permutations(SEALED_MESSAGES, 2)))
def test_a_sealed_message_of_one_kind_is_never_read_as_another(written: str, read: str) -> None:
    with says("protocol.sealed", BadInput):
        unseal(threshold.seal(instance(written), ALICE.card), ALICE.agreement, model(read))


@pytest.mark.parametrize("part", [0, 2, 3, 4], ids=["header", "iv", "ciphertext", "tag"])
@pytest.mark.parametrize("at", [0, -2])
def test_a_seal_with_one_character_changed_is_refused(part: int, at: int) -> None:
    pieces = seal_text(presence(), ALICE.card.agreement).split(".")
    letters = list(pieces[part])
    letters[at] = "A" if letters[at] != "A" else "B"
    pieces[part] = "".join(letters)
    with says("protocol.sealed", BadInput):
        unseal(".".join(pieces), ALICE.agreement, Presence)


@pytest.mark.parametrize("part", [0, 2, 3, 4], ids=["header", "iv", "ciphertext", "tag"])
def test_a_part_of_another_seal_to_the_same_reader_does_not_fit(part: int) -> None:
    one, other = (seal_text(presence(point=point), ALICE.card.agreement).split(".") for point in (1, 2))
    one[part] = other[part]
    with says("protocol.sealed", BadInput):
        unseal(".".join(one), ALICE.agreement, Presence)


@pytest.mark.parametrize("length", [0, 1, 4, 8, 12, 15])
def test_a_shortened_tag_is_refused(length: int) -> None:
    *rest, tag = seal_text(presence(), ALICE.card.agreement).split(".")
    with says("protocol.sealed", BadInput):
        unseal(".".join([*rest, text64(bytes64(tag)[:length])]), ALICE.agreement, Presence)


@pytest.mark.parametrize("text", ["", "....", "a.b.c.d.e", "a.b.c", "W10.a.b.c.d", "bnVsbA.a.b.c.d", "\ud800.a.b.c.d"])
def test_text_that_is_no_jwe_is_refused(text: str) -> None:
    with says("protocol.sealed", BadInput):
        unseal(text, ALICE.agreement, Presence)


@pytest.mark.parametrize(
    ("header", "names"),
    [
        ({"alg": "ECDH-ES", "enc": "A128GCM"}, ["ECDH-ES", "A128GCM"]),
        ({"alg": "ECDH-ES", "enc": "A128CBC-HS256"}, ["ECDH-ES", "A128CBC-HS256"]),
        ({"alg": "ECDH-ES+A256KW", "enc": "A256GCM"}, ["ECDH-ES+A256KW", "A256GCM"]),
        ({"alg": "ECDH-ES", "enc": "A256GCM", "zip": "DEF"}, ["ECDH-ES", "A256GCM", "DEF"]),
    ],
)
def test_a_seal_of_another_making_is_refused(header: dict[str, str], names: list[str]) -> None:
    """The last is how a few kilobytes become gigabytes."""
    payload = canonical_json(presence().model_dump(mode="json"))
    sealed = jwe.encrypt_compact(header, payload, ALICE.card.agreement.key(), algorithms=names)
    with says("protocol.sealed", BadInput):
        unseal(sealed, ALICE.agreement, Presence)


def test_a_signature_is_no_seal_and_a_seal_no_signature() -> None:
    with says("protocol.sealed", BadInput):
        unseal(sign_text(presence(), ALICE.signing), ALICE.agreement, Presence)
    with says("protocol.signature", SignatureInvalid):
        read_signed_text(seal_text(presence(), ALICE.card.agreement), ALICE.card.signing, Presence)


def test_a_sealed_message_of_many_megabytes_opens() -> None:
    big = model("threshold.SharedPiece").model_validate(example("threshold.SharedPiece", words="A" * 3_000_000))
    assert unseal(threshold.seal(big, ALICE.card), ALICE.agreement, type(big)) == big


def test_a_seal_says_nothing_of_what_is_in_it_but_its_length() -> None:
    piece = instance("threshold.SharedPiece")
    sealed = threshold.seal(piece, ALICE.card)
    size = len(canonical_json(piece.model_dump(mode="json")))
    assert len(bytes64(sealed.split(".")[3])) == size
    assert set(json.loads(bytes64(sealed.split(".")[0]))) == {"alg", "enc", "epk"}
