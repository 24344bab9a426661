"""Hand-overs between leads of the key in use, as the agents of its hospitals see them."""

from django.utils.translation import gettext as _

from hefed.errors import Conflict
from hefed.protocol.lead import HandOverInfo
from hospitals.access import NotFound
from hospitals.models import KeySet, Study
from hospitals.selectors.studies import key_in_use
from training.models import HandOver


def shared_key_of(study: Study) -> KeySet:
    """The key in use, if hospitals hold shares of it; else Conflict."""
    key = key_in_use(study)
    if key is None or key.sharing is None:
        raise Conflict(_("cannot move the lead: no key is shared in this study; a single custodian moves by a backup"))
    return key


def hand_over_infos(study: Study) -> list[HandOverInfo]:
    key = key_in_use(study)
    rows = HandOver.objects.filter(key_set=key) if key is not None else ()
    return [HandOverInfo.model_validate({"note": row.note, "taken": row.taken_at is not None}) for row in rows]


def hand_over_by_digest(study: Study, digest: str) -> HandOver:
    found = HandOver.objects.filter(key_set=shared_key_of(study), digest=digest).select_related("body").first()
    if found is None:
        raise NotFound(
            _("cannot find the hand-over %(digest)s: there is none; ask for the list") % {"digest": digest[:16]}
        )
    return found
