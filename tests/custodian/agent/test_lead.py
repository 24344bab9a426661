"""Three hospitals' agents and a job: who leads, who is away, who refuses, who lies, who restarts."""

import threading
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from bench.reference import maximum_likelihood
from hefed.core.errors import BadInput
from hefed.core.words import Said
from hefed.custodian.agent.holder import Holder
from hefed.custodian.agent.loop import ACTIVE_SECONDS, IDLE_SECONDS
from hefed.custodian.agent.share import Answering
from hefed.custodian.desk.asking import Question, Standing
from hefed.custodian.keeping.ledger import read_lines
from hefed.custodian.keeping.store import Home
from hefed.custodian.sharing.lead import naming, read_lead
from tests.custodian.agents import leading
from tests.custodian.conftest import NORTH, SOUTH, pooled
from tests.custodian.consortium import lead
from tests.custodian.scene import Consortium, coefficients
from tests.words.raises import holds, says


@pytest.mark.parametrize("other", [2, 3])
def test_a_job_opened_by_two_of_three_finds_the_maximum_likelihood_coefficients(
    consortium: Consortium, other: int
) -> None:
    consortium.admit(other, 1)
    last = consortium.finish(consortium.server.launch("job-1", ["b1", "b2"]), other, 1)
    rows = pooled(0)
    fit = maximum_likelihood(rows.x, rows.y)
    assert np.abs((coefficients(consortium, last) - fit.beta) / fit.standard_errors).max() < 0.02
    names = ["north", "south", "west"]
    assert consortium.server.answer(last.request).opened_by == ["north", names[other - 1]]


def test_the_lead_alone_opens_nothing_and_says_that_answers_are_missing(consortium: Consortium) -> None:
    request = consortium.server.upload("b1", "north", *NORTH)
    consortium.poll(1, 1)
    assert request.request in consortium.server.waiting
    assert not any(line.event == "request" for line in read_lines(consortium.homes[0].ledger))
    assert consortium.server.notes[-1] == "agent.answers_missing"
    assert not any(b"South hospital" in body for body in consortium.server.seen), "names stay here"


def test_a_hospital_that_is_killed_in_the_middle_of_a_job_is_replaced_by_another(consortium: Consortium) -> None:
    consortium.admit(2, 3, 1)
    request = consortium.server.launch("job-1", ["b1", "b2"])
    consortium.poll(2, 3, 1)
    assert consortium.server.answer(request.request).opened_by == ["north", "south"]
    following = consortium.server.proceed(request)
    assert following is not None
    assert consortium.answer(following, 3, 1).opened_by == ["north", "west"]


def test_a_lying_hospital_is_named_and_the_others_open(consortium: Consortium) -> None:
    holder = consortium.holders[1]
    share = holder.answering.share
    words = share.words.copy()
    words[5] ^= np.uint64(1)
    lying = Answering.by(replace(share, words=words), holder.custodian.public)
    consortium.restart(2, replace(holder, answering=lying))
    request = consortium.server.upload("b1", "north", *NORTH)
    consortium.poll(2, 1)
    assert request.request in consortium.server.waiting
    assert "agent.answers_disagree" in consortium.server.notes
    answer = consortium.answer(request, 3, 1)
    assert (answer.outcome, answer.opened_by, answer.wrong) == ("admitted", ["north", "west"], ["south"])
    rules = [line.rule for line in read_lines(consortium.homes[0].ledger)]
    assert any(holds(rule, "keeping.rule_wrong_answer", wrong=("South hospital",)) for rule in rules)


def test_a_hospital_that_refuses_is_not_needed_and_two_that_refuse_end_it_with_their_reasons(
    consortium: Consortium,
) -> None:
    _forbid(consortium.homes[1])
    consortium.admit(2, 3, 1)
    _forbid(consortium.homes[2])
    request = consortium.server.upload("b3", "north", *SOUTH)
    answer = consortium.answer(request, 2, 3, 1)
    assert answer.outcome == "refused"
    assert answer.reasons == ("agent.too_many_refuse",)
    rule = [line.rule for line in read_lines(consortium.homes[0].ledger)][-1]
    assert holds(rule, "agent.too_many_refuse", threshold=2)
    assert holds(rule, "agent.refuses", name="South hospital", why=Said("policy.kinds"))


def _forbid(home: Home) -> None:
    home.policy.write_text('kinds = ["moments", "gradient", "hessian", "evaluation"]\n')


def test_a_restarted_hospital_answers_the_same_request_with_the_same_numbers(consortium: Consortium) -> None:
    request = consortium.server.upload("b1", "north", *NORTH)
    consortium.poll(2)
    first = consortium.server.partials.pop((request.request, 2))
    consortium.restart(2)
    consortium.poll(2)
    assert consortium.server.partials[request.request, 2] == first
    answers = [line for line in read_lines(consortium.homes[1].ledger) if line.event == "share-answered"]
    assert [line.outcome for line in answers] == ["share"]


