"""A plan adds up: its parts are its whole, and twice the work is twice the price where work is all that grows."""

import itertools

import pytest

from hefed.core.ckks import cost
from hefed.core.ckks.cost import Costs
from hefed.core.ckks.params import profile
from hefed.core.errors import BadInput
from hefed.core.learning.kinds.table import KINDS, first_kind, kind_named, may_follow, total_names
from hefed.core.learning.plan import (
    CUSTODIAN_SECONDS,
    Pool,
    block_bytes,
    count_round,
    plan,
    round_seconds,
    typical_circuit,
    typical_job,
)
from tests.words.raises import says

RING = profile("N14_L9")
FREE = Costs(
    RING.name,
    "nothing",
    dict.fromkeys(cost.stored(RING).operations, 0.0),
    dict.fromkeys(cost.stored(RING).calls, 0.0),
)

# ---- seconds ---------------------------------------------------------------------------------------------------------


def test_free_operations_leave_the_custodians_seconds() -> None:
    free = plan(RING, Pool(10, 20, 5), 1, FREE)
    assert free.seconds == pytest.approx(CUSTODIAN_SECONDS * free.rounds)


@pytest.mark.parametrize("factor", [2.0, 0.5])
def test_faster_core_scales_all_but_the_custodian(factor: float) -> None:
    stored = cost.stored(RING)
    scaled = Costs(
        stored.profile,
        stored.command,
        {operation: factor * seconds for operation, seconds in stored.operations.items()},
        {name: factor * seconds for name, seconds in stored.calls.items()},
    )
    one, other = (plan(RING, Pool(10, 20, 5), 2, costs) for costs in (stored, scaled))
    waiting = CUSTODIAN_SECONDS * one.rounds
    assert other.seconds - waiting == pytest.approx(factor * (one.seconds - waiting))


def test_plan_is_the_sum_of_its_rounds() -> None:
    pool, stored = Pool(12, 30, 8), cost.stored(RING)
    rounds = [round_seconds(RING, pool, circuit, 3, stored) for circuit in typical_job(12)]
    assert plan(RING, pool, 3).seconds == pytest.approx(sum(rounds))
    assert plan(RING, pool, 3).rounds == len(rounds)


@pytest.mark.parametrize("kind", ["moments", "gradient", "hessian", "evaluation"])
def test_each_further_block_of_a_round_costs_the_same(kind: str) -> None:
    circuit = next(one for one in typical_job(8) if one.kind == kind)
    seconds = [round_seconds(RING, Pool(8, n, n), circuit, 1, cost.stored(RING)) for n in (10, 20, 30)]
    assert seconds[2] - seconds[1] == pytest.approx(seconds[1] - seconds[0])
    assert seconds[1] > seconds[0]


@pytest.mark.parametrize("workers", [4, 5, 100])
def test_workers_beyond_the_blocks_gain_nothing(workers: int) -> None:
    circuit = typical_circuit("moments", 8)
    at_most = round_seconds(RING, Pool(8, 4), circuit, 4, cost.stored(RING))
    assert round_seconds(RING, Pool(8, 4), circuit, workers, cost.stored(RING)) == pytest.approx(at_most)


def test_held_out_blocks_cost_the_evaluation_alone() -> None:
    few, many = plan(RING, Pool(8, 10, 2)).seconds_by_kind, plan(RING, Pool(8, 10, 20)).seconds_by_kind
    assert {kind for kind in few if few[kind] != many[kind]} == {"evaluation"}


def test_pool_without_blocks_still_plans() -> None:
    empty = plan(RING, Pool(8, 0, 0), 2)
    assert empty.upload_bytes == 0 and empty.seconds >= CUSTODIAN_SECONDS * empty.rounds


# ---- bytes -----------------------------------------------------------------------------------------------------------


def test_upload_is_blocks_times_their_size_and_a_column_more_costs_a_column() -> None:
    assert plan(RING, Pool(8, 10, 3)).upload_bytes == 13 * block_bytes(RING, 8)
    column = block_bytes(RING, 9) - block_bytes(RING, 8)
    assert block_bytes(RING, 31) - block_bytes(RING, 30) == column > 0


@pytest.mark.parametrize(("workers", "blocks"), [(1, 20), (2, 20), (2, 21), (3, 20), (20, 21)])
def test_memory_of_a_worker_is_its_share_rounded_up(workers: int, blocks: int) -> None:
    share = -(-blocks // workers)
    alone = plan(RING, Pool(8, share)).memory_bytes
    assert plan(RING, Pool(8, blocks), workers).memory_bytes == alone


def test_traffic_grows_with_held_out_blocks_but_not_with_training_blocks() -> None:
    one = plan(RING, Pool(8, 10, 2)).traffic_bytes
    assert plan(RING, Pool(8, 99, 2)).traffic_bytes == one < plan(RING, Pool(8, 10, 3)).traffic_bytes


# ---- the job ---------------------------------------------------------------------------------------------------------


def test_typical_job_is_one_the_server_would_allow() -> None:
    kinds = [circuit.kind for circuit in typical_job(5)]
    assert kinds[0] == first_kind().name and not kind_named(kinds[-1]).leaves_job_open
    assert all(itertools.starmap(lambda before, after: may_follow(after, before), itertools.pairwise(kinds)))


@pytest.mark.parametrize("kind", ["", "Moments", "nonsense", "x" * 50])
def test_unknown_kind_is_refused_and_follows_nothing(kind: str) -> None:
    with says("rounds.kind_unknown", BadInput, kind=kind[:20], known=tuple(KINDS)):
        total_names(kind, 3)
    assert not any(may_follow(kind, other) for other in KINDS)


@pytest.mark.parametrize(
    ("kind", "expected"), [("moments", 12), ("gradient", 3), ("hessian", 6), ("admission", 9), ("evaluation", 0)]
)
def test_round_opens_as_many_totals_as_its_statistics_need(kind: str, expected: int) -> None:
    names = total_names(kind, 3)
    assert len(names) == len(set(names)) == expected


def test_counting_is_the_same_every_time_and_for_every_pool() -> None:
    circuit = typical_circuit("gradient", 7, 31)
    assert count_round(RING, circuit) == count_round(RING, typical_circuit("gradient", 7, 31))
    assert sum(count_round(RING, circuit).block.values()) > 0
