"""Seconds per block round by step, against the dry run's operation count times measured operation times.

    python -m bench.rounds [--columns 26] [--clock wall|cpu] [--out FILE] [--save-costs FILE]

One core; prints JSON. ``ratio`` is measured over predicted and is judged at 1.25. Operations and rounds are timed one
after the other, so on a busy machine the wall clock compares two moments: take ``--clock cpu`` there. The report holds
the clock and the load.
"""

import argparse
import json
import os
import sys
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from statistics import median

import numpy as np

from bench.costs import as_module, measure
from hefed.core.ckks import totals
from hefed.core.ckks.backend import Decryptor, Encryptor, Evaluator, Native, generate_keys
from hefed.core.ckks.cost import Costs, Operation
from hefed.core.ckks.keys import SecretKey
from hefed.core.ckks.params import OUTCOME_LEVEL, Profile, profile
from hefed.core.ckks.wire import Shape
from hefed.core.learning.kinds.evaluation import EvaluationRound
from hefed.core.learning.kinds.pieces import Block
from hefed.core.learning.kinds.table import KINDS, RoundCircuit
from hefed.core.learning.plan import count_round, typical_circuit

_CLOCKS: dict[str, Callable[[], float]] = {"wall": time.perf_counter, "cpu": time.process_time}


@dataclass
class Bench:
    """Keys and one encrypted block of simulated patients."""

    profile: Profile
    key: SecretKey
    encryptor: Encryptor
    ops: Evaluator
    columns: list[Native]
    outcome: Native
    clock: Callable[[], float]

    @classmethod
    def simulated(cls, ring: Profile, n_columns: int, clock: Callable[[], float]) -> "Bench":
        key, keys = generate_keys(ring)
        encryptor, random = Encryptor(keys.public), np.random.default_rng(0)
        rows = np.clip(random.normal(size=(n_columns, ring.slots)), -4, 4)
        rows[0] = 1.0
        columns = [encryptor.encrypt(row, ring.max_level) for row in rows]
        outcome = encryptor.encrypt((random.random(ring.slots) < 0.1) * 1.0, OUTCOME_LEVEL)
        return cls(ring, key, encryptor, Evaluator(keys), columns, outcome, clock)

    def median_seconds(self, step: Callable[[], object], repetitions: int = 7) -> float:
        samples = []
        for _ in range(repetitions):
            start = self.clock()
            step()
            samples.append(self.clock() - start)
        return median(samples)

    def fresh(self, level: int) -> Native:
        return self.encryptor.encrypt(np.linspace(-1, 1, self.profile.slots), level)

    def betas(self, circuit: RoundCircuit) -> list[Native]:
        if circuit.sigmoid is None:
            return []
        values = np.random.default_rng(1).normal(size=len(self.columns)) * 0.02
        return [self.encryptor.encrypt_constant(value, circuit.start_level) for value in values]


def circuits(n_columns: int) -> list[RoundCircuit]:
    """Every kind of round that adds up, at every degree that it is run with."""
    adding = [kind for kind in KINDS.values() if not kind.carries_scores]
    return [typical_circuit(kind.name, n_columns, degree) for kind in adding for degree in kind.levels]


def measure_costs(bench: Bench, command: str) -> Costs:
    """Every operation that any circuit executes, and the calls around them."""
    counts: Counter[Operation] = Counter()
    for circuit in [*circuits(len(bench.columns)), typical_circuit(EvaluationRound.name, len(bench.columns))]:
        counted = count_round(bench.profile, circuit)
        counts += counted.prepare + counted.block + counted.lower + counted.finish
    return Costs(bench.profile.name, command, measure(bench.ops, bench.fresh, counts, bench.clock), _calls(bench))


def _calls(bench: Bench) -> dict[str, float]:
    top, low = bench.profile.max_level, bench.fresh(0)
    packed, partial = bench.ops.pack(bench.columns[0]), bench.ops.pack(low)
    sealed, values = bench.ops.seal_total(low), np.linspace(-1, 1, bench.profile.slots)
    decryptor = Decryptor(bench.key)
    return {
        "encrypt": bench.median_seconds(lambda: bench.encryptor.packed(values, top)),
        "load": bench.median_seconds(lambda: bench.ops.load_packed(packed, Shape(top))),
        "pack": bench.median_seconds(lambda: bench.ops.pack(low)),
        "load_partial": bench.median_seconds(lambda: bench.ops.load_packed(partial, Shape(0))),
        "seal_total": bench.median_seconds(lambda: bench.ops.seal_total(low)),
        "open_total": bench.median_seconds(lambda: totals.open_total(bench.key, sealed)),
        "open_slots": bench.median_seconds(lambda: decryptor.decrypt(low)),
    }


def time_round(bench: Bench, circuit: RoundCircuit, costs: Costs) -> dict[str, object]:
    """Measured and predicted seconds of one block round, step by step."""
    counted, betas = count_round(bench.profile, circuit), bench.betas(circuit)
    start = [bench.ops.drop_to(column, circuit.start_level) for column in bench.columns]
    block = circuit.prepare(bench.ops, start, bench.outcome)
    state = {"total": circuit.accumulate(bench.ops, None, block, betas)}

    def accumulate() -> None:
        state["total"] = circuit.accumulate(bench.ops, state["total"], block, betas)

    seconds = {
        "prepare": bench.median_seconds(lambda: circuit.prepare(bench.ops, start, bench.outcome)),
        "block": bench.median_seconds(accumulate),
    }
    seconds |= _closing_seconds(bench, circuit, block, betas)
    predicted = {step: costs.seconds(getattr(counted, step)) for step in seconds}
    ratio = (seconds["block"] / predicted["block"]) if predicted["block"] else None
    degree = circuit.sigmoid.degree if circuit.sigmoid else None
    return {"kind": circuit.kind, "degree": degree, "start_level": circuit.start_level, "measured_seconds": seconds} | {
        "predicted_seconds": predicted,
        "ratio": ratio,
    }


def _closing_seconds(
    bench: Bench, circuit: RoundCircuit, block: Block[Native], betas: list[Native]
) -> dict[str, float]:
    total = circuit.accumulate(bench.ops, None, block, betas)
    start = bench.clock()
    lowered = circuit.lower(bench.ops, total)
    middle = bench.clock()
    for _ in circuit.finish(bench.ops, lowered):
        pass
    return {"lower": middle - start, "finish": bench.clock() - middle}


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.rounds", description=__doc__)
    parser.add_argument("--profile", default="N14_L9")
    parser.add_argument("--columns", type=int, default=26)
    parser.add_argument("--clock", choices=sorted(_CLOCKS), default="wall")
    parser.add_argument("--out", type=Path)
    parser.add_argument("--save-costs", type=Path)
    options = parser.parse_args(arguments)
    command = " ".join(["python -m bench.rounds", *(arguments if arguments is not None else sys.argv[1:])])
    bench = Bench.simulated(profile(options.profile), options.columns, _CLOCKS[options.clock])
    costs = measure_costs(bench, command)
    if options.save_costs:
        options.save_costs.write_text(as_module(costs), "utf-8")
    rounds = [time_round(bench, circuit, costs) for circuit in circuits(options.columns)]
    machine = {"clock": options.clock, "load_average": os.getloadavg(), "cores": os.cpu_count()}
    report = {"command": command, **machine, "profile": options.profile, "columns": options.columns, "rounds": rounds}
    text = json.dumps(report | {"calls_seconds": dict(costs.calls)}, indent=1)
    if options.out:
        options.out.write_text(text + "\n", "utf-8")
    print(text)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
