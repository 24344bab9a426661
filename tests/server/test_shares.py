"""A key that three hospitals hold, on the real server: who holds shares, a job opened by two, and what is refused."""

import shutil
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import httpx
import pytest

from hefed.core.ckks.backend import Encryptor
from hefed.core.errors import Conflict
from hefed.core.protocol import threshold as protocol
from hefed.core.protocol.lead import HAND_OVER_MAGIC, HEADER, HandOverNote
from hefed.core.protocol.requests import CustodianNote as NoteMessage
from hefed.core.protocol.threshold import PartialNote, SharingNotice
from hefed.core.words import Said
from hefed.custodian.agent.loop import Agent
from hefed.custodian.agent.share import ShareHolder, open_share_holder
from hefed.custodian.client import CustodianClient
from hefed.custodian.keeping.store import Home
from hefed.custodian.keeping.vault import open_vault
from hefed.custodian.sharing.ceremony import sharing_of
from hefed.custodian.sharing.hand_over import FILE, make
from hefed.custodian.sharing.holding import Identity
from hefed.custodian.sharing.lead import LeadVoice, notice_of, signed_notice
from hefed.http.client import NotAllowed, Rejected
from hospitals.audit.models import AuditEvent
from hospitals.audit.selectors import differences, read_ledger
from hospitals.blobs.models import Blob
from hospitals.keys.models import KeyHolder
from hospitals.people.tokens import issue_token
from tests.custodian.agents import holding, leading
from tests.custodian.conftest import PASSPHRASE
from tests.custodian.consortium import identities, key_files, name_everywhere, plan
from tests.server.cohort import encrypt_batch, simulate_hospital
from tests.server.conftest import STUDY, Api, Directories
from tests.server.training import client_of, deliver, plain_client
from tests.words.raises import answers, says
from training.jobs.models import CustodianNote, CustodianRequest, HandOver, Job, ShareAnswer
from training.jobs.services import launch_job
from training.releases.models import Release
from training.results.selectors import result_of

ITEM = {"item": "metrics", "salt": "00" * 32, "text": "{}"}


@dataclass
class Agents:
    """Three hospitals' agents and their clients; north leads."""

    clients: list[CustodianClient]
    agents: list[Agent]
    holders: list[ShareHolder]
    tokens: list[str]
    notice: SharingNotice

    @property
    def people(self) -> list[Identity]:
        return [holder.identity for holder in self.holders]

    def restart(self, point: int) -> None:
        self.agents[point - 1] = holding(self.holders[point - 1], self.clients[point - 1])

    def ledger(self, point: int) -> list[str]:
        return self.holders[point - 1].custodian.home.ledger.read_text().splitlines()

    def poll(self, *points: int) -> None:
        for point in points:
            self.agents[point - 1].poll()

    def say(self, point: int, notice: SharingNotice) -> None:
        """The hospital of that place tells the server who holds shares and who leads."""
        self.clients[point - 1].put_sharing(protocol.sign(notice, self.people[point - 1].signing))


@pytest.fixture
def agents(study, admin, directories: Directories, tmp_path: Path) -> Iterator[Agents]:
    homes = [Home(shutil.copytree(folder, tmp_path / folder.name)) for folder, _ in directories]
    people = [person for _, person in directories]
    tokens = [issue_token(name=person.card.institution, study=study, by=admin)[1] for person in people]
    clients = [client_of(token) for token in tokens]
    files = key_files(homes[0].path)
    clients[0].put_key("public", files.public)
    clients[0].put_key("relinearisation", files.relinearisation)
    notice = notice_of(homes[0])
    clients[0].put_sharing(signed_notice(homes[0]))
    holders = [open_share_holder(h, open_vault(h.vault, PASSPHRASE), p) for h, p in zip(homes, people, strict=True)]
    lead = leading(holders[0], clients[0])
    others = [holding(holder, client) for holder, client in zip(holders[1:], clients[1:], strict=True)]
    yield Agents(clients, [lead, *others], holders, tokens, notice)
    for client in clients:
        client.close()


@pytest.fixture
def hospital(agents: Agents, study, admin, directories: Directories, broker) -> Api:
    """Hospital north has uploaded a table under the shared key; its admission waits for the custodians."""
    _, text = issue_token(name="north", study=study, institution=study.institutions.get(slug="north"), by=admin)
    api = Api(text)
    keys = key_files(directories[0][0]).read(agents.notice.sharing)
    api.upload(
        encrypt_batch(api.package(), Encryptor(keys.public), *simulate_hospital(420, 200, 4), rows_per_block=350)
    )
    deliver(broker)
    return api


def waiting() -> CustodianRequest:
    return CustodianRequest.objects.get(state=CustodianRequest.State.WAITING)


