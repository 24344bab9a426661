"""How a share comes to its hospital: out of a ceremony, or out of a re-sharing. Everything is checked first."""

import hashlib
from collections.abc import Mapping, Sequence
from pathlib import Path

from hefed.ckks.wire import Words
from hefed.custodian.sealing import derive_key
from hefed.custodian.threshold.ceremony import RECORD, share_file
from hefed.custodian.threshold.field import add
from hefed.custodian.threshold.holding import HeldShare, read_signed
from hefed.custodian.threshold.identity import Identity
from hefed.custodian.threshold.pieces import decode_words, noise_keys, scheme_of, to_piece
from hefed.custodian.threshold.shamir import Absent, Scheme, Share
from hefed.errors import BadInput, WrongKey
from hefed.protocol.threshold import (
    CeremonyRecord,
    Dealing,
    Resharing,
    SharedPiece,
    Signed,
    digest_of,
    unseal,
    verify,
)


def from_ceremony(folder: Path, identity: Identity, expected: str) -> HeldShare:
    """The hospital's share out of the ceremony's files. ``expected``: the sharing's digest as it was read aloud."""
    record = verify(read_signed(folder / RECORD), CeremonyRecord)
    sharing = record.sharing
    if sharing.digest != expected:
        raise WrongKey(
            f"cannot take the share: the files are of the sharing {sharing.digest[:16]}, expected is {expected[:16]}; "
            "compare it again with the person who held the ceremony"
        )
    seat = sharing.seat_of(identity.card)
    path = folder / share_file(seat.point, seat.card)
    try:
        sealed = path.read_text()
    except FileNotFoundError:
        raise BadInput(f"cannot take the share: {path} is missing; ask for the file of this hospital") from None
    piece = unseal(sealed, identity.agreement, SharedPiece)
    if digest_of(piece) != record.shares[seat.point - 1]:
        raise BadInput(f"cannot take the share: {path.name} is not the share that the record names; ask for it anew")
    return HeldShare(sharing=sharing, piece=piece)


def from_dealings(plan: Resharing, dealings: Sequence[Signed], identity: Identity, expected: str) -> HeldShare:
    """The hospital's new share: the sum of what the dealers sealed to it. ``expected``: the plan's digest."""
    if plan.digest != expected:
        raise WrongKey(
            f"cannot take the share: the plan is {plan.digest[:16]}, expected is {expected[:16]}; "
            "compare it again with the person who made it"
        )
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
            raise BadInput(
                f"cannot use the dealing of hospital {dealing.dealer}: it is of another plan, or was signed by another "
                "key than the plan names; ask for it anew"
            )
        found[dealing.dealer] = dealing
    if missing := sorted(set(plan.dealers) - set(found)):
        raise BadInput(
            f"cannot take the share: the dealings of hospitals {missing} are missing; all of them are needed"
        )
    return dict(sorted(found.items()))


def _own_piece(plan: Resharing, dealing: Dealing, identity: Identity, point: int) -> SharedPiece:
    if len(dealing.pieces) != len(plan.new.seats):
        raise BadInput(f"cannot use the dealing of hospital {dealing.dealer}: a seat has no piece; ask for it anew")
    piece = unseal(dealing.pieces[point - 1], identity.agreement, SharedPiece)
    if (piece.sharing, piece.point) != (plan.new.digest, point):
        raise BadInput(f"cannot use the dealing of hospital {dealing.dealer}: its piece is for another seat")
    scheme = scheme_of(plan.new)
    committed = dict(zip(scheme.absences, dealing.noise_keys, strict=False))
    keys = noise_keys(piece)
    if sorted(keys) != scheme.held_by(point) or any(committed.get(a) != _sha256(key) for a, key in keys.items()):
        raise BadInput(
            f"cannot use the dealing of hospital {dealing.dealer}: its noise keys are not the ones it committed to, "
            "so others may have received different ones; it must deal anew"
        )
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
