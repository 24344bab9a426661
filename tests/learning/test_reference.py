import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm

from bench.reference import encode, maximum_likelihood
from bench.simulated import BENCH, SHAPES, simulate
from hefed.core.dictionary.variables import DataDictionary
from hefed.core.errors import FitFailed
from tests.words.raises import says


@pytest.mark.parametrize("shape", ["small-wide", "near-collinear", "categories", "strong-effects"])
def test_maximum_likelihood_is_that_of_statsmodels(shape):
    cohort = simulate(shape, 3)
    x, y = encode(cohort.pooled(), cohort.dictionary)
    found = maximum_likelihood(x, y)
    theirs = sm.GLM(y, x, family=sm.families.Binomial()).fit(tol=1e-12)
    assert np.abs((found.beta - theirs.params) / theirs.bse).max() < 1e-5
    assert np.abs(found.standard_errors / theirs.bse - 1).max() < 1e-5


def test_separated_rows_have_no_maximum():
    score = np.linspace(-1, 1, 200)
    with says("fit.singular", FitFailed):
        maximum_likelihood(np.c_[np.ones(200), score], (score > 0.1) * 1.0)


def test_encoding_follows_the_dictionary():
    dictionary = DataDictionary.from_csv(
        "name,label,role,kind,unit,levels,centre,scale,fill,indicator\n"
        "id,,id,,,,,,,\n"
        "age,,feature,continuous,years,,60,10,60,yes\n"
        "sex,,feature,binary,,female|male,,,,\n"
        "cancer,,feature,categorical,,none|local|spread,,,none,\n"
        "died,,outcome,binary,,,,,,\n"
    )
    table = pd.DataFrame(
        {
            "id": ["a", "b", "c"],
            "age": ["70", None, "200"],
            "sex": ["male", "female", "male"],
            "cancer": ["spread", None, "local"],
            "died": ["1", "0", "0"],
        }
    )
    x, y = encode(table, dictionary)
    assert [column.name for column in dictionary.columns[1:]] == [
        "age",
        "age=missing",
        "sex",
        "cancer=local",
        "cancer=spread",
    ]
    assert x.tolist() == [[1, 1, 0, 1, 0, 1], [1, 0, 1, 0, 0, 0], [1, 4, 0, 1, 1, 0]]
    assert y.tolist() == [1, 0, 0]


@pytest.mark.parametrize("name", [name for name, shape in SHAPES.items() if sum(shape.hospitals) < 100_000])
def test_simulated_study_has_its_shape(name):
    shape, cohort = SHAPES[name], simulate(name, 1)
    assert [len(frame) for frame in cohort.hospitals.values()] == list(shape.hospitals)
    x, y = encode(cohort.pooled(), cohort.dictionary)
    assert x.shape[1] == len(cohort.dictionary.columns)
    assert abs(y.mean() - shape.deaths) < 4 * np.sqrt(shape.deaths / len(y))
    assert np.abs(x).max() <= 4.0
    assert cohort.pooled()["id"].is_unique


def test_simulation_repeats_and_its_dictionary_survives_csv():
    one, other = simulate("categories", 4), simulate("categories", 4)
    assert all(one.hospitals[name].equals(other.hospitals[name]) for name in one.hospitals)
    again = DataDictionary.from_csv(one.dictionary.to_csv())
    assert again.digest == one.dictionary.digest


def test_table_read_back_from_csv_encodes_to_the_same_rows(tmp_path):
    cohort = simulate("categories", 2)
    path = tmp_path / "a.csv"
    cohort.hospitals["A"].to_csv(path, index=False)
    read = pd.read_csv(path, dtype=str, keep_default_na=False, na_values=[""])
    for before, after in zip(
        encode(cohort.hospitals["A"], cohort.dictionary), encode(read, cohort.dictionary), strict=True
    ):
        assert np.allclose(before, after)


def test_shapes_cover_what_the_rehearsal_promises():
    fittable = [shape for shape in SHAPES.values() if not shape.spoil]
    assert {2, 3, 4, 5, 6} <= {len(shape.hospitals) for shape in fittable}
    assert min(shape.deaths for shape in fittable) <= 0.01
    assert max(shape.deaths for shape in fittable) >= 0.5
    assert any(60 in shape.hospitals for shape in fittable)
    assert sum(BENCH.hospitals) == 341_007


def test_unknown_shape_is_refused_with_the_known_ones():
    with pytest.raises(ValueError, match="two-small"):
        simulate("round", 1)
