"""Charts carry every number in a table, fixed marks per hospital, and words that fit the numbers."""

import json

import pytest
from django.urls import reverse

from hefed.core.protocol.results import Metrics, ReleasedResult
from hospitals.institutions.selectors import HospitalMark
from tests.pages import cohort
from tests.pages.conftest import signed_in
from tests.pages.factory import World
from tests.words.raises import text
from training.results import charts, words

MARKS = [HospitalMark("seoul", "Seoul", 0), HospitalMark("daegu", "Daegu", 1), HospitalMark("jeju", "Jeju", 2)]
SUPPRESSED = Metrics.model_validate(dict.fromkeys(Metrics.model_fields) | {"suppressed": "suppressed: 7 or fewer"})


@pytest.fixture(scope="module")
def result() -> ReleasedResult:
    sizes = {"seoul": (2000, 0.0), "daegu": (1200, 0.3), "jeju": (240, -0.4)}
    everyone = {slug: cohort.patients(*size, seed) for seed, (slug, size) in enumerate(sizes.items())}
    patients = tuple(everyone.values())
    return cohort.released(patients, tuple(everyone), patients)


def drawn(chart: charts.Chart, series: str) -> list[dict[str, object]]:
    return [trace for trace in chart.figure["data"] if trace.get("meta") == series]


def test_table_holds_every_point_of_the_curves(result: ReleasedResult):
    chart = charts.roc(result, MARKS, "Death")

    assert len(chart.rows) == sum(len(curves.roc) for curves in result.curves.values())


def test_hospital_keeps_colour_and_symbol_in_every_chart(result: ReleasedResult):
    for chart in (charts.roc(result, MARKS, "Death"), charts.calibration(result, MARKS)):
        marker = drawn(chart, "daegu")[0]["marker"]
        assert marker["color"] == "var(--hospital-2)"
        assert marker["symbol"] == "square"


def test_twelve_hospitals_have_twelve_different_marks():
    marks = [HospitalMark(str(place), str(place), place) for place in range(12)]

    assert len({(mark.number, mark.symbol) for mark in marks}) == 12


def test_suppressed_hospital_is_not_drawn_but_named(result: ReleasedResult):
    chart = charts.roc(result, MARKS, "Death")

    assert drawn(chart, "jeju") == []
    assert f"Jeju: {text('disclosure.few_held_out_here', minimum=20)}" in chart.notes


def test_prevalence_line_lies_at_the_prevalence(result: ReleasedResult):
    line = drawn(charts.precision_recall(result, MARKS), "pooled")[0]

    assert line["y"] == [result.metrics["pooled"].prevalence] * 2


def test_calibration_draws_the_interval_of_every_bin(result: ReleasedResult):
    bins = result.curves["pooled"].calibration
    error = drawn(charts.calibration(result, MARKS), "pooled")[0]["error_y"]

    assert error["array"] == pytest.approx([b.ci95[1] - b.observed for b in bins])


def test_forest_plot_has_a_logarithmic_axis_that_shows_one(result: ReleasedResult):
    chart = charts.forest(result.model, {})
    axis = chart.figure["layout"]["xaxis"]

    assert axis["type"] == "log"
    assert axis["range"][0] < 0 < axis["range"][1]
    assert 1 in axis["tickvals"]


def test_one_enormous_interval_does_not_flatten_the_others(result: ReleasedResult):
    wide = result.model_dump()
    wide["model"]["coefficients"]["age"]["ci95"] = (1e-9, 1e9)

    axis = charts.forest(ReleasedResult.model_validate(wide).model, {}).figure["layout"]["xaxis"]

    assert axis["range"][1] - axis["range"][0] < 3


def test_figures_are_plain_json_without_a_fixed_theme(result: ReleasedResult):
    for chart in charts.result_charts(result, MARKS, {}, "Death"):
        text = json.dumps(chart.figure)
        assert "template" not in chart.figure["layout"]
        assert "#" not in text  # colours are custom properties only


def test_every_chart_stands_once_on_the_page_of_a_result(world: World):
    page = signed_in(world, "clinician").get(reverse("result", args=["icu-death", "job-0001"]))

    names = [chart.name for chart in page.context["charts"]]
    assert names == ["roc", "precision-recall", "calibration", "odds-ratios", "convergence"]
    assert [page.content.decode().count(f'data-chart="figure-{name}"') for name in names] == [1] * len(names)


def test_convergence_says_whether_the_fit_has_settled():
    points = [charts.RoundPoint(1, "Gradient", 5.0, False), charts.RoundPoint(2, "Gradient", 0.001, False)]

    assert charts.convergence(points, 2e-3).reading.startswith("Settled after 2 rounds")
    later = [*points, charts.RoundPoint(3, "Standard errors", 1e-6, False)]
    assert charts.convergence(later, 2e-3).reading.startswith("Settled after 2 rounds")
    assert charts.convergence(points[:1], 2e-3).reading.startswith("Still moving after 1 round:")
    assert charts.convergence([], 2e-3).reading.startswith("No round has been answered yet")


def test_csv_quotes_what_needs_quoting(result: ReleasedResult):
    chart = charts.forest(result.model, {"age": 'Age, "years"'})

    assert '"Age, ""years"""' in chart.to_csv()


def test_headline_of_suppressed_metrics_gives_the_reason(result: ReleasedResult):
    hidden = result.model_copy(update={"metrics": {"pooled": SUPPRESSED}})

    assert "suppressed: 7 or fewer" in words.headline(hidden, 120, 1, "Death")


def test_outcome_that_is_no_death_is_named(result: ReleasedResult):
    assert "a patient with “Sepsis” above one without it" in words.headline(result, 3440, 3, "Sepsis")


def test_readings_of_suppressed_metrics_give_the_reason():
    assert words.roc_reading(SUPPRESSED, "Death") == "Suppressed: 7 or fewer."
    assert words.precision_reading(SUPPRESSED) == "Suppressed: 7 or fewer."
    assert words.calibration_reading(SUPPRESSED) == "Suppressed: 7 or fewer."
    assert words.auroc_text(SUPPRESSED) == "suppressed: 7 or fewer"
