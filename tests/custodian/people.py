"""People who ask for and approve releases in the custodian's tests, with keys as their browsers make them."""

from dataclasses import dataclass, field
from datetime import date

from joserfc import jwe
from joserfc.jwk import ECKey

from hefed.core.protocol.releases import (
    ApproverKey,
    KeyOwner,
    Preview,
    PreviewContent,
    ReleaseTask,
    Statement,
    commit,
    manifest_digest,
    sign,
)
from hefed.core.protocol.signing import AGREEMENT, CONTENT, PublicJwk
from hefed.custodian.keeping.records import AnswerRecord, SealedRecord, TrustRecord
from hefed.custodian.keeping.store import Store, StoredAnswer

UNTIL, TODAY = date(2026, 12, 24), date(2026, 11, 24)


def _public(key: ECKey) -> PublicJwk:
    return PublicJwk.model_validate({name: key.as_dict(private=False)[name] for name in ("kty", "crv", "x", "y")})


@dataclass
class Person:
    """One person, as registered at the server under ``institution``."""

    name: str
    institution: str
    signing: ECKey = field(default_factory=lambda: ECKey.generate_key("P-256"))
    agreement: ECKey = field(default_factory=lambda: ECKey.generate_key("P-256"))

    @property
    def key(self) -> ApproverKey:
        return ApproverKey(signing=_public(self.signing), agreement=_public(self.agreement))

    @property
    def owner(self) -> KeyOwner:
        email = f"{self.name}@{self.institution}.invalid"
        return KeyOwner(key=self.key, name=self.name, email=email, institution=self.institution)

    def sign(self, statement: Statement) -> str:
        return sign(statement.model_copy(update={"signer": self.key.fingerprint}), self.signing)

    def read(self, preview: Preview) -> PreviewContent:
        opened = jwe.decrypt_compact(preview.jwe.encode(), self.agreement, algorithms=[AGREEMENT, CONTENT])
        assert opened.plaintext is not None
        return PreviewContent.model_validate_json(opened.plaintext)


ANNA = Person("anna", "north")
BORIS, CLARA, DORA = Person("boris", "south"), Person("clara", "east"), Person("dora", "south")
EVE = Person("eve", "west")  # nobody vouches for her


def sealed_record(request: str = "request-0009", job: str = "job-0001") -> SealedRecord:
    items = [commit("coefficients", {"warnings": []}), commit("metrics", {"pooled": {"auroc": 0.87654}})]
    return SealedRecord(request=request, job=job, items=items, notes={"metrics": ["rounded"], "coefficients": ["c"]})


def keep(store: Store, record: SealedRecord) -> SealedRecord:
    """As an evaluation leaves it behind once the server has the answer."""
    texts = dict.fromkeys(("payload_sha256", "answer_sha256", "rule"), "")
    numbers = {"round": 9, "rows": 500, "openings": 1}
    answer = AnswerRecord(
        request=record.request, kind="evaluation", job=record.job, outcome="sealed", sealed=record, **numbers, **texts
    )
    store.commit(StoredAnswer(answer, b"envelope"))
    store.acknowledge(record.request)
    return record


def statement(record: SealedRecord, **changes: object) -> Statement:
    commitments = [item.commitment() for item in record.items]
    fields = {
        "says": "approve",
        "study": "demo",
        "job": record.job,
        "release": "release-0001",
        "version": 1,
        "digest": manifest_digest("demo", record.job, commitments),
        "expires_on": UNTIL,
        "signer": ANNA.key.fingerprint,
    }
    return Statement.model_validate(fields | changes)


def task(record: SealedRecord, *approvers: Person, requester: Person = ANNA, **changes: object) -> ReleaseTask:
    """Everything the record holds, asked for by ``requester`` and approved by these people."""
    said = statement(record)
    fields = {
        "release": said.release,
        "version": said.version,
        "study": said.study,
        "job": said.job,
        "request": record.request,
        "items": [item.item for item in record.items],
        "expires_on": UNTIL,
        "requested": requester.sign(said.model_copy(update={"says": "request"})),
        "approvals": [person.sign(said) for person in approvers],
        "readers": [person.owner for person in (BORIS, CLARA, DORA, EVE)],
        "signers": [person.owner for person in (requester, *approvers)],
        "previews": [],
    }
    return ReleaseTask.model_validate(fields | changes)


def trusted(person: Person, institution: str = "") -> TrustRecord:
    """What a custodian keeps of a person whose key counts."""
    fields = {"fingerprint": person.key.fingerprint, "institution": institution or person.institution}
    return TrustRecord.model_validate({**fields, "name": person.name, "trusted_at": "2026-11-24"})
