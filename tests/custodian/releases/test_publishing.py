"""How a sealed result leaves the custodian: previews, signatures, one publication; and what does not let it out."""

from datetime import date, timedelta
from pathlib import Path

import pytest
from joserfc.errors import JoseError

from hefed.core.errors import BadInput
from hefed.core.protocol.fingerprint import grouped
from hefed.core.protocol.releases import Publication, ReleaseReport, ReleaseTask
from hefed.core.protocol.signing import PublicJwk
from hefed.core.words import Fact, Said, words
from hefed.custodian.client import CustodianClient
from hefed.custodian.keeping.backup import restore_backup, write_backup
from hefed.custodian.keeping.ledger import Line, read_lines, rule_words, verify
from hefed.custodian.keeping.opened import Custodian
from hefed.custodian.keeping.records import SealedRecord, TrustRecord
from hefed.custodian.keeping.store import Home, Store
from hefed.custodian.keeping.vault import open_vault
from hefed.custodian.releases.publishing import Releases
from hefed.custodian.releases.votes import Case, judge, trust
from tests.custodian.conftest import PASSPHRASE, reopened
from tests.custodian.fake_server import FakeServer
from tests.custodian.people import (
    ANNA,
    BORIS,
    CLARA,
    DORA,
    EVE,
    TODAY,
    UNTIL,
    Person,
    keep,
    sealed_record,
    statement,
    task,
    trusted,
)
from tests.custodian.releases.conftest import looking
from tests.words.raises import holds, says


def _lines(home: Home, event: str) -> list[Line]:
    return [line for line in read_lines(home.ledger) if line.event == event]


def _last_report(server: FakeServer) -> ReleaseReport:
    return server.reports[-1][1]


# ---- publishing ------------------------------------------------------------------------------------------------------


def test_two_institutions_besides_the_requesters_let_the_items_out(
    server: FakeServer, releases: Releases, sealed: SealedRecord, home: Home
) -> None:
    server.releases = [task(sealed, BORIS, CLARA)]
    releases.look()
    (publication,) = server.published
    assert publication.items == sealed.items
    assert publication.digest == statement(sealed).digest
    (line,) = _lines(home, "release")
    assert (line.request, line.job) == ("release-0001", "job-0001")
    assert line.rule == Said(
        "keeping.rule_release",
        digest=publication.digest,
        version=1,
        items=("coefficients", "metrics"),
        requester=f"{ANNA.key.fingerprint} of north",
        approvers=(f"{BORIS.key.fingerprint} of south", f"{CLARA.key.fingerprint} of east"),
        agents=(),
    )
    assert verify(home.ledger) > 0


def test_release_of_one_item_publishes_that_item_only(
    server: FakeServer, releases: Releases, sealed: SealedRecord
) -> None:
    part = sealed.model_copy(update={"items": sealed.items[1:]})
    server.releases = [task(part, BORIS, CLARA)]
    releases.look()
    assert [item.item for item in server.published[0].items] == ["metrics"]


def test_published_release_is_posted_again_unchanged_also_after_a_restart(
    server: FakeServer, releases: Releases, sealed: SealedRecord, home: Home, client: CustodianClient
) -> None:
    server.releases = [task(sealed, BORIS, CLARA)]
    releases.look()
    server.releases = [task(sealed)]  # the server shows no approvals any more: what was decided stays decided
    looking(reopened(home), client).look()
    assert server.published[0] == server.published[1]
    assert len(_lines(home, "release")) == 1


def test_decision_before_a_stop_gets_its_ledger_line_and_is_posted_by_the_next_start(
    server: FakeServer, releases: Releases, sealed: SealedRecord, home: Home, client: CustodianClient
) -> None:
    before = {path: path.read_bytes() for path in (home.ledger, home.ledger.with_suffix(".head"))}
    server.releases = [task(sealed, BORIS, CLARA)]
    releases.look()
    first = server.published.pop()
    for path, content in before.items():  # as if the power had gone right after the decision
        path.write_bytes(content)
    looking(reopened(home), client).look()
    assert server.published == [first]
    assert len(_lines(home, "release")) == 1


def test_published_version_that_comes_back_with_other_items_is_refused(
    server: FakeServer, releases: Releases, sealed: SealedRecord
) -> None:
    server.releases = [task(sealed, BORIS, CLARA)]
    releases.look()
    server.releases = [task(sealed.model_copy(update={"items": sealed.items[1:]}), BORIS, CLARA)]
    releases.look()
    assert len(server.published) == 1
    assert _last_report(server).reasons[0].code == "releases.published_otherwise"


