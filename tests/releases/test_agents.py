"""Where the study asks hospitals that hold shares: what the server takes, what it refuses, what people see."""

import pytest
from django.core import mail
from django.test import Client
from django.urls import reverse

from hefed.core.errors import BadInput, Conflict
from hefed.core.protocol.releases import AgentPreview, PreviewContent, ReleaseReport
from hefed.core.protocol.signing import unseal
from hefed.core.protocol.threshold import SharingNotice
from hefed.core.protocol.verdicts import VerdictTask
from hospitals.audit.models import AuditEvent
from hospitals.keys.models import KeySet
from hospitals.keys.services import publish_sharing
from hospitals.people.models import User
from hospitals.studies.models import Study
from tests.pages.conftest import signed_in
from tests.pages.factory import World
from tests.pages.release_scene import CUSTODIAN, approve, publication, signed, wish
from tests.pages.share_scene import agent_previews, ask_agents, card_keys, share_key, sharing_in_use, verdict
from tests.releases.test_api import Caller
from tests.words.raises import says, text
from training.releases.models import Release, ReleaseVerdict
from training.releases.publication import publish_release, take_report, take_verdict
from training.releases.selectors import current_version
from training.releases.services import change_release, sign_request


@pytest.fixture
def asked(world: World, release: Release) -> Release:
    """Everything of the job is asked for, and two of the three hospitals' agents must approve as well."""
    share_key(world)
    Study.objects.filter(pk=world.study.pk).update(agents_must_approve=2)
    return Release.objects.select_related("study", "job__key_set").get(pk=release.pk)


@pytest.fixture
def agent(world: World) -> Caller:
    return Caller(world)


def say(release: Release, *words: object, **changes: object) -> ReleaseVerdict:
    return take_verdict(release=release, text=verdict(release, *words, **changes), by=CUSTODIAN)


def publish(release: Release) -> Release:
    return publish_release(release=release, publication=publication(current_version(release)), by=CUSTODIAN)


def told(release: Release, **fields: object) -> None:
    report = ReleaseReport.model_validate({"version": current_version(release).number, **fields})
    take_report(release=release, report=report, by=CUSTODIAN)


# ---- what publishes --------------------------------------------------------------------------------------------------


def test_people_and_enough_agents_publish_and_neither_alone(asked: Release, finn: User, gina: User):
    for user in (finn, gina):
        approve(asked, user)
    say(asked, "daegu")
    with says("approvals.agents_lacking", Conflict, approved=1, number=1, needed=2):
        publish(asked)
    say(asked, "seoul")
    assert publish(asked).state == Release.State.PUBLISHED

    assert [event.details["hospital"] for event in AuditEvent.objects.filter(action="release.agent-approved")] == [
        "daegu",
        "seoul",
    ]


def test_agents_without_people_publish_nothing(asked: Release):
    for slug in ("seoul", "daegu", "jeju"):
        say(asked, slug)
    with says("approvals.institutions_lacking", Conflict, approved=0):
        publish(asked)


def test_a_lead_whose_policy_asks_for_more_counts_above_the_study(asked: Release, finn: User, gina: User):
    told(asked, agents_needed=3)
    for user in (finn, gina):
        approve(asked, user)
    for slug in ("seoul", "daegu"):
        say(asked, slug)
    with says("approvals.agents_lacking", Conflict, approved=2, number=1, needed=3):
        publish(asked)


def test_a_change_resets_what_agents_said(asked: Release, alice: User, agent: Caller):
    told(asked, agent_previews=agent_previews(asked, "seoul"))
    old = verdict(asked, "daegu")
    say(asked, "daegu")
    change_release(release=asked, wish=wish("metrics"), by=alice)
    sign_request(release=asked, statement=signed(current_version(asked), "request", alice), by=alice)

    (task,) = agent.get("verdicts")[1]
    assert (task["version"], task["answered"], task["previews"]) == (2, {}, [])
    with says("approvals.verdict_version", Conflict, number=2):
        take_verdict(release=asked, text=old, by=CUSTODIAN)


def test_a_verdict_under_an_earlier_sharing_counts_no_more(world: World, asked: Release):
    old = verdict(asked, "daegu")
    say(asked, "daegu")
    newer = sharing_in_use(asked).model_copy(update={"epoch": 2})
    publish_sharing(study=world.study, notice=SharingNotice(sharing=newer, lead=1), by=world.people["custodian"])
    with says("protocol.verdict_sharing", BadInput):
        take_verdict(release=asked, text=old, by=CUSTODIAN)
    say(asked, "daegu")
    assert ReleaseVerdict.objects.filter(version__release=asked).count() == 2


# ---- what is refused -------------------------------------------------------------------------------------------------


