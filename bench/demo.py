"""``make demo``: three hospitals, one encrypted pool, one model, on real data (SurvSet's rhc); then it serves."""

import argparse
import json
import os
import shutil
import signal
import sys
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console
from rich.table import Table

from bench import rhc
from hefed.core.dictionary.variables import DataDictionary
from hefed.core.errors import HEFedError
from hefed.core.words import Said, words
from hefed.rehearsal.stack import ServerConfig, enter_workdir

if TYPE_CHECKING:
    from bench.comparison import Comparison
    from hefed.rehearsal.pipeline import Rehearsal
    from training.jobs.models import Job

console = Console(soft_wrap=True, highlight=False)
POOL = "+".join(sorted(rhc.HOSPITALS))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--once", action="store_true", help="stop after the table; exit code 1 when a check fails")
    parser.add_argument("--workdir", type=Path, default=Path("var/demo"), help="emptied at the start")
    parser.add_argument("--port", type=int, default=8000)
    parser.add_argument("--threshold", type=int, help="hospitals that open together, 2 unless told; 1: one custodian")
    options = parser.parse_args()
    shutil.rmtree(options.workdir, ignore_errors=True)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "hefed.settings")
    config = enter_workdir(options.workdir, workers=2, port=None if options.once else options.port)
    import django

    django.setup()
    try:
        return _demonstrate(options.workdir.resolve(), config, options)
    except HEFedError as error:
        console.print(f"[bold red]The demonstration failed:[/] {error}", markup=True)
        return 1


def _demonstrate(workdir: Path, config: ServerConfig, options: argparse.Namespace) -> int:
    from hefed.rehearsal.pipeline import Login, Plan, Rehearsal
    from hospitals.people.models import Role

    coordinators = [Login(f"coordinator-{name}", Role.COORDINATOR, name) for name in rhc.HOSPITALS]
    plan = Plan(
        workdir=workdir,
        dictionary=rhc.DICTIONARY,
        hospitals=rhc.write_hospital_tables(_made(workdir / "tables")),
        server=config,
        title="30-day death after admission to intensive care",
        question="Which patients die within 30 days of admission to intensive care?",
        names=rhc.HOSPITALS,
        people=(
            Login("admin", Role.PLATFORM_ADMINISTRATOR),
            Login("lead", Role.PROJECT_ADMINISTRATOR),
            *coordinators,
            Login("custodian", Role.CUSTODIAN),
            Login("clinician", Role.CLINICIAN),
            Login("auditor", Role.AUDITOR),
        ),
        threshold=options.threshold,
    )
    with Rehearsal(plan, console.print) as rehearsal:
        rehearsal.prepare()
        rehearsal.write_holdout_ids(workdir / "holdout_ids.csv")
        jobs = [rehearsal.train([name]) for name in rhc.HOSPITALS]
        failures = _report(rehearsal, rehearsal.train(rhc.HOSPITALS), jobs)
        if not options.once:
            _serve(rehearsal)
    return 1 if failures else 0


def _made(folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def _report(rehearsal: "Rehearsal", pooled: "Job", alone: Sequence["Job"]) -> list[str]:
    """Print the tables; return what breaks a limit."""
    from bench.comparison import PlaintextStudy, compare
    from hefed.rehearsal.pipeline import require_finished
    from hefed.rehearsal.report import build_report

    rehearsal.memory.record_peaks(rehearsal.group.peak_memory_bytes)
    report = build_report(require_finished(pooled), rehearsal.memory)
    (rehearsal.plan.workdir / "report.json").write_text(json.dumps(report, indent=1) + "\n")
    dictionary = DataDictionary.from_csv(rhc.DICTIONARY.read_text(encoding="utf-8"))
    study = PlaintextStudy.read(dictionary, rehearsal.plan.hospitals, rehearsal.plan.workdir / "holdout_ids.csv")
    comparison = compare(report, study, [column.name for column in dictionary.columns])
    _print_auroc([pooled, *alone])
    _print_coefficients(comparison)
    _print_costs(report)
    failures = comparison.failures()
    _print_checks(comparison, failures)
    return failures


def _print_auroc(jobs: Sequence["Job"]) -> None:
    table = Table(title="AUROC on held-out patients: training pool x test hospital", title_justify="left")
    table.add_column("Trained on")
    for heading in ("all", *rhc.HOSPITALS):
        table.add_column(heading, justify="right")
    for job in jobs:
        name = " + ".join(sorted(institution.slug for institution in job.institutions.all()))
        table.add_row(name, *_auroc_cells(job))
    console.print(table)


def _auroc_cells(job: "Job") -> list[str]:
    from hospitals.words import page_words

    if job.state != job.State.FINISHED:
        return [f"{job.state}: {page_words(job.reason)}", *("" for _ in rhc.HOSPITALS)]
    rows = job.model.evaluations.select_related("institution")
    metrics = {row.institution.slug if row.institution else "all": row.metrics or {} for row in rows}
    return [_auroc_cell(metrics[name]) for name in ("all", *rhc.HOSPITALS)]


def _auroc_cell(metrics: dict[str, object]) -> str:
    value = metrics.get("auroc")
    reason = metrics.get("suppressed", "sealed")
    why = words(Said.from_json(reason)) if isinstance(reason, dict) else str(reason)
    return why if value is None else f"{value:.3f}"


def _print_coefficients(comparison: "Comparison") -> None:
    table = Table(title="Coefficients: encrypted against the plaintext fit of the same rows", title_justify="left")
    table.add_column("Column")
    for heading in ("encrypted", "plaintext", "SE", "difference / SE"):
        table.add_column(heading, justify="right")
    for name, (found, exact, error) in comparison.coefficients.items():
        table.add_row(name, f"{found:+.4f}", f"{exact:+.4f}", f"{error:.4f}", f"{(found - exact) / error:+.4f}")
    console.print(table)


def _print_costs(report: dict[str, dict[str, float]]) -> None:
    table = Table(title="Seconds, bytes, memory", title_justify="left", show_header=False)
    for name, seconds in report["seconds"].items():
        table.add_row(name, f"{seconds:.1f} s")
    for group in ("bytes", "peak_memory_bytes"):
        for name, size in report[group].items():
            table.add_row(f"{name} {'memory' if group != 'bytes' else ''}", f"{size / 1e6:,.0f} MB")
    console.print(table)


def _print_checks(comparison: "Comparison", failures: list[str]) -> None:
    console.print(
        f"Largest coefficient difference {comparison.worst_coefficient:.4f} SE, largest standard error difference "
        f"{comparison.worst_standard_error:.2%}, AUROC difference {comparison.auroc_difference or 0:.5f}"
    )
    for failure in failures:
        console.print(f"[bold red]Check failed:[/] {failure}")
    if not failures:
        console.print("[bold green]All checks hold.[/]")


def _serve(rehearsal: "Rehearsal") -> None:
    """Keep all parties running until Ctrl-C."""
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    logins = Table(title=f"Dashboard: {rehearsal.plan.server.url}", title_justify="left")
    for heading in ("user", "password", "role"):
        logins.add_column(heading)
    for login in rehearsal.logins():
        logins.add_row(*login)
    console.print(logins)
    console.print(f"Key: {rehearsal.key_holders.who_opens}.")
    console.print("Serving until Ctrl-C.")
    while not stop.wait(1):
        rehearsal.group.check()


if __name__ == "__main__":
    sys.exit(main())
