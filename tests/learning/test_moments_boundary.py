"""Moments against what they stand for: numerical integrals, SciPy's minimum, and the last row that passes a check."""

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.optimize import minimize
from scipy.special import expit
from scipy.stats import norm

from hefed.core.dictionary.variables import Column
from hefed.core.errors import BadInput, FitFailed
from hefed.core.learning import moments, plausibility
from hefed.core.learning.kinds.pieces import column_pairs, halves
from hefed.core.learning.moments import MIN_EVENTS, Moments
from hefed.core.learning.sigmoid import HALF_WIDTHS
from tests.words.raises import says


def columns(kinds: str) -> tuple[Column, ...]:
    names = {"c": "continuous", "b": "indicator01"}
    rest = [Column(f"v{k}", "", f"v{k}", names[kind]) for k, kind in enumerate(kinds)]
    return (Column("intercept", "Intercept", "", "intercept"), *rest)


def pool(features: list[np.ndarray], y: np.ndarray, kinds: str) -> Moments:
    x = np.column_stack([np.ones(len(y)), *features])
    return Moments(columns(kinds), x[y == 0].T @ x[y == 0], x[y == 1].T @ x[y == 1])


def rows(n: int = 2000, deaths: int = 400, dim: int = 3, seed: int = 1) -> tuple[list[np.ndarray], np.ndarray]:
    rng = np.random.default_rng(seed)
    y = (rng.permutation(n) < deaths) * 1.0
    return [rng.normal(0.5 * y, 1.0) for _ in range(dim)], y


@pytest.fixture(scope="module")
def gaussian() -> Moments:
    return pool(*rows(), "ccc")


BETA = np.array([-1.5, 0.4, -0.3, 0.8])

# ---- layout ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("dim", [1, 2, 3, 26])
def test_pairs_are_the_upper_triangle_row_by_row(dim: int) -> None:
    assert column_pairs(dim) == [*zip(*map(np.ndarray.tolist, np.triu_indices(dim)), strict=True)]


@pytest.mark.parametrize(("columns", "expected"), [(1, 1), (2, 1), (3, 2), (26, 13), (27, 14)])
def test_columns_travel_two_by_two(columns: int, expected: int) -> None:
    assert halves(columns) == expected


def test_symmetric_matrix_comes_back_from_its_triangle() -> None:
    matrix = np.cov(np.random.default_rng(0).normal(size=(5, 50)))
    assert np.array_equal(moments.symmetric(matrix[np.triu_indices(5)], 5), matrix)


@pytest.mark.parametrize("found", [0, 11, 13])
def test_other_number_of_moment_totals_is_refused(found: int) -> None:
    with says("rounds.moment_totals", BadInput, found=found, columns=3, expected=12):
        moments.from_totals([1.0] * found, columns("cc"))


def test_pooled_moments_and_covariance_are_numpys() -> None:
    features, y = rows()
    found, x = pool(features, y, "ccc"), np.column_stack([np.ones(len(y)), *features])

    assert found.counts == (1600, 400) and found.n == 2000
    assert np.allclose(found.pooled, x.T @ x / 2000)
    assert np.allclose(found.covariance[1:, 1:], np.cov(np.array(features), bias=True))
    assert np.allclose(found.covariance[0], 0) and np.allclose(found.covariance[:, 0], 0)


@pytest.mark.parametrize(("n", "shown"), [(12, 12), (13, 13)])
def test_at_most_twelve_names_are_listed(n: int, shown: int) -> None:
    names = [f"v{k}" for k in range(n)]
    found = moments.first(names)
    assert len(found) == shown and (found[-1] == "…") == (n > 12) and list(found[:12]) == names[:12]


# ---- what cannot be fitted, to the row -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("deaths", "code"),
    [
        (0, "fit.no_deaths"),
        (MIN_EVENTS - 1, "fit.few_deaths"),
        (MIN_EVENTS, None),
        (200 - MIN_EVENTS, None),
        (201 - MIN_EVENTS, "fit.few_survivors"),
        (200, "fit.no_survivors"),
    ],
)
def test_eight_of_either_outcome_are_enough_and_seven_are_not(deaths: int, code: str | None) -> None:
    found = pool(*rows(200, deaths), "ccc")
    if code is None:
        moments.check(found)
    else:
        with says(code, FitFailed, patients=200):
            moments.check(found)


@pytest.mark.parametrize(("dead", "passes"), [(0, False), (1, True), (49, True), (50, False)])
def test_flag_decides_unless_one_row_says_otherwise(dead: int, passes: bool) -> None:
    features, y = rows(1000, 300, 1)
    flag = np.zeros(1000)
    flag[np.flatnonzero(y == 1)[:dead]] = 1
    flag[np.flatnonzero(y == 0)[: 50 - dead]] = 1
    found = pool([*features, flag], y, "cb")
    if passes:
        moments.check(found)
    else:
        with says("fit.same_outcome", FitFailed, column="v1", value=1):
            moments.check(found)


@pytest.mark.parametrize(("noise", "passes"), [(0.0, False), (1e-4, False), (0.02, True)])
def test_copy_is_collinear_until_it_differs(noise: float, passes: bool) -> None:
    features, y = rows(dim=1)
    copy = 2.0 * features[0] - 1.0 + noise * np.random.default_rng(2).normal(size=len(y))
    found = pool([*features, copy], y, "cc")
    if passes:
        moments.check(found)
    else:
        with says("fit.collinear", FitFailed, columns=("v0", "v1"), surplus=1):
            moments.check(found)


