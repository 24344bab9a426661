"""Keys as types: what a function can do is what its argument lets it. Nothing here knows native code.

Loading checks the structure; a secret key where a public part belongs is refused, never silently carried along.
"""

import hashlib
from dataclasses import dataclass, field
from functools import cached_property

from hefed.core.ckks import seal_stream
from hefed.core.ckks.params import Profile
from hefed.core.ckks.wire import Words


@dataclass(frozen=True)
class PublicKeys:
    """All that a hospital needs to encrypt. ``public`` is the canonical uncompressed SEAL stream."""

    profile: Profile
    public: bytes = field(repr=False)

    @classmethod
    def load(cls, profile: Profile, data: bytes) -> "PublicKeys":
        """From an untrusted SEAL public key stream; raises KeyInvalid."""
        return cls(profile, seal_stream.public_key_stream(profile, data))

    @cached_property
    def fingerprint(self) -> str:
        """SHA-256 of the stream, which is the payload digest of its ``public-key`` envelope."""
        return hashlib.sha256(self.public).hexdigest()


@dataclass(frozen=True)
class EvaluationKeys:
    """All that a server worker needs to compute: the public parts and no rotation keys, because no circuit rotates."""

    public: PublicKeys
    relinearisation: bytes = field(repr=False)

    @classmethod
    def load(cls, public: PublicKeys, data: bytes) -> "EvaluationKeys":
        """From an untrusted SEAL relinearisation key stream; raises KeyInvalid."""
        return cls(public, seal_stream.relinearisation_key_stream(public.profile, data))

    @property
    def profile(self) -> Profile:
        return self.public.profile

    @property
    def fingerprint(self) -> str:
        return self.public.fingerprint


@dataclass(frozen=True)
class SecretKey:
    """The custodian's key: NTT words of shape (primes, ring_degree). Equality and repr do not touch them."""

    profile: Profile
    words: Words = field(repr=False, compare=False)

    @classmethod
    def load(cls, profile: Profile, data: bytes) -> "SecretKey":
        """From a SEAL secret key stream; raises KeyInvalid."""
        return cls(profile, seal_stream.read_secret_key(profile, data))

    @property
    def stream(self) -> bytes:
        """The uncompressed SEAL stream, for sealing at rest."""
        return seal_stream.secret_key_stream(self.profile, self.words)

    @cached_property
    def words_q0(self) -> list[int]:
        """The words modulo the first prime: all that opening a total takes (``totals.open_total``)."""
        return [int(word) for word in self.words[0]]
