"""A server that lies: announcements, payloads and answers that are not what they should be, over HTTP."""

import hashlib
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from hefed.core.protocol import envelope
from hefed.core.protocol.requests import CohortPart, Request
from hefed.custodian.agent.loop import Agent
from hefed.custodian.client import CustodianClient
from hefed.custodian.keeping.ledger import read_lines, verify
from hefed.custodian.keeping.store import Home
from tests.custodian.agents import alone
from tests.custodian.conftest import NORTH, SOUTH, finish, reopened
from tests.custodian.fake_server import FakeServer, Handler
from tests.custodian.worlds import Begun, admitted, begun  # noqa: F401  fixtures

IRREFUTABLE = ("admitted", "next", "result", "sealed")


@pytest.fixture
def home(begun: Begun, tmp_path: Path) -> Home:  # noqa: F811
    return begun.home_in(tmp_path)


@pytest.fixture
def server(begun: Begun) -> Iterator[FakeServer]:  # noqa: F811
    with begun.serving() as fake:
        yield fake


@pytest.fixture
def gradient(begun: Begun) -> Request:  # noqa: F811
    """The second request of job j1, not asked yet: what follows may claim to be it."""
    return begun.following


def ask(server: FakeServer, like: Request, **changes: Any) -> Request:
    """A request like this one but for these fields; digest and size are those of its payload unless they are given."""
    payload = changes.pop("payload", server.payloads[like.request])
    fields = {"payload_bytes": len(payload), "payload_sha256": hashlib.sha256(payload).hexdigest()}
    request = like.model_copy(update={"request": f"forged-{len(server.payloads)}", **fields, **changes})
    server.waiting[request.request], server.payloads[request.request] = request, payload
    return request


def outcome(server: FakeServer, agent: Agent, request: Request) -> str:
    agent.poll()
    return server.answer(request.request).outcome


def openings(home: Home, request: Request) -> int:
    return sum(line.openings for line in read_lines(home.ledger) if line.request == request.request)


def part(batch: str, institution: str, rows: int) -> CohortPart:
    return CohortPart(batch=batch, institution=institution, rows=rows)


# ---- what is announced -----------------------------------------------------------------------------------------------

ANNOUNCEMENTS: dict[str, dict[str, Any]] = {
    "of another study": {"study": "other"},
    "of another job": {"job": "j9"},
    "of no job": {"job": ""},
    "of a job whose name leaves the directory": {"job": "../../vault"},
    "of a round that was answered": {"round": 0},
    "of a round that is skipped": {"round": 2},
    "of a negative round": {"round": -1},
    "of another kind than was asked for": {"kind": "hessian"},
    "of the last kind at once": {"kind": "evaluation"},
    "of a kind that nobody knows": {"kind": "peek"},
    "of the first kind again": {"kind": "moments"},
    "over one hospital of the two": {"cohort": [part("b1", "north", 900)]},
    "over a batch twice": {"cohort": [part("b1", "north", 900), part("b1", "north", 900)]},
    "over fewer rows": {"cohort": [part("b1", "north", 899), part("b2", "south", 500)]},
    "over more rows": {"cohort": [part("b1", "north", 901), part("b2", "south", 500)]},
    "over a batch of another hospital": {"cohort": [part("b1", "south", 900), part("b2", "south", 500)]},
    "over a batch that nobody admitted": {"cohort": [part("b1", "north", 900), part("b3", "south", 500)]},
    "over a batch whose name leaves the directory": {"cohort": [part("../../vault", "north", 900)]},
    "over nobody": {"cohort": []},
}


@pytest.mark.parametrize("what", ANNOUNCEMENTS)
def test_a_request_that_is_announced_otherwise_opens_nothing_and_the_job_goes_on(
    server: FakeServer, agent: Agent, home: Home, gradient: Request, what: str
) -> None:
    forged = ask(server, gradient, **ANNOUNCEMENTS[what])
    assert outcome(server, agent, forged) not in IRREFUTABLE
    assert openings(home, forged) == 0
    assert outcome(server, agent, ask(server, gradient)) == "next"


