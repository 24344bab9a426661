"""The audit log of a study held against a copy of the custodian's ledger: what both must tell alike."""

from collections.abc import Iterable, Mapping

from hospitals.custodian_ledger import Answer, LedgerCopy, Publication, Verdict
from hospitals.models import AuditEvent, Study
from hospitals.selectors.audit import audit_events


def differences(study: Study, ledger: LedgerCopy) -> list[str]:
    """What log and ledger tell differently: answers by request id, publications by release and digest."""
    return sorted(
        [
            *_of_answers(study, ledger),
            *_of_publications(study, ledger),
            *_of_shares(study, ledger.shares),
            *_of_verdicts(study, ledger.verdicts),
        ]
    )


def _is_told_by(event: AuditEvent, ledger: LedgerCopy) -> bool:
    """Whether the log says that this custodian did it; of several hospitals, the one that led then."""
    lead = (event.details.get("sharing"), event.details.get("lead"))
    return lead in ledger.seats if any(lead) else not ledger.seats


def _of_verdicts(study: Study, ledger: Mapping[str, Verdict]) -> Iterable[str]:
    """One hospital's own; the log has those of the others too. One that the server refused need not be in there."""
    actions = {"approve": "release.agent-approved", "reject": "release.agent-rejected"}
    events = audit_events(study).filter(action__in=actions.values())
    known = {(event.target, event.action, event.details.get("verdict_sha256")) for event in events}
    for digest, row in ledger.items():
        if row.taken and (row.release, actions.get(row.says), digest) not in known:
            yield f"{row.release}: the hospital's agent said {row.says}, the server's log does not know"


def _of_shares(study: Study, ledger: Mapping[str, Answer]) -> Iterable[str]:
    """A hospital that does not lead; the log may hold more of it than the last answer, never another last one."""
    events = audit_events(study).filter(action="request.share")
    known = {(event.target, event.details.get("share_sha256")) for event in events}
    for name, answer in ledger.items():
        if (name, answer.digest) not in known:
            yield f"{name}: the hospital answered it with its share, the server's log does not know those bytes"


def _of_answers(study: Study, ledger: LedgerCopy) -> Iterable[str]:
    server = {event.target: event for event in audit_events(study).filter(action="request.answered")}
    for name in ledger.answers:
        if name not in server:
            yield f"{name}: the custodian answered it, the server's log does not know"
    for name, event in server.items():
        if name in ledger.answers:
            yield from _compared(event, ledger.answers[name])
        elif _is_told_by(event, ledger):
            yield f"{name}: the server's log has an answer, the custodian gave none"


def _compared(event: AuditEvent, answer: Answer) -> Iterable[str]:
    """Events of before the digest was logged are compared by outcome alone."""
    if event.details.get("outcome") != answer.outcome:
        yield f"{event.target}: the server says {event.details.get('outcome')}, the custodian {answer.outcome}"
    if event.details.get("answer_sha256", answer.digest) != answer.digest:
        yield f"{event.target}: the server stored other bytes than the custodian answered"


def _of_publications(study: Study, ledger: LedgerCopy) -> Iterable[str]:
    """A publication that the server refused, such as of a release withdrawn meanwhile, need not be in its log."""
    events = audit_events(study).filter(action="release.published")
    server = {str(event.details.get("publication_sha256")): event for event in events}
    for digest, row in ledger.publications.items():
        if digest not in server and row.taken:
            yield f"{row.release}: the custodian published it, the server's log does not know"
    for digest, event in server.items():
        sent = ledger.publications.get(digest)
        if sent is None and _is_told_by(event, ledger):
            yield f"{event.target}: the server's log has a publication, the custodian sent none like it"
        elif sent is not None and not _alike(event, sent):
            yield f"{event.target}: the server's log names another release, job or signed digest than the ledger"


def _alike(event: AuditEvent, row: Publication) -> bool:
    told = (event.target, event.details.get("job"))
    return told == (row.release, row.job) and row.signed(str(event.details.get("digest")))
