"""Any two of three hospitals against one custodian: one key, one set of encrypted batches, the demonstration's tables.

    python -m bench.pairs [--repetitions 3] [--opener NAME ...] [--profile N14_L9] [--workdir DIR] [--out FILE]

A custodian makes a key and admits the batches. Then this bench, which has the custodian's pass phrase, splits that very
key (no program of the product does), so that rows, ciphertexts and held-out patients are the same in every run: the
custodian, each pair of hospitals with the third switched off, and all three. Their turns alternate. Prints JSON:
``worst_se`` is the largest difference of a coefficient from the custodian's first run, in its standard errors,
``seconds`` run from a job's launch to its last gradient's answer, ``ratio`` is that of their medians. Exit code 1 when
a limit is broken; on a busy machine read differences, not seconds.
"""

import argparse
import json
import os
import shutil
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Any

from bench import rhc
from hefed.core.ckks.keys import SecretKey
from hefed.core.ckks.params import profile
from hefed.core.threshold.combine import scheme_of, to_piece
from hefed.core.threshold.shamir import split
from hefed.custodian.keeping.store import Home, Store
from hefed.custodian.keeping.vault import open_vault
from hefed.custodian.sharing.ceremony import Plan as Ceremony
from hefed.custodian.sharing.ceremony import sharing_of
from hefed.custodian.sharing.holding import HeldShare, KeyFiles, Taking, open_identity, read_card, take
from hefed.rehearsal.stack import ServerConfig, enter_workdir

if TYPE_CHECKING:
    from hefed.rehearsal.parties import CustodianParty, ShareParty
    from hefed.rehearsal.pipeline import Rehearsal
    from training.jobs.models import Job

COEFFICIENT_LIMIT_SE, SECONDS_LIMIT = 0.02, 1.3
THRESHOLD, CUSTODIAN = 2, "one custodian"
OPENERS = ("1+2", "1+3", "2+3", "all three")
_SETTLE_SECONDS = 5.0  # agents that find nothing look less often; a job seldom comes right after their start


@dataclass(frozen=True)
class Opener:
    """Whoever opens in one run; the first of them leads, or is the custodian."""

    name: str
    parties: "list[CustodianParty]"


@dataclass(frozen=True)
class Run:
    """One job. ``coefficients``: name -> (estimate, standard error); ``opened_by``: every group that opened a round."""

    seconds: float
    coefficients: dict[str, tuple[float, float]]
    opened_by: list[str]

    @classmethod
    def of(cls, job: "Job") -> "Run":
        from hefed.rehearsal.report import training_seconds
        from training.jobs.models import CustodianRequest

        result: dict[str, Any] = job.model.result or {}
        found = {"intercept": result["intercept"]} | result["coefficients"]
        groups = CustodianRequest.objects.filter(round__job=job).values_list("opened_by", flat=True)
        return cls(
            training_seconds(job),
            {name: (one["estimate"], one["standard_error"]) for name, one in found.items()},
            sorted({"+".join(group) for group in groups}),
        )

    def worst_se(self, reference: "Run") -> float:
        pairs = ((self.coefficients[name][0], *exact) for name, exact in reference.coefficients.items())
        return max(abs(estimate - exact) / error for estimate, exact, error in pairs)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--repetitions", type=int, default=3)
    parser.add_argument("--opener", action="append", choices=OPENERS, help="only these and the custodian")
    parser.add_argument("--profile", default="N14_L9")
    parser.add_argument("--workdir", type=Path, default=Path("var/bench/pairs"), help="emptied at the start")
    parser.add_argument("--out", type=Path)
    options = parser.parse_args()
    shutil.rmtree(options.workdir, ignore_errors=True)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "hefed.settings")
    config = enter_workdir(options.workdir, workers=2)
    import django

    django.setup()
    with _rehearsal(options, config) as rehearsal:
        wanted = {CUSTODIAN, *(options.opener or OPENERS)}
        openers = [opener for opener in _openers(rehearsal) if opener.name in wanted]
        runs = _runs(rehearsal, openers, options.repetitions)
    report = _report(runs) | {"profile": options.profile, "cores": os.cpu_count(), "load": os.getloadavg()[2]}
    text = json.dumps(report, indent=1)
    print(text)
    if options.out:
        options.out.write_text(text + "\n", encoding="utf-8")
    return 1 if report["failures"] else 0


