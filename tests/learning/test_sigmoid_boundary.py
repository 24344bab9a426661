"""The sigmoid and its polynomials at the ends: of the number line, of an interval, of the published grids."""

import dataclasses

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.polynomial import chebyshev
from scipy.optimize import lsq_linear
from scipy.special import expit

from bench.plain_operations import PlainOperations
from hefed.core.errors import BadInput, FitFailed, LevelExhausted
from hefed.core.learning import sigmoid
from hefed.core.learning.sigmoid import CENTRES, DEGREES, HALF_WIDTHS, HESSIAN_DEGREE, Series, Spread
from hefed.core.protocol.requests import SigmoidSpec
from tests.insecure import INSECURE_TEST_N12_L9
from tests.words.raises import says

RING = INSECURE_TEST_N12_L9


def spec(degree: int = 31, half_width: float = 12.0, centre: float = -4.0, mean: float = -3.5) -> SigmoidSpec:
    return SigmoidSpec(degree=degree, centre=centre, half_width=half_width, mean=mean, sd=1.5)


def spread(low: float = -10.0, high: float = 4.0, mean: float = -3.0, sd: float = 1.0, rows: float = 5000) -> Spread:
    return Spread(((rows * 0.9, mean - 0.2, sd), (rows * 0.1, mean + 1.8, sd)), mean, sd, low, high, 10)


# ---- the functions ---------------------------------------------------------------------------------------------------


@given(st.floats(-700, 700))
def test_sigmoid_is_scipys_and_its_slope_the_derivative(z: float) -> None:
    p = sigmoid.sigmoid(np.array([z]))[0]

    assert p == pytest.approx(expit(z), abs=1e-15)
    assert sigmoid.slope(np.array([z]))[0] == pytest.approx(expit(z) * expit(-z), abs=1e-15)


@pytest.mark.parametrize(("z", "p"), [(0.0, 0.5), (np.inf, 1.0), (-np.inf, 0.0), (1e308, 1.0), (-1e308, 0.0)])
def test_sigmoid_overflows_nowhere(z: float, p: float) -> None:
    assert sigmoid.sigmoid(np.array([z]))[0] == p
    assert sigmoid.slope(np.array([z]))[0] == p * (1 - p)


# ---- polynomials -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("degree", DEGREES)
def test_coefficients_are_the_weighted_least_squares_solution(degree: int) -> None:
    """The same fit on an even grid, with the weight as documented, by SciPy."""
    wanted = spec(degree)
    u = np.linspace(-1, 1, 8001)
    z = wanted.centre + wanted.half_width * u
    root = np.sqrt(np.exp(-0.5 * ((z - wanted.mean) / (1.15 * wanted.sd)) ** 2) + 1e-4)
    basis = chebyshev.chebvander(u, degree)
    exact = lsq_linear(basis * root[:, None], expit(z) * root).x
    dense = np.exp(-0.5 * ((z - wanted.mean) / wanted.sd) ** 2)
    found = basis @ sigmoid.coefficients(wanted)

    assert len(sigmoid.coefficients(wanted)) == degree + 1
    assert np.abs(dense * (found - basis @ exact)).max() < 2e-4


@pytest.mark.parametrize("centre", [-20.0, -4.0, 0.0, 20.0])
@pytest.mark.parametrize("half_width", [HALF_WIDTHS[0], 16.0, HALF_WIDTHS[-1]])
def test_every_published_polynomial_is_bounded_on_its_interval(centre: float, half_width: float) -> None:
    wanted = spec(63, half_width, centre, centre)
    u = np.linspace(-1, 1, 1001)
    values = chebyshev.chebval(u, sigmoid.coefficients(wanted))
    assert np.abs(values - expit(centre + half_width * u)).max() < 0.05


def test_polynomial_about_zero_is_odd_around_one_half() -> None:
    found = sigmoid.coefficients(SigmoidSpec(degree=31, centre=0, half_width=8, mean=0, sd=1.5))
    assert found[0] == pytest.approx(0.5) and np.allclose(found[2::2], 0, atol=1e-9)


@pytest.mark.parametrize("degree", [d for d in DEGREES if d != HESSIAN_DEGREE])
def test_slope_has_one_degree_only(degree: int) -> None:
    with says("rounds.slope_degree", BadInput, degree=degree):
        sigmoid.derivative_coefficients(spec(degree))


# ---- choice ----------------------------------------------------------------------------------------------------------


@given(st.floats(-30, 30), st.floats(0.01, 40))
def test_centre_is_the_nearest_published_one_and_the_half_width_reaches_both_ends(middle: float, half: float) -> None:
    found = spread(middle - half, middle + half)

    assert found.centre in CENTRES
    assert all(abs(found.centre - middle) <= abs(centre - middle) for centre in CENTRES)
    assert found.centre - found.half_width <= middle - half + 1e-9
    assert found.centre + found.half_width >= middle + half - 1e-9


