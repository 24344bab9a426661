"""Publishing: only what was committed to, asked for and approved becomes readable, and it does so item by item."""

import re

import pytest

from hefed.core.errors import BadInput, Conflict
from hefed.core.protocol.releases import OpenedItem
from hefed.core.protocol.requests import CustodianNote as NoteMessage
from hospitals.audit.models import AuditEvent
from hospitals.people.models import User
from tests.pages.release_scene import CUSTODIAN, approve, ask, opened_items, publication, report
from tests.words.raises import says
from training.jobs.models import CustodianNote, Job
from training.releases.models import Release, ReleasePreview
from training.releases.pages import preview_for
from training.releases.publication import publish_release, take_note, take_report
from training.releases.selectors import current_version, sealed_items
from training.results.models import Evaluation, TrainedModel
from training.results.selectors import result_of


def publish(release: Release, **changes: object) -> Release:
    return publish_release(release=release, publication=publication(current_version(release), **changes), by=CUSTODIAN)


@pytest.fixture
def approved(release: Release, finn: User, gina: User) -> Release:
    for user in (finn, gina):
        approve(release, user)
    return release


def test_published_items_are_readable_as_the_custodian_sent_them(approved: Release, job: Job):
    publish(approved)

    result = result_of(job)
    assert result.sealed == []
    assert set(result.metrics) == set(result.curves) == {"pooled", "seoul", "daegu", "jeju"}
    assert set(result.table_one) == {"pooled", "seoul", "daegu", "jeju"}
    assert result.model.coefficients["age"].odds_ratio > 1
    assert Release.objects.get(pk=approved.pk).state == Release.State.PUBLISHED
    event = AuditEvent.objects.get(action="release.published")
    assert event.details["digest"] == current_version(approved).digest
    assert event.details["content"] == "coefficients,metrics,curves,table_one"


def test_second_release_adds_what_the_first_left_sealed(job: Job, alice: User, finn: User, gina: User):
    for items in (("metrics",), ("curves", "table_one"), ("coefficients",)):
        release = ask(job, alice, *items)
        for user in (finn, gina):
            approve(release, user)
        publish(release)
        job.refresh_from_db()
        assert not set(items) & set(sealed_items(job))
        result = result_of(job)
        assert (result.model is None) == ("coefficients" not in items)
        assert set(result.sealed) == set(sealed_items(job))
    assert TrainedModel.objects.filter(job=job).count() == 1
    assert Evaluation.objects.filter(model__job=job).count() == 4
    assert sealed_items(job) == []


def test_same_publication_again_is_fine_and_another_is_a_conflict(approved: Release, job: Job):
    publish(approved)
    publish(approved)
    assert AuditEvent.objects.filter(action="release.published").count() == 1

    with says("approvals.report_late", Conflict):
        publish(approved, digest="ab" * 32)
    with says("approvals.report_late", Conflict):
        publish(approved, items=list(opened_items()[:1]))


def test_items_that_do_not_open_the_commitments_are_refused(approved: Release, job: Job):
    metrics = next(item for item in opened_items() if item.item == "metrics")
    changed = OpenedItem(item="metrics", salt=metrics.salt, text=metrics.text.replace("0.", "1.", 1))
    others = [item for item in opened_items() if item.item != "metrics"]
    for items in ([*others, changed], others, [*opened_items(), metrics]):
        with says("approvals.publish_other", BadInput):
            publish(approved, items=items)
    assert result_of(job) is None


def test_items_that_nobody_asked_for_are_refused(job: Job, alice: User, finn: User, gina: User):
    release = ask(job, alice, "metrics")
    for user in (finn, gina):
        approve(release, user)

    with says("approvals.publish_other", BadInput, items=("coefficients", "curves", "table_one")):
        publish(release, items=list(opened_items()))


