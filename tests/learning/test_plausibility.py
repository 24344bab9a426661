import numpy as np
import pytest

from bench.reference import PlainServer, encode, maximum_likelihood
from bench.simulated import simulate
from hefed.core.learning import moments, plausibility
from hefed.core.learning.sigmoid import sigmoid, slope


@pytest.fixture(scope="module")
def study():
    cohort = simulate("heavy-tails", 2)
    x, y = encode(cohort.pooled(), cohort.dictionary)
    return x, y, PlainServer(x, y).moments(cohort.dictionary.columns), maximum_likelihood(x, y).beta


def test_true_gradients_and_hessians_pass(study):
    x, y, found, best = study
    start = moments.start(found)
    gradients = [x.T @ (sigmoid(x @ beta) - y) for beta in (start, best)]
    hessian = (x * slope(x @ best)[:, None]).T @ x
    assert not any(plausibility.exploded(g, found) for g in gradients)
    assert not plausibility.contradicts(gradients[1] - gradients[0], best - start, found, 0.0)
    assert not plausibility.hessian_impossible(hessian, found)
    assert not plausibility.hessian_too_large(hessian, best, found)


def test_every_true_gradient_is_within_the_bounds_even_far_away(study):
    x, y, found, _ = study
    for constant in (-50.0, 50.0):
        beta = np.r_[constant, np.full(x.shape[1] - 1, 3.0)]
        assert not plausibility.exploded(x.T @ (sigmoid(x @ beta) - y), found)


def test_one_row_read_as_thirty_deaths_contradicts_the_last_gradient(study):
    x, y, found, best = study
    near = best + 0.05 * (moments.start(found) - best)
    change = x.T @ (sigmoid(x @ best) - sigmoid(x @ near))
    assert not plausibility.contradicts(change, best - near, found, 0.0)
    assert plausibility.contradicts(change + 30 * x[5], best - near, found, 0.0)


def test_spoiled_hessians_are_recognised(study):
    x, _, found, best = study
    hessian = (x * slope(x @ best)[:, None]).T @ x
    assert plausibility.hessian_impossible(-hessian, found)
    assert plausibility.hessian_impossible(np.full_like(hessian, np.nan), found)
    assert plausibility.hessian_impossible(hessian + 1e5 * np.outer(x[5], x[5]), found)
    assert plausibility.hessian_too_large(hessian + 800 * np.outer(x[5], x[5]), best, found)
