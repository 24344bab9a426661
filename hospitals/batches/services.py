"""Batches: announced by a manifest, uploaded, checked, then admitted or quarantined, perhaps withdrawn."""

import hashlib

from django.db import IntegrityError, transaction
from django.utils import timezone

from hefed.core.errors import Conflict
from hefed.core.protocol.envelope import canonical_json
from hefed.core.protocol.results import TableOne
from hefed.core.protocol.uploads import BatchManifest
from hefed.core.words import Said
from hospitals.audit.record import Actor, record
from hospitals.batches.models import Batch, Block
from hospitals.batches.uploads import check_manifest, forget_upload
from hospitals.blobs.storage import discard
from hospitals.dictionaries.models import DictionaryVersion
from hospitals.institutions.models import Institution
from hospitals.keys.models import KeySet
from hospitals.locks import next_number
from hospitals.states import check_move, state_said
from hospitals.studies.models import Study


def announce_batch(*, study: Study, institution: Institution, manifest: BatchManifest, by: Actor) -> Batch:
    """Open a batch. The same manifest again finds the same batch; the same patients in another one are refused."""
    digest = hashlib.sha256(canonical_json(manifest.model_dump(mode="json"))).hexdigest()
    known = Batch.objects.filter(study=study, institution=institution, manifest_digest=digest)
    gone = (Batch.State.OUTDATED, Batch.State.WITHDRAWN)
    if (same := known.exclude(state__in=gone).order_by("-number").first()) is not None:
        return same
    key_set, dictionary = check_manifest(study, institution, manifest)
    try:
        with transaction.atomic():
            return _create(institution, manifest, digest, (key_set, dictionary), by)
    except IntegrityError as error:
        raise _duplicate(study, manifest) from error


def _create(
    institution: Institution,
    manifest: BatchManifest,
    digest: str,
    under: tuple[KeySet, DictionaryVersion],
    by: Actor,
) -> Batch:
    key_set, dictionary = under
    study = key_set.study
    batch = Batch.objects.create(
        study=study,
        number=next_number(study, Batch.objects.all()),
        institution=institution,
        key_set=key_set,
        dictionary=dictionary,
        manifest=manifest.model_dump(mode="json"),
        manifest_digest=digest,
        cohort_digest=manifest.cohort_digest,
        patients=manifest.patients,
    )
    Block.objects.bulk_create(Block(batch=batch, **block.model_dump()) for block in manifest.blocks)
    details = {"patients": manifest.patients, "blocks": len(manifest.blocks)}
    record("batch.announced", batch.name, study=study, institution=institution, details=details, by=by)
    return batch


def _duplicate(study: Study, manifest: BatchManifest) -> Conflict:
    other = Batch.objects.filter(study=study, cohort_digest=manifest.cohort_digest, state__in=Batch.LIVE).first()
    where = Said("batches.another_batch")
    if other is not None:
        where = Said("batches.batch_in_state", batch=other.name, state=state_said(other.state))
    return Conflict("batches.same_patients", patients=manifest.patients, where=where)


def begin_checking(*, batch: Batch, by: Actor) -> Batch:
    """All blocks are there: hand the batch to the admission check."""
    missing = batch.blocks.exclude(state=Block.State.STORED).count()
    if missing and batch.state == Batch.State.UPLOADING:
        raise Conflict("batches.blocks_missing", batch=batch.name, missing=missing)
    return move_batch(batch=batch, state=Batch.State.CHECKING, by=by)


def move_batch(*, batch: Batch, state: Batch.State, reason: str = "", by: Actor) -> Batch:
    """One allowed move, with its time and its audit event."""
    with transaction.atomic():
        batch = Batch.objects.select_for_update().select_related("study", "institution").get(pk=batch.pk)
        check_move(batch.name, Batch.MOVES, Batch.State(batch.state), state)
        batch.state, batch.reason = state, reason
        if state == Batch.State.CHECKING:
            batch.completed_at = timezone.now()
        elif state not in (Batch.State.CUSTODIAN, Batch.State.UPLOADING):
            batch.decided_at = timezone.now()
        batch.save(update_fields=["state", "reason", "completed_at", "decided_at"])
        details = {"reason": reason}
        record(f"batch.{state}", batch.name, study=batch.study, institution=batch.institution, details=details, by=by)
    return batch


def admit_batch(*, batch: Batch, table_one: TableOne | None, by: Actor) -> Batch:
    with transaction.atomic():
        batch = move_batch(batch=batch, state=Batch.State.ADMITTED, by=by)
        batch.table_one = None if table_one is None else table_one.model_dump(mode="json")
        batch.save(update_fields=["table_one"])
    return batch


def withdraw_batch(*, batch: Batch, reason: str, by: Actor) -> Batch:
    """Take a batch out for good; the sweep deletes its bytes. Refused while a job computes on it. Safe to repeat."""
    if batch.state == Batch.State.WITHDRAWN:
        return batch
    with transaction.atomic():
        busy = batch.jobs.filter(finished_at=None).first()
        if busy is not None:
            raise Conflict("batches.in_use", batch=batch.name, job=busy.name)
        return move_batch(batch=batch, state=Batch.State.WITHDRAWN, reason=reason, by=by)


def delete_blocks(batch: Batch) -> None:
    """Drop the bytes of a withdrawn batch; its rows remain to tell what was there."""
    blobs = [block.blob for block in batch.blocks.select_related("blob")]
    batch.blocks.update(blob=None, state=Block.State.WAITING, received_bytes=0)
    for blob in blobs:
        discard(blob)
    for block in batch.blocks.all():
        forget_upload(block)
