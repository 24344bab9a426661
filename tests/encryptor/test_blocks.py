"""Decrypted blocks are the plaintext encoding: real CKKS on the small ring, opened with the custodian's key."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from hefed.core.ckks.backend import Decryptor, Encryptor
from hefed.core.ckks.params import OUTCOME_LEVEL
from hefed.core.ckks.wire import Shape, packed_bytes, unpack
from hefed.core.errors import RowsInvalid
from hefed.core.protocol import envelope
from hefed.core.protocol.uploads import holdout_ids, is_held_out
from hefed.encryptor.blocks import BlockPlan, Origin, SealedBlock, Sealer, order_key, plan_blocks, seal_blocks
from hefed.encryptor.check import Checked, Rules, check
from hefed.encryptor.client import SealedStudy
from tests.encryptor.conftest import patients
from tests.insecure import INSECURE_TEST_N12_L9 as RING
from tests.words.raises import says

PRECISION = 1e-6


@pytest.fixture
def checked(table: Path, sealed_study: SealedStudy) -> Checked:
    return check(table, Rules(sealed_study.study.dictionary, sealed_study.study.package.holdout))


def sealer_of(checked: Checked, sealed_study: SealedStudy) -> Sealer:
    origin = Origin("surgery", "north", sealed_study.study.dictionary.digest)
    return Sealer(checked.table, checked.reader, sealed_study.keys, origin)


def opened(block: SealedBlock, decryptor: Decryptor) -> np.ndarray:
    """All slots of all columns, the outcome last."""
    items = envelope.from_bytes(block.envelope).items
    levels = [RING.max_level] * (len(items) - 1) + [OUTCOME_LEVEL]
    shapes = (Shape(level, 2, RING.scale) for level in levels)
    return np.array([decryptor.slots(unpack(RING, item, shape)) for item, shape in zip(items, shapes, strict=True)])


def test_decrypted_block_equals_the_plaintext_encoding(
    checked: Checked, sealed_study: SealedStudy, encryptor: Encryptor, decryptor: Decryptor
) -> None:
    order = np.array([7, 0, 39, 12, 5])
    block = sealer_of(checked, sealed_study).seal(encryptor, BlockPlan(3, "train", order), checked.spans[order])

    plain = checked.reader.encode(checked.table.gather(checked.spans[order]))
    slots = opened(block, decryptor)
    np.testing.assert_allclose(slots[:-1, :5], plain.columns, atol=PRECISION)
    np.testing.assert_allclose(slots[-1, :5], plain.outcome, atol=PRECISION)
    np.testing.assert_allclose(slots[:, 5:], 0, atol=PRECISION)  # empty slots, the intercept's too


def test_block_envelope_says_whose_it_is_and_has_the_announced_sizes(
    checked: Checked, sealed_study: SealedStudy, encryptor: Encryptor
) -> None:
    order = np.arange(40)
    block = sealer_of(checked, sealed_study).seal(encryptor, BlockPlan(3, "holdout", order), checked.spans)

    header = envelope.from_bytes(block.envelope).header
    assert (header.kind, header.study, header.key_fingerprint) == ("block", "surgery", sealed_study.fingerprint)
    assert header.meta == {
        "institution": "north",
        "dictionary_digest": sealed_study.study.dictionary.digest,
        "role": "holdout",
        "patients": 40,
        "index": 3,
    }
    assert header.items == [packed_bytes(RING, RING.max_level)] * 9 + [packed_bytes(RING, OUTCOME_LEVEL)]


def test_plan_separates_held_out_patients_and_fills_blocks(checked: Checked, sealed_study: SealedStudy) -> None:
    rule = sealed_study.study.package.holdout
    plans = plan_blocks(checked.hashes, rule, 10, order_key(None))

    train = [plan for plan in plans if plan.role == "train"]
    holdout = [plan for plan in plans if plan.role == "holdout"]
    assert plans == train + holdout and [plan.index for plan in plans] == list(range(len(plans)))
    assert all(len(plan.patients) == 10 for plan in train[:-1])
    assert sorted(np.concatenate([plan.patients for plan in plans])) == list(range(40))
    held = {int(at) for plan in holdout for at in plan.patients}
    assert held == {at for at, one in enumerate(checked.hashes) if is_held_out(one, rule.fraction)}
    assert {f"p{at}" for at in held} == set(holdout_ids([f"p{n}" for n in range(40)], rule))


def test_patient_order_is_secret_unless_a_rehearsal_fixes_it(checked: Checked, sealed_study: SealedStudy) -> None:
    def order(seed: int | None) -> list[int]:
        plans = plan_blocks(checked.hashes, sealed_study.study.package.holdout, 64, order_key(seed))
        return plans[0].patients.tolist()

    assert order(7) == order(7) != order(8)
    assert order(None) != order(None)
    assert order(7) != sorted(order(7))


def test_two_processes_seal_every_patient_once(
    checked: Checked, sealed_study: SealedStudy, decryptor: Decryptor
) -> None:
    plans = plan_blocks(checked.hashes, sealed_study.study.package.holdout, 12, order_key(1))
    blocks = list(seal_blocks(sealer_of(checked, sealed_study), plans, checked.spans, 2))

    assert [block.index for block in blocks] == list(range(len(plans)))
    assert sum(block.patients for block in blocks) == 40
    for block, plan in zip(blocks, plans, strict=True):
        plain = checked.reader.encode(checked.table.gather(checked.spans[plan.patients]))
        np.testing.assert_allclose(opened(block, decryptor)[:-1, : block.patients], plain.columns, atol=PRECISION)


def test_table_changed_after_the_check_is_not_encrypted(
    checked: Checked, sealed_study: SealedStudy, encryptor: Encryptor, write_table: Callable[..., Path]
) -> None:
    write_table(patients(40).replace("p1,", "p1,,"))
    with says("encryptor.table_changed", RowsInvalid):
        sealer_of(checked, sealed_study).seal(encryptor, BlockPlan(0, "train", np.arange(40)), checked.spans)
