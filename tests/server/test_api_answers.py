"""Every call of the API, taken from its own description: its errors say ``{"error"}``, and a GET writes nothing."""

from collections.abc import Iterator
from datetime import timedelta

import httpx
import pytest
from django.core.wsgi import get_wsgi_application
from django.test import Client
from django.utils import timezone

from hefed.front.api.routes import api
from hospitals.institutions.models import Institution
from hospitals.people.models import ApiToken, Role, User
from hospitals.studies.services import grant_role
from tests.server.cohort import Upload
from tests.server.conftest import Api, ApiFor
from tests.server.training import deliver
from tests.words.raises import answers
from tests.writing import full_database, watched, written_table

ALL_METHODS = {"GET", "POST", "PUT", "PATCH", "DELETE"}
VALUES = {"index": "0", "point": "1", "digest": "0" * 64}
NAMES = {"batches": "batch-0001", "requests": "request-0001", "releases": "release-0001"}
BOOKKEEPING = {"hospitals_apitoken"}  # when a token was last used, once a minute: who owns it looks for strange use
SHOWN = {  # what is there once a batch waits for the custodian, though some lists are empty
    "study",
    "keys/public",
    "batches/batch-0001",
    "custodian/keys/rotation",
    "custodian/requests",
    "custodian/requests/request-0001/payload",
    "custodian/requests/request-0001/partials",
    "custodian/hand-overs",
    "custodian/releases",
    "custodian/verdicts",
    "custodian/approvers",
}


def operations() -> list[tuple[str, str]]:
    """Method and address of every call, with the values of this study."""
    paths = api.get_openapi_schema()["paths"]
    return [(method.upper(), filled(path)) for path, methods in paths.items() for method in methods]


def filled(path: str) -> str:
    parts = path.removeprefix("/api/v1/").split("/")
    for at, part in enumerate(parts):
        if part == "{name}":
            parts[at] = NAMES[parts[at - 1]]
        elif part.startswith("{"):
            parts[at] = VALUES[part.strip("{}").removeprefix("int:")]
    return "/".join(parts)


def addresses() -> list[str]:
    return sorted({path for _, path in operations()})


def assert_says_error(response: httpx.Response, status: int) -> None:
    assert response.status_code == status, response.text
    assert response.headers["Content-Type"].startswith("application/json")
    assert set(response.json()) == {"error", "code", "facts"}
    answers(response, status, response.json()["code"])


@pytest.fixture
def bearers(study, api_for: ApiFor) -> list[Api]:
    return [api_for("north"), api_for("custodian")]


@pytest.fixture
def failing() -> Iterator[httpx.Client]:
    """A client of the whole application, whose failures come back as answers."""
    with httpx.Client(
        transport=httpx.WSGITransport(app=get_wsgi_application()), base_url="http://testserver/api/v1/"
    ) as client:
        yield client


@pytest.mark.parametrize("path", addresses())
def test_method_that_an_address_does_not_take_is_405(bearers: list[Api], path: str):
    for method in sorted(ALL_METHODS - {method for method, known in operations() if known == path}):
        refused = bearers[0].request(method, path)
        assert_says_error(refused, 405)
        assert refused.headers["Allow"]


@pytest.mark.parametrize(("method", "path"), operations())
def test_address_below_a_call_is_404(bearers: list[Api], method: str, path: str):
    assert_says_error(bearers[0].request(method, f"{path}/no/such/thing"), 404)


@pytest.mark.parametrize("path", ["", "no", "no/such/thing", "../v2/study", "batches/" + "x" * 300])
def test_unknown_address_is_404(bearers: list[Api], path: str):
    assert_says_error(bearers[0].get(path), 404)


@pytest.mark.parametrize(("method", "path"), operations())
def test_every_refusal_of_a_call_says_error(bearers: list[Api], method: str, path: str):
    """Nothing is there yet and the bodies are no messages: 401, 403, 404, 409 and 422."""
    bodies = [b"", b"no JSON", b"[]", b'{"a": 1}', b"\xff\xfe"]
    with Api() as stranger:
        answers = [client.request(method, path, content=body) for client in (*bearers, stranger) for body in bodies]
    refused = [answer for answer in answers if answer.status_code >= 400]
    assert refused
    for answer in refused:
        assert_says_error(answer, answer.status_code)
        assert answer.status_code < 500


@pytest.mark.parametrize(("method", "path"), operations())
def test_foreign_host_name_is_400(failing: httpx.Client, method: str, path: str):
    assert_says_error(failing.request(method, path, headers={"Host": "evil.example"}), 400)


@pytest.mark.parametrize(("method", "path"), operations())
def test_failing_server_is_500(
    bearers: list[Api], method: str, path: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
):
    def broken(_: str) -> ApiToken:
        raise RuntimeError("marker of a failure")

    monkeypatch.setattr("hefed.front.api.encryptor.token_of", broken)
    monkeypatch.setattr("hefed.front.api.custodian.exchange_code", lambda **_: broken(""))
    answer = bearers[0].request(method, path, content=b'{"code": "ABCD-EFGH-JKLM"}')
    assert_says_error(answer, 500)
    assert "marker" not in answer.text


@pytest.mark.parametrize(("method", "path"), operations())
def test_full_database_is_507_where_something_is_written(study, api_for: ApiFor, method: str, path: str):
    """At least when a token was last used cannot be noted; no call fails in another way."""
    client = api_for("custodian" if path.startswith("custodian") else "north")
    with full_database():
        answer = client.request(method, path, content=b'{"code": "ABCD-EFGH-JKLM"}')
    if path == "custodian/enrol":
        assert_says_error(answer, answer.status_code)
        return
    assert_says_error(answer, 507)
    assert answer.headers["Retry-After"].isdigit()


def test_message_above_the_limit_is_413(settings, bearers: list[Api], upload: Upload):
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 100
    assert_says_error(bearers[0].announce(upload), 413)


def test_page_without_its_security_token_is_403(study, admin: User):
    user = User.objects.create_user("coordinator", "c@hefed.invalid", "a long pass phrase")
    grant_role(
        user=user, role=Role.COORDINATOR, study=study, institution=Institution.objects.get(slug="north"), by=admin
    )
    tab = Client(headers={"X-HEFed-Study": "trial"}, enforce_csrf_checks=True)
    tab.force_login(user)
    refused = tab.post("/api/v1/batches", {}, content_type="application/json")
    answers(refused, 403, "server.page_token")


@pytest.fixture
def waiting(north: Api, published: Api, upload: Upload, broker) -> list[Api]:
    """A hospital and the custodian of a study where a batch waits for the custodian; both tokens were just used."""
    north.upload(upload)
    deliver(broker)
    for client in (north, published):
        assert client.get("study").status_code == 200
    return [north, published]


def test_get_writes_nothing(waiting: list[Api]):
    shown = set()
    for path in [path for method, path in operations() if method == "GET"]:
        for client in waiting:
            with watched() as seen:
                answer = client.get(path)
            assert [written_table(sql) for sql in seen] == [], path
            if answer.status_code == 200:
                shown.add(path)
    assert shown == SHOWN


def test_get_notes_at_most_that_its_token_was_used(waiting: list[Api]):
    ApiToken.objects.update(last_used_at=timezone.now() - timedelta(minutes=2))
    with watched() as seen:
        waiting[1].get("custodian/requests/request-0001/payload")
    assert {written_table(sql) for sql in seen} == BOOKKEEPING
