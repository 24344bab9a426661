"""The day's number of requests, across midnight and restarts."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from hefed.core.protocol.requests import Request
from hefed.custodian.agent import loop
from hefed.custodian.agent.loop import Agent
from hefed.custodian.client import CustodianClient
from hefed.custodian.keeping.ledger import Entry, Ledger, read_lines
from hefed.custodian.keeping.opened import Custodian
from hefed.custodian.keeping.store import Home
from tests.custodian.agents import alone
from tests.custodian.conftest import NORTH, SOUTH, reopened
from tests.custodian.fake_server import FakeServer


def limit(home: Home, count: int) -> None:
    home.policy.write_text(f'release = "automatic"\nrequests_per_day = {count}\n')


def asked(home: Home) -> list[str]:
    return [line.request for line in read_lines(home.ledger) if line.event == "request"]


def asked_on(custodian: Custodian, day: datetime, count: int) -> None:
    """Lines of requests that were answered then."""
    ledger = Ledger(custodian.home.ledger, custodian.vault.ledger_key(), now=lambda: day)
    for number in range(count):
        ledger.append(Entry(event="request", request=f"old-{number}"))


def answered(server: FakeServer, *requests: Request) -> list[bool]:
    return [request.request in server.answers for request in requests]


def upload(server: FakeServer) -> tuple[Request, Request]:
    return server.upload("b1", "north", *NORTH), server.upload("b2", "south", *SOUTH)


# ---- the day's number ------------------------------------------------------------------------------------------------


def test_the_first_requests_of_a_day_are_answered_and_the_others_wait_in_the_servers_order(
    server: FakeServer, agent: Agent, home: Home
) -> None:
    limit(home, 1)
    first, second = upload(server)
    for _ in range(3):
        agent.poll()
    assert answered(server, first, second) == [True, False]
    assert asked(home) == [first.request]


def test_a_restart_gives_no_new_day(server: FakeServer, agent: Agent, home: Home, client: CustodianClient) -> None:
    limit(home, 1)
    first, second = upload(server)
    agent.poll()
    for _ in range(2):
        alone(reopened(home), client).poll()
    assert answered(server, first, second) == [True, False]


@pytest.mark.parametrize(("back", "left"), [(timedelta(0), False), (timedelta(days=1), True), (timedelta(9), True)])
def test_requests_of_earlier_days_do_not_count(
    server: FakeServer, custodian: Custodian, client: CustodianClient, home: Home, back: timedelta, left: bool
) -> None:
    limit(home, 3)
    asked_on(custodian, datetime.now(UTC) - back, 3)
    request = server.upload("b1", "north", *NORTH)
    alone(reopened(home), client).poll()
    assert answered(server, request) == [left]


def test_a_day_ends_at_midnight_while_the_agent_runs(
    server: FakeServer, agent: Agent, home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    limit(home, 1)
    first, second = upload(server)
    agent.poll()
    agent.poll()
    assert answered(server, first, second) == [True, False]

    class Tomorrow(datetime):
        @classmethod
        def now(cls, tz: Any = None) -> datetime:
            return datetime.now(tz) + timedelta(days=1)

    monkeypatch.setattr(loop, "datetime", Tomorrow)
    agent.poll()
    assert answered(server, second) == [True]


def test_a_limit_that_is_raised_while_the_agent_runs_counts_at_once(
    server: FakeServer, agent: Agent, home: Home
) -> None:
    limit(home, 1)
    first, second = upload(server)
    agent.poll()
    limit(home, 2)
    agent.poll()
    assert answered(server, first, second) == [True, True]


def test_a_limit_that_is_lowered_below_what_was_taken_stops_all_others(
    server: FakeServer, agent: Agent, home: Home
) -> None:
    first, second = server.upload("b1", "north", *NORTH), None
    agent.poll()
    limit(home, 1)
    second = server.upload("b2", "south", *SOUTH)
    agent.poll()
    assert answered(server, first, second) == [True, False]


def test_an_answer_that_was_decided_is_posted_although_the_day_is_used_up(
    server: FakeServer, agent: Agent, home: Home, client: CustodianClient
) -> None:
    """It was opened already: to keep it back protects nobody."""
    limit(home, 1)
    request = server.upload("b1", "north", *NORTH)
    agent.prepare(request)
    alone(reopened(home), client).poll()
    assert answered(server, request) == [True]


def test_refusals_count_too(server: FakeServer, agent: Agent, home: Home) -> None:
    """Else a server could ask without end for what is refused, and fill the disk."""
    home.policy.write_text('kinds = ["moments"]\nrequests_per_day = 1\n')
    first, second = upload(server)
    agent.poll()
    agent.poll()
    assert server.answer(first.request).outcome == "refused"
    assert answered(server, second) == [False]


def test_a_request_that_could_not_be_fetched_does_not_count(server: FakeServer, agent: Agent, home: Home) -> None:
    limit(home, 1)
    gone, other = upload(server)
    server.missing.add(gone.request)
    agent.poll()
    agent.poll()
    assert answered(server, gone, other) == [False, True]
