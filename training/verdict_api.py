"""Releases in the API that agents of a shared key speak: what waits for them, and what they say of it."""

from ninja import Router, Status

from hefed.protocol.releases import AgentPreview
from hefed.protocol.verdicts import SignedVerdict, VerdictTask
from hospitals.api import ApiRequest, actor_of, custodian_only
from training.selectors.release_agents import agent_preview, verdict_tasks
from training.selectors.releases import current_version, release_by_name
from training.services.verdicts import take_verdict

router = Router(tags=["releases"])


@router.get("custodian/verdicts", auth=custodian_only, response=list[VerdictTask])
def get_verdicts(request: ApiRequest) -> list[VerdictTask]:
    """Open releases that hospitals which hold shares must approve as well, the oldest first."""
    return verdict_tasks(request.auth.study)


@router.get("custodian/releases/{name}/previews/{int:point}", auth=custodian_only, response=AgentPreview)
def get_preview(request: ApiRequest, name: str, point: int) -> AgentPreview:
    """What would be published, as the lead sealed it to the card at that place; nobody else can open it."""
    found = agent_preview(current_version(release_by_name(request.auth.study, name)), point)
    return AgentPreview(sharing=found.sharing, point=found.place, jwe=found.jwe)


@router.put("custodian/releases/{name}/verdict", auth=custodian_only, response={204: None})
def put_verdict(request: ApiRequest, name: str, body: SignedVerdict) -> Status[None]:
    """A hospital approves or rejects, signed with its card's key. The same again is fine, another word a conflict."""
    release = release_by_name(request.auth.study, name)
    take_verdict(release=release, text=body.jws, by=actor_of(request))
    return Status(204, None)
