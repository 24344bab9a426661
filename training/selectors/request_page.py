"""What the custodian's page says of each request: which rule let it pass or stopped it, and how many of each kind."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Q
from django.utils.translation import gettext as _

from hefed.learning.kinds.kind import RoundKind
from hefed.learning.kinds.table import KINDS
from hospitals.models import Study
from training.models import CustodianNote, CustodianRequest, Job
from training.selectors.pages import RequestLine
from training.selectors.refusals import Refusal, refusal_of

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
    """Why the custodian refused a job's request; empty when it did not."""
    request = CustodianRequest.objects.filter(round__job=job, outcome="refused").last()
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
