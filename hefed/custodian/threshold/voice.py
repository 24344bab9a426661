"""The lead's signature under what it posts: answers, reports and publications of releases, notes."""

from dataclasses import dataclass, field

from hefed.custodian.threshold.identity import Identity
from hefed.custodian.threshold.shamir import Point
from hefed.protocol.lead import LeadStatement, Says, sha256_of, state


@dataclass(frozen=True)
class LeadVoice:
    """Speaks for one hospital's place in one sharing."""

    identity: Identity = field(repr=False)
    sharing: str
    point: Point

    def statement(self, says: Says, target: str, body: bytes, payload_sha256: str = "") -> str:
        """The header that goes with a body."""
        statement = LeadStatement(
            sharing=self.sharing,
            point=self.point,
            says=says,
            target=target,
            payload_sha256=payload_sha256,
            body_sha256=sha256_of(body),
        )
        return state(statement, self.identity.signing)
