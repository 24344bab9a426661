"""Signed and sealed messages as a forger meets them: the right key, over exactly these bytes, and nothing else."""

import json
from collections.abc import Callable, Iterator
from itertools import permutations

import pytest
from cryptography.hazmat.primitives import hashes, hmac
from hypothesis import given, settings
from hypothesis import strategies as st
from joserfc import jws
from joserfc.jwk import ECKey
from pydantic import ValidationError

from hefed.core.errors import BadInput
from hefed.core.protocol import threshold
from hefed.core.protocol.base import Message
from hefed.core.protocol.envelope import canonical_json
from hefed.core.protocol.lead import Presence
from hefed.core.protocol.signing import (
    PublicJwk,
    SignatureInvalid,
    claimed,
    public_half,
    read_signed_text,
    sign_text,
)
from tests.protocol.examples import bytes64, example, instance, model, text64
from tests.protocol.people import OTHER, agent, presence
from tests.words.raises import says

ALICE, MALLORY = agent("north"), agent("south")
SIGNED_MESSAGES = [
    "lead.LeadStatement",
    "lead.HandOverNote",
    "lead.Presence",
    "releases.Statement",
    "threshold.Acceptance",
    "threshold.CeremonyRecord",
    "threshold.Dealing",
    "threshold.KeySuccession",
    "threshold.PartialNote",
    "threshold.SharingNotice",
    "verdicts.AgentVerdict",
]
BASE64URL = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"


def parts(message: Message, private: ECKey = ALICE.signing) -> list[str]:
    return sign_text(message, private).split(".")


def signed_bytes(payload: bytes, private: ECKey = ALICE.signing, **header: object) -> str:
    """What somebody with the key but another program can sign."""
    return jws.serialize_compact({"alg": "ES256", **header}, payload, private)


# ---- signatures ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", SIGNED_MESSAGES)
def test_a_signed_message_comes_back_as_it_was(name: str) -> None:
    text = sign_text(instance(name), ALICE.signing)
    assert read_signed_text(text, ALICE.card.signing, model(name)) == instance(name)
    assert claimed(text, model(name)) == instance(name)


def test_what_is_signed_is_the_canonical_json() -> None:
    head, payload, _ = parts(presence())
    assert bytes64(payload) == canonical_json(presence().model_dump(mode="json"))
    assert json.loads(bytes64(head)) == {"alg": "ES256"}


@pytest.mark.parametrize("name", SIGNED_MESSAGES)
def test_a_message_that_somebody_else_signed_is_refused(name: str) -> None:
    with says("protocol.signature", SignatureInvalid, message=model(name).__name__):
        read_signed_text(sign_text(instance(name), MALLORY.signing), ALICE.card.signing, model(name))


def test_the_key_that_opens_seals_signs_nothing() -> None:
    with says("protocol.signature", SignatureInvalid):
        read_signed_text(sign_text(presence(), ALICE.agreement), ALICE.card.signing, Presence)


@pytest.mark.parametrize(("written", "read"), list(permutations(SIGNED_MESSAGES, 2)))
def test_a_message_of_one_kind_is_never_read_as_another(written: str, read: str) -> None:
    text = sign_text(instance(written), ALICE.signing)
    with says("protocol.signature", SignatureInvalid):
        read_signed_text(text, ALICE.card.signing, model(read))
    with says("protocol.not_signed", SignatureInvalid):
        claimed(text, model(read))


def test_a_message_with_the_fields_of_another_is_told_apart_by_its_format() -> None:
    """The same seat, sharing and moment in a statement of another kind say nothing of presence."""
    fields = presence().model_dump(mode="json") | {"format": "hefed-absence/1"}
    with says("protocol.signature", SignatureInvalid):
        read_signed_text(signed_bytes(canonical_json(fields)), ALICE.card.signing, Presence)


@pytest.mark.parametrize(
    "header",
    [
        {"alg": "none"},
        {"alg": "None"},
        {"alg": "HS256"},
        {"alg": "ES384"},
        {"alg": "RS256"},
        {"alg": "es256"},
        {"alg": ["ES256"]},
        {"alg": None},
        {},
        {"alg": "ES256", "crit": ["exp"], "exp": 0},
        {"alg": "ES256", "crit": ["b64"], "b64": False},
        {"alg": "ES256", "b64": False},
    ],
)
@pytest.mark.parametrize("keeps_signature", [True, False])
def test_a_header_that_was_exchanged_is_refused(header: dict[str, object], keeps_signature: bool) -> None:
    _, payload, signature = parts(presence())
    forged = f"{text64(json.dumps(header).encode())}.{payload}.{signature if keeps_signature else ''}"
    with says("protocol.signature", SignatureInvalid):
        read_signed_text(forged, ALICE.card.signing, Presence)


