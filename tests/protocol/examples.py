"""One good example of every message between the parties, in clear JSON types, as a careful sender would write it."""

import base64
from collections.abc import Iterator
from importlib import import_module
from pkgutil import iter_modules
from typing import Any

import hefed.core.protocol
from hefed.core.protocol.base import Message
from tests.protocol.people import (
    DIGEST,
    OTHER,
    agent,
    hand_over_note,
    lead_statement,
    presence,
    seats,
    sharing,
    verdict,
)

Fields = dict[str, Any]
COMPACT = "eyJhbGciOiJFUzI1NiJ9.e30.c2ln"
_JWK = agent().card.signing.model_dump()
_APPROVER = agent().approver.model_dump()
_OWNER = {"key": _APPROVER, "name": "Kim", "email": "kim@example.org", "institution": "north"}
_INTERCEPT = {"estimate": -1.5, "standard_error": 0.25}
_COEFFICIENT = {"estimate": 0.5, "standard_error": 0.125, "odds_ratio": 1.649, "ci95": [1.29, 2.107]}
_NATURAL = {"intercept": _INTERCEPT, "coefficients": {"age": _COEFFICIENT}}
_MODEL = {"rounds": 7, "intercept": _INTERCEPT, "coefficients": {"age": _COEFFICIENT}, "natural": _NATURAL}
_METRICS = {
    "n": 400,
    "events": 80,
    "auroc": 0.75,
    "auroc_ci95": [0.7, 0.8],
    "auprc": 0.5,
    "prevalence": 0.2,
    "brier": 0.125,
    "calibration_slope": 1.0,
    "calibration_intercept": 0.0,
    "suppressed": "",
}
_BIN = {"predicted": 0.25, "observed": 0.2, "ci95": [0.1, 0.3], "n": 40, "events": 8}
_CURVES = {
    "roc": [[0.0, 0.0], [1.0, 1.0]],
    "precision_recall": [[0.5, 0.5]],
    "calibration": [_BIN],
    "suppressed": "",
}
_VARIABLE = {"column": "age", "mean": 61.5, "sd": 10.0, "count": None, "suppressed": ""}
_TABLE_ONE = {"n": 400, "events": 80, "variables": [_VARIABLE], "suppressed": ""}
_RESULT = {
    "model": _MODEL,
    "metrics": {"pooled": _METRICS},
    "curves": {"pooled": _CURVES},
    "table_one": {"pooled": _TABLE_ONE},
    "warnings": [],
}
_COMMITMENT = {"item": "metrics", "sha256": DIGEST}
_SEALED = {"items": [_COMMITMENT]}
_OPENED = {"item": "metrics", "salt": "0f" * 32, "text": '{"auroc":0.75}'}
_SIGMOID = {"degree": 15, "centre": -1.0, "half_width": 6.0, "mean": -1.25, "sd": 1.5}
_PROGRESS = {"criterion": 0.5, "repeated": False}
_NEXT = {"kind": "gradient", "sigmoid": _SIGMOID}
_REPLACED = {"batch": "batch-0000", "added": 20, "removed": 8}
_PART = {"batch": "batch-0001", "institution": "north", "rows": 400, "replaced": [_REPLACED], "counted": True}
_PART |= {"held_out": 80}
_SHARE_OF_BATCHES = {"institution": "north", "name": "North", "batches": 2, "patients": 800}
_HOLDOUT = {"salt": "0f" * 16, "fraction": 0.2}
_KEY = {"fingerprint": DIGEST, "published_at": "2026-11-24T12:00:00Z", "proposed": False}
_PROPOSAL = {"fingerprint": OTHER, "published_at": "2026-11-24T12:00:00Z", "complete": True, "agreed": ["north"]}
_RULES = {
    "minimum_rows": 100,
    "small_cell": 10,
    "round_to": 10,
    "min_events": 20,
    "curve_events": 8,
    "agents_must_approve": 2,
}
_BLOCK = {"index": 0, "role": "train", "patients": 400, "bytes": 1000, "sha256": DIGEST}
_BLOCK_STATUS = {"index": 0, "state": "partial", "received_bytes": 10, "bytes": 1000}
_PREVIEW = {"fingerprint": DIGEST, "jwe": COMPACT}
_AGENT_PREVIEW = {"sharing": DIGEST, "point": 2, "jwe": COMPACT}
_NOISE_KEY = {"absent": [1], "key": "0f" * 32}
_SHARING = sharing().model_dump(mode="json")
_NEW_SHARING = sharing(epoch=2, threshold=3, seats=seats(5)).model_dump(mode="json")
_NOTE = hand_over_note().model_dump(mode="json")
_REQUEST = {
    "request": "request-0001",
    "kind": "gradient",
    "study": "mortality",
    "job": "job-0001",
    "round": 1,
    "cohort": [_PART],
    "train_cohort": [],
    "created_at": "2026-11-24T12:00:00Z",
    "payload_bytes": 1000,
    "payload_sha256": DIGEST,
}
_ANSWER = {
    "request": "request-0001",
    "payload_sha256": DIGEST,
    "outcome": "next",
    "reasons": [],
    "progress": _PROGRESS,
    "next": _NEXT,
    "table_one": None,
    "result": None,
    "sealed": None,
    "opened_by": ["north", "south"],
    "wrong": [],
}

