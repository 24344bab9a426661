"""A new key in place of the old one: what happens to batches is said before, refused after, and can be repaired."""

import hashlib
from datetime import timedelta

import httpx
import pytest
from django.utils import timezone

from hefed.core.ckks.backend import Encryptor
from hefed.core.ckks.keys import PublicKeys
from hefed.core.ckks.params import profile
from hefed.core.errors import Conflict
from hefed.core.protocol import envelope
from hefed.core.protocol.uploads import SharedPatients
from hefed.custodian.commands.rotation import Rotation, describe, destroy_previous, prepare, rotate, waiting_rotation
from hefed.custodian.keeping.backup import restore_backup, write_backup
from hefed.custodian.keeping.ledger import Ledger, read_lines, verify
from hefed.custodian.keeping.opened import open_custodian
from hefed.custodian.keeping.store import Home, Store
from hefed.custodian.keeping.vault import open_vault, read_header
from hospitals.batches.models import Batch
from hospitals.institutions.models import Institution
from hospitals.keys.models import KeySet
from hospitals.keys.succession import confirm_proposal, take_back
from hospitals.people.models import Role, User
from hospitals.people.services import create_person
from hospitals.studies.facts import StudyFacts
from hospitals.studies.models import Study
from hospitals.studies.services import grant_role, publish_dictionary
from hospitals.studies.terms import accept_terms, publish_terms
from hospitals.words import page_words
from tests.custodian.cohort import DICTIONARY_CSV, Rows
from tests.server.cohort import PROFILE, Upload, encrypt_batch, simulate_hospital
from tests.server.conftest import PASSPHRASE, Api, Sealed
from tests.server.training import InProcessCustodian, deliver, run_to_end
from tests.setup.confirming import confirmed
from tests.words.raises import answers, says, text
from training.jobs.models import CustodianRequest, Job
from training.jobs.services import launch_job


def rotate_once(custodian: InProcessCustodian) -> Rotation:
    """What ``custodian rotate`` does once the person at the terminal has agreed."""
    vault = open_vault(custodian.home.vault, PASSPHRASE)
    return rotate(custodian.home, vault, custodian.client, PASSPHRASE)


def carol_of(study: Study) -> User:
    """Whose role it is to confirm another key on the Keys page."""
    known = User.objects.filter(username="carol").first()
    carol = known or create_person(username="carol", email="c@example.org")
    if known is None:
        grant_role(user=carol, role=Role.CUSTODIAN, study=study, by=carol)
    return carol


def rotated(custodian: InProcessCustodian) -> None:
    """Proposed, confirmed by a person, taken into use; the agent starts anew with the new key."""
    proposed = rotate_once(custodian).key.key_fingerprint
    study = Study.objects.get()
    confirm_proposal(study=study, fingerprint=proposed, typed=proposed[-8:], by=carol_of(study))
    assert rotate_once(custodian).stands == "replaced"
    custodian.restart()


def encryptor_of(custodian: InProcessCustodian) -> Encryptor:
    with custodian.home.public_key.open("rb") as stream:
        _, items = envelope.iterate_verified(stream)
        return Encryptor(PublicKeys.load(profile(PROFILE), b"".join(items)))


@pytest.fixture
def old(north: Api, upload: Upload, broker, custodian: InProcessCustodian) -> Upload:
    """A batch of hospital north, admitted under the first key."""
    north.upload(upload)
    deliver(broker)
    custodian.answer()
    assert Batch.objects.get().state == Batch.State.ADMITTED
    return upload


def test_effect_is_said_before_anything_changes(old: Upload, custodian: InProcessCustodian):
    lines = describe(custodian.client.rotation())
    assert lines[0] == "north: 1 batches of 120 patients can no longer be trained with."
    assert Batch.objects.get().state == Batch.State.ADMITTED


def test_old_batch_leaves_the_pool_and_says_what_to_do(old: Upload, custodian: InProcessCustodian, study: Study):
    rotated(custodian)
    batch = Batch.objects.get()
    assert batch.state == Batch.State.OUTDATED
    assert page_words(batch.reason) == text("batches.key_replaced")
    assert [share.train for share in StudyFacts(study).shares] == [0, 0, 0]


def test_old_ciphertext_is_refused_with_the_reason(old: Upload, custodian: InProcessCustodian, north: Api):
    rotated(custodian)
    today = timezone.now().date().isoformat()
    answers(north.announce(old), 422, "batches.retired_key", key=old.manifest.key_fingerprint[:16], day=today)


def test_nothing_is_taken_under_a_new_key_that_nobody_confirmed(
    old: Upload, custodian: InProcessCustodian, north: Api, sealed: Sealed
):
    rotated(custodian)
    new = encrypt_batch(north.package(), encryptor_of(custodian), *sealed["small"][1], rows_per_block=45)
    response = north.announce(new)
    assert (response.status_code, response.json()["code"]) == (409, "batches.key_not_confirmed")