def test_a_job_is_opened_by_two_hospitals_though_one_missed_the_admission_and_leaves_nothing_of_their_answers(
    agents: Agents, hospital: Api, study, admin, broker
) -> None:
    agents.poll(2, 1)
    job = launch_job(study=study, institutions=study.institutions.filter(slug="north"), by=admin)
    for _ in range(20):
        deliver(broker)
        agents.poll(3, 1)
        job.refresh_from_db()
        if job.state not in Job.LIVE:
            break
    assert (job.state, job.reason) == (Job.State.FINISHED, "")
    opened = set(map(tuple, CustodianRequest.objects.filter(round__job=job).values_list("opened_by", flat=True)))
    assert opened == {("north", "west")}
    assert not ShareAnswer.objects.exclude(body=None).exists()
    assert Blob.objects.count() == 2 + sum(batch.blocks.count() for batch in job.batches.all())
    assert KeyHolder.objects.filter(last_answer_at=None).count() == 0


def test_the_server_shows_who_holds_shares_and_logs_each_change(agents: Agents, study) -> None:
    key = study.key_sets.get()
    holders = [(holder.place, holder.name, holder.institution) for holder in key.holders.all()]
    assert holders[0] == (1, "North hospital", "north")
    assert (len(holders), key.lead, key.sharing["threshold"]) == (3, 1, 2)
    agents.say(2, agents.notice)
    assert [event.details["lead"] for event in AuditEvent.objects.filter(action="key.shared")] == [1]


def test_another_lead_counts_once_as_many_hospitals_name_it_as_open_together(agents: Agents, study) -> None:
    west = agents.notice.model_copy(update={"lead": 3})
    agents.say(3, west)
    agents.say(3, west)
    assert study.key_sets.get().lead == 1
    agents.say(2, west)
    assert study.key_sets.get().lead == 3
    events = AuditEvent.objects.filter(action__in=["key.lead-named", "key.shared"]).order_by("number")
    assert [(event.action, event.details["lead"]) for event in events] == [
        ("key.shared", 1),
        ("key.lead-named", "west"),
        ("key.lead-named", "west"),
        ("key.shared", 3),
    ]


def test_a_notice_that_no_hospital_signed_or_one_without_a_share_in_use_is_refused(
    agents: Agents, tmp_path_factory: pytest.TempPathFactory
) -> None:
    outsider = identities(tmp_path_factory.mktemp("outsider"), 1, STUDY)[0]
    response = put_notice(agents, protocol.sign(agents.notice, outsider.signing))
    answers(response, 422, "keys.not_of_the_sharing")
    key = agents.notice.sharing.key_fingerprint
    taken_over = SharingNotice(sharing=sharing_of(plan([outsider, agents.people[1]]), key, epoch=2), lead=1)
    response = put_notice(agents, protocol.sign(taken_over, outsider.signing))
    answers(response, 403, "keys.no_share_in_use", hospital="North hospital")


def put_notice(agents: Agents, signed: protocol.Signed) -> httpx.Response:
    return plain_client(agents.tokens[0]).put("custodian/sharing", content=signed.model_dump_json())


def test_a_newer_sharing_counts_when_two_say_so_and_an_older_or_one_of_another_key_is_refused(
    agents: Agents, study
) -> None:
    key = agents.notice.sharing.key_fingerprint
    newer = SharingNotice(sharing=sharing_of(plan(agents.people, 3), key, epoch=2), lead=1)
    agents.say(1, newer)
    assert study.key_sets.get().sharing["epoch"] == 1
    agents.say(3, newer)
    assert study.key_sets.get().sharing["epoch"] == 2
    with says("keys.sharing_too_old", Conflict, epoch=1, known=2):
        agents.say(1, agents.notice)
    other = SharingNotice(sharing=sharing_of(plan(agents.people), "0" * 64), lead=1)
    response = put_notice(agents, protocol.sign(other, agents.people[0].signing))
    answers(response, 422, "keys.sharing_of_another_key", found="0" * 16)


def test_only_the_lead_posts_the_answer_and_the_log_says_which_hospital_it_was(
    agents: Agents, hospital: Api, study
) -> None:
    """South's program has a token, and South's share; it makes an answer of its own and signs it, or North's words."""
    request, forged = waiting(), b"an answer of somebody else"
    path = f"custodian/requests/{request.name}/answer"
    south, north = (
        LeadVoice(holder.identity, holder.sharing.digest, holder.point)
        for holder in (agents.holders[1], agents.holders[0])
    )
    payload = request.payload_sha256
    statements = {
        "": "jobs.lead_unsigned",
        south.statement("answer", request.name, forged, payload): "jobs.lead_other",
        north.statement("answer", request.name, b"another answer", payload): "jobs.lead_other",
        north.statement("answer", "request-0002", forged, payload): "jobs.lead_other",
        north.statement("report", request.name, forged, payload): "jobs.lead_other",
    }
    for statement, code in statements.items():
        response = plain_client(agents.tokens[1]).post(path, content=forged, headers={HEADER: statement})
        answers(response, 403, code, lead="North hospital")
    assert waiting() == request
    agents.poll(2, 1)
    event = AuditEvent.objects.get(action="request.answered")
    assert (event.details["lead"], event.details["sharing"]) == (1, agents.notice.sharing.digest)


