"""Attacks by two pools a few patients apart, at a real agent on a small ring: nothing that happens in between helps."""

from collections.abc import Sequence
from types import SimpleNamespace
from typing import Any, cast

import numpy as np
import pytest

from hefed.core.protocol.requests import Replaced, Request, RotationEffect
from hefed.custodian.agent.loop import Agent
from hefed.custodian.client import CustodianClient
from hefed.custodian.commands.rotation import prepare, rotate
from hefed.custodian.keeping.ledger import read_lines
from hefed.custodian.keeping.opened import Custodian
from hefed.custodian.keeping.store import Home
from tests.custodian.agents import alone
from tests.custodian.cohort import Rows
from tests.custodian.conftest import NORTH, PASSPHRASE, SOUTH, admit, reopened
from tests.custodian.fake_server import FakeServer

LESS = Rows(NORTH[0].x[1:], NORTH[0].y[1:])
STATED = {"replaced": (Replaced(batch="b1", added=0, removed=1),), "counted": True}
WITHOUT_A_WORD: dict[str, Any] = {}
CLAIMED_STRANGERS = {"counted": True}


@pytest.fixture
def opened(server: FakeServer, agent: Agent) -> Agent:
    """Both hospitals' batches were admitted, and the moments of their pool opened."""
    admit(server, agent)
    request = server.launch("j1", ["b1", "b2"])
    agent.poll()
    assert server.answer(request.request).outcome == "next"
    return agent


def told(request: Request, batch: str, changes: dict[str, Any]) -> Request:
    """The request with what one batch's manifest says."""
    cohort = [part.model_copy(update=changes) if part.batch == batch else part for part in request.cohort]
    return request.model_copy(update={"cohort": cohort})


def ask(server: FakeServer, agent: Agent, request: Request) -> Sequence[str]:
    """The codes of the refusal; empty for an answer."""
    server.waiting[request.request] = request
    agent.poll()
    return server.answer(request.request).reasons


def one_patient_less(server: FakeServer, agent: Agent, changes: dict[str, Any]) -> Sequence[str]:
    """North sends its table again without one patient; a second pool of the two hospitals is asked for."""
    upload = server.upload("b3", "north", LESS, NORTH[1])
    ask(server, agent, told(upload, "b3", {} if changes == STATED else changes))
    return ask(server, agent, told(server.launch("j2", ["b3", "b2"]), "b3", changes))


def openings(home: Home, job: str) -> int:
    return sum(line.openings for line in read_lines(home.ledger) if line.job == job)


@pytest.mark.parametrize(
    ("changes", "code"), [(STATED, "disclosure.cohort_differs"), (WITHOUT_A_WORD, "desk.count_missing")]
)
def test_one_patient_less_after_forget_opens_nothing(
    server: FakeServer, opened: Agent, home: Home, custodian: Custodian, changes: dict[str, Any], code: str
) -> None:
    assert custodian.store.forget("b1")
    assert one_patient_less(server, opened, changes) == (code,)
    assert openings(home, "j2") == 0


def test_sums_of_a_table_without_one_patient_are_not_even_opened_at_admission(
    server: FakeServer, opened: Agent, home: Home
) -> None:
    upload = server.upload("b3", "north", LESS, NORTH[1])
    assert ask(server, opened, told(upload, "b3", STATED)) == ("desk.replaced_few",)
    assert sum(line.openings for line in read_lines(home.ledger) if line.request == upload.request) == 0


@pytest.mark.parametrize(
    ("changes", "code"), [(STATED, "disclosure.cohort_differs"), (WITHOUT_A_WORD, "desk.count_missing")]
)
def test_one_patient_less_under_a_new_key_opens_nothing(
    server: FakeServer,
    opened: Agent,
    home: Home,
    client: CustodianClient,
    custodian: Custodian,
    changes: dict[str, Any],
    code: str,
) -> None:
    fresh = prepare(home, custodian.vault, PASSPHRASE)
    confirmed = RotationEffect(fingerprint=fresh.key_fingerprint, expires_at="", outdated=[], jobs=[])
    agreed = cast(CustodianClient, SimpleNamespace(rotation=lambda: confirmed))
    assert rotate(home, custodian.vault, agreed, PASSPHRASE).stands == "replaced"
    client.put_key("public", home.public_key)
    client.put_key("relinearisation", home.relinearisation_key)
    server.waiting.clear()
    agent = alone(reopened(home), client)
    ask(server, agent, server.upload("b2n", "south", *SOUTH))
    upload = server.upload("b3", "north", LESS, NORTH[1])
    ask(server, agent, upload)
    same = {"replaced": (Replaced(batch="b2", added=0, removed=0),), "counted": True}
    request = told(told(server.launch("j2", ["b3", "b2n"]), "b3", changes), "b2n", same)
    assert ask(server, agent, request) == (code,)
    assert openings(home, "j2") == 0


def test_one_patient_less_hidden_by_eight_more_elsewhere_opens_nothing(
    server: FakeServer, opened: Agent, home: Home, custodian: Custodian
) -> None:
    more = Rows(np.vstack([SOUTH[0].x, SOUTH[0].x[:8]]), np.r_[SOUTH[0].y, SOUTH[0].y[:8]])
    custodian.store.forget("b1")
    custodian.store.forget("b2")
    ask(server, opened, server.upload("b3", "north", LESS, NORTH[1]))
    ask(server, opened, server.upload("b4", "south", more, SOUTH[1]))
    grown = {"replaced": (Replaced(batch="b2", added=8, removed=0),), "counted": True}
    request = told(told(server.launch("j2", ["b3", "b4"]), "b3", STATED), "b4", grown)
    assert ask(server, opened, request) == ("disclosure.cohort_differs",)
    assert openings(home, "j2") == 0


def test_some_of_a_hospitals_batches_open_nothing(server: FakeServer, opened: Agent, home: Home) -> None:
    ask(server, opened, server.upload("b3", "north", SOUTH[1], NORTH[1]))
    assert ask(server, opened, server.launch("j2", ["b3", "b2"])) == ("desk.part_of_hospital",)
    assert openings(home, "j2") == 0
    assert ask(server, opened, server.launch("j3", ["b1", "b2", "b3"])) == ()


def test_pool_whose_fit_was_refused_after_it_was_opened_still_counts(
    server: FakeServer, agent: Agent, home: Home, custodian: Custodian
) -> None:
    admit(server, agent)
    policy = home.policy.read_text()
    home.policy.write_text(policy.replace("minimum_events = 10 ", "minimum_events = 900 "))
    assert ask(server, agent, server.launch("j1", ["b1", "b2"])) == ("policy.minimum_events",)
    assert openings(home, "j1") > 0
    home.policy.write_text(policy)
    custodian.store.forget("b1")
    assert one_patient_less(server, agent, STATED) == ("disclosure.cohort_differs",)


def test_the_same_table_encrypted_anew_is_the_same_pool(
    server: FakeServer, opened: Agent, custodian: Custodian
) -> None:
    custodian.store.forget("b1")
    same = {"replaced": (Replaced(batch="b1", added=0, removed=0),), "counted": True}
    ask(server, opened, told(server.upload("b3", "north", *NORTH), "b3", same))
    assert ask(server, opened, told(server.launch("j2", ["b3", "b2"]), "b3", same)) == ()
