"""Train the batches of a demonstration's directory again: ``python -m bench.again DIRECTORY``.

The directory may come from an earlier version of the program: its database is migrated, its key holders go on from
their vaults and ledgers, and its hospitals send nothing. What the pooled model was before stands in ``report.json``.
"""

import argparse
import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bench import rhc
from hefed.rehearsal.memory import Memory
from hefed.rehearsal.stack import enter_workdir

if TYPE_CHECKING:
    from hefed.rehearsal.pipeline import Plan

LIMIT = 0.02  # standard errors; what one model differs by from run to run (bench.pairs)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("workdir", type=Path, help="a copy of var/demo; it is changed")
    workdir = parser.parse_args().workdir.resolve()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "hefed.settings")
    config = enter_workdir(workdir, workers=2)
    import django

    django.setup()
    from hefed.rehearsal.pipeline import Plan

    _forget_jobs(workdir)
    tables = {name: workdir / "tables" / f"{name}.csv" for name in rhc.HOSPITALS}
    before = json.loads((workdir / "report.json").read_text(encoding="utf-8"))["model"]["coefficients"]
    plan = Plan(workdir, rhc.DICTIONARY, tables, config, names=rhc.HOSPITALS)
    return _compare(before, _trained(plan))


def _forget_jobs(workdir: Path) -> None:
    """Everything else of the directory is taken as done."""
    memory = Memory.load(workdir / "progress.json")
    memory.notes["jobs"] = {}
    memory.save()


def _trained(plan: "Plan") -> dict[str, Any]:
    from hefed.rehearsal.pipeline import Rehearsal, require_finished

    with Rehearsal(plan, print) as rehearsal:
        rehearsal.prepare()
        job = require_finished(rehearsal.train(rhc.HOSPITALS))
        coefficients: dict[str, Any] = (job.model.result or {})["coefficients"]
    return coefficients


def _compare(before: dict[str, Any], after: dict[str, Any]) -> int:
    worst = max(abs(after[name]["estimate"] - one["estimate"]) / one["standard_error"] for name, one in before.items())
    print(f"{len(before)} coefficients; largest difference {worst:.4f} SE (limit {LIMIT})")
    return int(worst > LIMIT or set(before) != set(after))


if __name__ == "__main__":
    raise SystemExit(main())
