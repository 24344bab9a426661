"""Keys of a study: published, replaced, confirmed; what that outdates."""

from datetime import timedelta
from pathlib import Path

from django.db import transaction
from django.utils import timezone

from hefed.core.ckks.keys import EvaluationKeys, PublicKeys
from hefed.core.ckks.params import profile as profile_of
from hefed.core.ckks.seal_stream import key_stream_limit_bytes
from hefed.core.errors import BadInput, Conflict, EnvelopeInvalid, KeyInvalid, WrongKey
from hefed.core.protocol import envelope
from hefed.core.protocol.envelope import Label
from hospitals.audit.record import Actor, System, actor_name, record
from hospitals.batches.models import Batch
from hospitals.batches.services import move_batch
from hospitals.blobs.models import Blob
from hospitals.blobs.storage import open_blob, store_file
from hospitals.institutions.models import Institution
from hospitals.keys.custody import check_custody
from hospitals.keys.models import KeyConfirmation, KeyHolder, KeySet
from hospitals.keys.selectors import busy_jobs, confirmations_of, is_publisher
from hospitals.people.access import Forbidden, NotFound
from hospitals.people.models import ApiToken, Membership, Role, User
from hospitals.studies.models import Study


def outdate_batches(*, study: Study, reason: str, by: Actor) -> int:
    """Move every live batch; call inside the transaction of the change. Refused while a job is under way."""
    if busy := busy_jobs(study):
        raise Conflict("keys.job_under_way", jobs=tuple(busy))
    live = list(Batch.objects.filter(study=study, state__in=Batch.LIVE))
    for batch in live:
        move_batch(batch=batch, state=Batch.State.OUTDATED, reason=reason, by=by)
    return len(live)


TYPED_DIGITS = (
    8  # of the fingerprint, to confirm it: 32 bits that nobody makes a second key for within a telephone call
)


def publish_public_key(*, study: Study, path: Path, replaces: str = "", by: Actor) -> KeySet:
    """Accept a ``public-key`` envelope. A new key retires the old one. Live batches under that become outdated, which
    the custodian must have agreed to by naming the old fingerprint in ``replaces``."""
    fingerprint = _check_public(study, path)
    known = KeySet.objects.filter(study=study, fingerprint=fingerprint).exclude(state=KeySet.State.RETIRED).first()
    if known is not None:
        return known
    blob = store_file(path)
    with transaction.atomic():
        Study.objects.select_for_update().get(pk=study.pk)
        _retire(study, replaces, by)
        if KeySet.objects.filter(fingerprint=fingerprint).exists():
            raise Conflict("keys.key_retired", fingerprint=fingerprint[:16])
        expires = timezone.now() + timedelta(days=study.key_days)
        key_set = KeySet.objects.create(
            study=study, fingerprint=fingerprint, public=blob, expires_at=expires, published_by=_person(by)
        )
        KeyHolder.objects.create(key_set=key_set, name=by.name if isinstance(by, ApiToken) else actor_name(by))
        record("key.published", "public key", study=study, details={"fingerprint": fingerprint}, by=by)
    return key_set


def _person(by: Actor) -> User | None:
    """The person, or the one who made the code or the token."""
    if isinstance(by, ApiToken):
        return by.created_by
    return by if isinstance(by, User) else None


def confirm_key(*, key_set: KeySet, institution: Institution, typed: str, by: User) -> KeyConfirmation:
    """A coordinator compared the fingerprint with the custodian, for this hospital.

    ``typed``: the last eight characters, as the custodian read them out; blanks and capitals do not matter.
    """
    _check_confirmer(key_set, institution, by)
    if "".join(typed.split()).lower() != key_set.fingerprint[-TYPED_DIGITS:]:
        raise BadInput("keys.other_last_digits")
    check_custody(key_set)
    with transaction.atomic():
        current = KeySet.objects.select_for_update().get(pk=key_set.pk)
        if current.state != KeySet.State.ACTIVE or current.confirmations.filter(institution=institution).exists():
            raise Conflict("keys.confirmed_already")
        return _confirm(current, institution, by)


def _check_confirmer(key_set: KeySet, institution: Institution, by: User) -> None:
    """Somebody who speaks for the hospital, and who is not the one whose word about the key is checked."""
    mine = Membership.objects.filter(user=by, study=key_set.study, role=Role.COORDINATOR, institution=institution)
    if not mine.exists() or institution.state != Institution.State.APPROVED:
        raise Forbidden("keys.confirmed_by_its_coordinator", hospital=institution.name)
    if is_publisher(key_set, by):
        raise Forbidden("keys.confirmed_by_another")


