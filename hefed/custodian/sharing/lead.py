"""Whose agent puts the answers together: a decision of people at every hospital, kept in its directory.

What the server is told of it is signed when it is decided, so that nobody needs the pass phrase to pass it on.
"""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated

from joserfc.jwk import ECKey
from pydantic import Field, ValidationError

from hefed.core.errors import BadInput
from hefed.core.protocol.base import Message, Slug
from hefed.core.protocol.lead import LeadStatement, Says, sha256_of, state
from hefed.core.protocol.threshold import Seat, Sharing, SharingNotice, Signed, sign, verify
from hefed.core.threshold.shamir import Point
from hefed.custodian.keeping.files import write_private
from hefed.custodian.keeping.store import Home
from hefed.custodian.sharing.holding import SHARING, Identity

_FILE = "lead.json"


class LeadFile(Message):
    """``awaits``: the hospital whose hand-over must come before this one leads. ``number``: of the last hand-over that
    this hospital made or took in."""

    institution: Slug
    notice: Signed | None = None
    awaits: Slug | None = None
    number: Annotated[int, Field(ge=0)] = 0


@dataclass(frozen=True)
class Naming:
    """A decision: who leads from now on, and who did until now (None: nobody, as far as this directory knows)."""

    sharing: Sharing
    seat: Seat
    before: Seat | None


def naming(home: Path, sharing: Sharing, institution: str, after: str = "") -> Naming:
    """The decision as it would be, checked; changes nothing. ``after``: the earlier lead, for a new directory."""
    found = _read(home) if (home / _FILE).exists() else None
    earlier = after or (found.institution if found else "")
    known = {seat.card.institution: seat for seat in sharing.seats}
    if after and after not in known:
        raise BadInput("sharing.after_holds_no_share", institution=after)
    return Naming(sharing, _seat(sharing, institution), known.get(earlier))


def set_lead(home: Path, identity: Identity, decided: Naming) -> Seat:
    """From now on answers are sealed to that hospital. It waits for a hand-over first, if somebody led before."""
    notice = sign(SharingNotice(sharing=decided.sharing, lead=decided.seat.point), identity.signing)
    old = _read(home) if (home / _FILE).exists() else None
    institution, number = decided.seat.card.institution, old.number if old else 0
    awaits = old.awaits if old and old.institution == institution else None
    becomes_lead = decided.seat.card == identity.card and decided.before not in (None, decided.seat)
    if becomes_lead and decided.before is not None:
        awaits = decided.before.card.institution
    write_lead(home, LeadFile(institution=institution, notice=notice, awaits=awaits, number=number))
    return decided.seat


def read_lead(home: Path, sharing: Sharing) -> Seat:
    """The seat of the lead; raises BadInput when nobody was named, or the one named has no seat any more."""
    return _seat(sharing, lead_file(home).institution)


def lead_file(home: Path) -> LeadFile:
    try:
        return _read(home)
    except FileNotFoundError:
        raise BadInput("sharing.nobody_leads") from None


def write_lead(home: Path, file: LeadFile) -> None:
    write_private(home / _FILE, file.model_dump_json().encode())


def signed_notice(home: Home) -> Signed:
    """What this hospital tells the server: the public sharing and who leads, signed with its card's key."""
    file, sharing = lead_file(home.path), _sharing(home)
    _seat(sharing, file.institution)
    if file.notice is None or verify(file.notice, SharingNotice).sharing != sharing:
        raise BadInput("sharing.lead_of_earlier", institution=file.institution)
    return file.notice


def notice_of(home: Home) -> SharingNotice:
    """The same without its signature."""
    return verify(signed_notice(home), SharingNotice)


def _sharing(home: Home) -> Sharing:
    try:
        return Sharing.model_validate_json((home.path / SHARING).read_bytes())
    except ValidationError:
        raise BadInput("sharing.file_changed", path=str(home.path / SHARING)) from None


def _read(home: Path) -> LeadFile:
    """Raises FileNotFoundError when nobody was named."""
    try:
        return LeadFile.model_validate_json((home / _FILE).read_bytes())
    except ValidationError:
        raise BadInput("sharing.lead_changed", path=str(home / _FILE)) from None


def _seat(sharing: Sharing, institution: str) -> Seat:
    for seat in sharing.seats:
        if seat.card.institution == institution:
            return seat
    raise BadInput(
        "sharing.lead_holds_no_share",
        institution=institution,
        names=tuple(seat.card.institution for seat in sharing.seats),
    )


@dataclass(frozen=True)
class KeyVoice:
    """Speaks for the holder of a whole key. ``sharing``: the key's fingerprint."""

    signing: ECKey = field(repr=False)
    sharing: str
    point: Point = 1

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
        return state(statement, self.signing)


@dataclass(frozen=True)
class LeadVoice:
    """Speaks for one hospital's place in one sharing."""

    identity: Identity = field(repr=False)
    sharing: str
    point: Point

    def statement(self, says: Says, target: str, body: bytes, payload_sha256: str = "") -> str:
        """The header that goes with a body, signed with the key of the hospital's card."""
        return KeyVoice(self.identity.signing, self.sharing, self.point).statement(says, target, body, payload_sha256)