@pytest.mark.parametrize("rows", [1, 2, 899, 901, 10**9])
def test_the_number_of_rows_of_a_new_job_is_the_admitted_one(
    server: FakeServer, agent: Agent, home: Home, rows: int
) -> None:
    honest = server.launch("j2", ["b1", "b2"])
    server.waiting.clear()
    forged = ask(server, honest, cohort=[part("b1", "north", rows), part("b2", "south", 500)])
    assert outcome(server, agent, forged) not in IRREFUTABLE


def test_one_request_asked_again_under_its_own_name_gets_the_same_bytes(
    server: FakeServer, agent: Agent, client: CustodianClient, home: Home
) -> None:
    request = server.launch("j2", ["b1", "b2"])
    agent.poll()
    first = server.answers.pop(request.request)
    for asking in (agent, alone(reopened(home), client)):
        server.waiting[request.request] = request
        asking.poll()
        assert server.answers.pop(request.request, first) == first
    assert sum(line.request == request.request and line.event == "answer" for line in read_lines(home.ledger)) == 1


def test_the_same_round_under_another_name_is_refused_once_it_was_answered(
    server: FakeServer, agent: Agent, home: Home, gradient: Request
) -> None:
    assert outcome(server, agent, ask(server, gradient)) == "next"
    again = ask(server, gradient, request="again")
    assert outcome(server, agent, again) == "refused"
    assert openings(home, again) == 0


def test_an_evaluation_is_answered_once(server: FakeServer, agent: Agent, home: Home) -> None:
    """Whoever evaluates a model twice over slightly other patients learns of those patients."""
    last = finish(server, agent, server.launch("j2", ["b1", "b2"]))
    assert server.answer(last.request).outcome == "result"
    again = ask(server, last, request="again")
    assert outcome(server, agent, again) == "refused"
    later = ask(server, last, request="later", round=last.round + 1)
    assert outcome(server, agent, later) == "refused"
    assert openings(home, again) + openings(home, later) == 0


def test_two_requests_with_one_name_are_one_request(server: FakeServer, agent: Agent, gradient: Request) -> None:
    honest = ask(server, gradient, request="one")
    agent.poll()
    first = server.answers["one"]
    server.waiting["one"] = honest.model_copy(update={"kind": "hessian", "round": 9})
    agent.poll()
    assert server.answers["one"] == first


@pytest.mark.parametrize("name", ["../evil", "a/b", "..", ".hidden", "x" * 101, "", "vault.json", "a b"])
def test_a_request_whose_name_is_no_file_name_is_neither_answered_nor_written(
    server: FakeServer, agent: Agent, home: Home, name: str
) -> None:
    honest = server.upload("b1", "north", *NORTH)
    before = sorted(str(path) for path in home.path.parent.rglob("*"))
    server.waiting.clear()
    server.waiting[name] = honest.model_copy(update={"request": name})
    agent.poll()
    assert server.posts == []
    assert sorted(str(path) for path in home.path.parent.rglob("*") if path.name != "downloads") == [
        path for path in before if not path.endswith("downloads")
    ]


def test_a_request_that_cannot_be_used_keeps_no_other_waiting(server: FakeServer, agent: Agent) -> None:
    for name in ("../evil", "b"):
        server.waiting[name] = server.upload("b1", "north", *NORTH).model_copy(update={"request": name})
    server.payloads["b"] = b"nothing"
    honest = server.upload("b2", "south", *SOUTH)
    agent.poll()
    assert server.answer(honest.request).outcome == "admitted"


# ---- what is sent ----------------------------------------------------------------------------------------------------


def flipped(payload: bytes, at: int) -> bytes:
    return payload[:at] + bytes([payload[at] ^ 1]) + payload[at + 1 :]


