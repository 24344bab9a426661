"""The audit log cannot be changed, a change by force shows, and it is held against the custodian's ledger."""

import csv
import io
import json
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, transaction

from hefed.custodian.keeping.ledger import Entry, Ledger
from hospitals import append_only
from hospitals.audit.models import AuditEvent
from hospitals.audit.record import System, digest_of, record
from hospitals.audit.selectors import Wanted, audit_page, wanted_events
from tests.pages.conftest import signed_in
from tests.pages.factory import World
from tests.words.raises import html, text

AUDIT = "/studies/icu-death/audit/"


@pytest.fixture
def armed(db: None):
    """The triggers that a migrated database has; tests run without, because they empty tables."""
    append_only.install(connection)
    yield
    append_only.remove(connection)


@pytest.mark.usefixtures("armed")
def test_database_refuses_to_change_or_remove_an_event(empty: World):
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        AuditEvent.objects.filter(number=3).update(actor="nobody")
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        AuditEvent.objects.filter(number=3).delete()
    record("something.new", "still works", by=System("tests"))


def test_administrator_who_changes_a_row_behind_the_triggers_is_found(empty: World):
    with connection.cursor() as cursor:
        cursor.execute("UPDATE hospitals_auditevent SET actor = 'user:1:somebody' WHERE number = 4")

    with pytest.raises(CommandError, match=text("audit.chain_broken", number=4)):
        call_command("audit", "verify")


def test_log_that_was_rewritten_as_a_whole_is_found_by_the_head_kept_elsewhere(empty: World, capsys):
    call_command("audit", "verify")
    head = capsys.readouterr().out.split()[-1]
    previous = "0" * 64
    for event in AuditEvent.objects.order_by("number"):
        event.previous_digest, event.actor = previous, "user:1:somebody"
        event.digest = previous = digest_of(event)
        event.save()

    call_command("audit", "verify")
    with pytest.raises(CommandError, match=text("audit.head_gone", head=head)):
        call_command("audit", "verify", head=head)


def answered(world: World, name: str, digest: str) -> None:
    details = {"outcome": "next", "answer_sha256": digest}
    record("request.answered", name, study=world.study, details=details, by=System("tests"))


@pytest.fixture
def ledger(tmp_path: Path) -> Path:
    """Written by the custodian's own program: two answers."""
    path = tmp_path / "ledger.jsonl"
    book = Ledger(path, b"k" * 32)
    book.append(Entry(event="started"))
    for number in (1, 2):
        book.append(Entry(event="request", request=f"request-000{number}"))
        book.append(
            Entry(event="answer", request=f"request-000{number}", outcome="next", answer_sha256=str(number) * 64)
        )
    return path


def verify(path: Path) -> None:
    call_command("audit", "verify", ledger=path, study="icu-death")


def test_log_and_ledger_that_tell_the_same_pass(empty: World, ledger: Path, capsys):
    answered(empty, "request-0001", "1" * 64)
    answered(empty, "request-0002", "2" * 64)

    verify(ledger)

    assert text("audit.same_as_ledger", answers=2, publications=0) in capsys.readouterr().out


def test_answer_that_only_one_side_knows_is_found(empty: World, ledger: Path):
    answered(empty, "request-0001", "1" * 64)
    answered(empty, "request-0003", "3" * 64)

    with pytest.raises(CommandError) as found:
        verify(ledger)

    assert text("audit.answer_unknown", request="request-0002") in str(found.value)
    assert text("audit.answer_not_given", request="request-0003") in str(found.value)


def test_answer_with_other_bytes_is_found(empty: World, ledger: Path):
    answered(empty, "request-0001", "1" * 64)
    answered(empty, "request-0002", "9" * 64)

    with pytest.raises(CommandError, match=text("audit.other_bytes", request="request-0002")):
        verify(ledger)


def test_changed_ledger_is_not_believed(empty: World, ledger: Path):
    ledger.write_text(ledger.read_text().replace("request-0002", "request-0009"))

    with pytest.raises(CommandError, match=text("audit.ledger_broken", number=4)):
        verify(ledger)


def test_filters_find_who_what_and_when(empty: World):
    assert {event.action for event in wanted_events(Wanted(what="role.granted"))} >= {"role.granted.auditor"}
    assert all("platform" in event.actor for event in wanted_events(Wanted(who="platform")))
    day = AuditEvent.objects.first().at.date()
    assert wanted_events(Wanted(first=day, last=day)).count() == AuditEvent.objects.count()
    assert not wanted_events(Wanted(last=day.replace(year=2000))).exists()


def test_page_reads_the_same_few_rows_of_a_long_log(empty: World, django_assert_num_queries):
    for number in range(120):
        record("test.event", f"event {number}", study=empty.study, by=System("tests"))

    with django_assert_num_queries(2):
        page = audit_page(Wanted(study="icu-death"), None)

    assert len(page.events) == 50
    older = audit_page(Wanted(study="icu-death"), page.older)
    assert older.events[0].number == page.events[-1].number - 1
    assert page.broken is older.broken is None


def test_page_keeps_its_filters_and_shows_a_broken_event(empty: World):
    client = signed_in(empty, "auditor")
    AuditEvent.objects.filter(action="role.granted.auditor").update(actor="nobody")

    page = client.get(AUDIT, {"what": "role.granted"}).content.decode()

    assert "role.granted.custodian" in page
    assert "study.created" not in page
    assert "The chain is broken at event" in page
    assert "export.csv?what=role.granted" in page
    assert client.get(AUDIT, {"first": "not a date"}).status_code == 200


def test_export_as_json_can_be_checked_and_as_csv_runs_no_formula(empty: World):
    record("test.event", "=HYPERLINK(1)", study=empty.study, by=System("tests"))
    client = signed_in(empty, "auditor")

    lines = [json.loads(line) for line in b"".join(client.get(f"{AUDIT}export.json").streaming_content).splitlines()]
    rows = list(csv.DictReader(io.StringIO(b"".join(client.get(f"{AUDIT}export.csv").streaming_content).decode())))

    assert lines[-1]["target"] == "=HYPERLINK(1)"
    assert lines[-1]["digest"] == AuditEvent.objects.last().digest
    assert rows[-1]["target"] == "'=HYPERLINK(1)"
    assert len(rows) == len(lines) == AuditEvent.objects.filter(study="icu-death").count()
    assert client.get(f"{AUDIT}export.xlsx").status_code == 404


def test_check_page_walks_the_whole_log(empty: World):
    client = signed_in(empty, "auditor")
    assert f"All {AuditEvent.objects.count()} events fit" in client.get(f"{AUDIT}check/").content.decode()

    AuditEvent.objects.filter(number=2).update(actor="nobody")

    assert "broken at event 2" in client.get(f"{AUDIT}check/").content.decode()


def test_platform_administrator_sees_events_of_no_study(empty: World):
    page = signed_in(empty, "platform_administrator").get("/audit/", {"what": "institution.approved"}).content.decode()

    assert page.count('<code class="small">institution.approved</code>') == 3
    assert page.count(html("events.institution_approved")[1:]) == 3
