import numpy as np
import pytest

from bench.reference import PlainServer, encode, maximum_likelihood
from bench.simulated import simulate
from hefed.core.dictionary.variables import Column
from hefed.core.errors import BadInput, FitFailed
from hefed.core.learning import moments
from hefed.core.learning.metrics import auroc
from hefed.core.learning.sigmoid import slope
from tests.words.raises import says


def columns(*kinds: str) -> tuple[Column, ...]:
    named = [
        Column(f"v{k}", "", f"v{k}", "continuous" if kind == "c" else "indicator01") for k, kind in enumerate(kinds)
    ]
    return (Column("intercept", "Intercept", "", "intercept"), *named)


def check(features: list[np.ndarray], y: np.ndarray, of: tuple[Column, ...]) -> None:
    x = np.column_stack([np.ones(len(y)), *features])
    moments.check(PlainServer(x, y).moments(of))


@pytest.fixture
def rng():
    return np.random.default_rng(3)


def test_moments_come_from_the_totals_in_their_order(rng):
    x, y = np.c_[np.ones(50), rng.normal(size=(50, 2))], (rng.random(50) < 0.4) * 1.0
    found = PlainServer(x, y, noise=0.0).moments(columns("c", "c"))
    assert np.allclose(found.deaths, x[y == 1].T @ x[y == 1])
    assert np.allclose(found.survivors, x[y == 0].T @ x[y == 0])
    assert found.counts == (int((y == 0).sum()), int(y.sum()))


def test_wrong_number_of_totals_is_refused():
    with says("rounds.moment_totals", BadInput, found=5, columns=3, expected=12):
        moments.from_totals([1.0] * 5, columns("c", "c"))


def test_constant_column_is_named(rng):
    with says("fit.constant", FitFailed, columns=("v1",), patients=300):
        check([rng.normal(size=300), np.zeros(300)], (rng.random(300) < 0.3) * 1.0, columns("c", "b"))


def test_collinear_columns_are_named_and_the_others_are_not(rng):
    a, b, c = rng.normal(size=(3, 400))
    with says("fit.collinear", FitFailed, columns=("v0", "v1", "v3"), surplus=1):
        check([a, b, c, (a - 2 * b) / 3], (rng.random(400) < 0.3) * 1.0, columns("c", "c", "c", "c"))


def test_levels_that_always_add_up_to_one_are_collinear(rng):
    level = rng.integers(0, 3, 600)
    of = (columns()[0], *(Column(f"g={k}", "", "g", "indicator01", level=str(k)) for k in range(3)))
    with says("fit.collinear", FitFailed, columns=("g=0", "g=1", "g=2"), surplus=1):
        check([(level == k) * 1.0 for k in range(3)], (rng.random(600) < 0.3) * 1.0, of)


def test_nearly_collinear_columns_pass(rng):
    a = rng.normal(size=2000)
    check([a, a + rng.normal(size=2000) * 0.02], (rng.random(2000) < 0.3) * 1.0, columns("c", "c"))


@pytest.mark.parametrize("outcome", [0.0, 1.0])
def test_zero_one_column_that_decides_the_outcome_is_named_but_not_which_outcome(rng, outcome):
    y = (rng.random(500) < 0.3) * 1.0
    flag = (rng.random(500) < 0.1) * 1.0
    y[flag == 1] = outcome
    with says("fit.same_outcome", FitFailed, column="v1", value=1) as caught:
        check([rng.normal(size=500), flag], y, columns("c", "b"))
    assert "died" not in str(caught.value)
    assert caught.value.code == "fit.deciding"


def test_reference_level_without_deaths_is_found(rng):
    level = rng.integers(0, 3, 900)
    y = (rng.random(900) < 0.3) * 1.0
    y[level == 0] = 0.0
    of = (columns()[0], *(Column(f"g={k}", "", "g", "indicator01", level=str(k)) for k in (1, 2)))
    with says("fit.same_outcome_at_reference", FitFailed, variable="g"):
        check([(level == k) * 1.0 for k in (1, 2)], y, of)


@pytest.mark.parametrize(
    ("deaths", "code"),
    [(0, "fit.no_deaths"), (5, "fit.few_deaths"), (297, "fit.few_survivors"), (300, "fit.no_survivors")],
)
def test_too_few_of_either_outcome_is_said_without_the_number(rng, deaths, code):
    y = np.zeros(300)
    y[:deaths] = 1.0
    with says(code, FitFailed, patients=300) as caught:
        check([rng.normal(size=300)], y, columns("c"))
    assert set(caught.value.facts) <= {"minimum", "patients"}


def test_start_ranks_nearly_as_well_as_the_maximum_likelihood_solution():
    cohort = simulate("rare-deaths", 1)
    x, y = encode(cohort.pooled(), cohort.dictionary)
    beta = moments.start(PlainServer(x, y).moments(cohort.dictionary.columns))
    best = maximum_likelihood(x, y).beta
    assert auroc(x @ beta, y == 1)[0] > auroc(x @ best, y == 1)[0] - 0.012


def test_start_of_a_separated_study_stays_within_the_widest_interval(rng):
    score = rng.normal(size=800)
    found = PlainServer(np.c_[np.ones(800), score], (score > 0.2) * 1.0).moments(columns("c"))
    assert moments.spread(moments.start(found), found).half_width <= 32.0


def test_stein_curvature_is_exact_for_gaussian_classes(rng):
    y = (rng.random(400_000) < 0.3) * 1.0
    x = np.c_[np.ones(len(y)), rng.normal(size=(len(y), 2)) @ np.array([[1, 0.4], [0, 0.8]]) + 0.5 * y[:, None]]
    beta = np.array([-1.0, 0.7, -0.4])
    exact = (x * slope(x @ beta)[:, None]).T @ x
    found = moments.curvature(beta, PlainServer(x, y).moments(columns("c", "c")))
    assert np.abs(found / exact - 1).max() < 0.03


def test_no_row_of_the_simulated_cohorts_leaves_the_spread():
    for shape in ("rare-binaries", "heavy-tails", "categories", "strong-effects"):
        cohort = simulate(shape, 4)
        x, y = encode(cohort.pooled(), cohort.dictionary)
        beta = maximum_likelihood(x, y).beta
        spread = moments.spread(beta, PlainServer(x, y).moments(cohort.dictionary.columns))
        z = x @ beta
        assert spread.low <= z.min()
        assert z.max() <= spread.high


def test_first_curvature_knows_rare_findings_better_than_steins():
    cohort = simulate("rare-binaries", 2)
    x, y = encode(cohort.pooled(), cohort.dictionary)
    found = PlainServer(x, y).moments(cohort.dictionary.columns)
    best = maximum_likelihood(x, y)

    def condition(matrix: np.ndarray) -> float:
        return float(
            np.linalg.cond(np.linalg.cholesky(best.covariance).T @ matrix @ np.linalg.cholesky(best.covariance))
        )

    first = moments.first_curvature(best.beta, found)
    assert condition(first) < 0.7 * condition(moments.curvature(best.beta, found))
