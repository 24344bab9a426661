"""Who holds the key: decided while the study is drafted, and held against every key that is published."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone
from joserfc.jwk import ECKey

from hefed.core.errors import BadInput, Conflict
from hefed.core.protocol.signing import public_half
from hefed.core.protocol.threshold import AgentCard, Seat, Sharing, SharingNotice
from hefed.core.words import Said
from hospitals.audit.models import AuditEvent
from hospitals.audit.record import System
from hospitals.institutions.models import Institution
from hospitals.keys.custody import decide_custody
from hospitals.keys.models import KeySet
from hospitals.keys.selectors import ONE_CUSTODIAN, Custody, key_fault, suggested_custody
from hospitals.keys.services import publish_sharing
from hospitals.people.models import User
from hospitals.studies.forms import CustodyForm
from hospitals.studies.models import Study
from hospitals.studies.services import StudyName, add_institution, draft_study, publish_study, save_draft
from tests.server.cohort import Upload
from tests.server.conftest import Api
from tests.setup.confirming import confirmed
from tests.setup.test_study import ROWS
from tests.words.raises import says
from training.jobs.services import launch_job

TWO_OF_THREE = Custody(2, 3)


def _of(threshold: int, parties: int) -> Said:
    return Said("keys.of_hospitals", threshold=threshold, parties=parties)


ALONE = Said("keys.one_custodian")
BY = System("test")


@pytest.fixture
def draft(admin: User) -> Study:
    return draft_study(named=StudyName("sepsis", "Sepsis", "Who dies?"), profile="N14_L9", by=admin)


def share(study: Study, threshold: int, parties: int, epoch: int = 1) -> KeySet:
    """The key in use is shared so."""
    seats = []
    for point in range(1, parties + 1):
        signing, agreement = (public_half(ECKey.generate_key("P-256")) for _ in range(2))
        name = f"h{point}"
        card = AgentCard(study=study.slug, institution=name, name=name, signing=signing, agreement=agreement)
        seats.append(Seat(point=point, card=card))
    sharing = Sharing(
        study=study.slug,
        profile=study.profile,
        key_fingerprint=study.key_sets.get().fingerprint,
        epoch=epoch,
        threshold=threshold,
        seats=seats,
        expires_on=timezone.now().date() + timedelta(days=365),
    )
    return publish_sharing(study=study, notice=SharingNotice(sharing=sharing, lead=1), by=BY)


def test_two_of_three_is_suggested_as_soon_as_three_hospitals_take_part():
    assert [suggested_custody(hospitals) for hospitals in (0, 2, 3, 8)] == [ONE_CUSTODIAN] * 2 + [TWO_OF_THREE] * 2


def test_decision_is_logged_and_changed_while_the_study_is_a_draft(draft: Study, admin: User):
    decide_custody(study=draft, custody=ONE_CUSTODIAN, by=admin)
    decide_custody(study=draft, custody=TWO_OF_THREE, by=admin)
    draft.refresh_from_db()
    assert (draft.key_threshold, draft.key_parties) == (2, 3)
    event = AuditEvent.objects.filter(action="study.custody_decided").latest("pk")
    assert event.details == {"threshold": 2, "parties": 3}


@pytest.mark.parametrize(("threshold", "parties"), [(0, 1), (1, 2), (3, 2), (2, 10), (0, 0)])
def test_impossible_custody_is_refused_by_service_and_database(draft: Study, admin: User, threshold: int, parties: int):
    with says("keys.cannot_share_so", BadInput, threshold=threshold, parties=parties):
        decide_custody(study=draft, custody=Custody(threshold, parties), by=admin)
    with pytest.raises(IntegrityError), transaction.atomic():
        Study.objects.filter(pk=draft.pk).update(key_threshold=threshold, key_parties=parties)


def test_half_a_decision_is_refused_by_the_database(draft: Study):
    with pytest.raises(IntegrityError), transaction.atomic():
        Study.objects.filter(pk=draft.pk).update(key_threshold=2)


def test_study_is_not_published_for_more_share_holders_than_hospitals(study: Study, draft: Study, admin: User):
    save_draft(study=draft, rows=ROWS, notes={}, by=admin)
    decide_custody(study=draft, custody=TWO_OF_THREE, by=admin)
    add_institution(study=draft, institution=Institution.objects.get(slug="north"), by=admin)
    with says("keys.too_few_hospitals", Conflict, parties=3, invited=1):
        publish_study(study=draft, by=admin)


def test_decision_of_a_published_study_is_fixed_and_made_once_where_nobody_was_asked(study: Study, admin: User):
    decide_custody(study=study, custody=TWO_OF_THREE, by=admin)
    decide_custody(study=study, custody=TWO_OF_THREE, by=admin)
    with says("keys.custody_agreed", Conflict, known=_of(2, 3)):
        decide_custody(study=study, custody=ONE_CUSTODIAN, by=admin)


def test_nobody_decides_against_the_key_in_use(study: Study, published: Api, admin: User):
    with says("keys.custody_differs", Conflict, wanted=_of(2, 3), found=ALONE):
        decide_custody(study=study, custody=TWO_OF_THREE, by=admin)
    assert Study.objects.get(pk=study.pk).key_parties is None


@pytest.fixture
def wants_shares(study: Study, published: Api) -> Study:
    """A published study that asks for 2 of 3, and the key of one custodian in it."""
    Study.objects.filter(pk=study.pk).update(key_threshold=2, key_parties=3)
    study.refresh_from_db()
    return study


def test_key_of_one_custodian_is_not_confirmed_where_hospitals_shall_share_it(wants_shares: Study, admin: User):
    key = KeySet.objects.get(study=wants_shares)
    with says("keys.held_otherwise", Conflict):
        confirmed(wants_shares, key)


def test_no_patients_and_no_job_under_a_key_that_is_held_otherwise(
    wants_shares: Study, north: Api, upload: Upload, admin: User
):
    answer = north.announce(upload)
    assert (answer.status_code, answer.json()["code"]) == (409, "keys.held_otherwise")
    with says("keys.held_otherwise", Conflict):
        launch_job(study=wants_shares, institutions=wants_shares.institutions.all(), by=admin)


def test_first_sharing_is_as_decided_and_a_later_one_asks_for_no_fewer(wants_shares: Study):
    for threshold, parties in ((3, 3), (2, 4), (2, 2)):
        with says("keys.custody_differs", Conflict, wanted=_of(2, 3)):
            share(wants_shares, threshold, parties)
    assert key_fault(wants_shares, share(wants_shares, 2, 3)) is None
    assert key_fault(wants_shares, share(wants_shares, 3, 5, epoch=2)) is None
    Study.objects.filter(pk=wants_shares.pk).update(key_threshold=3)
    wants_shares.refresh_from_db()
    with says("keys.custody_differs", Conflict, wanted=_of(3, 3), found=_of(2, 5)):
        share(wants_shares, 2, 5, epoch=3)


def test_sharing_is_refused_where_one_custodian_was_agreed_to(study: Study, published: Api, admin: User):
    decide_custody(study=study, custody=ONE_CUSTODIAN, by=admin)
    study.refresh_from_db()
    with says("keys.custody_differs", Conflict, wanted=ALONE, found=_of(2, 3)):
        share(study, 2, 3)


@pytest.mark.parametrize(
    ("parties", "threshold", "wrong"), [("", "2", "parties"), ("3", "", "threshold"), ("3", "4", "threshold")]
)
def test_form_asks_for_both_numbers_where_hospitals_share(parties: str, threshold: str, wrong: str):
    form = CustodyForm({"held_by": "several", "parties": parties, "threshold": threshold})
    assert list(form.errors) == [wrong]


def test_form_does_not_look_at_the_numbers_of_one_custodian():
    form = CustodyForm({"held_by": "one", "parties": "", "threshold": ""})
    assert form.is_valid() and form.custody == ONE_CUSTODIAN
    assert CustodyForm.showing(TWO_OF_THREE).initial == {"held_by": "several", "parties": 3, "threshold": 2}
