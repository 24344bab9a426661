"""Reading the audit log, and proving that nobody changed it."""

from django.db.models import QuerySet

from hospitals.audit import FIRST_DIGEST, digest_of
from hospitals.models import AuditEvent, Study


def audit_events(study: Study | None = None) -> QuerySet[AuditEvent]:
    """Events (of one study), the newest first."""
    events = AuditEvent.objects.order_by("-number")
    return events if study is None else events.filter(study=study.slug)


def first_broken_event() -> int | None:
    """The number of the first event that does not fit the one before it; None while the chain is whole."""
    expected_number, previous = 1, FIRST_DIGEST
    for event in AuditEvent.objects.order_by("number").iterator():
        if event.number != expected_number or event.previous_digest != previous or event.digest != digest_of(event):
            return expected_number
        expected_number, previous = expected_number + 1, event.digest
    return None
