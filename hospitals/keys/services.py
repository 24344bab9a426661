"""Public keys and who holds them: enrolled, published, confirmed, shared."""

from datetime import timedelta
from pathlib import Path

from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from pydantic import ValidationError

from hefed.core.ckks.keys import EvaluationKeys, PublicKeys
from hefed.core.ckks.params import profile as profile_of
from hefed.core.ckks.seal_stream import key_stream_limit_bytes
from hefed.core.errors import BadInput, Conflict, EnvelopeInvalid, KeyInvalid, WrongKey
from hefed.core.protocol import envelope
from hefed.core.protocol.envelope import Label
from hefed.core.protocol.lead import VOICE, Presence
from hefed.core.protocol.signing import PublicJwk
from hefed.core.protocol.threshold import Seat, Sharing, SharingNotice, Signed, verify
from hospitals.audit.record import Actor, Details, System, actor_name, record
from hospitals.batches.models import Batch
from hospitals.blobs.models import Blob
from hospitals.blobs.storage import open_blob, sha256_of, store_file
from hospitals.institutions.models import Institution
from hospitals.keys.custody import check_custody, check_sharing
from hospitals.keys.models import KeyConfirmation, KeyHolder, KeySet
from hospitals.keys.selectors import TYPED_DIGITS, confirmations_of, is_publisher, key_in_place
from hospitals.keys.succession import propose_key
from hospitals.people.models import ApiToken, Membership, Role, User
from hospitals.people.permissions import Forbidden, NotFound
from hospitals.studies.models import Study
from hospitals.studies.selectors import key_in_use


def publish_public_key(*, study: Study, path: Path, by: Actor) -> KeySet:
    """Accept a ``public-key`` envelope: the study's first key, or a proposal beside the one that it has."""
    fingerprint, voice = _check_public(study, path), _voice(path)
    known = KeySet.objects.filter(study=study, fingerprint=fingerprint).exclude(state=KeySet.State.RETIRED).first()
    if known is not None:
        return known
    blob = store_file(path)
    with transaction.atomic():
        study = Study.objects.select_for_update().get(pk=study.pk)
        if KeySet.objects.filter(fingerprint=fingerprint).exists():
            raise Conflict("keys.key_retired", fingerprint=fingerprint[:16])
        if key_in_place(study) is not None:
            return propose_key(study=study, fingerprint=fingerprint, public=blob, voice=voice, by=by)
        expires = timezone.now() + timedelta(days=study.key_days)
        key_set = KeySet.objects.create(
            study=study,
            fingerprint=fingerprint,
            public=blob,
            voice=voice,
            expires_at=expires,
            published_by=_person(by),
            published_with=by if isinstance(by, ApiToken) else None,
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
    """Accept a ``relinearisation-key`` envelope for a public key that is there; from now on batches may be encrypted
    under it, if it is not a proposal."""
    key_set = _key_of(study, path)
    _check_relinearisation(study, key_set, path)
    if key_set.relinearisation is not None:
        if sha256_of(path) != key_set.relinearisation_id:
            raise Conflict("keys.other_relinearisation", fingerprint=key_set.fingerprint[:16])
        return key_set
    blob = store_file(path)
    with transaction.atomic():
        details = {"fingerprint": key_set.fingerprint}
        if key_set.state == KeySet.State.PROPOSED:
            KeySet.objects.filter(pk=key_set.pk).update(relinearisation=blob)
            record("key.proposal-complete", "relinearisation key", study=study, details=details, by=by)
        else:
            KeySet.objects.filter(pk=key_set.pk, state=KeySet.State.INCOMPLETE).update(
                relinearisation=blob, state=KeySet.State.ACTIVE
            )
            record("key.active", "relinearisation key", study=study, details=details, by=by)
            trust_first_key(study=study)
    key_set.refresh_from_db()
    return key_set


def _key_of(study: Study, path: Path) -> KeySet:
    """The proposal that the envelope names, or else the key in place, which the envelope must be of."""
    with path.open("rb") as stream:
        named = envelope.read_header(stream).key_fingerprint
    key_set = study.key_sets.filter(fingerprint=named, state=KeySet.State.PROPOSED).first() or key_in_place(study)
    if key_set is None:
        raise Conflict("keys.no_public_key")
    return key_set


def public_key_blob(study: Study) -> Blob:
    key_set = key_in_place(study)
    if key_set is None:
        raise NotFound("keys.not_published")
    return key_set.public


def load_public(key_set: KeySet) -> PublicKeys:
    with open_blob(key_set.public) as stream:
        header = envelope.read_header(stream)
        (key,) = envelope.iterate(stream, header)
    return PublicKeys(profile_of(header.profile), key)


def _voice(path: Path) -> dict[str, str] | None:
    """Whose signature is asked for from then on, where one custodian holds the key; raises KeyInvalid."""
    with path.open("rb") as stream:
        found = envelope.read_header(stream).meta.get(VOICE)
    try:
        return None if found is None else PublicJwk.model_validate(found).model_dump()
    except ValidationError as error:
        raise KeyInvalid("keys.no_voice") from error


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


def take_notice(*, study: Study, signed: Signed, by: Actor) -> KeySet:
    """What one hospital signed of sharing and lead. The first is taken; later ones count when enough say the same."""
    notice = verify(signed, SharingNotice)
    signer = _signer(signed, notice.sharing)
    key = _key(study)
    _check(study, key, notice.sharing)
    with transaction.atomic():
        current = KeySet.objects.select_for_update().get(pk=key.pk)
        if current.sharing is None:
            _check_unused(current)
            return publish_sharing(study=study, notice=notice, by=by)
        _check_epoch(current, notice.sharing, _same(current, notice))
        _keep(current, notice, signer, by)
        if _naming(current, notice) >= int(current.sharing["threshold"]):
            return publish_sharing(study=study, notice=notice, by=by)
    return current


def _check_unused(key: KeySet) -> None:
    """Who holds shares is said before anything is encrypted: later, a token could name holders of its own."""
    if Batch.objects.filter(key_set=key).exists():
        raise Conflict("keys.shared_too_late", fingerprint=key.fingerprint[:16])


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
        raise BadInput("keys.clocks_differ", at=f"{presence.at:%H:%M:%S}", now=f"{now:%H:%M:%S}")
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
