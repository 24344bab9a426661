"""TenSEAL: key generation, encryption, arithmetic, decoding. The only module that imports it.

Ciphertexts enter and leave as ``CiphertextWords`` that ``wire`` or ``seal_stream`` checked, never as foreign bytes.
Foreign exceptions become CircuitError, KeyInvalid or CiphertextInvalid here.
"""

import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from functools import lru_cache
from importlib.metadata import version
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
import tenseal.sealapi as seal

from hefed.core.ckks import native_memory, ops, seal_stream, totals, wire
from hefed.core.ckks.keys import EvaluationKeys, PublicKeys, SecretKey
from hefed.core.ckks.params import OUTCOME_LEVEL, Profile
from hefed.core.ckks.totals import SealedTotal
from hefed.core.ckks.wire import CiphertextWords, Shape
from hefed.core.errors import BadInput, CiphertextInvalid, CircuitError, HEFedError, KeyInvalid
from hefed.core.words import Said

Native: TypeAlias = Any  # tenseal.sealapi.Ciphertext, which carries no types
Slots = npt.NDArray[np.float64]
_FOREIGN = (ValueError, RuntimeError, TypeError, IndexError)  # what pybind11 makes of SEAL's exceptions


class _Ring:
    """The native side of a profile: context, encoder and one parms_id per level."""

    def __init__(self, profile: Profile) -> None:
        parameters = seal.EncryptionParameters(seal.SCHEME_TYPE.CKKS)
        parameters.set_poly_modulus_degree(profile.ring_degree)
        parameters.set_coeff_modulus([seal.Modulus(prime) for prime in profile.primes])
        security = seal.SEC_LEVEL_TYPE.TC128 if profile.security_bits else seal.SEC_LEVEL_TYPE.NONE
        self.context = seal.SEALContext(parameters, True, security)
        if not self.context.parameters_set():
            raise BadInput("ckks.profile_by_seal", name=profile.name, message=self.context.parameters_error_message())
        self.profile = profile
        self.encoder = seal.CKKSEncoder(self.context)
        self.evaluator = seal.Evaluator(self.context)
        self.ids = [_id_words(profile.parms_id(level)) for level in range(profile.max_level + 1)]
        self._monomials: dict[tuple[int, int], Any] = {}

    def encode(self, values: float | list[float] | list[complex], level: int, scale: float) -> Any:
        plaintext = seal.Plaintext()
        self.encoder.encode(values, self.ids[level], scale, plaintext)
        return plaintext

    def monomial(self, sign: int, level: int) -> Any:
        """sign * X^(N/2): its slots are +i and -i in turn (SEAL's slot order), and at scale 1 it rounds exactly."""
        if (sign, level) not in self._monomials:
            slots = [sign * 1j, sign * -1j] * (self.profile.slots // 2)
            self._monomials[sign, level] = self.encode(slots, level, 1.0)
        return self._monomials[sign, level]


@lru_cache(maxsize=4)
def _ring(profile: Profile) -> _Ring:
    return _Ring(profile)


def generate_keys(profile: Profile) -> tuple[SecretKey, EvaluationKeys]:
    """Fresh keys. The secret key's words are read out one by one, so that it never touches a file here."""
    with _translated(KeyInvalid, "generate keys"):
        generator = seal.KeyGenerator(_ring(profile).context)
        public, relinearisation = seal.PublicKey(), seal.RelinKeys()
        generator.create_public_key(public)
        generator.create_relin_keys(relinearisation)
        secret = generator.secret_key()
    shape = (len(profile.primes), profile.ring_degree)
    read = (secret.data().data(i) for i in range(shape[0] * shape[1]))
    counted = np.fromiter(read, np.uint64, count=shape[0] * shape[1])  # an array that grows leaves copies behind
    public_keys = PublicKeys.load(profile, _saved(public))
    return SecretKey(profile, counted.reshape(shape)), EvaluationKeys.load(public_keys, _saved(relinearisation))


class Encryptor:
    """Encrypts real vectors under the public key: hospital rows, and the custodian's coefficients."""

    def __init__(self, keys: PublicKeys) -> None:
        self.profile = keys.profile
        self._ring = _ring(keys.profile)
        self._encryptor = seal.Encryptor(
            self._ring.context, _load(seal.PublicKey(), self._ring, keys.public, KeyInvalid)
        )

    def encrypt(self, values: npt.ArrayLike, level: int) -> Native:
        """One value a slot, at the profile's scale; missing slots are 0."""
        vector = np.asarray(values, np.float64)
        if vector.ndim != 1 or vector.size > self.profile.slots or not np.isfinite(vector).all():
            raise BadInput("ckks.column_shape", shape=vector.shape, slots=self.profile.slots)
        return self._encrypt(self._encoded(vector.tolist() or [0.0], level))

    def encrypt_constant(self, value: float, level: int) -> Native:
        """The value in every slot."""
        return self._encrypt(self._encoded(float(value), level))

    def packed(self, values: npt.ArrayLike, level: int) -> bytes:
        """Encrypt and pack in one go: the bytes that a hospital uploads."""
        return wire.pack(self.profile, to_words(self.profile, self.encrypt(values, level)))

    def packed_constant(self, value: float, level: int) -> bytes:
        return wire.pack(self.profile, to_words(self.profile, self.encrypt_constant(value, level)))

    def zero(self, level: int) -> Native:
        """A fresh encryption of zero."""
        ciphertext = seal.Ciphertext()
        with _translated(CircuitError, "encrypt zero"):
            self._encryptor.encrypt_zero(self._ring.ids[level], ciphertext)
        return ciphertext

    def _encoded(self, values: float | list[float], level: int) -> Any:
        if not 0 <= level <= self.profile.max_level:
            raise BadInput("ckks.encrypt_level", level=level, name=self.profile.name, highest=self.profile.max_level)
        with _translated(CircuitError, "encode"):
            return self._ring.encode(values, level, self.profile.scale)

    def _encrypt(self, plaintext: Any) -> Native:
        ciphertext = seal.Ciphertext()
        with _translated(CircuitError, "encrypt"):
            self._encryptor.encrypt(plaintext, ciphertext)
        return ciphertext


class Evaluator:
    """``Operations`` on native ciphertexts; knows no secret key, and no rotation key exists."""

    def __init__(self, keys: EvaluationKeys) -> None:
        self._profile = keys.profile
        self._ring = _ring(keys.profile)
        self._native = self._ring.evaluator
        self._relinearisation = _load(seal.RelinKeys(), self._ring, keys.relinearisation, KeyInvalid)
        self._encryptor = Encryptor(keys.public)
        self._scratch = seal.Ciphertext()

    @property
    def profile(self) -> Profile:
        return self._profile

    def level(self, value: Native) -> int:
        return int(value.coeff_modulus_size()) - 1

    def scale(self, value: Native) -> float:
        return float(value.scale)

    def multiply(self, a: Native, b: Native) -> Native:
        product = seal.Ciphertext()
        self._multiply(a, b, product)
        return product

    def multiply_add(self, total: Native | None, a: Native, b: Native) -> Native:
        if total is None:
            return self.multiply(a, b)
        self._multiply(a, b, self._scratch)
        return self.accumulate(total, self._scratch)

    def add(self, a: Native, b: Native) -> Native:
        self._align("add", a, b)
        result = seal.Ciphertext()
        with _translated(CircuitError, "add"):
            self._native.add(a, b, result)
        return result

    def accumulate(self, total: Native | None, value: Native) -> Native:
        if total is None:
            return value
        self._align("add", total, value)
        with _translated(CircuitError, "add"):
            self._native.add_inplace(total, value)
        return total

    def subtract(self, a: Native, b: Native) -> Native:
        self._align("subtract", a, b)
        result = seal.Ciphertext()
        with _translated(CircuitError, "subtract"):
            self._native.sub(a, b, result)
        return result

    def multiply_constant(self, value: Native, constant: float, scale: float) -> Native:
        level = self.level(value)
        ops.require_capacity("multiply by a constant", self._profile, scale, level)
        ops.require_capacity("multiply by a constant", self._profile, scale / value.scale, level)
        result = seal.Ciphertext()
        with _translated(CircuitError, "multiply by a constant"):
            self._native.multiply_plain(value, self._ring.encode(constant, level, scale / value.scale), result)
            result.scale = scale
        return result

    def add_constant(self, value: Native, constant: float) -> Native:
        with _translated(CircuitError, "add a constant"):
            self._native.add_plain_inplace(value, self._ring.encode(constant, self.level(value), value.scale))
        return value

    def times_monomial(self, value: Native, sign: int = 1) -> Native:
        result = seal.Ciphertext()
        with _translated(CircuitError, "multiply by a monomial"):
            self._native.multiply_plain(value, self._ring.monomial(sign, self.level(value)), result)
        return result

    def relinearise(self, value: Native) -> Native:
        ops.require_parts("relinearise", value.size(), 3)
        with _translated(CircuitError, "relinearise"):
            self._native.relinearize_inplace(value, self._relinearisation)
        return value

    def rescale(self, value: Native) -> Native:
        ops.require_level("rescale", self.level(value), 1)
        with _translated(CircuitError, "rescale"):
            self._native.rescale_to_next_inplace(value)
        return value

    def drop_to(self, value: Native, level: int) -> Native:
        found = self.level(value)
        ops.require_level("drop", found, level)
        if found == level:
            return value
        result = seal.Ciphertext()
        with _translated(CircuitError, "drop"):
            self._native.mod_switch_to(value, self._ring.ids[level], result)
        return result

    def blind(self, value: Native) -> Native:
        ops.require_parts("blind", value.size(), 2)
        zero = self._encryptor.zero(self.level(value))
        zero.scale = value.scale
        return self.add(value, zero)

    def seal_total(self, value: Native) -> SealedTotal:
        """Keep one word of the first part: ``totals.seal_total``."""
        return totals.seal_total(self._profile, to_words(self._profile, value))

    def load(self, ciphertext: CiphertextWords) -> Native:
        return from_words(self._profile, ciphertext)

    def load_packed(self, data: bytes | memoryview, shape: Shape, keep_level: int | None = None) -> Native:
        """Check untrusted packed bytes and load them, at a lower level if wanted; raises CiphertextInvalid."""
        return from_words(self._profile, wire.unpack(self._profile, data, shape, keep_level=keep_level))

    def load_block(self, items: Iterable[bytes], n_columns: int, keep_level: int) -> tuple[list[Native], Native]:
        """Columns (at ``keep_level``) and outcome of a ``block`` envelope's items; raises CiphertextInvalid."""
        levels = [self._profile.max_level] * n_columns + [OUTCOME_LEVEL]
        loaded: list[Native] = []
        try:
            for data, level in zip(items, levels, strict=True):
                loaded.append(self.load_packed(data, Shape(level, scale=self._profile.scale), keep_level))
        except ValueError as error:
            raise CiphertextInvalid("ckks.block_columns", columns=n_columns, loaded=len(loaded)) from error
        return loaded[:-1], loaded[-1]

    def pack(self, value: Native) -> bytes:
        """The inverse of ``load_packed``: score ciphertexts, partial sums."""
        return wire.pack(self._profile, to_words(self._profile, value))

    def _multiply(self, a: Native, b: Native, product: Native) -> None:
        level = self.level(a)
        ops.require_same_level("multiply", level, self.level(b))
        ops.require_parts("multiply", a.size(), 2)
        ops.require_parts("multiply", b.size(), 2)
        ops.require_capacity("multiply", self._profile, a.scale * b.scale, level)
        with _translated(CircuitError, "multiply"):
            self._native.square(a, product) if a is b else self._native.multiply(a, b, product)

    def _align(self, doing: str, a: Native, b: Native) -> None:
        """SEAL wants equal floats where rounding has left neighbours."""
        ops.require_same_level(doing, self.level(a), self.level(b))
        if a.scale != b.scale:
            ops.require_same_scale(doing, a.scale, b.scale)
            b.scale = a.scale


class Decryptor:
    """Opens slots with the secret key. The key's words stay in Python; native code sees decrypted plaintexts only."""

    def __init__(self, key: SecretKey) -> None:
        self.profile = key.profile
        self._key_words = [row.tolist() for row in key.words]

    def slots(self, ciphertext: CiphertextWords) -> Slots:
        """The real parts of all slots; 8 ms at level 0."""
        rows = [self._decrypted(ciphertext, index) for index in range(ciphertext.level + 1)]
        return decode_slots(self.profile, ciphertext.level, ciphertext.scale, np.array(rows, np.uint64))

    def decrypt(self, value: Native) -> Slots:
        """The slots of a native ciphertext."""
        return self.slots(to_words(self.profile, value))

    def _decrypted(self, ciphertext: CiphertextWords, index: int) -> list[int]:
        """c0 + s (c1 + s c2) modulo one prime, word by word."""
        prime, key = self.profile.primes[index], self._key_words[index]
        result: list[int] = ciphertext.words[-1, index].tolist()
        for part in range(ciphertext.parts - 2, -1, -1):
            words = ciphertext.words[part, index].tolist()
            result = [(c + s * r) % prime for c, s, r in zip(words, key, result, strict=True)]
        return result


def decode_slots(profile: Profile, level: int, scale: float, words: wire.Words) -> Slots:
    """The real parts of the slots of a plaintext, from its NTT words of shape (level + 1, ring_degree)."""
    ring = _ring(profile)
    stream = seal_stream.plaintext_stream(profile.parms_id(level), scale, words)
    plaintext = _load(seal.Plaintext(), ring, stream, CiphertextInvalid)
    with _translated(CiphertextInvalid, "decode"):
        return np.array(ring.encoder.decode_double(plaintext))


def to_words(profile: Profile, value: Native) -> CiphertextWords:
    """A native ciphertext as plain numbers: read from memory, or saved, inflated and parsed where that is not known."""
    shape = Shape(int(value.coeff_modulus_size()) - 1, int(value.size()))
    count = shape.parts * (shape.level + 1) * profile.ring_degree
    words = native_memory.read(value.dyn_array(), count) if _memory_is_readable(profile) else None
    if words is None or not value.is_ntt_form():
        return seal_stream.read_ciphertext(profile, _saved(value), shape)
    parts = words.reshape(shape.parts, shape.level + 1, profile.ring_degree)
    return CiphertextWords(shape.level, float(value.scale), parts)


@lru_cache(maxsize=4)
def _memory_is_readable(profile: Profile) -> bool:
    """Tried once a process, on an encoded number."""
    if not native_memory.is_known(version("tenseal")):
        return False
    plaintext = _ring(profile).encode(1.0, 0, profile.scale)
    return native_memory.agrees(plaintext.dyn_array(), profile.ring_degree)


def from_words(profile: Profile, ciphertext: CiphertextWords) -> Native:
    """The inverse of ``to_words``."""
    stream = seal_stream.ciphertext_stream(profile, ciphertext)
    return _load(seal.Ciphertext(), _ring(profile), stream, CiphertextInvalid)


def _saved(value: Any) -> bytes:
    with tempfile.NamedTemporaryFile(dir=_memory_directory()) as file:
        with _translated(CircuitError, "save"):
            value.save(file.name)
        return Path(file.name).read_bytes()


def _load(value: Any, ring: _Ring, stream: bytes, error: type[HEFedError]) -> Any:
    with tempfile.NamedTemporaryFile(dir=_memory_directory()) as file:
        file.write(stream)
        file.flush()
        with _translated(error, "load"):
            value.load(ring.context, file.name)
    return value


@lru_cache(maxsize=1)
def _memory_directory() -> str | None:
    """A directory in memory where there is one; sealapi reads and writes through paths."""
    return "/dev/shm" if Path("/dev/shm").is_dir() else None  # noqa: S108


@contextmanager
def _translated(error: type[HEFedError], doing: str) -> Iterator[None]:
    try:
        yield
    except _FOREIGN as foreign:
        raise error(Said("ckks.seal_says", doing=doing, message=str(foreign))) from foreign


def _id_words(parms_id: bytes) -> list[int]:
    return [int(word) for word in np.frombuffer(parms_id, "<u8")]
