"""Runs against the PostgreSQL server of DATABASE_URL, in its own process: what became of the audit log, as JSON."""

import json
import sys
import threading

import django

ATTACKS = {
    "update": "UPDATE hospitals_auditevent SET actor = 'nobody' WHERE number = 2",
    "update of no row": "UPDATE hospitals_auditevent SET actor = 'nobody' WHERE number = 99",
    "delete": "DELETE FROM hospitals_auditevent WHERE number = 2",
    "truncate": "TRUNCATE hospitals_auditevent",
}
WRITERS, EACH = 4, 10


def attacked() -> dict[str, str]:
    """What the database answers to each attack; empty for one that it let through."""
    from django.db import DatabaseError, connection, transaction

    answers = {}
    for name, sql in ATTACKS.items():
        try:
            with transaction.atomic(), connection.cursor() as cursor:
                cursor.execute(sql)
                answers[name] = ""
        except DatabaseError as error:
            answers[name] = str(error)
    return answers


def recorded(name: str, count: int) -> None:
    from django.db import connection, transaction

    from hospitals.audit.record import System, record

    for number in range(count):
        with transaction.atomic():
            record("test.event", f"{name} {number}", by=System("tests"))
    connection.close()


def at_once() -> None:
    """Several processes' worth of writers: the advisory lock must put them in a row."""
    threads = [threading.Thread(target=recorded, args=(f"writer {n}", EACH)) for n in range(WRITERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def forged() -> int | None:
    """Who administers the database drops the trigger; the chain tells which event was changed."""
    from django.db import connection

    from hospitals.audit.selectors import check_chain

    with connection.cursor() as cursor:
        cursor.execute("DROP TRIGGER audit_no_change ON hospitals_auditevent")
        cursor.execute(ATTACKS["update"])
    return check_chain().broken


def main() -> None:
    django.setup()
    from django.core.management import call_command
    from django.db import connection

    from hospitals.audit.models import AuditEvent
    from hospitals.audit.selectors import check_chain

    call_command("migrate", verbosity=0)
    recorded("first", 3)
    found: dict[str, object] = {"vendor": connection.vendor, "attacks": attacked()}
    at_once()
    found |= {"events": AuditEvent.objects.count(), "broken": check_chain().broken, "forged": forged()}
    json.dump(found, sys.stdout)


if __name__ == "__main__":
    main()
