"""What the hospital's client makes of every kind of answer, and which exit code each error ends in."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace

import httpx
import pytest
from tenacity import wait_none

from hefed.core import errors
from hefed.core.errors import Conflict, HEFedError, RemoteFailed
from hefed.core.protocol.uploads import StudyPackage
from hefed.encryptor.client import PATIENCE, PUBLIC_KEY_LIMIT_BYTES, BlockRejected, HospitalClient, WrongOffset
from hefed.encryptor.screen import ExitCode, code_of
from tests.encryptor.test_batchfile import manifest
from tests.words.raises import says

STATUS = {"batch": "batch-0001", "state": "uploading", "reason": "", "blocks": []}
BLOCK = {"index": 0, "state": "partial", "received_bytes": 5, "bytes": 9}


@contextmanager
def answered(*answers: httpx.Response | Exception) -> Iterator[tuple[HospitalClient, list[httpx.Request]]]:
    """A client whose server gives these answers in turn, the last again and again; and what was asked."""
    asked: list[httpx.Request] = []

    def handle(request: httpx.Request) -> httpx.Response:
        asked.append(request)
        answer = answers[min(len(asked), len(answers)) - 1]
        if isinstance(answer, Exception):
            raise answer
        return httpx.Response(answer.status_code, content=answer.content, headers=answer.headers)

    patience = replace(PATIENCE, wait=wait_none(), longest_wait_seconds=0)
    with HospitalClient("https://study.example/", "secret", patience, httpx.MockTransport(handle)) as client:
        yield client, asked


def refusal(status: int, text: str = "cannot: a reason") -> httpx.Response:
    return httpx.Response(status, json={"error": text})


# ---- questions -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("ask", "method", "path"),
    [
        (lambda client: client.announce(manifest()), "POST", "/api/v1/batches"),
        (lambda client: client.batch("batch-0001"), "GET", "/api/v1/batches/batch-0001"),
        (lambda client: client.complete("batch-0001"), "POST", "/api/v1/batches/batch-0001/complete"),
    ],
)
def test_question_goes_to_its_address_with_the_token(ask: Callable, method: str, path: str) -> None:
    with answered(httpx.Response(200, json=STATUS)) as (client, asked):
        assert ask(client).batch == "batch-0001"

    assert [(request.method, request.url.path) for request in asked] == [(method, path)]
    assert asked[0].headers["Authorization"] == "Bearer secret"


def test_announced_manifest_arrives_whole() -> None:
    with answered(httpx.Response(200, json=STATUS)) as (client, asked):
        client.announce(manifest())
    assert json.loads(asked[0].content) == manifest().model_dump(mode="json")


def test_study_is_read_as_it_was_written(package: StudyPackage) -> None:
    with answered(httpx.Response(200, content=package.model_dump_json())) as (client, _):
        assert client.study() == package


def test_piece_says_where_it_begins_and_is_sent_once() -> None:
    with answered(httpx.Response(200, json=BLOCK)) as (client, asked):
        assert client.append("b", 0, 5, b"data").received_bytes == 5

    assert (asked[0].method, asked[0].url.path) == ("PATCH", "/api/v1/batches/b/blocks/0")
    assert (asked[0].headers["Upload-Offset"], asked[0].content) == ("5", b"data")


# ---- answers ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", [408, 429, 500, 502, 503, 504, 507])
def test_passing_fault_is_asked_again(status: int) -> None:
    with answered(refusal(status), refusal(status), httpx.Response(200, json=STATUS)) as (client, asked):
        assert client.batch("b").state == "uploading"
    assert len(asked) == 3


@pytest.mark.parametrize("fault", [refusal(503), httpx.ConnectError("down"), httpx.ReadTimeout("slow")])
def test_fault_that_stays_is_given_up_after_six_attempts(fault: httpx.Response | Exception) -> None:
    with answered(fault) as (client, asked), says("server.unreachable", RemoteFailed, attempts=6):
        client.batch("b")
    assert len(asked) == 6


@pytest.mark.parametrize("status", [400, 401, 403, 404, 410, 413, 422, 501])
def test_refusal_is_asked_once_and_names_its_status(status: int) -> None:
    with answered(refusal(status)) as (client, asked), says("server.refused", RemoteFailed, status=status):
        client.batch("b")
    assert len(asked) == 1


def test_conflict_is_one_and_not_asked_again() -> None:
    with answered(refusal(409)) as (client, asked), pytest.raises(Conflict):
        client.announce(manifest())
    assert len(asked) == 1


@pytest.mark.parametrize(
    "body", [b"", b"<html>", b"{}", b'{"batch": 7}', json.dumps({**STATUS, "state": "new"}).encode()]
)
def test_success_that_is_no_status_of_this_version_is_an_error(body: bytes) -> None:
    with answered(httpx.Response(200, content=body)) as (client, _), pytest.raises(RemoteFailed):
        client.batch("b")


@pytest.mark.parametrize("offset", ["0", "7", "99999999999"])
def test_other_offset_is_told_with_what_the_server_holds(offset: str) -> None:
    answer = httpx.Response(409, json={"error": "no"}, headers={"Upload-Offset": offset})
    with answered(answer) as (client, asked), says("encryptor.offset", WrongOffset, expected=int(offset)) as raised:
        client.append("b", 0, 5, b"data")
    assert raised.value.expected == int(offset) and len(asked) == 1


@pytest.mark.parametrize("headers", [{}, {"Upload-Offset": "-1"}, {"Upload-Offset": "many"}])
def test_conflict_without_an_offset_is_no_offset(headers: dict[str, str]) -> None:
    answer = httpx.Response(409, json={"error": "no"}, headers=headers)
    with answered(answer) as (client, _), pytest.raises(Conflict) as raised:
        client.append("b", 0, 5, b"data")
    assert not isinstance(raised.value, WrongOffset)


def test_rejected_block_is_named_by_its_index() -> None:
    with answered(refusal(422)) as (client, asked), says("encryptor.block_refused", BlockRejected, index=3):
        client.append("b", 3, 0, b"data")
    assert len(asked) == 1


@pytest.mark.parametrize(("size", "taken"), [(PUBLIC_KEY_LIMIT_BYTES, True), (PUBLIC_KEY_LIMIT_BYTES + 1, False)])
def test_public_key_is_taken_up_to_its_limit(size: int, taken: bool) -> None:
    with answered(httpx.Response(200, content=bytes(size))) as (client, _):
        if taken:
            assert len(client.public_key()) == size
        else:
            with says("encryptor.key_size", RemoteFailed, size=size, limit=PUBLIC_KEY_LIMIT_BYTES):
                client.public_key()


# ---- exit codes ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "code"),
    [
        (errors.RowsInvalid, ExitCode.TABLE_REFUSED),
        (errors.DictionaryInvalid, ExitCode.STUDY_OR_KEY),
        (errors.WrongKey, ExitCode.STUDY_OR_KEY),
        (errors.KeyInvalid, ExitCode.STUDY_OR_KEY),
        (errors.EnvelopeInvalid, ExitCode.STUDY_OR_KEY),
        (errors.CiphertextInvalid, ExitCode.STUDY_OR_KEY),
        (errors.BatchQuarantined, ExitCode.QUARANTINED),
        (errors.BatchFileInvalid, ExitCode.BATCH_FILE),
        (errors.Conflict, ExitCode.CONFLICT),
        (errors.RemoteFailed, ExitCode.SERVER),
        (errors.BadInput, ExitCode.USAGE),
        (errors.FitFailed, ExitCode.UNEXPECTED),
        (errors.PolicyRefused, ExitCode.UNEXPECTED),
    ],
)
def test_script_can_tell_errors_apart_by_exit_code(kind: type[HEFedError], code: ExitCode) -> None:
    assert code_of(kind("encryptor.no_server")) == code


def test_exit_codes_never_change_their_numbers() -> None:
    assert {code.name: code.value for code in ExitCode} == {
        "OK": 0,
        "UNEXPECTED": 1,
        "USAGE": 2,
        "TABLE_REFUSED": 3,
        "STUDY_OR_KEY": 4,
        "SERVER": 5,
        "QUARANTINED": 6,
        "BATCH_FILE": 7,
        "CONFLICT": 8,
    }


@pytest.mark.parametrize("error", [WrongOffset(5), BlockRejected("encryptor.block_refused", index=1, reason="x")])
def test_errors_of_the_client_end_as_their_kinds_do(error: HEFedError) -> None:
    assert code_of(error) == (ExitCode.CONFLICT if isinstance(error, Conflict) else ExitCode.SERVER)
