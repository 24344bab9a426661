"""Reading the audit log, and proving that nobody changed it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import QuerySet

from hospitals.audit.models import AuditEvent
from hospitals.audit.record import FIRST_DIGEST, digest_of
from hospitals.institutions.models import Institution
from hospitals.studies.models import Study

EVENTS_PER_PAGE = 50


@dataclass(frozen=True)
class Wanted:
    """Which events somebody asks for; empty fields ask for all. ``study`` is a short name."""

    study: str = ""
    who: str = ""
    what: str = ""
    first: date | None = None
    last: date | None = None


@dataclass(frozen=True)
class Page:
    """The newest events before a number; ``broken``: the first of them that does not fit its neighbours."""

    events: Sequence[AuditEvent]
    older: int | None
    broken: int | None


@dataclass(frozen=True)
class ChainCheck:
    """``broken``: number of the first event that does not fit; the head is worth keeping elsewhere."""

    events: int
    head: str
    broken: int | None


def audit_events(study: Study | None = None) -> QuerySet[AuditEvent]:
    """Events (of one study), the newest first."""
    return wanted_events(Wanted(study="" if study is None else study.slug))


def institution_events(institution: Institution) -> QuerySet[AuditEvent]:
    """What was decided about an institution and who got a role for it, the newest first."""
    events = AuditEvent.objects.filter(institution=institution.slug)
    return events.filter(action__regex=r"^(institution|role|invitation|token)\.").order_by("-number")[:30]


def wanted_events(wanted: Wanted) -> QuerySet[AuditEvent]:
    filters = {
        "study": wanted.study,
        "actor__icontains": wanted.who,
        "action__icontains": wanted.what,
        "at__date__gte": wanted.first,
        "at__date__lte": wanted.last,
    }
    return AuditEvent.objects.filter(**{name: value for name, value in filters.items() if value}).order_by("-number")


def audit_page(wanted: Wanted, before: int | None) -> Page:
    """Reads one page's rows and their neighbours, however long the log is."""
    events = wanted_events(wanted)
    rows = list((events if before is None else events.filter(number__lt=before))[: EVENTS_PER_PAGE + 1])
    shown = rows[:EVENTS_PER_PAGE]
    older = shown[-1].number if len(rows) > EVENTS_PER_PAGE else None
    return Page(shown, older, _broken_among(shown))


def _broken_among(events: Sequence[AuditEvent]) -> int | None:
    """Each event against its own digest, the one that the next event carries, and that of the one before."""
    numbers = {event.number + step for event in events for step in (-1, 1)}
    rows = AuditEvent.objects.filter(number__in=numbers).values_list("number", "previous_digest", "digest")
    near = {number: (previous, digest) for number, previous, digest in rows}
    return min((event.number for event in events if not _fits(event, near)), default=None)


def _fits(event: AuditEvent, near: Mapping[int, tuple[str, str]]) -> bool:
    before = FIRST_DIGEST if event.number == 1 else near.get(event.number - 1, ("", ""))[1]
    after = near.get(event.number + 1, (event.digest, ""))[0]
    return event.digest == digest_of(event) == after and event.previous_digest == before


def check_chain() -> ChainCheck:
    """Walks the whole log."""
    number, previous = 0, FIRST_DIGEST
    for event in AuditEvent.objects.order_by("number").iterator():
        if event.number != number + 1 or event.previous_digest != previous or event.digest != digest_of(event):
            return ChainCheck(number, previous, number + 1)
        number, previous = event.number, event.digest
    return ChainCheck(number, previous, None)


def first_broken_event() -> int | None:
    """The number of the first event that does not fit the one before it; None while the chain is whole."""
    return check_chain().broken
