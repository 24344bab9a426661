"""What the custodian does not answer, and why it says so; each on real ciphertexts."""

from typing import Any

import numpy as np
import pytest

from hefed.core.ckks.backend import Encryptor, generate_keys
from hefed.core.ckks.keys import SecretKey
from hefed.core.ckks.params import profile
from hefed.core.ckks.totals import SealedTotal, pack_total
from hefed.core.learning.kinds.table import total_names
from hefed.core.protocol import envelope
from hefed.core.protocol.envelope import Label
from hefed.core.protocol.requests import Request
from hefed.core.words import Said
from hefed.core.words.catalogue import CATALOGUE
from hefed.custodian.agent.loop import Agent
from hefed.custodian.keeping.opened import Custodian
from hefed.custodian.keeping.store import Home
from tests.custodian.cohort import DICTIONARY_CSV, Rows
from tests.custodian.conftest import NORTH, SOUTH, admit, finish, split
from tests.custodian.desk.conftest import Refused
from tests.custodian.fake_server import PROFILE, FakeServer
from tests.words.raises import holds

N_COLUMNS = 8
NO_FIT = {code for code in CATALOGUE if code.startswith("fit.")} | {"desk.no_table"}
EXPECTED = Said("desk.expected_round", kind="gradient", round=1)


def _ask_again(server: FakeServer, like: Request, **changes: Any) -> Request:
    """The same payload under another announcement."""
    payload = changes.pop("payload", server.payloads[like.request])
    fields = {name: changes.pop(name, getattr(like, name)) for name in ("job", "round", "train_cohort", "study")}
    kind, cohort = changes.pop("kind", like.kind), changes.pop("cohort", like.cohort)
    return server.ask(kind, cohort, payload, **fields, **changes)


# ---- admission -------------------------------------------------------------------------------------------------------


def test_admitted_batch_gets_a_table_with_rounded_numbers(server: FakeServer, agent: Agent) -> None:
    request = server.upload("b1", "north", *NORTH)
    agent.poll()
    table = server.answer(request.request).table_one
    assert table is not None
    assert table.n == 1200
    assert [variable.column for variable in table.variables][:2] == ["age", "creatinine"]


def test_garbage_ciphertexts_are_quarantined_in_words(server: FakeServer, agent: Agent, refused: Refused) -> None:
    rng, ring = np.random.default_rng(5), profile(PROFILE)
    names = total_names("admission", N_COLUMNS)
    words = rng.integers(0, ring.primes[0], (len(names), ring.ring_degree), dtype=np.uint64)
    sealed = [pack_total(ring, SealedTotal(int(row[0]), row, 2.0**36)) for row in words]
    request = server.upload("b1", "north", *NORTH)
    payload = _totals(server, sealed, names)
    server.waiting.clear()
    forged = _ask_again(server, request, payload=payload, request="forged")
    assert holds(refused(forged, "quarantined"), "admission.no_rows", rows=1200)


def _totals(server: FakeServer, items: list[bytes], names: list[str], **meta: Any) -> bytes:
    assert server.public is not None
    fields = {"request_kind": "admission", "names": names, "scales": [2.0**36] * len(items), **meta}
    return envelope.to_bytes(Label("totals", "demo", PROFILE, server.public.fingerprint), items, fields)


def test_batch_with_a_wrong_number_of_rows_is_quarantined(server: FakeServer, agent: Agent, refused: Refused) -> None:
    request = server.upload("b1", "north", *NORTH, declared=1201)
    assert holds(refused(request, "quarantined"), "admission.intercept", rows=1201)


def test_batch_in_another_unit_is_quarantined(server: FakeServer, agent: Agent, refused: Refused) -> None:
    train, holdout = (Rows(np.array(rows.x), rows.y) for rows in NORTH)
    for rows in (train, holdout):
        rows.x[:, 2] = np.clip((10 * (rows.x[:, 2] * 0.5 + 1) - 1) / 0.5, -4, 4)
    reason = refused(server.upload("b1", "north", train, holdout), "quarantined")
    assert holds(reason, "admission.column_above", column="creatinine")
    assert holds(reason, "admission.unit_asked")


def test_copy_of_another_hospitals_batch_is_quarantined_until_that_one_is_forgotten(
    server: FakeServer, agent: Agent, custodian: Custodian, refused: Refused
) -> None:
    admit(server, agent)
    copy = server.upload("b3", "east", *SOUTH)
    assert holds(refused(copy, "quarantined"), "admission.copy", batch="b2", institution="south")
    assert custodian.store.forget("b2")
    again = server.upload("b4", "east", *SOUTH)
    agent.poll()
    assert server.answer(again.request).outcome == "admitted"


def test_admission_asked_twice_for_one_batch_is_no_copy(server: FakeServer, agent: Agent) -> None:
    admit(server, agent)
    again = server.upload("b2", "south", *SOUTH)
    agent.poll()
    assert server.answer(again.request).outcome == "admitted"


# ---- order, cohort, key, dictionary ----------------------------------------------------------------------------------


