"""``manage.py rehearse``: the whole real pipeline on local CSV files (DESIGN 7)."""

import json
import os
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from hefed.core.errors import BadInput, HEFedError
from hefed.core.words import Said, language_of, words
from hefed.rehearsal.pipeline import Plan, Rehearsal, require_finished
from hefed.rehearsal.report import build_report
from hefed.rehearsal.stack import ServerConfig
from hospitals.words import check_slug


class Command(BaseCommand):
    help = "Encrypt, upload, train and evaluate on local CSV files, every party in a process of its own."
    requires_system_checks: list[str] = []
    requires_migrations_checks = False

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--dictionary", type=Path, required=True, help="The study's data dictionary (CSV).")
        parser.add_argument(
            "--hospital", action="append", required=True, metavar="NAME=FILE", help="A hospital's table; repeat it."
        )
        parser.add_argument(
            "--workdir", type=Path, required=True, help="Directory for all parties; reused if it exists."
        )
        parser.add_argument("--report", type=Path, required=True, help="Where to write report.json.")
        parser.add_argument(
            "--threshold",
            type=int,
            help="How many hospitals must open together, each with a share of the key; 1: one custodian has all of it. "
            "Default: 2 when three or more hospitals take part, 1 when fewer do.",
        )
        parser.add_argument("--workers", type=int, default=2, help="Worker processes.")
        parser.add_argument("--profile", default="N14_L9", help="CKKS parameter profile.")
        parser.add_argument("--seed", type=int, help="Order of patients within batches; encryption stays random.")

    def handle(self, *args: Any, **options: Any) -> None:
        plan = Plan(
            workdir=options["workdir"].resolve(),
            dictionary=_existing(options["dictionary"]),
            hospitals=_hospitals(options["hospital"]),
            server=ServerConfig.from_environment(),
            profile=options["profile"],
            seed=options["seed"],
            threshold=options["threshold"],
        )
        try:
            self._rehearse(plan, options["report"])
        except HEFedError as error:
            raise _said(error.said) from error

    def _rehearse(self, plan: Plan, report: Path) -> None:
        with Rehearsal(plan, self.stdout.write) as rehearsal:
            rehearsal.prepare()
            job = require_finished(rehearsal.train(plan.hospitals))
            rehearsal.write_holdout_ids(plan.workdir / "holdout_ids.csv")
            rehearsal.memory.record_peaks(rehearsal.group.peak_memory_bytes)
            result = build_report(job, rehearsal.memory)
        report.parent.mkdir(parents=True, exist_ok=True)
        report.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")
        self.stdout.write(f"Report: {report}")


def _hospitals(texts: list[str]) -> dict[str, Path]:
    """Names as short names of hospitals must be; two that differ in capitals only are one."""
    pairs = [_hospital(text) for text in texts]
    seen: set[str] = set()
    for name, _path in pairs:
        try:
            check_slug(name)
        except BadInput as error:
            raise _said(error.said) from error
        if name.lower() in seen:
            raise _said(Said("rehearsal.name_taken", name=name))
        seen.add(name.lower())
    return dict(pairs)


def _hospital(text: str) -> tuple[str, Path]:
    name, _, path = text.partition("=")
    if not name or not path:
        raise _said(Said("rehearsal.hospital_text", text=text))
    return name, _existing(Path(path))


def _existing(path: Path) -> Path:
    if not path.is_file():
        raise _said(Said("rehearsal.no_file", path=str(path)))
    return path.resolve()


def _said(said: Said) -> CommandError:
    """In the language that HEFED_LANGUAGE names."""
    return CommandError(words(said, language_of(os.environ)))
