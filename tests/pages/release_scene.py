"""A sealed result and its releases: people with real keys, signatures that verify, items that open the commitments."""

from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cache
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils import timezone
from joserfc.jwk import ECKey

from hefed.core.dictionary.variables import DataDictionary
from hefed.core.learning.disclosure import Thresholds
from hefed.core.learning.table_one import table_one
from hefed.core.protocol.base import ItemName
from hefed.core.protocol.releases import (
    ApproverKey,
    OpenedItem,
    PreviewContent,
    Publication,
    ReleaseReport,
    commit,
    encrypt_preview,
    sign,
)
from hefed.core.protocol.results import ReleasedResult
from hefed.core.protocol.results import SealedResult as SealedMessage
from hefed.core.protocol.signing import PublicJwk
from hefed.custodian.desk import results
from hospitals.audit.record import System
from hospitals.institutions.models import Institution
from hospitals.institutions.services import approve_institution, register_institution
from hospitals.people.models import Role, User
from hospitals.studies.services import add_institution, grant_role
from tests.pages import cohort
from training.jobs.models import Job
from training.releases.models import Release, ReleaseVersion
from training.releases.publication import approve_release, publish_release, register_key, take_report
from training.releases.selectors import current_version, statement_for
from training.releases.services import Wish, comment_on_release, draft_release, reject_release, sign_request
from training.results.models import TrainedModel
from training.results.services import seal_result

if TYPE_CHECKING:
    from tests.pages.factory import World

CUSTODIAN = System("custodian of a test")
EVERYTHING = ("coefficients", "metrics", "curves", "table_one")


@dataclass(frozen=True)
class Keys:
    """Both halves of one person's two keys; in the product the private ones stay in a browser."""

    signing: ECKey = field(default_factory=lambda: ECKey.generate_key("P-256"))
    agreement: ECKey = field(default_factory=lambda: ECKey.generate_key("P-256"))

    @property
    def message(self) -> ApproverKey:
        return ApproverKey(signing=_public(self.signing), agreement=_public(self.agreement))


def _public(key: ECKey) -> PublicJwk:
    return PublicJwk.model_validate({name: key.as_dict(private=False)[name] for name in ("kty", "crv", "x", "y")})


@cache
def keys_of(username: str) -> Keys:
    return Keys()


def register(user: User) -> None:
    register_key(key=keys_of(user.username).message, by=user)


def signed(of: ReleaseVersion, says: str, user: User, **changes: object) -> str:
    """What the person's browser would send."""
    keys = keys_of(user.username)
    statement = statement_for(of, says, keys.message.fingerprint)
    return sign(statement.model_copy(update=changes), keys.signing)


def released() -> ReleasedResult:
    """Of the sealed job, as the custodian holds it."""
    patients = _patients()
    return cohort.released(tuple(patients.values()), tuple(patients), tuple(patients.values()))


@cache
def _patients() -> dict[str, cohort.Patients]:
    everyone = {"seoul": (3400, 0.0), "daegu": (1700, 0.3), "jeju": (240, -0.4)}
    return {slug: cohort.patients(*size, seed) for seed, (slug, size) in enumerate(everyone.items())}


def opened_notes() -> dict[ItemName, list[str]]:
    """What the custodian's own program says of what it hid."""
    return results.notes(released(), Thresholds())


@cache
def opened_items() -> tuple[OpenedItem, ...]:
    """What the custodian holds of the sealed job: its items with their salts."""
    patients, result = _patients(), released()
    columns = DataDictionary.from_csv(cohort.DICTIONARY).columns
    tables = {"pooled": table_one(sum(one.sums() for one in patients.values()), columns)}
    tables |= {slug: cohort.summary(one) for slug, one in patients.items()}
    plain = result.model_dump(mode="json")
    contents = {
        "coefficients": {"model": plain["model"], "warnings": plain["warnings"]},
        "metrics": plain["metrics"],
        "curves": plain["curves"],
        "table_one": {scope: table.model_dump(mode="json") for scope, table in tables.items()},
    }
    return tuple(commit(name, contents[name]) for name in EVERYTHING)


