"""The API that key holders speak: enrolment, keys, requests and answers, shares, hand-overs, presence."""

import contextlib
from collections.abc import Iterator
from pathlib import Path

from django.conf import settings
from django.http import FileResponse, HttpRequest
from ninja import Router, Status

from hefed.core.protocol.base import Digest
from hefed.core.protocol.lead import HEADER, MAX_HAND_OVER_BYTES, HandOverInfo
from hefed.core.protocol.requests import Enrolment, EnrolmentCodeText, Request, RotationEffect
from hefed.core.protocol.threshold import PartialInfo, Signed
from hefed.core.protocol.uploads import BatchStatus, KeyInfo
from hefed.front.api.encryptor import (
    ApiRequest,
    actor_of,
    batch_of,
    batch_status,
    body_of,
    custodian_only,
    encryptor_only,
    key_info,
    page,
)
from hospitals.blobs.storage import PIECE_BYTES, open_blob, temporary_file
from hospitals.keys.custody import exchange_code
from hospitals.keys.selectors import rotation_effect
from hospitals.keys.services import publish_public_key, publish_relinearisation_key, take_notice, take_presence
from hospitals.keys.succession import take_agreement
from hospitals.people.permissions import NotFound, TooLarge
from training.jobs.admission import complete_batch
from training.jobs.answers import accept_answer
from training.jobs.requests import request_by_name, request_message, requests_waiting
from training.jobs.shares import (
    drop_hand_over,
    hand_over_by_digest,
    hand_over_infos,
    keep_hand_over,
    partial_infos,
    post_share,
    share_body,
    shared_key_of,
)

router = Router(tags=["custodian"])


@router.post("batches/{name}/complete", auth=[encryptor_only, page], response=BatchStatus)
def post_complete(request: ApiRequest, name: str) -> BatchStatus:
    """Every block is stored: start the admission check."""
    return batch_status(complete_batch(batch=batch_of(request, name), by=actor_of(request)))


@router.post("custodian/enrol", auth=None, response=Enrolment)
def post_enrol(request: HttpRequest, body: EnrolmentCodeText) -> Enrolment:
    """Exchange a one-time code for the custodian's token. It works once and for minutes."""
    token, text = exchange_code(text=body.code)
    return Enrolment(token=text, study=token.study.slug, profile=token.study.profile, name=token.study.name)


@router.get("custodian/keys/rotation", auth=custodian_only, response=RotationEffect)
def get_rotation(request: ApiRequest) -> RotationEffect:
    """What replacing the key in use would do now; changes nothing."""
    return rotation_effect(request.auth.study)


@router.put("custodian/keys/public", auth=custodian_only, response=KeyInfo)
def put_public_key(request: ApiRequest) -> KeyInfo:
    """Publish a ``public-key`` envelope. For a study that has a key it is a proposal, which retires nothing."""
    study, by = request.auth.study, actor_of(request)
    with received(request, settings.HEFED_MAX_KEY_BYTES) as path:
        return key_info(publish_public_key(study=study, path=path, by=by))


@router.put("custodian/keys/relinearisation", auth=custodian_only, response=KeyInfo)
def put_relinearisation_key(request: ApiRequest) -> KeyInfo:
    """Publish the ``relinearisation-key`` envelope of the public key in use, or of one that was proposed."""
    with received(request, settings.HEFED_MAX_KEY_BYTES) as path:
        return key_info(publish_relinearisation_key(study=request.auth.study, path=path, by=actor_of(request)))


@router.get("custodian/requests", auth=custodian_only, response=list[Request])
def get_requests(request: ApiRequest) -> list[Request]:
    """What waits for the custodian, the oldest first."""
    return [request_message(row) for row in requests_waiting(request.auth.study)]


@router.get("custodian/requests/{name}/payload", auth=custodian_only)
def get_payload(request: ApiRequest, name: str) -> FileResponse:
    """The ``totals`` or ``scores`` envelope of a request that waits."""
    row = request_by_name(request.auth.study, name)
    if row.payload is None:
        raise NotFound("server.no_payload", name=name, state=row.state)
    return FileResponse(open_blob(row.payload), content_type="application/octet-stream")


@router.post("custodian/requests/{name}/answer", auth=custodian_only, response={204: None})
def post_answer(request: ApiRequest, name: str) -> Status[None]:
    """The ``answer`` envelope. The same answer twice is fine, another one is a conflict.

    Of several hospitals that hold the key only the lead may answer: header ``HEFed-Lead``, a ``LeadStatement`` as JWS.
    """
    row = request_by_name(request.auth.study, name)
    with received(request, settings.HEFED_MAX_ANSWER_BYTES) as path:
        accept_answer(request=row, path=path, statement=request.headers.get(HEADER, ""), by=actor_of(request))
    return Status(204, None)


