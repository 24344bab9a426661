"""From blobs to native ciphertexts: envelope, digest, structure and every word are checked before native code loads."""

from functools import lru_cache
from typing import Any

from hefed.core.ckks.backend import Evaluator
from hefed.core.ckks.keys import EvaluationKeys, PublicKeys
from hefed.core.ckks.params import profile as profile_of
from hefed.core.ckks.wire import Shape
from hefed.core.learning.rounds import RoundCircuit
from hefed.core.protocol import envelope
from hefed.core.protocol.envelope import Kind, Label
from hefed.core.protocol.requests import SigmoidSpec
from hospitals.batches.models import Block
from hospitals.batches.uploads import check_block_header
from hospitals.blobs.models import Blob
from hospitals.blobs.storage import open_blob
from hospitals.keys.models import KeySet
from training.jobs.models import Round
from training.jobs.worker.hot import LoadedBlock


def circuit_of(round_: Round, n_columns: int) -> RoundCircuit:
    sigmoid = None if round_.sigmoid is None else SigmoidSpec.model_validate(round_.sigmoid)
    return RoundCircuit(round_.kind, n_columns, sigmoid)


def evaluator_of(key_set: KeySet) -> Evaluator:
    """The evaluator for a study's keys; building one takes a moment, so a process keeps the last two."""
    return _evaluator(key_set.pk)


@lru_cache(maxsize=2)
def _evaluator(key_set_id: int) -> Evaluator:
    key_set = KeySet.objects.select_related("study", "public", "relinearisation").get(pk=key_set_id)
    profile = profile_of(key_set.study.profile)
    public = PublicKeys.load(profile, _single_item(key_set.public))
    assert key_set.relinearisation is not None  # noqa: S101  a database constraint: active keys are complete
    return Evaluator(EvaluationKeys.load(public, _single_item(key_set.relinearisation)))


def _single_item(blob: Blob) -> bytes:
    with open_blob(blob) as stream:
        (item,) = envelope.iterate(stream, envelope.read_header(stream))
    return item


def label_of(key_set: KeySet, kind: Kind) -> Label:
    return Label(kind, key_set.study.slug, key_set.study.profile, key_set.fingerprint)


def load_block(ops: Evaluator, block: Block, n_columns: int, keep_level: int) -> LoadedBlock:
    """Check a block's bytes and load them; raises EnvelopeInvalid or CiphertextInvalid.

    Columns come in at ``keep_level``: the words of the upper primes are checked and left out.
    """
    if block.blob is None:
        raise RuntimeError(f"cannot load block {block.pk}: it has no bytes; a stored block always has some")
    with open_blob(block.blob) as stream:
        header, items = envelope.iterate_verified(stream, label_of(block.batch.key_set, "block"))
        check_block_header(block, header)
        return LoadedBlock(*ops.load_block(items, n_columns, keep_level))


def load_coefficients(ops: Evaluator, circuit: RoundCircuit, round_: Round) -> tuple[Any, ...]:
    """The encrypted coefficients that the custodian sent for this round; none for admission and moments."""
    if round_.coefficients is None:
        return ()
    return _coefficients(ops, round_.coefficients.digest, circuit.start_level)


@lru_cache(maxsize=1)
def _coefficients(ops: Evaluator, digest: str, level: int) -> tuple[Any, ...]:
    shape = Shape(level, 2, ops.profile.scale)
    with open_blob(Blob.objects.get(pk=digest)) as stream:
        _, items = envelope.iterate_verified(stream)
        return tuple(ops.load_packed(item, shape) for item in items)
