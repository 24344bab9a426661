"""What a party's program says when the server refuses, stays silent or answers something else."""

import httpx
import pytest
from pydantic import TypeAdapter
from tenacity import wait_none

from hefed.core.errors import BadInput, Conflict, RemoteFailed
from hefed.core.words import Said
from hefed.http.client import NotAllowed, Patience, Rejected, ServerClient, parsed, refusal
from tests.words.raises import says

NUMBERS = TypeAdapter(list[int])
PATH = "/api/v1/custodian/requests"
ADVICE = Said("server.check_address")


def client(status: int, **answer: object) -> ServerClient:
    transport = httpx.MockTransport(lambda _: httpx.Response(status, **answer))
    return ServerClient("https://hefed.example", "token", Patience(3, wait_none(), ADVICE), "test", transport)


def answered(**content: object) -> httpx.Response:
    return httpx.Response(422, **content)


def test_a_refusal_keeps_its_code_and_facts():
    error = BadInput("disclosure.below_floor", name="small_cell", value=4, floor=5)
    body = {"error": "작은 수", **error.said.to_json()}

    assert refusal(answered(json=body)) == error.said


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ({"json": {"error": "cannot do this", "code": "newer.code", "facts": {}}}, "cannot do this"),
        ({"json": {"error": "cannot do this"}}, "cannot do this"),
        ({"json": {"error": "no", "code": "disclosure.below_floor", "facts": {"x": [[1]]}}}, "no"),
        ({"json": ["cannot"]}, '["cannot"]'),
        ({"text": "<h1>Bad gateway</h1>"}, "<h1>Bad gateway</h1>"),
        ({"text": "x" * 900}, "x" * 500),
    ],
)
def test_what_has_no_known_code_is_said_in_the_servers_words(content: dict[str, object], said: str):
    assert refusal(answered(**content)) == Said("server.said", text=said)


def test_an_empty_refusal_gives_no_reason():
    assert refusal(answered()) == Said("server.no_reason")


@pytest.mark.parametrize(("status", "kind"), [(403, NotAllowed), (404, Rejected), (422, Rejected)])
def test_a_no_names_path_and_status_and_why(status: int, kind: type[RemoteFailed]):
    with says("server.refused", kind, path=PATH, status=status, why=Said("server.said", text="no")):
        client(status, json={"error": "no"}).call("GET", "custodian/requests")


def test_a_conflict_is_the_servers_own_error():
    why = Said("disclosure.few_events", small_cell=7)
    with says("disclosure.few_events", Conflict, small_cell=7):
        client(409, json={"error": "few", **why.to_json()}).call("PUT", "custodian/sharing")


def test_a_server_that_stays_silent_is_tried_again_and_then_named_with_advice():
    with says("server.unreachable", RemoteFailed, what="GET study", attempts=3, advice=ADVICE) as raised:
        client(503).call("GET", "study")
    assert raised.value.facts["why"] == Said("server.status", status=503, why=Said("server.no_reason"))


def test_an_answer_of_another_version_is_not_understood():
    response = client(200, json=[1, "two"]).call("GET", "custodian/requests")
    with says("server.not_understood", RemoteFailed, path=PATH, field="1"):
        parsed(NUMBERS.validate_json, response)
