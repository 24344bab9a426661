"""What pages say when the custodian refuses: its own code refuses here, and the page names the rule and the remedy."""

from collections.abc import Callable

import pytest
from django.urls import reverse
from django.utils import translation
from pydantic import ValidationError

from hefed.core.errors import PolicyRefused
from hefed.core.learning.disclosure import refuse_differencing
from hefed.core.protocol.requests import Answer, CohortPart, Request
from hefed.core.words.catalogue.policy import ENTRIES
from hefed.custodian.desk import deciding, policy
from hefed.custodian.desk.policy import Policy
from hefed.custodian.keeping.records import BatchRecord
from hospitals.words import page_words
from tests.pages.conftest import signed_in
from tests.pages.factory import World
from tests.words.raises import html
from training.jobs.answers import refusal_of
from training.jobs.models import CustodianNote, CustodianRequest, Job, Round
from training.jobs.requests import counts_by_kind


def part(batch: str = "batch-0001", institution: str = "seoul", rows: int = 900) -> CohortPart:
    return CohortPart(batch=batch, institution=institution, rows=rows)


def asked(*cohort: CohortPart) -> Request:
    return Request(
        request="request-0001",
        kind="moments",
        study="icu-death",
        job="job-0001",
        round=0,
        cohort=list(cohort),
        created_at="2027-01-31T00:00:00Z",
        payload_bytes=1,
        payload_sha256="ab" * 32,
    )


REFUSALS: dict[str, Callable[[], None]] = {
    "kinds": lambda: policy.check_request(Policy(kinds=("admission",)), asked(part())),
    "institutions": lambda: policy.check_request(Policy(institutions=("daegu",)), asked(part())),
    "pools": lambda: policy.check_request(Policy(pools=(frozenset({"daegu"}),)), asked(part())),
    "minimum_rows": lambda: policy.check_request(Policy(minimum_rows=1000), asked(part())),
    "minimum_events": lambda: policy.check_events(Policy(minimum_events=10), 9),
    "disclosure.small_cell": lambda: refuse_differencing([part(rows=900)], [[part("batch-0002", rows=893)]]),
}


BAD_FILE = {"policy.missing", "policy.toml", "policy.setting"}


def test_every_refusal_of_the_policy_is_among_these():
    codes = {entry.code for entry in ENTRIES} - BAD_FILE

    assert codes == {f"policy.{setting}" for setting in REFUSALS} - {"policy.disclosure.small_cell"}


def caught(act: Callable[[], None]) -> PolicyRefused:
    with pytest.raises(PolicyRefused) as raised:
        act()
    return raised.value


def answer_to(error: PolicyRefused) -> Answer:
    return deciding.refusal(asked(part()), error).answer


@pytest.mark.parametrize("setting", REFUSALS)
def test_every_rule_of_the_policy_is_named_with_its_setting(setting: str):
    answer = answer_to(caught(REFUSALS[setting]))
    (code,) = answer.reasons
    found = refusal_of(code, answer.outcome)

    assert (found.reason, found.setting) == (code, setting)
    assert found.rule not in {refusal_of("desk.other_study", outcome).rule for outcome in ("refused", "failed")}
    assert "; " in page_words(code), "what to do is said"


@pytest.mark.parametrize("setting", REFUSALS)
def test_answer_tells_the_server_no_fact(setting: str):
    error = caught(REFUSALS[setting])
    sent = answer_to(error).model_dump_json()

    assert error.facts
    assert not [fact for fact in map(str, error.facts.values()) if f'"{fact}"' in sent]
    assert answer_to(error).reasons == (error.code,)


@pytest.mark.parametrize(
    "reason", ["", "cannot: a sentence", "admission.copy 900", "x" * 61, {"code": "admission.copy"}]
)
def test_answer_whose_reason_is_no_code_is_not_read(reason: object):
    plain = answer_to(caught(REFUSALS["kinds"])).model_dump(mode="json") | {"reasons": [reason]}

    with pytest.raises(ValidationError, match="reasons"):
        Answer.model_validate(plain)


@pytest.mark.parametrize("setting", REFUSALS)
def test_rule_of_a_sentence_is_known_by_what_was_kept_beside_it(setting: str):
    sentence = str(caught(REFUSALS[setting]))
    found = refusal_of(sentence, "refused", setting)

    assert (found.reason, found.setting) == (sentence, setting)
    assert refusal_of(sentence).setting == ""


