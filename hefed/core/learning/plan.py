"""What a job takes before anybody uploads: seconds, memory, traffic, from the dry run and the measured operations.

Pure Python: the web process shows it on the launch page, benchmarks divide by it.
"""

from collections import Counter, defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TypeVar, cast

from hefed.core.ckks import cost, wire
from hefed.core.ckks.cost import Costs, DryRun, Operation, Shape
from hefed.core.ckks.params import OUTCOME_LEVEL, Profile
from hefed.core.learning.kinds.gradient import GradientRound
from hefed.core.learning.kinds.kind import SIGMOID_FREE
from hefed.core.learning.kinds.moments import MomentsRound
from hefed.core.learning.kinds.table import KINDS, RoundCircuit
from hefed.core.protocol.base import Degree, RequestKind
from hefed.core.protocol.requests import SigmoidSpec

Counts = Counter[Operation]
Result = TypeVar("Result")

WORKER_EFFICIENCY = 0.85  # each further worker shares memory bandwidth: two gave 1.7 to 1.8 times one
CUSTODIAN_SECONDS = 3.0  # a pull, a ledger line, an answer
CHUNKS_PER_WORKER = 2
_WORKER_BYTES = 250_000_000  # Python, Django, SEAL tables and the relinearisation key
_WORD_BYTES = 8


@dataclass(frozen=True)
class Pool:
    """What a job runs over; ``n_columns`` counts the intercept."""

    n_columns: int
    train_blocks: int
    holdout_blocks: int = 0


@dataclass(frozen=True)
class RoundCost:
    """Operations of one kind of round on one core: once per block and coefficient change, per chunk, per round."""

    prepare: Counts
    block: Counts
    lower: Counts
    finish: Counts


@dataclass(frozen=True)
class Plan:
    """``rounds`` counts every request of the job; ``traffic_bytes`` is what passes between server and custodian."""

    seconds: float
    memory_bytes: int
    traffic_bytes: int
    rounds: int
    upload_bytes: int
    custodian_answers: int
    seconds_by_kind: dict[str, float] = field(default_factory=dict)


def plan(profile: Profile, pool: Pool, workers: int = 1, costs: Costs | None = None) -> Plan:
    """Estimate one job. ``costs`` default to the measurement in the package; a worker may hand in its own."""
    measured = costs or cost.stored(profile)
    seconds: dict[str, float] = defaultdict(float)
    circuits = typical_job(pool.n_columns)
    for circuit in circuits:
        seconds[circuit.kind] += round_seconds(profile, pool, circuit, workers, measured)
    return Plan(
        seconds=sum(seconds.values()),
        memory_bytes=_worker_bytes(profile, pool, workers),
        traffic_bytes=sum(_round_traffic(profile, pool, circuit) for circuit in circuits),
        rounds=len(circuits),
        upload_bytes=(pool.train_blocks + pool.holdout_blocks) * block_bytes(profile, pool.n_columns),
        custodian_answers=len(circuits),
        seconds_by_kind=dict(seconds),
    )


def round_seconds(profile: Profile, pool: Pool, circuit: RoundCircuit, workers: int, costs: Costs) -> float:
    """One round: blocks on all workers, then the last chunk's reduction and the custodian."""
    count, kind = count_round(profile, circuit), circuit.round_kind
    blocks = pool.holdout_blocks if kind.held_out else pool.train_blocks
    speed = 1 + WORKER_EFFICIENCY * (max(1, min(workers, blocks)) - 1)
    chunks = min(blocks, CHUNKS_PER_WORKER * workers)
    loading = costs.calls["load"] * pool.n_columns if kind.loads_blocks else 0.0
    partial = circuit.accumulator_length * (costs.calls["pack"] + costs.calls["load_partial"])
    parallel = blocks * (loading + costs.seconds(count.prepare) + costs.seconds(count.block))
    parallel += chunks * (costs.seconds(count.lower) + partial)
    totals = len(circuit.total_names)
    serial = costs.seconds(count.finish) + totals * (costs.calls["seal_total"] + costs.calls["open_total"])
    return parallel / speed + serial + CUSTODIAN_SECONDS


