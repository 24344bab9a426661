"""What hospitals that hold shares post to a request, on its way to the lead. The server cannot read it."""

from pathlib import Path

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from pydantic import ValidationError

from hefed.errors import BadInput, Conflict
from hefed.protocol.threshold import PartialNote, Sharing, Signed, verify
from hospitals.audit import Actor, Details, record
from hospitals.blobs import discard, store_file
from hospitals.models import KeySet
from training.models import CustodianRequest, ShareAnswer
from training.selectors.shares import key_set_of, sharing_of


def post_share(*, request: CustodianRequest, path: Path, by: Actor) -> ShareAnswer:
    """Keep a hospital's signed answer, in place of its earlier one, until the request is answered."""
    key = key_set_of(request)
    note = _read(path, request, sharing_of(key))
    blob = store_file(path)
    with transaction.atomic():
        current = CustodianRequest.objects.select_for_update().get(pk=request.pk)
        if current.state != CustodianRequest.State.WAITING:
            discard(blob)
            raise Conflict(
                _("cannot answer %(name)s: it is %(state)s; drop this answer")
                % {"name": request.name, "state": current.state}
            )
        earlier = ShareAnswer.objects.filter(request=current, point=note.point).select_related("body").first()
        fields = {"refused": note.refused, "body": blob, "bytes": blob.bytes}
        found, _new = ShareAnswer.objects.update_or_create(request=current, point=note.point, defaults=fields)
        if earlier is not None and earlier.body_id != blob.pk:
            discard(earlier.body)
        seen(key, note.point)
        _record(current, note, blob.pk, by)
    return found


def seen(key: KeySet, point: int) -> None:
    """The Keys page shows when each hospital answered last."""
    key.holders.filter(place=point).update(last_answer_at=timezone.now())


def drop_shares(request: CustodianRequest) -> None:
    """The request is closed: what was sealed to the lead is of no more use."""
    bodies = [answer.body for answer in request.share_answers.exclude(body=None).select_related("body")]
    request.share_answers.update(body=None)
    for body in bodies:
        discard(body)


def _read(path: Path, request: CustodianRequest, sharing: Sharing) -> PartialNote:
    """A note that the hospital of its seat signed, for exactly this request."""
    try:
        signed = Signed.model_validate_json(path.read_bytes())
    except ValidationError as error:
        raise BadInput(_("cannot use the answer: it is no signed message; update the custodian")) from error
    note = verify(signed, PartialNote)
    cards = {seat.point: seat.card.signing for seat in sharing.seats}
    if note.sharing != sharing.digest or cards.get(note.point) != signed.signer:
        raise BadInput(
            _("cannot use the answer: no hospital of the sharing in use signed it; take the share of that sharing")
        )
    if (note.request, note.payload_sha256) != (request.name, request.payload_sha256):
        raise BadInput(
            _("cannot use the answer to %(name)s: it was made for another request; answer the one that waits")
            % {"name": request.name}
        )
    return note


def _record(request: CustodianRequest, note: PartialNote, digest: str, by: Actor) -> None:
    details: Details = {"hospital": note.point, "refused": note.refused[:200], "share_sha256": digest}
    record("request.share", request.name, study=request.study, details=details, by=by)
