"""What people at hospitals that hold a key together see: who is there, who is missing, what waits for whom."""

import re
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from hefed.core.words import Said
from hefed.front.today import waiting_for
from hospitals.keys.models import KeyHolder, KeySet
from hospitals.people.entry import visit_of
from hospitals.people.models import Role, User
from hospitals.people.tokens import issue_token
from hospitals.studies.models import Study
from hospitals.studies.services import grant_role
from tests.pages.conftest import signed_in
from tests.pages.factory import World
from tests.pages.share_scene import share_key
from tests.words.raises import html
from training.jobs.launching import estimate
from training.jobs.models import CustodianRequest, ShareAnswer
from training.study_state import StudyState


@pytest.fixture
def shared(world: World) -> KeySet:
    """Seoul leads, Daegu answers; both are online. Jeju was never seen."""
    key = share_key(world)
    KeyHolder.objects.update(last_seen_at=None)
    see("seoul", "daegu")
    return key


def said_of(threshold: int) -> Said:
    return Said("keys.of_hospitals", threshold=threshold, parties=3)


def custody_differs(wanted: int, found: Said) -> str:
    return html("keys.custody_differs", wanted=said_of(wanted), found=found)


def see(*slugs: str, ago: timedelta = timedelta()) -> None:
    seen = {"last_seen_at": timezone.now() - ago, "last_answer_at": None}
    KeyHolder.objects.filter(institution__in=slugs).update(**seen)


def waits(world: World, user: User | None = None) -> list[tuple[str, bool]]:
    person = user or world.people["custodian"]
    visit = visit_of(person, Study.objects.get(pk=world.study.pk))
    return [(item.title, item.urgent) for item in waiting_for(visit, StudyState(visit.facts))]


def page(world: World, name: str, *args: str, role: str = "custodian") -> str:
    response = signed_in(world, role).get(reverse(name, args=[world.study.slug, *args]))
    assert response.status_code == 200
    return " ".join(response.content.decode().split())


def of_hospital(world: World, slug: str) -> User:
    user = User.objects.create_user(f"guard-{slug}", f"guard-{slug}@hefed.invalid")
    hospital, by = world.hospitals[slug], world.people["project_administrator"]
    grant_role(user=user, role=Role.CUSTODIAN, study=world.study, institution=hospital, by=by)
    return user


def test_keys_page_says_who_is_online_and_warns_only_when_something_waits_for_those_who_are_away(
    world: World, shared: KeySet
):
    text = page(world, "keys")
    assert re.search(r"<dd>\s*2 of 3\s*</dd>\s*<dt>online now</dt>", text)
    assert re.search(r"<dd>\s*1\s*</dd>\s*<dt>may be lost</dt>", text)
    assert "never seen" in text and "cannot be opened now" not in text

    see("daegu", ago=timedelta(hours=3))
    text = page(world, "keys")
    assert "last seen 3 hours ago" in text
    assert "wait and cannot be opened now" in text or "waits and cannot be opened now" in text
    assert "1 hospital's program is online and 2 must open together." in text.replace("&#x27;", "'")

    CustodianRequest.objects.filter(state="waiting").update(state="withdrawn")
    assert "cannot be opened now" not in page(world, "keys")


def test_keys_page_says_that_nothing_is_opened_without_the_hospital_that_leads(world: World, shared: KeySet):
    see("seoul", ago=timedelta(minutes=10))
    see("jeju")
    assert f"{world.hospitals['seoul'].name} leads and is not online" in page(world, "keys")


def test_job_that_waits_says_who_is_missing_and_whether_they_are_there(world: World, shared: KeySet):
    see("jeju", ago=timedelta(days=2))
    jobs = [page(world, "job", job.name) for job in world.jobs.values()]
    (text,) = [text for text in jobs if "Answered with a share" in text]
    assert f"No answer yet: {world.hospitals['jeju'].name} &middot; <span>" in text
    assert f'Puts the answers together: {world.hospitals["seoul"].name} &middot; <span class="lock lock-good">' in text
    assert "The job waits for hospitals that are away" not in text

    see("daegu", ago=timedelta(days=2))
    jobs = [page(world, "job", job.name) for job in world.jobs.values()]
    assert any("The job waits for hospitals that are away" in text for text in jobs)


def test_custodian_of_a_hospital_is_told_of_that_hospital_only(world: World, shared: KeySet):
    jeju = world.hospitals["jeju"].name
    lines = waits(world, of_hospital(world, "jeju"))
    assert lines[0] == (f"Take the share of {jeju} and start its program", True)
    assert all(jeju in title or "trust" in title for title, _ in lines)
    assert [title for title, _ in waits(world) if title.startswith("Take the share")] == [lines[0][0]]


