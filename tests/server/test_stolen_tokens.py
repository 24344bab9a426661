"""What a thief with one access token tries, token by token: nothing is destroyed, and nothing is opened.

The first attack worked against the first version: one follower's token published another public key, outdated every
batch and retired the real key for good. SECURITY.md has the table that these tests stand for.
"""

from datetime import timedelta
from pathlib import Path

import httpx
import pytest
from django.utils import timezone
from joserfc.jwk import ECKey

from hefed.core.ckks.backend import generate_keys
from hefed.core.ckks.keys import EvaluationKeys
from hefed.core.ckks.params import profile
from hefed.core.protocol import envelope
from hefed.core.protocol.envelope import Label
from hefed.core.protocol.lead import HEADER, VOICE, Presence
from hefed.core.protocol.signing import public_half
from hefed.core.protocol.threshold import (
    AgentCard,
    KeySuccession,
    PartialNote,
    Seat,
    Sharing,
    SharingNotice,
    Signed,
    sign,
)
from hefed.custodian.keeping.opened import read_key
from hefed.custodian.keeping.store import Home
from hefed.custodian.sharing.ceremony import sharing_of
from hefed.custodian.sharing.holding import signed_succession
from hefed.custodian.sharing.lead import KeyVoice
from hospitals.audit.models import AuditEvent
from hospitals.batches.models import Batch
from hospitals.keys.models import KeyAgreement, KeySet
from hospitals.keys.succession import confirm_proposal, take_back
from hospitals.people.models import Role, User
from hospitals.people.permissions import Forbidden
from hospitals.people.services import create_person
from hospitals.studies.models import Study
from hospitals.studies.services import grant_role
from tests.custodian.consortium import plan
from tests.server.cohort import PROFILE, Upload
from tests.server.conftest import STUDY, Api, ApiFor
from tests.server.test_shares import Agents, agents, hospital
from tests.server.training import deliver
from tests.words.raises import says
from training.jobs.models import CustodianRequest
from training.jobs.sweeping import delete_withdrawn

__all__ = ["agents", "hospital"]
FOLLOWER, LEAD = 2, 1


def notice_of_thief(fingerprint: str) -> Signed:
    """A sharing of that key among cards that the thief made, by one of them."""
    keys = [ECKey.generate_key("P-256") for _ in range(4)]
    halves = [public_half(key) for key in keys]
    cards = [
        AgentCard(study=STUDY, institution=name, name=name, signing=halves[2 * at], agreement=halves[2 * at + 1])
        for at, name in enumerate(("north", "south"))
    ]
    sharing = Sharing(
        study=STUDY,
        profile=PROFILE,
        key_fingerprint=fingerprint,
        epoch=1,
        threshold=2,
        seats=[Seat(point=point, card=card) for point, card in enumerate(cards, 1)],
        expires_on=timezone.now().date() + timedelta(days=30),
    )
    return sign(SharingNotice(sharing=sharing, lead=1), keys[0])


@pytest.fixture(scope="module")
def thief_keys() -> EvaluationKeys:
    return generate_keys(profile(PROFILE))[1]


def publish(thief: Api, keys: EvaluationKeys, replaces: str = "") -> list[int]:
    """Both public halves of a key that the thief made, and the status codes."""
    public = envelope.to_bytes(Label("public-key", STUDY, PROFILE), [keys.public.public])
    label = Label("relinearisation-key", STUDY, PROFILE, keys.fingerprint)
    second = envelope.to_bytes(label, [keys.relinearisation])
    answers = [
        thief.put(f"custodian/keys/public?replaces={replaces}", content=public),
        thief.put("custodian/keys/relinearisation", content=second),
    ]
    return [answer.status_code for answer in answers]


def custodian_of(study: Study) -> User:
    person = create_person(username="carol", email="carol@example.org")
    grant_role(user=person, role=Role.CUSTODIAN, study=study, by=person)
    return person


def agree(agents: Agents, point: int, new: str, by: int = 0) -> httpx.Response:
    """That hospital's card signs for the new key; the token may be another's."""
    with Api(agents.tokens[(by or point) - 1]) as client:
        signed = signed_succession(agents.notice.sharing, agents.people[point - 1], new)
        return client.put("custodian/keys/succession", content=signed.model_dump_json())


