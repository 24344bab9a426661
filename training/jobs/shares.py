"""Answers of hospitals that hold shares, and hand-overs of the lead."""

import hashlib
from dataclasses import dataclass
from pathlib import Path

from django.db import transaction
from django.utils import timezone
from pydantic import ValidationError

from hefed.core.errors import BadInput, Conflict
from hefed.core.protocol.lead import HandOverInfo, HandOverNote, LeadStatement, Says, read_by, read_hand_over
from hefed.core.protocol.signing import PublicJwk
from hefed.core.protocol.threshold import PartialInfo, PartialNote, Seat, Sharing, Signed, verify
from hospitals.audit.record import Actor, Details, record
from hospitals.blobs.models import Blob
from hospitals.blobs.storage import discard, store_file
from hospitals.keys.models import KeySet
from hospitals.keys.selectors import Holding, SharedKey, shared_key
from hospitals.people.permissions import Forbidden, NotFound
from hospitals.studies.models import Study
from hospitals.studies.selectors import key_in_use
from training.jobs.models import CustodianRequest, HandOver, ShareAnswer


@dataclass(frozen=True)
class Hands:
    """Names of the hospitals that opened a request together; or, while it waits, who has answered and who has not, and
    whether those are there."""

    opened_by: list[str]
    wrong: list[str]
    answered: list[str]
    refusing: list[str]
    missing: list[Holding]
    lead: Holding
    shared: SharedKey


def hands_of(request: CustodianRequest | None, key: KeySet) -> Hands | None:
    """None for a request that one custodian opens."""
    shared = shared_key(key)
    if request is None or shared is None:
        return None
    names = {holding.holder.institution: holding.name for holding in shared.holdings}
    answers = {answer.point: answer for answer in request.share_answers.all()}
    others = [(holding, answers.get(holding.holder.place)) for holding in shared.holdings if not holding.leads]
    return Hands(
        opened_by=[names.get(slug, slug) for slug in request.opened_by],
        wrong=[names.get(slug, slug) for slug in request.wrong],
        answered=[holding.name for holding, answer in others if answer is not None and not answer.refused],
        refusing=[holding.name for holding, answer in others if answer is not None and answer.refused],
        missing=[holding for holding, answer in others if answer is None],
        lead=shared.lead,
        shared=shared,
    )


def key_set_of(request: CustodianRequest) -> KeySet:
    """The key that the request's ciphertexts are under."""
    round_ = request.round
    found = round_.job.key_set if round_.job is not None else None if round_.batch is None else round_.batch.key_set
    if found is None:
        raise Conflict("jobs.request_of_nothing", name=request.name)
    return found


def sharing_of(key: KeySet) -> Sharing:
    if key.sharing is None:
        raise Conflict("jobs.key_not_shared")
    return Sharing.model_validate(key.sharing)


def partial_infos(request: CustodianRequest) -> list[PartialInfo]:
    return [
        PartialInfo(
            point=answer.point,
            posted_at=answer.posted_at.isoformat(),
            bytes=answer.bytes,
            refused=answer.refused,
        )
        for answer in request.share_answers.all()
    ]


def share_body(request: CustodianRequest, point: int) -> Blob:
    """The signed bytes, while the request waits."""
    answer = request.share_answers.filter(point=point).select_related("body").first()
    if answer is None or answer.body is None:
        raise NotFound("jobs.no_share", point=point, name=request.name)
    return answer.body


@dataclass(frozen=True)
class Posted:
    """A body as it was posted, and the statement beside it; both may be of anybody who has a token."""

    statement: str
    says: Says
    target: str
    body_sha256: str
    payload_sha256: str = ""


def check_lead(key: KeySet | None, said: Posted) -> Details:
    """Who said it, for the audit log; nothing of a key that one custodian holds. Raises Forbidden."""
    if key is None:
        return {}
    if key.sharing is None:
        return _check_voice(key, said)
    sharing = Sharing.model_validate(key.sharing)
    seat = sharing.seats[(key.lead or 1) - 1]
    if not said.statement:
        raise Forbidden("jobs.lead_unsigned", lead=seat.card.name)
    if not check_seat(sharing, seat, said):
        raise Forbidden("jobs.lead_other", lead=seat.card.name)
    return {"lead": seat.point, "sharing": sharing.digest}