def test_an_answer_made_for_another_lead_cannot_be_read_and_is_made_anew(consortium: Consortium) -> None:
    holder = consortium.holders[1]
    lead(holder.custodian.home.path, holder.identity, holder.sharing, "west")
    request = consortium.server.upload("b1", "north", *NORTH)
    consortium.poll(2, 1)
    assert request.request in consortium.server.waiting
    lead(holder.custodian.home.path, holder.identity, holder.sharing, "north")
    for waiting in holder.custodian.store.unacknowledged():
        holder.custodian.store.acknowledge(waiting)
    consortium.restart(1)
    assert consortium.answer(request, 2, 1).outcome == "admitted"


def test_a_hospital_refuses_a_round_twice_another_pool_and_a_batch_that_changes_hands(consortium: Consortium) -> None:
    consortium.admit(2, 1)
    first = consortium.server.launch("job-1", ["b1", "b2"])
    consortium.poll(2)
    smaller = [part.model_copy(update={"rows": part.rows - 1}) for part in first.cohort]
    moved = [part.model_copy(update={"institution": "west"}) for part in first.cohort]
    changed = {"again": {}, "pool": {"round": 1, "cohort": first.cohort[:1]}, "rows": {"round": 1, "cohort": smaller}}
    for name, change in {**changed, "hands": {"round": 1, "cohort": moved}}.items():
        consortium.server.waiting[name] = first.model_copy(update={"request": name, **change})
        consortium.server.payloads[name] = consortium.server.payloads[first.request]
    consortium.poll(2)
    reasons = {name: consortium.server.infos(name)[0].refused for name in ("again", "pool", "rows", "hands")}
    assert reasons == {
        "again": "desk.round_seen",
        "pool": "desk.other_cohort",
        "rows": "desk.rows_changed",
        "hands": "desk.other_hospital",
    }
    rules = [line.rule for line in read_lines(consortium.homes[1].ledger)]
    assert any(holds(rule, "desk.other_hospital", before="north", now="west") for rule in rules)
    assert any(holds(rule, "desk.round_seen", seen=0) for rule in rules)


def test_a_hospital_that_was_away_for_rounds_answers_the_next(consortium: Consortium) -> None:
    consortium.admit(2, 1)
    request = consortium.server.launch("job-1", ["b1", "b2"])
    consortium.poll(2, 1)
    following = consortium.server.proceed(request)
    assert following is not None
    assert consortium.answer(following, 3, 1).opened_by == ["north", "west"]


def test_answers_reach_the_lead_sealed(consortium: Consortium) -> None:
    """No number of an answer is in anything that the server has seen."""
    request = consortium.server.upload("b1", "north", *NORTH)
    consortium.poll(2)
    holder = consortium.holders[1]
    payload = holder.custodian.home.path / "payload"
    payload.write_bytes(consortium.server.payloads[request.request])
    desk = Holder(holder, consortium.client).desk(consortium.client.study())
    numbers = holder.answering.numbers(Question(desk, request, Standing(), payload))
    seen = b"".join(consortium.server.seen)
    assert len(numbers.totals) > 3
    assert not any(str(number).encode() in seen for number in numbers.totals.values())


def test_a_lead_must_hold_a_share_and_must_be_named(consortium: Consortium, tmp_path: Path) -> None:
    sharing = consortium.holders[0].sharing
    with says("sharing.lead_holds_no_share", BadInput, institution="east", names=("north", "south", "west")):
        naming(tmp_path, sharing, "east")
    with says("sharing.nobody_leads", BadInput):
        read_lead(tmp_path, sharing)


class Pauses(threading.Event):
    """Ends an agent's run after twelve pauses, none of which it waits."""

    def __init__(self) -> None:
        super().__init__()
        self.seconds: list[float] = []

    def wait(self, timeout: float | None = None) -> bool:
        self.seconds.append(timeout or 0.0)
        if len(self.seconds) == 12:
            self.set()
        return True


def test_a_lead_looks_often_while_the_others_answer_and_seldom_when_nobody_does(
    consortium: Consortium,
) -> None:
    soon, late = Pauses(), Pauses()
    consortium.server.upload("b1", "north", *NORTH)
    leading(consortium.holders[0], consortium.client, soon).run()
    assert set(soon.seconds) == {ACTIVE_SECONDS}
    leading(consortium.holders[0], consortium.client, late, hurry_seconds=0.0).run()
    assert late.seconds[-1] == IDLE_SECONDS
