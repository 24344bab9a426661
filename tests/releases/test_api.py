"""The custodian's addresses: what a token opens, what is refused, what the numbers on pages and in downloads are."""

import json

import pytest
from django.test import Client

from hefed.core.protocol.releases import KeyOwner, ReleaseTask
from hospitals.people.models import User
from hospitals.people.tokens import issue_token
from tests.pages.factory import World
from tests.pages.release_scene import approve, publication, report
from tests.words.raises import text
from training.jobs.models import CustodianNote, Job
from training.releases.models import Release
from training.releases.selectors import current_version
from training.results.selectors import result_of

API = "/api/v1/custodian/"


class Caller:
    def __init__(self, world: World, institution: str = "") -> None:
        own = world.hospitals.get(institution)
        by = world.people["custodian"]
        self.header = f"Bearer {issue_token(name='agent', study=world.study, institution=own, by=by)[1]}"

    def get(self, path: str) -> tuple[int, object]:
        response = Client().get(API + path, headers={"Authorization": self.header})
        return response.status_code, response.json()

    def put(self, path: str, body: object) -> tuple[int, str]:
        headers = {"Authorization": self.header}
        response = Client().put(API + path, json.dumps(body), content_type="application/json", headers=headers)
        return response.status_code, response.json()["error"] if response.content else ""

    def post(self, path: str, body: object) -> tuple[int, str]:
        text = body if isinstance(body, str) else body.model_dump_json()
        headers = {"Authorization": self.header}
        response = Client().post(API + path, text, content_type="application/json", headers=headers)
        return response.status_code, response.json()["error"] if response.content else ""


@pytest.fixture
def agent(world: World) -> Caller:
    return Caller(world)


def test_custodian_reads_open_releases_and_keys(agent: Caller, release: Release):
    status, tasks = agent.get("releases")
    assert (status, [ReleaseTask.model_validate(task).release for task in tasks]) == (200, [release.name])

    status, owners = agent.get("approvers")
    assert status == 200
    assert len({KeyOwner.model_validate(owner).key.fingerprint for owner in owners}) == 3


def test_report_and_publication_are_taken_once(agent: Caller, release: Release, job: Job, finn: User, gina: User):
    version = current_version(release)
    assert agent.post(f"releases/{release.name}/report", report(version, [finn, gina])) == (204, "")
    for user in (finn, gina):
        approve(release, user)
    whole = publication(version)

    assert agent.post(f"releases/{release.name}/publication", whole)[0] == 204
    assert agent.post(f"releases/{release.name}/publication", whole)[0] == 204
    assert agent.post(f"releases/{release.name}/publication", publication(version, digest="ab" * 32))[0] == 409
    assert result_of(job).model is not None
    assert agent.get("releases") == (200, [])


def test_wrong_bodies_are_refused_in_words(agent: Caller, release: Release, finn: User, gina: User):
    version = current_version(release)
    for user in (finn, gina):
        approve(release, user)
    short = publication(version, items=publication(version).items[:2])
    status, error = agent.post(f"releases/{release.name}/publication", short)
    lacking = tuple(sorted(item.item for item in publication(version).items[2:]))
    assert (status, error) == (422, text("approvals.publish_other", name=release.name, items=lacking))
    assert agent.post(f"releases/{release.name}/publication", "{}")[0] == 422
    assert agent.post("releases/release-0099/publication", publication(version))[0] == 404
    old = report(version, []).model_copy(update={"version": 7})
    assert agent.post(f"releases/{release.name}/report", old)[0] == 409


def test_hospitals_token_opens_none_of_it(world: World, release: Release):
    hospital = Caller(world, "daegu")

    assert hospital.get("releases")[0] == hospital.get("approvers")[0] == 403
    assert hospital.post("note", json.dumps({"code": ""}))[0] == 403
    assert hospital.post(f"releases/{release.name}/publication", publication(current_version(release)))[0] == 403


def test_note_is_stored_and_what_is_no_code_of_a_note_is_refused(agent: Caller):
    assert agent.post("note", json.dumps({"code": "agent.daily_limit"}))[0] == 204
    assert CustodianNote.objects.get().text == "agent.daily_limit"
    assert agent.post("note", json.dumps({"code": "goes on tomorrow"}))[0] == 422
