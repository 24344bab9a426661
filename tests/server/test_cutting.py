"""Rounds are cut into chunks that workers finish together."""

from hypothesis import given
from hypothesis import strategies as st

from training.jobs.services import cut


@given(st.integers(0, 200), st.integers(1, 40))
def test_every_block_is_in_one_chunk_and_chunks_differ_by_one(n_blocks: int, parts: int):
    rows = [(block, 10) for block in range(n_blocks)]
    chunks = cut(rows, parts)
    assert [row for chunk in chunks for row in chunk] == rows
    assert len({len(chunk) for chunk in chunks}) <= 2
    assert all(chunks)
    assert len(chunks) == min(parts, n_blocks)


def test_borders_of_gradient_chunks_agree_with_those_of_moments():
    rows = [(block, 1) for block in range(34)]
    (first, _), gradient = cut(rows, 2), cut(rows, 8)
    assert [row for chunk in gradient[:4] for row in chunk] == list(first)
