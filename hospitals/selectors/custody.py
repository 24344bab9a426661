"""Who shall hold a study's key, and whether the key in use is held so. docs/adr/1106."""

from dataclasses import dataclass

from django.utils.translation import gettext as _

from hefed.protocol.threshold import Sharing
from hospitals.models import KeySet, Study


@dataclass(frozen=True)
class Custody:
    """``threshold`` of ``parties`` hospitals open together; 1 of 1 is one custodian."""

    threshold: int
    parties: int

    @property
    def shared(self) -> bool:
        return self.parties > 1

    @property
    def spare(self) -> int:
        """How many shares may be lost."""
        return self.parties - self.threshold


ONE_CUSTODIAN = Custody(1, 1)
_TWO_OF_THREE = Custody(2, 3)


def chosen_custody(study: Study) -> Custody | None:
    """None: nobody decided, and the key may be held in either way."""
    if study.key_parties is None or study.key_threshold is None:
        return None
    return Custody(study.key_threshold, study.key_parties)


def suggested_custody(hospitals: int) -> Custody:
    """Three hospitals can lose one and still no single one reads anything; two would have to be there always."""
    return _TWO_OF_THREE if hospitals >= _TWO_OF_THREE.parties else ONE_CUSTODIAN


def custody_of(key: KeySet) -> Custody:
    """As it is held."""
    if key.sharing is None:
        return ONE_CUSTODIAN
    sharing = Sharing.model_validate(key.sharing)
    return Custody(sharing.threshold, len(sharing.seats))


def in_words(custody: Custody) -> str:
    if not custody.shared:
        return _("one custodian")
    return _("%(threshold)s of %(parties)s hospitals") % {
        "threshold": custody.threshold,
        "parties": custody.parties,
    }


def custody_fault(study: Study, sharing: Sharing | None) -> str:
    """Which fact differs, or nothing. A first sharing is as decided; a later one asks for no fewer hospitals."""
    wanted = chosen_custody(study)
    if wanted is None:
        return ""
    found = ONE_CUSTODIAN if sharing is None else Custody(sharing.threshold, len(sharing.seats))
    later = sharing is not None and sharing.epoch > 1 and wanted.shared
    if found == wanted or (later and found.threshold >= wanted.threshold):
        return ""
    return _("the study says that %(wanted)s can open, and with this key %(found)s can") % {
        "wanted": in_words(wanted),
        "found": in_words(found),
    }


def key_fault(study: Study, key: KeySet | None) -> str:
    """The same of a key of the study that was published."""
    if key is None:
        return ""
    return custody_fault(study, None if key.sharing is None else Sharing.model_validate(key.sharing))
