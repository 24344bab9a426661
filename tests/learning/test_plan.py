"""The plan follows from dry-run counts and measured costs, and scales as the work does."""

import dataclasses

import pytest

from bench.costs import measure
from hefed.core.ckks import cost
from hefed.core.ckks.backend import Encryptor, Evaluator, generate_keys
from hefed.core.ckks.cost import Costs, Operation
from hefed.core.ckks.params import Profile, profile
from hefed.core.errors import BadInput
from hefed.core.learning.kinds.table import RoundCircuit
from hefed.core.learning.plan import Plan, Pool, block_bytes, count_round, example_sigmoid, plan
from tests.insecure import INSECURE_TEST_N12_L9
from tests.words.raises import says

_RING = profile("N14_L9")


def _plan(columns: int = 26, blocks: int = 20, holdout: int = 5, workers: int = 1) -> Plan:
    return plan(_RING, Pool(columns, blocks, holdout), workers)


def test_more_blocks_and_more_columns_take_longer() -> None:
    assert _plan(blocks=40).seconds > _plan().seconds > _plan(columns=10).seconds


def test_second_worker_gains_at_least_half_of_the_parallel_part() -> None:
    one, two = _plan(blocks=200), _plan(blocks=200, workers=2)

    assert one.seconds / two.seconds > 1.5
    assert two.memory_bytes < one.memory_bytes


def test_study_of_the_paper_fits_its_limits() -> None:
    estimate = plan(_RING, Pool(31, 34, 9), workers=2)

    assert estimate.seconds < 240
    assert estimate.memory_bytes < 4 * 2**30
    assert estimate.rounds == estimate.custodian_answers == 12
    assert sum(estimate.seconds_by_kind.values()) == pytest.approx(estimate.seconds)


def test_upload_costs_at_most_230_bytes_a_value() -> None:
    assert block_bytes(_RING, 30) / (31 * _RING.slots) < 230


def test_plan_is_plain_data() -> None:
    assert dataclasses.asdict(_plan())["rounds"] == 12


@pytest.mark.parametrize("degree", [15, 31, 63])
def test_every_operation_of_a_gradient_is_in_the_stored_measurement(degree: int) -> None:
    circuit = RoundCircuit("gradient", 26, example_sigmoid(degree))

    assert cost.stored(_RING).seconds(count_round(_RING, circuit).block) > 0


def test_stored_measurement_names_its_command() -> None:
    assert cost.stored(_RING).command.startswith("python -m bench.rounds")


def test_costs_survive_json() -> None:
    costs = cost.stored(_RING)

    assert Costs.from_measured(costs.as_measured()) == costs


def test_small_ring_takes_the_scaled_measurement() -> None:
    small, full = cost.stored(INSECURE_TEST_N12_L9), cost.stored(_RING)

    assert all(small.operations[operation] < seconds / 4 for operation, seconds in full.operations.items() if seconds)


def test_unmeasured_operation_or_ring_is_refused() -> None:
    with says("ckks.cost_not_measured", BadInput, name="rotate", level=3, parts=2):
        cost.stored(_RING).seconds({Operation("rotate", 3, 2): 1})
    with says("ckks.cost_profile", BadInput, measured="N14_L9"):
        cost.stored(Profile("N14_SHORT", 16384, (54, 36, 60), 36))


def test_every_operation_of_every_circuit_can_be_measured_anew() -> None:
    ring = INSECURE_TEST_N12_L9
    _, keys = generate_keys(ring)
    encryptor, ops = Encryptor(keys.public), Evaluator(keys)
    counts = count_round(ring, RoundCircuit("gradient", 3, example_sigmoid(15)))
    needed = counts.prepare + counts.block + counts.lower + counts.finish

    measured = measure(ops, lambda level: encryptor.encrypt([0.5], level), needed)

    assert set(measured) == set(needed)
    assert all(seconds > 0 for seconds in measured.values())
