"""An agent that refuses, and what it says of it to the server and in its ledger."""

from typing import Protocol

import pytest

from hefed.core.protocol.requests import Request
from hefed.core.words import Said
from hefed.custodian.agent.loop import Agent
from hefed.custodian.keeping.ledger import read_lines
from hefed.custodian.keeping.store import Home
from tests.custodian.fake_server import FakeServer


class Refused(Protocol):
    def __call__(self, request: Request, outcome: str = "refused") -> Said: ...


@pytest.fixture
def refused(server: FakeServer, agent: Agent, home: Home) -> Refused:
    """The agent answers: the server hears codes alone, and what the ledger says has their facts."""

    def poll(request: Request, outcome: str = "refused") -> Said:
        agent.poll()
        answer = server.answer(request.request)
        (line,) = (one for one in read_lines(home.ledger) if (one.event, one.request) == ("answer", request.request))
        assert isinstance(line.rule, Said)
        said = line.rule.facts.get("faults", (line.rule,))
        assert (answer.outcome, line.outcome) == (outcome, outcome)
        assert isinstance(said, tuple)
        assert list(answer.reasons) == list(dict.fromkeys(one.code for one in said if isinstance(one, Said)))
        return line.rule

    return poll