def test_rules_outside_the_policy_file_are_named_without_a_setting():
    request = asked(part())
    evaluation = request.model_copy(update={"train_cohort": [part(rows=700)], "cohort": [part(rows=100)]})
    record = BatchRecord(batch="batch-0001", institution="seoul", rows=900, n_columns=1, sums=[900.0])
    found = {}
    for act in (
        lambda: policy.check_admitted(request, []),
        lambda: policy.check_same(request.cohort, []),
        lambda: policy.check_whole(evaluation, [record]),
    ):
        answer = answer_to(caught(act))
        with translation.override("en"):
            one = refusal_of(answer.reasons[0], answer.outcome)
        found[one.rule] = (one.setting, one.reason)

    assert found == {
        "Only admitted batches are opened": ("", "desk.not_admitted"),
        "One job's requests come in order": ("", "desk.other_cohort"),
        "A job runs over whole batches, and a batch never changes": ("", "desk.not_whole"),
    }


def refuse(job: Job, reason: str) -> None:
    CustodianRequest.objects.filter(round__job=job, state="waiting").update(
        state="answered", outcome="refused", reasons=[reason], answer_sha256="ab" * 32, answered_at=job.launched_at
    )
    Round.objects.filter(job=job, state=Round.State.CUSTODIAN).update(state=Round.State.ANSWERED)
    Job.objects.filter(pk=job.pk).update(state=Job.State.REFUSED, reason=reason, finished_at=job.launched_at)


@pytest.mark.parametrize(("role", "name"), [("project_administrator", "job"), ("custodian", "requests")])
def test_refusal_is_shown_with_its_rule_and_what_to_do(world: World, role: str, name: str):
    job = world.jobs["waiting"]
    refuse(job, "policy.minimum_rows")
    args = [world.study.slug, job.name] if name == "job" else [world.study.slug]

    page = signed_in(world, role).get(reverse(name, args=args)).content.decode()

    assert html("policy.minimum_rows")[1:] in page
    assert "…" in html("policy.minimum_rows"), "the numbers stay with the custodian"
    assert "on the key holders' own page" in page
    assert "Fewest patients of a pool" in page
    assert "<code>minimum_rows</code>" in page


@pytest.mark.parametrize(("role", "name"), [("project_administrator", "job"), ("custodian", "requests")])
def test_sentence_of_an_earlier_answer_is_shown_as_it_is(world: World, role: str, name: str):
    job = world.jobs["waiting"]
    refuse(job, "cannot train on this pool: it has 900 rows and the policy asks for 1000; add a hospital to the pool")
    args = [world.study.slug, job.name] if name == "job" else [world.study.slug]

    page = signed_in(world, role).get(reverse(name, args=args)).content.decode()

    assert "Cannot train on this pool: it has 900 rows and the policy asks for 1000" in page
    assert "own page" not in page


@pytest.mark.parametrize(("role", "name"), [("project_administrator", "job"), ("custodian", "requests")])
def test_note_of_the_custodian_is_shown_while_it_stands(world: World, role: str, name: str):
    note = CustodianNote.objects.create(study=world.study, text="agent.daily_limit")
    args = [world.study.slug, world.jobs["waiting"].name] if name == "job" else [world.study.slug]
    client = signed_in(world, role)

    assert html("agent.daily_limit")[1:] in client.get(reverse(name, args=args)).content.decode()
    note.text = ""
    note.save()
    assert "The custodian says" not in client.get(reverse(name, args=args)).content.decode()


def test_requests_are_counted_by_kind(world: World):
    refuse(world.jobs["waiting"], "policy.minimum_rows")
    found = {
        count.label: (count.asked, count.waiting, count.answered, count.refused)
        for count in counts_by_kind(world.study)
    }

    assert found["Evaluation"] == (2, 0, 2, 0)
    assert found["Gradient"][1:] == (0, found["Gradient"][0] - 1, 1)
    assert found["Admission check"][0] == CustodianRequest.objects.filter(round__kind="admission").count()
    assert sum(asked for asked, *_ in found.values()) == CustodianRequest.objects.count()
