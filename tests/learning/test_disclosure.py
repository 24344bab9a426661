import numpy as np
import pytest
from scipy.special import expit

from hefed.core.dictionary.variables import Column
from hefed.core.errors import BadInput, PolicyRefused
from hefed.core.learning import disclosure
from hefed.core.learning.disclosure import DEFAULT, Thresholds
from hefed.core.learning.optimiser import Fit
from hefed.core.protocol.requests import CohortPart
from hefed.core.protocol.results import Reason, ReleasedResult
from hefed.core.words import Fact, Said
from tests.words.raises import says


def people(n: int, events: int, seed: int = 1) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    y = np.zeros(n)
    y[rng.permutation(n)[:events]] = 1.0
    return rng.normal(-2.0 + 1.5 * y, 1.0), y


def fit(events: int = 500, n: int = 5000) -> Fit:
    columns = (
        Column("intercept", "Intercept", "", "intercept"),
        Column("age", "Age", "age", "continuous", "years", centre=60.0, scale=15.0),
        Column("male", "Male", "sex", "indicator01"),
    )
    covariance = np.array([[0.0042, -0.0007, -0.0011], [-0.0007, 0.0025, 0.0003], [-0.0011, 0.0003, 0.0091]])
    return Fit(columns, np.array([-2.123456789, 0.4567891, 0.98765432]), covariance, 6, n, events)


def part(batch: str, rows: int, institution: str = "A") -> CohortPart:
    return CohortPart(batch=batch, institution=institution, rows=rows)


def parts(reason: Reason) -> Fact:
    """The single reasons for a number that is missing for several."""
    assert isinstance(reason, Said)
    return reason.facts["reasons"] if reason.code == "disclosure.reasons" else (reason,)


# ---- thresholds and counts


@pytest.mark.parametrize("name", ["small_cell", "round_to", "min_events", "curve_events"])
def test_thresholds_cannot_go_below_the_floor(name):
    with says("disclosure.below_floor", BadInput, name=name, value=4, floor=5):
        Thresholds(**{name: 4})
    Thresholds(**{name: 8})


def test_rounding_that_would_swallow_steps_is_refused():
    with says("disclosure.rounding_too_coarse", BadInput, round_to=10, curve_events=8):
        Thresholds(round_to=10)


def test_only_zero_is_rounded_to_zero():
    assert [DEFAULT.rounded(count) for count in (0, 1, 8, 12, 13, 1002)] == [0, 5, 10, 10, 15, 1000]


@pytest.mark.parametrize(
    ("counts", "hidden"),
    [
        ([100, 50, 30], [False, False, False]),
        ([100, 3, 30], [False, True, True]),
        ([100, 3, 7, 30], [False, True, True, False]),
        ([100, 0, 3], [True, False, True]),
        ([3, 0], [True, False]),
        ([8, 8], [False, False]),
    ],
)
def test_single_small_cell_takes_the_next_smallest_with_it(counts, hidden):
    assert disclosure.hidden_cells(counts, DEFAULT) == hidden


# ---- model


def test_estimates_keep_a_thousandth_of_their_standard_error_and_no_more():
    model = disclosure.release_model(fit())
    age = model.coefficients["age"]
    assert (age.estimate, age.standard_error) == (0.45679, 0.05)
    assert model.intercept.estimate == -2.12346
    assert model.coefficients["male"].standard_error == 0.09539
    assert age.odds_ratio == 1.579
    assert age.ci95 == pytest.approx((np.exp(0.45679 - 0.098), np.exp(0.45679 + 0.098)), rel=1e-3)


def test_natural_scale_is_the_same_model_per_unit():
    exact, model = fit(), disclosure.release_model(fit()).natural
    assert model.coefficients["age"].estimate == pytest.approx(0.4567891 / 15, rel=1e-4)
    assert model.coefficients["age"].standard_error == pytest.approx(0.05 / 15, rel=1e-3)
    assert model.coefficients["male"].estimate == disclosure.release_model(exact).coefficients["male"].estimate
    at_zero = np.array([1.0, -60.0 / 15.0, 0.0])  # the encoded row of a patient of age 0
    assert model.intercept.estimate == pytest.approx(at_zero @ exact.beta, abs=1e-4)
    assert model.intercept.standard_error == pytest.approx((at_zero @ exact.covariance @ at_zero) ** 0.5, rel=1e-3)


def test_model_of_seven_deaths_is_not_released_and_one_of_few_warns():
    with says("disclosure.few_events", PolicyRefused, small_cell=7):
        disclosure.release(fit(events=7), {"A": people(500, 50)})
    warned = disclosure.release(fit(events=12), {"A": people(500, 50)}).warnings
    assert warned == [Said("disclosure.unstable", per_column=10, columns=len(fit().columns) - 1)]
    assert disclosure.release(fit(), {"A": people(500, 50)}).warnings == []


# ---- metrics and curves


def test_metrics_of_big_hospitals_are_shown_with_rounded_counts():
    metrics, curves = disclosure.release_metrics({"A": people(803, 61), "B": people(602, 48, 2)})
    assert (metrics["A"].n, metrics["A"].events, metrics["A"].prevalence) == (805, 60, 0.07453)
    assert metrics["pooled"].n == 1405
    assert all(m.suppressed == "" for m in metrics.values())
    assert 0.7 < metrics["A"].auroc_ci95[0] < metrics["A"].auroc < metrics["A"].auroc_ci95[1]
    assert all(curve.roc and curve.precision_recall and curve.calibration for curve in curves.values())


