"""The full world with a key that its three hospitals hold: Seoul leads, Jeju has not answered yet."""

from datetime import timedelta

from django.utils import timezone
from joserfc.jwk import ECKey

from hefed.protocol.threshold import AgentCard, Seat, Sharing, SharingNotice, public_half
from hospitals.models import KeySet
from hospitals.services.sharing import publish_sharing
from tests.pages.factory import World
from training.models import CustodianRequest, ShareAnswer

HOSPITALS = ("seoul", "daegu", "jeju")


def share_key(world: World) -> KeySet:
    """Two of three open together. Rounds were opened by Seoul and Daegu; of one, Jeju's answer was wrong."""
    study, key = world.study, KeySet.objects.get(study=world.study)
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
    signing, agreement = (public_half(ECKey.generate_key("P-256")) for _ in range(2))
    name = world.hospitals[slug].name
    return AgentCard(study=world.study.slug, institution=slug, name=name, signing=signing, agreement=agreement)
