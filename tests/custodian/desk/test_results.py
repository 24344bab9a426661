"""A result under the policy "approval": commitments go to the server, items with their notes stay."""

import json

import pytest

from hefed.core.learning.disclosure import DEFAULT, of_deaths, release_metrics
from hefed.core.protocol.requests import CohortPart
from hefed.core.protocol.results import Curves, Intercept, Metrics, ModelResult, NaturalScale, ReleasedResult, TableOne
from hefed.core.words import Fact, Said
from hefed.custodian.agent.loop import Agent
from hefed.custodian.desk.results import notes, tables_of_pool
from hefed.custodian.keeping.ledger import read_lines
from hefed.custodian.keeping.opened import Custodian
from hefed.custodian.keeping.records import BatchRecord
from hefed.custodian.keeping.store import Home
from tests.custodian.cohort import Rows, admission_totals, dictionary, simulate
from tests.custodian.conftest import NORTH, admit, finish, reopened
from tests.custodian.fake_server import FakeServer


@pytest.fixture
def approval(home: Home) -> None:
    home.policy.write_text('release = "approval"\n')


def _batch(name: str, institution: str, rows: Rows) -> BatchRecord:
    sums = admission_totals(rows)
    return BatchRecord(batch=name, institution=institution, rows=len(rows.y), n_columns=rows.x.shape[1], sums=sums)


@pytest.mark.usefixtures("approval")
def test_result_under_approval_leaves_as_commitments_and_stays_sealed_here(
    server: FakeServer, agent: Agent, custodian: Custodian, home: Home
) -> None:
    admission = server.upload("b1", "north", *NORTH)
    agent.poll()
    assert server.answer(admission.request).outcome == "admitted"
    assert server.answer(admission.request).table_one is None
    admit(server, agent)
    request = finish(server, agent, server.launch("j1", ["b1", "b2"])).request
    answer = server.answer(request)
    assert (answer.outcome, answer.result) == ("sealed", None)
    agent.poll()  # the server has the answer: it is forgotten here, the result is not
    assert custodian.store.answer(request) is None
    sealed = reopened(home).store.sealed(request)
    assert sealed is not None
    assert answer.sealed is not None
    assert answer.sealed.items == [item.commitment() for item in sealed.items]
    content = {item.item: json.loads(item.text) for item in sealed.items}
    assert list(content) == ["coefficients", "metrics", "curves", "table_one"]
    assert set(content["metrics"]) == set(content["curves"]) == {"pooled", "north", "south"}
    assert TableOne.model_validate(content["table_one"]["pooled"]).n == 1900
    assert content["table_one"]["north"]["n"] == 1200
    assert ModelResult.model_validate(content["coefficients"]["model"]).rounds > 1
    assert 0.5 < content["metrics"]["pooled"]["auroc"] < 1
    markers = [item.text.encode()[:60] for item in sealed.items] + [item.salt.encode() for item in sealed.items]
    assert not [marker for marker in markers for body in server.seen if marker in body]
    assert [line.outcome for line in read_lines(home.ledger) if line.event == "answer"][-1] == "sealed"


def test_tables_of_a_pool_add_a_hospitals_batches_and_leave_others_out() -> None:
    rows = [simulate(400, seed) for seed in (1, 2, 3, 4)]
    batches = [_batch(f"b{k}", name, r) for k, (name, r) in enumerate(zip(["s", "n", "n", "w"], rows, strict=True))]
    cohort = [CohortPart(batch=f"b{k}", institution=name, rows=300) for k, name in ((0, "s"), (1, "n"), (2, "n"))]
    tables = tables_of_pool(cohort, batches, dictionary().columns, DEFAULT)
    assert {scope: table.n for scope, table in tables.items()} == {"pooled": 1200, "n": 800, "s": 400}
    males = int(rows[1].x[:, 4].sum() + rows[2].x[:, 4].sum())
    assert tables["n"].variables[3].count == 5 * round(males / 5)


def _result(metrics: dict[str, Metrics], curves: dict[str, Curves], tables: dict[str, TableOne]) -> ReleasedResult:
    intercept = Intercept(estimate=-2.0, standard_error=0.1)
    natural = NaturalScale(intercept=intercept, coefficients={})
    model = ModelResult(rounds=5, intercept=intercept, coefficients={}, natural=natural)
    return ReleasedResult(model=model, metrics=metrics, curves=curves, table_one=tables, warnings=["few deaths"])


def reasons(note: Said) -> Fact:
    why = note.facts["why"]
    return why.facts["reasons"] if isinstance(why, Said) and why.code == "disclosure.reasons" else (why,)


def test_notes_name_everything_that_is_suppressed_and_the_thresholds() -> None:
    big, small = simulate(900, 5), simulate(60, 6)
    sets = {"north": (big.x[:, 1], big.y), "south": (small.x[:, 1], (small.x[:, 0].cumsum() <= 4).astype(float))}
    metrics, curves = release_metrics(sets, DEFAULT)
    few = Rows(small.x.copy(), sets["south"][1])
    few.x[:, 5] = few.x[:, 0].cumsum() <= 3  # three patients with local cancer
    few.x[:, 6] = 0
    batches = [_batch("b1", "north", big), _batch("b2", "south", few)]
    cohort = [CohortPart(batch="b1", institution="north", rows=9), CohortPart(batch="b2", institution="south", rows=9)]
    tables = tables_of_pool(cohort, batches, dictionary().columns, DEFAULT)
    found = notes(_result(metrics, curves, tables), DEFAULT)
    assert found["coefficients"][1:] == ["few deaths"]
    few, hidden = Said("disclosure.few_held_out_here", minimum=20), DEFAULT.small
    assert found["metrics"][0] == Said("releases.note_metrics", small_cell=7, round_to=5)
    assert any(note.code == "releases.note_of_metrics" and few in reasons(note) for note in found["metrics"])
    assert found["curves"][0] == Said("releases.note_curves", events=8, round_to=5)
    assert Said("releases.note_of_curves", scope="south", why=few) in found["curves"]
    assert Said("releases.note_of_table", scope="south", why=of_deaths(hidden)) in found["table_one"]
    columns = ("creatinine=missing", "cancer=local")
    assert Said("releases.note_of_columns", scope="south", columns=columns, why=hidden) in found["table_one"]
    assert found["table_one"][0] == Said("releases.note_table_one", small_cell=7, round_to=5)
