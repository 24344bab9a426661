"""Table 1 against NumPy on the patients themselves, and what each edge of suppression shows."""

from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hefed.core.dictionary.variables import Column
from hefed.core.errors import BadInput
from hefed.core.learning.disclosure import COMPLEMENT, DEFAULT, POOLED, Thresholds
from hefed.core.learning.table_one import (
    hidden_sizes,
    hidden_table,
    pool_tables,
    pooled,
    read_sums,
    small_cells,
    table_one,
)
from hefed.core.protocol.results import TableOne, VariableSummary
from hefed.core.words import Said
from tests.words.raises import holds, says

AGE = Column("age", "Age", "age", "continuous", "years", centre=60.0, scale=15.0)
MALE = Column("male", "Male", "sex", "indicator01")
COLUMNS = (Column("intercept", "Intercept", "", "intercept"), AGE, MALE)
Patients = tuple[np.ndarray, np.ndarray, np.ndarray]


def patients(n: int, deaths: int, male: int, seed: int = 0) -> Patients:
    """Ages in years, who is male, who died."""
    rng = np.random.default_rng(seed)
    flags = [(rng.permutation(n) < count) * 1.0 for count in (male, deaths)]
    return rng.normal(66.0, 11.0, n), flags[0], flags[1]


def totals(people: Patients) -> np.ndarray:
    """What admission opens: sums of x, of x x beyond the intercept, of y x, of y y."""
    age, male, died = people
    x = np.column_stack([np.ones(len(age)), (age - AGE.centre) / AGE.scale, male])
    return np.concatenate([x.sum(0), (x[:, 1:] ** 2).sum(0), died @ x, [died @ died]])


def joined(people: Sequence[Patients]) -> Patients:
    age, male, died = (np.concatenate(parts) for parts in zip(*people, strict=True))
    return age, male, died


def table(n: int = 400, deaths: int = 80, male: int = 150, thresholds: Thresholds = DEFAULT) -> TableOne:
    return table_one(totals(patients(n, deaths, male)), COLUMNS, thresholds)


# ---- numbers ---------------------------------------------------------------------------------------------------------


@settings(deadline=None, max_examples=40)
@given(st.integers(30, 3000), st.integers(0, 2**31), st.data())
def test_shown_numbers_are_numpys_to_the_grid_they_are_rounded_to(n: int, seed: int, data: st.DataObject) -> None:
    deaths, male = data.draw(st.integers(8, n - 8)), data.draw(st.integers(8, n - 8))
    age, _, _ = people = patients(n, deaths, male, seed)
    found = table_one(totals(people), COLUMNS)
    first, second = found.variables

    assert abs(found.n - n) <= 2 and abs(found.events - deaths) <= 2 and abs(second.count - male) <= 2
    assert first.sd == pytest.approx(age.std(ddof=1), rel=0.006)
    assert first.mean == pytest.approx(age.mean(), abs=age.std(ddof=1) / 100)
    assert second.mean == pytest.approx(second.count / found.n, rel=0.006)


def test_every_shown_count_is_a_multiple_and_the_share_is_that_of_rounded_counts() -> None:
    found = table(n=1003, male=398)

    assert (found.n, found.events, found.variables[1].count) == (1005, 80, 400)
    assert found.variables[1].mean == round(400 / 1005, 3)


def test_everybody_of_one_age_has_no_negative_variance() -> None:
    _, male, died = patients(100, 30, 40)
    found = table_one(totals((np.full(100, 77.7), male, died)), COLUMNS).variables[0]

    assert found.sd == pytest.approx(0.0, abs=1e-5)
    assert found.mean == pytest.approx(77.7, abs=0.01)


@pytest.mark.parametrize("noise", [1e-5, -1e-5, 0.3, -0.3])
def test_noise_of_an_opening_changes_no_count(noise: float) -> None:
    exact, noisy = totals(patients(403, 57, 101)), totals(patients(403, 57, 101)) + noise

    assert (read_sums(noisy, 3).n, read_sums(noisy, 3).events) == (403, 57)
    assert table_one(noisy, COLUMNS).variables[1].count == table_one(exact, COLUMNS).variables[1].count == 100