def states() -> tuple[list[str], list[str]]:
    return (
        list(KeySet.objects.order_by("pk").values_list("state", flat=True)),
        list(Batch.objects.order_by("pk").values_list("state", flat=True)),
    )


# ---- the token of a hospital that holds a share ----------------------------------------------------------------------


@pytest.mark.parametrize("point", [FOLLOWER, LEAD])
def test_token_of_a_share_holder_replaces_no_key_and_outdates_no_batch(
    agents: Agents, hospital: Api, thief_keys: EvaluationKeys, point: int
) -> None:
    before, in_use = states(), hospital.package().key
    with Api(agents.tokens[point - 1]) as thief:
        assert publish(thief, thief_keys, in_use.fingerprint) == [200, 200]
        forged = own_cards(agents.notice.sharing, thief_keys.fingerprint)
        refused = [thief.put("custodian/keys/succession", content=one.model_dump_json()) for one in forged]

    assert {answer.json()["code"] for answer in refused} == {"keys.agreement_unsigned"}
    assert states() == (["active", "proposed"], before[1])
    assert hospital.package().key == in_use
    assert not KeyAgreement.objects.exists()


def own_cards(sharing: Sharing, new: str) -> list[Signed]:
    """What a thief signs with keys of its own, one for each seat."""
    fields = {"study": STUDY, "sharing": sharing.digest, "old": sharing.key_fingerprint, "new": new}
    return [sign(KeySuccession(point=seat.point, **fields), ECKey.generate_key("P-256")) for seat in sharing.seats]


def test_one_hospital_s_card_counts_once_whoever_posts_it_and_only_for_its_own_seat(
    agents: Agents, hospital: Api, thief_keys: EvaluationKeys
) -> None:
    sharing, new = agents.notice.sharing, thief_keys.fingerprint
    with Api(agents.tokens[FOLLOWER - 1]) as thief:
        publish(thief, thief_keys)
        seat = {"study": STUDY, "sharing": sharing.digest, "old": sharing.key_fingerprint, "new": new, "point": LEAD}
        moved = sign(KeySuccession(**seat), agents.people[FOLLOWER - 1].signing)
        refused = thief.put("custodian/keys/succession", content=moved.model_dump_json())

    assert [agree(agents, FOLLOWER, new, by=token).status_code for token in (2, 2, 1, 3)] == [204] * 4
    assert refused.json()["code"] == "keys.agreement_unsigned"
    assert list(KeyAgreement.objects.values_list("institution", flat=True)) == ["south"]
    assert states()[0] == ["active", "proposed"]


def test_as_many_cards_as_open_together_replace_the_key_and_a_person_puts_it_back(
    agents: Agents, hospital: Api, study: Study, thief_keys: EvaluationKeys
) -> None:
    with Api(agents.tokens[LEAD - 1]) as lead:
        publish(lead, thief_keys)
    carol, old = custodian_of(study), agents.notice.sharing.key_fingerprint
    with says("keys.cards_must_sign", Forbidden, needed=2):
        new = thief_keys.fingerprint
        confirm_proposal(study=study, fingerprint=new, typed=new[-8:], by=carol)

    assert [agree(agents, point, new).status_code for point in (1, 3)] == [204, 204]
    assert states() == (["retired", "active"], ["outdated"])

    take_back(study=study, by=carol)
    delete_withdrawn()

    assert states() == (["active", "retired"], ["uploading"])
    assert hospital.package().key.fingerprint == old
    assert hospital.post("batches/batch-0001/complete").json().get("state") == "checking"
    changes = AuditEvent.objects.filter(action__in=("key.replaced", "key.taken-back")).order_by("number")
    assert [(event.action, event.actor.split(":")[0]) for event in changes] == [
        ("key.replaced", "token"),
        ("key.taken-back", "user"),
    ]
    assert changes[0].details["agreed"] == ["north", "west"]


