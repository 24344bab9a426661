"""Rehearses simulated studies of many shapes and holds each against the plaintext fit: ``python -m bench.shapes``.

One custodian holds the key, so that seconds can be compared with earlier ones.

Shapes: bench/simulated.py (2 to 6 hospitals, 3 to 40 columns, 1 to 50 % deaths, rare binaries, near-collinear
columns, a hospital with 60 patients); the separated and the collinear study must end in a message.
"""

import argparse
import json
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from bench.comparison import PlaintextStudy, compare
from bench.simulated import SHAPES, simulate

UNFITTABLE = ("separated", "collinear")
TOO_LARGE = ("national",)  # bench.study measures that size


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--shape", action="append", help="only these; repeat it")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--workdir", type=Path, default=Path("var/bench/shapes"))
    parser.add_argument("--report", type=Path, default=Path("var/bench/shapes.json"))
    options = parser.parse_args()
    names = options.shape or [name for name in SHAPES if name not in TOO_LARGE]
    results = {}
    for name in names:
        results[name] = rehearse(name, options.seed, options.workdir / name)
        print(name, json.dumps(results[name]), flush=True)
    options.report.parent.mkdir(parents=True, exist_ok=True)
    options.report.write_text(json.dumps(results, indent=1) + "\n")
    return 1 if any(result["failures"] for result in results.values()) else 0


def rehearse(shape: str, seed: int, workdir: Path) -> dict[str, Any]:
    shutil.rmtree(workdir, ignore_errors=True)
    tables = workdir / "tables"
    tables.mkdir(parents=True)
    cohort = simulate(SHAPES[shape], seed)
    for name, frame in cohort.hospitals.items():
        frame.to_csv(tables / f"{name}.csv", index=False)
    (tables / "dictionary.csv").write_text(cohort.dictionary.to_csv(), encoding="utf-8")
    started = time.perf_counter()
    done = subprocess.run(_command(workdir, list(cohort.hospitals)), capture_output=True, text=True, check=False)
    outcome: dict[str, Any] = {"seconds": round(time.perf_counter() - started, 1), "exit_code": done.returncode}
    if done.returncode:
        message = done.stderr.strip().splitlines()[-1:]
        expected = shape in UNFITTABLE and "cannot fit" in done.stderr
        return outcome | {"message": message, "failures": [] if expected else [f"no model: {message}"]}
    if shape in UNFITTABLE:
        return outcome | {"failures": ["a study that cannot be fitted gave a model"]}
    report = json.loads((workdir / "report.json").read_text())
    paths = {name: tables / f"{name}.csv" for name in cohort.hospitals}
    study = PlaintextStudy.read(cohort.dictionary, paths, workdir / "run" / "holdout_ids.csv")
    found = compare(report, study, [column.name for column in cohort.dictionary.columns])
    return outcome | {
        "patients": sum(len(frame) for frame in cohort.hospitals.values()),
        "columns": len(found.coefficients),
        "rounds": report["model"]["rounds"],
        "worst_coefficient_se": round(found.worst_coefficient, 5),
        "worst_standard_error": round(found.worst_standard_error, 5),
        "auroc_difference": found.auroc_difference,
        "failures": found.failures(),
    }


def _command(workdir: Path, hospitals: list[str]) -> list[str]:
    words = [sys.executable, "manage.py", "rehearse", "--dictionary", str(workdir / "tables/dictionary.csv")]
    for name in hospitals:
        words += ["--hospital", f"{name}={workdir / 'tables' / name}.csv"]
    words += ["--workdir", str(workdir / "run"), "--report", str(workdir / "report.json")]
    return [*words, "--seed", "7", "--threshold", "1"]


if __name__ == "__main__":
    sys.exit(main())
