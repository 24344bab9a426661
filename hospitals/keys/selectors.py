"""What pages read of keys and of their holders."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, Q, QuerySet, Sum
from django.utils import timezone

from hefed.core.ckks.params import profile
from hefed.core.protocol.lead import EVERY_SECONDS
from hefed.core.protocol.requests import KeyProposal, OutdatedShare, RotationEffect
from hefed.core.protocol.threshold import Sharing
from hefed.core.words import Said
from hospitals.batches.models import Batch
from hospitals.institutions.models import Institution
from hospitals.keys.models import EnrolmentCode, KeyAgreement, KeyConfirmation, KeyHolder, KeySet
from hospitals.people.models import User
from hospitals.studies.models import Study
from hospitals.studies.selectors import key_in_use

_BUSY_JOBS = ("queued", "running")
# Of the fingerprint, to confirm it: 32 bits that nobody makes a second key for within a telephone call.
TYPED_DIGITS = 8


def key_in_place(study: Study) -> KeySet | None:
    """The key in use, or the first one while its relinearisation key is missing."""
    return study.key_sets.exclude(state__in=KeySet.NOT_IN_PLACE).first()


def cards_needed(key: KeySet) -> int:
    """How many hospitals' cards must sign before another key takes this one's place; 0: a person confirms it.

    Nobody loses anything with a key under which no batch was ever announced.
    """
    if key.sharing is None or not key.batches.exists():
        return 0
    return Sharing.model_validate(key.sharing).threshold


def agreements_of(key: KeySet, proposal: KeySet) -> list[KeyAgreement]:
    """Those of hospitals that hold shares of the key as it is shared now."""
    if key.sharing is None:
        return []
    return list(proposal.agreements.filter(sharing=Sharing.model_validate(key.sharing).digest))


def key_to_take_back(key: KeySet | None) -> KeySet | None:
    """The key that this one replaced, while it can still be put back."""
    before = None if key is None else key.replaces
    return before if before is not None and before.undo_until and before.undo_until > timezone.now() else None


@dataclass(frozen=True)
class Proposal:
    """A key that was published beside the one in place, and who has agreed to it."""

    key: KeySet
    agreed: list[str]

    @property
    def complete(self) -> bool:
        return self.key.relinearisation_id is not None


def proposals_of(rows: list[KeySet]) -> list[Proposal]:
    """Among a study's key sets, in their order."""
    proposed = [row for row in rows if row.state == KeySet.State.PROPOSED]
    key = next((row for row in rows if row.state not in KeySet.NOT_IN_PLACE), None)
    return [Proposal(row, [one.institution for one in agreements_of(key, row)] if key else []) for row in proposed]


@dataclass(frozen=True)
class OutdatedLine:
    """One hospital's live batches, which could no longer be trained with."""

    institution: Institution
    batches: int
    patients: int


def would_be_outdated(study: Study) -> list[OutdatedLine]:
    """Live batches by hospital, in the study's order of hospitals."""
    live = Batch.objects.filter(study=study, state__in=Batch.LIVE)
    rows = live.order_by("institution").values("institution").annotate(batches=Count("pk"), patients=Sum("patients"))
    hospitals = {row.pk: row for row in Institution.objects.filter(batches__in=live)}
    return [OutdatedLine(hospitals[row["institution"]], row["batches"], row["patients"]) for row in rows]


def busy_jobs(study: Study) -> list[str]:
    """Readable ids of the jobs under way over batches of this study."""
    numbers = Batch.objects.filter(study=study, jobs__state__in=_BUSY_JOBS).values_list("jobs__number", flat=True)
    return [f"job-{number:04d}" for number in sorted(set(numbers))]


SOON = timedelta(days=30)


@dataclass(frozen=True)
class ConfirmationLine:
    """A hospital of the study, and its word about the key if it gave one."""

    institution: Institution
    confirmation: KeyConfirmation | None


def confirmations_of(key_set: KeySet) -> list[ConfirmationLine]:
    """Every hospital that takes part, in the order of the study."""
    rows = {row.institution_id: row for row in key_set.confirmations.select_related("confirmed_by")}
    institutions = Institution.objects.filter(studyinstitution__study=key_set.study).order_by(
        "studyinstitution__position"
    )
    return [ConfirmationLine(institution, rows.get(institution.pk)) for institution in institutions]


def unconfirmed(key_set: KeySet) -> list[Institution]:
    """Hospitals that send nothing before they have compared the key."""
    return [line.institution for line in confirmations_of(key_set) if line.confirmation is None]


def is_confirmed_by(key_set: KeySet, institution: Institution) -> bool:
    return key_set.confirmations.filter(institution=institution).exists()


def is_publisher(key_set: KeySet, user: User) -> bool:
    """The key came with a code or token of this person. For keys from before that was kept: with any of their codes."""
    if key_set.published_by_id is not None:
        return key_set.published_by_id == user.pk
    return key_set.study.enrolment_codes.filter(created_by=user, used_at__isnull=False).exists()


def key_sets(study: Study) -> QuerySet[KeySet]:
    """The newest first, with how many batches became outdated with each and how many hospitals confirmed it."""
    rows = study.key_sets.select_related("public", "relinearisation", "published_with").prefetch_related("holders")
    outdated = Count("batches", filter=Q(batches__state=Batch.State.OUTDATED), distinct=True)
    confirmed = Count("confirmations", distinct=True)
    return rows.annotate(outdated=outdated, confirmed=confirmed).order_by("-published_at")


