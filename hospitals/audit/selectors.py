"""What is read of the audit log: pages, and the chain that a command verifies."""

import hashlib
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from django.db.models import QuerySet

from hefed.core.errors import BadInput
from hefed.core.words import Said, words
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


_FIRST = "0" * 64
_EARLIER_SEAT = re.compile(r"share (?P<place>\d) of .* sharing (?P<sharing>[0-9a-f]{64})")
_EARLIER_MANIFEST = re.compile(r"digest (?P<digest>[0-9a-f]{64});")


@dataclass(frozen=True)
class Answer:
    """What the custodian noted of an answer; ``digest``: SHA-256 of the envelope that it posted."""

    request: str
    outcome: str
    digest: str


@dataclass(frozen=True)
class Publication:
    """What the custodian noted of a release that it published; ``digest``: SHA-256 of the message that it posted.

    ``manifest``: the digest of what people signed. ``taken``: the server did not refuse it.
    """

    release: str
    job: str
    digest: str
    manifest: str
    taken: bool = True


@dataclass(frozen=True)
class Verdict:
    """That a person at the hospital approved or rejected a release there. ``taken``: the server did not refuse it."""

    release: str
    says: str
    taken: bool = True


@dataclass(frozen=True)
class LedgerCopy:
    """The last answer per request, and publications by the digest of what was posted.

    ``shares``: the last answer per request that the hospital gave with its share, while another led.
    ``seats``: which place in which sharing it has or had; none for a single custodian.
    ``verdicts``: what this hospital's agent said of releases, by the digest of what was said.
    """

    answers: dict[str, Answer]
    publications: dict[str, Publication]
    shares: dict[str, Answer]
    seats: set[tuple[str, int]] = field(default_factory=set)
    verdicts: dict[str, Verdict] = field(default_factory=dict)


def read_ledger(lines: Iterable[str]) -> LedgerCopy:
    """What a ledger tells whose chain holds; raises BadInput naming the first bad line."""
    found, previous = LedgerCopy({}, {}, {}), _FIRST
    for number, text in enumerate(lines, 1):
        fields = _fields(text, number)
        _check(fields, number, previous)
        previous = fields["hash"]
        _note(found, fields)
    return found


def _note(found: LedgerCopy, fields: dict[str, Any]) -> None:
    name = fields["request"]
    if fields["event"] == "answer":
        found.answers[name] = Answer(name, fields["outcome"], fields["answer_sha256"])
    elif fields["event"] == "share-answered":
        found.shares[name] = Answer(name, fields["outcome"], fields["answer_sha256"])
    elif fields["event"] == "share-taken":
        seat = _facts(fields["rule"], _EARLIER_SEAT)
        if seat:
            found.seats.add((str(seat["sharing"]), int(seat["place"])))
    elif fields["event"] == "release":
        digest = fields["answer_sha256"]
        manifest = str(_facts(fields["rule"], _EARLIER_MANIFEST).get("digest", ""))
        found.publications[digest] = Publication(name, fields["job"], digest, manifest)
    elif fields["event"] == "release-verdict":
        found.verdicts[fields["answer_sha256"]] = Verdict(name, fields["outcome"])
    elif fields["event"] == "verdict-refused":
        verdict = found.verdicts.get(fields["answer_sha256"])
        if verdict is not None:
            found.verdicts[fields["answer_sha256"]] = replace(verdict, taken=False)
    elif fields["event"] == "conflict":
        found.shares.pop(name, None)  # it came late: the others had opened, and the server logs no such bytes
        for digest, row in found.publications.items():
            if row.release == name:
                found.publications[digest] = replace(row, taken=False)


def _facts(rule: object, earlier: re.Pattern[str]) -> Mapping[str, Any]:
    """The facts of a line's rule; ``earlier`` finds them in the sentence that earlier versions wrote, and signed."""
    if isinstance(rule, dict):
        facts = rule.get("facts")
        return facts if isinstance(facts, dict) else {}
    found = earlier.match(str(rule))
    return found.groupdict() if found else {}


