"""Which hospitals that hold shares are there now. Each says so itself, signed; a token alone does not suffice."""

from datetime import timedelta

from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from hefed.errors import BadInput, Conflict
from hefed.protocol.presence import Presence
from hefed.protocol.threshold import Sharing, Signed, verify
from hospitals.models import KeyHolder, KeySet, Study
from hospitals.selectors.studies import key_in_use

CLOCKS_DIFFER = timedelta(minutes=5)  # a message that is older or newer is not taken


def take_presence(*, study: Study, signed: Signed) -> None:
    """Note that the hospital's agent runs. Of nobody's decision, so it leaves no line in the audit log."""
    presence = verify(signed, Presence)
    key = _check_seat(study, signed, presence)
    now = timezone.now()
    if abs(now - presence.at) > CLOCKS_DIFFER:
        raise BadInput(
            _(
                "cannot take the sign of life: it is of %(at)s UTC and this server's clock says %(now)s UTC; "
                "set the clock of the agent's machine"
            )
            % {"at": f"{presence.at:%H:%M:%S}", "now": f"{now:%H:%M:%S}"}
        )
    holder = KeyHolder.objects.filter(Q(said_at=None) | Q(said_at__lt=presence.at), key_set=key, place=presence.point)
    if not holder.update(said_at=presence.at, last_seen_at=now):
        raise Conflict(_("cannot take the sign of life: a later one is known; send one of now"))


def _check_seat(study: Study, signed: Signed, presence: Presence) -> KeySet:
    """The key that the signer holds a share of; raises BadInput."""
    key = key_in_use(study)
    if key is not None and key.sharing is not None:
        sharing = Sharing.model_validate(key.sharing)
        seated = any(seat.point == presence.point and seat.card.signing == signed.signer for seat in sharing.seats)
        if seated and sharing.digest == presence.sharing:
            return key
    raise BadInput(
        _("cannot take the sign of life: no hospital of the sharing in use signed it; take the share of that sharing")
    )
