"""The full world with a key that its three hospitals hold: Seoul leads, Jeju has not answered yet."""

from datetime import timedelta
from functools import cache

from django.utils import timezone
from joserfc.jwk import ECKey

from hefed.core.protocol.releases import AgentPreview, PreviewContent, ReleaseReport
from hefed.core.protocol.signing import public_half
from hefed.core.protocol.threshold import AgentCard, Seat, Sharing, SharingNotice, seal
from hefed.core.protocol.verdicts import AgentVerdict, Says, sign_verdict
from hospitals.keys.models import KeySet
from hospitals.keys.services import publish_sharing
from hospitals.studies.models import Study
from tests.pages.factory import World
from tests.pages.release_scene import opened_items
from training.jobs.models import CustodianRequest, ShareAnswer
from training.releases.models import Release
from training.releases.publication import take_report, take_verdict
from training.releases.selectors import current_version

HOSPITALS = ("seoul", "daegu", "jeju")


def share_key(world: World) -> KeySet:
    """Two of three open together. Rounds were opened by Seoul and Daegu; of one, Jeju's answer was wrong."""
    study = world.study
    key = KeySet.objects.get(study=study, state=KeySet.State.ACTIVE)
    seats = [Seat(point=point, card=_card(world, slug)) for point, slug in enumerate(HOSPITALS, 1)]
    sharing = Sharing(
        study=study.slug,
        profile=study.profile,
        key_fingerprint=key.fingerprint,
        epoch=1,
        threshold=2,
        seats=seats,
        expires_on=timezone.now().date() + timedelta(days=365),
    )
    key = publish_sharing(study=study, notice=SharingNotice(sharing=sharing, lead=1), by=world.people["custodian"])
    key.holders.filter(place__in=(1, 2)).update(last_answer_at=timezone.now() - timedelta(minutes=4))
    key.holders.filter(place__in=(1, 2)).update(last_seen_at=timezone.now())
    key.holders.filter(place=3).update(last_seen_at=timezone.now() - timedelta(hours=3))
    answered = CustodianRequest.objects.filter(state=CustodianRequest.State.ANSWERED)
    answered.update(opened_by=["seoul", "daegu"])
    CustodianRequest.objects.filter(pk=answered.order_by("-number")[0].pk).update(wrong=["jeju"])
    for request in CustodianRequest.objects.filter(state=CustodianRequest.State.WAITING):
        ShareAnswer.objects.create(request=request, point=2, bytes=6705)
    return key


def _card(world: World, slug: str) -> AgentCard:
    signing, agreement = map(public_half, card_keys(slug))
    name = world.hospitals[slug].name
    return AgentCard(study=world.study.slug, institution=slug, name=name, signing=signing, agreement=agreement)


@cache
def card_keys(slug: str) -> tuple[ECKey, ECKey]:
    """The private halves of that hospital's card: to sign, and to open what is sealed to it."""
    return ECKey.generate_key("P-256"), ECKey.generate_key("P-256")


# ---- releases that agents must approve -------------------------------------------------------------------------------


def verdict(release: Release, slug: str, says: Says = "approve", reason: str = "", **changes: object) -> str:
    """What that hospital's agent signs of the present version."""
    version, sharing = current_version(release), sharing_in_use(release)
    about = AgentVerdict(
        says=says,
        sharing=sharing.digest,
        point=HOSPITALS.index(slug) + 1,
        study=release.study.slug,
        job=release.job.name,
        release=release.name,
        version=version.number,
        digest=version.digest,
        reason=reason,
    )
    return sign_verdict(about.model_copy(update=changes), card_keys(slug)[0]).jws


def sharing_in_use(release: Release) -> Sharing:
    return Sharing.model_validate(KeySet.objects.get(study=release.study).sharing)


def agent_previews(release: Release, *slugs: str) -> list[AgentPreview]:
    """As the lead seals them to these hospitals' cards."""
    version, sharing = current_version(release), sharing_in_use(release)
    content = PreviewContent(
        study=release.study.slug,
        release=release.name,
        version=version.number,
        digest=version.digest,
        items=[item for item in opened_items() if item.item in version.items],
        notes=["Counts of 1 to 7 are suppressed, others are rounded to 5."],
    )
    seats = [seat for seat in sharing.seats if seat.card.institution in slugs]
    return [AgentPreview(sharing=sharing.digest, point=seat.point, jwe=seal(content, seat.card)) for seat in seats]


def ask_agents(world: World, needed: int = 2) -> Release:
    """The study asks two hospitals' agents: Seoul approved, Daegu has not answered, Jeju rejected."""
    Study.objects.filter(pk=world.study.pk).update(agents_must_approve=needed)
    release = Release.objects.get(state=Release.State.COLLECTING)
    by, version = world.people["custodian"], current_version(release)
    no = "Table 1 shows a diagnosis that only one of our wards treats."
    names = {slug: world.hospitals[slug].name for slug in HOSPITALS}
    reasons = [
        "approved by 1 of 2 institutions (jeju)",
        f'agents of 1 of {needed} hospitals approved ({names["seoul"]}); rejected by {names["jeju"]} ("{no}")',
    ]
    report = ReleaseReport(version=version.number, unknown=version.unknown, reasons=reasons, agents_needed=needed)
    previews = {"agent_previews": agent_previews(release, *HOSPITALS)}
    take_report(release=release, report=report.model_copy(update=previews), by=by)
    for text in (verdict(release, "seoul"), verdict(release, "jeju", "reject", no)):
        take_verdict(release=release, text=text, by=by)
    return release