def test_same_table_under_the_new_key_is_admitted_and_trained_with(
    old: Upload, custodian: InProcessCustodian, north: Api, sealed: Sealed, broker, study: Study, admin: User
):
    rotated(custodian)
    key_set = KeySet.objects.get(state=KeySet.State.ACTIVE)
    confirmed(study, key_set)
    rows: tuple[Rows, Rows] = sealed["small"][1]
    north.upload(encrypt_batch(north.package(), encryptor_of(custodian), *rows, rows_per_block=45))
    deliver(broker)
    custodian.answer()
    assert list(Batch.objects.order_by("number").values_list("state", flat=True)) == ["outdated", "admitted"]
    job = launch_job(study=study, institutions=[Institution.objects.get(slug="north")], by=admin)
    assert [batch.name for batch in job.batches.all()] == ["batch-0002"]


@pytest.mark.parametrize(("dropped", "refused"), [(0, False), (1, True)])
def test_pool_of_the_old_key_is_remembered_under_the_new_one(
    dropped: int,
    refused: bool,
    old: Upload,
    custodian: InProcessCustodian,
    north: Api,
    sealed: Sealed,
    broker,
    study: Study,
    admin: User,
):
    """The same table may be trained with again; a table without one of its patients may not."""
    hospital = [Institution.objects.get(slug="north")]
    run_to_end(launch_job(study=study, institutions=hospital, by=admin), broker, custodian)
    rotated(custodian)
    confirmed(study, KeySet.objects.get(state=KeySet.State.ACTIVE))
    train, holdout = sealed["small"][1]
    rows = (Rows(train.x[dropped:], train.y[dropped:]), holdout)
    upload = encrypt_batch(north.package(), encryptor_of(custodian), *rows, rows_per_block=45)
    shared = [SharedPatients(cohort_digest=old.manifest.cohort_digest, train=len(rows[0].y), holdout=len(holdout.y))]
    digest = hashlib.sha256(str(dropped).encode()).hexdigest() if dropped else old.manifest.cohort_digest
    manifest = upload.manifest.model_copy(update={"shared": shared, "cohort_digest": digest})
    north.upload(Upload(manifest, upload.blocks))
    deliver(broker)
    custodian.answer()
    assert Batch.objects.get(number=2).state == (Batch.State.QUARANTINED if refused else Batch.State.ADMITTED)
    if not refused:
        before = CustodianRequest.objects.latest("number").number
        run_to_end(launch_job(study=study, institutions=hospital, by=admin), broker, custodian)
        assert CustodianRequest.objects.get(number=before + 1).outcome != "refused"


def test_ledger_goes_on_under_the_new_key(old: Upload, custodian: InProcessCustodian):
    rotated(custodian)
    vault = open_vault(custodian.home.vault, PASSPHRASE)
    verify(custodian.home.ledger, vault.ledger_key())
    assert [line.event for line in read_lines(custodian.home.ledger)][-1] == "rotated"
    assert vault.header.key_fingerprint == KeySet.objects.get(state=KeySet.State.ACTIVE).fingerprint


def test_rotation_that_was_stopped_goes_on_with_the_key_it_made(published: Api, custodian: InProcessCustodian):
    vault = open_vault(custodian.home.vault, PASSPHRASE)
    made = prepare(custodian.home, vault, PASSPHRASE)
    assert waiting_rotation(custodian.home) == made.key_fingerprint
    custodian.client.put_key("public", custodian.home.path / "next" / "public-key.hefed")
    rotated(custodian)
    assert open_custodian(custodian.home, open_vault(custodian.home.vault, PASSPHRASE)).public.fingerprint == (
        made.key_fingerprint
    )
    assert not waiting_rotation(custodian.home)


def test_nothing_changes_here_before_a_person_has_confirmed_the_key(old: Upload, custodian: InProcessCustodian):
    before = read_header(custodian.home.vault)
    first, second = rotate_once(custodian), rotate_once(custodian)
    assert (first.stands, second.stands) == ("proposed", "proposed")
    assert first.key.key_fingerprint == second.key.key_fingerprint
    assert read_header(custodian.home.vault) == before
    assert Batch.objects.get().state == Batch.State.ADMITTED
    told = custodian.client.rotation()
    assert [one.fingerprint for one in told.proposals] == [first.key.key_fingerprint]
    assert (told.fingerprint, told.cards) == (before.key_fingerprint, 0)