EXAMPLES: dict[str, Fields] = {
    "requests.Enrolment": {"token": "t0ken", "study": "mortality", "profile": "N14_L9", "name": "Mortality"},
    "requests.EnrolmentCodeText": {"code": "abcd-efgh"},
    "requests.OutdatedShare": _SHARE_OF_BATCHES,
    "requests.RotationEffect": {
        "fingerprint": DIGEST,
        "expires_at": "2027-01-01",
        "outdated": [_SHARE_OF_BATCHES],
        "jobs": ["job-0001"],
        "proposals": [_PROPOSAL],
        "cards": 2,
        "previous": OTHER,
        "undo_until": "2026-12-08T12:00:00Z",
    },
    "requests.KeyProposal": _PROPOSAL,
    "envelope.Header": {
        "kind": "totals",
        "study": "mortality",
        "profile": "N14_L9",
        "key_fingerprint": DIGEST,
        "payload_bytes": 5,
        "payload_sha256": OTHER,
        "items": [2, 3],
        "meta": {"names": ["age"], "scale": 0.5},
    },
    "lead.LeadStatement": lead_statement().model_dump(mode="json"),
    "lead.HandOverNote": _NOTE,
    "lead.HandOverInfo": {"note": _NOTE, "taken": False},
    "lead.Presence": presence().model_dump(mode="json"),
    "releases.ApproverKey": _APPROVER,
    "releases.KeyOwner": _OWNER,
    "releases.OpenedItem": _OPENED,
    "releases.Preview": _PREVIEW,
    "releases.PreviewContent": {
        "study": "mortality",
        "release": "release-0001",
        "version": 1,
        "digest": DIGEST,
        "items": [_OPENED],
        "notes": ["rounded"],
    },
    "releases.Statement": {
        "format": "hefed-release/1",
        "says": "approve",
        "study": "mortality",
        "job": "job-0001",
        "release": "release-0001",
        "version": 1,
        "digest": DIGEST,
        "expires_on": "2026-12-01",
        "signer": OTHER,
    },
    "releases.SignedStatement": {"jws": COMPACT},
    "releases.ReleaseTask": {
        "release": "release-0001",
        "version": 1,
        "study": "mortality",
        "job": "job-0001",
        "request": "request-0001",
        "items": ["metrics"],
        "expires_on": "2026-12-01",
        "requested": COMPACT,
        "approvals": [COMPACT],
        "readers": [_OWNER],
        "signers": [_OWNER],
        "previews": [DIGEST],
        "verdicts": [COMPACT],
        "agent_previews": [2],
    },
    "releases.AgentPreview": _AGENT_PREVIEW,
    "releases.ReleaseReport": {
        "version": 1,
        "previews": [_PREVIEW],
        "unknown": [OTHER],
        "reasons": ["approvals_missing"],
        "agents_needed": 1,
        "agent_previews": [_AGENT_PREVIEW],
    },
    "releases.Publication": {"release": "release-0001", "version": 1, "digest": DIGEST, "items": [_OPENED]},
    "requests.SigmoidSpec": _SIGMOID,
    "requests.PoolShare": {"institution": "north", "rows": 400},
    "requests.CohortPart": _PART,
    "requests.Replaced": _REPLACED,
    "requests.Request": _REQUEST,
    "requests.Progress": _PROGRESS,
    "requests.NextRound": _NEXT,
    "requests.CustodianNote": {"code": "agent.daily_limit"},
    "requests.Answer": _ANSWER,
    "results.Coefficient": _COEFFICIENT,
    "results.Intercept": _INTERCEPT,
    "results.NaturalScale": _NATURAL,
    "results.ModelResult": _MODEL,
    "results.Metrics": _METRICS,
    "results.CalibrationBin": _BIN,
    "results.Curves": _CURVES,
    "results.VariableSummary": _VARIABLE,
    "results.TableOne": _TABLE_ONE,
    "results.ReleasedResult": _RESULT,
    "results.ItemCommitment": _COMMITMENT,
    "results.SealedResult": _SEALED,
    "signing.PublicJwk": _JWK,
    "threshold.AgentCard": agent().card.model_dump(),
    "threshold.Seat": {"point": 1, "card": agent().card.model_dump()},
    "threshold.Sharing": _SHARING,
    "threshold.NoiseKey": _NOISE_KEY,
    "threshold.SharedPiece": {
        "format": "hefed-share/1",
        "sharing": DIGEST,
        "point": 2,
        "words": "AAAA",
        "noise_keys": [_NOISE_KEY],
    },
    "threshold.CeremonyRecord": {
        "format": "hefed-ceremony/1",
        "sharing": _SHARING,
        "relinearisation": DIGEST,
        "shares": [DIGEST, OTHER],
        "made_at": "2026-11-24T12:00:00Z",
        "library": "SEAL 4.1",
    },
    "threshold.Resharing": {
        "format": "hefed-resharing/1",
        "old": _SHARING,
        "new": _NEW_SHARING,
        "dealers": [1, 3],
    },
    "threshold.Dealing": {
        "format": "hefed-dealing/1",
        "resharing": DIGEST,
        "dealer": 1,
        "noise_keys": [OTHER],
        "pieces": [COMPACT],
    },
    "threshold.Acceptance": {"format": "hefed-acceptance/1", "sharing": DIGEST, "point": 1, "share": OTHER},
    "threshold.KeySuccession": {
        "format": "hefed-succession/1",
        "study": "mortality",
        "sharing": DIGEST,
        "point": 1,
        "old": DIGEST,
        "new": OTHER,
    },
    "threshold.SharingNotice": {"sharing": _SHARING, "lead": 1},
    "threshold.PartialOpening": {
        "request": "request-0001",
        "payload_sha256": DIGEST,
        "totals": {OTHER: 2**53 + 1},
        "slots": {DIGEST: "AAAA"},
    },
    "threshold.PartialNote": {
        "format": "hefed-partial/1",
        "sharing": DIGEST,
        "point": 1,
        "request": "request-0001",
        "payload_sha256": DIGEST,
        "sealed": COMPACT,
        "refused": "",
    },
    "threshold.PartialInfo": {"point": 2, "posted_at": "2026-11-24T12:00:00Z", "bytes": 10, "refused": ""},
    "threshold.Signed": {"signer": _JWK, "jws": COMPACT},
    "uploads.HoldoutRule": _HOLDOUT,
    "uploads.KeyInfo": _KEY,
    "uploads.StudyRules": _RULES,
    "uploads.StudyPackage": {
        "study": "mortality",
        "name": "Mortality",
        "institution": "north",
        "profile": "N14_L9",
        "dictionary_version": 1,
        "dictionary_digest": DIGEST,
        "dictionary_csv": "name,label\n",
        "holdout": _HOLDOUT,
        "key": _KEY,
        "max_block_bytes": 10_000_000,
        "rules": _RULES,
    },
    "uploads.BlockManifest": _BLOCK,
    "uploads.BatchManifest": {
        "format": "hefed-batch/1",
        "study": "mortality",
        "institution": "north",
        "profile": "N14_L9",
        "key_fingerprint": DIGEST,
        "dictionary_version": 1,
        "dictionary_digest": DIGEST,
        "cohort_digest": OTHER,
        "patients": 400,
        "columns": ["intercept", "age"],
        "blocks": [_BLOCK],
        "encryptor": "hefed 1.0",
        "order_digest": "",
        "shared": [{"cohort_digest": DIGEST, "train": 380, "holdout": 0}],
    },
    "uploads.SharedPatients": {"cohort_digest": DIGEST, "train": 380, "holdout": 0},
    "uploads.BlockStatus": _BLOCK_STATUS,
    "uploads.BatchStatus": {"batch": "batch-0001", "state": "uploading", "reason": "", "blocks": [_BLOCK_STATUS]},
    "verdicts.AgentVerdict": verdict().model_dump(mode="json"),
    "verdicts.SignedVerdict": {"jws": COMPACT},
    "verdicts.VerdictTask": {
        "release": "release-0001",
        "version": 1,
        "study": "mortality",
        "job": "job-0001",
        "sharing": DIGEST,
        "digest": OTHER,
        "commitments": [_COMMITMENT],
        "asked_by": "Kim",
        "why": "a paper",
        "audience": "everybody",
        "expires_on": "2026-12-01",
        "needed": 2,
        "previews": [1, 2],
        "answered": {"1": "approve"},
    },
}