def test_forged_old_and_foreign_verdicts_are_refused_in_words(asked: Release, agent: Caller):
    path = f"releases/{asked.name}/verdict"
    forged = verdict(asked, "daegu").rsplit(".", 1)[0] + "." + verdict(asked, "seoul").rsplit(".", 1)[1]
    seoul, daegu = (seat.card.name for seat in sharing_in_use(asked).seats[:2])
    current = sharing_in_use(asked).digest[:16]
    other = (422, text("approvals.verdict_other", name=asked.name))
    refused = {
        forged: (422, text("protocol.verdict_card", name=daegu)),
        verdict(asked, "daegu", point=1): (422, text("protocol.verdict_card", name=seoul)),
        verdict(asked, "daegu", sharing="0" * 64): (
            422,
            text("protocol.verdict_sharing", found="0" * 16, current=current),
        ),
        verdict(asked, "daegu", digest="0" * 64): other,
        verdict(asked, "daegu", job="job-0001"): other,
        verdict(asked, "daegu", version=9): (
            409,
            text("approvals.verdict_version", name=asked.name, given=9, number=1),
        ),
        "a.b.c": (422, text("protocol.no_verdict")),
    }
    for jws, answer in refused.items():
        assert agent.put(path, {"jws": jws}) == answer
    assert not ReleaseVerdict.objects.filter(version__release=asked).exists()


def test_a_hospital_has_one_word_and_a_no_may_follow_a_yes(asked: Release, agent: Caller):
    path = f"releases/{asked.name}/verdict"
    for _ in range(2):  # signed twice, said once
        assert agent.put(path, {"jws": verdict(asked, "jeju")}) == (204, "")
    assert AuditEvent.objects.filter(action="release.agent-approved").count() == 1
    assert agent.put(path, {"jws": verdict(asked, "jeju", "reject", "Too few deaths.")}) == (204, "")
    jeju = sharing_in_use(asked).seats[2].card.name
    refusal = text("approvals.verdict_final", name=asked.name, hospital=jeju, number=1)
    assert agent.put(path, {"jws": verdict(asked, "jeju")}) == (409, refusal)
    row = ReleaseVerdict.objects.get(version__release=asked)
    assert (row.says, row.reason) == ("reject", "Too few deaths.")


def test_nobody_is_asked_where_the_study_asks_for_none_or_one_custodian_holds_the_key(asked: Release):
    Study.objects.update(agents_must_approve=0)
    asked.study.refresh_from_db()
    with says("approvals.no_agents", Conflict):
        say(asked, "jeju")
    jws = verdict(asked, "jeju")
    Study.objects.update(agents_must_approve=2)
    KeySet.objects.filter(study=asked.study).update(sharing=None, lead=None)
    with says("approvals.no_agents", Conflict):
        take_verdict(release=asked, text=jws, by=CUSTODIAN)


# ---- what agents and people see --------------------------------------------------------------------------------------


def test_an_agent_fetches_what_is_sealed_to_its_card(asked: Release, agent: Caller):
    old = [one.model_copy(update={"sharing": "0" * 64}) for one in agent_previews(asked, "jeju")]
    told(asked, agent_previews=[*agent_previews(asked, "seoul", "daegu"), *old])

    (task,) = (VerdictTask.model_validate(one) for one in agent.get("verdicts")[1])
    assert (task.release, task.needed, task.previews, task.digest) == (
        asked.name,
        2,
        [1, 2],
        current_version(asked).digest,
    )
    status, found = agent.get(f"releases/{asked.name}/previews/2")
    content = unseal(AgentPreview.model_validate(found).jwe, card_keys("daegu")[1], PreviewContent)
    assert (status, [item.commitment() for item in content.items]) == (200, task.commitments)
    assert agent.get(f"releases/{asked.name}/previews/3")[0] == 404


def test_the_requester_is_told_of_a_no_without_numbers(asked: Release, alice: User, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        say(asked, "jeju", "reject", "Ask for the metrics alone.")
    (letter,) = mail.outbox
    assert letter.to == [alice.email]
    assert "rejected" in letter.subject
    assert "Ask for the metrics alone." in letter.body
    assert f"/releases/{asked.name}/" in letter.body


def test_page_shows_who_approved_who_rejected_and_why_and_who_is_missing(world: World):
    share_key(world)
    release = ask_agents(world)
    page = _page(signed_in(world, "approver"), release)

    assert "1 more hospital must approve at its own program." in page
    assert "Table 1 shows a diagnosis that only one of our wards treats." in page
    assert page.count("No answer yet") == 1
    assert f"python -m hefed.custodian releases approve {release.name}" in page
    say(release, "daegu", "reject", "The same.")
    assert "too few are left that have not rejected this version" in _page(signed_in(world, "approver"), release)


def test_page_says_that_people_are_enough_only_when_agents_are(asked: Release, world: World, finn: User, gina: User):
    for user in (finn, gina):
        approve(asked, user)
    page = _page(signed_in(world, "approver"), asked)
    assert "Hospitals that hold the key must approve as well." in page
    for slug in ("seoul", "daegu"):
        say(asked, slug)
    page = _page(signed_in(world, "approver"), asked)
    assert "Enough hospitals have approved at their own programs." in page
    assert "publishes when it next calls" in page


def test_page_of_a_study_that_asks_no_agent_does_not_mention_them(world: World, release: Release):
    assert "Hospitals that hold the key" not in _page(signed_in(world, "approver"), release)


def _page(client: Client, release: Release) -> str:
    response = client.get(reverse("release", args=[release.study.slug, release.name]))
    assert response.status_code == 200
    return " ".join(response.content.decode().split())
