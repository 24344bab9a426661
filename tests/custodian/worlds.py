"""Worlds that are built once a session: a custodian's directory and its server at one moment, copied for every test."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from tenacity import wait_none

from hefed.core.protocol.requests import Request
from hefed.custodian.client import CustodianClient
from hefed.custodian.keeping.store import Home
from tests.custodian.agents import alone
from tests.custodian.conftest import admit, reopened
from tests.custodian.fake_server import TOKEN, FakeServer, serving


@dataclass(frozen=True)
class Moment:
    """What lay on both sides when it was taken; no request waits."""

    home: Home
    server: FakeServer

    def home_in(self, folder: Path) -> Home:
        found = Home(folder / "custodian")
        shutil.copytree(self.home.path, found.path)
        return found

    @contextmanager
    def serving(self) -> Iterator[FakeServer]:
        """The server as it was then; what it learns from now on is this test's own."""
        then = self.server
        kept = {name: dict(getattr(then, name)) for name in ("payloads", "answers", "train", "holdout")}
        with serving(FakeServer(public=then.public, evaluation=then.evaluation, **kept)) as fake:
            yield fake


@pytest.fixture(scope="session")
def admitted(template: Home, tmp_path_factory: pytest.TempPathFactory) -> Moment:
    """Two hospitals' batches were admitted."""
    home = Home(tmp_path_factory.mktemp("admitted") / "custodian")
    shutil.copytree(template.path, home.path)
    with serving(FakeServer()) as server:
        client = CustodianClient(server.address, TOKEN, wait_none())
        client.put_key("public", home.public_key)
        client.put_key("relinearisation", home.relinearisation_key)
        agent = alone(reopened(home), client)
        admit(server, agent)
        agent.poll()
        client.close()
    return Moment(home, server)


@dataclass(frozen=True)
class Begun(Moment):
    """Job j1 was begun; ``following`` is its gradient request, which was not asked yet."""

    following: Request


@pytest.fixture(scope="session")
def begun(admitted: Moment, tmp_path_factory: pytest.TempPathFactory) -> Begun:
    home = admitted.home_in(tmp_path_factory.mktemp("begun"))
    with admitted.serving() as server:
        client = CustodianClient(server.address, TOKEN, wait_none())
        agent = alone(reopened(home), client)
        moments = server.launch("j1", ["b1", "b2"])
        agent.poll()
        following = server.proceed(moments)
        assert following is not None
        server.waiting.clear()
        agent.poll()
        client.close()
    return Begun(home, replace(server, waiting={}), following)