def models() -> dict[str, type[Message]]:
    """Every message that the protocol knows, by module and class."""
    modules = [
        import_module(f"hefed.core.protocol.{found.name}") for found in iter_modules(hefed.core.protocol.__path__)
    ]
    named = [(module, name, value) for module in modules for name, value in vars(module).items()]
    return {
        f"{module.__name__.rpartition('.')[2]}.{name}": value
        for module, name, value in named
        if isinstance(value, type) and issubclass(value, Message) and value.__module__ == module.__name__
        if value is not Message
    }


def model(name: str) -> type[Message]:
    return models()[name]


def example(name: str, /, **changes: object) -> Fields:
    return EXAMPLES[name] | changes


def places(value: object, path: tuple[str | int, ...] = ()) -> Iterator[tuple[tuple[str | int, ...], object]]:
    """Every number and text in an example, with the way to it."""
    if isinstance(value, dict | list):
        for key, inner in value.items() if isinstance(value, dict) else enumerate(value):
            yield from places(inner, (*path, key))
    else:
        yield path, value


def replaced(value: Any, path: tuple[str | int, ...], new: object) -> Any:
    """A copy with another value at the end of the way."""
    if not path:
        return new
    copy: Any = dict(value) if isinstance(value, dict) else list(value)
    copy[path[0]] = replaced(copy[path[0]], path[1:], new)
    return copy


def instance(name: str) -> Message:
    return model(name).model_validate(example(name))


def text64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def bytes64(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
