"""Making shares of a key, and making them anew: the dealer's ceremony and re-sharing.

The secret key is in the memory of this one process for about two seconds and in no file. docs/adr/1102 says what Python
can overwrite and what it cannot.

Each dealer shares its own share, times its Lagrange factor, anew; a new share is the sum of what arrives. Source: the
re-sharing of Desmedt and Jajodia (1997), which is the refresh of Herzberg et al. (CRYPTO 1995) for another structure.
Ciphertexts, public key and batches stay as they are. Old shares and new ones are values of different polynomials.
"""

import hashlib
import logging
import secrets
from collections.abc import Mapping, Sequence
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
from hefed.core.ckks.wire import Words
from hefed.core.errors import BadInput, WrongKey
from hefed.core.protocol.envelope import Label
from hefed.core.protocol.signing import unseal
from hefed.core.protocol.threshold import (
    AgentCard,
    CeremonyRecord,
    Dealing,
    Resharing,
    Seat,
    SharedPiece,
    Sharing,
    Signed,
    digest_of,
    seal,
    sign,
    verify,
)
from hefed.core.threshold.combine import decode_words, noise_keys, scheme_of, to_piece
from hefed.core.threshold.shamir import (
    NOISE_KEY_BYTES,
    Absent,
    Scheme,
    Share,
    add,
    lagrange,
    multiply,
    share_words,
    split,
)
from hefed.custodian.keeping.files import private_directory, write_private
from hefed.custodian.keeping.opened import write_key
from hefed.custodian.keeping.vault import derive_key
from hefed.custodian.sharing.holding import HeldShare, Identity, read_signed

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


def plan_resharing(old: Sharing, new: Sharing, dealers: list[int]) -> Resharing:
    """The plan, checked; raises BadInput with the rule that is broken."""
    try:
        return Resharing(old=old, new=new, dealers=sorted(dealers))
    except ValidationError as error:
        first = error.errors()[0]
        raise BadInput("sharing.new_plan", why=first["msg"].removeprefix("Value error, ")) from None


def read_plan(path: Path, expected: str) -> Resharing:
    """The plan in a file, when it is the one whose digest was read aloud."""
    try:
        plan = Resharing.model_validate_json(path.read_bytes())
    except FileNotFoundError:
        raise BadInput("sharing.plan_missing", path=str(path)) from None
    except ValidationError as error:
        raise BadInput("sharing.no_plan", path=str(path), why=error.errors()[0]["msg"]) from None
    if plan.digest != expected:
        raise WrongKey("sharing.other_plan", path=str(path), digest=plan.digest[:16], expected=expected[:16])
    return plan


def deal(plan: Resharing, identity: Identity, sharing: Sharing, share: Share) -> Signed:
    """This hospital's part of the plan, signed, each piece sealed to its new holder."""
    if plan.old != sharing:
        raise BadInput("sharing.plan_begins", digest=plan.old.digest[:16], own=sharing.digest[:16])
    if share.point not in plan.dealers:
        raise BadInput("sharing.no_dealer", dealers=tuple(plan.dealers), point=share.point)
    keys = {absent: secrets.token_bytes(NOISE_KEY_BYTES) for absent in scheme_of(plan.new).absences}
    dealing = Dealing(
        resharing=plan.digest,
        dealer=share.point,
        noise_keys=[hashlib.sha256(key).hexdigest() for key in keys.values()],
        pieces=_pieces(plan, share, keys),
    )
    return sign(dealing, identity.signing)


def _pieces(plan: Resharing, share: Share, keys: dict[Absent, bytes]) -> list[str]:
    scheme, prime = scheme_of(plan.new), share.scheme.prime
    dealers = tuple(plan.dealers)
    weight = lagrange(dealers, 0, prime)[dealers.index(share.point)]
    dealt = share_words(scheme, multiply(share.words, weight, prime))
    pieces = []
    for seat in plan.new.seats:
        own = {absent: keys[absent] for absent in scheme.held_by(seat.point)}
        piece = to_piece(plan.new, Share(scheme, seat.point, dealt[seat.point], own))
        pieces.append(seal(piece, seat.card))
    return pieces


def from_dealings(plan: Resharing, dealings: Sequence[Signed], identity: Identity, expected: str) -> HeldShare:
    """The hospital's new share: the sum of what the dealers sealed to it. ``expected``: the plan's digest."""
    if plan.digest != expected:
        raise WrongKey("sharing.share_of_other_plan", digest=plan.digest[:16], expected=expected[:16])
    seat, checked = plan.new.seat_of(identity.card), _checked(plan, dealings)
    pieces = {dealer: _own_piece(plan, dealing, identity, seat.point) for dealer, dealing in checked.items()}
    scheme = scheme_of(plan.new)
    share = Share(scheme, seat.point, _sum(scheme, pieces), _common_keys(scheme, pieces, seat.point))
    return HeldShare(sharing=plan.new, piece=to_piece(plan.new, share))


def _checked(plan: Resharing, dealings: Sequence[Signed]) -> dict[int, Dealing]:
    """By dealer, each signed with the key on that dealer's old card."""
    cards = {seat.card.signing: seat.point for seat in plan.old.seats if seat.point in plan.dealers}
    found: dict[int, Dealing] = {}
    for signed in dealings:
        dealing = verify(signed, Dealing)
        if cards.get(signed.signer) != dealing.dealer or dealing.resharing != plan.digest:
            raise BadInput("sharing.dealing_signer", dealer=dealing.dealer)
        found[dealing.dealer] = dealing
    if missing := sorted(set(plan.dealers) - set(found)):
        raise BadInput("sharing.dealings_missing", missing=tuple(missing))
    return dict(sorted(found.items()))


def _own_piece(plan: Resharing, dealing: Dealing, identity: Identity, point: int) -> SharedPiece:
    if len(dealing.pieces) != len(plan.new.seats):
        raise BadInput("sharing.dealing_no_piece", dealer=dealing.dealer)
    piece = unseal(dealing.pieces[point - 1], identity.agreement, SharedPiece)
    if (piece.sharing, piece.point) != (plan.new.digest, point):
        raise BadInput("sharing.dealing_other_seat", dealer=dealing.dealer)
    scheme = scheme_of(plan.new)
    committed = dict(zip(scheme.absences, dealing.noise_keys, strict=False))
    keys = noise_keys(piece)
    if sorted(keys) != scheme.held_by(point) or any(committed.get(a) != _sha256(key) for a, key in keys.items()):
        raise BadInput("sharing.dealing_noise_keys", dealer=dealing.dealer)
    return piece


def _sum(scheme: Scheme, pieces: Mapping[int, SharedPiece]) -> Words:
    words = [decode_words(scheme.profile, piece.words) for piece in pieces.values()]
    total = words[0]
    for more in words[1:]:
        total = add(total, more, scheme.prime)
    return total


def _common_keys(scheme: Scheme, pieces: Mapping[int, SharedPiece], point: int) -> dict[Absent, bytes]:
    """Each from all dealers' contributions, in the order of their points: secret while one of them is."""
    contributed = [noise_keys(piece) for piece in pieces.values()]
    return {
        absent: derive_key(b"".join(keys[absent] for keys in contributed), f"hefed noise key {absent}")
        for absent in scheme.held_by(point)
    }


def _sha256(key: bytes) -> str:
    return hashlib.sha256(key).hexdigest()
