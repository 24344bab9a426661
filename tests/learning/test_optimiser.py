import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from bench.reference import PlainServer, encode, maximum_likelihood, train
from bench.simulated import SHAPES, Shape, simulate
from hefed.core.dictionary.variables import Column
from hefed.core.errors import BadInput, FitFailed
from hefed.core.learning import optimiser
from hefed.core.learning.optimiser import OptimiserState
from tests.words.raises import says

FITTABLE = [name for name, shape in SHAPES.items() if not shape.spoil and sum(shape.hospitals) < 100_000]


def study(shape: Shape | str, seed: int = 0) -> tuple[PlainServer, tuple[Column, ...]]:
    cohort = simulate(shape, seed)
    return PlainServer(*encode(cohort.pooled(), cohort.dictionary)), cohort.dictionary.columns


def columns(*kinds: str) -> tuple[Column, ...]:
    named = [
        Column(f"v{k}", "", f"v{k}", "continuous" if kind == "c" else "indicator01") for k, kind in enumerate(kinds)
    ]
    return (Column("intercept", "Intercept", "", "intercept"), *named)


@pytest.mark.parametrize("shape", FITTABLE)
def test_fit_of_every_shape_is_the_maximum_likelihood_solution(shape):
    server, names = study(shape)
    exact = maximum_likelihood(server.x, server.y)
    fit, _ = train(server, names)
    assert np.abs((fit.beta - exact.beta) / exact.standard_errors).max() < 0.03
    assert np.abs(fit.standard_errors / exact.standard_errors - 1).max() < 0.02
    assert fit.rounds <= 10


@pytest.mark.parametrize("seed", range(1, 6))
def test_small_studies_converge_for_every_seed(seed):
    for shape in ("small-study", "small-wide", "two-small"):
        server, names = study(shape, seed)
        exact = maximum_likelihood(server.x, server.y)
        fit, _ = train(server, names)
        assert np.abs((fit.beta - exact.beta) / exact.standard_errors).max() < 0.03


def test_held_out_auroc_is_that_of_the_exact_model():
    server, names = study("rare-deaths", 3)
    held = np.random.default_rng(1).random(len(server.y)) < 0.2
    exact = maximum_likelihood(server.x[~held], server.y[~held])
    fit, _ = train(PlainServer(server.x[~held], server.y[~held]), names)
    areas = [roc_auc_score(server.y[held], server.x[held] @ beta) for beta in (exact.beta, fit.beta)]
    assert abs(areas[0] - areas[1]) < 0.0005


def test_state_survives_json_after_every_round_and_ends_with_the_same_numbers():
    server, names = study("categories", 2)
    straight, _ = train(PlainServer(server.x, server.y), names)
    again = PlainServer(server.x, server.y)
    state, step = optimiser.start(again.moments(names))
    while step.kind != "evaluation":
        state = OptimiserState.model_validate_json(state.model_dump_json())
        state, step = optimiser.advance(state, again.answer(step))
    fit = optimiser.fitted(OptimiserState.model_validate_json(state.model_dump_json()))
    assert np.array_equal(fit.beta, straight.beta)
    assert np.array_equal(fit.covariance, straight.covariance)


def test_rounds_begin_cheap_and_end_precise_then_the_hessian_and_the_evaluation():
    server, names = study("rare-deaths", 1)
    _, steps = train(server, names)
    assert [step.kind for step in steps[-2:]] == ["hessian", "evaluation"]
    assert steps[0].sigmoid.degree == 15
    assert steps[-3].sigmoid.degree == 31
    assert steps[-1].sigmoid is None
    assert steps[-2].criterion < optimiser.STOP


def test_scaled_coefficients_give_the_chebyshev_variable():
    server, names = study("two-small")
    _, step = optimiser.start(server.moments(names))
    u = server.x @ optimiser.scaled_betas(step.beta, step.sigmoid)
    z = server.x @ np.array(step.beta)
    assert np.allclose(u, (z - step.sigmoid.centre) / step.sigmoid.half_width)


@pytest.mark.parametrize("bad", [float("nan"), float("inf"), 1e9])
def test_exploded_gradient_repeats_the_round_on_a_wider_interval(bad):
    server, names = study("two-small")
    state, step = optimiser.start(server.moments(names))
    totals = server.answer(step)
    totals[1] = bad
    state, repeated = optimiser.advance(state, totals)
    assert repeated.repeated
    assert repeated.beta == step.beta
    assert repeated.sigmoid.half_width > step.sigmoid.half_width
    state, step = optimiser.advance(state, server.answer(repeated))
    assert not step.repeated
    assert step.sigmoid.half_width >= repeated.sigmoid.half_width


def test_gradient_that_no_likelihood_can_have_is_recognised_long_before_it_is_impossibly_large():
    server, names = study("rare-deaths", 1)
    state, step = optimiser.start(server.moments(names))
    state, step = optimiser.advance(state, server.answer(step))
    totals = server.answer(step)
    totals += 400.0 * server.x[17]  # one row's probability read as 400
    assert np.all(np.abs(totals) < len(server.y) / 20)
    _, repeated = optimiser.advance(state, totals)
    assert repeated.repeated


