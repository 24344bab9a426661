"""The API that the custodian speaks, and the end of an upload, which starts a computation."""

import contextlib
from collections.abc import Iterator
from pathlib import Path

from django.conf import settings
from django.http import FileResponse, HttpRequest
from ninja import Router, Status

from hefed.protocol.lead import HEADER
from hefed.protocol.messages import BatchStatus, Enrolment, EnrolmentCodeText, KeyInfo, Request, RotationEffect
from hospitals.access import NotFound, TooLarge
from hospitals.api import (
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
from hospitals.blobs import PIECE_BYTES, open_blob, temporary_file
from hospitals.selectors.keys import rotation_effect
from hospitals.services.enrolment import exchange_code
from hospitals.services.keys import publish_public_key, publish_relinearisation_key
from training.selectors.requests import request_by_name, request_message, requests_waiting
from training.services.answers import accept_answer
from training.services.batches import complete_batch

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
def put_public_key(request: ApiRequest, replaces: str = "") -> KeyInfo:
    """Publish a ``public-key`` envelope. ``replaces``: the key in use, whose batches may become outdated."""
    study, by = request.auth.study, actor_of(request)
    with received(request, settings.HEFED_MAX_KEY_BYTES) as path:
        return key_info(publish_public_key(study=study, path=path, replaces=replaces, by=by))


@router.put("custodian/keys/relinearisation", auth=custodian_only, response=KeyInfo)
def put_relinearisation_key(request: ApiRequest) -> KeyInfo:
    """Publish the ``relinearisation-key`` envelope of the public key in use."""
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
        raise NotFound(f"cannot send the payload of {name}: the request is {row.state}; ask for the list again")
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
                raise TooLarge(
                    f"cannot take the body: it has more than {limit_bytes} bytes; send what this address takes"
                )
        yield path