@pytest.mark.parametrize("what", ["report", "publication"])
def test_only_the_lead_speaks_of_releases_and_leaves_notes(agents: Agents, admin, study, what: str) -> None:
    job = Job.objects.create(study=study, number=1, key_set=study.key_sets.get(), launched_by=admin)
    release = Release.objects.create(study=study, job=job, number=1)
    body = {
        "report": {"version": 1, "reasons": []},
        "publication": {"release": release.name, "version": 1, "digest": "0" * 64, "items": [ITEM]},
    }[what]
    refused = plain_client(agents.tokens[1]).post(f"custodian/releases/{release.name}/{what}", json=body)
    answers(refused, 403, "jobs.lead_unsigned", lead="North hospital")
    assert plain_client(agents.tokens[1]).post("custodian/note", json={"code": "agent.daily_limit"}).status_code == 403
    agents.clients[0].speaking(agents.holders[0].voice).note(NoteMessage(code="agent.daily_limit"))
    assert CustodianNote.objects.get().text == "agent.daily_limit"


def test_an_answer_that_no_seat_signed_or_for_another_request_is_refused(agents: Agents, hospital: Api) -> None:
    request = waiting()
    fields = {"sharing": agents.notice.sharing.digest, "point": 2, "request": request.name, "refused": "policy.kinds"}
    note = PartialNote(payload_sha256=request.payload_sha256, **fields)
    forged = protocol.sign(note, agents.people[2].signing)
    assert put(agents, request, forged) == "jobs.share_stranger"
    moved = protocol.sign(note.model_copy(update={"payload_sha256": "0" * 64}), agents.people[1].signing)
    assert put(agents, request, moved) == "jobs.share_other_request"
    assert put(agents, request, protocol.sign(note, agents.people[1].signing)) == ""
    assert ShareAnswer.objects.get().refused == "policy.kinds"


def put(agents: Agents, request: CustodianRequest, signed: protocol.Signed) -> str:
    """The code of the refusal, nothing for none."""
    path = f"custodian/requests/{request.name}/partial"
    response = plain_client(agents.tokens[1]).put(path, content=signed.model_dump_json())
    return response.json()["code"] if response.content else ""


def test_a_second_answer_of_a_hospital_replaces_the_first_and_a_late_one_is_409(agents: Agents, hospital: Api) -> None:
    request = waiting()
    agents.poll(2)
    first = ShareAnswer.objects.get().body_id
    body = agents.clients[0].partial(request.name, 2)
    agents.holders[1].custodian.store.acknowledge(request.name)
    agents.restart(2)
    agents.poll(2)
    second = ShareAnswer.objects.get().body_id
    assert first != second
    assert not Blob.objects.filter(pk=first).exists()
    agents.poll(1)
    with says("jobs.request_closed", Conflict, name=request.name, state="answered"):
        agents.clients[1].put_partial(request.name, body.model_dump_json().encode())


def test_a_job_goes_on_under_another_lead_and_every_ledger_tells_the_same_as_the_log(
    agents: Agents, hospital: Api, study, admin, broker
) -> None:
    agents.poll(2, 3, 1)
    calm = launch_job(study=study, institutions=study.institutions.filter(slug="north"), by=admin)
    run_until(agents, broker, lambda: ended(calm), 2, 3, 1)
    moved = launch_job(study=study, institutions=study.institutions.filter(slug="north"), by=admin)
    run_until(agents, broker, lambda: moved.rounds.count() == 3, 2, 3, 1)
    name_everywhere(agents.holders, "west")
    agents.agents = [
        (leading if holder.point == 3 else holding)(holder, client)
        for holder, client in zip(agents.holders, agents.clients, strict=True)
    ]
    run_until(agents, broker, lambda: ended(moved), 1, 2, 3)
    first, second = result_of(calm).model, result_of(moved).model
    for name, coefficient in second.coefficients.items():
        assert abs(coefficient.estimate - first.coefficients[name].estimate) < 0.045 * coefficient.standard_error
    led = (
        AuditEvent.objects.filter(action="request.answered").order_by("number").values_list("details__lead", flat=True)
    )
    assert sorted(set(led)) == [1, 3] and list(led) == sorted(led)
    for point in (1, 2, 3):
        copy = read_ledger(agents.ledger(point))
        assert differences(study, copy) == []
        assert copy.shares
    missing = replace(copy, answers=dict(list(copy.answers.items())[:-1]))
    assert differences(study, missing)[0].code == "audit.answer_not_given"
    launch_job(study=study, institutions=study.institutions.filter(slug="north"), by=admin)
    deliver(broker)
    former = agents.clients[0].speaking(agents.holders[0].voice)
    with says("jobs.lead_other", NotAllowed, lead="West hospital"):
        former.post_answer(waiting().name, b"an answer of the hospital that led before")


