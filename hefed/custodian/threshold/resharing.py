"""New shares of the same key for a new set of hospitals: k old ones deal, nobody puts the key together.

Each dealer shares its own share, times its Lagrange factor, anew; a new share is the sum of what arrives. Source: the
re-sharing of Desmedt and Jajodia (1997), which is the refresh of Herzberg et al. (CRYPTO 1995) for another structure.
Ciphertexts, public key and batches stay as they are. Old shares and new ones are values of different polynomials.
"""

import hashlib
import secrets
from pathlib import Path

from pydantic import ValidationError

from hefed.custodian.threshold.field import multiply
from hefed.custodian.threshold.identity import Identity
from hefed.custodian.threshold.pieces import scheme_of, to_piece
from hefed.custodian.threshold.shamir import NOISE_KEY_BYTES, Absent, Share, lagrange, share_words
from hefed.errors import BadInput, WrongKey
from hefed.protocol.threshold import Dealing, Resharing, Sharing, Signed, seal, sign


def plan_resharing(old: Sharing, new: Sharing, dealers: list[int]) -> Resharing:
    """The plan, checked; raises BadInput with the rule that is broken."""
    try:
        return Resharing(old=old, new=new, dealers=sorted(dealers))
    except ValidationError as error:
        first = error.errors()[0]
        raise BadInput(f"cannot share anew: {first['msg'].removeprefix('Value error, ')}; correct the plan") from None


def read_plan(path: Path, expected: str) -> Resharing:
    """The plan in a file, when it is the one whose digest was read aloud."""
    try:
        plan = Resharing.model_validate_json(path.read_bytes())
    except FileNotFoundError:
        raise BadInput(f"cannot read {path}: there is no such file; `reshare plan` makes it") from None
    except ValidationError as error:
        raise BadInput(f"cannot use {path} as a plan: {error.errors()[0]['msg']}; ask for it anew") from None
    if plan.digest != expected:
        raise WrongKey(
            f"cannot use {path}: the plan is {plan.digest[:16]}, expected is {expected[:16]}; "
            "compare it again with the person who made it"
        )
    return plan


def deal(plan: Resharing, identity: Identity, sharing: Sharing, share: Share) -> Signed:
    """This hospital's part of the plan, signed, each piece sealed to its new holder."""
    if plan.old != sharing:
        raise BadInput(
            f"cannot deal: the plan begins with the sharing {plan.old.digest[:16]}, this hospital holds a share of "
            f"{sharing.digest[:16]}; make a plan from the sharing in use"
        )
    if share.point not in plan.dealers:
        raise BadInput(f"cannot deal: hospitals {plan.dealers} deal in this plan, this one is number {share.point}")
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
