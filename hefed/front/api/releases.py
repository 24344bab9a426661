"""The API of releases: what key holders see, report and publish, and the verdicts of hospitals' agents."""

from ninja import Router, Status

from hefed.core.protocol.lead import HEADER, Says, sha256_of
from hefed.core.protocol.releases import AgentPreview, KeyOwner, Publication, ReleaseReport, ReleaseTask
from hefed.core.protocol.requests import CustodianNote
from hefed.core.protocol.verdicts import SignedVerdict, VerdictTask
from hefed.front.api.encryptor import ApiRequest, actor_of, custodian_only
from hospitals.audit.record import Details
from hospitals.keys.models import KeySet
from hospitals.studies.selectors import key_in_use
from training.jobs.shares import Posted, check_lead
from training.releases.publication import publish_release, take_note, take_report, take_verdict
from training.releases.selectors import (
    agent_preview,
    approver_messages,
    current_version,
    release_by_name,
    release_tasks,
    verdict_tasks,
)

router = Router(tags=["releases"])


@router.get("custodian/releases", auth=custodian_only, response=list[ReleaseTask])
def get_releases(request: ApiRequest) -> list[ReleaseTask]:
    """Releases that were asked for and wait, the oldest first."""
    return release_tasks(request.auth.study)


@router.post("custodian/releases/{name}/report", auth=custodian_only, response={204: None})
def post_report(request: ApiRequest, name: str, body: ReleaseReport) -> Status[None]:
    """Encrypted previews, keys that nobody vouched for, and why it cannot be published yet."""
    release = release_by_name(request.auth.study, name)
    _check_lead(request, release.job.key_set, "report", name)
    take_report(release=release, report=body, by=actor_of(request))
    return Status(204, None)


@router.post("custodian/releases/{name}/publication", auth=custodian_only, response={204: None})
def post_publication(request: ApiRequest, name: str, body: Publication) -> Status[None]:
    """The items in clear with their salts. The same again is fine, another digest is a conflict."""
    release = release_by_name(request.auth.study, name)
    lead = _check_lead(request, release.job.key_set, "publication", name)
    publish_release(release=release, publication=body, lead=lead, by=actor_of(request))
    return Status(204, None)


@router.get("custodian/approvers", auth=custodian_only, response=list[KeyOwner])
def get_approvers(request: ApiRequest) -> list[KeyOwner]:
    """Keys of those who may sign; a person at the custodian compares each fingerprint with its owner."""
    return approver_messages(request.auth.study)


@router.post("custodian/note", auth=custodian_only, response={204: None})
def post_note(request: ApiRequest, body: CustodianNote) -> Status[None]:
    """What people should know now; an empty text clears it."""
    _check_lead(request, key_in_use(request.auth.study), "note", "")
    take_note(study=request.auth.study, note=body, by=actor_of(request))
    return Status(204, None)


def _check_lead(request: ApiRequest, key: KeySet | None, says: Says, target: str) -> Details:
    """Raises Forbidden where several hospitals hold the key and another than their lead posts this."""
    return check_lead(key, Posted(request.headers.get(HEADER, ""), says, target, sha256_of(request.body)))


verdict_router = Router(tags=["releases"])


@verdict_router.get("custodian/verdicts", auth=custodian_only, response=list[VerdictTask])
def get_verdicts(request: ApiRequest) -> list[VerdictTask]:
    """Open releases that hospitals which hold shares must approve as well, the oldest first."""
    return verdict_tasks(request.auth.study)


@verdict_router.get("custodian/releases/{name}/previews/{int:point}", auth=custodian_only, response=AgentPreview)
def get_preview(request: ApiRequest, name: str, point: int) -> AgentPreview:
    """What would be published, as the lead sealed it to the card at that place; nobody else can open it."""
    found = agent_preview(current_version(release_by_name(request.auth.study, name)), point)
    return AgentPreview(sharing=found.sharing, point=found.place, jwe=found.jwe)


@verdict_router.put("custodian/releases/{name}/verdict", auth=custodian_only, response={204: None})
def put_verdict(request: ApiRequest, name: str, body: SignedVerdict) -> Status[None]:
    """A hospital approves or rejects, signed with its card's key. The same again is fine, another word a conflict."""
    release = release_by_name(request.auth.study, name)
    take_verdict(release=release, text=body.jws, by=actor_of(request))
    return Status(204, None)
