"""Hospitals that hold shares say that they are there: who is believed, and when."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone
from joserfc.jwk import ECKey

from hefed.core.protocol.lead import Presence
from hefed.core.protocol.signing import public_half
from hefed.core.protocol.threshold import AgentCard, Seat, Sharing, SharingNotice, sign
from hospitals.audit.models import AuditEvent
from hospitals.audit.record import System
from hospitals.keys.models import KeyHolder
from hospitals.keys.services import publish_sharing
from hospitals.studies.models import Study
from tests.server.conftest import Api
from tests.words.raises import answers

NAMES = ("north", "south", "west")


class Hospitals:
    """Three cards and the sharing of the study's key among them."""

    def __init__(self, study: Study) -> None:
        self.keys = [ECKey.generate_key("P-256") for _ in NAMES]
        key = study.key_sets.get()
        seats = [
            Seat(point=point, card=self.card(study.slug, name, key_pair))
            for point, (name, key_pair) in enumerate(zip(NAMES, self.keys, strict=True), 1)
        ]
        self.sharing = Sharing(
            study=study.slug,
            profile=study.profile,
            key_fingerprint=key.fingerprint,
            epoch=1,
            threshold=2,
            seats=seats,
            expires_on=timezone.now().date() + timedelta(days=365),
        )
        publish_sharing(study=study, notice=SharingNotice(sharing=self.sharing, lead=1), by=System("test"))

    def card(self, study: str, name: str, key: ECKey) -> AgentCard:
        other = public_half(ECKey.generate_key("P-256"))
        return AgentCard(study=study, institution=name, name=name, signing=public_half(key), agreement=other)

    def message(self, point: int, *, signer: int = 0, sharing: str = "", late: timedelta = timedelta()) -> bytes:
        presence = Presence(sharing=sharing or self.sharing.digest, point=point, at=datetime.now(UTC) - late)
        return sign(presence, self.keys[(signer or point) - 1]).model_dump_json().encode()


@pytest.fixture
def hospitals(study: Study, published: Api) -> Hospitals:
    return Hospitals(study)


def put(api: Api, message: bytes) -> int:
    return api.put("custodian/presence", content=message).status_code


def test_a_hospital_that_says_it_is_there_was_seen_now_and_leaves_no_line_in_the_audit_log(
    published: Api, hospitals: Hospitals
):
    lines = AuditEvent.objects.count()

    assert put(published, hospitals.message(2)) == 204

    seen = dict(KeyHolder.objects.values_list("institution", "last_seen_at"))
    assert seen["north"] is None and seen["west"] is None
    assert timezone.now() - seen["south"] < timedelta(minutes=1)
    assert AuditEvent.objects.count() == lines


def test_what_was_said_once_is_not_taken_again_and_a_later_word_is(published: Api, hospitals: Hospitals):
    earlier = hospitals.message(2)
    assert put(published, earlier) == 204
    assert put(published, earlier) == 409
    assert put(published, hospitals.message(2)) == 204
    assert put(published, earlier) == 409


@pytest.mark.parametrize("minutes", [-6, 6])
def test_a_clock_that_is_minutes_off_is_named(published: Api, hospitals: Hospitals, minutes: int):
    response = published.put("custodian/presence", content=hospitals.message(2, late=timedelta(minutes=minutes)))
    answers(response, 422, "keys.clocks_differ")
    assert all(re.fullmatch(r"\d\d:\d\d:\d\d", clock) for clock in response.json()["facts"].values())
    assert not KeyHolder.objects.exclude(last_seen_at=None).exists()


def test_nobody_speaks_for_another_hospital_or_an_older_sharing(published: Api, hospitals: Hospitals):
    assert put(published, hospitals.message(2, signer=3)) == 422
    assert put(published, hospitals.message(2, sharing="0" * 64)) == 422
    assert not KeyHolder.objects.exclude(last_seen_at=None).exists()


def test_a_key_of_one_custodian_has_nobody_to_be_there(published: Api, study: Study):
    presence = Presence(sharing="0" * 64, point=1, at=datetime.now(UTC))
    message = sign(presence, ECKey.generate_key("P-256")).model_dump_json().encode()
    assert put(published, message) == 422