def key_warning(key: KeySet | None) -> str:
    """ "expired", "soon" or nothing."""
    if key is None or key.expires_at is None:
        return ""
    now = timezone.now()
    return "expired" if key.expires_at <= now else "soon" if key.expires_at <= now + SOON else ""


def open_code(study: Study) -> EnrolmentCode | None:
    """The enrolment code that could still be exchanged."""
    return study.enrolment_codes.filter(used_at=None, expires_at__gt=timezone.now()).first()


def requests_waiting_count(study: Study) -> int:
    """What waits to be opened; the requests are the training application's."""
    return study.requests.filter(state="waiting").count()


def rotation_effect(study: Study) -> RotationEffect:
    key = key_in_use(study)
    before = key_to_take_back(key)
    return RotationEffect(
        fingerprint="" if key is None else key.fingerprint,
        expires_at="" if key is None or key.expires_at is None else key.expires_at.isoformat(),
        outdated=[
            OutdatedShare(
                institution=line.institution.slug,
                name=line.institution.name,
                batches=line.batches,
                patients=line.patients,
            )
            for line in would_be_outdated(study)
        ],
        jobs=busy_jobs(study),
        proposals=[_told(proposal) for proposal in proposals_of(list(key_sets(study)))],
        cards=0 if key is None else cards_needed(key),
        previous="" if before is None else before.fingerprint,
        undo_until="" if before is None or before.undo_until is None else before.undo_until.isoformat(),
    )


def _told(proposal: Proposal) -> KeyProposal:
    return KeyProposal(
        fingerprint=proposal.key.fingerprint,
        published_at=proposal.key.published_at.isoformat(),
        complete=proposal.complete,
        agreed=proposal.agreed,
    )


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


def custody_said(custody: Custody) -> Said:
    if not custody.shared:
        return Said("keys.one_custodian")
    return Said("keys.of_hospitals", threshold=custody.threshold, parties=custody.parties)


def custody_fault(study: Study, sharing: Sharing | None) -> Said | None:
    """Which fact differs. A first sharing is as decided; a later one asks for no fewer hospitals."""
    wanted = chosen_custody(study)
    if wanted is None:
        return None
    found = ONE_CUSTODIAN if sharing is None else Custody(sharing.threshold, len(sharing.seats))
    later = sharing is not None and sharing.epoch > 1 and wanted.shared
    if found == wanted or (later and found.threshold >= wanted.threshold):
        return None
    return Said("keys.custody_differs", wanted=custody_said(wanted), found=custody_said(found))


def key_fault(study: Study, key: KeySet | None) -> Said | None:
    """The same of a key of the study that was published."""
    if key is None:
        return None
    return custody_fault(study, None if key.sharing is None else Sharing.model_validate(key.sharing))


ONLINE = timedelta(seconds=4 * EVERY_SECONDS)  # an agent that computes may be late with its sign of life
EXPIRES_SOON = timedelta(days=30)


@dataclass(frozen=True)
class Holding:
    """One hospital with a share. ``seen``: its last sign of life or answer, whichever is later."""

    holder: KeyHolder
    leads: bool
    seen: datetime | None

    @property
    def name(self) -> str:
        return self.holder.name

    @property
    def online(self) -> bool:
        return self.seen is not None and timezone.now() - self.seen < ONLINE


@dataclass(frozen=True)
class SharedKey:
    """As the pages show it."""

    sharing: Sharing
    holdings: list[Holding]
    lead: Holding

    @property
    def threshold(self) -> int:
        return self.sharing.threshold

    @property
    def parties(self) -> int:
        return len(self.sharing.seats)

    @property
    def spare(self) -> int:
        """How many hospitals may lose their share, and the others still open."""
        return self.parties - self.threshold

    @property
    def online(self) -> int:
        return sum(holding.online for holding in self.holdings)

    @property
    def short(self) -> bool:
        """Nothing can be opened now: too few are there, or the one that puts the answers together is not."""
        return self.online < self.threshold or not self.lead.online

    @property
    def days_left(self) -> int:
        """Until the last day of use; negative when it is over."""
        return (self.sharing.expires_on - timezone.now().date()).days

    @property
    def expired(self) -> bool:
        return self.days_left < 0

    @property
    def expires_soon(self) -> bool:
        return not self.expired and self.days_left <= EXPIRES_SOON.days


def shared_key(key: KeySet | None) -> SharedKey | None:
    """None while one custodian holds the whole key."""
    if key is None or key.sharing is None:
        return None
    holdings = holdings_of(key)
    lead = next(holding for holding in holdings if holding.leads)
    return SharedKey(Sharing.model_validate(key.sharing), holdings, lead)


def holdings_of(key: KeySet) -> list[Holding]:
    """In the order of their shares."""
    return [Holding(holder, holder.place == key.lead, _seen(holder)) for holder in key.holders.all()]


def _seen(holder: KeyHolder) -> datetime | None:
    return max((at for at in (holder.last_seen_at, holder.last_answer_at) if at is not None), default=None)


@dataclass(frozen=True)
class SecurityFacts:
    scheme: str
    profile: str
    ring_degree: int
    modulus_bits: int
    security_bits: int
    patients_per_block: int


def security_facts(study: Study) -> SecurityFacts:
    ring = profile(study.profile)
    return SecurityFacts("CKKS", ring.name, ring.ring_degree, ring.modulus_bits, ring.security_bits, ring.slots)
