"""Hospitals that hold shares of one key: who they are, who leads, who is there."""

from datetime import timedelta

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from hefed.core.errors import BadInput, Conflict, WrongKey
from hefed.core.protocol.presence import Presence
from hefed.core.protocol.threshold import Seat, Sharing, SharingNotice, Signed, verify
from hospitals.audit.record import Actor, Details, record
from hospitals.keys.custody import check_sharing
from hospitals.keys.models import KeyHolder, KeySet
from hospitals.people.access import Forbidden
from hospitals.studies.models import Study
from hospitals.studies.selectors import key_in_use


def take_notice(*, study: Study, signed: Signed, by: Actor) -> KeySet:
    """What one hospital signed of sharing and lead. The first is taken; later ones count when enough say the same."""
    notice = verify(signed, SharingNotice)
    signer = _signer(signed, notice.sharing)
    key = _key(study)
    _check(study, key, notice.sharing)
    with transaction.atomic():
        current = KeySet.objects.select_for_update().get(pk=key.pk)
        if current.sharing is None:
            return publish_sharing(study=study, notice=notice, by=by)
        _check_epoch(current, notice.sharing, _same(current, notice))
        _keep(current, notice, signer, by)
        if _naming(current, notice) >= int(current.sharing["threshold"]):
            return publish_sharing(study=study, notice=notice, by=by)
    return current


def publish_sharing(*, study: Study, notice: SharingNotice, by: Actor) -> KeySet:
    """Who holds shares of the key in use, and who leads. A later epoch replaces an earlier one; the same is fine."""
    key = _key(study)
    _check(study, key, notice.sharing)
    with transaction.atomic():
        current = KeySet.objects.select_for_update().get(pk=key.pk)
        same = _same(current, notice)
        if same and current.lead == notice.lead:
            return current
        _check_epoch(current, notice.sharing, same)
        current.sharing, current.lead = notice.sharing.model_dump(mode="json"), notice.lead
        current.save(update_fields=["sharing", "lead"])
        if not same:
            _seat(current, notice.sharing)
        _record(study, notice, by)
    return current


def _key(study: Study) -> KeySet:
    key = key_in_use(study)
    if key is None:
        raise Conflict("keys.no_key_to_share")
    return key


def _signer(signed: Signed, sharing: Sharing) -> Seat:
    """The seat of the card that signed; raises BadInput."""
    for seat in sharing.seats:
        if seat.card.signing == signed.signer:
            return seat
    raise BadInput("keys.not_of_the_sharing")


def _same(key: KeySet, notice: SharingNotice) -> bool:
    return bool(key.sharing == notice.sharing.model_dump(mode="json"))


def _keep(key: KeySet, notice: SharingNotice, signer: Seat, by: Actor) -> None:
    """One voice for each hospital of the sharing in use: what it said last."""
    holder = key.holders.filter(card=signer.card.fingerprint).first()
    if holder is None:
        raise Forbidden("keys.no_share_in_use", hospital=signer.card.name)
    said = notice.model_dump(mode="json")
    if holder.notice != said:
        holder.notice = said
        holder.save(update_fields=["notice"])
        lead = notice.sharing.seats[notice.lead - 1].card.institution
        details: Details = {"hospital": holder.place, "lead": lead, "sharing": notice.sharing.digest}
        record("key.lead-named", "shares of the key", study=key.study, details=details, by=by)


def _naming(key: KeySet, notice: SharingNotice) -> int:
    """How many hospitals say exactly this."""
    said = notice.model_dump(mode="json")
    return sum(holder.notice == said for holder in key.holders.all())


def _check(study: Study, key: KeySet, sharing: Sharing) -> None:
    found = (sharing.study, sharing.profile, sharing.key_fingerprint)
    if found != (study.slug, study.profile, key.fingerprint):
        raise WrongKey("keys.sharing_of_another_key", found=sharing.key_fingerprint[:16], wanted=key.fingerprint[:16])
    check_sharing(study, sharing)


def _check_epoch(key: KeySet, sharing: Sharing, same: bool) -> None:
    known = 0 if key.sharing is None else int(key.sharing["epoch"])
    if not same and sharing.epoch <= known:
        raise Conflict("keys.sharing_too_old", epoch=sharing.epoch, known=known)


def _seat(key: KeySet, sharing: Sharing) -> None:
    key.holders.all().delete()
    KeyHolder.objects.bulk_create(
        KeyHolder(
            key_set=key,
            place=seat.point,
            name=seat.card.name,
            institution=seat.card.institution,
            card=seat.card.fingerprint,
        )
        for seat in sharing.seats
    )


def _record(study: Study, notice: SharingNotice, by: Actor) -> None:
    sharing = notice.sharing
    details: Details = {
        "sharing": sharing.digest,
        "epoch": sharing.epoch,
        "threshold": sharing.threshold,
        "hospitals": ", ".join(seat.card.institution for seat in sharing.seats),
        "lead": notice.lead,
    }
    record("key.shared", "shares of the key", study=study, details=details, by=by)


CLOCKS_DIFFER = timedelta(minutes=5)  # a message that is older or newer is not taken


def take_presence(*, study: Study, signed: Signed) -> None:
    """Note that the hospital's agent runs. Of nobody's decision, so it leaves no line in the audit log."""
    presence = verify(signed, Presence)
    key = _check_seat(study, signed, presence)
    now = timezone.now()
    if abs(now - presence.at) > CLOCKS_DIFFER:
        raise BadInput("keys.clocks_differ", at=f"{presence.at:%H:%M:%S}", now=f"{now}")
    holder = KeyHolder.objects.filter(Q(said_at=None) | Q(said_at__lt=presence.at), key_set=key, place=presence.point)
    if not holder.update(said_at=presence.at, last_seen_at=now):
        raise Conflict("keys.later_sign_of_life")


def _check_seat(study: Study, signed: Signed, presence: Presence) -> KeySet:
    """The key that the signer holds a share of; raises BadInput."""
    key = key_in_use(study)
    if key is not None and key.sharing is not None:
        sharing = Sharing.model_validate(key.sharing)
        seated = any(seat.point == presence.point and seat.card.signing == signed.signer for seat in sharing.seats)
        if seated and sharing.digest == presence.sharing:
            return key
    raise BadInput("keys.sign_of_life_unsigned")