@contextmanager
def _rehearsal(options: argparse.Namespace, config: ServerConfig) -> "Iterator[Rehearsal]":
    """The server with the batches that the custodian admitted; the custodian is off."""
    from hefed.rehearsal.pipeline import Plan, Rehearsal

    tables = options.workdir.resolve() / "tables"
    tables.mkdir(parents=True)
    hospitals = rhc.write_hospital_tables(tables)
    plan = Plan(options.workdir.resolve(), rhc.DICTIONARY, hospitals, config, options.profile, threshold=1)
    with Rehearsal(plan, _say) as rehearsal:
        rehearsal.prepare()
        rehearsal.group.stop("custodian")
        yield rehearsal


def _say(line: str) -> None:
    print(line, file=sys.stderr)


# ---- one key, held in two ways ---------------------------------------------------------------------------------------


def _openers(rehearsal: "Rehearsal") -> list[Opener]:
    """The custodian, each pair, and all three, from one key and one set of shares."""
    parties = _holders(rehearsal)
    _share_the_key(rehearsal, parties)
    first, second, third = _led_by(rehearsal, parties, 0)
    _, other_lead, last = _led_by(rehearsal, parties, 1)
    return [
        Opener(CUSTODIAN, [rehearsal.custodian]),
        Opener("1+2", [first, second]),
        Opener("1+3", [first, third]),
        Opener("2+3", [other_lead, last]),
        Opener("all three", [first, second, third]),
    ]


def _holders(rehearsal: "Rehearsal") -> "list[ShareParty]":
    """Agents with cards and access tokens."""
    from hefed.rehearsal.parties import ShareParty
    from hospitals.people.models import User
    from hospitals.people.tokens import issue_token

    one, by = rehearsal.custodian, User.objects.get(username="admin")
    folder = rehearsal.plan.workdir / "holders"
    parties = [ShareParty(name, folder / name, one.python, one.server, title) for name, title in rhc.HOSPITALS.items()]
    for party in parties:
        party.folder.mkdir(parents=True)
        shutil.copy(one.passphrase, party.passphrase)
        party.token.write_text(issue_token(name=f"agent of {party.name}", study=rehearsal.study, by=by)[1])
        rehearsal.group.run(party.make_card(rehearsal.study.slug))
    return parties


def _share_the_key(rehearsal: "Rehearsal", parties: "list[ShareParty]") -> None:
    """Split the custodian's key; every hospital also gets the sums of the admitted batches."""
    source, passphrase = Home(rehearsal.custodian.home), rehearsal.custodian.passphrase.read_text()
    vault, now = open_vault(source.vault, passphrase), datetime.now(UTC)
    header, cards = vault.header, tuple(read_card(party.card) for party in parties)
    plan = Ceremony(header.study, header.profile, THRESHOLD, cards, now.date() + timedelta(days=1))
    sharing = sharing_of(plan, header.key_fingerprint)
    shares = split(scheme_of(sharing), SecretKey.load(profile(header.profile), vault.secret_key).words[0])
    keys = KeyFiles(source.public_key, source.relinearisation_key)
    admitted = list(Store(source.path, vault.sealer()).batches())
    for party, share in zip(parties, shares, strict=True):
        home, identity = Home(party.home), open_identity(party.home, passphrase)
        held = HeldShare(sharing=sharing, piece=to_piece(sharing, share))
        take(Taking(home, identity, held, keys, passphrase, now.isoformat(timespec="seconds"), "automatic"))
        Store(home.path, open_vault(home.vault, passphrase).sealer()).keep_batches(admitted)


