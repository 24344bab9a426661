"""The address at which agents of hospitals that share a key say that they run."""

from ninja import Router, Status

from hefed.protocol.threshold import Signed
from hospitals.api import ApiRequest, custodian_only
from hospitals.services.presence import take_presence

router = Router(tags=["shared key"])


@router.put("custodian/presence", auth=custodian_only, response={204: None})
def put_presence(request: ApiRequest, body: Signed) -> Status[None]:
    """A signed ``Presence``, every half minute. An earlier one than the last is a conflict."""
    take_presence(study=request.auth.study, signed=body)
    return Status(204, None)
