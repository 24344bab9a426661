"""What hospitals that hold shares say of a release, each signed with its agent's card. docs/adr/1104.

A person there reads the preview that the lead sealed to the card; the verdict names the digest of what was read.
"""

from datetime import date
from typing import Annotated, Literal, Self

from joserfc.jwk import ECKey
from pydantic import Field, model_validator

from hefed.core.protocol.base import Digest, Message, Slug
from hefed.core.protocol.releases import Compact, PreviewContent, manifest_digest
from hefed.core.protocol.results import ItemCommitment
from hefed.core.protocol.signing import SignatureInvalid, claimed, read_signed_text, sign_text
from hefed.core.protocol.threshold import PointNumber, Seat, Sharing, digest_of

Says = Literal["approve", "reject"]
MAX_REASON = 1000


class AgentVerdict(Message):
    """One hospital's word on one version of a release. ``digest``: of the manifest, as its agent computed it."""

    format: Literal["hefed-verdict/1"] = "hefed-verdict/1"
    says: Says
    sharing: Digest
    point: PointNumber
    study: Slug
    job: Annotated[str, Field(max_length=100)]
    release: Annotated[str, Field(max_length=100)]
    version: Annotated[int, Field(ge=1, le=1_000_000)]
    digest: Digest
    reason: Annotated[str, Field(max_length=MAX_REASON)] = ""

    @model_validator(mode="after")
    def _no_needs_a_reason(self) -> Self:
        if (self.says == "reject") != bool(self.reason.strip()):
            raise ValueError("who rejects says why, who approves does not")
        return self

    @property
    def sha256(self) -> Digest:
        """Of what is said, without the signature: the same however often it is signed."""
        return digest_of(self)


class SignedVerdict(Message):
    """What an agent posts: an ``AgentVerdict`` as JWS."""

    jws: Annotated[Compact, Field(max_length=8000)]


class VerdictTask(Message):
    """An open release that waits for hospitals' agents, as the server lists it to them.

    ``previews``: places whose preview is there; ``answered``: what each place said. All but the preview is the server's
    word: what would be published is in there.
    """

    release: str
    version: int
    study: Slug
    job: str
    sharing: Digest
    digest: Digest
    commitments: list[ItemCommitment]
    asked_by: str
    why: str
    audience: str
    expires_on: date
    needed: Annotated[int, Field(ge=1, le=9)]
    previews: list[PointNumber]
    answered: dict[PointNumber, Says]


def sign_verdict(verdict: AgentVerdict, private: ECKey) -> SignedVerdict:
    """With the card's key."""
    return SignedVerdict(jws=sign_text(verdict, private))


def read_verdict(text: str, sharing: Sharing) -> tuple[AgentVerdict, Seat]:
    """The verdict, and the hospital of this very sharing that signed it; raises SignatureInvalid."""
    seat = _claimed(text, sharing)
    try:
        verdict = read_signed_text(text, seat.card.signing, AgentVerdict)
    except SignatureInvalid as error:
        raise SignatureInvalid("protocol.verdict_card", name=seat.card.name) from error
    return verdict, seat


def digest_of_preview(content: PreviewContent, job: str) -> Digest:
    """Of the manifest of what was read, computed from it."""
    return manifest_digest(content.study, job, [item.commitment() for item in content.items])


def _claimed(text: str, sharing: Sharing) -> Seat:
    """The seat that the verdict names, before it is verified; raises SignatureInvalid for a verdict of elsewhere."""
    try:
        said = claimed(text, AgentVerdict)
    except SignatureInvalid as error:
        raise SignatureInvalid("protocol.no_verdict") from error
    if said.sharing != sharing.digest:
        raise SignatureInvalid("protocol.verdict_sharing", found=said.sharing[:16], current=sharing.digest[:16])
    if said.point > len(sharing.seats):
        raise SignatureInvalid("protocol.verdict_place", place=said.point, seats=len(sharing.seats))
    return sharing.seats[said.point - 1]
