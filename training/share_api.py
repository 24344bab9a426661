"""The API of hospitals that hold shares of one key: who they are, and their sealed answers on the way to the lead."""

from django.http import FileResponse
from django.utils.translation import gettext as _
from ninja import Router, Status

from hefed.protocol.lead import HEADER, MAX_HAND_OVER_BYTES, HandOverInfo
from hefed.protocol.messages import Digest
from hefed.protocol.threshold import PartialInfo, Signed
from hospitals.access import NotFound
from hospitals.api import ApiRequest, actor_of, custodian_only
from hospitals.blobs import open_blob
from hospitals.services.sharing import take_notice
from training.api import received
from training.selectors.hand_overs import hand_over_by_digest, hand_over_infos, shared_key_of
from training.selectors.requests import request_by_name
from training.selectors.shares import partial_infos, share_body
from training.services.hand_overs import drop_hand_over, keep_hand_over
from training.services.shares import post_share

router = Router(tags=["shared key"])

MAX_SHARE_BYTES = 64 * 1024**2  # 100 ciphertexts of scores, sealed and signed, are 27 MB


@router.put("custodian/sharing", auth=custodian_only, response={204: None})
def put_sharing(request: ApiRequest, body: Signed) -> Status[None]:
    """A signed ``SharingNotice``: who holds shares of the key in use, how many open together, who leads.

    The first one counts at once. Later another lead or another sharing counts when as many hospitals say the same as
    open together.
    """
    take_notice(study=request.auth.study, signed=body, by=actor_of(request))
    return Status(204, None)


@router.put("custodian/requests/{name}/partial", auth=custodian_only, response={204: None})
def put_partial(request: ApiRequest, name: str) -> Status[None]:
    """A hospital's signed answer to a request that waits, in place of its earlier one."""
    row = request_by_name(request.auth.study, name)
    with received(request, MAX_SHARE_BYTES) as path:
        post_share(request=row, path=path, by=actor_of(request))
    return Status(204, None)


@router.get("custodian/requests/{name}/partials", auth=custodian_only, response=list[PartialInfo])
def get_partials(request: ApiRequest, name: str) -> list[PartialInfo]:
    """Which hospitals have answered, or said why not."""
    return partial_infos(request_by_name(request.auth.study, name))


@router.get("custodian/requests/{name}/partials/{int:point}", auth=custodian_only)
def get_partial(request: ApiRequest, name: str, point: int) -> FileResponse:
    """One hospital's signed answer; only the lead can open what is sealed in it."""
    body = share_body(request_by_name(request.auth.study, name), point)
    return FileResponse(open_blob(body), content_type="application/json")


@router.get("custodian/hand-overs", auth=custodian_only, response=list[HandOverInfo])
def get_hand_overs(request: ApiRequest) -> list[HandOverInfo]:
    """What leads of the key in use handed to the next, and whether it was taken."""
    return hand_over_infos(request.auth.study)


@router.put("custodian/hand-overs/{digest}", auth=custodian_only, response={204: None})
def put_hand_over(request: ApiRequest, digest: Digest) -> Status[None]:
    """A hand-over, sealed to the next lead and signed by the earlier one. The same again is fine."""
    key = shared_key_of(request.auth.study)
    with received(request, MAX_HAND_OVER_BYTES) as path:
        keep_hand_over(key=key, digest=digest, path=path, by=actor_of(request))
    return Status(204, None)


@router.get("custodian/hand-overs/{digest}", auth=custodian_only)
def get_hand_over(request: ApiRequest, digest: Digest) -> FileResponse:
    """The sealed hand-over, until it was taken."""
    found = hand_over_by_digest(request.auth.study, digest)
    if found.body is None:
        raise NotFound(_("cannot send the hand-over: it was taken, and deleted here"))
    return FileResponse(open_blob(found.body), content_type="application/octet-stream")


@router.delete("custodian/hand-overs/{digest}", auth=custodian_only, response={204: None})
def delete_hand_over(request: ApiRequest, digest: Digest) -> Status[None]:
    """The next lead has it; header ``HEFed-Lead`` with its statement."""
    found, statement = hand_over_by_digest(request.auth.study, digest), request.headers.get(HEADER, "")
    drop_hand_over(hand_over=found, statement=statement, by=actor_of(request))
    return Status(204, None)
