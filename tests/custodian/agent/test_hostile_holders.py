"""Hospitals that hold shares and lie, come late or speak for others; and a server that mixes up their answers."""

from collections.abc import Callable

import pytest

from hefed.core.protocol.requests import Request
from hefed.core.protocol.threshold import PartialNote, PartialOpening, Signed, seal, sign, verify
from hefed.custodian.agent.share import ShareHolder
from hefed.custodian.keeping.ledger import Line, read_lines
from tests.custodian.agents import holding, leading
from tests.custodian.conftest import NORTH, SOUTH
from tests.custodian.consortium import name_everywhere
from tests.custodian.scene import Consortium, consortium, share_directories  # noqa: F401  fixtures

LEAD, SOUTH_PLACE, WEST_PLACE = 1, 2, 3


def holder(found: Consortium, point: int) -> ShareHolder:
    return found.holders[point - 1]


def lines(found: Consortium, point: int, event: str) -> list[Line]:
    return [line for line in read_lines(found.homes[point - 1].ledger) if line.event == event]


def note_of(found: Consortium, request: Request, point: int) -> PartialNote:
    signed = Signed.model_validate_json(found.server.partials[request.request, point])
    return verify(signed, PartialNote)


def put(found: Consortium, request: Request, point: int, note: PartialNote, signer: int) -> None:
    """Lay it at the place where the lead looks for that hospital's answer."""
    body = sign(note, holder(found, signer).identity.signing).model_dump_json().encode()
    found.server.partials[request.request, point] = body


def opening(found: Consortium, asked: Request, /, **changes: object) -> str:
    """West's numbers as it would seal them to the lead, changed."""
    fields = {"request": asked.request, "payload_sha256": asked.payload_sha256, "totals": {}}
    message = PartialOpening.model_validate(fields | changes)
    return seal(message, holder(found, LEAD).identity.card)


def changed(**changes: object) -> Callable[[Consortium, Request], None]:
    def lie(found: Consortium, request: Request) -> None:
        note = note_of(found, request, WEST_PLACE).model_copy(update=changes)
        put(found, request, WEST_PLACE, note, WEST_PLACE)

    return lie


def sealing(**changes: object) -> Callable[[Consortium, Request], None]:
    def lie(found: Consortium, request: Request) -> None:
        sealed = opening(found, request, **changes)
        put(found, request, WEST_PLACE, note_of(found, request, WEST_PLACE).model_copy(update={"sealed": sealed}), 3)

    return lie


def to_another_hospital(found: Consortium, request: Request) -> None:
    fields = {"request": request.request, "payload_sha256": request.payload_sha256, "totals": {}}
    sealed = seal(PartialOpening.model_validate(fields), holder(found, SOUTH_PLACE).identity.card)
    put(found, request, WEST_PLACE, note_of(found, request, WEST_PLACE).model_copy(update={"sealed": sealed}), 3)


def signed_by_another(found: Consortium, request: Request) -> None:
    put(found, request, WEST_PLACE, note_of(found, request, WEST_PLACE), SOUTH_PLACE)


def from_another_place(found: Consortium, request: Request) -> None:
    found.server.partials[request.request, WEST_PLACE] = found.server.partials[request.request, SOUTH_PLACE]


LIES: dict[str, Callable[[Consortium, Request], None]] = {
    "under another sharing": changed(sharing="0" * 64),
    "in another hospital's name": changed(point=SOUTH_PLACE),
    "to another request": changed(request="request-0404"),
    "to another payload": changed(payload_sha256="0" * 64),
    "sealed as nonsense": changed(sealed="not-a-jwe"),
    "sealed to another hospital": to_another_hospital,
    "signed by another hospital": signed_by_another,
    "with another request inside": sealing(request="request-0404"),
    "with another payload inside": sealing(payload_sha256="0" * 64),
    "with no numbers": sealing(),
    "with numbers of something else": sealing(totals={"0" * 64: 1}),
    "with a number outside the field": sealing(totals={"0" * 64: 2**90}),
    "with a negative number": sealing(totals={"0" * 64: -1}),
}


@pytest.fixture
def asked(consortium: Consortium) -> Request:  # noqa: F811
    """South and west have answered honestly; the lead has not looked yet."""
    request = consortium.server.upload("b1", "north", *NORTH)
    consortium.poll(SOUTH_PLACE, WEST_PLACE)
    return request


@pytest.mark.parametrize("lie", LIES)
def test_an_answer_that_cannot_be_used_is_that_hospitals_only_and_the_others_open(
    consortium: Consortium,  # noqa: F811
    asked: Request,
    lie: str,
) -> None:
    LIES[lie](consortium, asked)
    answer = consortium.answer(asked, LEAD)
    assert answer.outcome == "admitted"
    assert (answer.opened_by, answer.wrong) == (["north", "south"], ["west"])
    assert [line.request for line in lines(consortium, LEAD, "conflict")] == [asked.request]