def _led_by(rehearsal: "Rehearsal", parties: "list[ShareParty]", lead: int) -> "list[ShareParty]":
    """Copies of the directories, in which one of the three is named to lead."""
    from hefed.rehearsal.parties import ShareParty

    copies = []
    for party in parties:
        folder = rehearsal.plan.workdir / f"led-by-{lead + 1}" / party.name
        shutil.copytree(party.folder, folder)
        copies.append(ShareParty(party.name, folder, party.python, party.server, party.title))
        rehearsal.group.run(copies[-1].follow(parties[lead].name))
    return copies


# ---- runs ------------------------------------------------------------------------------------------------------------


def _runs(rehearsal: "Rehearsal", openers: list[Opener], repetitions: int) -> dict[str, list[Run]]:
    runs: dict[str, list[Run]] = {opener.name: [] for opener in openers}
    for _ in range(repetitions):
        for opener in openers:
            runs[opener.name].append(_run(rehearsal, opener))
            _say(f"{opener.name}: {runs[opener.name][-1].seconds:.1f} s")
    return runs


def _run(rehearsal: "Rehearsal", opener: Opener) -> Run:
    """One job on all three hospitals' batches."""
    from hefed.rehearsal.pipeline import require_finished

    _hand_to(rehearsal, opener)
    started = [rehearsal.group.start(party.run()) for party in opener.parties]
    _wait_for_agents(rehearsal, len(started))
    rehearsal.memory.notes["jobs"] = {}
    job = require_finished(rehearsal.train(rehearsal.plan.hospitals))
    for name in [name for name, process in rehearsal.group.running.items() if process in started]:
        rehearsal.group.stop(name)
    return Run.of(job)


def _hand_to(rehearsal: "Rehearsal", opener: Opener) -> None:
    """A study says who holds its key, for good; this bench makes the server forget it, then the next one publishes."""
    from hospitals.keys.models import KeySet
    from hospitals.studies.models import Study

    Study.objects.filter(pk=rehearsal.study.pk).update(key_parties=None, key_threshold=None)
    KeySet.objects.filter(study=rehearsal.study).update(sharing=None, lead=None)
    rehearsal.group.run(opener.parties[0].publish())


def _wait_for_agents(rehearsal: "Rehearsal", agents: int) -> None:
    """Until each has asked the server for work, and a little longer."""
    from hospitals.people.models import ApiToken

    tokens = ApiToken.objects.filter(study=rehearsal.study, scope=ApiToken.Scope.CUSTODIAN)
    tokens.update(last_used_at=None)
    while tokens.exclude(last_used_at=None).count() < agents:
        rehearsal.group.check()
        time.sleep(0.1)
    time.sleep(_SETTLE_SECONDS)


# ---- what came out ---------------------------------------------------------------------------------------------------


def _report(runs: dict[str, list[Run]]) -> dict[str, Any]:
    reference, alone = runs[CUSTODIAN][0], median(run.seconds for run in runs[CUSTODIAN])
    openers = {name: _compared(found, reference, alone) for name, found in runs.items()}
    failures = [
        f"{name}: {key} is {found[key]}, the limit is {limit}"
        for name, found in openers.items()
        for key, limit in (("worst_se", COEFFICIENT_LIMIT_SE), ("ratio", SECONDS_LIMIT))
        if not found[key] <= limit
    ]
    return {"coefficients": len(reference.coefficients), "openers": openers, "failures": failures}


def _compared(found: list[Run], reference: Run, alone: float) -> dict[str, Any]:
    middle = median(run.seconds for run in found)
    return {
        "worst_se": round(max(run.worst_se(reference) for run in found), 5),
        "seconds": [run.seconds for run in found],
        "median_seconds": round(middle, 2),
        "ratio": round(middle / alone, 3),
        "opened_by": sorted({group for run in found for group in run.opened_by if group}),
    }


if __name__ == "__main__":
    sys.exit(main())