@pytest.mark.parametrize("value", [0.0, 1.0, -2.5])
def test_constant_column_is_named_whatever_its_value(value: float) -> None:
    features, y = rows(dim=1)
    with says("fit.constant", FitFailed, columns=("v1",), patients=2000):
        moments.check(pool([*features, np.full(2000, value)], y, "cc"))


# ---- integrals -------------------------------------------------------------------------------------------------------


def _classes(found: Moments, beta: np.ndarray) -> list[tuple[float, float, float, int]]:
    """(rows, mean, SD of z, outcome) of each class, from its own second moments."""
    classes = []
    for outcome, (n, second) in enumerate(found.classes):
        covariance = second - np.outer(second[0], second[0])
        classes.append((n, float(beta @ second[0]), float(np.sqrt(beta @ covariance @ beta)), outcome))
    return classes


def test_expected_loss_is_the_integral_over_both_gaussians(gaussian: Moments) -> None:
    total = 0.0
    for n, mean, sd, outcome in _classes(gaussian, BETA):
        integrand = lambda z, mean=mean, sd=sd, k=outcome: (np.logaddexp(0, z) - k * z) * norm.pdf(z, mean, sd)  # noqa: E731
        total += n * quad(integrand, mean - 10 * sd, mean + 10 * sd)[0]

    assert moments.expected_loss(BETA, gaussian) == pytest.approx(total / gaussian.n, rel=1e-8)


def test_curvature_is_the_second_derivative_of_the_expected_loss(gaussian: Moments) -> None:
    step, dim = 1e-3, len(BETA)
    along = np.eye(dim) * step

    def loss(change: np.ndarray) -> float:
        return gaussian.n * moments.expected_loss(BETA + change, gaussian)

    numeric = [[(loss(a + b) - loss(a - b) - loss(b - a) + loss(-a - b)) / (4 * step**2) for b in along] for a in along]
    assert np.allclose(moments.curvature(BETA, gaussian), numeric, rtol=1e-3, atol=0.05)


def test_curvature_is_that_of_simulated_gaussian_rows() -> None:
    features, y = rows(200_000, 60_000, 3)
    found, x = pool(features, y, "ccc"), np.column_stack([np.ones(len(y)), *features])
    p = expit(x @ BETA)
    hessian = (x * (p * (1 - p))[:, None]).T @ x

    assert np.abs(moments.curvature(BETA, found) - hessian).max() < 0.01 * hessian.max()


@pytest.mark.parametrize("beta", [BETA, np.zeros(4), 3 * BETA])
def test_first_curvature_is_symmetric_positive_and_plausible(gaussian: Moments, beta: np.ndarray) -> None:
    first = moments.first_curvature(beta, gaussian)

    assert np.allclose(first, first.T)
    assert np.linalg.eigvalsh(first)[0] > 0
    assert not plausibility.hessian_impossible(moments.curvature(beta, gaussian), gaussian)


def test_start_is_scipys_minimum_of_the_expected_loss(gaussian: Moments) -> None:
    found = minimize(lambda beta: moments.expected_loss(beta, gaussian), np.zeros(4), tol=1e-12)
    assert np.allclose(moments.start(gaussian), found.x, atol=2e-4)


def test_start_without_signal_is_the_log_odds() -> None:
    features, y = rows(4000, 1000, 1)
    shuffled = np.random.default_rng(5).normal(size=4000)
    beta = moments.start(pool([shuffled], y, "c"))

    assert beta[0] == pytest.approx(np.log(1000 / 3000), abs=0.02)
    assert abs(beta[1]) < 0.1


# ---- reach -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(5))
def test_spread_is_that_of_the_rows(seed: int) -> None:
    features, y = rows(seed=seed)
    z = np.column_stack([np.ones(len(y)), *features]) @ BETA
    found = moments.spread(BETA, pool(features, y, "ccc"))

    assert (found.mean, found.sd) == (pytest.approx(z.mean()), pytest.approx(z.std()))
    for n, mean, sd in found.classes:
        own = z[y == 0] if n == 1600 else z[y == 1]
        assert (n, mean, sd) == (len(own), pytest.approx(own.mean()), pytest.approx(own.std()))
    assert found.low < z.min() and z.max() < found.high
    assert found.high - found.low <= 2 * moments.REACH_SDS * found.sd + 1e-9


def test_single_flag_reaches_no_farther_than_its_two_values() -> None:
    _, y = rows(dim=0)
    flag = (np.random.default_rng(3).random(2000) < 0.3) * 1.0
    found = moments.spread(np.array([-1.0, 2.0]), pool([flag], y, "b"))
    assert (found.low, found.high) == (pytest.approx(-1.0), pytest.approx(1.0))


def test_coefficients_within_reach_are_returned_unchanged(gaussian: Moments) -> None:
    beta, cut = moments.within_reach(BETA, gaussian)
    assert beta is BETA and not cut


@pytest.mark.parametrize("factor", [10.0, 100.0])
def test_coefficients_beyond_reach_shrink_to_the_widest_interval_and_keep_the_mean(
    gaussian: Moments, factor: float
) -> None:
    far = BETA * factor
    far[0] = -1.5
    beta, cut = moments.within_reach(far, gaussian)

    assert cut
    assert 0.9 * HALF_WIDTHS[-1] < moments.spread(beta, gaussian).half_width <= HALF_WIDTHS[-1]
    assert beta @ gaussian.pooled[0] == pytest.approx(far @ gaussian.pooled[0])
    assert np.allclose(beta[1:] / far[1:], beta[1] / far[1])