PAYLOADS: dict[str, Callable[[bytes], bytes]] = {
    "empty": lambda good: b"",
    "one byte": lambda good: b"\x00",
    "only the first bytes": lambda good: good[:10],
    "half of it": lambda good: good[: len(good) // 2],
    "all but the last byte": lambda good: good[:-1],
    "one byte more": lambda good: good + b"\x00",
    "twice itself": lambda good: good + good,
    "a flipped bit at the beginning": lambda good: flipped(good, 3),
    "a flipped bit in the header": lambda good: flipped(good, 60),
    "zeros": lambda good: bytes(len(good)),
    "random bytes": lambda good: np.random.default_rng(1).bytes(len(good)),
    "a page of HTML": lambda good: b"<!doctype html><title>502 Bad Gateway</title>",
    "JSON": lambda good: b'{"error": "out of order"}',
}


# Of eight totals; the header of all others cannot be read.
WHOLE_TOTALS = {"half of it": 3, "all but the last byte": 7, "one byte more": 8, "twice itself": 8}


@pytest.mark.parametrize("what", PAYLOADS)
def test_a_payload_that_is_none_is_refused_and_what_could_be_opened_of_it_is_on_the_ledger(
    server: FakeServer, agent: Agent, home: Home, gradient: Request, what: str
) -> None:
    """Announced with the right size and digest: the server means it."""
    forged = ask(server, gradient, payload=PAYLOADS[what](server.payloads[gradient.request]))
    assert outcome(server, agent, forged) == "refused"
    assert openings(home, forged) == WHOLE_TOTALS.get(what, 0)
    assert list(home.downloads.iterdir()) == []


@pytest.mark.parametrize("what", ["half of it", "one byte more", "zeros", "a flipped bit at the beginning", "empty"])
def test_a_payload_that_is_another_one_than_was_announced_is_not_used(
    server: FakeServer, agent: Agent, home: Home, gradient: Request, what: str
) -> None:
    """The same, announced as if it were the right one: a broken disk, or somebody between server and custodian."""
    good = server.payloads[gradient.request]
    fields = {"payload_bytes": len(good), "payload_sha256": hashlib.sha256(good).hexdigest()}
    forged = ask(server, gradient, payload=PAYLOADS[what](good), **fields)
    assert outcome(server, agent, forged) == "refused"
    assert openings(home, forged) == 0


def header_changed(payload: bytes, **changes: Any) -> bytes:
    found = envelope.from_bytes(payload)
    header = found.header
    label = envelope.Label(
        changes.pop("kind", header.kind),
        changes.pop("study", header.study),
        changes.pop("profile", header.profile),
        changes.pop("key", header.key_fingerprint),
    )
    items = changes.pop("items", list(found.items))
    return envelope.to_bytes(label, items, {**header.meta, **changes})


HEADERS: dict[str, dict[str, Any]] = {
    "of another study": {"study": "other"},
    "under another key": {"key": "0" * 64},
    "of another kind of file": {"kind": "scores"},
    "of another kind of request": {"request_kind": "hessian"},
    "of names that are no list": {"names": "all"},
    "of too few names": {"names": ["x"]},
    "without names": {"names": None},
    "without scales": {"scales": None},
    "of too few scales": {"scales": [2.0**36]},
    "of words as scales": {"scales": ["large"]},
    "of no items": {"items": []},
    "of items of another size": {"items": [b"short"]},
}


@pytest.mark.parametrize("what", HEADERS)
def test_totals_whose_header_says_something_else_are_refused_before_they_are_opened(
    server: FakeServer, agent: Agent, home: Home, gradient: Request, what: str
) -> None:
    payload = header_changed(server.payloads[gradient.request], **dict(HEADERS[what]))
    forged = ask(server, gradient, payload=payload)
    assert outcome(server, agent, forged) == "refused"
    assert openings(home, forged) == 0


@pytest.mark.parametrize("scale", [0.0, -1.0, 0.5, -(2.0**36)])
def test_a_scale_that_would_blow_values_up_is_refused(
    server: FakeServer, agent: Agent, home: Home, gradient: Request, scale: float
) -> None:
    good = server.payloads[gradient.request]
    count = len(list(envelope.from_bytes(good).items))
    forged = ask(server, gradient, payload=header_changed(good, scales=[scale] * count))
    assert outcome(server, agent, forged) == "refused"
    assert openings(home, forged) == 0


def test_the_payload_of_an_admission_is_no_round_of_a_job_and_the_reverse(
    server: FakeServer, agent: Agent, home: Home, gradient: Request
) -> None:
    admission = server.upload("b3", "east", *SOUTH)
    server.waiting.clear()
    one = ask(server, gradient, payload=server.payloads[admission.request])
    other = ask(server, admission, payload=server.payloads[gradient.request])
    agent.poll()
    assert server.answer(one.request).outcome == "refused"
    assert server.answer(other.request).outcome == "quarantined"
    assert openings(home, one) + openings(home, other) == 0


def test_totals_of_another_pool_than_declared_are_not_fitted(server: FakeServer, agent: Agent) -> None:
    """They are opened, and the custodian sees in them that they run over other rows."""
    honest, alone_ = server.launch("j2", ["b1", "b2"]), server.launch("j3", ["b1"])
    server.waiting.clear()
    forged = ask(server, honest, payload=server.payloads[alone_.request])
    assert outcome(server, agent, forged) == "refused"


# ---- what is answered over HTTP --------------------------------------------------------------------------------------


@pytest.fixture
def said(monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, tuple[int, bytes]]]:
    """By path: what the server says instead."""
    answers: dict[str, tuple[int, bytes]] = {}
    get = Handler.do_GET

    def do_get(handler: Any) -> None:
        path = handler.path.removeprefix("/api/v1/")
        if path in answers:
            handler._send(*answers[path])
        else:
            get(handler)

    monkeypatch.setattr(Handler, "do_GET", do_get)
    yield answers