def test_committed_text_that_is_no_result_is_refused(job: Job, approved: Release):
    """A custodian of another version: the digest fits, the content does not."""
    item = OpenedItem(item="metrics", salt="ab" * 32, text='{"pooled": {"auroc": "good"}}')
    others = [one for one in opened_items() if one.item != "metrics"]
    commitments = [one.commitment().model_dump() for one in [*others, item]]
    job.sealed.commitments = commitments
    job.sealed.save()

    with says("jobs.item_field", BadInput, item="metrics"):
        publish(approved, items=[*others, item])
    assert result_of(job) is None


def test_publication_without_two_approvals_is_refused(release: Release, gina: User, job: Job):
    approve(release, gina)

    with says("approvals.institutions_lacking", Conflict, approved=1, number=1, needed=2):
        publish(release)
    assert result_of(job) is None


def test_publication_of_an_older_version_is_refused(approved: Release, alice: User):
    with says("approvals.report_version", Conflict, number=1):
        publish(approved, version=2)
    with says("approvals.publish_digest", Conflict):
        publish(approved, digest="ab" * 32)


def test_report_adds_previews_and_replaces_what_was_said(release: Release, finn: User, gina: User):
    version = current_version(release)
    take_report(release=release, report=report(version, [finn], unknown=["ab" * 32]), by=CUSTODIAN)
    first = preview_for(version, finn).jwe
    take_report(release=release, report=report(version, [finn, gina]), by=CUSTODIAN)
    take_report(release=release, report=report(version, []), by=CUSTODIAN)

    version.refresh_from_db()
    assert ReleasePreview.objects.filter(version=version).count() == 2
    assert preview_for(version, finn).jwe == first
    assert version.unknown == []
    assert AuditEvent.objects.filter(action="release.reported", target=release.name).count() == 2


def test_preview_for_somebody_who_may_not_approve_is_refused(release: Release, hana: User):
    with says("approvals.preview_stranger", BadInput):
        take_report(release=release, report=report(current_version(release), [hana]), by=CUSTODIAN)
    assert not ReleasePreview.objects.filter(version__release=release).exists()


def test_note_is_kept_until_it_is_replaced(world):
    for code in ("agent.daily_limit", ""):
        take_note(study=world.study, note=NoteMessage(code=code), by=CUSTODIAN)
        assert CustodianNote.objects.get().text == code
    assert AuditEvent.objects.filter(action="custodian.note").count() == 2


# ---- what a database administrator cannot do -------------------------------------------------------------------------


def test_flipped_states_make_no_number_readable(release: Release, job: Job):
    """The rows that he can write hold no number: there is none on the server before the custodian sends it."""
    fields = {"state": "published", "ended_at": "2026-01-01T00:00Z", "publication": {}}
    Release.objects.filter(pk=release.pk).update(**fields)
    TrainedModel.objects.create(job=job, released=["metrics", "coefficients"])

    result = result_of(job)

    assert (result.model, result.metrics, result.curves, result.table_one) == (None, {}, {}, {})


def test_no_number_of_a_sealed_result_is_in_the_database(release: Release, finn: User, gina: User, job: Job):
    """With previews and approvals there: every row that belongs to the job and its releases, as text."""
    approve(release, gina)
    version = current_version(release)
    take_report(release=release, report=report(version, [finn, gina]), by=CUSTODIAN)
    rows = [
        *Release.objects.values_list(),
        *version.__class__.objects.values_list(),
        *ReleasePreview.objects.values_list(),
        *version.approvals.values_list(),
        *type(job.sealed).objects.values_list(),
        *Job.objects.filter(pk=job.pk).values_list(),
        *AuditEvent.objects.values_list(),
    ]
    stored = "\n".join(map(str, rows))

    numbers = [text for item in opened_items() for text in _long_numbers(item.text)]

    assert len(numbers) > 100
    assert [number for number in numbers if number in stored] == []


def _long_numbers(text: str) -> list[str]:
    """Numbers with enough digits not to appear by chance."""
    return re.findall(r"\d\.\d{5,}", text)
