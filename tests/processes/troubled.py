"""Run as a program: one pool trained in peace, then again while workers, agents and broker are killed.

Three hospitals share the key, as in every rehearsal of three. ``python -m tests.processes.troubled WORKDIR`` prints
both models, what was killed, and who opened the last round, as JSON.
"""

import dataclasses
import json
import os
import sys
import threading
import time
from pathlib import Path

from bench.simulated import SHAPES, simulate
from hefed.rehearsal.stack import enter_workdir
from tests.processes.recorder import Recorder

MARKER_ID, MARKER_VALUE = "PLANTED-0451", 61.728395


def main(workdir: Path) -> None:
    os.environ["DJANGO_SETTINGS_MODULE"] = "tests.settings"
    config = enter_workdir(workdir, workers=2)
    import django

    django.setup()
    from hefed.rehearsal.pipeline import Plan, Rehearsal, require_finished

    recorder = Recorder(config.port, workdir / "traffic")
    recorder.start()
    tables, dictionary = write_tables(workdir)
    front = dataclasses.replace(config, port=recorder.port)
    plan = Plan(
        workdir,
        dictionary,
        tables,
        config,
        profile="INSECURE_TEST_N12_L9",
        seed=7,
        front=front,
    )
    with Rehearsal(plan, lambda line: None) as rehearsal:
        rehearsal.prepare()
        calm = require_finished(rehearsal.train(tables))
        rehearsal.memory.notes["jobs"].clear()
        trouble = threading.Thread(target=make_trouble, args=(rehearsal,), daemon=True)
        trouble.start()
        troubled = require_finished(rehearsal.train(tables))
        trouble.join(60)
        last = troubled.rounds.order_by("-number")[0].request.opened_by
        models = {"calm": calm.model.result, "troubled": troubled.model.result}
        result = models | {"events": EVENTS, "opened_last": last}
    recorder.close()
    sys.stdout.write(json.dumps(result) + "\n")


def write_tables(workdir: Path) -> tuple[dict[str, Path], Path]:
    """A small study; one patient of hospital A has an id and a laboratory value that occur nowhere else."""
    cohort = simulate(SHAPES["tiny-hospital"], seed=5)
    first = cohort.hospitals["A"]
    variable = next(one for one in cohort.dictionary.features if one.kind == "continuous")
    first.loc[3, "id"], first.loc[3, variable.name] = MARKER_ID, MARKER_VALUE
    folder = workdir / "tables"
    folder.mkdir(parents=True)
    for name, frame in cohort.hospitals.items():
        frame.to_csv(folder / f"{name}.csv", index=False)
    (folder / "dictionary.csv").write_text(cohort.dictionary.to_csv(), encoding="utf-8")
    return {name: folder / f"{name}.csv" for name in cohort.hospitals}, folder / "dictionary.csv"


EVENTS: list[str] = []


def make_trouble(rehearsal) -> None:
    """Once the second job computes its first gradient: SIGKILL to a worker child and to one agent for good, then the
    lead and the broker anew."""
    from hefed.rehearsal.stack import broker_program, server_programs
    from training.jobs.models import Round

    job = _until(lambda: Round.objects.filter(job__number=2, kind="gradient").select_related("job").first()).job
    kill_one_child(rehearsal.group.running["worker"].pid)
    EVENTS.append("worker child killed")
    _until(lambda: job.rounds.filter(number__gte=2).exists())
    programs = {program.name: program for program in server_programs(rehearsal.plan.server)}
    lead, second, _ = rehearsal.key_holders.parties
    kill(rehearsal, second.run().name)
    EVENTS.append("second hospital's agent killed for good")
    for program, what in (
        (lead.run(), "lead restarted"),
        (broker_program(rehearsal.plan.server), "broker restarted"),
        (programs["worker"], "whole worker killed and started again"),
    ):
        kill(rehearsal, program.name)
        rehearsal.group.start(program)
        EVENTS.append(what)
        time.sleep(1)


def kill(rehearsal, name: str) -> None:
    process = rehearsal.group.running.pop(name)  # or the supervisor would report its end
    for child in children(process.pid):
        child.kill()
    process.kill()
    process.wait()


def children(pid: int):
    import psutil

    return psutil.Process(pid).children(recursive=True)


def kill_one_child(pid: int) -> None:
    child = _until(lambda: next(iter(children(pid)), None))
    child.kill()


def _until(found):
    for _ in range(1200):
        result = found()
        if result:
            return result
        time.sleep(0.05)
    raise AssertionError("what was waited for did not happen within 60 s")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
