"""Cohorts that tell on a few patients: by one hospital's numbers, or by several together, whatever came between."""

from pathlib import Path

import pytest

from hefed.core.errors import PolicyRefused
from hefed.core.learning.disclosure import DEFAULT
from hefed.core.protocol.base import RequestKind
from hefed.core.protocol.requests import CohortPart, Replaced, Request
from hefed.custodian.desk.guard import Neighbour, nearest, refuse_near
from hefed.custodian.desk.history import (
    check_holdout,
    check_new,
    check_pool,
    check_replacement,
    check_rows,
    check_snapshots,
    check_tables,
)
from hefed.custodian.keeping.records import BatchRecord, JobRecord, SeenBatch
from hefed.custodian.keeping.store import Store
from hefed.custodian.keeping.vault import Sealer
from tests.words.raises import says

Parts = list[CohortPart]


def part(batch: str, institution: str, rows: int, *replaced: tuple[str, int, int], counted: bool = True) -> CohortPart:
    """``replaced``: an earlier batch, how many joined since, how many left."""
    stated = tuple(Replaced(batch=name, added=added, removed=removed) for name, added, removed in replaced)
    return CohortPart(batch=batch, institution=institution, rows=rows, replaced=stated, counted=counted)


def job(cohort: Parts, holdout: Parts | None = None, whole: Parts | None = None) -> JobRecord:
    fields = {"job": "j0", "round": 9, "expects": None, "columns": [], "dictionary_digest": "", "optimiser": {}}
    return JobRecord.model_validate({**fields, "cohort": cohort, "holdout": holdout or [], "whole": whole or []})


def request(kind: RequestKind, cohort: Parts) -> Request:
    fields = {"request": "r1", "kind": kind, "study": "demo", "job": "j1", "round": 0, "payload_bytes": 1}
    return Request.model_validate(
        {**fields, "cohort": cohort, "created_at": "2025-01-01T00:00:00Z", "payload_sha256": "0" * 64}
    )


A, B = part("a", "north", 500), part("b", "south", 300)
E5 = part("e", "east", 5)


# ---- two pools


@pytest.mark.parametrize(
    ("earlier", "pool", "what"),
    [
        ([A, B], [A, B, part("c", "north", 1)], "one more"),
        ([A, B], [A, B, part("c", "east", 7)], "a tiny hospital more"),
        ([A, E5], [A], "a tiny hospital less"),
        ([A, E5], [A, B], "a tiny hospital less, while another joins"),
        ([A, B], [A, B, part("c", "north", 3), part("d", "south", 400)], "three more, while many join elsewhere"),
        ([A, B], [A, part("d", "south", 303, ("b", 10, 7))], "seven less, though ten joined"),
        ([A, B], [A, part("d", "south", 301, ("b", 1, 0))], "one more in a table sent anew"),
        ([A, B], [part("d", "north", 499, ("a", 0, 1)), part("f", "south", 308, ("b", 8, 0))], "north -1, south +8"),
    ],
)
def test_pools_that_differ_at_any_hospital_by_a_handful_are_not_both_opened(
    earlier: Parts, pool: Parts, what: str
) -> None:
    with says("disclosure.cohort_differs", PolicyRefused, small_cell=7):
        check_pool(pool, [job(earlier)], DEFAULT)


@pytest.mark.parametrize(
    "pool",
    [
        [A, B],
        [B, A],
        [A, B, part("c", "north", 8)],
        [A],
        [part("d", "north", 500, ("a", 0, 0)), B],
        [A, part("d", "south", 300, ("b", 8, 8))],
        [A, part("d", "south", 292, ("b", 0, 8))],
        [A, part("d", "south", 400)],
    ],
)
def test_pool_that_is_equal_or_differs_by_more_is_answered(pool: Parts) -> None:
    check_pool(pool, [job([A, B])], DEFAULT)


def test_pool_whose_manifest_does_not_count_what_it_shares_is_refused() -> None:
    """Another table of as many rows may be the same one without a patient."""
    with says("desk.count_missing", PolicyRefused, institution="south", batch="d"):
        check_pool([A, part("d", "south", 900, counted=False)], [job([A, B])], DEFAULT)


