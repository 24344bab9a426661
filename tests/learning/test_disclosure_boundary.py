"""What leaves, at the last value that may: grids, thresholds, differences of cohorts, and the model itself."""

import math

import numpy as np
import pytest
import statsmodels.api as sm
from hypothesis import given
from hypothesis import strategies as st

from hefed.core.dictionary.variables import Column
from hefed.core.errors import BadInput, PolicyRefused
from hefed.core.learning.disclosure import (
    COMPLEMENT,
    DEFAULT,
    FLOOR,
    Thresholds,
    hidden_cells,
    on_grid,
    release,
    release_model,
    several,
    shown,
    significant,
)
from hefed.core.learning.fitting import Fit
from hefed.core.words import Said
from tests.words.raises import says

counts = st.integers(0, 10_000)

# ---- counts ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["small_cell", "round_to", "min_events", "curve_events"])
@pytest.mark.parametrize("value", [0, -1, FLOOR - 1])
def test_no_threshold_goes_below_the_floor(name: str, value: int) -> None:
    with says("disclosure.below_floor", BadInput, name=name, value=value, floor=FLOOR):
        Thresholds(**{name: value})


def test_floor_itself_is_allowed_everywhere() -> None:
    assert Thresholds(FLOOR, FLOOR, FLOOR, FLOOR).is_small(FLOOR)
    assert not Thresholds(FLOOR, FLOOR, FLOOR, FLOOR).is_small(FLOOR + 1)


@pytest.mark.parametrize(("round_to", "allowed"), [(8, True), (9, False)])
def test_rounding_is_never_coarser_than_a_step_of_a_curve(round_to: int, allowed: bool) -> None:
    if allowed:
        assert Thresholds(round_to=round_to).rounded(9) == 8
    else:
        with says("disclosure.rounding_too_coarse", BadInput, round_to=9, curve_events=8):
            Thresholds(round_to=round_to)


@given(counts, st.integers(5, 8))
def test_rounded_count_is_the_nearest_multiple_and_only_nobody_is_zero(count: int, round_to: int) -> None:
    rounded = Thresholds(round_to=round_to).rounded(count)

    assert rounded % round_to == 0
    assert (rounded == 0) == (count == 0)
    assert abs(rounded - count) <= round_to / 2 or rounded == round_to


@pytest.mark.parametrize(("count", "small"), [(-1, False), (0, False), (1, True), (7, True), (8, False)])
def test_small_is_one_to_seven(count: int, small: bool) -> None:
    assert DEFAULT.is_small(count) == small


@pytest.mark.parametrize(("hidden", "expected"), [(True, None), (False, 15)])
def test_count_is_shown_rounded_or_not_at_all(hidden: bool, expected: int | None) -> None:
    assert shown(13, hidden, DEFAULT) == expected


@given(st.lists(st.integers(0, 50), max_size=8))
def test_known_sum_never_gives_a_small_cell_back_by_one_subtraction(cells: list[int]) -> None:
    hidden = hidden_cells(cells, DEFAULT)

    assert all(hide for cell, hide in zip(cells, hidden, strict=True) if DEFAULT.is_small(cell))
    if sum(hidden) == 1:  # only where nobody else is left: the sum itself is then the small number
        assert sum(cells) == cells[hidden.index(True)]
    if not any(map(DEFAULT.is_small, cells)):
        assert not any(hidden)


@given(st.lists(st.integers(0, 50), min_size=2, max_size=8))
def test_hiding_takes_at_most_one_cell_more_and_the_smallest(cells: list[int]) -> None:
    hidden = hidden_cells(cells, DEFAULT)
    extra = [cell for cell, hide in zip(cells, hidden, strict=True) if hide and not DEFAULT.is_small(cell)]
    visible = [cell for cell, hide in zip(cells, hidden, strict=True) if not hide and cell > 0]

    assert len(extra) <= 1
    assert not extra or all(extra[0] <= cell for cell in visible)


# ---- grids -----------------------------------------------------------------------------------------------------------


@given(st.floats(1e-12, 1e12) | st.floats(-1e12, -1e-12), st.integers(1, 6))
def test_significant_digits_keep_the_value_to_half_a_unit(value: float, digits: int) -> None:
    found = significant(value, digits)

    assert abs(found - value) <= 0.51 * 10 ** (math.floor(math.log10(abs(value))) - digits + 1)
    assert float(f"{found:.{digits - 1}e}") == pytest.approx(found, rel=1e-12)


@pytest.mark.parametrize("value", [0.0, math.inf, -math.inf])
def test_value_without_digits_is_itself(value: float) -> None:
    assert significant(value, 3) == value


def test_no_number_stays_no_number() -> None:
    assert math.isnan(significant(math.nan, 3))