def _public_key_texts() -> Iterator[bytes]:
    jwk = ALICE.card.signing
    yield canonical_json(jwk.model_dump())
    yield bytes64(jwk.x)
    yield bytes64(jwk.x) + bytes64(jwk.y)
    yield jwk.key().as_pem(private=False)


@pytest.mark.parametrize("secret", list(_public_key_texts()), ids=["jwk", "x", "x and y", "pem"])
def test_a_public_key_used_as_the_secret_of_an_hmac_signs_nothing(secret: bytes) -> None:
    head, payload = text64(b'{"alg":"HS256"}'), parts(presence())[1]
    mac = hmac.HMAC(secret, hashes.SHA256())
    mac.update(f"{head}.{payload}".encode())
    with says("protocol.signature", SignatureInvalid):
        read_signed_text(f"{head}.{payload}.{text64(mac.finalize())}", ALICE.card.signing, Presence)


def test_a_key_that_travels_in_the_header_is_not_the_signer() -> None:
    payload = canonical_json(presence().model_dump(mode="json"))
    forged = signed_bytes(payload, MALLORY.signing, jwk=MALLORY.card.signing.model_dump())
    with says("protocol.signature", SignatureInvalid):
        read_signed_text(forged, ALICE.card.signing, Presence)


@pytest.mark.parametrize("changes", [{"point": 2}, {"sharing": OTHER}, {"at": "2026-11-24T12:00:01Z"}])
def test_a_payload_that_was_exchanged_is_refused(changes: dict[str, object]) -> None:
    head, _, signature = parts(presence())
    payload = parts(presence(**changes))[1]
    with says("protocol.signature", SignatureInvalid):
        read_signed_text(f"{head}.{payload}.{signature}", ALICE.card.signing, Presence)


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_one_character_changed_anywhere_never_changes_what_is_read(data: st.DataObject) -> None:
    """The last character of a part has bits that base64 ignores; then the same message is read, and no other."""
    text = sign_text(presence(), ALICE.signing)
    at = data.draw(st.integers(0, len(text) - 1))
    forged = text[:at] + data.draw(st.sampled_from(BASE64URL + ".=+/ \n")) + text[at + 1 :]
    try:
        found = read_signed_text(forged, ALICE.card.signing, Presence)
    except SignatureInvalid:
        return
    assert found == presence()
    assert forged == text or text[at + 1 : at + 2] in {".", ""}


@pytest.mark.parametrize(
    "spoil",
    [
        lambda r, s: bytes(64),
        lambda r, s: r + bytes(32),
        lambda r, s: bytes(32) + s,
        lambda r, s: b"\xff" * 64,
        lambda r, s: s + r,
        lambda r, s: r,
        lambda r, s: r + s + b"\0",
        lambda r, s: b"",
        lambda r, s: b"\x30\x44\x02\x20" + r + b"\x02\x20" + s,
    ],
    ids=["zero", "s zero", "r zero", "beyond the order", "turned", "half", "longer", "none", "DER"],
)
def test_a_signature_that_is_no_pair_of_this_key_is_refused(spoil: Callable[[bytes, bytes], bytes]) -> None:
    head, payload, signature = parts(presence())
    raw = bytes64(signature)
    with says("protocol.signature", SignatureInvalid):
        read_signed_text(f"{head}.{payload}.{text64(spoil(raw[:32], raw[32:]))}", ALICE.card.signing, Presence)


@pytest.mark.parametrize(
    "text", ["", ".", "..", "...", "a", "a.b", "a.b.c.d", "W10.W10.W10", "bnVsbA.e30.", "\ud800.a.b"]
)
def test_text_that_is_no_jws_is_refused(text: str) -> None:
    with says("protocol.signature", SignatureInvalid):
        read_signed_text(text, ALICE.card.signing, Presence)
    with says("protocol.not_signed", SignatureInvalid):
        claimed(text, Presence)