def test_batch_of_another_study_is_never_taken_for_other_patients_without_a_count() -> None:
    earlier = [part("other/b", "south", 300)]
    with says("desk.count_missing", PolicyRefused, institution="south", batch="d"):
        check_pool([part("d", "south", 900)], [job(earlier)], DEFAULT)
    check_pool([part("d", "south", 900, ("other/b", 700, 100))], [job(earlier)], DEFAULT)
    with says("disclosure.cohort_differs", PolicyRefused, small_cell=7):
        check_pool([part("d", "south", 900, ("other/b", 601, 1))], [job(earlier)], DEFAULT)


def test_numbers_that_contradict_the_rows_are_refused() -> None:
    with says("desk.count_wrong", PolicyRefused, batch="d", before="b"):
        check_pool([A, part("d", "south", 299, ("b", 20, 20))], [job([A, B])], DEFAULT)


def test_table_encrypted_anew_twice_is_still_compared_with_the_first() -> None:
    again = part("a2", "north", 500, ("a", 0, 0))
    third = part("a3", "north", 499, ("a2", 0, 1))
    jobs = [job([A, B]), job([again, B])]
    check_pool([again, B], jobs, DEFAULT)
    with says("disclosure.cohort_differs", PolicyRefused, small_cell=7):
        check_pool([third, B], jobs, DEFAULT)


def test_going_back_to_the_table_before_is_a_difference_too() -> None:
    with says("disclosure.cohort_differs", PolicyRefused, small_cell=7):
        check_pool([A, B], [job([part("d", "north", 499, ("a", 0, 1)), B]), job([A, E5])], DEFAULT)


# ---- several pools together


def test_four_pools_that_isolate_one_patient_are_not_all_opened() -> None:
    """S1 + S2 - S3 - S4 is one patient, although every two of them differ by eight and more."""
    own = part("own", "west", 2000)
    first = part("n1", "north", 40)  # groups of 20: 1 2
    second = part("n2", "north", 40, ("n1", 40, 40))  # 3 4
    third = part("n3", "north", 39, ("n1", 19, 20), ("n2", 20, 21))  # 1 3 without one patient of 3
    fourth = part("n4", "north", 40, ("n1", 20, 20), ("n2", 20, 20), ("n3", 40, 39))  # 2 4
    opened = [job([own, one]) for one in (first, second, third)]
    for k in range(3):
        check_pool(opened[k].cohort, opened[:k], DEFAULT)
        check_pool([own, fourth], opened[k : k + 1], DEFAULT)
    with says("desk.combination", PolicyRefused, small_cell=7):
        check_pool([own, fourth], opened, DEFAULT)


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 0, 1), (1, 2, 0)])
def test_three_pools_that_isolate_a_tiny_hospital_are_not_all_opened(order: tuple[int, int, int]) -> None:
    """{A, e} + {B, e} - {A, B, e} is e, which is in every one of them."""
    pools = [[A, E5], [B, E5], [A, B, E5]]
    first, second, third = (pools[k] for k in order)
    check_pool(second, [job(first)], DEFAULT)
    with says("desk.combination", PolicyRefused, small_cell=7):
        check_pool(third, [job(first), job(second)], DEFAULT)


def test_hospital_whose_tables_keep_overlapping_waits_for_a_person() -> None:
    tables = [part("t0", "north", 400)]
    for k in range(1, 8):
        tables.append(part(f"t{k}", "north", 400, *((f"t{i}", 50 * (k - i), 50 * (k - i)) for i in range(k))))
    jobs = [job([one]) for one in tables[:6]]
    for k in range(6):
        check_pool(jobs[k].cohort, jobs[:k], DEFAULT)
    with says("desk.versions", PolicyRefused, institution="north", versions=7, most=6):
        check_pool([tables[6]], jobs, DEFAULT)


def test_growing_hospitals_are_opened_in_every_mixture() -> None:
    north = [[part(f"n{k}", "north", 10) for k in range(count)] for count in (5, 6, 7)]
    south = [[part(f"s{k}", "south", 12) for k in range(count)] for count in (5, 7)]
    jobs: list[JobRecord] = []
    for left in ([], *north):
        for right in south:
            check_pool([*left, *right], jobs, DEFAULT)
            jobs.append(job([*left, *right]))


# ---- tables and held-out cohorts


@pytest.mark.parametrize(
    ("rows_of_c", "rows_of_d", "refused"),
    [
        (9, 400, False),  # Table 1 of north: 609 against 600
        (7, 400, True),  # 607 against 600, though the pools differ by hundreds
        (9, 6, True),  # 615 pooled against 609, which were all of another pool
    ],
)
def test_pool_whose_table_tells_of_a_few_patients_is_refused(rows_of_c: int, rows_of_d: int, refused: bool) -> None:
    a, b, c = part("a", "north", 600), part("b", "south", 350), part("c", "north", rows_of_c)
    jobs = [job([], whole=[a, b]), job([], whole=[a, c])]
    new = [a, c, part("d", "east", rows_of_d)]
    if not refused:
        check_tables(new, jobs[:1], DEFAULT)
        return
    with says("disclosure.cohort_differs", PolicyRefused, small_cell=7):
        check_tables(new, jobs, DEFAULT)