@pytest.mark.parametrize(
    ("value", "precision", "expected"),
    [
        (1.23456, 0.01, 1.23),
        (1.23456, 0.099, 1.23),
        (1.23456, 0.1, 1.2),
        (1234.56, 10.0, 1230.0),
        (1234.56, 9.9, 1235.0),
        (-0.004, 0.01, 0.0),
    ],
)
def test_grid_is_the_power_of_ten_at_or_below_the_precision(value: float, precision: float, expected: float) -> None:
    assert on_grid(value, precision) == expected


def test_rounded_zero_has_no_sign() -> None:
    assert math.copysign(1.0, on_grid(-0.004, 0.01)) == 1.0


@pytest.mark.parametrize(
    ("reasons", "expected"),
    [
        ([], ""),
        ([None, ""], ""),
        ([None, COMPLEMENT], COMPLEMENT),
        ([COMPLEMENT, COMPLEMENT], COMPLEMENT),
        ([DEFAULT.small, COMPLEMENT], Said("disclosure.reasons", reasons=(DEFAULT.small, COMPLEMENT))),
    ],
)
def test_reasons_are_told_once_each_in_their_order(reasons: list[Said | str | None], expected: Said | str) -> None:
    assert several(reasons) == expected


# ---- model -----------------------------------------------------------------------------------------------------------

COLUMNS = (
    Column("intercept", "Intercept", "", "intercept"),
    Column("age", "Age", "age", "continuous", "years", centre=60.0, scale=15.0),
    Column("crp", "CRP", "crp", "continuous", "mg/L", centre=-3.0, scale=0.02),
    Column("male", "Male", "sex", "indicator01"),
)


def natural_rows(n: int = 3000) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(11)
    rows = np.column_stack([rng.normal(66, 12, n), rng.normal(-2.99, 0.02, n), rng.random(n) < 0.45]).astype(float)
    z = -1.2 + 0.03 * (rows[:, 0] - 60) + 20 * (rows[:, 1] + 3) - 0.4 * rows[:, 2]
    return rows, (rng.random(n) < 1 / (1 + np.exp(-z))) * 1.0


def fitted(rows: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    result = sm.Logit(y, sm.add_constant(rows)).fit(disp=0)
    return np.asarray(result.params), np.asarray(result.cov_params())


@pytest.fixture(scope="module")
def fit() -> Fit:
    rows, y = natural_rows()
    scaled = (rows - [c.centre for c in COLUMNS[1:]]) / [c.scale for c in COLUMNS[1:]]
    beta, covariance = fitted(scaled, y)
    return Fit(COLUMNS, beta, covariance, rounds=5, n=len(y), events=int(y.sum()))


def test_natural_scale_is_statsmodels_on_the_natural_rows(fit: Fit) -> None:
    beta, covariance = fitted(*natural_rows())
    errors = np.sqrt(np.diag(covariance))
    natural = release_model(fit).natural
    terms = [natural.intercept, *(natural.coefficients[column.name] for column in COLUMNS[1:])]

    for term, value, error in zip(terms, beta, errors, strict=True):
        assert term.estimate == pytest.approx(value, abs=error / 1000)
        assert term.standard_error == pytest.approx(error, abs=error / 1000)


def test_odds_ratio_and_its_interval_follow_from_what_is_released(fit: Fit) -> None:
    for released in (release_model(fit).coefficients, release_model(fit).natural.coefficients):
        for term in released.values():
            low, high = (term.estimate + k * 1.959964 * term.standard_error for k in (-1, 1))
            assert term.odds_ratio == pytest.approx(math.exp(term.estimate), rel=1e-3)
            assert term.ci95 == (pytest.approx(math.exp(low), rel=1e-3), pytest.approx(math.exp(high), rel=1e-3))


def test_released_estimate_has_no_digit_below_a_ten_thousandth_of_its_error(fit: Fit) -> None:
    for term in release_model(fit).coefficients.values():
        grid = 10.0 ** math.floor(math.log10(term.standard_error / 1000))
        assert term.estimate / grid == pytest.approx(round(term.estimate / grid), abs=1e-6)


@pytest.mark.parametrize(("events", "released"), [(0, False), (7, False), (8, True), (2992, True), (2993, False)])
def test_model_needs_eight_deaths_and_eight_survivors(fit: Fit, events: int, released: bool) -> None:
    pool = Fit(fit.columns, fit.beta, fit.covariance, fit.rounds, 3000, events)
    if released:
        assert release(pool, {}).model.rounds == 5
    else:
        with says("disclosure.few_events", PolicyRefused, small_cell=7):
            release(pool, {})


@pytest.mark.parametrize(("events", "warned"), [(29, True), (30, False), (2970, False), (2971, True)])
def test_fewer_than_ten_events_a_column_are_a_warning(fit: Fit, events: int, warned: bool) -> None:
    pool = Fit(fit.columns, fit.beta, fit.covariance, fit.rounds, 3000, events)
    expected = [Said("disclosure.unstable", per_column=10, columns=3)] if warned else []
    assert release(pool, {}).warnings == expected
