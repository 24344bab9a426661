"""A worker process keeps what its job comes back to, and never more than its budget."""

from hypothesis import given
from hypothesis import strategies as st

from hefed.core.ckks.params import profile
from training.jobs.worker.loading import HotBlocks, LoadedBlock, loaded_bytes

BLOCK = LoadedBlock([], None)


def test_memory_stays_within_the_budget_and_later_blocks_are_not_kept():
    hot = HotBlocks(250)
    for block_id in range(5):
        if hot.make_room(100, wanted=range(5)):
            hot.put(block_id, BLOCK, 100)
    assert (hot.bytes, hot.count(range(5)), hot.get(4)) == (200, 2, None)


def test_blocks_of_an_ended_job_make_room_for_the_next():
    hot = HotBlocks(200)
    for block_id in (1, 2):
        hot.put(block_id, BLOCK, 100)
    assert hot.make_room(100, wanted={2, 3})
    hot.put(3, BLOCK, 100)
    assert (hot.get(1), hot.count([2, 3])) == (None, 2)


def test_block_above_the_whole_budget_is_never_kept():
    assert not HotBlocks(99).make_room(100, wanted=())


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(1, 60), st.sets(st.integers(0, 9))), max_size=60))
def test_budget_holds_whatever_comes(calls):
    hot = HotBlocks(150)
    for block_id, size, wanted in calls:
        if hot.get(block_id) is None and hot.make_room(size, wanted):
            hot.put(block_id, BLOCK, size)
        assert hot.bytes <= hot.budget_bytes


def test_size_of_a_block_of_the_product_ring_is_the_measured_one():
    assert round(loaded_bytes(profile("N14_L9"), 31) / 1e6) == 82