@contextlib.contextmanager
def received(request: HttpRequest, limit_bytes: int) -> Iterator[Path]:
    """The body in a temporary file, copied in small pieces; raises TooLarge above the limit."""
    stream, length = body_of(request, limit_bytes + 1)
    with temporary_file() as path:
        with path.open("wb") as file:
            while file.tell() <= limit_bytes and (piece := stream.read(min(PIECE_BYTES, length - file.tell()))):
                file.write(piece)
            if file.tell() > limit_bytes or length > limit_bytes + 1:
                raise TooLarge("server.body_too_large", limit=limit_bytes)
        yield path


sharing_router = Router(tags=["shared key"])

MAX_SHARE_BYTES = 64 * 1024**2  # 100 ciphertexts of scores, sealed and signed, are 27 MB


@sharing_router.put("custodian/sharing", auth=custodian_only, response={204: None})
def put_sharing(request: ApiRequest, body: Signed) -> Status[None]:
    """A signed ``SharingNotice``: who holds shares of the key in use, how many open together, who leads.

    The first one counts at once. Later another lead or another sharing counts when as many hospitals say the same as
    open together.
    """
    take_notice(study=request.auth.study, signed=body, by=actor_of(request))
    return Status(204, None)


@sharing_router.put("custodian/keys/succession", auth=custodian_only, response={204: None})
def put_succession(request: ApiRequest, body: Signed) -> Status[None]:
    """A signed ``KeySuccession``: this hospital agrees that a proposed key takes the place of the one in use.

    It does so when as many hospitals of the sharing in use have signed as open together.
    """
    take_agreement(study=request.auth.study, signed=body, by=actor_of(request))
    return Status(204, None)


@sharing_router.put("custodian/requests/{name}/partial", auth=custodian_only, response={204: None})
def put_partial(request: ApiRequest, name: str) -> Status[None]:
    """A hospital's signed answer to a request that waits, in place of its earlier one."""
    row = request_by_name(request.auth.study, name)
    with received(request, MAX_SHARE_BYTES) as path:
        post_share(request=row, path=path, by=actor_of(request))
    return Status(204, None)


@sharing_router.get("custodian/requests/{name}/partials", auth=custodian_only, response=list[PartialInfo])
def get_partials(request: ApiRequest, name: str) -> list[PartialInfo]:
    """Which hospitals have answered, or said why not."""
    return partial_infos(request_by_name(request.auth.study, name))


@sharing_router.get("custodian/requests/{name}/partials/{int:point}", auth=custodian_only)
def get_partial(request: ApiRequest, name: str, point: int) -> FileResponse:
    """One hospital's signed answer; only the lead can open what is sealed in it."""
    body = share_body(request_by_name(request.auth.study, name), point)
    return FileResponse(open_blob(body), content_type="application/json")


@sharing_router.get("custodian/hand-overs", auth=custodian_only, response=list[HandOverInfo])
def get_hand_overs(request: ApiRequest) -> list[HandOverInfo]:
    """What leads of the key in use handed to the next, and whether it was taken."""
    return hand_over_infos(request.auth.study)


@sharing_router.put("custodian/hand-overs/{digest}", auth=custodian_only, response={204: None})
def put_hand_over(request: ApiRequest, digest: Digest) -> Status[None]:
    """A hand-over, sealed to the next lead and signed by the earlier one. The same again is fine."""
    key = shared_key_of(request.auth.study)
    with received(request, MAX_HAND_OVER_BYTES) as path:
        keep_hand_over(key=key, digest=digest, path=path, by=actor_of(request))
    return Status(204, None)


@sharing_router.get("custodian/hand-overs/{digest}", auth=custodian_only)
def get_hand_over(request: ApiRequest, digest: Digest) -> FileResponse:
    """The sealed hand-over, until it was taken."""
    found = hand_over_by_digest(request.auth.study, digest)
    if found.body is None:
        raise NotFound("server.hand_over_taken")
    return FileResponse(open_blob(found.body), content_type="application/octet-stream")


@sharing_router.delete("custodian/hand-overs/{digest}", auth=custodian_only, response={204: None})
def delete_hand_over(request: ApiRequest, digest: Digest) -> Status[None]:
    """The next lead has it; header ``HEFed-Lead`` with its statement."""
    found, statement = hand_over_by_digest(request.auth.study, digest), request.headers.get(HEADER, "")
    drop_hand_over(hand_over=found, statement=statement, by=actor_of(request))
    return Status(204, None)


presence_router = Router(tags=["shared key"])


@presence_router.put("custodian/presence", auth=custodian_only, response={204: None})
def put_presence(request: ApiRequest, body: Signed) -> Status[None]:
    """A signed ``Presence``, every half minute. An earlier one than the last is a conflict."""
    take_presence(study=request.auth.study, signed=body)
    return Status(204, None)
