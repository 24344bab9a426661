"""The policy as requests meet it: it counts from the next one on, and what it holds back waits."""

from hefed.core.ckks.backend import generate_keys
from hefed.core.ckks.params import profile
from hefed.core.protocol.requests import Request
from hefed.custodian.agent.loop import Agent
from hefed.custodian.client import CustodianClient
from hefed.custodian.keeping.ledger import read_lines
from hefed.custodian.keeping.opened import Custodian
from hefed.custodian.keeping.store import Home
from tests.custodian.agents import alone
from tests.custodian.conftest import NORTH, SOUTH, admit
from tests.custodian.desk.conftest import Refused
from tests.custodian.fake_server import PROFILE, FakeServer
from tests.words.raises import holds


def _set_policy(home: Home, text: str) -> None:
    home.policy.write_text(text)


def test_policy_change_counts_from_the_next_request_on(
    server: FakeServer, agent: Agent, home: Home, refused: Refused
) -> None:
    admit(server, agent)
    _set_policy(home, "minimum_rows = 5000")
    assert holds(refused(server.launch("j1", ["b1", "b2"])), "policy.minimum_rows", rows=1400, minimum=5000)
    assert [line.openings for line in read_lines(home.ledger) if line.outcome == "refused"] == [0]


def test_pool_with_too_few_events_is_refused_after_its_moments(
    server: FakeServer, agent: Agent, home: Home, refused: Refused
) -> None:
    admit(server, agent)
    _set_policy(home, "minimum_events = 1000")
    reason = refused(server.launch("j1", ["b1", "b2"]))
    assert holds(reason, "policy.minimum_events", minimum=1000)


def test_held_result_is_posted_only_after_approval(
    server: FakeServer, agent: Agent, home: Home, custodian: Custodian
) -> None:
    admit(server, agent)
    _set_policy(home, 'release = "hold"')
    request: Request | None = server.launch("j1", ["b1", "b2"])
    while request is not None and request.kind != "evaluation":
        agent.poll()
        request = server.proceed(request)
    assert request is not None
    agent.poll()
    agent.poll()
    assert request.request not in server.answers
    custodian.store.approve(request.request)
    agent.poll()
    assert server.answer(request.request).outcome == "result"


def test_requests_beyond_the_days_number_wait(
    server: FakeServer, agent: Agent, home: Home, client: CustodianClient, custodian: Custodian
) -> None:
    _set_policy(home, "requests_per_day = 1")
    first, second = server.upload("b1", "north", *NORTH), server.upload("b2", "south", *SOUTH)
    agent.poll()
    alone(custodian, client).poll()
    assert list(server.answers) == [first.request]
    assert second.request in server.waiting
    assert server.notes == ["", "agent.daily_limit", "agent.daily_limit"]


def test_note_about_the_daily_limit_is_taken_back_when_requests_are_answered_again(
    server: FakeServer, agent: Agent, home: Home
) -> None:
    _set_policy(home, "requests_per_day = 1")
    server.upload("b1", "north", *NORTH)
    second = server.upload("b2", "south", *SOUTH)
    agent.poll()
    _set_policy(home, "requests_per_day = 2")
    agent.poll()
    assert server.answer(second.request).outcome == "admitted"
    assert server.notes[-1] == ""


def test_agent_answers_nothing_for_a_server_that_uses_another_key(server: FakeServer, agent: Agent, home: Home) -> None:
    server.upload("b1", "north", *NORTH)
    _, other = generate_keys(profile(PROFILE))
    server.public = other.public
    agent.run(once=True)
    assert server.answers == {}
