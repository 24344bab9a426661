"""New shares of the same key for a new set of hospitals: k old ones deal, nobody puts the key together.

Each dealer shares its own share, times its Lagrange factor, anew; a new share is the sum of what arrives. Source: the
re-sharing of Desmedt and Jajodia (1997), which is the refresh of Herzberg et al. (CRYPTO 1995) for another structure.
Ciphertexts, public key and batches stay as they are. Old shares and new ones are values of different polynomials.
"""

import hashlib
import secrets
from collections.abc import Mapping, Sequence
from pathlib import Path

from pydantic import ValidationError

from hefed.core.ckks.wire import Words
from hefed.core.errors import BadInput, WrongKey
from hefed.core.protocol.signing import unseal
from hefed.core.protocol.threshold import Dealing, Resharing, SharedPiece, Sharing, Signed, seal, sign, verify
from hefed.core.threshold.field import add, multiply
from hefed.core.threshold.pieces import decode_words, noise_keys, scheme_of, to_piece
from hefed.core.threshold.shamir import NOISE_KEY_BYTES, Absent, Scheme, Share, lagrange, share_words
from hefed.custodian.keeping.vault import derive_key
from hefed.custodian.sharing.holding import HeldShare
from hefed.custodian.sharing.identity import Identity


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
