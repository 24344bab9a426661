"""Requests that wait for the key holders, as programs and pages read them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Q, QuerySet
from django.utils.translation import gettext as _

from hefed.core.learning.kinds.kind import RoundKind
from hefed.core.learning.kinds.table import KINDS
from hefed.core.protocol.requests import CohortPart, Request
from hospitals.institutions.selectors import HospitalMark
from hospitals.people.permissions import NotFound
from hospitals.studies.models import Study
from training.jobs.answers import Refusal, refusal_of
from training.jobs.models import CustodianNote, CustodianRequest, Job

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
        raise NotFound("jobs.no_request", name=name)
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


@dataclass(frozen=True)
class RequestLine:
    request: CustodianRequest
    cohort: list[tuple[HospitalMark | None, str, int]]
    patients: int


def request_lines(marks: Iterable[HospitalMark], requests: Iterable[CustodianRequest]) -> list[RequestLine]:
    by_slug = {mark.slug: mark for mark in marks}
    return [_request_line(request, by_slug) for request in requests]


def _request_line(request: CustodianRequest, marks: dict[str, HospitalMark]) -> RequestLine:
    rows: dict[str, int] = {}
    for part in map(CohortPart.model_validate, request.cohort):
        rows[part.institution] = rows.get(part.institution, 0) + part.rows
    cohort = [(marks.get(slug), slug, count) for slug, count in rows.items()]
    return RequestLine(request, cohort, sum(rows.values()))


_STOPPED = ("refused", "failed", "quarantined")


@dataclass(frozen=True)
class KindCount:
    """``leaves``: what an answer to this kind makes readable."""

    label: str
    leaves: str
    asked: int
    waiting: int
    answered: int
    refused: int


@dataclass(frozen=True)
class RuledLine:
    """A request with the rule that let it pass in words, or what stopped it."""

    line: RequestLine
    rule: str
    refusals: list[Refusal]


def counts_by_kind(study: Study) -> list[KindCount]:
    """Every kind of request, also those that were never asked."""
    refused = Q(outcome="refused")
    rows = (
        CustodianRequest.objects.filter(study=study)
        .order_by()
        .values("round__kind")
        .annotate(
            asked=Count("pk"),
            waiting=Count("pk", filter=Q(state="waiting")),
            answered=Count("pk", filter=Q(state="answered") & ~refused),
            refused=Count("pk", filter=refused),
        )
    )
    found = {row["round__kind"]: row for row in rows}
    return [_kind_count(kind, found.get(name, {})) for name, kind in KINDS.items()]


def _kind_count(kind: RoundKind, row: Mapping[str, Any]) -> KindCount:
    asked, waiting, answered, refused = (int(row.get(name, 0)) for name in ("asked", "waiting", "answered", "refused"))
    return KindCount(_(kind.words.label), _(kind.words.leaves), asked, waiting, answered, refused)


def with_rules(study: Study, lines: Iterable[RequestLine]) -> list[RuledLine]:
    return [RuledLine(line, _rule(study, line.request), _refusals(line.request)) for line in lines]


def refusals_of(job: Job) -> list[Refusal]:
    """Why the key holders refused a job's request, or could not fit; empty when they did neither."""
    request = CustodianRequest.objects.filter(round__job=job, outcome__in=("refused", "failed")).last()
    return [] if request is None else _refusals(request)


def custodian_note(study: Study) -> CustodianNote | None:
    """What the custodian's program wants known now, such as its daily limit."""
    return CustodianNote.objects.filter(study=study).exclude(text="").first()


def _refusals(request: CustodianRequest) -> list[Refusal]:
    if request.outcome not in _STOPPED:
        return []
    return [refusal_of(reason, request.outcome, request.code) for reason in request.reasons]


def _rule(study: Study, request: CustodianRequest) -> str:
    """What had to hold for this answer; empty while there is none and for what was stopped."""
    if request.outcome == "result":
        words = {"small": study.small_cell, "step": study.round_to}
        return _("Counts of 1 to %(small)s suppressed, others rounded to %(step)s") % words
    rules = {
        "admitted": _("Every check on its sums held"),
        "next": _("The policy allows this pool"),
        "sealed": _("Stays with the custodian until two people sign"),
    }
    return rules.get(request.outcome, "")
