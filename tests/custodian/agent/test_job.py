"""A whole job, in process, against the fake server: every request decided on real ciphertexts of the small ring."""

import numpy as np
import pytest

from hefed.core.protocol.requests import Request
from hefed.core.protocol.results import ReleasedResult
from hefed.custodian.agent.loop import Agent
from hefed.custodian.client import CustodianClient
from hefed.custodian.keeping.ledger import read_lines, verify
from hefed.custodian.keeping.opened import Custodian
from hefed.custodian.keeping.store import Home
from tests.custodian.agents import alone
from tests.custodian.cohort import Rows, dictionary
from tests.custodian.conftest import NORTH, SOUTH, admit, finish, pooled, reopened
from tests.custodian.fake_server import FakeServer


def _plaintext_fit(rows: Rows) -> tuple[np.ndarray, np.ndarray]:
    """Maximum likelihood by Newton's method, and standard errors."""
    beta = np.zeros(rows.x.shape[1])
    for _ in range(50):
        p = 1 / (1 + np.exp(-rows.x @ beta))
        hessian = (rows.x * (p * (1 - p))[:, None]).T @ rows.x
        beta = beta + np.linalg.solve(hessian, rows.x.T @ (rows.y - p))
    return beta, np.sqrt(np.diag(np.linalg.inv(hessian)))


def _auroc(scores: np.ndarray, y: np.ndarray) -> float:
    deaths, survivors = scores[y == 1], scores[y == 0]
    return float(np.mean(deaths[:, None] > survivors[None, :]))


def _released(server: FakeServer, request: Request) -> ReleasedResult:
    answer = server.answer(request.request)
    assert answer.outcome == "result", answer.reasons
    assert answer.result is not None
    return answer.result


def _estimates(result: ReleasedResult) -> np.ndarray:
    named = [result.model.coefficients[column.name] for column in dictionary().columns[1:]]
    return np.array([result.model.intercept.estimate, *(one.estimate for one in named)])


def _errors(result: ReleasedResult) -> list[float]:
    named = [result.model.coefficients[column.name] for column in dictionary().columns[1:]]
    return [result.model.intercept.standard_error, *(one.standard_error for one in named)]


def test_job_ends_with_the_plaintext_coefficients_and_auroc(server: FakeServer, agent: Agent) -> None:
    admit(server, agent)
    result = _released(server, finish(server, agent, server.launch("j1", ["b1", "b2"])))
    beta, errors = _plaintext_fit(pooled(0))
    assert np.abs((_estimates(result) - beta) / errors).max() < 0.03
    assert _errors(result) == pytest.approx(errors, rel=0.02)
    holdout = pooled(1)
    assert result.metrics["pooled"].auroc == pytest.approx(_auroc(holdout.x @ beta, holdout.y), abs=0.001)
    assert set(result.metrics) == {"pooled", "north", "south"}
    sizes = {scope: table.n for scope, table in result.table_one.items()}
    assert sizes == {"pooled": 1900, "north": 1200, "south": 700}
    assert result.table_one["pooled"].events == 5 * round((pooled(0).y.sum() + holdout.y.sum()) / 5)


def test_job_restarted_before_every_round_ends_with_the_same_coefficients(
    server: FakeServer, agent: Agent, home: Home, client: CustodianClient
) -> None:
    admit(server, agent)
    through = _released(server, finish(server, agent, server.launch("j1", ["b1", "b2"])))
    request: Request | None = server.launch("j2", ["b1", "b2"])
    while request is not None:
        last = request
        fresh = alone(reopened(home), client)
        fresh.recover()
        fresh.poll()
        request = server.proceed(request)
    # Fresh encryptions of the same coefficients: equal up to the noise, which the release grid (SE / 1000) rounds off.
    differences = np.abs(_estimates(_released(server, last)) - _estimates(through)) / np.array(_errors(through))
    assert differences.max() < 0.002


def test_answer_stored_before_a_stop_is_posted_unchanged_afterwards(
    server: FakeServer, agent: Agent, home: Home, client: CustodianClient
) -> None:
    admit(server, agent)
    request = server.launch("j1", ["b1", "b2"])
    stored = agent.prepare(request)  # decided and on the disk; the process ends before it posts
    assert stored is not None
    fresh = alone(reopened(home), client)
    fresh.recover()
    fresh.poll()
    assert server.answers[request.request] == stored.envelope
    assert _released(server, finish(server, fresh, server.proceed(request)))