def test_hospital_with_nineteen_deaths_has_counts_but_no_metrics():
    metrics, curves = disclosure.release_metrics(
        {"A": people(800, 60), "B": people(300, 19, 2), "C": people(500, 40, 3)}
    )
    assert (metrics["B"].n, metrics["B"].events, metrics["B"].auroc, metrics["B"].prevalence) == (300, 20, None, None)
    assert metrics["B"].suppressed == Said("disclosure.few_held_out_here", minimum=20)
    assert curves["B"].roc == [] and curves["B"].suppressed
    assert metrics["A"].auroc is not None


def test_one_small_number_of_deaths_takes_a_second_hospitals_with_it():
    sets = {"A": people(800, 60), "B": people(300, 4, 2), "C": people(500, 40, 3)}
    metrics, curves = disclosure.release_metrics(sets)
    assert metrics["B"].events is None and DEFAULT.few_deaths in parts(metrics["B"].suppressed)
    assert metrics["C"].events is None and metrics["C"].prevalence is None
    assert disclosure.of_deaths(disclosure.COMPLEMENT) in parts(metrics["C"].suppressed)
    assert metrics["C"].auroc is not None
    assert curves["C"].precision_recall == [] and curves["C"].calibration == []
    assert metrics["A"].events == 60 and curves["A"].roc


def test_few_survivors_are_hidden_like_few_deaths():
    metrics, _ = disclosure.release_metrics({"A": people(100, 97), "B": people(400, 200, 2), "C": people(300, 100, 3)})
    assert metrics["A"].events is None
    assert metrics["pooled"].events == 395


def test_hospital_with_seven_patients_shows_nothing_and_takes_a_second_size_with_it():
    metrics, _ = disclosure.release_metrics({"A": people(800, 60), "B": people(7, 1, 2), "C": people(500, 40, 3)})
    assert metrics["B"].n is None and metrics["B"].events is None
    assert metrics["C"].n is None
    assert metrics["A"].n == 800


@pytest.mark.parametrize(("others", "shown"), [(7, False), (8, True)])
def test_hospital_that_is_nearly_everybody_shows_no_metrics_beside_the_pooled_ones(others, shown):
    """807 pooled minus 800 of A would tell about 7 patients."""
    metrics, curves = disclosure.release_metrics({"A": people(800, 60), "B": people(others, 2, 2)})
    assert metrics["pooled"].auroc is not None
    assert (metrics["A"].auroc is not None) == shown
    assert shown or (
        Said("disclosure.nearly_everybody", small_cell=7) in parts(metrics["A"].suppressed) and not curves["A"].roc
    )


def test_pooled_metrics_of_one_contributing_hospital_follow_its_own_rule():
    metrics, curves = disclosure.release_metrics({"A": people(300, 12), "B": people(200, 0, 2)})
    assert metrics["pooled"].auroc is None
    assert metrics["pooled"].suppressed == Said("disclosure.few_held_out", minimum=20)
    assert curves["pooled"].roc == []


def test_pooled_metrics_of_several_small_hospitals_are_shown():
    metrics, _ = disclosure.release_metrics({"A": people(300, 12), "B": people(200, 9, 2), "C": people(200, 10, 3)})
    assert metrics["pooled"].auroc is not None
    assert all(metrics[name].auroc is None for name in "ABC")


def test_curves_tell_no_count_more_exactly_than_to_five():
    scores, y = people(803, 61)
    _, curves = disclosure.release_metrics({"A": (scores, y), "B": people(600, 50, 2)})
    points = np.array(curves["A"].roc)
    assert np.allclose(points[:, 1] * 60 % 5, 0, atol=1e-3) or np.allclose((points[:, 1] * 60 + 1) % 5, 1, atol=1e-3)
    assert all(b.n % 5 == 0 and b.events % 5 == 0 and b.events >= 5 for b in curves["A"].calibration)


def test_empty_holdout_of_a_hospital_is_no_error():
    metrics, _ = disclosure.release_metrics({"A": people(800, 60), "B": (np.empty(0), np.empty(0))})
    assert metrics["B"].n == 0
    assert metrics["B"].auroc is None


def test_result_is_one_message_that_survives_json():
    result = disclosure.release(fit(), {"A": people(800, 60), "B": people(100, 3, 2)})
    assert ReleasedResult.model_validate_json(result.model_dump_json()) == result


@pytest.mark.parametrize("seed", range(30))
def test_no_released_number_is_a_small_count_or_finer_than_its_grid(seed):
    rng = np.random.default_rng(seed)
    sets = {}
    for name in "ABCD"[: rng.integers(1, 5)]:
        n = int(rng.integers(0, 400))
        scores = rng.normal(-1.5, 1.2, n)
        sets[name] = (scores, (rng.random(n) < expit(scores)) * 1.0)
    metrics, curves = disclosure.release_metrics(sets)
    for name, found in metrics.items():
        for count in (found.n, found.events):
            assert count is None or count % 5 == 0
        if name in sets and 0 < sets[name][1].sum() <= 7:
            assert found.events is None and found.auroc is None and not curves[name].roc
        if found.auroc is None:
            assert found.suppressed
    hidden = [name for name in sets if metrics[name].events is None]
    others = [name for name, (_, y) in sets.items() if 7 < y.sum() < len(y)]
    assert len(hidden) != 1 or len(sets) == 1 or not [name for name in others if name not in hidden]