def test_token_of_a_share_holder_names_no_lead_no_holders_and_no_presence(
    agents: Agents, hospital: Api, study: Study
) -> None:
    key, sharing = study.key_sets.get(), agents.notice.sharing
    mine = ECKey.generate_key("P-256")
    later = sharing_of(plan(agents.people), sharing.key_fingerprint, 2)
    presence = Presence(sharing=sharing.digest, point=LEAD, at=timezone.now())
    own_card = agents.people[FOLLOWER - 1].signing
    calls = [
        ("custodian/sharing", sign(SharingNotice(sharing=sharing, lead=FOLLOWER), mine)),
        ("custodian/sharing", sign(SharingNotice(sharing=later, lead=FOLLOWER), mine)),
        ("custodian/presence", sign(presence, mine)),
        ("custodian/presence", sign(presence, own_card)),
    ]
    with Api(agents.tokens[FOLLOWER - 1]) as thief:
        answers = [thief.put(path, content=body.model_dump_json()).status_code for path, body in calls]

    assert answers == [422] * 4
    key.refresh_from_db()
    assert (key.lead, key.sharing) == (LEAD, sharing.model_dump(mode="json"))


@pytest.mark.parametrize("point", [FOLLOWER, LEAD])
def test_token_of_a_share_holder_answers_nothing_and_speaks_for_nobody(
    agents: Agents, hospital: Api, point: int
) -> None:
    request = CustodianRequest.objects.get()
    note = PartialNote(
        sharing=agents.notice.sharing.digest,
        point=3,
        request=request.name,
        payload_sha256=request.payload_sha256,
        refused="policy.kinds",
    )
    name, zeros = f"custodian/requests/{request.name}", "0" * 64
    with Api(agents.tokens[point - 1]) as thief:
        answers = {
            "answer": thief.post(f"{name}/answer", content=b"an answer"),
            "partial": thief.put(f"{name}/partial", content=sign(note, ECKey.generate_key("P-256")).model_dump_json()),
            "note": thief.post("custodian/note", json={"code": "agent.daily_limit"}),
            "hand-over": thief.put(f"custodian/hand-overs/{zeros}", content=b"HEFED-HAND-OVER/1\n{}"),
            "taken": thief.delete(f"custodian/hand-overs/{zeros}"),
            "withdraw": thief.post("batches/batch-0001/withdraw"),
        }

    statuses = {what: answer.status_code for what, answer in answers.items()}
    assert statuses == {"answer": 403, "partial": 422, "note": 403, "hand-over": 422, "taken": 404, "withdraw": 403}
    request.refresh_from_db()
    assert (request.state, request.share_answers.count()) == ("waiting", 0)
    assert states()[1] == ["custodian"]


def test_holders_are_not_named_by_a_token_once_patients_lie_under_a_key(
    published: Api, north: Api, upload: Upload
) -> None:
    north.announce(upload)
    refused = published.put(
        "custodian/sharing", content=notice_of_thief(upload.manifest.key_fingerprint).model_dump_json()
    )

    assert (refused.status_code, refused.json()["code"]) == (409, "keys.shared_too_late")
    assert KeySet.objects.get().sharing is None


# ---- the token of one custodian alone --------------------------------------------------------------------------------


def test_token_of_the_custodian_replaces_no_key_and_outdates_no_batch(
    published: Api, north: Api, upload: Upload, thief_keys: EvaluationKeys
) -> None:
    north.upload(upload)
    in_use = north.package().key

    assert publish(published, thief_keys, in_use.fingerprint) == [200, 200]
    forged = KeySuccession(study=STUDY, sharing="0" * 64, point=1, old=in_use.fingerprint, new=thief_keys.fingerprint)
    signed = sign(forged, ECKey.generate_key("P-256"))
    refused = published.put("custodian/keys/succession", content=signed.model_dump_json())

    assert refused.json()["code"] == "keys.agreement_unsigned"
    assert states() == (["active", "proposed"], ["checking"])
    assert north.package().key == in_use


