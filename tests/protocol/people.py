"""Hospitals' agents, a sharing among them and what they sign, for the tests of messages between them."""

from dataclasses import dataclass, field, replace
from datetime import date
from functools import lru_cache

from joserfc.jwk import ECKey

from hefed.core.protocol.lead import HandOverNote, LeadStatement, Presence
from hefed.core.protocol.releases import ApproverKey
from hefed.core.protocol.signing import public_half
from hefed.core.protocol.threshold import AgentCard, Seat, Sharing
from hefed.core.protocol.verdicts import AgentVerdict

DIGEST, OTHER = "ab" * 32, "cd" * 32
INSTITUTIONS = ("north", "south", "east", "west", "far")


@dataclass(frozen=True)
class Agent:
    """One hospital's keys and the card that the others know."""

    card: AgentCard
    signing: ECKey = field(repr=False)
    agreement: ECKey = field(repr=False)

    def named(self, **changes: object) -> "Agent":
        """The same keys under another card."""
        return replace(self, card=AgentCard.model_validate(self.card.model_dump() | changes))

    @property
    def approver(self) -> ApproverKey:
        return ApproverKey(signing=self.card.signing, agreement=self.card.agreement)


@lru_cache(maxsize=16)
def agent(institution: str = "north") -> Agent:
    signing, agreement = ECKey.generate_key("P-256"), ECKey.generate_key("P-256")
    keys = {"signing": public_half(signing), "agreement": public_half(agreement)}
    card = AgentCard(study="mortality", institution=institution, name=f"{institution} hospital", **keys)
    return Agent(card, signing, agreement)


def seats(count: int = 3) -> list[Seat]:
    return [Seat(point=at, card=agent(name).card) for at, name in enumerate(INSTITUTIONS[:count], 1)]


def sharing(**changes: object) -> Sharing:
    fields: dict[str, object] = {
        "study": "mortality",
        "profile": "N14_L9",
        "key_fingerprint": DIGEST,
        "epoch": 1,
        "threshold": 2,
        "seats": seats(),
        "expires_on": date(2027, 1, 1),
    }
    return Sharing.model_validate(fields | changes)


def presence(**changes: object) -> Presence:
    fields = {"sharing": sharing().digest, "point": 1, "at": "2026-11-24T12:00:00Z"}
    return Presence.model_validate(fields | changes)


def lead_statement(**changes: object) -> LeadStatement:
    fields = {
        "sharing": sharing().digest,
        "point": 1,
        "says": "answer",
        "target": "request-0001",
        "payload_sha256": DIGEST,
        "body_sha256": OTHER,
    }
    return LeadStatement.model_validate(fields | changes)


def hand_over_note(**changes: object) -> HandOverNote:
    fields = {
        "study": "mortality",
        "sharing": sharing().digest,
        "giver": 1,
        "taker": 2,
        "number": 1,
        "sealed_sha256": DIGEST,
        "sealed_bytes": 10,
    }
    return HandOverNote.model_validate(fields | changes)


def verdict(**changes: object) -> AgentVerdict:
    fields = {
        "says": "approve",
        "sharing": sharing().digest,
        "point": 1,
        "study": "mortality",
        "job": "job-0001",
        "release": "release-0001",
        "version": 1,
        "digest": DIGEST,
    }
    return AgentVerdict.model_validate(fields | changes)
