"""What only the hospital that leads may say, where several hold the key: its card's signature is asked for."""

from dataclasses import dataclass

from django.utils.translation import gettext as _

from hefed.errors import BadInput
from hefed.protocol.lead import LeadStatement, Says, read
from hefed.protocol.threshold import Seat, Sharing
from hospitals.access import Forbidden
from hospitals.audit import Details
from hospitals.models import KeySet


@dataclass(frozen=True)
class Said:
    """A body as it was posted, and the statement beside it; both may be of anybody who has a token."""

    statement: str
    says: Says
    target: str
    body_sha256: str
    payload_sha256: str = ""


def check_lead(key: KeySet | None, said: Said) -> Details:
    """Who said it, for the audit log; nothing of a key that one custodian holds. Raises Forbidden."""
    if key is None or key.sharing is None:
        return {}
    sharing = Sharing.model_validate(key.sharing)
    seat = sharing.seats[(key.lead or 1) - 1]
    if not said.statement:
        raise Forbidden(_refusal(seat, _("nobody signed it")))
    if not check_seat(sharing, seat, said):
        raise Forbidden(_refusal(seat, _("somebody else signed it, or it was signed for something else")))
    return {"lead": seat.point, "sharing": sharing.digest}


def check_seat(sharing: Sharing, seat: Seat, said: Said) -> bool:
    """Whether the card of that seat signed exactly this."""
    expected = LeadStatement(
        sharing=sharing.digest,
        point=seat.point,
        says=said.says,
        target=said.target,
        payload_sha256=said.payload_sha256,
        body_sha256=said.body_sha256,
    )
    try:
        return read(said.statement, seat.card) == expected
    except BadInput:
        return False


def _refusal(seat: Seat, fact: str) -> str:
    return _(
        "cannot take this: only the hospital that leads may post it, which is %(lead)s, and %(fact)s; run it at "
        "%(lead)s, or let enough hospitals name another lead"
    ) % {"lead": seat.card.name, "fact": fact}
