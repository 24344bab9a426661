"""Kinds of rounds: the one table, the order in which a job may ask, and a new kind with one class and one entry."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pytest
from pydantic import TypeAdapter, ValidationError

from bench.plain_operations import PlainOperations
from bench.reference import PlainServer, encode
from bench.simulated import simulate
from hefed.core.ckks import totals, wire
from hefed.core.ckks.backend import Encryptor, Evaluator, generate_keys
from hefed.core.ckks.cost import DryRun, Shape
from hefed.core.ckks.params import OUTCOME_LEVEL, profile
from hefed.core.errors import BadInput, NotAtLevelZero
from hefed.core.learning import optimiser
from hefed.core.learning.kinds.pieces import Task
from hefed.core.learning.kinds.table import (
    KINDS,
    KnownKind,
    RoundCircuit,
    first_kind,
    kind_named,
    may_follow,
    total_names,
)
from hefed.core.learning.plan import Pool, plan, typical_circuit, typical_job
from hefed.core.protocol.requests import CohortPart, NextRound, Request
from tests.insecure import INSECURE_TEST_N12_L9
from tests.learning.known_kinds import KNOWN
from tests.learning.new_kind import ClassSums
from tests.words.raises import says

RING = profile("N14_L9")
SMALL = INSECURE_TEST_N12_L9
EVERY = [(name, degree) for name, kind in KINDS.items() for degree in kind.levels]
every_circuit = pytest.mark.parametrize(("name", "degree"), EVERY, ids=[f"{name}-{degree}" for name, degree in EVERY])
STARTS = [(name, degree, level) for name, known in KNOWN.items() for degree, level in known.starts.items()]


@pytest.fixture
def new_kind(monkeypatch: pytest.MonkeyPatch) -> Iterator[ClassSums]:
    kind = ClassSums()
    monkeypatch.setitem(KINDS, kind.name, kind)
    yield kind


@dataclass(frozen=True)
class Rows:
    """Two blocks of the small ring; the second is half full."""

    x: list[np.ndarray]
    y: list[np.ndarray]

    @classmethod
    def simulated(cls, width: int) -> "Rows":
        random, sizes = np.random.default_rng(5), (SMALL.slots, SMALL.slots // 2)
        x = [np.column_stack([np.ones(n), random.uniform(-4, 4, (n, width - 1))]) for n in sizes]
        return cls(x, [(random.random(n) < 0.3) * 1.0 for n in sizes])

    @property
    def sums_of_deaths(self) -> np.ndarray:
        return sum(y @ x for x, y in zip(self.x, self.y, strict=True))


def _request(kind: str) -> Request:
    pool, held = (CohortPart(batch=name, institution="a", rows=9) for name in ("batch-0001", "batch-0002"))
    fields = {"request": "r", "study": "s", "job": "job-0001", "round": 3, "created_at": "", "payload_bytes": 1}
    held_out = kind_named(kind).held_out
    cohorts = {"cohort": [held if held_out else pool], "train_cohort": [pool] if held_out else []}
    return Request(kind=kind, payload_sha256="0" * 64, **fields, **cohorts)


# ---- a new kind: one class, one entry --------------------------------------------------------------------------------


def test_new_kind_runs_in_plain_numbers(new_kind: ClassSums) -> None:
    rows, circuit, plain = Rows.simulated(4), RoundCircuit(new_kind.name, 4), PlainOperations(SMALL)

    total = None
    for x, y in zip(rows.x, rows.y, strict=True):
        columns = [plain.encrypt(column, circuit.start_level) for column in x.T]
        total = circuit.accumulate(plain, total, circuit.prepare(plain, columns, plain.encrypt(y, OUTCOME_LEVEL)))
    found = [value.total for value in circuit.finish(plain, circuit.lower(plain, total or []))]

    assert np.allclose(found, rows.sums_of_deaths, atol=1e-9)
    assert circuit.total_names == total_names("class_sums", 4) == ["y*x0", "y*x1", "y*x2", "y*x3"]


def test_new_kind_runs_encrypted_to_24_bits(new_kind: ClassSums) -> None:
    rows, circuit = Rows.simulated(4), RoundCircuit(new_kind.name, 4)
    secret, keys = generate_keys(SMALL)
    encryptor, ops = Encryptor(keys.public), Evaluator(keys)

    blocks = [
        circuit.prepare(
            ops, [encryptor.encrypt(column, circuit.start_level) for column in x.T], encryptor.encrypt(y, OUTCOME_LEVEL)
        )
        for x, y in zip(rows.x, rows.y, strict=True)
    ]
    left = list(circuit.chunk(ops, blocks, []))
    opened = [totals.open_total(secret, ops.seal_total(value)) for value in circuit.finish(ops, left)]

    assert -np.log2(np.abs(np.array(opened) - rows.sums_of_deaths).max() / SMALL.slots) > 24


def test_new_kind_is_planned_from_its_dry_run(new_kind: ClassSums) -> None:
    columns, blocks = 26, 20
    dry, circuit = DryRun(RING), typical_circuit(new_kind.name, columns)
    shapes = [Shape(circuit.start_level, RING.scale)] * columns
    block = circuit.prepare(dry, shapes, Shape(OUTCOME_LEVEL, RING.scale))
    left = list(circuit.chunk(dry, [block, block], []))

    estimate = plan(RING, Pool(columns, blocks, 5))

    assert {(value.level, value.parts) for value in left} == {(0, 2)}
    assert estimate.rounds == sum(len(known.job) for known in KNOWN.values()) + 1
    assert 0 < estimate.seconds_by_kind["class_sums"] < estimate.seconds


def test_new_kind_may_be_asked_where_its_class_says(new_kind: ClassSums) -> None:
    assert may_follow("class_sums", "moments")
    assert not may_follow("class_sums", "hessian")
    assert NextRound(kind="class_sums", sigmoid=None).kind == "class_sums"
    assert TypeAdapter(KnownKind).validate_python("class_sums") == "class_sums"


def test_new_kind_that_the_fit_does_not_read_is_said_so(new_kind: ClassSums) -> None:
    cohort = simulate("two-small", 0)
    server = PlainServer(*encode(cohort.pooled(), cohort.dictionary))
    state, step = optimiser.start(server.moments(cohort.dictionary.columns))
    asked = state.model_copy(update={"step": step.model_copy(update={"kind": "class_sums"})})

    with says("rounds.fit_takes_nothing", BadInput, kind="class_sums"):
        optimiser.advance(asked, [0.0] * len(cohort.dictionary.columns))


# ---- the table -------------------------------------------------------------------------------------------------------


def test_names_are_those_that_stand_in_databases_and_messages() -> None:
    assert list(KINDS) == list(KNOWN)
    assert all(kind.name == name for name, kind in KINDS.items())


def test_every_kind_has_words_of_its_own() -> None:
    labels = [kind.words.label for kind in KINDS.values()]

    assert len(set(labels)) == len(KINDS)
    assert all(kind.words.leaves for kind in KINDS.values())


@pytest.mark.parametrize("name", ["", "raw_rows", "Gradient", "gradient ", "x" * 10_000])
def test_unknown_kind_is_refused_with_the_known_ones(name: str) -> None:
    with says("rounds.kind_unknown", BadInput, kind=name[:20], known=tuple(KINDS)) as caught:
        kind_named(name)

    assert len(str(caught.value)) < 200
    with pytest.raises(ValidationError, match="must be one of admission, moments"):
        TypeAdapter(KnownKind).validate_python(name)


@pytest.mark.parametrize("name", ["", "raw rows", "GRADIENT", "a" * 17, "x\n", "<b>"])
def test_kind_in_a_message_is_a_short_name(name: str) -> None:
    with pytest.raises(ValidationError, match="kind"):
        NextRound(kind=name, sigmoid=None)


def test_job_goes_from_moments_over_gradients_and_hessians_to_one_evaluation() -> None:
    order = {name: {after for after in KINDS if may_follow(after, name)} for name in KINDS}

    assert first_kind().name == "moments"
    assert order == {name: known.then for name, known in KNOWN.items()}
    assert not may_follow("raw_rows", "hessian")


def test_round_leaves_its_job_open_exactly_if_another_may_follow() -> None:
    for name, kind in KINDS.items():
        assert kind.leaves_job_open == any(may_follow(after, name) for after in KINDS)


def test_every_round_but_the_first_of_a_job_needs_coefficients() -> None:
    assert {name: kind.takes_coefficients for name, kind in KINDS.items()} == {
        name: known.coefficients for name, known in KNOWN.items()
    }


def test_rows_of_each_kind() -> None:
    assert {name: kind.roles for name, kind in KINDS.items()} == {name: known.roles for name, known in KNOWN.items()}
    assert [name for name, kind in KINDS.items() if kind.held_out] == ["evaluation"]
    assert [name for name, kind in KINDS.items() if not kind.belongs_to_job] == ["admission"]


def test_no_round_can_both_touch_held_out_patients_and_go_on_training() -> None:
    for kind in KINDS.values():
        if kind.belongs_to_job and "holdout" in kind.roles:
            assert kind.held_out
            assert not kind.leaves_job_open


@pytest.mark.parametrize("name", [name for name, kind in KINDS.items() if kind.belongs_to_job])
def test_training_pool_of_a_request_is_the_one_that_the_model_saw(name: str) -> None:
    assert [part.batch for part in kind_named(name).trained_on(_request(name))] == ["batch-0001"]


def test_refusing_and_failing_are_answers_to_every_kind_and_others_belong_to_one_part_of_a_job() -> None:
    assert all({"refused", "failed"} <= kind.outcomes for kind in KINDS.values())
    found = {name: kind.outcomes - {"next", "refused", "failed"} for name, kind in KINDS.items()}
    assert found == {name: known.ends for name, known in KNOWN.items()}


class Heard:
    """Handlers that say who was called."""

    def admit(self) -> str:
        return "admit"

    def begin(self) -> str:
        return "begin"

    def advance(self) -> str:
        return "advance"

    def evaluate(self) -> str:
        return "evaluate"


def test_each_kind_names_its_handler_and_a_new_one_advances_the_job(new_kind: ClassSums) -> None:
    expected = {name: known.handler for name, known in KNOWN.items()} | {"class_sums": "advance"}
    assert {name: kind.handled_by(Heard()) for name, kind in KINDS.items()} == expected


# ---- what is opened --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("width", [1, 2, 3, 30])
@pytest.mark.parametrize("name", KINDS)
def test_no_two_totals_of_a_request_have_one_name(name: str, width: int) -> None:
    names = total_names(name, width)

    assert len(set(names)) == len(names)


@pytest.mark.parametrize(("name", "count"), [(name, known.totals) for name, known in KNOWN.items()])
def test_number_of_totals_over_thirty_columns(name: str, count: int) -> None:
    assert len(total_names(name, 30)) == count


def test_opened_names_are_the_totals_or_the_three_parts_of_a_block_of_scores() -> None:
    for name, kind in KINDS.items():
        expected = ["score", "outcome", "mask"] if kind.carries_scores else total_names(name, 4)
        assert kind.opened_names(4) == expected


def test_payload_grows_with_the_columns_for_totals_and_with_the_blocks_for_scores() -> None:
    gradient, evaluation = kind_named("gradient"), kind_named("evaluation")

    assert gradient.payload_bytes(RING, 20, 7) == 2 * gradient.payload_bytes(RING, 10, 1)
    assert evaluation.payload_bytes(RING, 20, 7) == 7 * evaluation.payload_bytes(RING, 10, 1)
    assert evaluation.payload_bytes(RING, 20, 1) == 3 * wire.packed_bytes(RING, 0)


# ---- levels ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("name", "degree", "level"), STARTS)
def test_start_levels_are_the_published_ones(name: str, degree: int, level: int) -> None:
    assert kind_named(name).start_level(degree) == level


def test_every_start_level_is_tested() -> None:
    assert [(name, degree) for name, degree, _ in STARTS] == EVERY


@every_circuit
def test_circuit_that_starts_at_its_level_ends_at_level_zero(name: str, degree: int) -> None:
    circuit, dry = typical_circuit(name, 5, degree), DryRun(RING)
    shapes = [Shape(circuit.start_level, RING.scale)] * 5
    block = circuit.prepare(dry, shapes, Shape(OUTCOME_LEVEL, RING.scale))

    left = list(circuit.chunk(dry, [block, block], shapes))

    assert {(value.level, value.parts) for value in left} == {(0, 2)}
    assert len(left) == (6 if circuit.round_kind.carries_scores else circuit.accumulator_length)


@pytest.mark.parametrize(("name", "degree"), [("gradient", 0), ("gradient", 7), ("hessian", 15), ("hessian", 63)])
def test_degree_without_a_circuit_is_refused(name: str, degree: int) -> None:
    with says("rounds.degree_unknown", BadInput, kind=name, degree=degree):
        kind_named(name).start_level(degree)


@every_circuit
def test_start_level_does_not_depend_on_the_number_of_columns(name: str, degree: int) -> None:
    assert typical_circuit(name, 2, degree).start_level == typical_circuit(name, 60, degree).start_level


# ---- one round in place of another -----------------------------------------------------------------------------------


def test_totals_are_not_scored_and_scores_are_not_added_up() -> None:
    plain = PlainOperations(SMALL)
    columns = [plain.encrypt([1.0], 1)] * 2
    adding, scoring = RoundCircuit("admission", 2), RoundCircuit("evaluation", 2)
    block = scoring.prepare(plain, columns, plain.encrypt([0.0], OUTCOME_LEVEL))

    with says("rounds.no_scores", BadInput, kind="admission"):
        adding.scores(plain, block, columns)
    for step in (
        lambda: scoring.accumulate(plain, None, block, columns),
        lambda: scoring.lower(plain, columns),
        lambda: scoring.finish(plain, columns),
    ):
        with says("rounds.evaluation_has_no_totals", BadInput):
            step()


@pytest.mark.parametrize("name", ["gradient", "hessian"])
def test_block_without_the_rounds_sigmoid_is_not_computed(name: str) -> None:
    plain, kind = PlainOperations(SMALL), kind_named(name)
    block = kind.prepare(plain, [plain.encrypt([1.0], 9)] * 2, plain.encrypt([0.0], OUTCOME_LEVEL), 9)

    with says("rounds.sigmoid_missing", BadInput, kind=name):
        RoundCircuit(name, 2)
    with says("rounds.sigmoid_missing", BadInput, kind=name):
        kind.accumulate(plain, None, block, Task())


def test_unlowered_sums_of_a_new_kind_are_not_finished(new_kind: ClassSums) -> None:
    plain = PlainOperations(SMALL)

    with says("rounds.not_lowered", NotAtLevelZero, level=1):
        list(RoundCircuit(new_kind.name, 1).finish(plain, [plain.encrypt([1.0], 1)]))


# ---- cost ------------------------------------------------------------------------------------------------------------


def test_typical_job_keeps_the_order_of_the_table() -> None:
    degrees = [(circuit.kind, circuit.sigmoid and circuit.sigmoid.degree) for circuit in typical_job(26)]

    assert degrees == [(name, degree) for name, known in KNOWN.items() for degree in known.job]


def test_last_rounds_of_a_job_count_down_to_its_end() -> None:
    closing = {name: kind.closing_rounds for name, kind in KINDS.items()}

    assert closing == {name: known.closing for name, known in KNOWN.items()}
    assert [name for name, kind in KINDS.items() if kind.iterates] == ["gradient"]


def test_worker_keeps_blocks_only_for_kinds_that_come_back_to_them() -> None:
    kept = {name: kind.returns_to_blocks for name, kind in KINDS.items()}

    assert kept == {name: known.keeps_blocks for name, known in KNOWN.items()}