@pytest.mark.parametrize(
    ("earlier", "cohort", "what"),
    [
        ([A, B], [A], "north's own 500 were told before; alone they are everybody now"),
        ([A, B], [A, part("e", "east", 300)], "north's own metrics are the same 500 patients again"),
        ([A, E5], [A, E5], "the same cohort again"),
        ([A, B], [A, B, part("e", "east", 8)], "8 more patients"),
    ],
)
def test_evaluation_that_tells_of_nobody_is_answered(earlier: Parts, cohort: Parts, what: str) -> None:
    check_holdout(cohort, [job([A], earlier)], DEFAULT)


@pytest.mark.parametrize(
    ("earlier", "cohort", "what"),
    [
        ([A, B], [A, B, part("e", "east", 7)], "807 pooled - 800 pooled = 7"),
        ([A, B], [A, part("e", "east", 4)], "504 pooled - 500 of north = 4"),
        ([A, part("e", "east", 4)], [A, part("e", "east", 4), B], "500 of north against 504 pooled = 4"),
        ([A, B], [A, B, part("c", "north", 6), part("d", "south", 400)], "506 of north - 500 of north = 6"),
    ],
)
def test_evaluation_that_tells_of_seven_patients_or_fewer_is_refused(earlier: Parts, cohort: Parts, what: str) -> None:
    with says("disclosure.cohort_differs", PolicyRefused, small_cell=7):
        check_holdout(cohort, [job([A], earlier)], DEFAULT)


@pytest.mark.parametrize(("kind", "rows"), [("moments", 499), ("evaluation", 98)])
def test_batch_that_brings_fewer_rows_than_to_an_earlier_job_is_refused(kind: RequestKind, rows: int) -> None:
    jobs = [job([A], [part("a", "north", 100)])]
    check_rows(request(kind, [part("a", "north", 500 if kind == "moments" else 100)]), jobs)
    with says("desk.rows_changed", PolicyRefused, batch="a"):
        check_rows(request(kind, [part("a", "north", rows)]), jobs)


def test_batch_that_tells_another_story_of_what_it_replaced_is_refused() -> None:
    replacement = part("d", "south", 300, ("b", 8, 8))
    jobs = [job([A, B]), job([A, replacement])]
    check_rows(request("moments", [A, replacement]), jobs)
    for other in (part("d", "south", 300, ("b", 0, 0)), part("d", "south", 300), B.model_copy(update={"batch": "d"})):
        with says("desk.replaced_changed", PolicyRefused, batch="d"):
            check_rows(request("moments", [A, other]), jobs)


# ---- whole hospitals


def seen(*parts: CohortPart, forgotten: str = "") -> list[SeenBatch]:
    """In the order of admission; the last event is that one was forgotten."""
    found = [SeenBatch(part=one, admitted=k) for k, one in enumerate(parts, 1)]
    last = len(found) + 1
    return [one.model_copy(update={"forgotten": last}) if one.part.batch == forgotten else one for one in found]


def batch_of(one: CohortPart) -> BatchRecord:
    return BatchRecord(batch=one.batch, institution=one.institution, rows=one.rows, n_columns=1, sums=[1.0])


N1, N2, N3 = (part(f"n{k}", "north", 100) for k in (1, 2, 3))


@pytest.mark.parametrize("pool", [[N1], [N1, N2], [N1, N2, N3], [B]])
def test_pool_of_a_whole_hospital_at_some_moment_is_taken(pool: Parts) -> None:
    check_snapshots(pool, seen(N1, N2, N3), "train", [])


@pytest.mark.parametrize("pool", [[N2], [N3], [N2, N3], [N1, N3], [B, N2]])
def test_pool_of_some_of_a_hospitals_batches_is_refused(pool: Parts) -> None:
    with says("desk.part_of_hospital", PolicyRefused, institution="north"):
        check_snapshots(pool, seen(N1, N2, N3), "train", [])


def test_pool_of_some_batches_that_was_opened_before_is_taken_again() -> None:
    check_snapshots([N2, B], seen(N1, N2, N3), "train", [[N2]])


