"""Votes on a release while people come and go, days pass and the power fails; and what is said twice."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from itertools import permutations

import pytest

from hefed.core.protocol.releases import ReleaseTask
from hefed.custodian.client import CustodianClient
from hefed.custodian.keeping.ledger import Ledger, read_lines, verify
from hefed.custodian.keeping.opened import Custodian
from hefed.custodian.keeping.records import SealedRecord
from hefed.custodian.keeping.store import Home, Store
from hefed.custodian.releases.publishing import Releases
from hefed.custodian.releases.votes import distrust, trust
from tests.custodian.conftest import reopened
from tests.custodian.fake_server import FakeServer, serving
from tests.custodian.people import (
    ANNA,
    BORIS,
    CLARA,
    DORA,
    EVE,
    TODAY,
    UNTIL,
    Person,
    sealed_record,
    statement,
    task,
    trusted,
)
from tests.custodian.releases.conftest import looking


@pytest.fixture
def server(custodian: Custodian) -> Iterator[FakeServer]:
    """It needs no keys to lie about releases."""
    with serving(FakeServer(public=custodian.public)) as fake:
        yield fake


def count(home: Home, event: str) -> int:
    return sum(line.event == event for line in read_lines(home.ledger))


def signed(sealed: SealedRecord, person: Person, **changes: object) -> str:
    return person.sign(statement(sealed, **changes))


# ---- who counts, and when --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("person", [BORIS, CLARA])
def test_a_key_that_is_distrusted_before_the_last_approval_counts_no_more(
    server: FakeServer, releases: Releases, sealed: SealedRecord, custodian: Custodian, person: Person
) -> None:
    server.releases = [task(sealed, BORIS)]
    releases.look()
    distrust(custodian.home, custodian.vault, person.key.fingerprint)
    server.releases = [task(sealed, BORIS, CLARA)]
    releases.look()
    assert server.published == []


def test_a_requester_who_is_distrusted_takes_the_whole_request_along(
    server: FakeServer, releases: Releases, sealed: SealedRecord, custodian: Custodian
) -> None:
    distrust(custodian.home, custodian.vault, ANNA.key.fingerprint)
    server.releases = [task(sealed, BORIS, CLARA)]
    releases.look()
    assert server.published == []


def test_a_key_that_is_trusted_later_counts_from_then_on(
    server: FakeServer, releases: Releases, sealed: SealedRecord, custodian: Custodian
) -> None:
    server.releases = [task(sealed, BORIS, EVE)]
    releases.look()
    assert server.published == []
    trust(custodian.home, custodian.vault, EVE.key.fingerprint, institution="west", name="Eve")
    releases.look()
    assert len(server.published) == 1


def test_what_was_published_stays_when_a_key_is_distrusted_afterwards(
    server: FakeServer, releases: Releases, sealed: SealedRecord, custodian: Custodian
) -> None:
    server.releases = [task(sealed, BORIS, CLARA)]
    releases.look()
    distrust(custodian.home, custodian.vault, BORIS.key.fingerprint)
    releases.look()
    assert server.published[0] == server.published[-1]
    assert count(custodian.home, "release") == 1


@pytest.mark.parametrize(("days", "published"), [(0, 1), (30, 1), (31, 0), (400, 0)])
def test_approvals_count_to_the_end_of_their_last_day(
    server: FakeServer, custodian: Custodian, client: CustodianClient, sealed: SealedRecord, days: int, published: int
) -> None:
    assert TODAY + timedelta(days=30) == UNTIL
    server.releases = [task(sealed, BORIS, CLARA)]
    looking(custodian, client, TODAY + timedelta(days=days)).look()
    assert len(server.published) == published


def test_an_old_approval_and_a_new_one_do_not_add_up_over_a_version(
    server: FakeServer, releases: Releases, sealed: SealedRecord
) -> None:
    """The request changed in between: whoever approved the earlier version has not read this one."""
    said = statement(sealed, version=2)
    second = task(
        sealed,
        version=2,
        requested=ANNA.sign(said.model_copy(update={"says": "request"})),
        approvals=[signed(sealed, BORIS), CLARA.sign(said)],
        signers=[person.owner for person in (ANNA, BORIS, CLARA)],
    )
    server.releases = [second]
    releases.look()
    assert server.published == []


@pytest.mark.parametrize("order", list(permutations([BORIS, DORA, CLARA])))
def test_the_order_of_approvals_changes_nothing(
    server: FakeServer, releases: Releases, sealed: SealedRecord, order: tuple[Person, ...]
) -> None:
    """Boris and Dora are of one hospital."""
    server.releases = [task(sealed, *order)]
    releases.look()
    assert len(server.published) == 1


VOTES: dict[str, tuple[Person, ...]] = {
    "nobody": (),
    "one hospital": (BORIS,),
    "one person twice": (BORIS, BORIS),
    "one hospital twice": (BORIS, DORA),
    "the requester": (ANNA,),
    "the requester and one other": (ANNA, BORIS),
    "the requester twice": (ANNA, ANNA),
    "a stranger and one other": (EVE, BORIS),
    "strangers only": (EVE, EVE),
}


@pytest.mark.parametrize("who", VOTES)
def test_fewer_than_two_other_hospitals_publish_nothing(
    server: FakeServer, releases: Releases, sealed: SealedRecord, home: Home, who: str
) -> None:
    server.releases = [task(sealed, *VOTES[who])]
    for _ in range(3):
        releases.look()
    assert server.published == []
    assert count(home, "release") == 0
    assert not any(b"0.87654" in body for body in server.seen)


CHANGES: dict[str, Callable[[SealedRecord], ReleaseTask]] = {
    "a later request, approved as it was": lambda one: task(one, BORIS, CLARA, version=2),
    "another release, approved as this": lambda one: task(one, BORIS, CLARA, release="release-0002"),
    "one item of those that were approved": lambda one: task(one, BORIS, CLARA, items=["metrics"]),
    "the request in place of an approval": lambda one: task(
        one, BORIS, approvals=[signed(one, ANNA, says="request"), signed(one, BORIS)]
    ),
    "a request that says to approve": lambda one: task(one, BORIS, CLARA, requested=signed(one, ANNA)),
    "approvals without a request": lambda one: task(one, BORIS, CLARA, requested="a.b.c"),
    "keys that are registered no more": lambda one: task(one, BORIS, CLARA, signers=[], readers=[]),
    "text in place of approvals": lambda one: task(one, approvals=["x.y.z", "a.b.c"]),
}


@pytest.mark.parametrize("what", CHANGES)
def test_a_server_that_shows_something_else_than_was_signed_publishes_nothing(
    server: FakeServer, releases: Releases, sealed: SealedRecord, what: str
) -> None:
    server.releases = [CHANGES[what](sealed)]
    releases.look()
    assert server.published == []


# ---- power, and saying it again --------------------------------------------------------------------------------------


class PowerCut(BaseException):
    pass


STEPS = [(Store, "publish", False), (Store, "publish", True), (Ledger, "append", False), (Ledger, "append", True)]
STEPS += [(CustodianClient, "publish", False), (CustodianClient, "publish", True)]


@pytest.mark.parametrize(("owner", "name", "after"), STEPS)
def test_a_release_is_published_as_it_was_decided_whenever_the_power_goes(
    server: FakeServer,
    releases: Releases,
    sealed: SealedRecord,
    home: Home,
    client: CustodianClient,
    monkeypatch: pytest.MonkeyPatch,
    owner: type,
    name: str,
    after: bool,
) -> None:
    original = getattr(owner, name)

    def cutting(self: object, *args: object) -> None:
        if after:
            original(self, *args)
        raise PowerCut

    server.releases = [task(sealed, BORIS, CLARA)]
    with monkeypatch.context() as patched:
        patched.setattr(owner, name, cutting)
        with pytest.raises(PowerCut):
            releases.look()
    for _ in range(2):
        looking(reopened(home), client).look()
    assert server.published
    assert all(one == server.published[0] for one in server.published)
    assert count(home, "release") == 1
    verify(home.ledger)


def test_a_look_without_anything_new_says_nothing(
    server: FakeServer, releases: Releases, sealed: SealedRecord, home: Home
) -> None:
    server.releases = [task(sealed, BORIS)]
    releases.look()
    said, lines = len(server.seen), home.ledger.read_bytes()
    for _ in range(3):
        releases.look()
    assert len(server.seen) == said
    assert home.ledger.read_bytes() == lines


def test_a_result_that_was_never_sealed_here_is_published_by_no_number_of_signatures(
    server: FakeServer, releases: Releases, custodian: Custodian
) -> None:
    for person in (ANNA, BORIS, CLARA):
        custodian.store.trust(trusted(person))
    server.releases = [task(sealed_record(), BORIS, CLARA)]
    releases.look()
    assert server.published == []
