"""Commitments, signed statements and encrypted previews: what they hold and what they refuse."""

import base64
from datetime import date

import pytest
from joserfc import jwe
from joserfc.errors import JoseError
from joserfc.jwk import ECKey

from hefed.core.errors import BadInput
from hefed.core.protocol.envelope import canonical_json
from hefed.core.protocol.releases import (
    ApproverKey,
    PreviewContent,
    Statement,
    commit,
    encrypt_preview,
    manifest_digest,
    sign,
    signer_of,
    verify,
)
from hefed.core.protocol.signing import AGREEMENT, CONTENT, PublicJwk, SignatureInvalid
from tests.words.raises import says


class Person:
    def __init__(self) -> None:
        self.signing, self.agreement = ECKey.generate_key("P-256"), ECKey.generate_key("P-256")
        self.key = ApproverKey(signing=public(self.signing), agreement=public(self.agreement))

    def statement(self, **changes: object) -> Statement:
        fields = {
            "says": "approve",
            "study": "mortality",
            "job": "job-0001",
            "release": "release-0001",
            "version": 1,
            "digest": "ab" * 32,
            "expires_on": date(2026, 12, 1),
            "signer": self.key.fingerprint,
        }
        return Statement.model_validate(fields | changes)


def public(key: ECKey) -> PublicJwk:
    return PublicJwk.model_validate({name: key.as_dict(private=False)[name] for name in ("kty", "crv", "x", "y")})


def unpadded(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def test_signed_statement_comes_back_as_it_was():
    person = Person()
    text = sign(person.statement(), person.signing)
    assert signer_of(text) == person.key.fingerprint
    assert verify(text, person.key) == person.statement()


def test_statement_changed_after_signing_is_refused():
    person = Person()
    head, _, signature = sign(person.statement(), person.signing).split(".")
    other = unpadded(canonical_json(person.statement(version=2).model_dump(mode="json")))
    with says("protocol.statement_signature", SignatureInvalid):
        verify(f"{head}.{other}.{signature}", person.key)


def test_statement_without_signature_is_refused():
    person = Person()
    payload = unpadded(canonical_json(person.statement().model_dump(mode="json")))
    head = unpadded(canonical_json({"alg": "none"}))
    with pytest.raises(SignatureInvalid):
        verify(f"{head}.{payload}.", person.key)


def test_statement_in_the_name_of_another_key_is_refused():
    mallory, alice = Person(), Person()
    text = sign(alice.statement(), mallory.signing)
    with says("protocol.statement_key", SignatureInvalid):
        verify(text, mallory.key)
    with says("protocol.statement_signature", SignatureInvalid):
        verify(text, alice.key)


@pytest.mark.parametrize("text", ["", "abc", "a.b.c", "é.é.é"])
def test_text_that_is_no_statement_is_refused(text: str):
    with pytest.raises(SignatureInvalid):
        signer_of(text)


def test_point_off_the_curve_is_no_key():
    with says("protocol.no_point", BadInput):
        PublicJwk(x="A" * 43, y="A" * 43).key()


def test_key_with_a_private_part_is_refused():
    with pytest.raises(ValueError, match="d\n"):
        PublicJwk.model_validate(Person().signing.as_dict(private=True))


def test_fingerprint_binds_both_keys():
    one, other = Person().key, Person().key
    mixed = one.model_copy(update={"agreement": other.agreement})
    assert len({one.fingerprint, other.fingerprint, mixed.fingerprint}) == 3


def test_commitment_of_the_same_content_differs_by_its_salt():
    one, other = commit("metrics", {"auroc": 0.75}), commit("metrics", {"auroc": 0.75})
    assert one.text == other.text
    assert one.commitment().sha256 != other.commitment().sha256


def test_manifest_digest_depends_on_job_and_content_but_not_on_order():
    metrics, curves = commit("metrics", 1).commitment(), commit("curves", 2).commitment()
    digest = manifest_digest("mortality", "job-0001", [metrics, curves])
    assert digest == manifest_digest("mortality", "job-0001", [curves, metrics])
    assert digest != manifest_digest("mortality", "job-0002", [metrics, curves])
    assert digest != manifest_digest("mortality", "job-0001", [metrics])


def test_preview_opens_with_its_readers_key_only():
    reader, other = Person(), Person()
    content = PreviewContent(
        study="mortality", release="release-0001", version=1, digest="cd" * 32, items=[commit("metrics", 1)], notes=[]
    )
    preview = encrypt_preview(content, reader.key)
    assert preview.fingerprint == reader.key.fingerprint
    opened = jwe.decrypt_compact(preview.jwe, reader.agreement, algorithms=[AGREEMENT, CONTENT])
    assert PreviewContent.model_validate_json(opened.plaintext or b"") == content
    with pytest.raises(JoseError):
        jwe.decrypt_compact(preview.jwe, other.agreement, algorithms=[AGREEMENT, CONTENT])