def test_key_that_was_put_back_is_in_use_here_with_its_sums_and_its_batch_is_trained_with(
    old: Upload, custodian: InProcessCustodian, study: Study, admin: User, broker
):
    before = custodian.client.study().key
    rotated(custodian)
    assert not list(Store(custodian.home.path, open_vault(custodian.home.vault, PASSPHRASE).sealer()).batches())
    take_back(study=study, by=carol_of(study))
    assert rotate_once(custodian).stands == "taken-back"
    custodian.restart()
    assert [
        one.batch for one in Store(custodian.home.path, open_vault(custodian.home.vault, PASSPHRASE).sealer()).batches()
    ] == ["batch-0001"]
    assert custodian.client.study().key == before
    job = launch_job(study=study, institutions=[Institution.objects.get(slug="north")], by=admin)
    deliver(broker)
    assert custodian.answer() == 1
    assert CustodianRequest.objects.filter(round__job=job, state=CustodianRequest.State.ANSWERED).exists()
    assert next(line for line in reversed(list(read_lines(custodian.home.ledger))) if line.openings).job == job.name


def test_hospital_goes_on_adding_batches_under_a_key_that_was_put_back(
    old: Upload, custodian: InProcessCustodian, north: Api, study: Study, admin: User, broker
):
    rotated(custodian)
    take_back(study=study, by=carol_of(study))
    rotate_once(custodian)
    custodian.restart()
    more = encrypt_batch(north.package(), encryptor_of(custodian), *simulate_hospital(420, 60, 3), rows_per_block=420)
    north.upload(more)
    deliver(broker)
    custodian.answer()
    assert Batch.objects.get(number=2).state == Batch.State.ADMITTED
    job = launch_job(study=study, institutions=[Institution.objects.get(slug="north")], by=admin)
    deliver(broker)
    custodian.answer()
    assert CustodianRequest.objects.get(round__job=job, round__number=0).outcome == "next"


def test_old_secret_key_stays_until_its_last_day_and_goes_then(old: Upload, custodian: InProcessCustodian):
    vault = open_vault(custodian.home.vault, PASSPHRASE)
    ledger, place = Ledger(custodian.home.ledger, vault.ledger_key()), custodian.home.path / "previous"
    rotated(custodian)
    assert open_vault(place / "vault.json", PASSPHRASE).secret_key == vault.secret_key
    assert not destroy_previous(custodian.home, ledger)
    (place / "until").write_text((timezone.now() - timedelta(seconds=1)).isoformat())
    assert destroy_previous(custodian.home, ledger)
    assert not place.exists()
    assert [line.event for line in read_lines(custodian.home.ledger)][-2:] == ["rotated", "key-destroyed"]


def test_rotation_waits_for_a_job_under_way(old: Upload, custodian: InProcessCustodian, study: Study, admin: User):
    launch_job(study=study, institutions=[Institution.objects.get(slug="north")], by=admin)
    assert custodian.client.rotation().jobs == ["job-0001"]
    with pytest.raises(Conflict, match=text("keys.job_under_way", jobs=("job-0001",))):
        rotated(custodian)
    assert Batch.objects.get().state == Batch.State.ADMITTED


def test_expired_key_takes_no_upload(north: Api, upload: Upload):
    KeySet.objects.update(expires_at=timezone.now() - timedelta(days=1))
    expired_on = KeySet.objects.get().expires_at.date().isoformat()
    answers(north.announce(upload), 409, "batches.key_expired", day=expired_on)


def test_hospital_that_has_not_accepted_the_terms_cannot_upload(north: Api, upload: Upload, study: Study, admin: User):
    terms = publish_terms(study=study, text="Send encrypted rows only.", by=admin)
    refused: httpx.Response = north.announce(upload)
    accept_terms(terms=terms, institution=Institution.objects.get(slug="north"), by=admin)
    answers(refused, 409, "batches.terms_not_accepted", version=1)
    assert north.announce(upload).status_code == 200


def test_new_dictionary_outdates_the_batches_that_were_agreed_to(old: Upload, study: Study, admin: User):
    with says("studies.batches_changed", Conflict, live=1, outdates=0):
        publish_dictionary(study=study, dictionary_csv=DICTIONARY_CSV, by=admin)
    publish_dictionary(study=study, dictionary_csv=DICTIONARY_CSV, outdates=1, by=admin)
    assert Batch.objects.get().state == Batch.State.OUTDATED
    assert "prepare the table for version 2" in Batch.objects.get().reason


def test_job_in_the_middle_goes_on_with_the_restored_custodian(
    admitted: dict[str, tuple[Rows, Rows]], custodian: InProcessCustodian, study: Study, admin: User, broker, tmp_path
):
    job = launch_job(study=study, institutions=Institution.objects.filter(slug__in=admitted), by=admin)
    for _ in range(2):
        deliver(broker)
        custodian.answer()
    write_backup(custodian.home, tmp_path / "backup", PASSPHRASE)
    custodian.home = Home(tmp_path / "new machine")
    restore_backup(tmp_path / "backup", custodian.home, PASSPHRASE)
    custodian.restart()
    assert run_to_end(job, broker, custodian).state == Job.State.FINISHED
    events = [line.event for line in read_lines(custodian.home.ledger)]
    assert events.count("restored") == 1
    assert verify(custodian.home.ledger, open_vault(custodian.home.vault, PASSPHRASE).ledger_key()) == len(events)