def _check_voice(key: KeySet, said: Posted) -> Details:
    """A key that came without a voice, from before there were any, answers with its token alone."""
    if key.voice is None or _said_by(PublicJwk.model_validate(key.voice), key.fingerprint, 1, said):
        return {}
    raise Forbidden("jobs.holder_unsigned", key=key.fingerprint[:16])


def check_seat(sharing: Sharing, seat: Seat, said: Posted) -> bool:
    """Whether the card of that seat signed exactly this."""
    return _said_by(seat.card.signing, sharing.digest, seat.point, said)


def _said_by(signer: PublicJwk, sharing: str, point: int, said: Posted) -> bool:
    expected = LeadStatement(
        sharing=sharing,
        point=point,
        says=said.says,
        target=said.target,
        payload_sha256=said.payload_sha256,
        body_sha256=said.body_sha256,
    )
    try:
        return read_by(said.statement, signer) == expected
    except BadInput:
        return False


def post_share(*, request: CustodianRequest, path: Path, by: Actor) -> ShareAnswer:
    """Keep a hospital's signed answer, in place of its earlier one, until the request is answered."""
    key = key_set_of(request)
    note = _read_share(path, request, sharing_of(key))
    blob = store_file(path)
    with transaction.atomic():
        current = CustodianRequest.objects.select_for_update().get(pk=request.pk)
        if current.state != CustodianRequest.State.WAITING:
            discard(blob)
            raise Conflict("jobs.request_closed", name=request.name, state=current.state)
        earlier = ShareAnswer.objects.filter(request=current, point=note.point).select_related("body").first()
        fields = {"refused": note.refused, "body": blob, "bytes": blob.bytes}
        found, _new = ShareAnswer.objects.update_or_create(request=current, point=note.point, defaults=fields)
        if earlier is not None and earlier.body_id != blob.pk:
            discard(earlier.body)
        seen(key, note.point)
        _record_share(current, note, blob.pk, by)
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


def _read_share(path: Path, request: CustodianRequest, sharing: Sharing) -> PartialNote:
    """A note that the hospital of its seat signed, for exactly this request."""
    try:
        signed = Signed.model_validate_json(path.read_bytes())
    except ValidationError as error:
        raise BadInput("jobs.share_unsigned") from error
    note = verify(signed, PartialNote)
    cards = {seat.point: seat.card.signing for seat in sharing.seats}
    if note.sharing != sharing.digest or cards.get(note.point) != signed.signer:
        raise BadInput("jobs.share_stranger")
    if (note.request, note.payload_sha256) != (request.name, request.payload_sha256):
        raise BadInput("jobs.share_other_request", name=request.name)
    return note


def _record_share(request: CustodianRequest, note: PartialNote, digest: str, by: Actor) -> None:
    details: Details = {"hospital": note.point, "refused": note.refused[:200], "share_sha256": digest}
    record("request.share", request.name, study=request.study, details=details, by=by)


def shared_key_of(study: Study) -> KeySet:
    """The key in use, if hospitals hold shares of it; else Conflict."""
    key = key_in_use(study)
    if key is None or key.sharing is None:
        raise Conflict("jobs.no_lead_to_move")
    return key


def hand_over_infos(study: Study) -> list[HandOverInfo]:
    key = key_in_use(study)
    rows = HandOver.objects.filter(key_set=key) if key is not None else ()
    return [HandOverInfo.model_validate({"note": row.note, "taken": row.taken_at is not None}) for row in rows]


def hand_over_by_digest(study: Study, digest: str) -> HandOver:
    found = HandOver.objects.filter(key_set=shared_key_of(study), digest=digest).select_related("body").first()
    if found is None:
        raise NotFound("jobs.no_hand_over", digest=digest[:16])
    return found


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
            raise Conflict("jobs.hand_over_old", number=note.number, newest=newest)
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
    said = Posted(statement, "taken", hand_over.digest, hashlib.sha256(b"").hexdigest())
    if not check_seat(sharing_of(hand_over.key_set), taker, said):
        raise Forbidden("jobs.hand_over_taker", name=taker.card.name)
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
        raise BadInput("jobs.hand_over_stranger")
    if (note.sealed_sha256, note.sealed_bytes, note.digest) != (sealed, path.stat().st_size - start, digest):
        raise BadInput("jobs.hand_over_torn")
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
