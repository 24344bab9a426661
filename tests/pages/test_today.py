"""The first page after sign-in: what waits for whom, and the panels of several roles on one page."""

from datetime import timedelta

import pytest
from django.utils import timezone

from hefed.front.today import Waiting, waiting_for
from hospitals.batches.models import Batch
from hospitals.institutions.models import Institution
from hospitals.keys.models import KeyConfirmation
from hospitals.people.entry import visit_of
from hospitals.people.models import Role
from hospitals.people.permissions import roles
from hospitals.studies.models import Study
from hospitals.studies.services import create_study, grant_role
from tests.pages import cohort
from tests.pages.conftest import signed_in
from tests.pages.factory import World
from tests.pages.test_pages import text
from training.jobs.models import CustodianRequest, Job
from training.study_state import StudyState


def lines(world: World, role: str) -> list[Waiting]:
    visit = visit_of(world.people[role], Study.objects.get(pk=world.study.pk))
    return waiting_for(visit, StudyState(visit.facts))


def waits(world: World, role: str) -> list[str]:
    return [item.title for item in lines(world, role)]


def test_coordinator_is_told_of_the_quarantined_batch_first(world: World):
    assert waits(world, "coordinator") == ["batch-0004 was kept out of the pool", "1 upload is not complete"]

    page = text(signed_in(world, "coordinator"), "today")

    assert "Daegu Medical Center in this study" in page
    assert "<dd>1,700</dd>" in page
    assert "/data/batch-0004/" in page
    assert "Seoul University Hospital" not in page


def test_outdated_batches_are_counted(world: World):
    Batch.objects.filter(state=Batch.State.UPLOADING).update(state=Batch.State.OUTDATED)

    assert "1 batch is outdated" in waits(world, "coordinator")


def test_unconfirmed_key_waits_for_the_coordinator_and_the_administrator_reads_for_whom(world: World):
    KeyConfirmation.objects.filter(institution__slug="daegu").delete()

    assert "Confirm the study's key" in waits(world, "coordinator")
    assert "Confirm the study's key" not in waits(world, "project_administrator")
    page = text(signed_in(world, "project_administrator"), "today")
    assert "The key is not confirmed by Daegu Medical Center: a coordinator of each telephones the custodian." in page


def test_administrator_with_everything_ready_is_asked_to_launch(world: World):
    CustodianRequest.objects.all().delete()
    for job in Job.objects.all():
        job.releases.all().delete()
        job.delete()

    assert "Launch the first job: 4,272 patients wait in the pool" in waits(world, "project_administrator")


def test_sealed_result_waits_to_be_asked_for(world: World):
    sealed = Job.objects.filter(sealed__isnull=False).exclude(releases__state__in=("draft", "collecting"))

    assert any("sealed" in title for title in waits(world, "project_administrator")) == sealed.exists()


def test_custodian_sees_how_long_something_waits_and_whether_the_program_is_off(world: World):
    world.study.apitoken_set.update(last_used_at=timezone.now() - timedelta(hours=2))

    item = next(item for item in lines(world, "custodian") if item.title.startswith("1 request waits, asked "))

    assert item.urgent
    assert "start it" in item.text


@pytest.mark.parametrize(("days", "words"), [(-1, "The key expired on"), (20, "The key expires on")])
def test_custodian_is_warned_of_the_key_s_end(world: World, days: int, words: str):
    world.study.key_sets.update(expires_at=timezone.now() + timedelta(days=days))

    assert any(title.startswith(words) for title in waits(world, "custodian"))


def test_clinician_gets_results_as_cards_and_nothing_to_do(world: World):
    page = text(signed_in(world, "clinician"), "today")

    assert waits(world, "clinician") == []
    assert page.count('class="tile"') == 2
    assert "AUROC" in page
    assert "held out with" in page


def test_auditor_is_told_whether_the_latest_events_fit(world: World):
    assert "fit their neighbours in the chain" in text(signed_in(world, "auditor"), "today")


def test_platform_administrator_decides_on_confirmed_institutions(world: World):
    assert waits(world, "platform_administrator") == []
    Institution.objects.filter(slug="busan").update(contact_verified_at=timezone.now())

    assert waits(world, "platform_administrator") == ["1 institution waits for a decision"]


def test_person_of_several_roles_gets_all_panels(world: World):
    bob = world.people["coordinator"]
    for role in (Role.CUSTODIAN, Role.AUDITOR):
        grant_role(user=bob, role=role, study=world.study, by=world.people["platform_administrator"])

    page = text(signed_in(world, "coordinator"), "today")

    assert len(roles(bob, world.study)) == 3
    for heading in ("Daegu Medical Center in this study", "What is asked of your key", "Can it be proved?"):
        assert heading in page


def test_other_studies_say_how_much_waits_there(world: World):
    boss = world.people["platform_administrator"]
    other = create_study(
        slug="sepsis", name="Sepsis", question="Who?", dictionary_csv=cohort.DICTIONARY, profile="N14_L9", by=boss
    )
    grant_role(user=world.people["custodian"], role=Role.CUSTODIAN, study=other, by=boss)

    client = signed_in(world, "custodian")

    assert 'hx-get="/studies/sepsis/today/count/"' in text(client, "today")
    count = client.get("/studies/sepsis/today/count/").content.decode()
    assert '<a href="/studies/sepsis/today/">Sepsis</a>: 1 thing waits' in " ".join(count.split())


def test_approver_is_asked_to_review_and_custodian_to_trust_a_key(world: World):
    release = world.study.releases.get(state="collecting")

    assert waits(world, "approver")[0].startswith(f"Review {release.name} until ")
    release.versions.update(unknown=["0" * 64])

    assert f"1 key of {release.name} is not trusted yet" in waits(world, "custodian")


def test_pages_name_the_same_next_step_in_the_same_words(world: World):
    world.study.key_sets.update(state="retired")
    administrator, custodian = (signed_in(world, role) for role in ("project_administrator", "custodian"))
    fact = "There is no key to encrypt under yet: the custodian publishes it."

    for name in ("study", "set-up"):
        assert "Publish the study&#x27;s key" in text(administrator, name)
    assert "Publish the study&#x27;s key" in text(custodian, "today")
    for name in ("today", "launch-form"):
        assert fact in text(administrator, name)