def test_totals_are_sorted_by_meaning() -> None:
    sums = read_sums([10, 1, 2, 3, 4, 5, 6, 7, 8], 3)

    assert [*sums.x] == [10, 1, 2] and [*sums.xx] == [10, 3, 4] and [*sums.yx] == [5, 6, 7] and sums.yy == 8


@pytest.mark.parametrize("found", [0, 8, 10])
def test_other_number_of_totals_is_refused(found: int) -> None:
    with says("rounds.admission_totals", BadInput, found=found, columns=3, expected=9):
        table_one([1.0] * found, COLUMNS)


# ---- edges of suppression --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("deaths", "shown"), [(0, 0), (1, None), (7, None), (8, 10), (392, 390), (393, None), (399, None), (400, 400)]
)
def test_deaths_are_shown_unless_they_or_survivors_are_one_to_seven(deaths: int, shown: int | None) -> None:
    found = table(deaths=deaths)
    assert found.events == shown
    assert found.suppressed == ("" if shown is not None else DEFAULT.few_deaths)


@pytest.mark.parametrize(
    ("male", "shown"), [(0, 0), (1, None), (7, None), (8, 10), (392, 390), (393, None), (400, 400)]
)
def test_flag_is_shown_unless_its_ones_or_zeros_are_one_to_seven(male: int, shown: int | None) -> None:
    summary = table(male=male).variables[1]
    assert summary.count == shown and (summary.mean is None) == (shown is None)
    assert (summary.suppressed == "") == (shown is not None)


@pytest.mark.parametrize(("n", "shown"), [(7, None), (8, 10)])
def test_batch_of_eight_has_a_size_and_one_of_seven_has_nothing(n: int, shown: int | None) -> None:
    found = table(n=n, deaths=0, male=0)
    assert found.n == shown
    assert all((summary.mean is None) == (shown is None) for summary in found.variables)
    assert found.suppressed == ("" if shown else Said("disclosure.small_patients", small_cell=7))


@pytest.mark.parametrize(("small_cell", "shown"), [(11, True), (12, False), (20, False)])
def test_stricter_study_hides_more(small_cell: int, shown: bool) -> None:
    found = table(deaths=12, male=12, thresholds=Thresholds(small_cell=small_cell))
    assert (found.events is not None) == (found.variables[1].count is not None) == shown


def test_coarser_study_rounds_coarser() -> None:
    coarse = table(n=404, deaths=87, male=153, thresholds=Thresholds(round_to=20, curve_events=20))
    assert (coarse.n, coarse.events, coarse.variables[1].count) == (400, 80, 160)


def test_cells_are_small_from_one_to_the_threshold() -> None:
    assert small_cells(np.array([0, 1, 7, 8]), DEFAULT).tolist() == [False, True, True, False]


# ---- everybody -------------------------------------------------------------------------------------------------------


