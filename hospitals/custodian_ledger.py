"""Reading a copy of the custodian's ledger, to hold it against the server's audit log.

Written apart from the custodian's own program on purpose: one checker must not trust the other's writer.
"""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from hefed.errors import BadInput

_FIRST = "0" * 64


@dataclass(frozen=True)
class Answer:
    """What the custodian noted of an answer; ``digest``: SHA-256 of the envelope that it posted."""

    request: str
    outcome: str
    digest: str


def answers_of(lines: Iterable[str]) -> dict[str, Answer]:
    """The last answer per request of a ledger whose chain holds; raises BadInput naming the first bad line."""
    found, previous = {}, _FIRST
    for number, text in enumerate(lines, 1):
        fields = _fields(text, number)
        _check(fields, number, previous)
        previous = fields["hash"]
        if fields["event"] == "answer":
            answer = Answer(fields["request"], fields["outcome"], fields["answer_sha256"])
            found[answer.request] = answer
    return found


def _fields(text: str, number: int) -> dict[str, Any]:
    try:
        fields = json.loads(text)
    except json.JSONDecodeError as error:
        raise BadInput(f"cannot use the ledger: line {number} is not JSON; ask the custodian for a new copy") from error
    wanted = {"hash", "previous", "number", "event", "request", "outcome", "answer_sha256"}
    if not isinstance(fields, dict) or not wanted <= set(fields):
        raise BadInput(f"cannot use the ledger: line {number} is not a ledger line; ask the custodian for a new copy")
    return fields


def _check(fields: dict[str, Any], number: int, previous: str) -> None:
    content = {name: value for name, value in fields.items() if name != "hash"}
    text = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    whole = hashlib.sha256(text.encode("ascii")).hexdigest() == fields["hash"]
    if not whole or fields["previous"] != previous or fields["number"] != number:
        raise BadInput(f"cannot use the ledger: its chain breaks at line {number}; compare it with the custodian's own")