def seal(job: Job) -> Job:
    """The custodian's last answer to this job, which then ends."""
    sealed = SealedMessage(items=[item.commitment() for item in opened_items()])
    with transaction.atomic():
        seal_result(job=job, request="request-0042", sealed=sealed, by=CUSTODIAN)
        job.state, job.finished_at = Job.State.FINISHED, timezone.now()
        job.save()
    return job


def publication(of: ReleaseVersion, **changes: object) -> Publication:
    items = [item for item in opened_items() if item.item in of.items]
    whole = Publication(release=of.release.name, version=of.number, digest=of.digest, items=items)
    return whole.model_copy(update=changes)


def report(version: ReleaseVersion, readers: list[User], unknown: list[str] | None = None) -> ReleaseReport:
    content = PreviewContent(
        study=version.release.study.slug,
        release=version.release.name,
        version=version.number,
        digest=version.digest,
        items=[item for item in opened_items() if item.item in version.items],
        notes=[note for item, said in opened_notes().items() if item in version.items for note in said],
    )
    previews = [encrypt_preview(content, keys_of(user.username).message) for user in readers]
    reasons = ["approved by 0 of 2 institutions (none yet)"]
    return ReleaseReport(version=version.number, previews=previews, unknown=unknown or [], reasons=reasons)


def wish(*items: str, days: int = 30, why: str = "The study group decides on the next phase.") -> Wish:
    return Wish(items or EVERYTHING, why, "Study group", until(days))


def until(days: int) -> date:
    return timezone.localdate() + timedelta(days=days)


def ask(job: Job, by: User, *items: str) -> Release:
    """Asked for and signed."""
    release = draft_release(job=job, wish=wish(*items), by=by)
    sign_request(release=release, statement=signed(current_version(release), "request", by), by=by)
    release.refresh_from_db()
    return release


def approve(release: Release, by: User) -> None:
    approve_release(release=release, statement=signed(current_version(release), "approve", by), by=by)


def add_releases(world: "World", job: Job) -> None:
    """One release that was rejected, and one that waits for its second approval."""
    alice, finn = world.people["project_administrator"], world.people["approver"]
    gina = world.people["second_approver"]
    for user in (alice, gina):
        register(user)
    seal(job)
    first = ask(job, alice, "table_one")
    reject_release(release=first, reason="Say in the request which journal will print the table.", by=gina)
    release = ask(job, alice)
    register(finn)
    approve(release, gina)
    version = current_version(release)
    take_report(
        release=release, report=report(version, [finn], [keys_of(gina.username).message.fingerprint]), by=CUSTODIAN
    )
    comment_on_release(release=release, text="Table 1 is needed for the ethics committee, too.", by=alice)


def publish(world: "World") -> Release:
    """The second approval arrives, the custodian sends the items, and a fourth hospital stands in Table 1."""
    release = Release.objects.get(number=2)
    approve(release, world.people["approver"])
    publish_release(release=release, publication=publication(current_version(release)), by=CUSTODIAN)
    boss = world.people["platform_administrator"]
    contact = ("Dr Bae", "contact@ulsan.example.org")
    ulsan = register_institution(
        slug="ulsan",
        name="Ulsan Seaside Hospital",
        kind=Institution.Kind.HOSPITAL,
        country="KR",
        contact=contact,
        by=boss,
    )
    add_institution(study=world.study, institution=approve_institution(institution=ulsan, by=boss), by=boss)
    model = TrainedModel.objects.get(job=release.job)
    model.table_one["ulsan"] = model.table_one["jeju"]
    model.save()
    return release


def add_approver(world: "World", user: User, institution: str) -> User:
    boss = world.people["platform_administrator"]
    grant_role(user=user, role=Role.APPROVER, study=world.study, institution=world.hospitals[institution], by=boss)
    return user