def test_everybodys_table_is_that_of_all_patients_together() -> None:
    hospitals = {name: patients(n, n // 5, n // 2, seed) for seed, (name, n) in enumerate([("a", 400), ("b", 250)])}
    tables = pool_tables({name: totals(people) for name, people in hospitals.items()}, COLUMNS)

    assert list(tables) == [POOLED, "a", "b"]
    assert tables[POOLED] == table_one(totals(joined([*hospitals.values()])), COLUMNS)
    assert tables["a"] == table_one(totals(hospitals["a"]), COLUMNS)


def test_three_deaths_at_one_hospital_are_not_the_pool_minus_the_others() -> None:
    people = {"a": patients(300, 3, 150), "b": patients(300, 60, 150, 1), "c": patients(300, 90, 150, 2)}
    tables = pool_tables({name: totals(one) for name, one in people.items()}, COLUMNS)

    assert [tables[name].events for name in ("a", "b", "c")] == [None, None, 90]
    assert holds(tables["b"].suppressed, "disclosure.deaths", why=COMPLEMENT)
    assert tables[POOLED].events == 155


def test_hospital_of_five_shows_nothing_nor_does_the_next_smallest() -> None:
    people = {"a": patients(5, 0, 0), "b": patients(300, 60, 150), "c": patients(400, 80, 150)}
    tables = pool_tables({name: totals(one) for name, one in people.items()}, COLUMNS)

    assert [tables[name].n for name in ("a", "b", "c", POOLED)] == [None, None, 400, 705]
    assert holds(tables["a"].suppressed, "disclosure.small_patients", small_cell=7)
    assert holds(tables["b"].suppressed, "disclosure.patients", why=COMPLEMENT)
    assert all(one.count is None and one.mean is None for name in ("a", "b") for one in tables[name].variables)


@given(st.lists(st.integers(0, 60), min_size=1, max_size=6))
def test_hidden_sizes_never_leave_one_hospital_to_subtract(sizes: list[int]) -> None:
    hidden = hidden_sizes(np.array(sizes), DEFAULT)
    unknown = [size for size, hide in zip(sizes, hidden[:-1], strict=True) if hide]

    assert all(hide for size, hide in zip(sizes, hidden, strict=False) if 1 <= size <= 7)
    if not hidden[-1]:
        assert len(unknown) != 1 and not 1 <= sum(unknown) <= 7


@given(st.lists(st.tuples(*[st.integers(0, 40)] * 3), min_size=1, max_size=4))
def test_no_row_or_column_of_a_table_gives_a_small_cell_back(rows: list[tuple[int, int, int]]) -> None:
    counts = np.array(rows)
    silent = hidden_sizes(counts.sum(axis=1), DEFAULT)
    hidden = hidden_table(counts, DEFAULT, absent=silent[:-1])
    whole = np.vstack([counts, counts.sum(axis=0)])

    assert hidden[(whole >= 1) & (whole <= 7)].all() and hidden[silent[:-1].nonzero()].all()
    for line, hide in zip(whole[~silent], hidden[~silent], strict=True):  # the sum of such a row is shown
        assert hide.sum() != 1 and not 1 <= line[hide].sum() <= 7
    for line, hide in zip(whole.T, hidden.T, strict=True):
        if hide[-1]:  # else the hospitals' cells would add up to it
            assert hide[:-1].any() or line[-1] == 0
        else:
            assert hide[:-1].sum() != 1 and not 1 <= line[:-1][hide[:-1]].sum() <= 7


@given(st.lists(st.integers(8, 1000), min_size=2, max_size=8))
def test_table_without_small_cells_hides_nothing(cells: list[int]) -> None:
    assert not hidden_table(np.array(cells)[:, None].repeat(2, axis=1), DEFAULT).any()


# ---- tables already shown --------------------------------------------------------------------------------------------


def test_no_table_pooled_says_so() -> None:
    assert pooled([]) == TableOne(n=None, events=None, variables=[], suppressed=Said("disclosure.no_batch"))


def test_single_table_pooled_is_itself_up_to_rounding() -> None:
    one = table()
    again = pooled([one])

    assert (again.n, again.events) == (one.n, one.events)
    assert [(v.mean, v.sd, v.count) for v in again.variables] == [(v.mean, v.sd, v.count) for v in one.variables]


def test_pooled_mean_and_sd_are_those_of_everybody() -> None:
    people = [patients(500, 100, 200, 1), patients(1000, 200, 700, 2)]
    people[1] = (people[1][0] + 20.0, *people[1][1:])
    found = pooled([table_one(totals(one), COLUMNS) for one in people])
    age, male, _ = joined(people)

    assert found.variables[0].mean == pytest.approx(age.mean(), abs=0.2)
    assert found.variables[0].sd == pytest.approx(age.std(), rel=0.01)
    assert found.variables[1].mean == pytest.approx(male.mean(), abs=0.001) and found.variables[1].count == 900


def test_number_missing_in_one_table_is_missing_in_the_sum_and_the_rest_is_not() -> None:
    found = pooled([table(), table(deaths=3)])

    assert (found.n, found.events) == (800, None)
    assert found.suppressed == DEFAULT.few_deaths
    assert found.variables[1].count == 300


def test_different_reasons_are_each_told_once() -> None:
    reasons = [Said("disclosure.small", small_cell=7), COMPLEMENT, COMPLEMENT]
    tables = [
        TableOne(
            n=100,
            events=20,
            variables=[VariableSummary(column="male", mean=None, sd=None, count=None, suppressed=reason)],
            suppressed="",
        )
        for reason in reasons
    ]
    (summary,) = pooled(tables).variables
    assert summary.suppressed == Said("disclosure.reasons", reasons=(reasons[0], COMPLEMENT))