def test_answer_file_alone_carries_the_job_state_and_the_ledger_line(
    server: FakeServer, agent: Agent, home: Home, client: CustodianClient
) -> None:
    """The stop falls between the answer file and everything that follows it."""
    admit(server, agent)
    request = server.launch("j1", ["b1", "b2"])
    before = {path: path.read_bytes() for path in (home.ledger, home.ledger.with_suffix(".head"))}
    agent.prepare(request)
    (home.path / "jobs" / "j1.sealed").unlink()
    for path, content in before.items():
        path.write_bytes(content)
    restarted = reopened(home)
    fresh = alone(restarted, client)
    fresh.recover()
    job = restarted.store.job("j1")
    assert job is not None
    assert (job.round, job.expects) == (0, "gradient")
    last = list(read_lines(home.ledger))[-1]
    assert (last.event, last.request, last.outcome) == ("answer", request.request, "next")
    fresh.poll()
    assert _released(server, finish(server, fresh, server.proceed(request)))


def test_answer_whose_receipt_was_lost_is_posted_again_unchanged(server: FakeServer, agent: Agent) -> None:
    admit(server, agent)
    request = server.launch("j1", ["b1", "b2"])
    left = [True]
    server.interrupt, server.after_taking = (lambda _: bool(left and left.pop())), True
    agent.poll()
    first, second = (digest for name, digest in server.posts if name == request.request)
    assert first == second
    assert server.waiting == {}


def test_answer_is_kept_until_the_server_waits_no_more(server: FakeServer, agent: Agent, custodian: Custodian) -> None:
    request = server.upload("b1", "north", *NORTH)
    agent.poll()
    assert custodian.store.unacknowledged() == [request.request]
    agent.poll()
    assert custodian.store.unacknowledged() == []


def test_answer_that_the_server_has_differently_is_on_the_ledger_once(
    server: FakeServer, agent: Agent, home: Home
) -> None:
    request = server.upload("b1", "north", *NORTH)
    server.answers[request.request] = b"somebody else's answer"
    agent.poll()
    agent.poll()
    assert [line.request for line in read_lines(home.ledger) if line.event == "conflict"] == [request.request]
    assert server.answers[request.request] == b"somebody else's answer"


def test_answer_that_the_server_rejects_is_not_sent_again(server: FakeServer, agent: Agent, home: Home) -> None:
    request = server.upload("b1", "north", *NORTH)
    agent.prepare(request)
    server.rejecting = True
    agent.poll()
    agent.poll()
    assert [name for name, _ in server.posts] == [request.request]
    assert [line.event for line in read_lines(home.ledger)][-1] == "conflict"


def test_request_whose_payload_is_gone_does_not_keep_others_waiting(server: FakeServer, agent: Agent) -> None:
    gone, other = server.upload("b1", "north", *NORTH), server.upload("b2", "south", *SOUTH)
    server.payloads[gone.request] = b""
    server.missing.add(gone.request)
    agent.poll()
    assert list(server.answers) == [other.request]


def test_faults_of_the_network_are_retried(server: FakeServer, agent: Agent) -> None:
    request = server.upload("b1", "north", *NORTH)
    server.faults = [503, 500, 429, 502]
    agent.poll()
    assert server.answer(request.request).outcome == "admitted"


def test_server_that_stays_silent_does_not_end_the_agent(server: FakeServer, agent: Agent, home: Home) -> None:
    request = server.upload("b1", "north", *NORTH)
    server.faults = [503] * 5
    agent.run(once=True)
    assert server.answers == {}
    assert [line.event for line in read_lines(home.ledger)] == ["initialised"]
    agent.run(once=True)
    assert server.answer(request.request).outcome == "admitted"


def test_ledger_holds_every_request_and_answer_of_a_job(server: FakeServer, agent: Agent, home: Home) -> None:
    admit(server, agent)
    finish(server, agent, server.launch("j1", ["b1", "b2"]))
    lines = list(read_lines(home.ledger))
    asked = [line.request for line in lines if line.event == "request"]
    answered = {line.request: line for line in lines if line.event == "answer"}
    assert asked == list(answered) == list(server.payloads)
    assert answered["j1-2"].openings == 72
    assert answered["j1-2"].rows == 1400
    digests = {digest for _, digest in server.posts}
    assert {line.answer_sha256 for line in answered.values()} == digests
    assert verify(home.ledger) == len(lines)