def test_token_of_the_custodian_answers_nothing_and_speaks_for_nobody(
    published: Api, north: Api, upload: Upload, broker, voice: KeyVoice
) -> None:
    north.upload(upload)
    deliver(broker)
    request = CustodianRequest.objects.get()
    said = {"request": request.name, "payload_sha256": request.payload_sha256, "outcome": "quarantined"}
    label = Label("answer", STUDY, PROFILE, upload.manifest.key_fingerprint)
    body = envelope.to_bytes(label, [], {"answer": {**said, "reasons": ["admission.complex"]}})
    path, payload = f"custodian/requests/{request.name}/answer", request.payload_sha256
    mine = KeyVoice(ECKey.generate_key("P-256"), upload.manifest.key_fingerprint)
    statements = [
        "",
        mine.statement("answer", request.name, body, payload),
        voice.statement("answer", request.name, b"another answer", payload),
        voice.statement("answer", "request-0002", body, payload),
        voice.statement("note", request.name, body, payload),
    ]
    refused = [published.post(path, content=body, headers={HEADER: one} if one else {}) for one in statements]
    note = published.post("custodian/note", json={"code": "agent.daily_limit"})

    assert {answer.json()["code"] for answer in [*refused, note]} == {"jobs.holder_unsigned"}
    assert states()[1] == ["custodian"]
    signed = {HEADER: voice.statement("answer", request.name, body, payload)}
    assert published.post(path, content=body, headers=signed).status_code == 204
    assert states()[1] == ["quarantined"]


def test_relinearisation_key_that_a_thief_sent_first_is_noticed_by_whose_key_it_is(
    published: Api, api_for: ApiFor, thief_keys: EvaluationKeys
) -> None:
    """Between the two messages of an honest custodian; the person who confirms the key hears of it before."""
    other, label = api_for("custodian"), Label("relinearisation-key", STUDY, PROFILE, thief_keys.fingerprint)
    honest = envelope.to_bytes(label, [thief_keys.relinearisation])
    forged = envelope.to_bytes(label, [thief_keys.relinearisation], {"of": "the thief"})
    public = envelope.to_bytes(Label("public-key", STUDY, PROFILE), [thief_keys.public.public])
    published.put("custodian/keys/public", content=public)
    other.put("custodian/keys/relinearisation", content=forged)

    refused = published.put("custodian/keys/relinearisation", content=honest)

    assert (refused.status_code, refused.json()["code"]) == (409, "keys.other_relinearisation")


def test_voice_of_a_key_comes_with_it_and_is_not_changed_afterwards(published: Api, keys_home: Path) -> None:
    before = KeySet.objects.get().voice
    label = Label("public-key", STUDY, PROFILE)
    item = read_key(Home(keys_home).public_key, label)
    other = envelope.to_bytes(label, [item], {VOICE: public_half(ECKey.generate_key("P-256")).model_dump()})
    nonsense = envelope.to_bytes(label, [item], {VOICE: {"kty": "oct"}})

    answers = [published.put("custodian/keys/public", content=body).status_code for body in (other, nonsense)]

    assert answers == [200, 422]
    assert KeySet.objects.get().voice == before is not None


# ---- the token of a hospital's encryptor -----------------------------------------------------------------------------


def test_token_of_an_encryptor_withdraws_no_batch(north: Api, north_admitted: Upload) -> None:
    refused = north.post("batches/batch-0001/withdraw")
    delete_withdrawn()

    assert (refused.status_code, refused.json()["code"]) == (403, "batches.person_withdraws")
    batch = Batch.objects.get()
    assert batch.state == Batch.State.ADMITTED
    assert not batch.blocks.filter(blob=None).exists()


def test_token_of_an_encryptor_changes_no_byte_of_a_batch_that_is_there(north: Api, north_admitted: Upload) -> None:
    before = list(Batch.objects.get().blocks.values_list("blob", "state"))
    again = [north.append("batch-0001", 0, 0, b"other bytes").status_code]
    again.append(north.post("batches/batch-0001/complete").status_code)

    assert again == [409, 200]
    assert list(Batch.objects.get().blocks.values_list("blob", "state")) == before
    assert Batch.objects.get().state == Batch.State.ADMITTED


def test_token_of_an_encryptor_reads_no_request_and_no_other_hospital(
    north: Api, api_for: ApiFor, north_admitted: Upload
) -> None:
    south = api_for("south")
    assert [south.get("batches/batch-0001").status_code, south.get("custodian/requests").status_code] == [404, 403]