def _fields(text: str, number: int) -> dict[str, Any]:
    try:
        fields = json.loads(text)
    except json.JSONDecodeError as error:
        raise BadInput("audit.ledger_not_json", number=number) from error
    wanted = {"hash", "previous", "number", "event", "request", "job", "outcome", "answer_sha256", "rule"}
    if not isinstance(fields, dict) or not wanted <= set(fields):
        raise BadInput("audit.ledger_not_line", number=number)
    return fields


def _check(fields: dict[str, Any], number: int, previous: str) -> None:
    content = {name: value for name, value in fields.items() if name != "hash"}
    text = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    whole = hashlib.sha256(text.encode("ascii")).hexdigest() == fields["hash"]
    if not whole or fields["previous"] != previous or fields["number"] != number:
        raise BadInput("audit.ledger_broken", number=number)


def differences(study: Study, ledger: LedgerCopy) -> list[Said]:
    """What log and ledger tell differently: answers by request id, publications by release and digest."""
    return sorted(
        [
            *_of_answers(study, ledger),
            *_of_publications(study, ledger),
            *_of_shares(study, ledger.shares),
            *_of_verdicts(study, ledger.verdicts),
        ],
        key=words,
    )


def _is_told_by(event: AuditEvent, ledger: LedgerCopy) -> bool:
    """Whether the log says that this custodian did it; of several hospitals, the one that led then."""
    lead = (event.details.get("sharing"), event.details.get("lead"))
    return lead in ledger.seats if any(lead) else not ledger.seats


def _of_verdicts(study: Study, ledger: Mapping[str, Verdict]) -> Iterable[Said]:
    """One hospital's own; the log has those of the others too. One that the server refused need not be in there."""
    actions = {"approve": "release.agent-approved", "reject": "release.agent-rejected"}
    events = audit_events(study).filter(action__in=actions.values())
    known = {(event.target, event.action, event.details.get("verdict_sha256")) for event in events}
    for digest, row in ledger.items():
        if row.taken and (row.release, actions.get(row.says), digest) not in known:
            yield Said("audit.verdict_unknown", release=row.release, verdict=row.says)


def _of_shares(study: Study, ledger: Mapping[str, Answer]) -> Iterable[Said]:
    """A hospital that does not lead; the log may hold more of it than the last answer, never another last one."""
    events = audit_events(study).filter(action="request.share")
    known = {(event.target, event.details.get("share_sha256")) for event in events}
    for name, answer in ledger.items():
        if (name, answer.digest) not in known:
            yield Said("audit.share_unknown", request=name)


def _of_answers(study: Study, ledger: LedgerCopy) -> Iterable[Said]:
    server = {event.target: event for event in audit_events(study).filter(action="request.answered")}
    for name in ledger.answers:
        if name not in server:
            yield Said("audit.answer_unknown", request=name)
    for name, event in server.items():
        if name in ledger.answers:
            yield from _compared(event, ledger.answers[name])
        elif _is_told_by(event, ledger):
            yield Said("audit.answer_not_given", request=name)


def _compared(event: AuditEvent, answer: Answer) -> Iterable[Said]:
    """Events of before the digest was logged are compared by outcome alone."""
    outcome = str(event.details.get("outcome"))
    if outcome != answer.outcome:
        yield Said("audit.other_outcome", request=event.target, server=outcome, custodian=answer.outcome)
    if event.details.get("answer_sha256", answer.digest) != answer.digest:
        yield Said("audit.other_bytes", request=event.target)


def _of_publications(study: Study, ledger: LedgerCopy) -> Iterable[Said]:
    """A publication that the server refused, such as of a release withdrawn meanwhile, need not be in its log."""
    events = audit_events(study).filter(action="release.published")
    server = {str(event.details.get("publication_sha256")): event for event in events}
    for digest, row in ledger.publications.items():
        if digest not in server and row.taken:
            yield Said("audit.publication_unknown", release=row.release)
    for digest, event in server.items():
        sent = ledger.publications.get(digest)
        if sent is None and _is_told_by(event, ledger):
            yield Said("audit.publication_not_sent", release=event.target)
        elif sent is not None and not _alike(event, sent):
            yield Said("audit.other_release", release=event.target)


def _alike(event: AuditEvent, row: Publication) -> bool:
    told = (event.target, event.details.get("job"))
    return told == (row.release, row.job) and row.manifest == str(event.details.get("digest"))
