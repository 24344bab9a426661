"""Every circuit, encrypted on the small ring, against plain statistics; what it may not cost, and what it refuses."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

import numpy as np
import numpy.typing as npt
import pytest

from bench.plain_operations import PlainOperations
from hefed.core.ckks import totals
from hefed.core.ckks.backend import Decryptor, Encryptor, Evaluator, Native, generate_keys
from hefed.core.ckks.cost import DryRun, Shape
from hefed.core.ckks.keys import SecretKey
from hefed.core.ckks.params import OUTCOME_LEVEL, Profile, profile
from hefed.core.ckks.wire import Shape as WireShape
from hefed.core.errors import BadInput, LevelExhausted, NotAtLevelZero
from hefed.core.learning.kinds.table import RoundCircuit, total_names
from hefed.core.learning.sigmoid import Series, coefficients, derivative_coefficients
from hefed.core.protocol.base import Degree, RequestKind
from hefed.core.protocol.requests import SigmoidSpec
from tests.insecure import INSECURE_TEST_N12_L9
from tests.words.raises import says

Matrix = npt.NDArray[np.float64]


def _spec(degree: Degree) -> SigmoidSpec:
    return SigmoidSpec(degree=degree, centre=-4, half_width=12, mean=-3.5, sd=1.5)


@dataclass(frozen=True)
class Cohort:
    """Simulated rows of one block; the last slots are padding."""

    rows: Matrix
    outcome: Matrix
    beta: Matrix

    @classmethod
    def simulated(cls, ring: Profile, width: int, seed: int = 0) -> "Cohort":
        random = np.random.default_rng(seed)
        rows = np.clip(random.normal(size=(ring.slots, width)), -4, 4)
        rows[:, 0] = 1.0
        beta = np.r_[-3.3, random.normal(size=width - 1) * 0.4]
        outcome = (random.random(ring.slots) < 1 / (1 + np.exp(-rows @ beta))) * 1.0
        rows[-100:], outcome[-100:] = 0.0, 0.0
        return cls(rows, outcome, beta)

    def scaled_beta(self, spec: SigmoidSpec) -> Matrix:
        scaled = self.beta / spec.half_width
        scaled[0] -= spec.centre / spec.half_width
        return scaled

    def totals(self, kind: RequestKind, spec: SigmoidSpec | None) -> Matrix:
        """By name, from the polynomial the circuit uses; padding rows count 0 in every product with a column."""
        u = self.rows @ self.scaled_beta(spec) if spec else np.zeros(len(self.rows))
        p, s = (f(u) if spec and spec.degree >= n else u for f, n in self._series(spec))
        x, y = self.rows, self.outcome

        def total(name: str) -> float:
            if name[0] == "g":
                return float(x[:, int(name[1:])] @ (p - y))
            if name[0] == "h":
                j, k = map(int, name[1:].split(","))
                return float((s * x[:, j]) @ x[:, k])
            factors = [y if part == "y" else x[:, int(part[1:])] for part in name.split("*")]
            return float(np.prod(factors, axis=0).sum())

        return np.array([total(name) for name in total_names(kind, x.shape[1])])

    @staticmethod
    def _series(spec: SigmoidSpec | None) -> list[tuple[Callable[[Matrix], Matrix], int]]:
        if spec is None:
            return [(np.asarray, 99), (np.asarray, 99)]
        slope = Series.of(derivative_coefficients(spec)) if spec.degree == 31 else np.asarray
        return [(Series.of(coefficients(spec)), 15), (slope, 31)]


@dataclass(frozen=True)
class Party:
    """Keys of one ring and everything made from them."""

    ring: Profile
    key: SecretKey
    encryptor: Encryptor
    ops: Evaluator
    decryptor: Decryptor

    def columns(self, cohort: Cohort, level: int) -> list[Native]:
        return [self.encryptor.encrypt(column, level) for column in cohort.rows.T]

    def betas(self, cohort: Cohort, circuit: RoundCircuit) -> list[Native]:
        if circuit.sigmoid is None:
            return []
        values = cohort.scaled_beta(circuit.sigmoid)
        return [self.encryptor.encrypt_constant(value, circuit.start_level) for value in values]

    def chunk(self, circuit: RoundCircuit, cohorts: list[Cohort]) -> list[Native]:
        total = None
        for cohort in cohorts:
            outcome = self.encryptor.encrypt(cohort.outcome, OUTCOME_LEVEL)
            block = circuit.prepare(self.ops, self.columns(cohort, circuit.start_level), outcome)
            total = circuit.accumulate(self.ops, total, block, self.betas(cohorts[0], circuit))
        assert total is not None
        assert len(total) == circuit.accumulator_length
        return circuit.lower(self.ops, total)

    def opened(self, circuit: RoundCircuit, lowered: list[Native]) -> Matrix:
        sealed = [self.ops.seal_total(value) for value in circuit.finish(self.ops, lowered)]
        return np.array([totals.open_total(self.key, one) for one in sealed])


@cache
def _party(name: str) -> Party:
    ring = profile(name)
    key, keys = generate_keys(ring)
    return Party(ring, key, Encryptor(keys.public), Evaluator(keys), Decryptor(key))


@pytest.fixture()
def party() -> Party:
    return _party(INSECURE_TEST_N12_L9.name)


_ROUNDS: list[tuple[RequestKind, Degree | None]] = [
    ("admission", None),
    ("moments", None),
    ("gradient", 15),
    ("gradient", 31),
    ("gradient", 63),
    ("hessian", 31),
]
rounds = pytest.mark.parametrize(("kind", "degree"), _ROUNDS, ids=[f"{kind}-{degree}" for kind, degree in _ROUNDS])


def _circuit(kind: RequestKind, width: int, degree: Degree | None) -> RoundCircuit:
    return RoundCircuit(kind, width, _spec(degree) if degree else None)


@pytest.mark.parametrize("width", [1, 2, 5, 6])
@rounds
def test_encrypted_totals_equal_plain_ones_to_24_bits(
    kind: RequestKind, degree: Degree | None, width: int, party: Party
) -> None:
    cohort, circuit = Cohort.simulated(party.ring, width), _circuit(kind, width, degree)

    opened = party.opened(circuit, party.chunk(circuit, [cohort]))

    bits = -np.log2(np.abs(opened - cohort.totals(kind, circuit.sigmoid)).max() / party.ring.slots)
    assert bits > 24


@rounds
def test_chunks_add_up_through_packed_bytes(kind: RequestKind, degree: Degree | None, party: Party) -> None:
    first, second = (Cohort.simulated(party.ring, 4, seed) for seed in (1, 2))
    circuit = _circuit(kind, 4, degree)

    left, right = party.chunk(circuit, [first, second]), party.chunk(circuit, [first])
    travelled = [party.ops.load_packed(party.ops.pack(value), WireShape(0)) for value in right]
    opened = party.opened(circuit, circuit.add(party.ops, left, travelled))

    same_beta = [Cohort(cohort.rows, cohort.outcome, first.beta) for cohort in (first, second, first)]
    expected = sum(cohort.totals(kind, circuit.sigmoid) for cohort in same_beta)
    assert np.abs(opened - expected).max() < party.ring.slots * 2**-22


@rounds
def test_plain_and_dry_interpreters_run_the_same_circuit(
    kind: RequestKind, degree: Degree | None, party: Party
) -> None:
    cohort, circuit = Cohort.simulated(party.ring, 5), _circuit(kind, 5, degree)
    plain, dry = PlainOperations(party.ring), DryRun(party.ring)
    scaled = cohort.scaled_beta(circuit.sigmoid) if circuit.sigmoid else []

    columns = [plain.encrypt(column, circuit.start_level) for column in cohort.rows.T]
    block = circuit.prepare(plain, columns, plain.encrypt(cohort.outcome, OUTCOME_LEVEL))
    betas = [plain.encrypt_constant(value, circuit.start_level) for value in scaled]
    values = list(circuit.finish(plain, circuit.lower(plain, circuit.accumulate(plain, None, block, betas))))
    shapes = [Shape(circuit.start_level, party.ring.scale)] * 5
    dry_block = circuit.prepare(dry, shapes, Shape(OUTCOME_LEVEL, party.ring.scale))
    finished = list(circuit.finish(dry, circuit.lower(dry, circuit.accumulate(dry, None, dry_block, shapes))))

    assert np.allclose([value.total for value in values], cohort.totals(kind, circuit.sigmoid), atol=1e-6)
    assert [value.shape for value in values] == finished


def test_scores_carry_predictor_outcome_and_mask_at_level_zero(party: Party) -> None:
    cohort, circuit = Cohort.simulated(party.ring, 5), RoundCircuit("evaluation", 5)
    block = circuit.prepare(party.ops, party.columns(cohort, 3), party.encryptor.encrypt(cohort.outcome, OUTCOME_LEVEL))
    betas = [party.encryptor.encrypt_constant(value, 1) for value in cohort.beta]

    scores = circuit.scores(party.ops, block, betas)

    expected = (cohort.rows @ cohort.beta, cohort.outcome, cohort.rows[:, 0])
    for value, wanted in zip((scores.score, scores.outcome, scores.mask), expected, strict=True):
        assert party.ops.level(value) == 0
        assert np.abs(party.decryptor.decrypt(value) - wanted).max() < 2**-16


@pytest.mark.parametrize(("degree", "relinearisations"), [(15, 7), (31, 10), (63, 15)])
def test_gradient_takes_few_relinearisations(degree: Degree, relinearisations: int) -> None:
    ring, circuit = profile("N14_L9"), _circuit("gradient", 26, degree)
    run, shapes = DryRun(ring), [Shape(circuit.start_level, ring.scale)] * 26
    block = circuit.prepare(run, shapes, Shape(OUTCOME_LEVEL, ring.scale))

    total = circuit.accumulate(run, None, block, shapes)

    assert sum(count for operation, count in run.counts.items() if operation.name == "relinearise") == relinearisations
    assert {(value.level, value.parts) for value in total} == {(1, 3)}


def _accumulated_from(degree: Degree, levels: int) -> tuple[DryRun, list[Shape]]:
    """A dry gradient whose columns sit at log2(terms) + ``levels``."""
    ring, circuit = profile("N14_L9"), _circuit("gradient", 3, degree)
    run, level = DryRun(ring), int(np.log2(degree + 1)) + levels
    shapes = [Shape(circuit.start_level, ring.scale)] * 3
    block = circuit.prepare(run, shapes, Shape(OUTCOME_LEVEL, ring.scale))
    low = type(block)(tuple(Shape(level, ring.scale) for _ in shapes), (), block.packed, block.outcome)
    return run, circuit.accumulate(run, None, low, shapes)


@pytest.mark.parametrize("degree", [15, 31, 63])
def test_gradient_runs_one_level_lower_for_one_more_relinearisation(degree: Degree) -> None:
    counts = [_accumulated_from(degree, levels)[0].counts for levels in (3, 2)]

    high, low = (sum(n for operation, n in count.items() if operation.name == "relinearise") for count in counts)
    assert low == high + 1


@pytest.mark.parametrize("degree", [15, 31, 63])
def test_gradient_that_starts_too_low_is_refused(degree: Degree) -> None:
    with says("ckks.level_exhausted", LevelExhausted):
        _accumulated_from(degree, 1)


@pytest.mark.parametrize(
    "series",
    [
        [0.5],
        [0.0, 1.0],
        [0.0, 0.0, 1.0],
        [0.5] + [0.0] * 14 + [1e-3],
        [0.3, 0, 0.2, 0, -0.1, 0, 0, 0, 0.05],
        [0.0] * 16,
    ],
    ids=["constant", "T1", "T2", "T15 alone", "even", "zero"],
)
def test_series_with_missing_terms_is_evaluated(series: list[float], party: Party) -> None:
    u = np.linspace(-1, 1, party.ring.slots)

    value = Series.of(series).evaluate(party.ops, party.encryptor.encrypt(u, 8), 2, party.ring.scale)

    assert party.ops.level(value) == 2
    assert party.ops.scale(value) == pytest.approx(party.ring.scale, rel=1e-12)
    assert np.abs(party.decryptor.decrypt(value) - Series.of(series)(u)).max() < 2**-16


def test_product_ring_reaches_the_precision_that_the_pages_promise() -> None:
    party = _party("N14_L9")
    cohort, circuit = Cohort.simulated(party.ring, 3), _circuit("gradient", 3, 63)

    opened = party.opened(circuit, party.chunk(circuit, [cohort]))

    assert np.abs(opened - cohort.totals("gradient", circuit.sigmoid)).max() < 1e-3


def test_round_without_its_sigmoid_is_refused() -> None:
    with says("rounds.sigmoid_missing", BadInput):
        RoundCircuit("gradient", 3)
    with says("rounds.sigmoid_unused", BadInput):
        RoundCircuit("moments", 3, _spec(15))


def test_block_of_another_width_is_refused(party: Party) -> None:
    with says("rounds.block_columns", BadInput, found=2, columns=3):
        RoundCircuit("moments", 3).prepare(party.ops, party.columns(Cohort.simulated(party.ring, 2), 2), None)


def test_coefficients_of_another_width_are_refused(party: Party) -> None:
    cohort, circuit = Cohort.simulated(party.ring, 3), RoundCircuit("evaluation", 3)
    block = circuit.prepare(party.ops, party.columns(cohort, 1), party.encryptor.encrypt(cohort.outcome, OUTCOME_LEVEL))

    with says("rounds.coefficients", BadInput, columns=3, coefficients=0):
        circuit.scores(party.ops, block, [])


def test_evaluation_has_no_totals_to_accumulate(party: Party) -> None:
    cohort, circuit = Cohort.simulated(party.ring, 2), RoundCircuit("evaluation", 2)
    block = circuit.prepare(party.ops, party.columns(cohort, 1), party.encryptor.encrypt(cohort.outcome, OUTCOME_LEVEL))

    with says("rounds.evaluation_has_no_totals", BadInput):
        circuit.accumulate(party.ops, None, block)


def test_sums_that_were_not_lowered_are_not_finished(party: Party) -> None:
    circuit = RoundCircuit("moments", 1)

    with says("rounds.not_lowered", NotAtLevelZero):
        list(circuit.finish(party.ops, [party.encryptor.encrypt([1.0], 1)]))