def test_publication_that_the_server_does_not_take_is_on_the_ledger_once(
    server: FakeServer, releases: Releases, sealed: SealedRecord, home: Home
) -> None:
    other = Publication(release="release-0001", version=1, digest="0" * 64, items=sealed.items[:1])
    server.published.append(other)
    server.releases = [task(sealed, BORIS, CLARA)]
    releases.look()
    releases.look()
    assert [rule_words(line.rule) for line in _lines(home, "conflict")] == ["cannot publish: the release is closed"]
    assert len(server.published) == 1


# ---- what does not count ---------------------------------------------------------------------------------------------


def _case(sealed: SealedRecord, asked: ReleaseTask, today: date = TODAY, **others: TrustRecord) -> Case:
    known = {person.key.fingerprint: trusted(person) for person in (ANNA, BORIS, CLARA, DORA)}
    known |= {record.fingerprint: record for record in others.values()}
    return Case(asked, "demo", statement(sealed).digest, today, known)


ANOTHER = "protocol.about_another"
SEALED = sealed_record()


@pytest.mark.parametrize(
    ("changes", "code", "facts"),
    [
        ({"says": "request"}, ANOTHER, {"name": "says", "found": "request", "wanted": "approve"}),
        ({"study": "other"}, ANOTHER, {"name": "study", "found": "other", "wanted": "demo"}),
        ({"job": "job-0002"}, ANOTHER, {"name": "job", "found": "job-0002", "wanted": "job-0001"}),
        ({"release": "release-0002"}, ANOTHER, {"name": "release", "found": "release-0002", "wanted": "release-0001"}),
        ({"version": 2}, ANOTHER, {"name": "version", "found": "2", "wanted": "1"}),
        ({"digest": "0" * 64}, ANOTHER, {"name": "digest", "found": "0" * 16}),
        ({"expires_on": TODAY - timedelta(days=1)}, "releases.statement_expired", {"expires_on": "2026-11-23"}),
    ],
)
def test_approval_of_something_else_does_not_count(
    changes: dict[str, object], code: str, facts: dict[str, Fact]
) -> None:
    asked = task(SEALED, BORIS).model_copy(update={"signers": [p.owner for p in (ANNA, BORIS, CLARA)]})
    wrong = asked.model_copy(update={"approvals": [*asked.approvals, CLARA.sign(statement(SEALED, **changes))]})
    verdict = judge(_case(SEALED, wrong))
    assert len(verdict.approvals) == 1
    assert holds(verdict.reasons[0], code, **facts), verdict.reasons
    assert verdict.missing(2) == Said("releases.approved_by", count=1, needed=2, names=("south",))


def test_request_of_something_else_lets_nothing_count() -> None:
    for changes in ({"says": "approve"}, {"version": 3}, {"expires_on": TODAY - timedelta(days=1)}):
        said = statement(SEALED, **({"says": "request"} | changes))
        verdict = judge(_case(SEALED, task(SEALED, BORIS, CLARA, requested=ANNA.sign(said))))
        assert (verdict.request, verdict.approvals) == (None, ())
        assert verdict.missing(2) == Said("releases.waits_for_request")


def test_statement_counts_to_the_end_of_its_last_day() -> None:
    assert judge(_case(SEALED, task(SEALED, BORIS, CLARA), UNTIL)).missing(2) is None
    assert judge(_case(SEALED, task(SEALED, BORIS, CLARA), UNTIL + timedelta(days=1))).request is None


def test_requesters_institution_never_counts_however_it_is_written() -> None:
    colleague = Person("nora", "NORTH")
    verdict = judge(_case(SEALED, task(SEALED, colleague, BORIS), nora=trusted(colleague)))
    assert verdict.missing(2) == Said("releases.approved_by", count=1, needed=2, names=("south",))
    assert verdict.reasons[0].code == "releases.own_approval"


def test_institution_has_one_vote() -> None:
    verdict = judge(_case(SEALED, task(SEALED, BORIS, DORA)))
    assert verdict.missing(2) == Said("releases.approved_by", count=1, needed=2, names=("south",))
    assert verdict.reasons[0].code == "releases.second_approval"
    assert judge(_case(SEALED, task(SEALED, BORIS, DORA, CLARA))).missing(2) is None


def test_one_signing_key_has_one_vote_whatever_institutions_it_was_vouched_for() -> None:
    twin = Person("boris", "west", signing=BORIS.signing)  # another agreement key: another fingerprint
    verdict = judge(_case(SEALED, task(SEALED, BORIS, twin), twin=trusted(twin)))
    assert len(verdict.approvals) == 1
    shadow = Person("anna", "west", signing=ANNA.signing)
    assert len(judge(_case(SEALED, task(SEALED, BORIS, shadow), shadow=trusted(shadow))).approvals) == 1


