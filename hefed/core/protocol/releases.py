"""What is said when a sealed result is released: commitments, signed statements, encrypted previews. docs/adr/0901.

A *manifest* is the list of items that a release would publish, each as a commitment; its digest is what people sign.
Statements are signed and previews sealed as in ``hefed.core.protocol.signing``.
"""

import hashlib
import secrets
from collections.abc import Sequence
from datetime import date
from typing import Annotated, Literal

from joserfc.jwk import ECKey
from pydantic import Field, JsonValue

from hefed.core.protocol.base import Digest, ItemName, Message, Slug
from hefed.core.protocol.envelope import canonical_json
from hefed.core.protocol.results import ItemCommitment, Reason
from hefed.core.protocol.signing import PublicJwk, SignatureInvalid, claimed, read_signed_text, seal_text, sign_text

ITEMS: tuple[ItemName, ...] = ("coefficients", "metrics", "curves", "table_one")
Compact = Annotated[str, Field(pattern=r"^[A-Za-z0-9_.-]+$", max_length=4_000_000)]  # JWS or JWE in compact form
SALT_BYTES = 32


class ApproverKey(Message):
    """One person's two keys: ``signing`` for statements, ``agreement`` for previews encrypted to that person."""

    signing: PublicJwk
    agreement: PublicJwk

    @property
    def fingerprint(self) -> Digest:
        """SHA-256 over both, hexadecimal: one thing to read aloud binds the two."""
        return hashlib.sha256(canonical_json(self.model_dump())).hexdigest()


class KeyOwner(Message):
    """Whose key it is, as the server says; the custodian believes it only after a person compared the fingerprint."""

    key: ApproverKey
    name: str
    email: str
    institution: Slug


class OpenedItem(Message):
    """An item in clear with the salt of its commitment: inside previews, and published after approval.

    ``text``: its content as canonical JSON. It stays text, for browsers write the number 1.0 in another way.
    """

    item: ItemName
    salt: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
    text: str

    def commitment(self) -> ItemCommitment:
        digest = hashlib.sha256(bytes.fromhex(self.salt) + self.text.encode())
        return ItemCommitment(item=self.item, sha256=digest.hexdigest())


class Preview(Message):
    """``jwe``: a ``PreviewContent`` in canonical JSON, encrypted to the agreement key of ``fingerprint``."""

    fingerprint: Digest
    jwe: Compact


class PreviewContent(Message):
    """What an approver reads: exactly what would be published. ``notes``: what was suppressed or rounded, and why."""

    study: Slug
    release: str
    version: int
    digest: Digest
    items: list[OpenedItem]
    notes: list[Reason]


class Statement(Message):
    """What a person signs. ``digest`` is that of the manifest, so that it holds for these very numbers only."""

    format: Literal["hefed-release/1"] = "hefed-release/1"
    says: Literal["request", "approve"]
    study: Slug
    job: str
    release: str
    version: Annotated[int, Field(ge=1)]
    digest: Digest
    expires_on: date
    signer: Digest  # fingerprint of the ApproverKey


class SignedStatement(Message):
    """What a browser posts: a ``Statement`` as JWS."""

    jws: Compact


class ReleaseTask(Message):
    """An open release as the custodian reads it from the server.

    ``previews``: fingerprints that have a preview of this version already; ``readers``: the approvers' keys.
    ``verdicts``: what agents of a shared key signed (``AgentVerdict``); ``agent_previews``: their places.
    """

    release: str
    version: Annotated[int, Field(ge=1)]
    study: Slug
    job: str
    request: str  # the evaluation request whose result it is
    items: Annotated[list[ItemName], Field(min_length=1)]
    expires_on: date
    requested: Compact  # JWS of the requester's Statement
    approvals: list[Compact]  # JWS each
    readers: list[KeyOwner]
    signers: list[KeyOwner]
    previews: list[Digest]
    verdicts: list[Compact] = []
    agent_previews: list[int] = []


class AgentPreview(Message):
    """``jwe``: a ``PreviewContent``, sealed by the lead to the card at ``point`` of that sharing."""

    sharing: Digest
    point: Annotated[int, Field(ge=1, le=9)]
    jwe: Compact


class ReleaseReport(Message):
    """What the custodian tells the server of a release it cannot act on yet. ``unknown``: keys nobody vouched for.

    ``agents_needed``: hospitals of a shared key whose agents must approve, by the lead's policy and the study's rule.
    """

    version: int
    previews: list[Preview] = []
    unknown: list[Digest] = []
    reasons: list[Reason] = []
    agents_needed: Annotated[int, Field(ge=0, le=9)] = 0
    agent_previews: list[AgentPreview] = []


class Publication(Message):
    """The custodian's last word on a release: the items in clear."""

    release: str
    version: int
    digest: Digest
    items: Annotated[list[OpenedItem], Field(min_length=1)]


def manifest_digest(study: str, job: str, items: Sequence[ItemCommitment]) -> str:
    """What is signed for: the study, the job and the commitments, in the order of ``ITEMS``."""
    listed = [item.model_dump() for item in sorted(items, key=lambda item: ITEMS.index(item.item))]
    return hashlib.sha256(canonical_json({"study": study, "job": job, "items": listed})).hexdigest()


def commit(item: ItemName, content: JsonValue) -> OpenedItem:
    """The item under a fresh salt."""
    return OpenedItem(item=item, salt=secrets.token_hex(SALT_BYTES), text=canonical_json(content).decode())


def sign(statement: Statement, private: ECKey) -> str:
    """The statement as JWS; browsers do the same with keys that cannot be exported (static/releases)."""
    return sign_text(statement, private)


def signer_of(text: str) -> str:
    """The fingerprint that a statement names, before it is verified; raises SignatureInvalid."""
    try:
        return claimed(text, Statement).signer
    except SignatureInvalid as error:
        raise SignatureInvalid("protocol.no_statement") from error


def verify(text: str, owner: ApproverKey) -> Statement:
    """The statement inside, signed by this very key; raises SignatureInvalid."""
    try:
        statement = read_signed_text(text, owner.signing, Statement)
    except SignatureInvalid as error:
        raise SignatureInvalid("protocol.statement_signature", key=owner.fingerprint[:16]) from error
    if statement.signer != owner.fingerprint:
        raise SignatureInvalid("protocol.statement_key", named=statement.signer[:16], key=owner.fingerprint[:16])
    return statement


def encrypt_preview(content: PreviewContent, reader: ApproverKey) -> Preview:
    """To that reader only."""
    return Preview(fingerprint=reader.fingerprint, jwe=seal_text(content, reader.agreement))
