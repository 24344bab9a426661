"""What waits for the custodian, and what it answered."""

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from hefed.protocol.messages import CohortPart, Request
from hospitals.access import NotFound
from hospitals.models import Study
from training.models import CustodianRequest

REQUESTS_PER_PAGE = 50  # of the page's list


def requests_of(study: Study) -> QuerySet[CustodianRequest]:
    """All requests of a study, the newest first."""
    rows = CustodianRequest.objects.filter(study=study)
    return rows.select_related("round", "round__job", "round__batch").order_by("-number")


def requests_waiting(study: Study) -> QuerySet[CustodianRequest]:
    """Requests that wait for the custodian, the oldest first."""
    return requests_of(study).filter(state=CustodianRequest.State.WAITING).order_by("number")


def request_by_name(study: Study, name: str) -> CustodianRequest:
    digits = name.removeprefix("request-")
    known = name.startswith("request-") and digits.isdecimal() and len(digits) < 10
    request = requests_of(study).filter(number=int(digits)).first() if known else None
    if request is None:
        raise NotFound(_("cannot find %(name)s: there is no such request in this study; check the id") % {"name": name})
    return request


def request_message(request: CustodianRequest) -> Request:
    """The request as the custodian reads it."""
    job = request.round.job
    return Request(
        request=request.name,
        kind=request.round.kind,
        study=request.study.slug,
        job="" if job is None else job.name,
        round=request.round.number,
        cohort=[CohortPart.model_validate(part) for part in request.cohort],
        train_cohort=[CohortPart.model_validate(part) for part in request.train_cohort],
        created_at=request.created_at.isoformat(),
        payload_bytes=request.payload_bytes,
        payload_sha256=request.payload_sha256,
    )