@pytest.mark.parametrize("body", [b"", b"null", b"{}", b"[1]", b"[{}]", b"<html>", b"\xff", b'["a"]', b"[" * 2000])
@pytest.mark.parametrize("path", ["custodian/requests", "study"])
def test_a_server_that_speaks_nonsense_is_asked_again_later(
    server: FakeServer, agent: Agent, home: Home, said: dict[str, tuple[int, bytes]], path: str, body: bytes
) -> None:
    request = server.upload("b1", "north", *NORTH)
    said[path] = (200, body)
    agent.run(once=True)
    assert server.posts == []
    said.clear()
    agent.run(once=True)
    assert server.answer(request.request).outcome == "admitted"


@pytest.mark.parametrize("status", [301, 302, 400, 401, 403, 404, 410, 418])
def test_a_no_of_any_status_ends_nothing(
    server: FakeServer, agent: Agent, home: Home, said: dict[str, tuple[int, bytes]], status: int
) -> None:
    server.upload("b1", "north", *NORTH)
    said["custodian/requests"] = (status, b"no")
    agent.run(once=True)
    assert agent.contact.state.reason
    assert server.posts == []
    said.clear()
    agent.run(once=True)
    assert not agent.contact.state.reason


def test_a_request_with_a_field_more_is_not_understood(
    server: FakeServer, agent: Agent, said: dict[str, tuple[int, bytes]]
) -> None:
    request = server.upload("b1", "north", *NORTH)
    said["custodian/requests"] = (200, json.dumps([{**request.model_dump(mode="json"), "trust": "me"}]).encode())
    agent.run(once=True)
    assert server.posts == []


def test_a_stolen_token_alone_opens_nothing(server: FakeServer, agent: Agent, gradient: Request, home: Home) -> None:
    """Who has the token can post an answer of his own making, and the custodian writes down that it was not his."""
    server.waiting[gradient.request] = gradient
    server.answers[gradient.request] = b"made by a thief"
    agent.poll()
    (line,) = [line for line in read_lines(home.ledger) if line.event == "conflict"]
    assert line.request == gradient.request
    assert server.answers[gradient.request] == b"made by a thief"


def test_an_unknown_token_ends_in_no_answer_and_no_line(server: FakeServer, home: Home) -> None:
    server.upload("b1", "north", *NORTH)
    before = verify(home.ledger)
    client = CustodianClient(server.address, "another token")
    thief = alone(reopened(home), client)
    thief.run(once=True)
    client.close()
    assert server.posts == []
    assert thief.contact.state.reason
    assert verify(home.ledger) == before


def test_nothing_that_is_posted_in_a_whole_job_holds_the_key_or_an_opened_sum(
    server: FakeServer, agent: Agent, home: Home
) -> None:
    finish(server, agent, server.launch("j2", ["b1", "b2"]))
    custodian = reopened(home)
    secret, data_key = custodian.vault.secret_key, custodian.vault.data_key
    sums = [f"{value:.6f}".encode() for batch in custodian.store.batches() for value in batch.sums[1:4]]
    for body in server.seen:
        assert secret[100:140] not in body
        assert data_key not in body
        assert not any(value in body for value in sums)
