"""Helpers that let a job run in this process: messages are taken from the real broker and run one after the other."""

import json
from collections.abc import Iterator

import httpx
import redis
from django.core.wsgi import get_wsgi_application
from tenacity import wait_none

from hefed.celery import app
from hefed.custodian.agent.loop import Agent
from hefed.custodian.client import CustodianClient
from hefed.custodian.keeping.opened import open_custodian
from hefed.custodian.keeping.store import Home
from hefed.custodian.keeping.vault import open_vault
from tests.custodian.agents import alone
from training.jobs.models import Job
from training.jobs.worker import tasks  # noqa: F401  registers the tasks


def messages(broker: redis.Redis) -> Iterator[tuple[str, list[int]]]:
    """Take messages off both queues until they are empty: (task name, arguments)."""
    while True:
        raw = broker.rpop("admission") or broker.rpop("rounds")
        if raw is None:
            return
        yield decoded(raw)


def decoded(raw: bytes) -> tuple[str, list[int]]:
    message = json.loads(raw)
    with app.connection_for_read() as connection:
        body = connection.default_channel.decode_body(message["body"], message["properties"]["body_encoding"])
    return message["headers"]["task"], json.loads(body)[0]


def deliver(broker: redis.Redis) -> int:
    """Run every message, and those that they send, in this process; how many there were."""
    delivered = 0
    for name, arguments in messages(broker):
        app.tasks[name](*arguments)
        delivered += 1
    return delivered


def client_of(token: str) -> CustodianClient:
    """A custodian's client whose requests reach the application in this process."""
    return CustodianClient("http://testserver", token, wait_none(), in_process())


def in_process() -> httpx.WSGITransport:
    return httpx.WSGITransport(app=get_wsgi_application())


def plain_client(token: str) -> httpx.Client:
    """For requests that no program of ours makes."""
    headers = {"Authorization": f"Bearer {token}"}
    return httpx.Client(transport=in_process(), base_url="http://testserver/api/v1/", headers=headers)


class InProcessCustodian:
    """The product's custodian on a directory of its own, talking to the application in this process."""

    def __init__(self, home: Home, token: str, passphrase: str) -> None:
        self.home, self.passphrase = home, passphrase
        self.client = client_of(token)
        self.agent = self._opened()

    def restart(self) -> None:
        self.agent = self._opened()

    def _opened(self) -> Agent:
        agent = alone(open_custodian(self.home, open_vault(self.home.vault, self.passphrase)), self.client)
        agent.recover()
        return agent

    def answer(self) -> int:
        return self.agent.poll()

    def close(self) -> None:
        self.client.close()


def run_to_end(job: Job, broker: redis.Redis, custodian: InProcessCustodian) -> Job:
    """Workers and custodian take turns until the job ends."""
    for _ in range(60):
        deliver(broker)
        custodian.answer()
        job.refresh_from_db()
        if job.state not in Job.LIVE:
            return job
    raise AssertionError(f"{job} is still {job.state} in round {job.rounds.last()}")