def test_institution_is_the_one_vouched_for_and_not_what_the_server_says() -> None:
    disguised = Person("nora", "west")
    verdict = judge(_case(SEALED, task(SEALED, disguised, BORIS), nora=trusted(disguised, "north")))
    assert verdict.missing(2) == Said("releases.approved_by", count=1, needed=2, names=("south",))


def test_key_that_nobody_vouched_for_does_not_count_and_is_named() -> None:
    verdict = judge(_case(SEALED, task(SEALED, BORIS, EVE)))
    assert verdict.unknown == (EVE.key.fingerprint,)
    assert verdict.reasons[0] == Said("releases.nobody_vouched", key=grouped(EVE.key.fingerprint[:16]))
    assert verdict.missing(2)


def test_approval_signed_by_another_key_than_it_names_does_not_count() -> None:
    forged = EVE.sign(statement(SEALED)).split(".")
    said = CLARA.sign(statement(SEALED)).split(".")
    asked = task(SEALED, BORIS, CLARA)
    mixed = asked.model_copy(update={"approvals": [asked.approvals[0], ".".join([*said[:2], forged[2]])]})
    assert judge(_case(SEALED, mixed)).missing(2)


def test_policy_may_ask_for_a_third_institution(
    server: FakeServer, releases: Releases, sealed: SealedRecord, home: Home
) -> None:
    home.policy.write_text('release = "approval"\napprovals = 3\n')
    server.releases = [task(sealed, BORIS, CLARA)]
    releases.look()
    assert server.published == []
    assert _last_report(server).reasons == [Said("releases.approved_by", count=2, needed=3, names=("south", "east"))]


# ---- previews and reasons --------------------------------------------------------------------------------------------


def test_preview_is_what_would_be_published_readable_by_its_reader_only(
    server: FakeServer, releases: Releases, sealed: SealedRecord
) -> None:
    server.releases = [task(sealed)]
    releases.look()
    previews = {preview.fingerprint: preview for preview in _last_report(server).previews}
    content = BORIS.read(previews[BORIS.key.fingerprint])
    assert (content.items, content.notes) == (sealed.items, ["c", "rounded"])
    assert (content.digest, content.version) == (statement(sealed).digest, 1)
    with pytest.raises(JoseError):
        EVE.read(previews[BORIS.key.fingerprint])
    assert not any(b"0.87654" in body for body in server.seen)


def test_preview_goes_to_vouched_readers_of_other_institutions_and_once(
    server: FakeServer, releases: Releases, sealed: SealedRecord
) -> None:
    everybody = [person.owner for person in (ANNA, BORIS, CLARA, EVE)]
    server.releases = [task(sealed, readers=everybody, previews=[CLARA.key.fingerprint])]
    releases.look()
    releases.look()
    ((_, report),) = server.reports
    assert [preview.fingerprint for preview in report.previews] == [BORIS.key.fingerprint]
    assert report.unknown == [EVE.key.fingerprint]


def test_reader_who_is_vouched_for_later_gets_a_preview_then(
    server: FakeServer, releases: Releases, sealed: SealedRecord, custodian: Custodian
) -> None:
    server.releases = [task(sealed)]
    releases.look()
    custodian.store.trust(trusted(EVE))
    releases.look()
    assert [preview.fingerprint for preview in _last_report(server).previews] == [EVE.key.fingerprint]
    assert _last_report(server).unknown == []


def test_key_that_is_no_point_of_the_curve_does_not_keep_others_from_their_preview(
    server: FakeServer, releases: Releases, sealed: SealedRecord, custodian: Custodian
) -> None:
    broken = BORIS.key.model_copy(update={"agreement": PublicJwk(x="A" * 43, y="A" * 43)})
    owner = BORIS.owner.model_copy(update={"key": broken})
    custodian.store.trust(trusted(BORIS).model_copy(update={"fingerprint": broken.fingerprint}))
    server.releases = [task(sealed, readers=[owner, CLARA.owner])]
    releases.look()
    assert [preview.fingerprint for preview in _last_report(server).previews] == [CLARA.key.fingerprint]


