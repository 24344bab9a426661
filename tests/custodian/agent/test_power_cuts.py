"""The power goes at every step of answering. Afterwards there is one answer, in the same bytes, and one line of it."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from hefed.core.protocol.requests import Request
from hefed.custodian.agent.loop import Agent
from hefed.custodian.client import CustodianClient
from hefed.custodian.keeping.ledger import Ledger, Line, read_lines, verify
from hefed.custodian.keeping.store import Home, Store
from tests.custodian.agents import alone
from tests.custodian.conftest import NORTH, reopened
from tests.custodian.fake_server import FakeServer
from tests.custodian.scene import Consortium
from tests.custodian.worlds import Moment, admitted  # noqa: F401  fixtures


@pytest.fixture
def home(admitted: Moment, tmp_path: Path) -> Home:  # noqa: F811
    return admitted.home_in(tmp_path)


@pytest.fixture
def server(admitted: Moment) -> Iterator[FakeServer]:  # noqa: F811
    """Both batches were admitted before the power goes."""
    with admitted.serving() as fake:
        yield fake


class PowerCut(BaseException):
    """Ends the process in effect: nothing handles it."""


def cutting(owner: type, name: str, *, after: bool, at: int = 1) -> tuple[type, str, Callable[..., Any]]:
    """The ``at``-th call of this method is the last thing that happens; ``after``: once it is done."""
    original, calls = getattr(owner, name), []

    def method(self: Any, *args: Any, **named: Any) -> Any:
        calls.append(name)
        if len(calls) < at:
            return original(self, *args, **named)
        if after:
            original(self, *args, **named)
        raise PowerCut

    return owner, name, method


# Each step of answering one request, in order: before and after what it leaves on the disk or at the server.
STEPS: dict[str, tuple[type, str, bool, int]] = {
    "before the study is asked": (CustodianClient, "study", False, 1),
    "before the payload is fetched": (CustodianClient, "download", False, 1),
    "after the payload was fetched": (CustodianClient, "download", True, 1),
    "before the request is on the ledger": (Ledger, "append", False, 1),
    "after the request is on the ledger": (Ledger, "append", True, 1),
    "before the answer is on the disk": (Store, "commit", False, 1),
    "after the answer is on the disk": (Store, "commit", True, 1),
    "before the answer is on the ledger": (Ledger, "append", False, 2),
    "after the answer is on the ledger": (Ledger, "append", True, 2),
    "before the answer is posted": (CustodianClient, "post_answer", False, 1),
    "after the answer was posted": (CustodianClient, "post_answer", True, 1),
}
DECIDED = [step for step in STEPS if list(STEPS).index(step) >= list(STEPS).index("after the answer is on the disk")]


def cut_at(step: str, agent: Agent, monkeypatch: pytest.MonkeyPatch) -> None:
    owner, name, after, at = STEPS[step]
    with monkeypatch.context() as patched:
        patched.setattr(*cutting(owner, name, after=after, at=at))
        with pytest.raises(PowerCut):
            agent.poll()


def started(home: Home, client: CustodianClient) -> Agent:
    fresh = alone(reopened(home), client)
    fresh.recover()
    return fresh


def lines(home: Home, request: Request, event: str) -> list[Line]:
    return [line for line in read_lines(home.ledger) if (line.request, line.event) == (request.request, event)]


def downloads(home: Home) -> list[Path]:
    return list(home.downloads.iterdir())


@pytest.mark.parametrize("step", STEPS)
def test_an_admission_is_answered_once_whenever_the_power_goes(
    server: FakeServer, agent: Agent, home: Home, client: CustodianClient, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    request = server.upload("b1", "north", *NORTH)
    cut_at(step, agent, monkeypatch)
    fresh = started(home, client)
    assert downloads(home) == []
    fresh.poll()
    assert server.answer(request.request).outcome == "admitted"
    assert len(lines(home, request, "answer")) == 1
    assert len({digest for name, digest in server.posts if name == request.request}) == 1
    assert [batch.batch for batch in reopened(home).store.batches()] == ["b1", "b2"]
    verify(home.ledger, reopened(home).vault.ledger_key())


@pytest.mark.parametrize("step", STEPS)
def test_a_round_is_answered_once_and_the_job_goes_on_whenever_the_power_goes(
    server: FakeServer, agent: Agent, home: Home, client: CustodianClient, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    request = server.launch("j1", ["b1", "b2"])
    cut_at(step, agent, monkeypatch)
    fresh = started(home, client)
    fresh.poll()
    assert server.answer(request.request).outcome == "next"
    assert len(lines(home, request, "answer")) == 1
    following = server.proceed(request)
    assert following is not None
    fresh.poll()
    assert server.answer(following.request).outcome == "next"


@pytest.mark.parametrize("step", DECIDED)
def test_what_was_decided_before_the_power_went_is_what_is_posted(
    server: FakeServer, agent: Agent, home: Home, client: CustodianClient, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    """Coefficients are encrypted afresh in every answer, so equal bytes mean that it was decided once."""
    request = server.launch("j1", ["b1", "b2"])
    cut_at(step, agent, monkeypatch)
    stored = reopened(home).store.answer(request.request)
    assert stored is not None
    started(home, client).poll()
    assert server.answers[request.request] == stored.envelope
    (line,) = lines(home, request, "answer")
    assert line.answer_sha256 == stored.record.answer_sha256


@pytest.mark.parametrize("step", [step for step in STEPS if step not in DECIDED])
def test_what_was_not_decided_left_no_trace_but_the_request_on_the_ledger(
    server: FakeServer, agent: Agent, home: Home, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    request = server.upload("b1", "north", *NORTH)
    cut_at(step, agent, monkeypatch)
    store = reopened(home).store
    assert store.answer(request.request) is None
    assert lines(home, request, "answer") == []
    assert server.posts == []


def test_a_request_is_on_the_ledger_before_anything_of_it_is_opened(
    server: FakeServer, agent: Agent, home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    request = server.upload("b1", "north", *NORTH)
    cut_at("before the answer is on the disk", agent, monkeypatch)
    assert len(lines(home, request, "request")) == 1


@pytest.mark.parametrize("count", [2, 3])
def test_the_power_may_go_again_and_again(
    server: FakeServer, agent: Agent, home: Home, client: CustodianClient, monkeypatch: pytest.MonkeyPatch, count: int
) -> None:
    request = server.upload("b1", "north", *NORTH)
    for step in ["after the answer is on the disk", "before the answer is posted", "before the answer is posted"][
        :count
    ]:
        cut_at(step, agent, monkeypatch)
        agent = started(home, client)
    agent.poll()
    assert len(lines(home, request, "answer")) == 1
    assert len(server.posts) == 1


def test_a_restart_with_nothing_left_to_do_writes_nothing(
    server: FakeServer, agent: Agent, home: Home, client: CustodianClient
) -> None:
    agent.poll()
    before = home.ledger.read_bytes()
    for _ in range(2):
        started(home, client).poll()
    assert home.ledger.read_bytes() == before


# ---- hospitals that hold shares --------------------------------------------------------------------------------------

HOLDER_STEPS: dict[str, tuple[type, str, bool, int]] = {
    "before the payload is fetched": (CustodianClient, "download", False, 1),
    "after the request is on the ledger": (Ledger, "append", True, 1),
    "after the answer is on the disk": (Store, "commit", True, 1),
    "before the share is posted": (CustodianClient, "put_partial", False, 1),
    "after the share was posted": (CustodianClient, "put_partial", True, 1),
}


@pytest.mark.parametrize("step", HOLDER_STEPS)
def test_a_hospital_answers_with_its_share_once_whenever_its_power_goes(
    consortium: Consortium, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    owner, name, after, at = HOLDER_STEPS[step]
    request = consortium.server.upload("b1", "north", *NORTH)
    with monkeypatch.context() as patched:
        patched.setattr(*cutting(owner, name, after=after, at=at))
        with pytest.raises(PowerCut):
            consortium.poll(2)
    before = consortium.holders[1].custodian.store.answer(request.request)
    consortium.restart(2)
    consortium.agents[1].recover()
    assert consortium.answer(request, 2, 1).outcome == "admitted"
    assert len(lines(consortium.homes[1], request, "share-answered")) == 1
    if before is not None:
        assert consortium.server.partials[request.request, 2] == before.envelope


@pytest.mark.parametrize("step", ["after the answer is on the disk", "before the answer is posted"])
def test_a_lead_whose_power_went_posts_what_it_had_decided(
    consortium: Consortium, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    request = consortium.server.upload("b1", "north", *NORTH)
    consortium.poll(2)
    owner, name, after, at = STEPS[step]
    with monkeypatch.context() as patched:
        patched.setattr(*cutting(owner, name, after=after, at=at))
        with pytest.raises(PowerCut):
            consortium.poll(1)
    stored = consortium.holders[0].custodian.store.answer(request.request)
    assert stored is not None
    consortium.restart(1)
    consortium.poll(1)
    assert consortium.server.answers[request.request] == stored.envelope
    assert len(lines(consortium.homes[0], request, "answer")) == 1
