"""Limits that a key holder counts itself, for good: jobs of a pool, evaluations of a cohort, failures of a hospital."""

import pytest

from hefed.core.errors import PolicyRefused
from hefed.core.protocol.requests import CohortPart
from hefed.custodian.agent.loop import Agent
from hefed.custodian.client import CustodianClient
from hefed.custodian.desk.policy import Policy, check_failures, check_jobs, check_openings
from hefed.custodian.keeping.ledger import read_lines
from hefed.custodian.keeping.store import Home
from tests.custodian.agents import alone
from tests.custodian.cohort import Rows
from tests.custodian.conftest import NORTH, SOUTH, admit, finish, reopened
from tests.custodian.fake_server import FakeServer
from tests.words.raises import says

A, B = (CohortPart(batch=name, institution="north", rows=90) for name in "ab")


def limit(home: Home, setting: str) -> None:
    home.policy.write_text(f'release = "automatic"\n{setting}\n')


def test_a_pool_has_so_many_jobs_and_no_more_whatever_they_are_called(
    server: FakeServer, agent: Agent, home: Home, client: CustodianClient
) -> None:
    limit(home, "jobs_per_pool = 2")
    admit(server, agent)
    for job, asking in (("j1", agent), ("j2", alone(reopened(home), client))):
        request = server.launch(job, ["b1", "b2"])
        asking.poll()
        assert server.answer(request.request).outcome == "next"
    third = server.launch("j3", ["b2", "b1"])
    alone(reopened(home), client).poll()
    assert server.answer(third.request).reasons == ("policy.jobs_per_pool",)
    assert sum(line.openings for line in read_lines(home.ledger) if line.job == "j3") == 0
    other = server.launch("j4", ["b1"])
    agent.poll()
    assert server.answer(other.request).outcome == "next"


def test_a_cohort_is_evaluated_so_often_and_no_more(server: FakeServer, agent: Agent, home: Home) -> None:
    limit(home, "openings_per_cohort = 1")
    admit(server, agent)
    first = finish(server, agent, server.launch("j1", ["b1", "b2"]))
    assert server.answer(first.request).outcome == "result"
    second = finish(server, agent, server.launch("j2", ["b1", "b2"]))
    assert (second.kind, server.answer(second.request).reasons) == ("evaluation", ("policy.openings_per_cohort",))
    assert sum(line.openings for line in read_lines(home.ledger) if line.request == second.request) == 0


def test_after_three_failed_batches_a_hospital_waits_for_a_person(
    server: FakeServer, agent: Agent, home: Home, client: CustodianClient
) -> None:
    bad = Rows(NORTH[0].x * 3, NORTH[0].y)
    for number in range(3):
        request = server.upload(f"bad{number}", "north", bad, NORTH[1])
        alone(reopened(home), client).poll()
        assert server.answer(request.request).outcome == "quarantined"
    good = server.upload("b1", "north", *NORTH)
    agent.poll()
    assert server.answer(good.request).reasons == ("policy.failures_per_hospital",)
    assert sum(line.openings for line in read_lines(home.ledger) if line.request == good.request) == 0
    elsewhere = server.upload("b2", "south", *SOUTH)
    agent.poll()
    assert server.answer(elsewhere.request).outcome == "admitted"

    assert reopened(home).store.forgive("north") == 3
    again = server.upload("b3", "north", *NORTH)
    agent.poll()
    assert server.answer(again.request).outcome == "admitted"
    assert reopened(home).store.forgive("north") == 0


@pytest.mark.parametrize(("times", "refused"), [(0, False), (1, False), (2, True), (3, True)])
def test_a_limit_counts_the_same_batches_in_any_order(times: int, refused: bool) -> None:
    policy = Policy(jobs_per_pool=2, openings_per_cohort=2, failures_per_hospital=2)
    others = [*[[B, A]] * times, [A], [B]]
    checks = {
        "policy.jobs_per_pool": lambda: check_jobs(policy, [A, B], others),
        "policy.openings_per_cohort": lambda: check_openings(policy, [A, B], others),
        "policy.failures_per_hospital": lambda: check_failures(policy, "north", times),
    }
    for code, act in checks.items():
        if not refused:
            act()
            continue
        with says(code, PolicyRefused):
            act()
