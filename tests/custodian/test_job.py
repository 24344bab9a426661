"""A whole job, in process, against the fake server: every request decided on real ciphertexts of the small ring."""

import numpy as np
import pytest

from hefed.custodian.agent import Agent
from hefed.protocol.messages import ReleasedResult, Request
from tests.custodian.cohort import Rows, dictionary
from tests.custodian.conftest import split
from tests.custodian.fake_server import FakeServer

NORTH, SOUTH = split(900, 300, 11), split(500, 200, 12)


def admit(server: FakeServer, agent: Agent) -> None:
    for batch, institution, (train, holdout) in (("b1", "north", NORTH), ("b2", "south", SOUTH)):
        request = server.upload(batch, institution, train, holdout)
        agent.poll()
        assert server.answer(request.request).outcome == "admitted"


def finish(server: FakeServer, agent: Agent, request: Request | None) -> Request:
    """Answer and proceed to the end; gives the last request."""
    while request is not None:
        last = request
        agent.poll()
        request = server.proceed(request)
    return last


def pooled(index: int) -> Rows:
    parts = [NORTH[index], SOUTH[index]]
    return Rows(np.vstack([part.x for part in parts]), np.concatenate([part.y for part in parts]))


def plaintext_fit(rows: Rows) -> tuple[np.ndarray, np.ndarray]:
    """Maximum likelihood by Newton's method, and standard errors."""
    beta = np.zeros(rows.x.shape[1])
    for _ in range(50):
        p = 1 / (1 + np.exp(-rows.x @ beta))
        hessian = (rows.x * (p * (1 - p))[:, None]).T @ rows.x
        beta = beta + np.linalg.solve(hessian, rows.x.T @ (rows.y - p))
    return beta, np.sqrt(np.diag(np.linalg.inv(hessian)))


def released(server: FakeServer, request: Request) -> ReleasedResult:
    answer = server.answer(request.request)
    assert answer.outcome == "result", answer.reasons
    assert answer.result is not None
    return answer.result


def test_job_ends_with_the_plaintext_coefficients(server: FakeServer, agent: Agent) -> None:
    admit(server, agent)
    result = released(server, finish(server, agent, server.launch("j1", ["b1", "b2"])))
    beta, errors = plaintext_fit(pooled(0))
    model = result.model
    named = [model.coefficients[column.name] for column in dictionary().columns[1:]]
    estimates = [model.intercept.estimate, *(one.estimate for one in named)]
    found = [model.intercept.standard_error, *(one.standard_error for one in named)]
    assert np.abs((np.array(estimates) - beta) / errors).max() < 0.1
    assert found == pytest.approx(errors, rel=0.02)
