"""Whose agent puts the answers together: a decision of people at every hospital, kept in its directory."""

from pathlib import Path

from pydantic import ValidationError

from hefed.custodian.files import write_private
from hefed.custodian.store import Home
from hefed.custodian.threshold.holding import SHARING
from hefed.errors import BadInput
from hefed.protocol.messages import Message, Slug
from hefed.protocol.threshold import Seat, Sharing, SharingNotice

_FILE = "lead.json"


class _Lead(Message):
    institution: Slug


def set_lead(home: Path, sharing: Sharing, institution: str) -> Seat:
    """From now on answers are sealed to that hospital."""
    seat = _seat(sharing, institution)
    write_private(home / _FILE, _Lead(institution=seat.card.institution).model_dump_json().encode())
    return seat


def read_lead(home: Path, sharing: Sharing) -> Seat:
    """The seat of the lead; raises BadInput when nobody was named, or the one named has no seat any more."""
    try:
        found = _Lead.model_validate_json((home / _FILE).read_bytes())
    except FileNotFoundError:
        raise BadInput("cannot run: nobody was named to lead; `lead INSTITUTION` at every hospital names it") from None
    except ValidationError:
        raise BadInput(f"cannot use {home / _FILE}: it was changed; run `lead INSTITUTION` again") from None
    return _seat(sharing, found.institution)


def notice_of(home: Home) -> SharingNotice:
    """What the server is told: the public sharing, and who leads."""
    try:
        sharing = Sharing.model_validate_json((home.path / SHARING).read_bytes())
    except ValidationError:
        raise BadInput(f"cannot use {home.path / SHARING}: it was changed; restore it from its backup") from None
    return SharingNotice(sharing=sharing, lead=read_lead(home.path, sharing).point)


def _seat(sharing: Sharing, institution: str) -> Seat:
    for seat in sharing.seats:
        if seat.card.institution == institution:
            return seat
    names = ", ".join(seat.card.institution for seat in sharing.seats)
    raise BadInput(f"cannot let {institution} lead: it holds no share; choose one of {names}")
