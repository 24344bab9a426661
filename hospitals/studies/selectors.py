"""What pages and the API read about a study."""

from dataclasses import dataclass

from django.contrib.auth.models import AnonymousUser
from django.db.models import Count, Q, QuerySet, Sum
from django.utils.translation import gettext as _

from hospitals.batches.models import Batch, Block
from hospitals.dictionaries.models import DictionaryVersion
from hospitals.institutions.models import Institution
from hospitals.keys.models import KeySet
from hospitals.people.access import NotFound, roles
from hospitals.people.models import Role, User
from hospitals.studies.models import Study, StudyInstitution


@dataclass(frozen=True)
class HospitalShare:
    """What one hospital has contributed: admitted patients, and how many batches are in which state."""

    institution: Institution
    position: int
    train: int
    holdout: int
    bytes: int
    batch_states: dict[str, int]

    @property
    def patients(self) -> int:
        return self.train + self.holdout


@dataclass(frozen=True)
class StudyOverview:
    study: Study
    hospitals: list[HospitalShare]
    key: KeySet | None
    dictionary: DictionaryVersion | None

    @property
    def patients(self) -> int:
        return sum(share.patients for share in self.hospitals)

    @property
    def bytes(self) -> int:
        return sum(share.bytes for share in self.hospitals)


def studies_of(user: User | AnonymousUser) -> QuerySet[Study]:
    """The studies in which the person has a role; all of them for a platform administrator."""
    if not user.is_authenticated:
        return Study.objects.none()
    if Role.PLATFORM_ADMINISTRATOR in roles(user):
        return Study.objects.all()
    return Study.objects.filter(membership__user=user).distinct()


def study_by_slug(slug: str) -> Study:
    study = Study.objects.filter(slug=slug).first()
    if study is None:
        raise NotFound(_("cannot find study %(slug)s: there is none of that name; check the spelling") % {"slug": slug})
    return study


def key_in_use(study: Study) -> KeySet | None:
    """The keys under which batches are encrypted now; complete ones only."""
    return study.key_sets.filter(state=KeySet.State.ACTIVE).first()


def current_dictionary(study: Study) -> DictionaryVersion | None:
    return study.dictionary_versions.order_by("-number").first()


def participants(study: Study) -> QuerySet[StudyInstitution]:
    """Hospitals of the study in their fixed order (colour, symbol)."""
    return StudyInstitution.objects.filter(study=study).select_related("institution")


def study_overview(study: Study) -> StudyOverview:
    shares = [_share(study, participant) for participant in participants(study)]
    return StudyOverview(study, shares, key_in_use(study), current_dictionary(study))


def _share(study: Study, participant: StudyInstitution) -> HospitalShare:
    batches = Batch.objects.filter(study=study, institution=participant.institution)
    states = {row["state"]: row["n"] for row in batches.order_by().values("state").annotate(n=Count("pk"))}
    blocks = Block.objects.filter(batch__in=batches, batch__state=Batch.State.ADMITTED)
    sums = blocks.aggregate(
        train=Sum("patients", filter=Q(role=Block.Role.TRAIN), default=0),
        holdout=Sum("patients", filter=Q(role=Block.Role.HOLDOUT), default=0),
        size=Sum("bytes", default=0),
    )
    return HospitalShare(
        participant.institution, participant.position, sums["train"], sums["holdout"], sums["size"], states
    )
