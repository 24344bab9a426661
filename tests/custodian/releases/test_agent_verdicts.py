"""Hospitals that hold shares judge a release: whose word counts, what is refused and why, what the lead then does."""

from datetime import date

import pytest
from joserfc.jwk import ECKey

from hefed.core.protocol.releases import PreviewContent, ReleaseTask
from hefed.core.protocol.signing import public_half, unseal
from hefed.core.protocol.threshold import AgentCard, Seat, Sharing
from hefed.core.protocol.verdicts import AgentVerdict, sign_verdict
from hefed.core.words import Fact, Said
from hefed.custodian.client import CustodianClient
from hefed.custodian.keeping.ledger import read_lines
from hefed.custodian.keeping.opened import Custodian
from hefed.custodian.keeping.records import SealedRecord, TrustRecord
from hefed.custodian.keeping.store import Home
from hefed.custodian.releases.publishing import Releases
from hefed.custodian.releases.votes import judge_agents, without_agents
from tests.custodian.fake_server import FakeServer
from tests.custodian.people import ANNA, BORIS, CLARA, TODAY, keep, sealed_record, statement, task
from tests.words.raises import holds

NAMES = ("north", "south", "west")
SIGNING, AGREEMENT = ([ECKey.generate_key("P-256") for _ in NAMES] for _ in range(2))
RECORD = sealed_record()
NORTHS: dict[str, Fact] = {"what": Said("protocol.verdict_of", name="North hospital")}


def _sharing(epoch: int = 1) -> Sharing:
    halves = [
        (public_half(signing), public_half(agreement)) for signing, agreement in zip(SIGNING, AGREEMENT, strict=True)
    ]
    seats = [
        Seat(
            point=point,
            card=AgentCard(study="demo", institution=name, name=f"{name.title()} hospital", signing=one, agreement=two),
        )
        for point, (name, (one, two)) in enumerate(zip(NAMES, halves, strict=True), 1)
    ]
    return Sharing(
        study="demo",
        profile="INSECURE_TEST_N12_L9",
        key_fingerprint="ab" * 32,
        epoch=epoch,
        threshold=2,
        seats=seats,
        expires_on=date(2099, 1, 1),
    )


SHARING = _sharing()


def said(
    place: int, says: str = "approve", *, record: SealedRecord = RECORD, signer: int = 0, **changes: object
) -> str:
    """A hospital's signed word on the record's release; ``signer``: another hospital whose key signs it."""
    about = statement(record)
    fields = {"study": "demo", "job": about.job, "release": about.release, "version": 1, "digest": about.digest}
    reason = {"reason": "A cell of 3 patients."} if says == "reject" else {}
    verdict = AgentVerdict.model_validate(
        {"says": says, "sharing": SHARING.digest, "point": place, **fields, **reason, **changes}
    )
    return sign_verdict(verdict, SIGNING[(signer or place) - 1]).jws


def asked(*verdicts: str, record: SealedRecord = RECORD, **changes: object) -> ReleaseTask:
    return task(record, BORIS, CLARA, verdicts=list(verdicts), **changes)


def judged(*verdicts: str):
    return judge_agents(asked(*verdicts), statement(RECORD).digest, SHARING)


# ---- judging ---------------------------------------------------------------------------------------------------------


def test_hospitals_that_signed_for_exactly_this_are_counted() -> None:
    votes = judged(said(1), said(3))
    assert (votes.approved, votes.rejected, votes.reasons) == ((1, 3), {}, ())
    assert votes.missing(2) is None
    assert votes.missing(3) == Said(
        "releases.agents_approved", count=2, needed=3, names=("North hospital", "West hospital")
    )


@pytest.mark.parametrize(
    ("verdict", "code", "facts"),
    [
        (said(1, signer=2), "protocol.verdict_card", {"name": "North hospital"}),
        (said(1, version=2), "protocol.about_another", NORTHS | {"name": "version", "found": "2", "wanted": "1"}),
        (said(1, digest="0" * 64), "protocol.about_another", NORTHS | {"name": "digest"}),
        (said(1, release="release-0002"), "protocol.about_another", NORTHS | {"name": "release"}),
        (said(1, job="job-0002"), "protocol.about_another", NORTHS | {"name": "job"}),
        (said(1, study="other"), "protocol.about_another", NORTHS | {"name": "study"}),
        (said(1, sharing=_sharing(epoch=2).digest), "protocol.verdict_sharing", {}),
        (said(3, point=4), "protocol.verdict_place", {"place": 4, "seats": 3}),
        ("nonsense", "protocol.no_verdict", {}),
        (BORIS.sign(statement(RECORD)), "protocol.no_verdict", {}),
    ],
)
def test_a_word_that_is_forged_or_about_something_else_does_not_count(
    verdict: str, code: str, facts: dict[str, Fact]
) -> None:
    votes = judged(verdict, said(2))
    assert votes.approved == (2,)
    (found,) = votes.reasons
    assert holds(found, code, **facts), found


def test_a_hospital_counts_once_however_often_it_signs() -> None:
    votes = judged(said(1), said(1), said(1))
    assert votes.approved == (1,)
    assert votes.reasons[0] == Said("releases.second_verdict", hospital="North hospital")


