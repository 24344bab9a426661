"""Denials for every address of the pages, made from the URL table: a new address cannot be forgotten."""

from collections.abc import Iterator

import pytest
from django.test import Client
from django.urls import URLPattern, reverse

import hefed.front.urls
import hospitals.urls
import training.urls
from hospitals.people.entry import RIGHTS
from hospitals.people.models import Role
from hospitals.people.permissions import Right
from tests.pages.conftest import signed_in
from tests.pages.factory import World

SIGNED_IN = {"second-factor", "accept-invitation", "new-study", "approval-key", "register-key", "find"}
PUBLIC = {
    "home",
    "glossary",
    "confirm",
    "confirm-contact",
    "invitation",
    "join",
    "register",
    "registered",
    "sign-in",
    "sign-out",
}
PLATFORM = {
    "institutions",
    "institution",
    "approve-institution",
    "refuse-institution",
    "suspend-institution",
    "close-institution",
    "audit-whole",
    "audit-whole-export",
    "administrators",
    "invite-administrator",
    "withdraw-administrator-invitation",
    "end-administrator",
}
STUDY = {
    "study": Right.SEE_STUDY,
    "today": Right.SEE_STUDY,
    "today-count": Right.SEE_STUDY,
    "keys": Right.SEE_STUDY,
    "dictionary": Right.SEE_STUDY,
    "dictionary-csv": Right.SEE_STUDY,
    "batches": Right.SEE_DATA,
    "add-patients": Right.CHANGE_DATA,
    "what-leaves": Right.SEE_STUDY,
    "batch": Right.SEE_DATA,
    "withdraw-batch": Right.CHANGE_DATA,
    "set-up": Right.SET_UP_STUDY,
    "set-up-question": Right.SET_UP_STUDY,
    "set-up-rules": Right.SET_UP_STUDY,
    "set-up-hospitals": Right.SET_UP_STUDY,
    "set-up-custody": Right.SET_UP_STUDY,
    "set-up-terms": Right.SET_UP_STUDY,
    "publish-study": Right.SET_UP_STUDY,
    "edit-dictionary": Right.SET_UP_STUDY,
    "save-dictionary": Right.SET_UP_STUDY,
    "upload-dictionary": Right.SET_UP_STUDY,
    "import-redcap": Right.SET_UP_STUDY,
    "publish-dictionary": Right.SET_UP_STUDY,
    "terms": Right.SEE_STUDY,
    "accept-terms": Right.ACCEPT_TERMS,
    "create-code": Right.ENROL_CUSTODIAN,
    "confirm-key": Right.CONFIRM_KEY,
    "confirm-proposal": Right.REPLACE_KEY,
    "discard-proposal": Right.REPLACE_KEY,
    "take-back-key": Right.REPLACE_KEY,
    "table-template": Right.SEE_STUDY,
    "table-workbook": Right.SEE_STUDY,
    "tokens": Right.USE_TOKENS,
    "create-token": Right.USE_TOKENS,
    "revoke-token": Right.USE_TOKENS,
    "people": Right.SEE_PEOPLE,
    "invite": Right.MANAGE_PEOPLE,
    "act-for": Right.MANAGE_PEOPLE,
    "withdraw-invitation": Right.MANAGE_PEOPLE,
    "end-role": Right.MANAGE_PEOPLE,
    "audit": Right.SEE_AUDIT,
    "audit-check": Right.SEE_AUDIT,
    "audit-export": Right.SEE_AUDIT,
    "requests": Right.SEE_REQUESTS,
    "releases": Right.SEE_RELEASES,
    "ask-form": Right.ASK_RELEASE,
    "ask-release": Right.ASK_RELEASE,
    "release": Right.SEE_RELEASES,
    "change-release": Right.ASK_RELEASE,
    "release-preview": Right.REVIEW_RELEASE,
    "request-release": Right.ASK_RELEASE,
    "approve-release": Right.REVIEW_RELEASE,
    "reject-release": Right.REVIEW_RELEASE,
    "withdraw-release": Right.ASK_RELEASE,
    "comment-release": Right.DISCUSS_RELEASE,
    "jobs": Right.SEE_JOBS,
    "launch-form": Right.RUN_JOBS,
    "launch-estimate": Right.RUN_JOBS,
    "launch": Right.RUN_JOBS,
    "job": Right.SEE_JOBS,
    "job-live": Right.SEE_JOBS,
    "cancel-job": Right.RUN_JOBS,
    "retry-job": Right.RUN_JOBS,
    "results": Right.SEE_RESULTS,
    "result": Right.SEE_RESULTS,
    "result-json": Right.SEE_RESULTS,
    "table-one-csv": Right.SEE_RESULTS,
    "chart-csv": Right.SEE_RESULTS,
    "chart-json": Right.SEE_RESULTS,
}
WRITES = {
    "approve-institution",
    "suspend-institution",
    "refuse-institution",
    "close-institution",
    "confirm-contact",
    "join",
    "accept-invitation",
    "invite",
    "act-for",
    "invite-administrator",
    "withdraw-administrator-invitation",
    "end-administrator",
    "withdraw-invitation",
    "end-role",
    "withdraw-batch",
    "set-up-question",
    "set-up-rules",
    "set-up-hospitals",
    "set-up-custody",
    "set-up-terms",
    "publish-study",
    "save-dictionary",
    "upload-dictionary",
    "import-redcap",
    "publish-dictionary",
    "accept-terms",
    "create-code",
    "confirm-key",
    "confirm-proposal",
    "discard-proposal",
    "take-back-key",
    "create-token",
    "revoke-token",
    "register-key",
    "ask-release",
    "change-release",
    "request-release",
    "approve-release",
    "reject-release",
    "withdraw-release",
    "comment-release",
    "launch",
    "cancel-job",
    "retry-job",
    "sign-out",
}
VALUES = {
    "fingerprint": "0" * 64,
    "token_id": 1,
    "form": "csv",
    "key": "x",
    "invitation_id": 1,
    "membership_id": 1,
    "chart": "roc",
}
NAMES = {"batch": "batch-0002", "withdraw-batch": "batch-0002"}


