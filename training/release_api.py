"""Releases in the API that the custodian speaks: what is asked for, what it reports, what it publishes."""

from ninja import Router, Status

from hefed.protocol.lead import HEADER, Says, sha256_of
from hefed.protocol.messages import CustodianNote
from hefed.protocol.releases import KeyOwner, Publication, ReleaseReport, ReleaseTask
from hospitals.api import ApiRequest, actor_of, custodian_only
from hospitals.audit import Details
from hospitals.models import KeySet
from hospitals.selectors.studies import key_in_use
from training.selectors.release_messages import approver_messages, release_tasks
from training.selectors.releases import release_by_name
from training.services.lead import Said, check_lead
from training.services.publication import publish_release, take_note, take_report

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
    return check_lead(key, Said(request.headers.get(HEADER, ""), says, target, sha256_of(request.body)))
