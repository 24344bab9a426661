"""Signed and sealed messages: the one place that writes and reads them.

A signed message is its canonical JSON as JWS (RFC 7515, ES256), a sealed one as JWE (RFC 7516, ECDH-ES with A256GCM),
with keys on P-256 (JWK, RFC 7517). Who must have signed, or may open, is the caller's to say.
"""

from collections.abc import Mapping
from typing import Annotated, Literal, TypeVar

from joserfc import jwe, jws
from joserfc.errors import JoseError
from joserfc.jwe import JWERegistry
from joserfc.jwk import ECKey
from joserfc.jws import JWSRegistry
from pydantic import Field, ValidationError

from hefed.core.errors import BadInput
from hefed.core.protocol.base import Message
from hefed.core.protocol.envelope import canonical_json
from hefed.core.words import Said

SIGNATURE, AGREEMENT, CONTENT = "ES256", "ECDH-ES", "A256GCM"
MAX_CHARACTERS = 256 * 1024 * 1024
_SHOWN_CHARACTERS = 16
# 32 bytes; the last character carries four bits, so that one key is written, and fingerprinted, in one way only
_Coordinate = Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048]$")]
M = TypeVar("M", bound=Message)


class SignatureInvalid(BadInput):
    """A message was not signed by the key that it should be, or says something else than it should."""


class PublicJwk(Message):
    """The public half of a P-256 key; a private part (``d``) is refused as an unknown field."""

    kty: Literal["EC"] = "EC"
    crv: Literal["P-256"] = "P-256"
    x: _Coordinate
    y: _Coordinate

    def key(self) -> ECKey:
        """Raises BadInput when the coordinates are no point of the curve."""
        try:
            found = ECKey.import_key(self.model_dump())
            found.raw_value  # noqa: B018  the point is checked on first use
        except (JoseError, ValueError) as error:
            raise BadInput("protocol.no_point") from error
        return found


class _LargeJws(JWSRegistry):
    """A dealing holds a sealed share for each hospital: 150 kB each at ring degree 16,384."""

    max_payload_length = MAX_CHARACTERS


class _LargeJwe(JWERegistry):
    """A share is 110 kB, an answer to a ciphertext of scores as much."""

    max_ciphertext_length = MAX_CHARACTERS


_SIGNING = _LargeJws(algorithms=[SIGNATURE])
_SEALING = _LargeJwe(algorithms=[AGREEMENT, CONTENT])


def public_half(private: ECKey) -> PublicJwk:
    """What may be shown of a key."""
    shown = private.as_dict(private=False)
    return PublicJwk(x=str(shown["x"]), y=str(shown["y"]))


def sign_text(message: Message, private: ECKey) -> str:
    """The message as JWS."""
    payload = canonical_json(message.model_dump(mode="json"))
    return jws.serialize_compact({"alg": SIGNATURE}, payload, private, registry=_SIGNING)


def read_signed_text(text: str, signer: PublicJwk, model: type[M]) -> M:
    """The message in a JWS, signed by this very key; raises SignatureInvalid."""
    try:
        found = jws.deserialize_compact(text.encode(), signer.key(), registry=_SIGNING)
        return model.model_validate_json(found.payload)
    except (JoseError, ValidationError, ValueError) as error:
        raise SignatureInvalid("protocol.signature", message=model.__name__) from error


def claimed(text: str, model: type[M]) -> M:
    """What a JWS says before anybody verified it: good for finding whose key must have signed, and for nothing else."""
    try:
        return model.model_validate_json(jws.extract_compact(text.encode()).payload)
    except (JoseError, ValidationError, ValueError) as error:
        raise SignatureInvalid("protocol.not_signed", message=model.__name__) from error


def check_says(message: Message, wanted: Mapping[str, object], what: Said) -> None:
    """Raise SignatureInvalid unless the message says all of this; ``what`` names the message."""
    for name, value in wanted.items():
        found = getattr(message, name)
        if found != value:
            shown, expected = (str(each)[:_SHOWN_CHARACTERS] for each in (found, value))
            raise SignatureInvalid("protocol.about_another", what=what, name=name, found=shown, wanted=expected)


def seal_text(message: Message, reader: PublicJwk) -> str:
    """The message as JWE, for the holder of that key only."""
    header = {"alg": AGREEMENT, "enc": CONTENT}
    return jwe.encrypt_compact(header, canonical_json(message.model_dump(mode="json")), reader.key(), registry=_SEALING)


def unseal(text: str, private: ECKey, model: type[M]) -> M:
    """The message sealed to this key; raises BadInput."""
    try:
        found = jwe.decrypt_compact(text, private, registry=_SEALING)
        return model.model_validate_json(found.plaintext or b"")
    except (JoseError, ValidationError, ValueError) as error:
        raise BadInput("protocol.sealed", message=model.__name__) from error