@pytest.mark.parametrize("order", [(said(1), said(1, "reject")), (said(1, "reject"), said(1))])
def test_a_no_stands_whatever_else_the_server_shows(order: tuple[str, str]) -> None:
    votes = judged(*order, said(2))
    assert (votes.approved, votes.rejected) == ((2,), {1: "A cell of 3 patients."})
    standing = Said("releases.agents_approved", count=1, needed=2, names=("South hospital",))
    rejected = Said("releases.rejected_by", hospital="North hospital", reason="A cell of 3 patients.")
    assert votes.missing(2) == Said("releases.agents_waiting", parts=(standing, rejected))


def test_when_too_many_say_no_people_learn_what_to_do() -> None:
    missing = judged(said(1, "reject"), said(3, "reject")).missing(2)
    parts = missing.facts["parts"] if missing else ()
    assert parts[0] == Said("releases.agents_none", needed=2)
    assert [part.facts["hospital"] for part in parts[1:-1]] == ["North hospital", "West hospital"]
    assert parts[-1] == Said("releases.agents_cannot")


# ---- what the lead does ----------------------------------------------------------------------------------------------


@pytest.fixture
def sealed(custodian: Custodian) -> SealedRecord:
    for person in (ANNA, BORIS, CLARA):
        fields = {"fingerprint": person.key.fingerprint, "institution": person.institution, "name": person.name}
        custodian.store.trust(TrustRecord.model_validate({**fields, "trusted_at": "2026-11-24"}))
    return keep(custodian.store, RECORD)


def require(home: Home, count: int) -> None:
    home.policy.write_text(home.policy.read_text().replace("agents_must_approve = 0", f"agents_must_approve = {count}"))


def _releases(custodian: Custodian, client: CustodianClient, sharing: Sharing | None = SHARING) -> Releases:
    return Releases(custodian.home, "demo", custodian.store, custodian.ledger, client, lambda: TODAY, sharing)


def test_the_lead_publishes_once_people_and_enough_agents_approved(
    server: FakeServer, custodian: Custodian, client: CustodianClient, sealed: SealedRecord, home: Home
) -> None:
    require(home, 2)
    releases = _releases(custodian, client)
    for verdicts in ((), (said(2),), (said(2), said(1, signer=3))):
        server.releases = [asked(*verdicts)]
        releases.look()
        assert server.published == []
    assert holds(server.reports[-1][1].reasons[0], "protocol.verdict_card", name="North hospital")
    server.releases = [asked(said(2), said(1))]
    releases.look()
    assert [item.item for item in server.published[0].items] == ["coefficients", "metrics"]
    (line,) = [line for line in read_lines(home.ledger) if line.event == "release"]
    assert isinstance(line.rule, Said)
    assert line.rule.facts["agents"] == ("north", "south")
    assert line.rule.facts["approvers"] == (f"{BORIS.key.fingerprint} of south", f"{CLARA.key.fingerprint} of east")


def test_agents_alone_publish_nothing(
    server: FakeServer, custodian: Custodian, client: CustodianClient, sealed: SealedRecord, home: Home
) -> None:
    require(home, 2)
    server.releases = [task(RECORD, BORIS, verdicts=[said(1), said(2), said(3)])]
    _releases(custodian, client).look()
    assert server.published == []
    assert server.reports[-1][1].reasons == [Said("releases.approved_by", count=1, needed=2, names=("south",))]


def test_every_hospital_gets_one_preview_that_only_its_card_opens(
    server: FakeServer, custodian: Custodian, client: CustodianClient, sealed: SealedRecord, home: Home
) -> None:
    require(home, 2)
    releases = _releases(custodian, client)
    server.releases = [asked()]
    releases.look()
    server.releases = [asked(said(2))]  # the standing is new: a second report, without previews
    releases.look()
    first, second = (report for _, report in server.reports)
    assert [(one.point, one.sharing) for one in first.agent_previews] == [
        (point, SHARING.digest) for point in (1, 2, 3)
    ]
    assert (first.agents_needed, second.agent_previews) == (2, [])
    content = unseal(first.agent_previews[1].jwe, AGREEMENT[1], PreviewContent)
    assert (content.items, content.digest) == (RECORD.items, statement(RECORD).digest)
    server.releases = [asked(agent_previews=[1, 3])]
    _releases(custodian, client).look()  # after a restart: the server says who has one
    assert [one.point for one in server.reports[-1][1].agent_previews] == [2]


def test_where_no_agent_must_approve_none_is_shown_anything(
    server: FakeServer, custodian: Custodian, client: CustodianClient, sealed: SealedRecord
) -> None:
    server.releases = [task(RECORD, BORIS, verdicts=[said(1, signer=2)])]
    _releases(custodian, client).look()
    report = server.reports[-1][1]
    assert (report.agent_previews, report.agents_needed) == ([], 0)
    assert report.reasons == [Said("releases.approved_by", count=1, needed=2, names=("south",))]


def test_a_single_custodian_publishes_nothing_that_agents_must_approve(
    server: FakeServer, custodian: Custodian, client: CustodianClient, sealed: SealedRecord, home: Home
) -> None:
    require(home, 1)
    server.releases = [asked(said(1))]
    _releases(custodian, client, sharing=None).look()
    assert server.published == []
    assert server.reports[-1][1].reasons == [without_agents(1)]
