import numpy as np
import pytest

from hefed.core.dictionary.variables import Column
from hefed.core.errors import BadInput
from hefed.core.learning.disclosure import COMPLEMENT, DEFAULT, of_deaths
from hefed.core.learning.table_one import pool_tables, pooled, table_one
from hefed.core.words import Said
from tests.words.raises import says

COLUMNS = (
    Column("intercept", "Intercept", "", "intercept"),
    Column("age", "Age", "age", "continuous", "years", centre=60.0, scale=15.0),
    Column("male", "Male", "sex", "indicator01"),
    Column("cancer=local", "Cancer: local", "cancer", "indicator01", level="local"),
    Column("cancer=spread", "Cancer: spread", "cancer", "indicator01", level="spread"),
)


def totals(n: int = 1000, deaths: int = 100, male: int = 400, local: int = 200, spread: int = 100) -> list[float]:
    rng = np.random.default_rng(1)
    age = rng.normal(size=n)
    flags = [np.arange(n) < male, np.arange(n) < local, (np.arange(n) >= local) & (np.arange(n) < local + spread)]
    x = np.column_stack([np.ones(n), age, *flags]).astype(float)
    y = (rng.permutation(n) < deaths).astype(float)
    noise = rng.normal(size=3 * len(COLUMNS)) * 1e-5
    return list(np.r_[x.sum(0), (x[:, 1:] ** 2).sum(0), y @ x, y @ y] + noise)


def test_table_shows_natural_units_and_rounded_counts():
    table = table_one(totals(n=1003, deaths=102, male=398), COLUMNS)
    age, male = table.variables[:2]
    assert (table.n, table.events, table.suppressed) == (1005, 100, "")
    assert age.mean == pytest.approx(60.0, abs=1.5)
    assert age.sd == pytest.approx(15.0, abs=1.0)
    assert (male.count, male.mean, male.sd) == (400, 0.398, None)


@pytest.mark.parametrize("deaths", [3, 997])
def test_few_deaths_or_survivors_are_not_shown(deaths):
    table = table_one(totals(deaths=deaths), COLUMNS)
    assert table.events is None
    assert table.suppressed == DEFAULT.few_deaths


@pytest.mark.parametrize("male", [4, 996])
def test_few_ones_or_zeros_of_a_flag_are_not_shown(male):
    summary = table_one(totals(male=male), COLUMNS).variables[1]
    assert (summary.count, summary.mean) == (None, None)
    assert summary.suppressed in (DEFAULT.small, COMPLEMENT)


def test_small_level_takes_the_next_smallest_with_it():
    local, spread = table_one(totals(local=200, spread=5), COLUMNS).variables[2:]
    assert spread.suppressed == DEFAULT.small
    assert local.suppressed == COMPLEMENT


def test_small_reference_level_hides_a_shown_one():
    local, spread = table_one(totals(local=600, spread=395), COLUMNS).variables[2:]
    assert spread.count is None
    assert local.count == 600


def test_level_that_nobody_has_is_a_plain_zero():
    local, spread = table_one(totals(local=200, spread=0), COLUMNS).variables[2:]
    assert (local.count, spread.count) == (200, 0)


def test_batch_of_seven_patients_shows_nothing():
    table = table_one(totals(n=7, deaths=2, male=3, local=2, spread=2), COLUMNS)
    assert (table.n, table.events) == (None, None)
    assert all(v.mean is None and v.count is None and v.suppressed for v in table.variables)


def test_wrong_number_of_totals_is_refused():
    with says("rounds.admission_totals", BadInput, found=3, columns=5, expected=15):
        table_one([1.0, 2.0, 3.0], COLUMNS)


def test_pooled_table_adds_what_is_shown_and_hides_what_one_hides():
    one, other = (
        table_one(totals(), COLUMNS),
        table_one(totals(n=500, deaths=50, male=100, local=80, spread=4), COLUMNS),
    )
    table = pooled([one, other])
    assert (table.n, table.events, table.variables[1].count) == (1500, 150, 500)
    assert table.variables[1].mean == pytest.approx(500 / 1500, abs=1e-3)
    assert table.variables[0].sd == pytest.approx(15.0, abs=1.0)
    assert table.variables[3].count is None and table.variables[3].suppressed
    assert pooled([]).suppressed == Said("disclosure.no_batch")


# ---- a pool's tables


def test_pool_tables_add_the_hospitals_up_and_show_them_by_the_same_rules():
    tables = pool_tables({"north": totals(n=1003, deaths=102, male=398), "south": totals(n=500, deaths=50)}, COLUMNS)
    assert list(tables) == ["pooled", "north", "south"]
    assert [tables[name].n for name in tables] == [1505, 1005, 500]
    assert [tables[name].events for name in tables] == [150, 100, 50]
    assert [tables[name].variables[1].count for name in tables] == [800, 400, 400]
    assert tables["pooled"].variables[0].sd == pytest.approx(15.0, abs=1.0)
    assert tables["north"] == table_one(totals(n=1003, deaths=102, male=398), COLUMNS)
    assert not any(v.suppressed for table in tables.values() for v in table.variables)


def test_small_cell_of_one_hospital_takes_the_next_smallest_hospitals_and_everybody_keeps_it():
    """Five patients with spread cancer in the south: 205 pooled - 120 north - 80 west would be 5."""
    levels = {"north": (200, 120), "south": (200, 5), "west": (150, 80)}
    tables = pool_tables({k: totals(local=local, spread=spread) for k, (local, spread) in levels.items()}, COLUMNS)
    shown = {name: [v.count for v in table.variables[2:]] for name, table in tables.items()}
    assert shown == {"pooled": [550, 205], "north": [200, 120], "south": [None, None], "west": [None, None]}
    assert tables["south"].variables[3].suppressed == DEFAULT.small
    assert tables["west"].variables[3].suppressed == COMPLEMENT
    assert [table.n for table in tables.values()] == [3000, 1000, 1000, 1000]


def test_few_deaths_of_one_hospital_hide_a_second_hospitals_number():
    deaths = {"north": 102, "south": 4, "west": 61}
    tables = pool_tables({name: totals(deaths=count) for name, count in deaths.items()}, COLUMNS)
    assert [tables[name].events for name in tables] == [165, 100, None, None]
    assert tables["south"].suppressed == of_deaths(DEFAULT.small)
    assert tables["west"].suppressed == of_deaths(COMPLEMENT)


def test_hospital_of_six_patients_shows_nothing_and_the_next_smallest_neither():
    sizes = {"north": totals(n=900), "south": totals(n=6, deaths=1, male=2, local=1, spread=1), "west": totals(n=400)}
    tables = pool_tables(sizes, COLUMNS)
    assert [tables[name].n for name in tables] == [1305, 900, None, None]
    assert all(v.suppressed and v.mean is None for name in ("south", "west") for v in tables[name].variables)
    assert tables["pooled"].variables[0].mean is not None


def test_one_hospital_alone_hides_in_everybodys_table_what_it_hides_in_its_own():
    tables = pool_tables({"north": totals(deaths=3, spread=5)}, COLUMNS)
    assert tables["pooled"] == tables["north"]
    assert tables["north"].events is None
    assert [v.count for v in tables["north"].variables[2:]] == [None, None]