def patterns() -> list[URLPattern]:
    return [*hefed.front.urls.urlpatterns, *hospitals.urls.urlpatterns, *training.urls.urlpatterns]


def address(name: str, study: str = "icu-death") -> str:
    pattern = next(pattern for pattern in patterns() if pattern.name == name)
    values = {**VALUES, "slug": "daegu" if name in PLATFORM else study, "name": NAMES.get(name, "job-0001")}
    return reverse(name, kwargs={key: values[key] for key in pattern.pattern.converters})


def ask(client: Client, name: str, study: str = "icu-death") -> int:
    send = client.post if name in WRITES else client.get
    return send(address(name, study)).status_code


def denied() -> Iterator[tuple[str, str]]:
    """Every address with every role that lacks its right."""
    for name, right in STUDY.items():
        for role in Role:
            if role != Role.PLATFORM_ADMINISTRATOR and role not in RIGHTS[right]:
                yield name, str(role)


def test_every_address_is_classified():
    assert {pattern.name for pattern in patterns()} == PUBLIC | SIGNED_IN | PLATFORM | set(STUDY)


@pytest.mark.django_db
@pytest.mark.parametrize("name", sorted(set(STUDY) | PLATFORM))
def test_visitor_is_sent_to_the_sign_in_page(name: str):
    response = (Client().post if name in WRITES else Client().get)(address(name))

    assert response.status_code == 302
    assert response.url.startswith("/sign-in/?next=")


@pytest.mark.django_db
def test_region_of_a_page_whose_session_ended_reloads_the_page():
    response = Client().get(address("job-live"), headers={"HX-Request": "true"})

    assert response.headers["HX-Refresh"] == "true"


def test_stranger_finds_no_study(world: World):
    stranger = signed_in(world, "stranger")

    assert {name: ask(stranger, name) for name in STUDY} == dict.fromkeys(STUDY, 404)


def test_stranger_and_member_get_the_same_words_for_a_study_that_is_not_theirs(world: World):
    stranger = signed_in(world, "stranger")

    hidden = stranger.get(address("study")).context["message"]
    missing = stranger.get(address("study", "no-such-study")).context["message"]

    assert hidden.replace("icu-death", "no-such-study") == missing


def test_member_without_the_right_is_refused(world: World):
    clients = {str(role): signed_in(world, role) for role in Role}

    assert {(name, role): ask(clients[role], name) for name, role in denied()} == dict.fromkeys(denied(), 403)


def test_only_platform_administrators_decide_on_institutions(world: World):
    roles = [role for role in Role if role != Role.PLATFORM_ADMINISTRATOR]

    assert {ask(signed_in(world, role), name) for role in roles for name in PLATFORM} == {403}


def test_a_get_on_an_address_that_writes_is_refused(world: World):
    client = signed_in(world, "platform_administrator")

    assert {name: client.get(address(name)).status_code for name in WRITES} == dict.fromkeys(WRITES, 405)


def test_coordinator_sees_only_batches_of_the_own_hospital(world: World):
    client = signed_in(world, "coordinator")

    assert client.get(reverse("batch", args=["icu-death", "batch-0001"])).status_code == 404
    assert client.get(reverse("batch", args=["icu-death", "batch-0002"])).status_code == 200
    assert b"batch-0001" not in client.get(address("batches")).content


def test_coordinator_cannot_revoke_the_custodians_token(world: World):
    token = world.study.apitoken_set.get(scope="custodian")

    response = signed_in(world, "coordinator").post(reverse("revoke-token", args=["icu-death", token.pk]))

    assert response.status_code == 404
    token.refresh_from_db()
    assert token.revoked_at is None


def test_platform_administrator_issues_no_token_for_others(world: World):
    response = signed_in(world, "platform_administrator").post(address("create-token"), {"name": "x", "days": 5})

    assert response.status_code == 403