def test_server_alone_gets_no_preview_out(server: FakeServer, releases: Releases, sealed: SealedRecord) -> None:
    """Nobody whose key counts asked: the request is signed by a key that the server made itself."""
    server.releases = [task(sealed, requester=EVE)]
    releases.look()
    report = _last_report(server)
    assert (report.previews, report.unknown) == ([], [EVE.key.fingerprint])
    assert report.reasons[-1] == Said("releases.waits_for_request")


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"request": "request-0404"}, "releases.no_sealed_result"),
        ({"job": "job-0002"}, "releases.no_sealed_result"),
        ({"study": "other"}, "releases.no_sealed_result"),
        ({"items": ["metrics", "metrics"]}, "releases.items"),
        ({"items": ["table_one"]}, "releases.items"),
        ({"request": "../../vault"}, "keeping.id"),
    ],
)
def test_release_that_is_not_of_a_sealed_result_is_refused(
    server: FakeServer, releases: Releases, sealed: SealedRecord, home: Home, changes: dict[str, object], code: str
) -> None:
    server.releases = [task(sealed, BORIS, CLARA, **changes)]
    releases.look()
    assert server.published == []
    (reason,) = _last_report(server).reasons
    assert reason.code == code
    assert rule_words(_lines(home, "release-refused")[0].rule) == words(reason)


def test_refusal_is_on_the_ledger_once_until_its_reason_changes(
    server: FakeServer, releases: Releases, sealed: SealedRecord, home: Home, client: CustodianClient
) -> None:
    server.releases = [task(sealed, BORIS, EVE)]
    for again in (releases, releases, looking(reopened(home), client)):
        again.look()
    assert len(_lines(home, "release-refused")) == 1
    server.releases = [task(sealed, BORIS, DORA)]
    releases.look()
    assert len(_lines(home, "release-refused")) == 2


def test_waiting_for_approvals_is_no_refusal(
    server: FakeServer, releases: Releases, sealed: SealedRecord, home: Home
) -> None:
    server.releases = [task(sealed, BORIS)]
    releases.look()
    assert _last_report(server).reasons == [Said("releases.approved_by", count=1, needed=2, names=("south",))]
    assert _lines(home, "release-refused") == []


def test_release_that_cannot_be_used_does_not_stop_the_next_one(
    server: FakeServer, releases: Releases, sealed: SealedRecord, custodian: Custodian
) -> None:
    other = keep(custodian.store, sealed_record("request-0010", "job-0002"))
    evil = task(sealed, BORIS, CLARA).model_copy(update={"release": "../../evil"})
    said = statement(other, release="release-0002")
    asked = task(other, release="release-0002", requested=ANNA.sign(said.model_copy(update={"says": "request"})))
    signed = {"approvals": [BORIS.sign(said), CLARA.sign(said)], "signers": [p.owner for p in (ANNA, BORIS, CLARA)]}
    server.releases = [evil, task(sealed, requested="no.jws.atall"), asked.model_copy(update=signed)]
    releases.look()
    assert [publication.release for publication in server.published] == ["release-0002"]


def test_silent_server_is_asked_again_later(server: FakeServer, releases: Releases, sealed: SealedRecord) -> None:
    server.releases = [task(sealed, BORIS, CLARA)]
    server.faults = [503] * 5
    releases.look()
    assert server.published == []
    releases.look()
    assert len(server.published) == 1


# ---- what is kept ----------------------------------------------------------------------------------------------------


def test_sealed_results_and_trusted_keys_come_back_from_a_backup(
    server: FakeServer, releases: Releases, sealed: SealedRecord, home: Home, tmp_path: Path
) -> None:
    server.releases = [task(sealed, BORIS, CLARA)]
    releases.look()
    write_backup(home, tmp_path / "custodian.backup", PASSPHRASE)
    restored = Home(tmp_path / "new")
    restore_backup(tmp_path / "custodian.backup", restored, PASSPHRASE)
    store = Store(restored.path, open_vault(restored.vault, PASSPHRASE).sealer())
    assert store.sealed(sealed.request) == sealed
    assert set(store.trusted()) == {person.key.fingerprint for person in (ANNA, BORIS, CLARA, DORA)}
    assert store.publication("release-0001", 1) is not None


def test_nothing_of_a_sealed_result_lies_on_the_disk_in_clear(sealed: SealedRecord, home: Home) -> None:
    markers = [b"0.87654", *(item.salt.encode() for item in sealed.items), b'"anna"', ANNA.key.fingerprint.encode()]
    texts = [path.read_bytes() for path in home.path.rglob("*") if path.is_file()]
    assert not [marker for marker in markers for text in texts if marker in text]


def test_key_speaks_for_one_institution_until_it_is_distrusted(home: Home, custodian: Custodian) -> None:
    trust(home, custodian.vault, grouped(EVE.key.fingerprint), institution="west", name="Eve")
    with says("releases.key_speaks_already", BadInput, institution="west"):
        trust(home, custodian.vault, EVE.key.fingerprint, institution="east", name="Eve")
    trusted = Said("keeping.rule_trusted", fingerprint=EVE.key.fingerprint, institution="west")
    assert [line.rule for line in _lines(home, "trusted")] == [trusted]
