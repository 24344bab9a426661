import shutil
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from tenacity import wait_none

from hefed.core.protocol.requests import Request
from hefed.custodian.agent.loop import Agent
from hefed.custodian.client import CustodianClient
from hefed.custodian.commands.work import create_home
from hefed.custodian.keeping.opened import Custodian, open_custodian
from hefed.custodian.keeping.store import Home
from hefed.custodian.keeping.vault import Vault, open_vault
from tests.custodian.agents import alone
from tests.custodian.cohort import Rows, simulate
from tests.custodian.fake_server import PROFILE, TOKEN, FakeServer, serving

PASSPHRASE = "correct horse battery staple"


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Home:
    """One custodian's keys for the whole session: key generation and Argon2id are tested elsewhere."""
    home = Home(tmp_path_factory.mktemp("template") / "custodian")
    create_home(home, study="demo", profile_name=PROFILE, passphrase=PASSPHRASE, release="automatic")
    return home


@pytest.fixture
def home(template: Home, tmp_path: Path) -> Home:
    copy = Home(tmp_path / "custodian")
    shutil.copytree(template.path, copy.path)
    return copy


@pytest.fixture
def custodian(home: Home) -> Custodian:
    return reopened(home)


@pytest.fixture
def server(home: Home) -> Iterator[FakeServer]:
    """A server with this custodian's keys."""
    with serving(FakeServer()) as fake:
        client = CustodianClient(fake.address, TOKEN, wait_none())
        client.put_key("public", home.public_key)
        client.put_key("relinearisation", home.relinearisation_key)
        client.close()
        yield fake


@pytest.fixture
def client(server: FakeServer) -> Iterator[CustodianClient]:
    client = CustodianClient(server.address, TOKEN, wait_none())
    yield client
    client.close()


@pytest.fixture
def agent(custodian: Custodian, client: CustodianClient) -> Agent:
    return alone(custodian, client)


def reopened(home: Home) -> Custodian:
    """What a restart does."""
    return open_custodian(home, opened_vault(home.vault.read_bytes(), home.vault))


_OPENED: dict[bytes, Vault] = {}


def opened_vault(content: bytes, path: Path) -> Vault:
    if content not in _OPENED:
        _OPENED[content] = open_vault(path, PASSPHRASE)
    return _OPENED[content]


def admit(server: FakeServer, agent: Agent) -> None:
    """Two hospitals' batches, admitted."""
    for batch, institution, (train, holdout) in (("b1", "north", NORTH), ("b2", "south", SOUTH)):
        request = server.upload(batch, institution, train, holdout)
        agent.poll()
        assert server.answer(request.request).outcome == "admitted", server.answer(request.request).reasons


def finish(server: FakeServer, agent: Agent, request: Request | None) -> Request:
    """Answer and proceed to the end; gives the last request."""
    while request is not None:
        last = request
        agent.poll()
        request = server.proceed(request)
    return last


def pooled(index: int) -> Rows:
    """Training (0) or held-out (1) rows of both hospitals."""
    parts = [NORTH[index], SOUTH[index]]
    return Rows(np.vstack([part.x for part in parts]), np.concatenate([part.y for part in parts]))


def split(n_train: int, n_holdout: int, seed: int) -> tuple[Rows, Rows]:
    rows = simulate(n_train + n_holdout, seed)
    return Rows(rows.x[:n_train], rows.y[:n_train]), Rows(rows.x[n_train:], rows.y[n_train:])


NORTH, SOUTH = split(900, 300, 11), split(500, 200, 12)
