"""The ceremony: on a machine without a network a key is made, shared, sealed to the hospitals, and forgotten.

The secret key is in the memory of this one process for about two seconds and in no file. docs/adr/1102 says what Python
can overwrite and what it cannot.
"""

import hashlib
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from importlib.metadata import version
from pathlib import Path

import numpy as np
from joserfc.jwk import ECKey
from pydantic import ValidationError

from hefed.core.ckks.backend import generate_keys
from hefed.core.ckks.keys import EvaluationKeys
from hefed.core.ckks.params import profile
from hefed.core.errors import BadInput, WrongKey
from hefed.core.protocol.envelope import Label
from hefed.core.protocol.signing import unseal
from hefed.core.protocol.threshold import (
    AgentCard,
    CeremonyRecord,
    Seat,
    SharedPiece,
    Sharing,
    Signed,
    digest_of,
    seal,
    sign,
    verify,
)
from hefed.core.threshold.pieces import scheme_of, to_piece
from hefed.core.threshold.shamir import Share, split
from hefed.custodian.keeping.files import private_directory, write_private
from hefed.custodian.keeping.opened import write_key
from hefed.custodian.sharing.holding import HeldShare, read_signed
from hefed.custodian.sharing.identity import Identity

RECORD, PUBLIC_KEY, RELINEARISATION_KEY = "ceremony.json", "public-key.hefed", "relinearisation-key.hefed"
_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Plan:
    """What is decided before a ceremony. The order of the cards is the order of the seats."""

    study: str
    profile: str
    threshold: int
    cards: tuple[AgentCard, ...]
    expires_on: date


def share_file(point: int, card: AgentCard) -> str:
    """The name of the file that goes to one hospital."""
    return f"share-{point}-{card.institution}.jwe"


def hold_ceremony(plan: Plan, out: Path) -> tuple[Signed, CeremonyRecord]:
    """Write public keys, sealed shares and the signed record into an empty directory."""
    if out.exists() and any(out.iterdir()):
        raise BadInput("sharing.out_not_empty", out=str(out))
    private_directory(out)
    keys, sharing, shares = _shared_key(plan)
    pieces = [to_piece(sharing, share) for share in shares]
    _write(out, sharing, keys, pieces)
    record = CeremonyRecord(
        sharing=sharing,
        relinearisation=hashlib.sha256(keys.relinearisation).hexdigest(),
        shares=[digest_of(piece) for piece in pieces],
        made_at=datetime.now(UTC).isoformat(timespec="seconds"),
        library=f"SEAL in TenSEAL {version('tenseal')}",
    )
    signed = sign(record, ECKey.generate_key("P-256"))  # that key signs this one record and is forgotten
    write_private(out / RECORD, signed.model_dump_json(indent=1).encode())
    return signed, record


def sharing_of(plan: Plan, key_fingerprint: str, epoch: int = 1) -> Sharing:
    """The plan as a checked sharing; raises BadInput with the rule that is broken."""
    seats = [Seat(point=point, card=card) for point, card in enumerate(plan.cards, 1)]
    try:
        return Sharing(
            study=plan.study,
            profile=plan.profile,
            key_fingerprint=key_fingerprint,
            epoch=epoch,
            threshold=plan.threshold,
            seats=seats,
            expires_on=plan.expires_on,
        )
    except ValidationError as error:
        first = error.errors()[0]
        raise BadInput("sharing.plan", why=first["msg"].removeprefix("Value error, ")) from None


def from_ceremony(folder: Path, identity: Identity, expected: str) -> HeldShare:
    """The hospital's share out of the ceremony's files. ``expected``: the sharing's digest as it was read aloud."""
    record = verify(read_signed(folder / RECORD), CeremonyRecord)
    sharing = record.sharing
    if sharing.digest != expected:
        raise WrongKey("sharing.other_ceremony", digest=sharing.digest[:16], expected=expected[:16])
    seat = sharing.seat_of(identity.card)
    path = folder / share_file(seat.point, seat.card)
    try:
        sealed = path.read_text()
    except FileNotFoundError:
        raise BadInput("sharing.share_missing", path=str(path)) from None
    piece = unseal(sealed, identity.agreement, SharedPiece)
    if digest_of(piece) != record.shares[seat.point - 1]:
        raise BadInput("sharing.other_share", name=path.name)
    return HeldShare(sharing=sharing, piece=piece)


def _shared_key(plan: Plan) -> tuple[EvaluationKeys, Sharing, list[Share]]:
    """The only place that knows the secret key; overwritten before it is left."""
    sharing_of(plan, "0" * 64)  # a plan that cannot be is refused before there is a key
    secret, keys = generate_keys(profile(plan.profile))
    try:
        sharing = sharing_of(plan, keys.fingerprint)
        return keys, sharing, split(scheme_of(sharing), secret.words[0])
    finally:
        secret.words.fill(np.uint64(0))


def _write(out: Path, sharing: Sharing, keys: EvaluationKeys, pieces: Sequence[SharedPiece]) -> None:
    write_key(out / PUBLIC_KEY, Label("public-key", sharing.study, sharing.profile), keys.public.public)
    label = Label("relinearisation-key", sharing.study, sharing.profile, keys.fingerprint)
    write_key(out / RELINEARISATION_KEY, label, keys.relinearisation)
    for seat, piece in zip(sharing.seats, pieces, strict=True):
        write_private(out / share_file(seat.point, seat.card), seal(piece, seat.card).encode())
    _log.info("%d shares of the key %s written", len(pieces), sharing.key_fingerprint[:16])