@pytest.fixture
def begun(server: FakeServer, agent: Agent) -> Request:
    """The gradient request of a job whose moments were answered; not yet answered itself."""
    admit(server, agent)
    moments = server.launch("j1", ["b1", "b2"])
    agent.poll()
    gradient = server.proceed(moments)
    assert gradient is not None
    server.waiting.clear()
    return gradient


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"round": 2}, Said("desk.not_expected", kind="gradient", round=2, job="j1", expected=EXPECTED)),
        ({"kind": "hessian"}, Said("desk.not_expected", kind="hessian", round=1, job="j1", expected=EXPECTED)),
        ({"job": "unknown"}, Said("desk.not_begun", job="unknown")),
        ({"job": "../../etc"}, Said("keeping.id", name="../../etc")),
        ({"study": "other"}, Said("desk.other_study", study="other", own="demo")),
        ({"kind": "moments", "round": 0}, Said("desk.begun_before", job="j1")),
        ({"kind": "moments", "round": 0, "job": ""}, Said("desk.begins_later", job="", round=0)),
    ],
)
def test_request_whose_order_is_impossible_is_refused_with_the_rule(
    server: FakeServer, agent: Agent, begun: Request, refused: Refused, changes: dict[str, Any], said: Said
) -> None:
    assert refused(_ask_again(server, begun, request="forged", **changes)) == said
    server.waiting[begun.request] = begun
    agent.poll()
    assert server.answer(begun.request).outcome == "next"


def test_request_with_a_changed_cohort_is_refused(
    server: FakeServer, agent: Agent, begun: Request, refused: Refused
) -> None:
    forged = _ask_again(server, begun, request="forged", cohort=begun.cohort[:1])
    assert holds(refused(forged), "desk.other_cohort")


def test_request_over_a_batch_that_was_never_admitted_is_refused(
    server: FakeServer, agent: Agent, refused: Refused
) -> None:
    admit(server, agent)
    server.upload("b3", "east", *split(60, 20, 3))
    server.waiting.clear()
    assert holds(refused(server.launch("j1", ["b1", "b3"])), "desk.not_admitted", batch="b3")


def test_request_under_another_key_is_refused(
    server: FakeServer, agent: Agent, begun: Request, refused: Refused
) -> None:
    _, other = generate_keys(profile(PROFILE))
    header = envelope.from_bytes(server.payloads[begun.request])
    label = Label("totals", "demo", PROFILE, other.fingerprint)
    payload = envelope.to_bytes(label, header.items, header.header.meta)
    forged = _ask_again(server, begun, request="forged", payload=payload)
    assert holds(refused(forged), "protocol.envelope_label", name="key_fingerprint", found=other.fingerprint)


def test_request_with_other_columns_than_the_dictionary_is_refused(
    server: FakeServer, agent: Agent, begun: Request, refused: Refused
) -> None:
    sealed = envelope.from_bytes(server.payloads[begun.request]).items
    fewer = _totals(server, list(sealed[:-1]), total_names("gradient", 7), request_kind="gradient")
    forged = _ask_again(server, begun, request="forged", payload=fewer)
    assert holds(refused(forged), "desk.total_names", names=8, kind="gradient")


def test_job_whose_dictionary_changed_is_refused(
    server: FakeServer, agent: Agent, begun: Request, refused: Refused
) -> None:
    server.dictionary_csv = DICTIONARY_CSV.replace("60,15,60", "65,15,65")
    server.waiting[begun.request] = begun
    assert holds(refused(begun), "desk.dictionary_changed", job="j1")


@pytest.mark.parametrize("position", [0, 40, -1])
def test_payload_that_is_not_the_announced_one_is_refused(
    server: FakeServer, agent: Agent, begun: Request, position: int, refused: Refused
) -> None:
    damaged = bytearray(server.payloads[begun.request])
    damaged[position] ^= 1
    server.payloads[begun.request] = bytes(damaged)
    server.waiting[begun.request] = begun
    assert refused(begun).code not in ("desk.state_unknown", "desk.item_sizes")


def test_payload_longer_than_announced_is_not_taken_in(
    server: FakeServer, agent: Agent, begun: Request, refused: Refused
) -> None:
    server.payloads[begun.request] += bytes(1 << 20)
    server.waiting[begun.request] = begun
    assert refused(begun)


def test_totals_that_run_over_other_rows_than_declared_are_refused(
    server: FakeServer, agent: Agent, refused: Refused
) -> None:
    admit(server, agent)
    honest = server.launch("j1", ["b1", "b2"])
    server.waiting.clear()
    parts = [part.model_copy(update={"rows": part.rows - 100}) for part in honest.cohort]
    forged = _ask_again(server, honest, request="forged", cohort=parts)
    assert holds(refused(forged), "desk.rows_declared", rows=1200)


