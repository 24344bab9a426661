import numpy as np
import pytest
from numpy.polynomial import chebyshev

from hefed.core.errors import BadInput, FitFailed
from hefed.core.learning import sigmoid
from hefed.core.learning.sigmoid import Spread
from hefed.core.protocol.requests import SigmoidSpec
from tests.words.raises import says


def spec(
    degree: int, half_width: float = 12.0, centre: float = -4.0, mean: float = -3.5, sd: float = 1.5
) -> SigmoidSpec:
    return SigmoidSpec(degree=degree, centre=centre, half_width=half_width, mean=mean, sd=sd)


def spread(mean: float = -3.5, sd: float = 1.5, rows: float = 50_000, share: float = 0.05, dim: int = 20) -> Spread:
    classes = ((rows * (1 - share), mean - 0.1, sd), (rows * share, mean + 1.9, sd))
    return Spread(classes, mean, sd, mean - 7 * sd, mean + 7 * sd, dim)


@pytest.mark.parametrize(("degree", "limit"), [(15, 0.2), (31, 1e-2), (63, 5e-5)])
def test_polynomial_follows_the_sigmoid_over_the_whole_interval(degree, limit):
    u = np.linspace(-1, 1, 2001)
    error = chebyshev.chebval(u, sigmoid.coefficients(spec(degree))) - sigmoid.sigmoid(-4.0 + 12.0 * u)
    assert np.abs(error).max() < limit


def test_error_is_orthogonal_to_low_polynomials_under_the_density():
    s = spec(15)
    z = np.linspace(s.centre - s.half_width, s.centre + s.half_width, 20001)
    density = np.exp(-0.5 * ((z - s.mean) / (1.15 * s.sd)) ** 2) + 1e-4
    error = chebyshev.chebval((z - s.centre) / s.half_width, sigmoid.coefficients(s)) - sigmoid.sigmoid(z)
    size = np.sqrt(density @ error**2 / density.sum())
    for power in range(4):
        weight = ((z - s.mean) / s.sd) ** power
        assert abs(density @ (error * weight)) / density.sum() < 1e-3 * size * max(1.0, np.abs(weight).max() / 100)


def test_derivative_coefficients_are_of_the_slope_in_z_and_only_of_degree_31():
    u = np.linspace(-0.5, 0.5, 101)
    fitted = chebyshev.chebval(u, sigmoid.derivative_coefficients(spec(31)))
    assert np.abs(fitted - sigmoid.slope(-4.0 + 12.0 * u)).max() < 1e-3
    with says("rounds.slope_degree", BadInput, degree=63):
        sigmoid.derivative_coefficients(spec(63))


def test_coefficients_are_the_same_for_a_spec_that_travelled_as_json():
    sent = spec(63)
    received = SigmoidSpec.model_validate_json(sent.model_dump_json())
    sigmoid._fit.cache_clear()
    first = sigmoid.coefficients(sent)
    sigmoid._fit.cache_clear()
    assert np.array_equal(first, sigmoid.coefficients(received))


def test_callers_cannot_change_the_cached_coefficients():
    sigmoid.coefficients(spec(15))[:] = 0.0
    assert np.abs(sigmoid.coefficients(spec(15))).max() > 0.1


def test_choice_takes_a_low_degree_far_away_and_a_trusted_one_near_the_optimum():
    far, near = sigmoid.choose(spread(), criterion=100.0), sigmoid.choose(spread(), criterion=0.0)
    assert far.spec.degree == 15
    assert near.spec.degree == 31
    assert near.bias <= sigmoid.BIAS_TARGET < far.bias


def test_choice_takes_degree_63_for_a_very_wide_interval():
    assert sigmoid.choose(spread(sd=4.0), criterion=0.0).spec.degree == 63


def test_choice_only_names_published_intervals_and_rounds_the_spread():
    chosen = sigmoid.choose(spread(mean=-3.37, sd=1.41), criterion=1.0).spec
    assert chosen.half_width in sigmoid.HALF_WIDTHS
    assert chosen.centre in sigmoid.CENTRES
    assert (2 * chosen.mean).is_integer()
    assert (4 * chosen.sd).is_integer()


def test_choice_covers_the_spread_and_respects_what_an_explosion_taught():
    wide = sigmoid.choose(spread(), criterion=1.0, at_least=24.0).spec
    assert wide.half_width >= 24.0
    s, chosen = spread(), sigmoid.choose(spread(), criterion=0.0).spec
    assert chosen.centre - chosen.half_width <= s.low
    assert chosen.centre + chosen.half_width >= s.high


def test_choice_past_the_widest_interval_says_so_with_numbers():
    with says("fit.interval_too_wide", FitFailed, widest=32.0) as raised:
        sigmoid.choose(spread(mean=-4.0, sd=6.0), criterion=1.0)
    assert (raised.value.facts["sd"], raised.value.facts["half_width"]) == pytest.approx((6.0, 42.0), abs=0.5)


def test_hessian_takes_the_narrowest_interval_and_narrows_past_20():
    assert sigmoid.choose_hessian(spread(sd=1.0)).half_width == 8.0
    assert sigmoid.choose_hessian(spread(mean=-4.0, sd=3.6)).half_width == 20.0
    assert sigmoid.choose_hessian(spread(sd=1.0), at_least=28.0).half_width == 28.0


def test_predicted_bias_falls_with_degree_and_grows_with_the_interval_and_the_rows():
    s = spread()
    biases = [sigmoid.bias(spec(degree), s) for degree in (15, 31, 63)]
    assert biases[0] > 20 * biases[1] > 20 * 20 * biases[2]
    assert sigmoid.bias(spec(31, half_width=24.0), s) > sigmoid.bias(spec(31), s)
    assert sigmoid.bias(spec(31), spread(rows=5_000_000)) > 3 * sigmoid.bias(spec(31), s)