@pytest.mark.parametrize(
    ("half", "narrowest"), [(7.99, 8.0), (8.0, 8.0), (8.01, 12.0), (12.0, 12.0), (28.5, 32.0), (32.0, 32.0)]
)
def test_interval_is_the_next_published_one(half: float, narrowest: float) -> None:
    widths = sigmoid.half_widths(spread(-half, half, 0.0))
    assert widths[0] == narrowest and widths == [h for h in HALF_WIDTHS if h >= narrowest]


@pytest.mark.parametrize("at_least", [0.0, 24.0])
def test_spread_past_the_widest_interval_is_refused(at_least: float) -> None:
    with says("fit.interval_too_wide", FitFailed, half_width=32.01, widest=32.0):
        sigmoid.half_widths(spread(-32.01, 32.01, 0.0), at_least)


def test_explosion_beyond_the_widest_interval_leaves_none() -> None:
    with says("fit.interval_too_wide", FitFailed, half_width=32.5):
        sigmoid.half_widths(spread(), 32.5)


@settings(max_examples=30, deadline=None)
@given(st.floats(-6, 2), st.floats(0.3, 3.5), st.floats(0, 100))
def test_choice_keeps_to_its_target_with_the_lowest_degree_or_has_the_least_bias(
    mean: float, sd: float, criterion: float
) -> None:
    where = spread(mean - 7 * sd, mean + 7 * sd, mean, sd)
    target = max(sigmoid.BIAS_TARGET, 0.1 * np.sqrt(criterion))
    chosen = sigmoid.choose(where, criterion=criterion)

    assert chosen.bias == sigmoid.bias(chosen.spec, where)
    assert abs(chosen.spec.mean - mean) <= 0.25 and 0 <= chosen.spec.sd - sd < 0.25
    for degree in DEGREES[: DEGREES.index(chosen.spec.degree)]:
        lower = chosen.spec.model_copy(update={"degree": degree})
        assert sigmoid.bias(lower, where) > (target if chosen.bias <= target else chosen.bias)


def test_criterion_below_zero_is_the_optimum_itself() -> None:
    assert sigmoid.choose(spread(), criterion=-1.0) == sigmoid.choose(spread(), criterion=0.0)


@pytest.mark.parametrize("half", [5.0, 8.0, 15.0, 20.0])
def test_hessian_covers_the_spread_up_to_twenty(half: float) -> None:
    found = sigmoid.choose_hessian(spread(-half, half, 0.0))
    assert (found.degree, found.half_width) == (HESSIAN_DEGREE, min(h for h in HALF_WIDTHS if h >= half))


@pytest.mark.parametrize(("half", "taken"), [(20.1, 20.0), (25.0, 20.0), (26.0, 24.0), (32.0, 28.0)])
def test_hessian_past_twenty_covers_five_and_a_half_of_seven(half: float, taken: float) -> None:
    assert sigmoid.choose_hessian(spread(-half, half, 0.0)).half_width == taken


def test_bias_does_not_depend_on_how_rows_are_split() -> None:
    one = spread(rows=10_000)
    half = dataclasses.replace(one, classes=tuple((n / 2, one.mean, one.sd) for n, _, _ in one.classes))
    whole = dataclasses.replace(one, classes=((5000.0, one.mean, one.sd), (0.0, one.mean, one.sd)))
    assert sigmoid.bias(spec(), half) == pytest.approx(sigmoid.bias(spec(), whole))


# ---- the series on slots ---------------------------------------------------------------------------------------------


@settings(max_examples=25, deadline=None)
@given(st.lists(st.floats(-1, 1), min_size=1, max_size=64))
def test_circuit_computes_the_series_at_its_level_and_scale(coefficients: list[float]) -> None:
    ops, u = PlainOperations(RING), np.linspace(-1, 1, RING.slots)
    value = Series.of(coefficients).evaluate(ops, ops.encrypt(u, 9), 1, RING.scale)

    assert (ops.level(value), ops.scale(value)) == (1, pytest.approx(RING.scale, rel=1e-12))
    assert np.abs(value.slots.real - chebyshev.chebval(u, coefficients)).max() < 1e-5


@pytest.mark.parametrize(("terms", "levels"), [(4, 2), (8, 3), (16, 4), (32, 5), (64, 6)])
def test_series_needs_a_level_a_doubling_and_not_one_less(terms: int, levels: int) -> None:
    ops = PlainOperations(RING)
    series = Series.of(np.full(terms, 0.1))
    series.evaluate(ops, ops.encrypt(np.zeros(4), levels), 0, RING.scale)
    with pytest.raises(LevelExhausted):
        series.evaluate(ops, ops.encrypt(np.zeros(4), levels - 1), 0, RING.scale)
