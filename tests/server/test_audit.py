"""Everything that somebody did is told once, and a changed log shows."""

import pytest

from hospitals.audit.models import AuditEvent
from hospitals.audit.record import System, record
from hospitals.audit.selectors import audit_events, first_broken_event


def test_events_name_actor_study_and_target(north_admitted, study):
    told = [(event.action, event.target) for event in audit_events(study)]
    for expected in (
        ("study.created", "trial"),
        ("dictionary.published", "version 1"),
        ("key.active", "relinearisation key"),
        ("batch.announced", "batch-0001"),
        ("batch.checking", "batch-0001"),
        ("request.created", "request-0001"),
        ("request.answered", "request-0001"),
        ("batch.admitted", "batch-0001"),
    ):
        assert expected in told
    assert all(event.actor for event in audit_events())


def test_untouched_log_is_whole(north_admitted):
    assert first_broken_event() is None


def test_changed_event_breaks_the_chain_there(north_admitted):
    AuditEvent.objects.filter(number=4).update(details={"hospitals": "none"})
    assert first_broken_event() == 4


def test_removed_event_breaks_the_chain_there(north_admitted):
    AuditEvent.objects.filter(number=5).delete()
    assert first_broken_event() == 5


@pytest.mark.django_db(transaction=True)
def test_event_outside_a_transaction_is_refused():
    with pytest.raises(RuntimeError, match="no transaction"):
        record("something", "thing", by=System("tests"))
