"""Writing the audit log: one event per thing that somebody did, in the transaction that did it, chained by digests."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db import connection, transaction
from django.utils import timezone

from hospitals.audit.models import AuditEvent
from hospitals.institutions.models import Institution
from hospitals.people.models import ApiToken, User
from hospitals.studies.models import Study

FIRST_DIGEST = "0" * 64
_POSTGRES_LOCK = 0x48454665  # any fixed number: writers of the log take turns
Details = Mapping[str, str | int | float | bool | None | list[str] | dict[str, Any]]  # a dict: JSON of Said


@dataclass(frozen=True)
class System:
    """The server itself acts: a worker, a sweep, an answer that moved a job."""

    part: str


Actor = User | ApiToken | System


def actor_name(by: Actor) -> str:
    if isinstance(by, System):
        return f"system:{by.part}"
    if isinstance(by, ApiToken):
        return f"token:{by.pk}:{by.name}"
    return f"user:{by.pk}:{by.username}"


def record(
    action: str,
    target: object,
    *,
    study: Study | None = None,
    institution: Institution | None = None,
    details: Details | None = None,
    by: Actor,
) -> AuditEvent:
    """Append one event. Call it inside the transaction that does the thing."""
    if not transaction.get_connection().in_atomic_block:
        raise RuntimeError(f"cannot record {action}: no transaction is open; record it where the change is written")
    _take_turns()
    last = AuditEvent.objects.order_by("-number").first()
    event = AuditEvent(
        number=1 if last is None else last.number + 1,
        at=timezone.now(),
        actor=actor_name(by),
        action=action,
        target=str(target),
        study="" if study is None else study.slug,
        institution="" if institution is None else institution.slug,
        details=dict(details or {}),
        previous_digest=FIRST_DIGEST if last is None else last.digest,
    )
    event.digest = digest_of(event)
    event.save(force_insert=True)
    return event


def _take_turns() -> None:
    """Two writers must not continue from the same event. SQLite's IMMEDIATE transactions are alone anyway."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_POSTGRES_LOCK])


def digest_of(event: AuditEvent) -> str:
    """SHA-256 over the event's fields and the digest of the event before it."""
    fields = [
        event.number,
        event.at.isoformat(),
        event.actor,
        event.action,
        event.target,
        event.study,
        event.institution,
        event.details,
        event.previous_digest,
    ]
    text = json.dumps(fields, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return hashlib.sha256(text.encode("ascii")).hexdigest()
