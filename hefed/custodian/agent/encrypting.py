"""The answer as it travels: the JSON of the ``Answer`` and, for a next round, one fresh ciphertext per coefficient.

While a custodian encrypts, the study waits, so a second process takes half of the coefficients: 43 ms of processor time
a coefficient at level 7, most of it in SEAL, which holds Python's global lock.
"""

import logging
import multiprocessing
import os
import signal
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from multiprocessing.connection import Connection
from typing import Protocol

from hefed.core.ckks.backend import Encryptor
from hefed.core.ckks.keys import PublicKeys
from hefed.core.learning.kinds.table import kind_named
from hefed.core.learning.optimiser import Step, scaled_betas
from hefed.core.protocol import envelope
from hefed.core.protocol.envelope import Label
from hefed.core.protocol.requests import Answer

_log = logging.getLogger(__name__)


class CoefficientEncryptor(Protocol):
    """Makes one packed ciphertext per coefficient, with the coefficient in every slot."""

    def packed(self, betas: Sequence[float], level: int) -> list[bytes]: ...


class OneProcess:
    """Encrypts here."""

    def __init__(self, keys: PublicKeys) -> None:
        self._encryptor = Encryptor(keys)

    def packed(self, betas: Sequence[float], level: int) -> list[bytes]:
        return [self._encryptor.packed_constant(beta, level) for beta in betas]


class TwoProcesses:
    """Encrypts every other coefficient in a process of its own; alone when that process is gone."""

    def __init__(self, here: OneProcess, other: Connection) -> None:
        self._here = here
        self._other: Connection | None = other

    def packed(self, betas: Sequence[float], level: int) -> list[bytes]:
        mine, theirs = betas[::2], betas[1::2]
        asked = self._ask(theirs, level)
        packed = [b""] * len(betas)
        packed[::2] = self._here.packed(mine, level)
        packed[1::2] = (self._received(len(theirs)) if asked else None) or self._here.packed(theirs, level)
        return packed

    def _ask(self, betas: Sequence[float], level: int) -> bool:
        if self._other is None:
            return False
        try:
            self._other.send((tuple(betas), level))
        except OSError:
            self._lost()
            return False
        return True

    def _received(self, count: int) -> list[bytes] | None:
        try:
            return [self._other.recv_bytes() for _ in range(count)] if self._other else None
        except (EOFError, OSError):
            self._lost()
            return None

    def _lost(self) -> None:
        _log.warning("the second encrypting process has ended; going on with one")
        self._other = None


@contextmanager
def encrypting(keys: PublicKeys) -> Iterator[CoefficientEncryptor]:
    """Two processes where there are two processors. The second ends with the first, however that ends."""
    here = OneProcess(keys)
    if len(os.sched_getaffinity(0)) < 2:
        yield here
        return
    context = multiprocessing.get_context("spawn")  # a fork would copy the opened vault into the second process
    mine, theirs = context.Pipe()
    process = context.Process(target=_serve, args=(theirs, keys), daemon=True)
    process.start()
    theirs.close()
    try:
        yield TwoProcesses(here, mine)
    finally:
        mine.close()
        process.join()


def _serve(requests: Connection, keys: PublicKeys) -> None:
    """The second process: knows the public key only; a closed pipe ends it."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the first process's to handle
    encryptor = Encryptor(keys)
    try:
        while True:
            betas, level = requests.recv()
            packed = [encryptor.packed_constant(beta, level) for beta in betas]
            for item in packed:  # only now: a pipe holds less than one item, so sending waits for the reader
                requests.send_bytes(item)
    except (EOFError, OSError):
        return


def answer_envelope(label: Label, answer: Answer, step: Step | None, encryptor: CoefficientEncryptor) -> bytes:
    """The whole envelope in memory: at most 48 MB, for 31 coefficients at level 9."""
    items = encrypted_coefficients(step, encryptor) if step else []
    return envelope.to_bytes(label, items, {"answer": answer.model_dump(mode="json")})


def encrypted_coefficients(step: Step, encryptor: CoefficientEncryptor) -> list[bytes]:
    """Packed ciphertexts at the level where the round's circuit starts.

    Gradient and Hessian rounds take coefficients scaled to the sigmoid's interval, an evaluation plain ones.
    """
    kind = kind_named(step.kind)
    if step.sigmoid is None:
        return encryptor.packed(step.beta, kind.start_level())
    return encryptor.packed(scaled_betas(step.beta, step.sigmoid).tolist(), kind.start_level(step.sigmoid.degree))
