"""The way of a hand-over from one lead of a shared key to the next. The server cannot read it, and forgets it then."""

import hashlib
from pathlib import Path

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from hefed.errors import BadInput, Conflict
from hefed.protocol.lead import HandOverNote, read_hand_over
from hefed.protocol.threshold import Sharing, verify
from hospitals.access import Forbidden
from hospitals.audit import Actor, Details, record
from hospitals.blobs import discard, store_file
from hospitals.models import KeySet
from training.models import HandOver
from training.selectors.shares import sharing_of
from training.services.lead import Said, check_seat


def keep_hand_over(*, key: KeySet, digest: str, path: Path, by: Actor) -> HandOver:
    """Keep it until the next lead took it, in place of an earlier one of the same hospital. The same again is fine."""
    note = _read(path, digest, sharing_of(key))
    with transaction.atomic():
        KeySet.objects.select_for_update().get(pk=key.pk)
        known = HandOver.objects.filter(key_set=key, digest=digest).first()
        if known is not None:
            return known
        earlier = list(HandOver.objects.filter(key_set=key, giver=note.giver).select_related("body"))
        newest = max((one.number for one in earlier), default=0)
        if note.number <= newest:
            raise Conflict(
                _("cannot keep the hand-over: it is number %(number)s, and number %(newest)s is known; send the newest")
                % {"number": note.number, "newest": newest}
            )
        for one in earlier:
            one.delete()
            discard(one.body)
        fields = {"giver": note.giver, "number": note.number, "note": note.model_dump(mode="json")}
        kept = HandOver.objects.create(key_set=key, digest=digest, body=store_file(path), **fields)
        _record("lead.handed", note, key, by)
    return kept


def drop_hand_over(*, hand_over: HandOver, statement: str, by: Actor) -> None:
    """The next lead has it: its card's key says so."""
    note = HandOverNote.model_validate(hand_over.note)
    taker = sharing_of(hand_over.key_set).seats[note.taker - 1]
    said = Said(statement, "taken", hand_over.digest, hashlib.sha256(b"").hexdigest())
    if not check_seat(sharing_of(hand_over.key_set), taker, said):
        raise Forbidden(
            _("cannot delete the hand-over: only %(name)s, for which it is, may say that it was taken")
            % {"name": taker.card.name}
        )
    with transaction.atomic():
        current = HandOver.objects.select_for_update().select_related("body").get(pk=hand_over.pk)
        if current.taken_at is not None:
            return
        body, current.body, current.taken_at = current.body, None, timezone.now()
        current.save(update_fields=["body", "taken_at"])
        discard(body)
        _record("lead.taken", note, hand_over.key_set, by)


def _read(path: Path, digest: str, sharing: Sharing) -> HandOverNote:
    """The note of a whole hand-over that the hospital of its seat signed, in the sharing in use."""
    with path.open("rb") as stream:
        signed = read_hand_over(stream)
        start = stream.tell()
        sealed = hashlib.file_digest(stream, "sha256").hexdigest()
    note = verify(signed, HandOverNote)
    cards = {seat.point: seat.card.signing for seat in sharing.seats}
    if note.sharing != sharing.digest or cards.get(note.giver) != signed.signer or note.taker not in cards:
        raise BadInput(
            _("cannot keep the hand-over: no hospital of the sharing in use signed it; take the share of that sharing")
        )
    if (note.sealed_sha256, note.sealed_bytes, note.digest) != (sealed, path.stat().st_size - start, digest):
        raise BadInput(_("cannot keep the hand-over: it is not whole, or another than announced; send it again"))
    return note


def _record(action: str, note: HandOverNote, key: KeySet, by: Actor) -> None:
    details: Details = {
        "from": note.giver,
        "to": note.taker,
        "number": note.number,
        "digest": note.digest,
        "sharing": note.sharing,
    }
    record(action, "lead of the shared key", study=key.study, details=details, by=by)
