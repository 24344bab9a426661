"""An agent says that it is there: at a moment with a time zone, for one sharing and place, and in its own name only."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from pydantic import ValidationError

from hefed.core.protocol import threshold
from hefed.core.protocol.envelope import canonical_json
from hefed.core.protocol.lead import EVERY_SECONDS, Presence
from hefed.core.protocol.signing import SignatureInvalid
from tests.protocol.people import agent, presence, sharing
from tests.words.raises import says

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    "at",
    ["2026-11-24T12:00:00", "2026-11-24", "", "now", "12:00Z", "2026-13-01T00:00:00Z", "2026-11-24T25:00:00Z", None],
)
def test_a_moment_without_a_time_zone_or_none_at_all_is_refused(at: object) -> None:
    with pytest.raises(ValidationError, match="at"):
        presence(at=at)


@pytest.mark.parametrize("hours", [-12, -5, 0, 9, 14])
def test_a_moment_is_the_same_in_every_time_zone(hours: int) -> None:
    there = NOON.astimezone(timezone(timedelta(hours=hours)))
    assert Presence.model_validate_json(presence(at=there).model_dump_json()).at == NOON


@pytest.mark.parametrize("microsecond", [0, 1, 999_999])
def test_a_moment_comes_back_to_the_microsecond(microsecond: int) -> None:
    said = presence(at=NOON.replace(microsecond=microsecond))
    again = Presence.model_validate_json(canonical_json(said.model_dump(mode="json")))
    assert again.at == NOON.replace(microsecond=microsecond)


def test_two_moments_are_two_messages() -> None:
    texts = {presence(at=NOON + timedelta(seconds=n * EVERY_SECONDS)).model_dump_json() for n in range(5)}
    assert len(texts) == 5


def test_a_hospital_cannot_say_that_another_is_there() -> None:
    said = threshold.sign(presence(point=1), agent("south").signing)
    with says("protocol.other_signer", SignatureInvalid):
        threshold.verify(said, Presence, sharing().seats[0].card.signing)


def test_a_moment_cannot_be_moved_after_it_was_signed() -> None:
    signed = threshold.sign(presence(), agent().signing)
    later = threshold.sign(presence(at=NOON + timedelta(hours=1)), agent().signing)
    head, _, signature = signed.jws.split(".")
    moved = signed.model_copy(update={"jws": f"{head}.{later.jws.split('.')[1]}.{signature}"})
    with says("protocol.signature", SignatureInvalid):
        threshold.verify(moved, Presence, agent().card.signing)


def test_presence_in_one_sharing_is_none_in_the_next() -> None:
    assert presence(sharing=sharing(epoch=2).digest) != presence()
