"""After the ceremony nobody has the key: no file, no message, no memory of an agent at work holds a word of it."""

import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import psutil
import pytest
from tenacity import wait_none

from hefed.core.ckks.params import profile
from hefed.core.ckks.wire import Words
from hefed.core.protocol.requests import Request
from hefed.core.threshold.combine import to_share
from hefed.core.threshold.shamir import Share, lagrange, weighted_sum
from hefed.custodian.client import CustodianClient
from hefed.custodian.keeping.store import Home
from hefed.custodian.sharing.ceremony import from_ceremony
from tests.core.threshold.conftest import RING
from tests.custodian.conftest import NORTH, PASSPHRASE, SOUTH
from tests.custodian.consortium import ceremony, identities, key_files, lead, take_into
from tests.custodian.fake_server import TOKEN
from tests.custodian.memory import READABLE, count, count_in_files, writable_memory
from tests.custodian.pinning import pinned
from tests.custodian.share_server import ShareServer, serving

PRIME = profile(RING.name).primes[0]

pytestmark = [
    pytest.mark.processes,
    pytest.mark.skipif(not READABLE, reason="memory is read through /proc"),
]


@contextmanager
def agents(homes: list[Home], folder: Path, address: str) -> Iterator[list[subprocess.Popen[bytes]]]:
    """One process a hospital, as ``run`` starts it."""
    (folder / "token").write_text(TOKEN + "\n")
    (folder / "passphrase").write_text(PASSPHRASE + "\n")
    more = ("--server", address, "--token-file", folder / "token", "--passphrase-file", folder / "passphrase")
    commands = [
        [sys.executable, "-m", "tests.insecure", "hefed.custodian", "run", "--home", home.path, *more] for home in homes
    ]
    running = []
    try:
        for command in commands:
            running.append(subprocess.Popen(list(map(str, command)), stderr=subprocess.DEVNULL))
        yield running
    finally:
        for process in running:
            process.terminate()
        for process in running:
            process.wait(20)


def wait_for_answer(server: ShareServer, request: Request) -> None:
    for _ in range(2400):
        if request.request in server.answers:
            return
        time.sleep(0.05)
    raise AssertionError("no answer came within two minutes")


def train(server: ShareServer) -> None:
    """Two batches are admitted and a job goes to its end, evaluation included."""
    for batch, institution, rows in (("b1", "north", NORTH), ("b2", "south", SOUTH)):
        wait_for_answer(server, server.upload(batch, institution, *rows))
    following: Request | None = server.launch("job-1", ["b1", "b2"])
    while following is not None:
        last = following
        wait_for_answer(server, last)
        following = server.proceed(last)
    assert server.answer(last.request).opened_by


def memory_of(process: subprocess.Popen[bytes]) -> Words:
    """Of the agent and of the processes that it started."""
    family = [process.pid, *(child.pid for child in psutil.Process(process.pid).children(recursive=True))]
    return np.concatenate([writable_memory(pid) for pid in family])


def test_no_file_message_or_memory_of_any_party_holds_the_key(tmp_path: Path) -> None:
    people, out = identities(tmp_path / "agents"), tmp_path / "ceremony"
    sharing = ceremony(people, out)[1].sharing
    held = [from_ceremony(out, person, sharing.digest) for person in people]
    homes = [Home(tmp_path / "agents" / person.card.institution) for person in people]
    for home, person, one in zip(homes, people, held, strict=True):
        take_into(home, person, one, out)
        lead(home.path, person, sharing, "north")
        pinned(home, PASSPHRASE)
        home.policy.write_text(home.policy.read_text().replace('release = "approval"', 'release = "automatic"'))
    shares: list[Share] = [to_share(one.sharing, one.piece) for one in held]
    key = weighted_sum([share.words for share in shares[:2]], lagrange((1, 2), 0, PRIME), PRIME)
    with serving(ShareServer()) as server:
        client, files = CustodianClient(server.address, TOKEN, wait_none()), key_files(homes[0].path)
        client.put_key("public", files.public)
        client.put_key("relinearisation", files.relinearisation)
        client.close()
        with agents(homes, tmp_path, server.address) as running:
            train(server)
            memories = [memory_of(process) for process in running]
        messages = tmp_path / "messages"
        messages.mkdir()
        passed = [*server.seen, *server.payloads.values(), *server.answers.values(), *server.partials.values()]
        for number, message in enumerate(passed):
            (messages / str(number)).write_bytes(message)
    for memory, share in zip(memories, shares, strict=True):
        assert count(memory, key, PRIME) == 0
        assert count(memory, share.words, PRIME) > RING.ring_degree // 2  # what is there is found: its own share
        others = [other.words for other in shares if other.point != share.point]
        assert count(memory, np.concatenate(others), PRIME) == 0
    assert count_in_files(tmp_path, key, PRIME) == 0
    (tmp_path / "control").write_bytes(b"x" + key.tobytes())
    assert count_in_files(tmp_path, key, PRIME) == count(key, key, PRIME)  # what is there is found