def test_rows_outside_the_narrow_interval_are_found_and_the_fit_is_still_right():
    """One row 14 SD out, where the moments let expect 7: the polynomial explodes there."""
    rng = np.random.default_rng(4)
    x = np.column_stack([np.ones(4000), *(np.clip(rng.normal(size=4000) * 0.4, -4, 4) for _ in range(12))])
    x[0, 1:] = 4.0
    y = (rng.random(4000) < 1 / (1 + np.exp(1.0 - x[:, 1:] @ np.full(12, 0.5)))) * 1.0
    y[0] = 1.0
    exact = maximum_likelihood(x, y)
    fit, steps = train(PlainServer(x, y), columns(*"c" * 12))
    assert any(step.repeated for step in steps)
    assert np.abs((fit.beta - exact.beta) / exact.standard_errors).max() < 0.03


def test_explosion_on_the_widest_interval_is_a_message():
    server, names = study("two-small")
    state, step = optimiser.start(server.moments(names))
    nonsense = np.full(len(names), np.nan)
    with says("fit.interval_left", FitFailed, half_width=32.0):
        for _ in range(10):
            state, step = optimiser.advance(state, nonsense)


@pytest.mark.parametrize("seed", range(4))
def test_separated_study_ends_in_a_message_with_candidates(seed):
    server, names = study("separated", seed)
    with says("fit.separated", FitFailed) as caught:
        train(server, names)
    assert "lab" in caught.value.facts["candidates"][0]


def test_column_that_alone_separates_comes_first_among_the_candidates():
    rng = np.random.default_rng(2)
    x = np.c_[np.ones(1500), rng.normal(size=(1500, 4))]
    with says("fit.separated", FitFailed) as caught:
        train(PlainServer(x, (x[:, 3] > 0.3) * 1.0), columns(*"cccc"))
    assert caught.value.facts["candidates"][0] == "v2"


def test_combination_of_two_flags_without_deaths_is_named_not_fitted():
    """b is 1 wherever a is; the 40 patients with b but not a all survive, so no single column decides."""
    rng = np.random.default_rng(5)
    n = 4000
    b = rng.random(n) < 0.1
    a = b & (rng.random(n) < 0.9)
    y = rng.random(n) < 0.25
    y[b & ~a] = False
    x = np.column_stack([np.ones(n), rng.normal(size=n), a, b]).astype(float)
    with says("fit.separated_by_combination", FitFailed, columns=("v1", "v2")):
        train(PlainServer(x, y.astype(float)), columns("c", "b", "b"))


def test_collinear_study_ends_before_the_first_round():
    server, names = study("collinear")
    with says("fit.collinear", FitFailed, columns=("lab1", "copy"), surplus=1):
        optimiser.start(server.moments(names))


def test_impossible_hessian_is_asked_for_again_on_a_wider_interval():
    server, names = study("two-small")
    state, step = optimiser.start(server.moments(names))
    while step.kind != "hessian":
        state, step = optimiser.advance(state, server.answer(step))
    state, repeated = optimiser.advance(state, -server.answer(step))
    assert (repeated.kind, repeated.repeated) == ("hessian", True)
    assert repeated.sigmoid.half_width > step.sigmoid.half_width
    state, step = optimiser.advance(state, server.answer(repeated))
    assert step.kind == "evaluation"


def test_hessian_that_shows_a_distant_optimum_sends_the_job_back_to_gradients():
    """A first matrix ten times too steep makes the criterion ten times too small."""
    server, names = study("rare-deaths", 1)
    state, step = optimiser.start(server.moments(names))
    steep = state.model_copy(update={"curvature": tuple(1e5 * v for v in state.curvature), "bias": 0.0})
    state, step = optimiser.advance(steep, server.answer(step))
    assert step.kind == "hessian"
    state, step = optimiser.advance(state, server.answer(step))
    assert step.kind == "gradient"
    while step.kind != "evaluation":
        state, step = optimiser.advance(state, server.answer(step))
    exact = maximum_likelihood(server.x, server.y)
    fit = optimiser.fitted(state)
    assert np.abs((fit.beta - exact.beta) / exact.standard_errors).max() < 0.03


def test_fit_without_convergence_stops_after_thirty_rounds():
    server, names = study("two-small")
    state, step = optimiser.start(server.moments(names))
    state = state.model_copy(update={"rounds": optimiser.MAX_ROUNDS - 1})
    with says("fit.no_convergence", FitFailed, rounds=30):
        optimiser.advance(state, server.answer(step))


def test_wrong_totals_and_wrong_moments_to_ask_are_refused():
    server, names = study("two-small")
    state, step = optimiser.start(server.moments(names))
    with says("rounds.totals", BadInput, found=3, kind="gradient", expected=4):
        optimiser.advance(state, [0.0] * 3)
    with says("rounds.not_fitted", BadInput, kind="gradient"):
        optimiser.fitted(state)
    while step.kind != "evaluation":
        state, step = optimiser.advance(state, server.answer(step))
    with says("rounds.fit_complete", BadInput):
        optimiser.advance(state, [0.0] * 4)


def test_last_newton_step_brings_the_fit_closer_than_the_stopping_rule():
    server, names = study("near-collinear", 4)
    fit, steps = train(server, names)
    exact = maximum_likelihood(server.x, server.y)
    before, after = (
        np.abs((beta - exact.beta) / exact.standard_errors).max() for beta in (np.array(steps[-2].beta), fit.beta)
    )
    assert after < before


def test_criterion_is_the_squared_distance_in_standard_errors():
    server, names = study("heavy-tails", 1)
    exact = maximum_likelihood(server.x, server.y)
    _, steps = train(server, names)
    hessian = np.linalg.inv(exact.covariance)
    away = np.array(steps[-2].beta) - exact.beta
    assert steps[-1].criterion == pytest.approx(away @ hessian @ away, rel=0.1, abs=1e-6)