def test_what_was_forgotten_or_replaced_is_not_missed() -> None:
    check_snapshots([N2, N3], seen(N1, N2, N3, forgotten="n1"), "train", [])
    anew = part("n4", "north", 100, ("n1", 20, 20))
    check_snapshots([N2, N3, anew], seen(N1, N2, N3, anew), "train", [])
    with says("desk.part_of_hospital", PolicyRefused, institution="north"):
        check_snapshots([N1, N2, N3, anew], seen(N1, N2, N3, anew), "train", [])


def test_batches_that_went_with_a_key_and_came_back_with_it_never_stood_in_part(tmp_path: Path) -> None:
    store = Store(tmp_path, Sealer(b"k" * 32))
    store.see(SeenBatch(part=one) for one in (N1, N2))
    store.keep_batches(batch_of(one) for one in (N1, N2))
    assert store.forget_all() == 2
    store.stand_again(["n1", "n2", "never admitted"])
    store.see([SeenBatch(part=N3)])
    for pool in ([N1], [N1, N2], [N1, N2, N3]):
        check_snapshots(pool, store.seen(), "train", [])
    for pool in ([N2], [N3], [N1, N3], [N2, N3]):
        with says("desk.part_of_hospital", PolicyRefused, institution="north"):
            check_snapshots(pool, store.seen(), "train", [])


def test_batch_that_came_back_is_not_the_one_that_replaced_it() -> None:
    anew = part("n4", "north", 100, ("n1", 20, 20))
    back = [SeenBatch(part=N1, admitted=4, before=((1, 3),)), SeenBatch(part=anew, admitted=4, before=((2, 3),))]
    check_snapshots([anew], back, "train", [])
    with says("desk.part_of_hospital", PolicyRefused, institution="north"):
        check_snapshots([N1, anew], back, "train", [])


def test_batch_without_patients_in_a_role_is_not_missed_there() -> None:
    tiny = part("n2", "north", 3).model_copy(update={"held_out": 0})
    check_snapshots([N1, N3], seen(N1, tiny, N3), "holdout", [])
    with says("desk.part_of_hospital", PolicyRefused, institution="north"):
        check_snapshots([N1, N3], seen(N1, tiny, N3), "train", [])


# ---- batches


def test_batch_id_stands_for_its_rows_for_good() -> None:
    known = seen(N1, N2, forgotten="n2")
    check_new(request("admission", [N3]), known)
    check_new(request("admission", [N1]), known)
    for batch in (N1.model_copy(update={"rows": 99}), part("n1", "north", 100, ("n0", 9, 9)), N2):
        with says("desk.batch_seen", PolicyRefused, batch=batch.batch):
            check_new(request("admission", [batch]), known)


@pytest.mark.parametrize(("added", "removed", "taken"), [(0, 0, True), (8, 9, True), (0, 1, False), (7, 300, False)])
def test_sums_of_two_tables_a_few_patients_apart_are_not_both_opened(added: int, removed: int, taken: bool) -> None:
    new = part("d", "north", 100, ("n1", added, removed))
    if taken:
        check_replacement(new, seen(N1), DEFAULT)
        return
    with says("desk.replaced_few", PolicyRefused, batch="n1", small_cell=7):
        check_replacement(new, seen(N1), DEFAULT)


# ---- what approvers see


def test_nearest_pools_are_named_by_rounded_numbers() -> None:
    opened = {"j1": [A, B], "j2": [A], "j3": [A, B, part("c", "east", 12)], "j4": [part("x", "west", 90)]}
    found = nearest([A, B, part("c", "east", 12), part("d", "west", 33)], opened, DEFAULT, most=2)
    assert found == [Neighbour("j3", 35, 0), Neighbour("j1", 45, 0)]
    assert nearest([A, B], {"j1": [B, A]}, DEFAULT) == []


def test_display_of_pools_that_an_earlier_version_let_pass_hides_the_few() -> None:
    assert nearest([A, B], {"j1": [A, B, E5]}, DEFAULT) == [Neighbour("j1", 0, None)]


def test_refusal_does_not_depend_on_the_order_in_which_pools_were_opened() -> None:
    less = part("d", "north", 493, ("a", 0, 7))
    for first, second in (([A], [less]), ([less], [A])):
        with says("disclosure.cohort_differs", PolicyRefused, small_cell=7):
            refuse_near(second, [first, [part("z", "west", 80)]], DEFAULT)
