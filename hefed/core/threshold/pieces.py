"""Shares as messages and back."""

import base64
import binascii

import numpy as np

from hefed.core.ckks.params import Profile, profile
from hefed.core.ckks.wire import Words, pack_words, unpack_words
from hefed.core.errors import BadInput
from hefed.core.protocol.threshold import NoiseKey, SharedPiece, Sharing
from hefed.core.threshold.shamir import Absent, Scheme, Share


def scheme_of(sharing: Sharing) -> Scheme:
    """What the sharing means for the arithmetic."""
    return Scheme(profile(sharing.profile), len(sharing.seats), sharing.threshold)


def to_piece(sharing: Sharing, share: Share) -> SharedPiece:
    """As it is sealed to its hospital."""
    keys = [NoiseKey(absent=list(absent), key=key.hex()) for absent, key in share.noise_keys.items()]
    words = encode_words(share.scheme.profile, share.words)
    return SharedPiece(sharing=sharing.digest, point=share.point, words=words, noise_keys=keys)


def to_share(sharing: Sharing, piece: SharedPiece) -> Share:
    """The inverse; raises BadInput for a piece of another sharing, or one that does not fit it."""
    if piece.sharing != sharing.digest:
        raise BadInput("threshold.other_sharing", found=piece.sharing[:16], wanted=sharing.digest[:16])
    scheme = scheme_of(sharing)
    return Share(scheme, piece.point, decode_words(scheme.profile, piece.words), noise_keys(piece))


def noise_keys(piece: SharedPiece) -> dict[Absent, bytes]:
    """By the set of absent hospitals."""
    return {tuple(sorted(key.absent)): bytes.fromhex(key.key) for key in piece.noise_keys}


def encode_words(ring: Profile, words: Words) -> str:
    """Words below q0 as text, at the width of q0."""
    return base64.b64encode(pack_words(words, ring.prime_bits[0]).tobytes()).decode()


def decode_words(ring: Profile, text: str) -> Words:
    """The inverse, from bytes that may be wrong; raises BadInput."""
    try:
        packed = np.frombuffer(base64.b64decode(text.encode(errors="replace"), validate=True), np.uint8)
    except binascii.Error as error:
        raise BadInput("threshold.words_base64") from error
    bits = ring.prime_bits[0]
    if packed.size * 8 != bits * ring.ring_degree:
        raise BadInput(
            "threshold.words_size", size=packed.size, profile=ring.name, expected=bits * ring.ring_degree // 8
        )
    words = unpack_words(packed, bits)
    if int(words.max()) >= ring.primes[0]:
        raise BadInput("threshold.words_large")
    return words
