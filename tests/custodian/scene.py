"""Three hospitals' agents at a study server on loopback, as fixtures; north leads."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from tenacity import wait_none

from hefed.core.dictionary.variables import DataDictionary
from hefed.core.protocol.requests import Answer, Request
from hefed.custodian.agent.loop import Agent
from hefed.custodian.agent.share import ShareHolder, open_share_holder
from hefed.custodian.client import CustodianClient
from hefed.custodian.keeping.store import Home
from hefed.custodian.sharing.ceremony import from_ceremony
from hefed.custodian.sharing.holding import Identity
from tests.custodian.agents import holding, leading
from tests.custodian.cohort import DICTIONARY_CSV
from tests.custodian.conftest import NORTH, SOUTH, opened_vault
from tests.custodian.consortium import ceremony, copied, identities, key_files, lead, take_into
from tests.custodian.fake_server import TOKEN
from tests.custodian.share_server import ShareServer, serving


@dataclass
class Consortium:
    """A server and three agents; north leads."""

    server: ShareServer
    client: CustodianClient
    homes: list[Home]
    holders: list[ShareHolder]
    agents: list[Agent]

    def poll(self, *points: int) -> None:
        for point in points:
            self.agents[point - 1].poll()

    def answer(self, request: Request, *points: int) -> Answer:
        self.poll(*points)
        return self.server.answer(request.request)

    def admit(self, *points: int) -> None:
        for batch, institution, rows in (("b1", "north", NORTH), ("b2", "south", SOUTH)):
            request = self.server.upload(batch, institution, *rows)
            assert self.answer(request, *points).outcome == "admitted", self.server.answer(request.request).reasons

    def finish(self, request: Request | None, *points: int) -> Request:
        while request is not None:
            last = request
            self.poll(*points)
            request = self.server.proceed(request)
        return last

    def restart(self, point: int, holder: ShareHolder | None = None) -> None:
        found = holder or opened_holder(self.homes[point - 1], self.holders[point - 1].identity)
        self.holders[point - 1] = found
        self.agents[point - 1] = leading(found, self.client) if point == 1 else holding(found, self.client)


def opened_holder(home: Home, identity: Identity) -> ShareHolder:
    return open_share_holder(home, opened_vault(home.vault.read_bytes(), home.vault), identity)


@pytest.fixture(scope="session")
def share_directories(tmp_path_factory: pytest.TempPathFactory) -> list[tuple[Path, Identity]]:
    """Three directories with a share each, made once; every test gets copies."""
    agents, out = tmp_path_factory.mktemp("agents"), tmp_path_factory.mktemp("ceremony") / "out"
    people = identities(agents)
    sharing = ceremony(people, out)[1].sharing
    for person in people:
        home = Home(agents / person.card.institution)
        take_into(home, person, from_ceremony(out, person, sharing.digest), out)
        lead(home.path, person, sharing, "north")
        policy = home.policy.read_text().replace('release = "approval"', 'release = "automatic"')
        home.policy.write_text(policy)
    return [(agents / person.card.institution, person) for person in people]


@pytest.fixture
def consortium(share_directories: list[tuple[Path, Identity]], tmp_path: Path) -> Iterator[Consortium]:
    homes = [Home(copied(folder, tmp_path / folder.name)) for folder, _ in share_directories]
    with serving(ShareServer()) as server:
        client = CustodianClient(server.address, TOKEN, wait_none())
        files = key_files(homes[0].path)
        client.put_key("public", files.public)
        client.put_key("relinearisation", files.relinearisation)
        found = Consortium(server, client, homes, [], [])
        found.holders = [
            opened_holder(home, person) for home, (_, person) in zip(homes, share_directories, strict=True)
        ]
        lead, *others = found.holders
        found.agents = [leading(lead, client), *(holding(other, client) for other in others)]
        yield found
        client.close()


def coefficients(consortium: Consortium, request: Request) -> np.ndarray:
    answer = consortium.server.answer(request.request)
    assert answer.result is not None, answer.reasons
    model = answer.result.model
    names = [column.name for column in DataDictionary.from_csv(DICTIONARY_CSV).columns][1:]
    return np.array([model.intercept.estimate, *(model.coefficients[name].estimate for name in names)])
