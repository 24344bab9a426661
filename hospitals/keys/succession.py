"""One key takes the place of another: proposed by a program, agreed to by people, and taken back if it was a mistake.

A token publishes a proposal and nothing more. Where several hospitals hold the key in use, as many of their cards as
open together sign for the new one; where one custodian holds it, or nothing was ever encrypted under it, a person with
that role confirms it on the Keys page. The retired key, its batches and their ciphertexts stay, and for
``UNDO_DAYS`` such a person can put it back in its place. docs/adr/1302.
"""

from datetime import timedelta

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from hefed.core.errors import BadInput, Conflict
from hefed.core.protocol.threshold import KeySuccession, Seat, Sharing, Signed, verify
from hospitals.audit.record import Actor, Details, record
from hospitals.batches.models import Batch
from hospitals.batches.services import move_batch
from hospitals.blobs.models import Blob
from hospitals.blobs.storage import discard
from hospitals.keys.models import KeyAgreement, KeySet
from hospitals.keys.selectors import (
    TYPED_DIGITS,
    agreements_of,
    busy_jobs,
    cards_needed,
    key_in_place,
    key_to_take_back,
)
from hospitals.people.models import ApiToken, Membership, Role, User
from hospitals.people.permissions import Forbidden, NotFound
from hospitals.studies.models import Study
from hospitals.studies.selectors import current_dictionary

UNDO_DAYS = 14


def outdate_batches(*, study: Study, reason: str, by: Actor) -> int:
    """Move every live batch; call inside the transaction of the change. Refused while a job is under way."""
    if busy := busy_jobs(study):
        raise Conflict("keys.job_under_way", jobs=tuple(busy))
    live = list(Batch.objects.filter(study=study, state__in=Batch.LIVE))
    for batch in live:
        move_batch(batch=batch, state=Batch.State.OUTDATED, reason=reason, by=by)
    return len(live)


# ---- proposals -------------------------------------------------------------------------------------------------------


def propose_key(
    *, study: Study, fingerprint: str, public: Blob, voice: dict[str, str] | None = None, by: Actor
) -> KeySet:
    """Keep the key beside the one in place. A token has one proposal: a later one takes the place of its earlier."""
    token = by if isinstance(by, ApiToken) else None
    with transaction.atomic():
        if token is not None:
            for earlier in study.key_sets.filter(state=KeySet.State.PROPOSED, published_with=token):
                _drop(earlier)
        proposal = KeySet.objects.create(
            study=study,
            fingerprint=fingerprint,
            public=public,
            voice=voice,
            state=KeySet.State.PROPOSED,
            published_by=by if isinstance(by, User) else token.created_by if token else None,
            published_with=token,
        )
        record("key.proposed", "public key", study=study, details={"fingerprint": fingerprint}, by=by)
    return proposal


def discard_proposal(*, study: Study, fingerprint: str, by: User) -> None:
    """It was a mistake, or nobody knows where it comes from; its holder may publish it again."""
    _check_custodian(study, by)
    with transaction.atomic():
        _drop(_proposal(_locked(study), fingerprint))
        record("key.proposal-discarded", "public key", study=study, details={"fingerprint": fingerprint}, by=by)


def _drop(proposal: KeySet) -> None:
    blobs = [blob for blob in (proposal.public, proposal.relinearisation) if blob is not None]
    proposal.delete()
    for blob in blobs:
        discard(blob)


def _proposal(study: Study, fingerprint: str) -> KeySet:
    found = study.key_sets.filter(fingerprint=fingerprint, state=KeySet.State.PROPOSED).first()
    if found is None:
        raise NotFound("keys.no_such_proposal", fingerprint=fingerprint[:16])
    return found


# ---- who agrees ------------------------------------------------------------------------------------------------------


def confirm_proposal(*, study: Study, fingerprint: str, typed: str, by: User) -> KeySet:
    """A person with the custodian's role agrees. ``typed``: the last eight characters, as the key's holder reads them.

    The caller has asked for the second factor. Refused where cards must sign.
    """
    _check_custodian(study, by)
    if "".join(typed.split()).lower() != fingerprint[-TYPED_DIGITS:]:
        raise BadInput("keys.other_proposal_digits")
    with transaction.atomic():
        study = _locked(study)
        old, proposal = _in_place(study), _proposal(study, fingerprint)
        if needed := cards_needed(old):
            raise Forbidden("keys.cards_must_sign", needed=needed)
        return _succeed(old, proposal, {"confirmed_by": by.username}, by)


def take_agreement(*, study: Study, signed: Signed, by: Actor) -> KeySet:
    """What one hospital's card signed; the proposal takes the key's place when as many signed as open together.

    Gives the key in place afterwards. The same again changes nothing.
    """
    said = verify(signed, KeySuccession)
    with transaction.atomic():
        study = _locked(study)
        old, proposal = _in_place(study), _proposal(study, said.new)
        seat = _seat(old, said, signed)
        if old.study.slug != said.study or old.fingerprint != said.old:
            raise BadInput("keys.agreement_of_another", found=said.old[:16], wanted=old.fingerprint[:16])
        _check_complete(proposal)
        _keep(proposal, said, seat, signed, by)
        names = [row.institution for row in agreements_of(old, proposal)]
        if len(names) < Sharing.model_validate(old.sharing).threshold:
            return old
        return _succeed(old, proposal, {"agreed": names}, by)


