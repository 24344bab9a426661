"""A hospital reads a release and signs: what it reads was committed to, what it signs it has read."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import httpx
import pytest
from joserfc.jwk import ECKey
from tenacity import wait_none

from hefed.core.errors import BadInput, Conflict, HEFedError
from hefed.core.protocol.releases import PreviewContent
from hefed.core.protocol.signing import public_half
from hefed.core.protocol.threshold import AgentCard, Seat, Sharing, seal
from hefed.core.protocol.verdicts import AgentVerdict, VerdictTask, digest_of_preview, read_verdict
from hefed.custodian.client import CustodianClient
from hefed.custodian.keeping.ledger import read_lines, verify
from hefed.custodian.keeping.opened import Custodian
from hefed.custodian.keeping.store import Home
from hefed.custodian.releases.reviewing import Reviewer
from hefed.custodian.sharing.holding import Identity
from tests.custodian.fake_server import TOKEN
from tests.custodian.people import UNTIL, sealed_record

NAMES = ("north", "south", "west")
KEYS = {name: (ECKey.generate_key("P-256"), ECKey.generate_key("P-256")) for name in NAMES}
RECORD = sealed_record()
RELEASE = "release-0001"


def identity(name: str) -> Identity:
    signing, agreement = KEYS[name]
    halves = {"signing": public_half(signing), "agreement": public_half(agreement)}
    return Identity(AgentCard(study="demo", institution=name, name=f"{name.title()} hospital", **halves), *KEYS[name])


def sharing(epoch: int = 1) -> Sharing:
    seats = [Seat(point=point, card=identity(name).card) for point, name in enumerate(NAMES, 1)]
    fields = {"study": "demo", "profile": "INSECURE_TEST_N12_L9", "key_fingerprint": "ab" * 32}
    return Sharing(epoch=epoch, threshold=2, seats=seats, expires_on=date(2099, 1, 1), **fields)


CONTENT = PreviewContent(study="demo", release=RELEASE, version=1, digest="0" * 64, items=RECORD.items, notes=[])
CONTENT = CONTENT.model_copy(update={"digest": digest_of_preview(CONTENT, RECORD.job)})


def task(**changes: Any) -> VerdictTask:
    fields = {
        "release": RELEASE,
        "version": 1,
        "study": "demo",
        "job": RECORD.job,
        "sharing": sharing().digest,
        "digest": CONTENT.digest,
        "commitments": [item.commitment() for item in RECORD.items],
        "asked_by": "anna",
        "why": "a paper",
        "audience": "everybody",
        "expires_on": UNTIL,
        "needed": 2,
        "previews": [1, 2, 3],
        "answered": {},
    }
    return VerdictTask.model_validate(fields | changes)


@dataclass
class Desk:
    """A server that lists one release, holds a preview for south, and keeps what it is sent."""

    tasks: list[VerdictTask] = field(default_factory=lambda: [task()])
    content: PreviewContent = CONTENT
    reader: str = "south"
    status: int = 204
    verdicts: list[str] = field(default_factory=list)

    def __call__(self, request: httpx.Request) -> httpx.Response:
        path = request.url.path.removeprefix("/api/v1/custodian/")
        if path == "verdicts":
            return httpx.Response(200, json=[one.model_dump(mode="json") for one in self.tasks])
        if "/previews/" in path:
            jwe = seal(self.content, identity(self.reader).card)
            point = int(path.rsplit("/", 1)[1])
            return httpx.Response(200, json={"sharing": sharing().digest, "point": point, "jwe": jwe})
        assert request.method == "PUT"
        self.verdicts.append(json.loads(request.content)["jws"])
        return httpx.Response(self.status, json={"error": "no"} if self.status >= 400 else None)

    @property
    def said(self) -> list[AgentVerdict]:
        return [read_verdict(text, sharing())[0] for text in self.verdicts]


@pytest.fixture
def desk() -> Desk:
    return Desk()


@pytest.fixture
def reviewer(desk: Desk, custodian: Custodian) -> Reviewer:
    return reviewing(desk, custodian, "south")


def reviewing(desk: Desk, custodian: Custodian, name: str) -> Reviewer:
    client = CustodianClient("http://server", TOKEN, wait_none(), httpx.MockTransport(desk))
    return Reviewer(custodian.home, custodian.vault, identity(name), sharing(), client)


def lines(home: Home, event: str) -> list[str]:
    return [line.answer_sha256 for line in read_lines(home.ledger) if line.event == event]


# ---- reading ---------------------------------------------------------------------------------------------------------


def test_what_is_read_is_what_was_committed_to(reviewer: Reviewer) -> None:
    reading = reviewer.read(RELEASE)
    assert reading.content.items == RECORD.items
    assert reading.digest == CONTENT.digest
    assert reviewer.seat.point == 2


def other_item(content: PreviewContent) -> PreviewContent:
    first = content.items[0].model_copy(update={"text": '{"warnings": ["all is well"]}'})
    return content.model_copy(update={"items": [first, *content.items[1:]]})


PREVIEWS: dict[str, Callable[[PreviewContent], PreviewContent]] = {
    "of another release": lambda content: content.model_copy(update={"release": "release-0002"}),
    "of an older version": lambda content: content.model_copy(update={"version": 2}),
    "of another study": lambda content: content.model_copy(update={"study": "other"}),
    "with another digest": lambda content: content.model_copy(update={"digest": "0" * 64}),
    "with an item in other words": other_item,
    "with an item less": lambda content: content.model_copy(update={"items": content.items[1:]}),
    "with an item twice": lambda content: content.model_copy(update={"items": [*content.items, content.items[0]]}),
    "with no item": lambda content: content.model_copy(update={"items": []}),
    "under another salt": lambda content: content.model_copy(
        update={"items": [item.model_copy(update={"salt": "0" * 64}) for item in content.items]}
    ),
}


@pytest.mark.parametrize("what", PREVIEWS)
def test_a_preview_of_something_else_is_not_shown_and_not_signed(desk: Desk, reviewer: Reviewer, what: str) -> None:
    desk.content = PREVIEWS[what](CONTENT)
    with pytest.raises(BadInput):
        reviewer.read(RELEASE)
    assert desk.verdicts == []


TASKS: dict[str, dict[str, Any]] = {
    "of another version than the preview": {"version": 2},
    "of another digest than the preview": {"digest": "0" * 64},
    "under another sharing": {"sharing": sharing(epoch=2).digest},
    "without a preview for this hospital": {"previews": [1, 3]},
    "of one item less": {"commitments": [RECORD.items[0].commitment()]},
    "of no items": {"commitments": []},
    "of another job": {"job": "job-0002"},
    "of another study": {"study": "other"},
}


@pytest.mark.parametrize("what", TASKS)
def test_a_release_that_is_listed_otherwise_is_not_shown(desk: Desk, reviewer: Reviewer, what: str) -> None:
    desk.tasks = [task(**TASKS[what])]
    with pytest.raises(BadInput):
        reviewer.read(RELEASE)


@pytest.mark.parametrize("release", ["release-0404", "", "../../vault"])
def test_a_release_that_is_not_listed_cannot_be_read(reviewer: Reviewer, release: str) -> None:
    with pytest.raises(BadInput):
        reviewer.read(release)


def test_a_preview_for_another_hospital_cannot_be_opened(desk: Desk, custodian: Custodian) -> None:
    desk.reader = "west"
    with pytest.raises(BadInput):
        reviewing(desk, custodian, "south").read(RELEASE)


# ---- saying ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("says", "reason"), [("approve", ""), ("reject", "a cell of three")])
def test_a_word_names_exactly_what_was_read_and_is_on_the_ledger(
    desk: Desk, reviewer: Reviewer, home: Home, says: Any, reason: str
) -> None:
    verdict = reviewer.decide(reviewer.read(RELEASE), says, reason)
    assert desk.said == [verdict]
    assert (verdict.says, verdict.point, verdict.release, verdict.version) == (says, 2, RELEASE, 1)
    assert (verdict.digest, verdict.sharing, verdict.reason) == (CONTENT.digest, sharing().digest, reason)
    assert lines(home, "release-verdict") == [verdict.sha256]
    verify(home.ledger)


def test_a_word_that_is_said_twice_is_on_the_ledger_once_and_sent_twice(
    desk: Desk, reviewer: Reviewer, home: Home
) -> None:
    for _ in range(2):
        reviewer.decide(reviewer.read(RELEASE), "approve")
    assert desk.said[0] == desk.said[1]
    assert len(lines(home, "release-verdict")) == 1


def test_a_no_after_a_yes_is_another_line(desk: Desk, reviewer: Reviewer, home: Home) -> None:
    reviewer.decide(reviewer.read(RELEASE), "approve")
    reviewer.decide(reviewer.read(RELEASE), "reject", "on second thoughts")
    assert [verdict.says for verdict in desk.said] == ["approve", "reject"]
    assert len(set(lines(home, "release-verdict"))) == 2


@pytest.mark.parametrize(
    ("says", "reason"), [("reject", ""), ("reject", "   "), ("approve", "why"), ("reject", "x" * 1001)]
)
def test_a_no_has_a_reason_and_a_yes_has_none(
    desk: Desk, reviewer: Reviewer, home: Home, says: Any, reason: str
) -> None:
    with pytest.raises(BadInput):
        reviewer.decide(reviewer.read(RELEASE), says, reason)
    assert (desk.verdicts, lines(home, "release-verdict")) == ([], [])


@pytest.mark.parametrize(("status", "error"), [(409, Conflict), (422, HEFedError), (404, HEFedError)])
def test_what_the_server_does_not_take_is_on_the_ledger_as_that(
    desk: Desk, reviewer: Reviewer, home: Home, status: int, error: type[Exception]
) -> None:
    desk.status = status
    with pytest.raises(error):
        reviewer.decide(reviewer.read(RELEASE), "approve")
    assert lines(home, "verdict-refused") == lines(home, "release-verdict") != []


def test_what_could_not_be_sent_is_sent_again_and_not_written_again(desk: Desk, reviewer: Reviewer, home: Home) -> None:
    desk.status = 503
    with pytest.raises(HEFedError):
        reviewer.decide(reviewer.read(RELEASE), "approve")
    assert lines(home, "verdict-refused") == []
    desk.status = 204
    reviewer.decide(reviewer.read(RELEASE), "approve")
    assert len(lines(home, "release-verdict")) == 1


def test_a_single_custodian_has_no_word_of_its_own(home: Home, reviewer: Reviewer) -> None:
    with pytest.raises(BadInput):
        Reviewer.opened(home, "whatever it is", reviewer.client)


def test_no_number_of_a_preview_is_sent_or_written_down(desk: Desk, reviewer: Reviewer, home: Home) -> None:
    reviewer.decide(reviewer.read(RELEASE), "approve")
    assert "0.87654" not in "".join(desk.verdicts)
    assert b"0.87654" not in home.ledger.read_bytes()
