"""A simulated national cohort from encryption to metrics: ``python -m bench.study --patients 341007 --features 30``.

Resumable: run it again with the same ``--workdir`` and it goes on where it stopped. Writes figures to ``--report``.
"""

import argparse
import json
import os
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

from rich.console import Console

from bench.simulated import BENCH, Shape, simulate
from hefed.core.dictionary.variables import DataDictionary
from hefed.core.errors import HEFedError
from hefed.rehearsal.stack import ServerConfig, enter_workdir

console = Console(soft_wrap=True, highlight=False)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--patients", type=int, default=341_007)
    parser.add_argument("--features", type=int, default=30)
    parser.add_argument("--deaths", type=float, default=0.005, help="fraction of patients")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--workdir", type=Path, default=Path("var/bench/study"))
    parser.add_argument("--report", type=Path, default=Path("var/bench/study.json"))
    options = parser.parse_args()
    tables, dictionary = _tables(options)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "hefed.settings")
    config = enter_workdir(options.workdir, options.workers)
    import django

    django.setup()
    try:
        report = _run(options, config, tables, dictionary)
    except HEFedError as error:
        console.print(f"cannot finish the study: {error}")
        return 1
    options.report.parent.mkdir(parents=True, exist_ok=True)
    options.report.write_text(json.dumps(report, indent=1) + "\n")
    console.print_json(json.dumps({key: report[key] for key in ("seconds", "bytes", "peak_memory_bytes", "accuracy")}))
    return 1 if report["accuracy"]["failures"] else 0


def _shape(patients: int, features: int, deaths: float) -> Shape:
    """Three hospitals of 60, 30 and 10 %; a third normal, a sixth skewed, half binary columns."""
    sizes = (round(patients * 0.6), round(patients * 0.3))
    normal, skewed = features // 3, features // 6
    return replace(
        BENCH,
        hospitals=(*sizes, patients - sum(sizes)),
        deaths=deaths,
        normal=normal,
        skewed=skewed,
        binary=features - normal - skewed,
    )


def _tables(options: argparse.Namespace) -> tuple[dict[str, Path], Path]:
    """Write the hospitals' CSV files once; a later sitting finds them."""
    folder: Path = options.workdir / "tables"
    dictionary = folder / "dictionary.csv"
    if not dictionary.exists():
        console.print(f"Simulating {options.patients:,} patients x {options.features} columns")
        folder.mkdir(parents=True, exist_ok=True)
        cohort = simulate(_shape(options.patients, options.features, options.deaths), options.seed)
        for name, frame in cohort.hospitals.items():
            frame.to_csv(folder / f"{name}.csv", index=False)
        dictionary.write_text(cohort.dictionary.to_csv(), encoding="utf-8")
    return {path.stem: path for path in sorted(folder.glob("?.csv"))}, dictionary


def _run(
    options: argparse.Namespace, config: ServerConfig, tables: dict[str, Path], dictionary: Path
) -> dict[str, Any]:
    from hefed.rehearsal.pipeline import Plan, Rehearsal, require_finished
    from hefed.rehearsal.report import build_report

    plan = Plan(
        options.workdir.resolve(),
        dictionary.resolve(),
        tables,
        config,
        seed=options.seed,
        title="Bench study",
        threshold=1,  # one custodian, as in all figures of this bench; bench.pairs compares
    )
    with Rehearsal(plan, console.print) as rehearsal:
        rehearsal.prepare()
        job = require_finished(rehearsal.train(tables))
        holdout_ids = plan.workdir / "holdout_ids.csv"
        rehearsal.write_holdout_ids(holdout_ids)
        rehearsal.memory.record_peaks(rehearsal.group.peak_memory_bytes)
        report = build_report(job, rehearsal.memory)
        report["rounds"] = _rounds(job)
    report["accuracy"] = _accuracy(report, dictionary, tables, holdout_ids)
    report["options"] = {key: str(value) for key, value in vars(options).items()}
    return report


def _rounds(job: Any) -> list[dict[str, Any]]:
    """Computing and custodian seconds of every round."""
    from training.jobs.selectors import job_progress

    keys = ("number", "kind", "degree", "compute_seconds", "custodian_seconds", "criterion", "repeated")
    return [{key: getattr(row, key) for key in keys} for row in job_progress(job).rounds]


def _accuracy(report: dict[str, Any], dictionary: Path, tables: dict[str, Path], holdout_ids: Path) -> dict[str, Any]:
    from bench.comparison import PlaintextStudy, compare

    words = DataDictionary.from_csv(dictionary.read_text(encoding="utf-8"))
    study = PlaintextStudy.read(words, tables, holdout_ids)
    comparison = compare(report, study, [column.name for column in words.columns])
    return {
        "worst_coefficient_se": comparison.worst_coefficient,
        "worst_standard_error_fraction": comparison.worst_standard_error,
        "auroc_difference": comparison.auroc_difference,
        "auroc_plaintext": comparison.auroc[1],
        "failures": comparison.failures(),
    }


if __name__ == "__main__":
    sys.exit(main())
