"""Real worker processes, scheduler and broker: what is killed is made up for, and the model stays the same."""

import os
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.db import connection

from hefed.celery import app
from hefed.rehearsal.stack import ProcessGroup, Program, ServerConfig, broker_program, free_port, server_programs
from hospitals.institutions.models import Institution
from tests.server.cohort import together
from tests.server.test_job import fitted
from tests.server.training import InProcessCustodian
from training.jobs.models import Chunk, Job
from training.jobs.services import launch_job
from training.results.selectors import result_of

pytestmark = pytest.mark.processes
PATIENCE_SECONDS = 240.0


@pytest.fixture
def server(tmp_path: Path) -> ServerConfig:
    """This test's folders and database, as the processes' environment names them."""
    return ServerConfig(tmp_path, free_port(), free_port(), workers=2, settings_module="tests.settings")


@pytest.fixture
def group(server: ServerConfig, admitted) -> Iterator[ProcessGroup]:
    """Broker, two worker processes and the scheduler; leases are short so that nobody waits long for the dead."""
    server.prepare()
    app.conf.broker_url = server.env["REDIS_URL"]
    with ProcessGroup(server.folder / "logs") as group:
        for program in server_programs(server):
            if program.name != "web":
                group.start(with_test_settings(program))
        yield group


def with_test_settings(program: Program) -> Program:
    database = f"sqlite:///{connection.settings_dict['NAME']}"
    extra = {"DATABASE_URL": database, "HEFED_LEASE_SECONDS": "4", "HEFED_SWEEP_SECONDS": "1"}
    return Program(program.name, program.argv, {**program.env, **extra}, program.cwd)


def launch(study, admin) -> Job:
    return launch_job(study=study, institutions=Institution.objects.filter(studies=study), by=admin)


def wait(until: Callable[[], bool], custodian: InProcessCustodian, group: ProcessGroup) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not until():
        group.check()
        assert time.monotonic() < deadline, group.log_tail("worker", 4000)
        custodian.answer()
        time.sleep(0.1)


def ended(job: Job) -> bool:
    job.refresh_from_db()
    return job.state not in Job.LIVE


def running_chunk(job: Job, kind: str) -> Chunk | None:
    return Chunk.objects.filter(round__job=job, round__kind=kind, state=Chunk.State.RUNNING).first()


def assert_plaintext_model(job: Job, admitted) -> None:
    assert (job.state, job.reason) == (Job.State.FINISHED, "")
    result = result_of(job)
    assert result is not None
    reference = fitted(together(*(train for train, _ in admitted.values())))
    for coefficient, expected in zip(result.model.coefficients.values(), reference[1:], strict=True):
        assert abs(coefficient.estimate - expected) < 0.1 * coefficient.standard_error


def test_job_survives_a_worker_killed_in_the_middle_of_a_round(study, admin, admitted, custodian, group):
    job = launch(study, admin)
    wait(lambda: running_chunk(job, "gradient") is not None, custodian, group)
    victim = running_chunk(job, "gradient") or Chunk.objects.filter(round__job=job).latest("started_at")
    os.kill(int(victim.worker.split(":")[1]), signal.SIGKILL)
    wait(lambda: ended(job), custodian, group)
    assert_plaintext_model(job, admitted)


def test_job_survives_a_broker_that_loses_everything(study, admin, admitted, custodian, group, server):
    job = launch(study, admin)
    wait(lambda: running_chunk(job, "moments") is not None, custodian, group)
    group.stop("broker")
    group.start(with_test_settings(broker_program(server)))
    wait(lambda: ended(job), custodian, group)
    assert_plaintext_model(job, admitted)