def _confirm(key_set: KeySet, institution: Institution, by: User | System) -> KeyConfirmation:
    person = by if isinstance(by, User) else None
    row = KeyConfirmation.objects.create(
        key_set=key_set, institution=institution, confirmed_at=timezone.now(), confirmed_by=person
    )
    details = {"fingerprint": key_set.fingerprint}
    record("key.confirmed", "public key", study=key_set.study, institution=institution, details=details, by=by)
    return row


def trust_first_key(*, study: Study) -> None:
    """A study that a script set up trusts its first key for every hospital in it; every later key takes people."""
    with transaction.atomic():
        key_set = KeySet.objects.select_for_update().filter(study=study, state=KeySet.State.ACTIVE).first()
        if key_set is None or not study.set_up_by_script or study.key_sets.exclude(pk=key_set.pk).exists():
            return
        for line in confirmations_of(key_set):
            if line.confirmation is None:
                _confirm(key_set, line.institution, System("set-up script"))


def publish_relinearisation_key(*, study: Study, path: Path, by: Actor) -> KeySet:
    """Accept a ``relinearisation-key`` envelope for the public key in use; from now on batches may be encrypted."""
    key_set = KeySet.objects.filter(study=study).exclude(state=KeySet.State.RETIRED).first()
    if key_set is None:
        raise Conflict("keys.no_public_key")
    _check_relinearisation(study, key_set, path)
    if key_set.relinearisation is not None:
        return key_set
    blob = store_file(path)
    with transaction.atomic():
        KeySet.objects.filter(pk=key_set.pk, state=KeySet.State.INCOMPLETE).update(
            relinearisation=blob, state=KeySet.State.ACTIVE
        )
        details = {"fingerprint": key_set.fingerprint}
        record("key.active", "relinearisation key", study=study, details=details, by=by)
        trust_first_key(study=study)
    key_set.refresh_from_db()
    return key_set


def public_key_blob(study: Study) -> Blob:
    key_set = KeySet.objects.filter(study=study).exclude(state=KeySet.State.RETIRED).first()
    if key_set is None:
        raise NotFound("keys.not_published")
    return key_set.public


def load_public(key_set: KeySet) -> PublicKeys:
    with open_blob(key_set.public) as stream:
        header = envelope.read_header(stream)
        (key,) = envelope.iterate(stream, header)
    return PublicKeys(profile_of(header.profile), key)


def _check_public(study: Study, path: Path) -> str:
    """The fingerprint of an envelope that holds exactly one sound public key of the study's ring."""
    item = _single_item(path, Label("public-key", study.slug, study.profile))
    keys = PublicKeys.load(profile_of(study.profile), item)
    if keys.public != item:
        raise KeyInvalid("keys.not_seal_stream")
    return keys.fingerprint


def _check_relinearisation(study: Study, key_set: KeySet, path: Path) -> None:
    item = _single_item(path, Label("relinearisation-key", study.slug, study.profile, key_set.fingerprint))
    EvaluationKeys.load(load_public(key_set), item)


def _single_item(path: Path, label: Label) -> bytes:
    """The payload of an envelope that must hold one key; the label decides whose."""
    with path.open("rb") as stream:
        header = envelope.read_header(stream)
        if header.kind == label.kind and header.key_fingerprint != label.key_fingerprint:
            raise WrongKey(
                "keys.other_public_key",
                kind=label.kind,
                found=header.key_fingerprint[:16] or "(none)",
                wanted=label.key_fingerprint[:16] or "(none)",
            )
        envelope.check_label(header, label)
        if len(header.items) != 1 or header.items[0] > key_stream_limit_bytes(profile_of(label.profile)):
            raise EnvelopeInvalid(
                "keys.key_items",
                kind=label.kind,
                items=len(header.items),
                bytes=header.payload_bytes,
                most=key_stream_limit_bytes(profile_of(label.profile)),
            )
        (item,) = envelope.iterate(stream, header)
    return item


def _retire(study: Study, replaces: str, by: Actor) -> None:
    old = KeySet.objects.filter(study=study).exclude(state=KeySet.State.RETIRED).first()
    if old is None:
        return
    live = Batch.objects.filter(key_set=old, state__in=Batch.LIVE).count()
    if live and replaces != old.fingerprint:
        raise Conflict("keys.batches_under_key", fingerprint=old.fingerprint[:16], live=live)
    reason = f"its key {old.fingerprint[:8]} was retired; encrypt the same table again under the new key and upload it"
    outdate_batches(study=study, reason=reason, by=by)
    KeySet.objects.filter(pk=old.pk).update(state=KeySet.State.RETIRED, retired_at=timezone.now())
    record("key.retired", "public key", study=study, details={"fingerprint": old.fingerprint}, by=by)