def _seat(key: KeySet, said: KeySuccession, signed: Signed) -> Seat:
    """The seat of the card that signed, in the sharing of the key in place; raises BadInput."""
    if key.sharing is not None:
        sharing = Sharing.model_validate(key.sharing)
        for seat in sharing.seats:
            mine = (seat.point, seat.card.signing, sharing.digest) == (said.point, signed.signer, said.sharing)
            if mine:
                return seat
    raise BadInput("keys.agreement_unsigned")


def _keep(proposal: KeySet, said: KeySuccession, seat: Seat, signed: Signed, by: Actor) -> None:
    fields = {"institution": seat.card.institution, "statement": signed.model_dump(mode="json")}
    one = {"proposal": proposal, "sharing": said.sharing, "card": seat.card.fingerprint}
    _row, new = KeyAgreement.objects.get_or_create(**one, defaults=fields)
    if new:
        details: Details = {"old": said.old, "new": said.new, "hospital": seat.card.institution}
        record("key.agreed", "public key", study=proposal.study, details=details, by=by)


# ---- the change and its undoing --------------------------------------------------------------------------------------


def take_back(*, study: Study, by: User) -> KeySet:
    """The key in place was a mistake: the one before it is in use again, with its batches. The other is retired, and
    can be put back in the same way."""
    _check_custodian(study, by)
    with transaction.atomic():
        study = _locked(study)
        key = _in_place(study)
        before = key_to_take_back(key)
        if before is None:
            raise Conflict("keys.nothing_to_take_back", days=UNDO_DAYS)
        return _exchange(key, before, "key.taken-back", {}, by)


def _succeed(old: KeySet, proposal: KeySet, agreed: Details, by: Actor) -> KeySet:
    _check_complete(proposal)
    proposal.expires_at = timezone.now() + timedelta(days=proposal.study.key_days)
    return _exchange(old, proposal, "key.replaced", agreed, by)


def _exchange(old: KeySet, new: KeySet, action: str, agreed: Details, by: Actor) -> KeySet:
    """``new`` in the place of ``old``, which keeps all that is needed to be put back."""
    study, now = old.study, timezone.now()
    Batch.objects.filter(key_set=old, state__in=Batch.LIVE).update(set_aside_from=F("state"))
    outdate_batches(study=study, reason="batches.key_replaced", by=by)
    study.key_sets.filter(state=KeySet.State.RETIRED).update(undo_until=None)
    old.state, old.retired_at = KeySet.State.RETIRED, now
    old.undo_until = now + timedelta(days=UNDO_DAYS) if old.relinearisation_id else None
    old.save(update_fields=["state", "retired_at", "undo_until"])
    new.state, new.retired_at, new.undo_until, new.replaces = KeySet.State.ACTIVE, None, None, old
    new.save(update_fields=["state", "retired_at", "undo_until", "replaces", "expires_at"])
    until = "" if old.undo_until is None else old.undo_until.isoformat()
    details: Details = {"fingerprint": old.fingerprint, "undo_until": until}
    record("key.retired", "public key", study=study, details=details, by=by)
    both: Details = {"old": old.fingerprint, "new": new.fingerprint, **agreed}
    record(action, "public key", study=study, details=both, by=by)
    _bring_back(new, by)
    return new


def _bring_back(key: KeySet, by: Actor) -> None:
    """Batches that were set aside when this key was. One that was being checked is sent to its check again."""
    dictionary = current_dictionary(key.study)
    rows = Batch.objects.filter(key_set=key, state=Batch.State.OUTDATED, dictionary=dictionary)
    for batch in rows.exclude(set_aside_from=""):
        admitted = batch.set_aside_from == Batch.State.ADMITTED
        move_batch(batch=batch, state=Batch.State.ADMITTED if admitted else Batch.State.UPLOADING, by=by)
    Batch.objects.filter(key_set=key).update(set_aside_from="")


def _check_complete(proposal: KeySet) -> None:
    if proposal.relinearisation_id is None:
        raise Conflict("keys.proposal_incomplete", fingerprint=proposal.fingerprint[:16])


def _check_custodian(study: Study, by: User) -> None:
    if not Membership.objects.filter(user=by, study=study, role=Role.CUSTODIAN).exists():
        raise Forbidden("keys.custodian_replaces")


def _locked(study: Study) -> Study:
    return Study.objects.select_for_update().get(pk=study.pk)


def _in_place(study: Study) -> KeySet:
    key = key_in_place(study)
    if key is None:
        raise Conflict("keys.none_in_place")
    return key