def run_until(agents: Agents, broker, done, *points: int) -> None:
    for _ in range(40):
        deliver(broker)
        agents.poll(*points)
        if done():
            return
    raise AssertionError("what was waited for did not happen in 40 turns")


def ended(job: Job) -> bool:
    job.refresh_from_db()
    return job.state not in Job.LIVE


def test_a_hospitals_ledger_tells_the_same_as_the_audit_log(agents: Agents, hospital: Api, study) -> None:
    agents.poll(2, 1)
    ledger = read_ledger(agents.ledger(2))
    assert set(ledger.shares) == {"request-0001"}
    assert differences(study, ledger) == []
    other = replace(ledger, shares={"request-0001": replace(ledger.shares["request-0001"], digest="0" * 64)})
    assert differences(study, other) == [Said("audit.share_unknown", request="request-0001")]
    lead = read_ledger(agents.ledger(1))
    assert (set(lead.answers), differences(study, lead)) == ({"request-0001"}, [])


def test_an_answer_that_came_late_is_no_difference_between_ledger_and_log(
    agents: Agents, hospital: Api, study, monkeypatch: pytest.MonkeyPatch
) -> None:
    """West has read what waits; before it posts, the others have answered."""
    listed = agents.clients[2].waiting()
    monkeypatch.setattr(agents.clients[2], "waiting", lambda: listed)
    agents.poll(2, 1)
    agents.poll(3)
    ledger = read_ledger(agents.ledger(3))
    assert (ledger.shares, differences(study, ledger)) == ({}, [])


@pytest.fixture
def handed(agents: Agents) -> tuple[HandOverNote, bytes]:
    """What north hands to west: the note, and the file as north wrote it."""
    place = agents.holders[0].handing
    note = make(place, place.sharing.seats[2])
    return note, (place.home.path / FILE).read_bytes()


def test_a_hand_over_waits_for_the_next_lead_and_is_deleted_once_that_says_so(
    agents: Agents, handed: tuple[HandOverNote, bytes]
) -> None:
    note, data = handed
    before = Blob.objects.count()
    for _ in range(2):
        agents.clients[0].put_hand_over(note.digest, data)
    assert [(info.note, info.taken) for info in agents.clients[2].hand_overs()] == [(note, False)]
    assert agents.clients[2].hand_over(note.digest) == data
    with says("jobs.hand_over_taker", NotAllowed, name="West hospital"):
        agents.clients[0].speaking(agents.holders[0].voice).drop_hand_over(note.digest)
    for _ in range(2):
        agents.clients[2].speaking(agents.holders[2].voice).drop_hand_over(note.digest)
    assert [info.taken for info in agents.clients[0].hand_overs()] == [True]
    with says("server.hand_over_taken", Rejected):
        agents.clients[2].hand_over(note.digest)
    assert Blob.objects.count() == before
    events = AuditEvent.objects.filter(action__startswith="lead.").order_by("number")
    assert [(event.action, event.details["from"], event.details["to"]) for event in events] == [
        ("lead.handed", 1, 3),
        ("lead.taken", 1, 3),
    ]


def test_an_older_hand_over_does_not_replace_a_newer_and_one_that_is_not_whole_is_refused(
    agents: Agents, handed: tuple[HandOverNote, bytes]
) -> None:
    note, data = handed
    with says("jobs.hand_over_torn", Rejected):
        agents.clients[0].put_hand_over(note.digest, data[:-1])
    with says("protocol.no_hand_over", Rejected):
        agents.clients[0].put_hand_over(note.digest, b"nothing")
    stranger = protocol.sign(note, agents.people[1].signing).model_dump_json().encode()
    with says("jobs.hand_over_stranger", Rejected):
        agents.clients[1].put_hand_over(note.digest, HAND_OVER_MAGIC + stranger + b"\n" + data.split(b"\n", 2)[2])
    place = agents.holders[0].handing
    newer = make(place, place.sharing.seats[1])
    agents.clients[0].put_hand_over(newer.digest, (place.home.path / FILE).read_bytes())
    with says("jobs.hand_over_old", Conflict, number=1, newest=2):
        agents.clients[0].put_hand_over(note.digest, data)
    assert HandOver.objects.count() == 1
