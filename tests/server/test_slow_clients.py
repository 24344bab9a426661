"""``manage.py serve`` under clients that send a byte a second (issue: sixteen of them stopped the site)."""

import os
import signal
import socket
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import psutil
import pytest

from hefed.rehearsal.stack import ROOT, free_port
from tests.server.slow_clients import BLOCK, FORM, HEADER, closed, longest_answer_seconds, slow_clients

pytestmark = pytest.mark.processes
START_SECONDS = 60.0


@contextmanager
def serving(folder: Path, port: int) -> Iterator[subprocess.Popen[bytes]]:
    """``manage.py serve`` as an operator with an ordinary umask starts it."""
    argv = [sys.executable, "-m", "tests.manage", "serve", "--port", str(port), "--workers", "1"]
    env = os.environ | {"HEFED_DATA_DIR": str(folder)}
    with (folder.parent / "serve.log").open("ab") as log:
        serve = subprocess.Popen(argv, cwd=ROOT, env=env, stdout=log, stderr=log, umask=0o022)
    try:
        wait_for_page(f"http://127.0.0.1:{port}/", serve)
        yield serve
    finally:
        serve.terminate()
        serve.wait(60)


def wait_for_page(url: str, serve: subprocess.Popen[bytes] | None = None) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        assert serve is None or serve.poll() is None, "serve has ended"
        try:
            if httpx.get(url, timeout=2).status_code == 200:
                return
        except httpx.TransportError:
            pass
        time.sleep(0.1)
    raise AssertionError(f"no answer from {url} within {START_SECONDS:.0f} s")


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Path]]:
    folder, port = tmp_path_factory.mktemp("serve") / "data", free_port()
    with serving(folder, port):
        yield f"http://127.0.0.1:{port}/", folder


@pytest.mark.parametrize("beginning", [HEADER, FORM, BLOCK], ids=["header", "form", "block"])
def test_site_answers_while_32_connections_send_a_byte_a_second(served: tuple[str, Path], beginning: bytes):
    with slow_clients(served[0], beginning):
        assert longest_answer_seconds(served[0]) < 2


def test_connection_that_finishes_no_header_is_closed(served: tuple[str, Path]):
    with slow_clients(served[0], HEADER, 1) as (client,):
        assert closed(client, 15)


def test_request_that_comes_in_two_pieces_is_answered(served: tuple[str, Path]):
    where = httpx.URL(served[0])
    with socket.create_connection((where.host, where.port)) as client:
        client.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r")
        time.sleep(0.3)
        client.sendall(b"\n\r\n")
        assert client.recv(12) == b"HTTP/1.1 200"


def test_body_larger_than_is_collected_reaches_the_site(served: tuple[str, Path]):
    answer = httpx.post(f"{served[0]}api/v1/batches", content=b"x" * 3_000_000, headers={"Authorization": "Bearer no"})
    assert answer.status_code == 401


def test_chunked_body_reaches_the_site(served: tuple[str, Path]):
    answer = httpx.post(
        f"{served[0]}api/v1/batches", content=iter([b"x", b"y"]), headers={"Authorization": "Bearer no"}
    )
    assert answer.status_code == 401


def test_directory_and_logs_are_for_their_user_alone(served: tuple[str, Path]):
    folder = served[1]
    assert [path for path in (folder, *folder.rglob("*")) if stat.S_IMODE(path.stat().st_mode) & 0o077] == []
    assert (folder / "logs" / "web.log").is_file()


def test_killed_web_process_leaves_nothing_and_is_started_again(tmp_path: Path):
    port = free_port()
    with serving(tmp_path / "data", port) as serve:
        master = next(one for one in psutil.Process(serve.pid).children() if "gunicorn" in one.cmdline())
        family = [master, *master.children()]
        assert len(family) == 2
        for worker in family[1:]:
            worker.suspend()  # busy: it does not notice by itself that its master is gone
        master.send_signal(signal.SIGKILL)
        assert psutil.wait_procs(family, timeout=30)[1] == []
        wait_for_page(f"http://127.0.0.1:{port}/", serve)


def test_killed_serve_leaves_nothing_and_the_next_one_starts(tmp_path: Path):
    port = free_port()
    with serving(tmp_path / "data", port) as serve:
        family = psutil.Process(serve.pid).children(recursive=True)
        assert len(family) >= 4
        serve.kill()
        assert psutil.wait_procs(family, timeout=30)[1] == []
    with serving(tmp_path / "data", port) as serve:
        assert serve.poll() is None