def test_program_that_is_off_is_urgent_when_others_wait_for_it(world: World, shared: KeySet):
    daegu = world.hospitals["daegu"].name
    person = of_hospital(world, "daegu")
    see("daegu", ago=timedelta(hours=1))
    assert (f"The program of {daegu} is off", True) in waits(world, person)
    see("jeju")
    assert (f"The program of {daegu} is off", False) in waits(world, person)


def test_requests_that_a_hospital_has_not_answered_wait_for_it(world: World, shared: KeySet):
    daegu, person = world.hospitals["daegu"].name, of_hospital(world, "daegu")
    assert not [title for title, _ in waits(world, person) if "request" in title]
    ShareAnswer.objects.filter(point=2).delete()
    count = CustodianRequest.objects.filter(state="waiting").count()
    (line,) = [line for line in waits(world, person) if "request" in line[0]]
    assert line[0].startswith(f"{count} request") and f"for {daegu}" in line[0] and line[1] is False


def test_hospital_that_names_another_lead_is_told(world: World, shared: KeySet):
    notice = {"sharing": shared.sharing, "lead": 2}
    KeyHolder.objects.filter(institution="daegu").update(notice=notice)
    title = f"{world.hospitals['daegu'].name} names another hospital to lead than the others"
    assert (title, True) in waits(world, of_hospital(world, "daegu"))
    assert title not in [line[0] for line in waits(world, of_hospital(world, "seoul"))]


@pytest.mark.parametrize(
    ("days", "words", "urgent"), [(12, "The shares expire in 12 days, on", False), (-1, "The shares expired on", True)]
)
def test_end_of_the_shares_is_said_in_time(world: World, shared: KeySet, days: int, words: str, urgent: bool):
    assert not [title for title, _ in waits(world) if "expire" in title]
    shared.sharing["expires_on"] = (timezone.now().date() + timedelta(days=days)).isoformat()
    shared.save()
    (line,) = [line for line in waits(world) if "expire" in line[0]]
    assert line[0].startswith(words) and line[1] is urgent
    assert ("The shares expire in 12 days" in page(world, "keys")) is (days > 0)


def test_launch_form_says_before_the_button_that_hospitals_are_away_or_the_key_is_not_held_as_decided(
    world: World, shared: KeySet
):
    chosen = [hospital.slug for hospital in world.hospitals.values()]
    assert not [line for line in estimate(StudyState.read(world.study), chosen).cautions if "online" in line]
    see("daegu", ago=timedelta(hours=1))
    (line,) = [line for line in estimate(StudyState.read(world.study), chosen).cautions if "online" in line]
    assert line in page(world, "today", role="project_administrator")

    world.study.key_threshold, world.study.key_parties = 3, 3
    (line,) = [line for line in estimate(StudyState.read(world.study), chosen).blockers if "held" in line]
    assert line.endswith(f"{custody_differs(3, said_of(2))}.")


def test_administrator_reads_how_many_are_away(world: World, shared: KeySet):
    assert "Batches and jobs wait for hospitals" not in page(world, "today", role="project_administrator")
    see("daegu", ago=timedelta(hours=1))
    assert "1 of 3 are online; 2 must open together" in page(world, "today", role="project_administrator")


@pytest.fixture
def before(world: World) -> World:
    """Two of three shall hold the key, and there is none yet."""
    KeySet.objects.filter(study=world.study).update(state=KeySet.State.RETIRED)
    Study.objects.filter(pk=world.study.pk).update(key_threshold=2, key_parties=3)
    return world


def test_machines_and_cards_come_first_then_the_ceremony(before: World):
    assert ("Enrol your hospital's machine and make its card", True) in waits(before)
    for number in range(2):
        issue_token(name=f"agent {number}", study=before.study, by=before.people["custodian"])
    assert ("Hold the ceremony and publish the key", True) in waits(before)


def test_keys_page_shows_the_steps_of_what_the_study_decided(before: World):
    text = page(before, "keys")
    assert "3 hospitals hold a share each, and any 2 of them open together." in text
    assert "ceremony --parties 3 --threshold 2 --card" in text and "hefed.custodian init" not in text
    Study.objects.filter(pk=before.study.pk).update(key_threshold=1, key_parties=1)
    text = page(before, "keys")
    assert "hefed.custodian init" in text and "ceremony" not in text.replace("hold the ceremony", "")


def test_key_that_is_not_held_as_decided_is_named_to_everybody_who_can_do_something(world: World):
    Study.objects.filter(pk=world.study.pk).update(key_threshold=2, key_parties=3)
    assert ("The key is not held as the study says", True) in waits(world)
    text = page(world, "keys", role="project_administrator")
    assert "This key is not held as the study says" in text
    assert f"{custody_differs(2, Said('keys.one_custodian'))}."[1:] in text