@lru_cache(maxsize=64)
def _counted(profile: Profile, kind: RequestKind, n_columns: int, spec: SigmoidSpec | None) -> RoundCost:
    circuit, run = RoundCircuit(kind, n_columns, spec), DryRun(profile)
    columns = [Shape(circuit.start_level, profile.scale)] * n_columns
    outcome = Shape(min(OUTCOME_LEVEL, circuit.start_level), profile.scale)
    block, prepare = _counting(run, lambda: circuit.prepare(run, columns, outcome))
    if circuit.round_kind.carries_scores:
        _, scores = _counting(run, lambda: circuit.scores(run, block, columns))
        return RoundCost(prepare, scores, Counter(), Counter())
    first = circuit.accumulate(run, None, block, columns)
    total, each = _counting(run, lambda: circuit.accumulate(run, first, block, columns))
    lowered, lower = _counting(run, lambda: circuit.lower(run, total))
    _, finish = _counting(run, lambda: list(circuit.finish(run, lowered)))
    return RoundCost(prepare, each, lower, finish)


def count_round(profile: Profile, circuit: RoundCircuit) -> RoundCost:
    """Dry run of one round: what each of its steps executes."""
    return _counted(profile, circuit.kind, circuit.n_columns, circuit.sigmoid)


def block_bytes(profile: Profile, n_columns: int) -> int:
    """What a hospital uploads per block, without the envelope's header."""
    columns = n_columns * wire.packed_bytes(profile, profile.max_level)
    return columns + wire.packed_bytes(profile, OUTCOME_LEVEL)


def example_sigmoid(degree: Degree) -> SigmoidSpec:
    """A spec for counting; the operations depend on the degree alone."""
    return SigmoidSpec(degree=degree, centre=-2, half_width=12, mean=-3, sd=1.5)


def typical_circuit(kind: RequestKind, n_columns: int, degree: int = SIGMOID_FREE) -> RoundCircuit:
    """A circuit for counting."""
    spec = None if degree == SIGMOID_FREE else example_sigmoid(cast(Degree, degree))
    return RoundCircuit(kind, n_columns, spec)


def typical_job(n_columns: int) -> list[RoundCircuit]:
    """The rounds that a job is expected to have, in the order of the table."""
    return [typical_circuit(name, n_columns, degree) for name, kind in KINDS.items() for degree in kind.schedule]


def _counting(run: DryRun, step: Callable[[], Result]) -> tuple[Result, Counts]:
    before = Counter(run.counts)
    result = step()
    return result, run.counts - before


def _round_traffic(profile: Profile, pool: Pool, circuit: RoundCircuit) -> int:
    """Totals or scores to the custodian, the coefficients that this round runs on from it."""
    kind, columns = circuit.round_kind, pool.n_columns
    blocks = pool.holdout_blocks if kind.held_out else pool.train_blocks
    answer = columns * wire.packed_bytes(profile, circuit.start_level) if kind.takes_coefficients else 0
    return answer + kind.payload_bytes(profile, columns, blocks)


def _worker_bytes(profile: Profile, pool: Pool, workers: int) -> int:
    """One worker that keeps its share of the pool hot, at the largest round: hot columns plus the moments' sums."""
    share = -(-pool.train_blocks // max(1, workers))
    polynomial = profile.ring_degree * _WORD_BYTES
    start = typical_circuit(GradientRound.name, pool.n_columns, 31).start_level
    hot = pool.n_columns * 2 * (start + 1) * polynomial + (pool.n_columns + 1) // 2 * 4 * polynomial
    sums = typical_circuit(MomentsRound.name, pool.n_columns).accumulator_length * 6 * polynomial
    return _WORKER_BYTES + share * hot + sums
