"""Who may call what: tokens, scopes, other hospitals."""

from datetime import timedelta

import pytest
from django.utils import timezone

from hospitals.audit.models import AuditEvent
from hospitals.institutions.models import Institution
from hospitals.institutions.services import suspend_institution
from hospitals.people.models import ApiToken
from hospitals.people.tokens import issue_token, revoke_token
from tests.server.cohort import Upload
from tests.server.conftest import Api, ApiFor
from tests.words.raises import answers

ENCRYPTOR_CALLS = [
    ("POST", "batches"),
    ("GET", "batches/batch-0001"),
    ("PATCH", "batches/batch-0001/blocks/0"),
    ("POST", "batches/batch-0001/complete"),
    ("POST", "batches/batch-0001/withdraw"),
]
CUSTODIAN_CALLS = [
    ("PUT", "custodian/keys/public"),
    ("PUT", "custodian/keys/relinearisation"),
    ("GET", "custodian/keys/rotation"),
    ("GET", "custodian/requests"),
    ("GET", "custodian/requests/request-0001/payload"),
    ("POST", "custodian/requests/request-0001/answer"),
    ("PUT", "custodian/sharing"),
    ("PUT", "custodian/keys/succession"),
    ("PUT", "custodian/presence"),
    ("PUT", "custodian/requests/request-0001/partial"),
    ("GET", "custodian/requests/request-0001/partials"),
    ("GET", "custodian/requests/request-0001/partials/1"),
    ("GET", "custodian/hand-overs"),
    ("PUT", "custodian/hand-overs/" + "0" * 64),
    ("GET", "custodian/hand-overs/" + "0" * 64),
    ("DELETE", "custodian/hand-overs/" + "0" * 64),
    ("GET", "custodian/releases"),
    ("POST", "custodian/releases/release-0001/report"),
    ("POST", "custodian/releases/release-0001/publication"),
    ("GET", "custodian/verdicts"),
    ("GET", "custodian/releases/release-0001/previews/1"),
    ("PUT", "custodian/releases/release-0001/verdict"),
    ("GET", "custodian/approvers"),
    ("POST", "custodian/note"),
]
CODE_CALLS = [("POST", "custodian/enrol")]  # a one-time code opens it
SHARED_CALLS = [("GET", "study"), ("GET", "keys/public")]


@pytest.mark.parametrize(("method", "path"), ENCRYPTOR_CALLS + CUSTODIAN_CALLS + SHARED_CALLS)
@pytest.mark.parametrize(
    ("token", "code"),
    [("", "server.no_token"), ("hefed_wrong", "people.token_invalid"), ("nonsense", "people.token_invalid")],
)
def test_call_without_a_valid_token_is_401(study, method: str, path: str, token: str, code: str):
    with Api(token) as stranger:
        response = stranger.request(method, path)
    answers(response, 401, code)


@pytest.mark.parametrize(("method", "path"), CUSTODIAN_CALLS)
def test_custodian_call_with_a_hospital_token_is_403(north: Api, method: str, path: str):
    assert north.request(method, path).status_code == 403


@pytest.mark.parametrize(("method", "path"), ENCRYPTOR_CALLS)
def test_hospital_call_with_the_custodian_token_is_403(published: Api, method: str, path: str):
    assert published.request(method, path).status_code == 403


def test_every_call_of_the_api_is_in_these_lists(study):
    from hefed.front.api.routes import api

    listed = {(method, path) for method, path in ENCRYPTOR_CALLS + CUSTODIAN_CALLS + CODE_CALLS + SHARED_CALLS}
    known = {
        (method.upper(), path.removeprefix("/api/v1/"))
        for path, methods in api.get_openapi_schema()["paths"].items()
        for method in methods
    }
    filled = {
        (
            method,
            path.replace("batches/{name}", "batches/batch-0001")
            .replace("{index}", "0")
            .replace("{point}", "1")
            .replace("{digest}", "0" * 64)
            .replace("releases/{name}", "releases/release-0001")
            .replace("requests/{name}", "requests/request-0001"),
        )
        for method, path in known
    }
    assert filled == listed


def test_expired_token_is_401(study, admin):
    token, text = issue_token(name="old", study=study, by=admin)
    ApiToken.objects.filter(pk=token.pk).update(expires_at=timezone.now() - timedelta(seconds=1))
    with Api(text) as custodian:
        assert custodian.get("study").status_code == 401


def test_revoked_token_is_401(study, admin):
    token, text = issue_token(name="lost", study=study, by=admin)
    revoke_token(token=token, by=admin)
    with Api(text) as custodian:
        assert custodian.get("study").status_code == 401


def test_token_of_a_suspended_institution_is_401(api_for: ApiFor, admin):
    north = api_for("north")
    suspend_institution(
        institution=Institution.objects.get(slug="north"), reason="An incident is looked into.", by=admin
    )
    assert north.get("study").status_code == 401


def test_token_text_is_stored_nowhere(study, admin):
    _, text = issue_token(name="fresh", study=study, by=admin)
    rows = [str(row) for model in (ApiToken, AuditEvent) for row in model.objects.values()]
    assert not any(text in row or text.removeprefix("hefed_") in row for row in rows)


@pytest.mark.parametrize(("method", "path"), ENCRYPTOR_CALLS[1:])
def test_batch_of_another_hospital_is_404(north: Api, api_for: ApiFor, upload: Upload, method: str, path: str):
    assert north.announce(upload).status_code == 200
    assert api_for("south").request(method, path, headers={"Upload-Offset": "0"}).status_code == 404


def test_api_page_is_served(study):
    with Api() as visitor:
        assert visitor.get("docs").status_code == 200
        assert visitor.get("openapi.json").json()["info"]["title"] == "HEFed"