@pytest.mark.parametrize("lie", LIES)
def test_with_a_liar_alone_nothing_is_opened(
    consortium: Consortium,  # noqa: F811
    asked: Request,
    lie: str,
) -> None:
    LIES[lie](consortium, asked)
    del consortium.server.partials[asked.request, SOUTH_PLACE]
    consortium.poll(LEAD, LEAD)
    assert sum(line.openings for line in lines(consortium, LEAD, "answer")) == 0
    assert list(holder(consortium, LEAD).custodian.store.batches()) == []


def test_an_answer_in_anothers_place_counts_for_nobody_twice(
    consortium: Consortium,  # noqa: F811
    asked: Request,
) -> None:
    """A server that shows one hospital's answer at two places has not made two hospitals of it."""
    from_another_place(consortium, asked)
    answer = consortium.answer(asked, LEAD)
    assert answer.opened_by == ["north", "south"]


def test_an_answer_is_not_used_for_the_next_request(consortium: Consortium) -> None:  # noqa: F811
    first = consortium.server.upload("b1", "north", *NORTH)
    consortium.poll(SOUTH_PLACE, LEAD)
    second = consortium.server.upload("b2", "south", *SOUTH)
    old = consortium.server.partials[first.request, SOUTH_PLACE]
    consortium.server.partials[second.request, SOUTH_PLACE] = old
    consortium.poll(LEAD)
    assert [batch.batch for batch in holder(consortium, LEAD).custodian.store.batches()] == ["b1"]


def test_an_answer_that_comes_late_changes_nothing_and_is_sent_once(
    consortium: Consortium,  # noqa: F811
) -> None:
    request = consortium.server.upload("b1", "north", *NORTH)
    consortium.poll(SOUTH_PLACE)
    body = holder(consortium, SOUTH_PLACE).custodian.store.answer(request.request)
    consortium.poll(LEAD)
    first = consortium.server.answers[request.request]
    consortium.server.waiting.pop(request.request, None)
    consortium.poll(WEST_PLACE, LEAD)
    assert consortium.server.answers[request.request] == first
    assert (request.request, WEST_PLACE) not in consortium.server.partials
    assert body is not None and lines(consortium, WEST_PLACE, "request") == []


def test_two_that_answer_after_one_another_are_compared_when_both_are_there(
    consortium: Consortium,  # noqa: F811
) -> None:
    request = consortium.server.upload("b1", "north", *NORTH)
    consortium.poll(WEST_PLACE)
    LIES["with no numbers"](consortium, request)
    consortium.poll(LEAD)
    consortium.poll(SOUTH_PLACE, LEAD)
    assert holder(consortium, LEAD).custodian.store.answer(request.request) is not None


# ---- who leads -------------------------------------------------------------------------------------------------------


def test_who_acts_as_lead_without_being_named_cannot_read_what_the_others_answer(
    consortium: Consortium,  # noqa: F811
) -> None:
    consortium.server.upload("b1", "north", *NORTH)
    consortium.poll(SOUTH_PLACE)
    usurper = leading(holder(consortium, WEST_PLACE), consortium.client)
    usurper.poll()
    assert list(holder(consortium, WEST_PLACE).custodian.store.batches()) == []
    assert sum(line.openings for line in lines(consortium, WEST_PLACE, "answer")) == 0


def test_of_two_leads_at_once_the_server_has_one_answer_and_the_other_writes_down_that_it_was_late(
    consortium: Consortium,  # noqa: F811
) -> None:
    """Two machines with one hospital's directory: the copy answers what was answered."""
    request = consortium.server.upload("b1", "north", *NORTH)
    consortium.poll(SOUTH_PLACE)
    agent = consortium.agents[LEAD - 1]
    assert agent.prepare(request) is not None
    consortium.server.answers[request.request] = b"of the other machine"
    consortium.poll(LEAD, LEAD)
    assert consortium.server.answers[request.request] == b"of the other machine"
    assert [line.request for line in lines(consortium, LEAD, "conflict")] == [request.request]


def test_every_hospital_tells_the_server_whom_it_named_and_tells_it_again_when_that_changes(
    consortium: Consortium,  # noqa: F811
) -> None:
    consortium.poll(SOUTH_PLACE)
    assert consortium.server.notice is not None
    assert (consortium.server.notice.lead, consortium.server.present) == (1, [SOUTH_PLACE])
    name_everywhere(consortium.holders, "west")
    consortium.poll(SOUTH_PLACE)
    assert consortium.server.notice.lead == WEST_PLACE


def test_an_earlier_lead_answers_as_one_of_the_others_after_the_lead_moved(
    consortium: Consortium,  # noqa: F811
) -> None:
    name_everywhere(consortium.holders, "west")
    consortium.agents = [
        holding(holder(consortium, LEAD), consortium.client),
        holding(holder(consortium, SOUTH_PLACE), consortium.client),
        leading(holder(consortium, WEST_PLACE), consortium.client),
    ]
    consortium.poll(LEAD, WEST_PLACE)
    request = consortium.server.upload("b1", "north", *NORTH)
    answer = consortium.answer(request, LEAD, WEST_PLACE)
    assert answer.opened_by == ["north", "west"]
    assert lines(consortium, LEAD, "answer") == []
    assert len(lines(consortium, LEAD, "share-answered")) == 1
