"""Another key on the Keys page: who sees it, who confirms, discards and puts back, and what is asked before."""

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from hefed.core.protocol.threshold import Sharing
from hospitals.audit.models import AuditEvent
from hospitals.batches.models import Batch
from hospitals.keys.models import KeyAgreement, KeySet
from hospitals.keys.succession import propose_key
from hospitals.people.tokens import issue_token
from tests.pages.conftest import signed_in
from tests.pages.factory import World
from tests.pages.share_scene import share_key
from training.jobs.models import Job

STUDY, NEW = "icu-death", "5e" * 32


@pytest.fixture
def proposal(world: World) -> KeySet:
    """Sent by a program with the custodian's token; no job is under way."""
    Job.objects.filter(state__in=Job.LIVE).update(state=Job.State.CANCELLED, finished_at=timezone.now())
    key = KeySet.objects.get(study=world.study)
    token, _ = issue_token(name="key host", study=world.study, by=world.people["custodian"])
    made = propose_key(study=world.study, fingerprint=NEW, public=key.public, by=token)
    made.relinearisation = key.relinearisation
    made.save()
    return made


def page(client: Client) -> str:
    return " ".join(client.get(reverse("keys", args=[STUDY])).content.decode().split())


def confirm(client: Client, typed: str = NEW[-8:]) -> int:
    answer = client.post(reverse("confirm-proposal", args=[STUDY, NEW]), {"last_digits": typed})
    return answer.status_code


def in_use() -> str:
    return KeySet.objects.get(state=KeySet.State.ACTIVE, study__slug=STUDY).fingerprint


def test_custodian_reads_where_it_came_from_and_what_it_would_set_aside_and_others_read_only(
    world: World, proposal: KeySet
):
    custodian, coordinator = (page(signed_in(world, role)) for role in ("custodian", "coordinator"))

    for text in (custodian, coordinator):
        assert "A key is proposed; the key in use stays until people agree" in text
        assert "“key host”" in text
        assert "these batches can no longer be trained with:" in text
    shown = "".join(custodian.split('class="fingerprint"')[2].split("</p>")[0].split())
    assert shown.count("5e5e") == 14  # the last eight are read on the other machine
    assert "Replace the key in use by this one" in custodian
    assert "Replace the key in use by this one" not in coordinator
    assert "confirms it here, with the second factor" in coordinator


def test_custodian_meets_the_proposal_on_the_first_page_and_a_coordinator_does_not(world: World, proposal: KeySet):
    custodian, coordinator = (
        signed_in(world, role).get(reverse("today", args=[STUDY])).content.decode()
        for role in ("custodian", "coordinator")
    )
    assert "A key is proposed for the study" in custodian
    assert "A key is proposed for the study" not in coordinator


def test_page_of_a_study_without_another_key_says_nothing_of_one(world: World):
    assert "Another key for this study" not in page(signed_in(world, "custodian"))


def test_confirming_asks_who_it_is_first(world: World, proposal: KeySet):
    before, stolen = in_use(), Client()
    stolen.force_login(world.people["custodian"])  # a session that proved nothing lately

    for name, args in (("confirm-proposal", [STUDY, NEW]), ("take-back-key", [STUDY])):
        answer = stolen.post(reverse(name, args=args), {"last_digits": NEW[-8:]})
        assert (answer.status_code, "reauthenticate" in answer.url) == (302, True)
    assert in_use() == before


@pytest.mark.parametrize("typed", ["5e5e5e5", "00000000", ""])
def test_other_digits_replace_nothing(world: World, proposal: KeySet, typed: str):
    before = in_use()
    assert confirm(signed_in(world, "custodian"), typed) == 422
    assert in_use() == before


@pytest.mark.parametrize("role", ["project_administrator", "platform_administrator", "coordinator", "approver"])
def test_nobody_but_the_custodian_confirms_discards_or_puts_back(world: World, proposal: KeySet, role: str):
    client, before = signed_in(world, role), in_use()
    assert confirm(client) == 403
    assert client.post(reverse("discard-proposal", args=[STUDY, NEW])).status_code == 403
    assert client.post(reverse("take-back-key", args=[STUDY])).status_code == 403
    assert (in_use(), KeySet.objects.filter(fingerprint=NEW).exists()) == (before, True)


def test_confirmed_key_is_in_use_and_the_earlier_one_is_put_back_with_its_batches(world: World, proposal: KeySet):
    custodian, old = signed_in(world, "custodian"), in_use()
    live = dict(Batch.objects.filter(state__in=Batch.LIVE, study=world.study).values_list("pk", "state"))

    assert confirm(custodian) == 302
    assert in_use() == NEW
    assert not Batch.objects.filter(pk__in=live, state__in=Batch.LIVE).exists()
    assert "The key before this one can be put back" in page(custodian)

    assert custodian.post(reverse("take-back-key", args=[STUDY])).status_code == 302
    assert in_use() == old
    after = dict(Batch.objects.filter(pk__in=live).values_list("pk", "state"))
    assert after == {pk: "admitted" if state == "admitted" else "uploading" for pk, state in live.items()}
    event = AuditEvent.objects.get(action="key.taken-back")
    assert event.actor.startswith(f"user:{world.people['custodian'].pk}:")


def test_key_is_not_put_back_after_its_last_day(world: World, proposal: KeySet):
    custodian = signed_in(world, "custodian")
    assert confirm(custodian) == 302
    KeySet.objects.exclude(undo_until=None).update(undo_until=timezone.now())

    assert custodian.post(reverse("take-back-key", args=[STUDY])).status_code == 409
    assert in_use() == NEW
    assert "can be put back" not in page(custodian)


def test_nothing_changes_while_a_job_is_under_way(world: World, proposal: KeySet):
    Job.objects.filter(batches__key_set__fingerprint=in_use()).update(state=Job.State.RUNNING, finished_at=None)
    before = in_use()
    assert confirm(signed_in(world, "custodian")) == 409
    assert in_use() == before


def test_incomplete_key_cannot_be_confirmed(world: World, proposal: KeySet):
    KeySet.objects.filter(pk=proposal.pk).update(relinearisation=None)
    custodian = signed_in(world, "custodian")

    assert "Its relinearisation key is missing" in page(custodian)
    assert confirm(custodian) == 409


def test_discarded_proposal_is_gone_and_may_come_again(world: World, proposal: KeySet):
    custodian, before = signed_in(world, "custodian"), in_use()

    assert custodian.post(reverse("discard-proposal", args=[STUDY, NEW])).status_code == 302
    assert (in_use(), KeySet.objects.filter(fingerprint=NEW).exists()) == (before, False)
    again = propose_key(
        study=world.study, fingerprint=NEW, public=KeySet.objects.get().public, by=world.people["custodian"]
    )
    assert again.state == KeySet.State.PROPOSED


def test_of_a_shared_key_the_page_counts_the_hospitals_that_signed_and_takes_no_person_s_word(
    world: World, proposal: KeySet
):
    sharing = Sharing.model_validate(share_key(world).sharing)
    custodian = signed_in(world, "custodian")
    assert "2 hospitals that hold shares of the key in use must sign with their cards" in page(custodian)
    assert "No hospital has signed yet." in page(custodian)
    KeyAgreement.objects.create(
        proposal=proposal, sharing=sharing.digest, institution="jeju", card="0" * 64, statement={}
    )

    assert "<strong>jeju</strong> has signed" in page(custodian)
    assert "replace-key --home DIR --expect" in page(custodian)
    assert "Replace the key in use by this one" not in page(custodian)
    assert confirm(custodian) == 403