def test_evaluation_whose_blocks_are_not_the_cohort_is_refused(
    server: FakeServer, agent: Agent, begun: Request, refused: Refused
) -> None:
    request: Request | None = begun
    server.waiting[begun.request] = begun
    while request is not None and request.kind != "evaluation":
        agent.poll()
        request = server.proceed(request)
    assert request is not None
    server.waiting.clear()
    forged = _ask_again(server, request, request="forged", cohort=request.cohort[:1])
    assert holds(refused(forged), "desk.stranger_block", institution="south")
    server.waiting[request.request] = request
    agent.poll()
    assert server.answer(request.request).outcome == "result"


def test_request_with_an_id_that_is_no_file_name_is_left_alone(server: FakeServer, agent: Agent, home: Home) -> None:
    request = server.upload("b1", "north", *NORTH)
    server.waiting["../../evil"] = request.model_copy(update={"request": "../../evil"})
    agent.poll()
    assert list(server.answers) == [request.request]
    assert "evil" not in home.ledger.read_text()


# ---- fits that fail, pools too close ---------------------------------------------------------------------------------


def test_pool_that_cannot_be_fitted_fails_in_words_and_ends_nothing_else(
    server: FakeServer, agent: Agent, refused: Refused
) -> None:
    train, holdout = (Rows(np.array(rows.x), rows.y) for rows in NORTH)
    for rows in (train, holdout):
        rows.x[:, 4] = rows.x[:, 1] > 0
        rows.x[:, 5] = rows.x[:, 4]
        rows.x[:, 6] = rows.x[:, 7] = 0
    server.upload("b1", "north", train, holdout)
    agent.poll()
    assert refused(server.launch("j1", ["b1"]), "failed").code in NO_FIT


@pytest.mark.parametrize("seed", range(4))
def test_moments_of_no_table_at_all_fail_in_words(
    server: FakeServer, agent: Agent, seed: int, refused: Refused
) -> None:
    admit(server, agent)
    honest = server.launch("j1", ["b1", "b2"])
    server.waiting.clear()
    ring, names, rng = profile(PROFILE), total_names("moments", N_COLUMNS), np.random.default_rng(seed)
    values = rng.normal(scale=10.0 ** (3 * seed), size=len(names))
    values[0], values[36] = 1400, 300  # rows and deaths, so that the first checks pass
    scale = 2.0**20
    sealed = [
        SealedTotal(round(v * scale / ring.slots) % ring.primes[0], np.zeros(4096, np.uint64), scale) for v in values
    ]
    items = [pack_total(ring, one) for one in sealed]
    payload = _totals(server, items, names, request_kind="moments", scales=[scale] * len(items))
    assert refused(_ask_again(server, honest, payload=payload, request="x"), "failed").code in NO_FIT


def test_pool_a_few_patients_larger_than_an_earlier_one_is_refused(
    server: FakeServer, agent: Agent, refused: Refused
) -> None:
    admit(server, agent)
    server.upload("b3", "north", *split(6, 2, 8))
    agent.poll()
    finish(server, agent, server.launch("j1", ["b1", "b2"]))
    reason = refused(server.launch("j2", ["b1", "b2", "b3"]))
    assert holds(reason, "disclosure.cohort_differs")
    same = server.launch("j3", ["b1", "b2"])
    agent.poll()
    assert server.answer(same.request).outcome == "next"


# ---- secrets ---------------------------------------------------------------------------------------------------------


def test_secret_key_and_opened_values_are_nowhere_outside_the_seals(
    server: FakeServer, agent: Agent, home: Home, custodian: Custodian, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    admit(server, agent)
    finish(server, agent, server.launch("j1", ["b1", "b2"]))
    key = SecretKey.load(profile(PROFILE), custodian.vault.secret_key)
    batch = next(custodian.store.batches())
    markers = [key.stream[200:232], key.words[0, :4].tobytes(), custodian.vault.data_key]
    markers += [f"{value:.6f}".encode()[:12] for value in batch.sums if value % 1]
    texts = [path.read_bytes() for path in home.path.rglob("*") if path.is_file()]
    texts += [*server.seen, caplog.text.encode()]
    assert len(markers) > 10
    assert not [marker for marker in markers for text in texts if marker in text]


def test_coefficients_are_encrypted_afresh_in_every_answer(server: FakeServer, agent: Agent) -> None:
    admit(server, agent)
    first, second = server.launch("j1", ["b1", "b2"]), server.launch("j2", ["b1", "b2"])
    agent.poll()
    pairs = zip(*(envelope.from_bytes(server.answers[one.request]).items for one in (first, second)), strict=True)
    assert all(one != other for one, other in pairs)


def test_coefficients_start_at_the_level_of_their_round(server: FakeServer, agent: Agent) -> None:
    admit(server, agent)
    request = server.launch("j1", ["b1", "b2"])
    agent.poll()
    following = server.answer(request.request).next
    assert following is not None
    assert following.sigmoid is not None
    items = envelope.from_bytes(server.answers[request.request]).items
    assert server.public is not None
    expected = Encryptor(server.public).packed_constant(0.0, {15: 7, 31: 8, 63: 9}[following.sigmoid.degree])
    assert [len(item) for item in items] == [len(expected)] * N_COLUMNS
