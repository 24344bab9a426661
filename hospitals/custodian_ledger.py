"""Reading a copy of the custodian's ledger, to hold it against the server's audit log.

Written apart from the custodian's own program on purpose: one checker must not trust the other's writer.
"""

import hashlib
import json
import re
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Any

from hefed.errors import BadInput

_FIRST = "0" * 64
_SEAT = re.compile(r"share (?P<point>\d) of .* sharing (?P<sharing>[0-9a-f]{64})")


@dataclass(frozen=True)
class Answer:
    """What the custodian noted of an answer; ``digest``: SHA-256 of the envelope that it posted."""

    request: str
    outcome: str
    digest: str


@dataclass(frozen=True)
class Publication:
    """What the custodian noted of a release that it published; ``digest``: SHA-256 of the message that it posted.

    ``rule`` begins with the digest of the manifest that people signed. ``taken``: the server did not refuse it.
    """

    release: str
    job: str
    digest: str
    rule: str
    taken: bool = True

    def signed(self, manifest: str) -> bool:
        return self.rule.startswith(f"digest {manifest};")


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
        seat = _SEAT.match(fields["rule"])
        if seat is not None:
            found.seats.add((seat["sharing"], int(seat["point"])))
    elif fields["event"] == "release":
        digest = fields["answer_sha256"]
        found.publications[digest] = Publication(name, fields["job"], digest, fields["rule"])
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


def _fields(text: str, number: int) -> dict[str, Any]:
    try:
        fields = json.loads(text)
    except json.JSONDecodeError as error:
        raise BadInput(f"cannot use the ledger: line {number} is not JSON; ask the custodian for a new copy") from error
    wanted = {"hash", "previous", "number", "event", "request", "job", "outcome", "answer_sha256", "rule"}
    if not isinstance(fields, dict) or not wanted <= set(fields):
        raise BadInput(f"cannot use the ledger: line {number} is not a ledger line; ask the custodian for a new copy")
    return fields


def _check(fields: dict[str, Any], number: int, previous: str) -> None:
    content = {name: value for name, value in fields.items() if name != "hash"}
    text = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    whole = hashlib.sha256(text.encode("ascii")).hexdigest() == fields["hash"]
    if not whole or fields["previous"] != previous or fields["number"] != number:
        raise BadInput(f"cannot use the ledger: its chain breaks at line {number}; compare it with the custodian's own")
