"""The answer as it travels: the JSON of the ``Answer`` and, for a next round, one fresh ciphertext per coefficient."""

from collections.abc import Iterator

from hefed.ckks.backend import Encryptor
from hefed.learning.optimiser import Step, scaled_betas
from hefed.learning.sigmoid import start_level
from hefed.protocol import envelope
from hefed.protocol.envelope import Label
from hefed.protocol.messages import Answer


def answer_envelope(label: Label, answer: Answer, step: Step | None, encryptor: Encryptor) -> bytes:
    """The whole envelope in memory: at most 48 MB, for 31 coefficients at level 9."""
    items = encrypted_coefficients(step, encryptor) if step else iter(())
    return envelope.to_bytes(label, items, {"answer": answer.model_dump(mode="json")})


def encrypted_coefficients(step: Step, encryptor: Encryptor) -> Iterator[bytes]:
    """Packed ciphertexts with one coefficient in every slot, at the level where the round's circuit starts.

    Gradient and Hessian rounds take coefficients scaled to the sigmoid's interval, an evaluation plain ones.
    """
    if step.sigmoid is None:
        betas, level = step.beta, start_level(step.kind, 0)
    else:
        betas, level = tuple(scaled_betas(step.beta, step.sigmoid)), start_level(step.kind, step.sigmoid.degree)
    return (encryptor.packed_constant(beta, level) for beta in betas)
