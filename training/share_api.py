"""The API of hospitals that hold shares of one key: who they are, and their sealed answers on the way to the lead."""

from django.http import FileResponse
from ninja import Router, Status

from hefed.protocol.threshold import PartialInfo, Signed
from hospitals.api import ApiRequest, actor_of, custodian_only
from hospitals.blobs import open_blob
from hospitals.services.sharing import take_notice
from training.api import received
from training.selectors.requests import request_by_name
from training.selectors.shares import partial_infos, share_body
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
