import numpy as np
import pytest
import statsmodels.api as sm
from scipy.special import expit
from sklearn.metrics import average_precision_score, brier_score_loss, roc_auc_score
from statsmodels.stats.proportion import proportion_confint

from hefed.core.errors import BadInput
from hefed.core.learning import metrics
from tests.words.raises import says


def cohort(n: int = 4000, seed: int = 1, ties: bool = False) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    scores = rng.normal(-2.0, 1.3, n)
    if ties:
        scores = np.round(scores * 2) / 2
    return scores, (rng.random(n) < expit(0.8 * scores + 0.3)) * 1.0


@pytest.mark.parametrize("ties", [False, True])
def test_discrimination_is_that_of_scikit_learn(ties):
    scores, y = cohort(ties=ties)
    found = metrics.performance(scores, y)
    assert found.auroc == pytest.approx(roc_auc_score(y, scores), abs=1e-5)
    assert found.auprc == pytest.approx(average_precision_score(y, scores), abs=1e-4)
    assert found.brier == pytest.approx(brier_score_loss(y, expit(scores)), abs=1e-7)
    assert (found.n, found.events, found.prevalence) == (4000, int(y.sum()), y.mean())


@pytest.mark.parametrize("ties", [False, True])
def test_delong_interval_is_that_of_the_definition(ties):
    scores, y = cohort(300, ties=ties)
    deaths, survivors = scores[y == 1], scores[y == 0]
    kernel = (deaths[:, None] > survivors) + 0.5 * (deaths[:, None] == survivors)
    variance = kernel.mean(1).var(ddof=1) / len(deaths) + kernel.mean(0).var(ddof=1) / len(survivors)
    area, (low, high) = metrics.auroc(scores, y == 1)
    assert area == pytest.approx(kernel.mean())
    assert (low, high) == pytest.approx((area - 1.959964 * variance**0.5, area + 1.959964 * variance**0.5))


def test_delong_interval_covers_the_truth_in_95_of_100():
    truth = metrics.auroc(*(a if k == 0 else a == 1 for k, a in enumerate(cohort(400_000, 0))))[0]
    hits = 0
    for seed in range(200):
        scores, y = cohort(500, seed + 10)
        low, high = metrics.auroc(scores, y == 1)[1]
        hits += low <= truth <= high
    assert 180 <= hits <= 199


def test_calibration_is_that_of_statsmodels():
    scores, y = cohort()
    slope, intercept = metrics.calibration(scores, y == 1)
    binomial = sm.families.Binomial()
    assert slope == pytest.approx(sm.GLM(y, sm.add_constant(scores), family=binomial).fit().params[1], abs=1e-6)
    offset = sm.GLM(y, np.ones_like(y), family=binomial, offset=scores).fit()
    assert intercept == pytest.approx(offset.params[0], abs=1e-6)


def test_what_cannot_be_measured_is_nan_not_an_error():
    scores = np.linspace(-2, 2, 40)
    alive = metrics.performance(scores, np.zeros(40))
    assert np.isnan([alive.auroc, alive.auprc, alive.calibration_slope, alive.calibration_intercept]).all()
    perfect = metrics.performance(scores, (scores > 0) * 1.0)
    assert perfect.auroc == 1.0
    assert np.isnan(perfect.calibration_slope)
    assert np.isnan(metrics.performance(np.zeros(40), (np.arange(40) % 2) * 1.0).calibration_slope)
    assert np.isnan(metrics.performance(np.empty(0), np.empty(0)).auroc)


def test_different_lengths_are_refused():
    with says("rounds.scores", BadInput, scores=3, outcomes=2):
        metrics.performance(np.zeros(3), np.zeros(2))


def test_noise_of_the_ciphertext_does_not_break_ties():
    scores, y = cohort(2000, ties=True)
    noisy = scores + np.random.default_rng(2).normal(size=2000) * 2e-6
    assert metrics.performance(noisy, y).auroc == pytest.approx(metrics.performance(scores, y).auroc, abs=1e-9)
    dense = np.linspace(0, 1, 200_001)  # neighbours 5e-6 apart must not all become one
    assert len(np.unique(metrics.tied(dense))) > 20_000


def test_a_million_scores_take_seconds():
    scores, y = cohort(1_000_000)
    assert 0.7 < metrics.performance(scores, y).auroc < 0.9


def test_wilson_interval_is_that_of_statsmodels():
    for events, n in ((0, 20), (3, 50), (8, 8), (400, 5000)):
        assert metrics.wilson(events, n) == pytest.approx(proportion_confint(events, n, method="wilson"), abs=1e-9)


@pytest.mark.parametrize("ties", [False, True])
def test_every_step_of_a_curve_holds_at_least_eight_deaths_and_survivors(ties):
    scores, y = cohort(3000, ties=ties)
    died, events = y == 1, y.sum()
    points = np.array(metrics.roc_curve(scores, died, 8))
    assert (np.diff(points[:, 1]) * events >= 8 - 1e-3).all()
    assert (np.diff(points[:, 0]) * (3000 - events) >= 8 - 1e-2).all()
    assert points[0].tolist() == [0, 0]
    assert points[-1].tolist() == [1, 1]
    recall = np.array(metrics.precision_recall_curve(scores, died, 8))[:, 0]
    assert (np.diff(recall, prepend=0) * events >= 8 - 1e-3).all()
    assert recall[-1] == 1.0


def test_binned_curve_encloses_nearly_the_exact_area():
    scores, y = cohort(6000)
    points = np.array(metrics.roc_curve(scores, y == 1, 8))
    assert np.trapezoid(points[:, 1], points[:, 0]) == pytest.approx(roc_auc_score(y, scores), abs=0.003)


def test_calibration_bins_hold_everybody_once_with_enough_deaths_and_survivors():
    scores, y = cohort(5000)
    bins = metrics.calibration_bins(scores, y == 1, 8)
    assert sum(b.n for b in bins) == 5000
    assert sum(b.events for b in bins) == y.sum()
    assert all(b.events >= 8 and b.n - b.events >= 8 for b in bins)
    assert [b.predicted for b in bins] == sorted(b.predicted for b in bins)
    assert 8 <= len(bins) <= 10
    assert all(b.ci95[0] < b.observed < b.ci95[1] for b in bins)


def test_calibration_bins_of_a_deadly_cohort_have_survivors_in_each():
    scores, y = cohort(2000)
    bins = metrics.calibration_bins(-scores, y == 0, 8)
    assert all(b.n - b.events >= 8 for b in bins)
    assert sum(b.n for b in bins) == 2000


def test_curves_of_too_few_deaths_are_empty():
    scores, y = cohort(60)
    y[:] = 0
    y[:5] = 1
    assert metrics.roc_curve(scores, y == 1, 8) == []
    assert metrics.precision_recall_curve(scores, y == 1, 8) == []
    assert metrics.calibration_bins(scores, y == 1, 8) == []