@pytest.mark.parametrize("payload", [b"", b"null", b"[]", b"{}", b"\xff", b'{"point":1}', b"[" * 100_000])
def test_signed_bytes_that_are_no_such_message_are_refused(payload: bytes) -> None:
    with says("protocol.signature", SignatureInvalid):
        read_signed_text(signed_bytes(payload), ALICE.card.signing, Presence)


def test_a_signed_message_with_one_field_more_is_refused() -> None:
    more = canonical_json(presence().model_dump(mode="json") | {"also": 1})
    with says("protocol.signature", SignatureInvalid):
        read_signed_text(signed_bytes(more), ALICE.card.signing, Presence)


def test_a_message_of_many_megabytes_is_signed_and_read() -> None:
    big = model("threshold.Dealing").model_validate(example("threshold.Dealing", pieces=["x" * 3_000_000]))
    assert read_signed_text(sign_text(big, ALICE.signing), ALICE.card.signing, type(big)) == big


def test_claimed_tells_what_a_forger_says_too() -> None:
    """So nothing may hang on it but the choice of the key to verify with."""
    head, payload, _ = parts(presence(point=3), MALLORY.signing)
    assert claimed(f"{head}.{payload}.AAAA", Presence).point == 3


# ---- a signature with its signer beside it ---------------------------------------------------------------------------


def test_a_signed_message_names_its_signer() -> None:
    signed = threshold.sign(presence(), ALICE.signing)
    assert signed.signer == ALICE.card.signing
    assert threshold.verify(signed, Presence) == presence()
    assert threshold.verify(signed, Presence, ALICE.card.signing) == presence()


def test_who_signs_with_a_key_of_their_own_is_not_who_was_asked() -> None:
    signed = threshold.sign(presence(), MALLORY.signing)
    assert threshold.verify(signed, Presence) == presence()
    with says("protocol.other_signer", SignatureInvalid):
        threshold.verify(signed, Presence, ALICE.card.signing)


def test_naming_another_signer_does_not_make_it_theirs() -> None:
    signed = threshold.sign(presence(), MALLORY.signing).model_copy(update={"signer": ALICE.card.signing})
    for signer in (None, ALICE.card.signing):
        with says("protocol.signature", SignatureInvalid):
            threshold.verify(signed, Presence, signer)


def test_a_signer_off_the_curve_is_refused() -> None:
    nowhere = PublicJwk(x="A" * 43, y="A" * 43)
    signed = threshold.sign(presence(), ALICE.signing).model_copy(update={"signer": nowhere})
    with pytest.raises(BadInput):
        threshold.verify(signed, Presence)


# ---- keys ------------------------------------------------------------------------------------------------------------


def test_the_public_half_has_no_private_part() -> None:
    shown = public_half(ALICE.signing).model_dump()
    assert set(shown) == {"kty", "crv", "x", "y"}
    assert str(ALICE.signing.as_dict(private=True)["d"]) not in json.dumps(shown)


@pytest.mark.parametrize(
    "changes",
    [
        {"kty": "oct", "k": "AAAA"},
        {"kty": "RSA"},
        {"crv": "P-384"},
        {"crv": "secp256k1"},
        {"x": "A" * 42},
        {"x": "A" * 44},
        {"y": "A" * 42 + "="},
        {"y": "A" * 42 + "+"},
        {"d": "A" * 43},
        {"kid": "north"},
    ],
)
def test_a_key_of_another_kind_is_refused(changes: dict[str, str]) -> None:
    with pytest.raises(ValidationError):
        PublicJwk.model_validate(ALICE.card.signing.model_dump() | changes)


@pytest.mark.parametrize("coordinate", ["x", "y"])
@pytest.mark.parametrize("spare", [1, 2, 3])
def test_a_key_is_written_in_one_way_only(coordinate: str, spare: int) -> None:
    """43 characters carry 258 bits; two spare ones would give one key four fingerprints."""
    fields = ALICE.card.signing.model_dump()
    last = BASE64URL.index(fields[coordinate][-1])
    other = fields[coordinate][:-1] + BASE64URL[last + spare]
    assert bytes64(other) == bytes64(fields[coordinate])
    with pytest.raises(ValidationError, match=coordinate):
        PublicJwk.model_validate(fields | {coordinate: other})


def test_a_point_with_exchanged_coordinates_is_no_key() -> None:
    jwk = ALICE.card.signing
    with says("protocol.no_point", BadInput):
        PublicJwk(x=jwk.y, y=jwk.x).key()
