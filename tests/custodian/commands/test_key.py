"""The custodian as people and scripts run it: real processes on the small ring."""

import os
import signal
import socket
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import Result
from typer.testing import CliRunner

from hefed.core.protocol.fingerprint import grouped
from hefed.core.words import Fact, Said
from hefed.custodian.__main__ import app
from hefed.custodian.desk.policy import read_policy
from hefed.custodian.keeping.ledger import LedgerBroken, read_lines
from hefed.custodian.keeping.store import Home
from tests.custodian.conftest import NORTH, PASSPHRASE, reopened
from tests.custodian.fake_server import PROFILE, TOKEN, FakeServer, serving
from tests.custodian.people import BORIS, CLARA
from tests.words.raises import says, text

WAIT_SECONDS = 120


@pytest.fixture
def secrets(tmp_path: Path) -> Path:
    (tmp_path / "passphrase").write_text(PASSPHRASE + "\n")
    (tmp_path / "token").write_text(TOKEN + "\n")
    return tmp_path


@pytest.fixture
def empty_server() -> Iterator[FakeServer]:
    with serving(FakeServer()) as fake:
        yield fake


def _arguments(*words: str | Path) -> list[str]:
    return [sys.executable, "-m", "tests.insecure", "hefed.custodian", *map(str, words)]


def _custodian(*words: str | Path) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "COLUMNS": "300"}
    return subprocess.run(
        _arguments(*words), capture_output=True, text=True, timeout=WAIT_SECONDS, env=environment, check=False
    )


def _in_process(*words: str | Path) -> Result:
    """For commands that end before they touch a signal: spares a process and its imports."""
    return CliRunner().invoke(app, [*map(str, words)], env={"COLUMNS": "300"})


def _free_port() -> str:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return str(found.getsockname()[1])


def _at(server: FakeServer, secrets: Path) -> list[str | Path]:
    return ["--server", server.address, "--token-file", secrets / "token"]


def test_custodian_is_set_up_publishes_and_answers_from_the_command_line(
    secrets: Path, empty_server: FakeServer
) -> None:
    home, passphrase = Home(secrets / "c"), ["--passphrase-file", secrets / "passphrase"]
    made = _custodian("init", "--home", home.path, "--profile", PROFILE, "--study", "demo", *passphrase)
    assert made.returncode == 0, made.stderr
    assert read_policy(home.path / "policy.toml").release == "approval"
    sent = _custodian("publish", "--home", home.path, *_at(empty_server, secrets), *passphrase)
    assert sent.returncode == 0, sent.stderr
    assert empty_server.public is not None
    assert grouped(empty_server.public.fingerprint) in sent.stdout
    assert grouped(empty_server.public.fingerprint) in made.stdout
    request = empty_server.upload("b1", "north", *NORTH)
    page = ["--page", _free_port()]
    ran = _custodian("run", "--home", home.path, *_at(empty_server, secrets), *passphrase, "--idle-exit", "0.1", *page)
    assert ran.returncode == 0, ran.stderr
    assert f"a page about this agent is at http://127.0.0.1:{page[1]}/" in ran.stderr
    assert empty_server.answer(request.request).outcome == "admitted"
    events = [line.event for line in read_lines(home.ledger)]
    assert events == ["initialised", "published", "started", "request", "answer"]


def test_directory_of_a_custodian_is_its_owners_only(home: Home) -> None:
    modes = {stat.S_IMODE(path.stat().st_mode) for path in home.path.rglob("*") if path.is_file()}
    assert modes == {0o600}
    assert stat.S_IMODE(home.path.stat().st_mode) == 0o700


@pytest.mark.parametrize(
    ("command", "code", "facts"),
    [
        (
            "run {server} --home {home} --passphrase-file {dir}/wrong",
            "keeping.passphrase",
            {"path": "{home}/vault.json"},
        ),
        (
            "run {server} --home {home} --passphrase-file {dir}/missing",
            "commands.secret_unreadable",
            {
                "what": Said("commands.passphrase"),
                "file": "{dir}/missing",
                "why": "[Errno 2] No such file or directory: '{dir}/missing'",
            },
        ),
        (
            "run {server} --home {dir}/nowhere --passphrase-file {dir}/passphrase",
            "policy.missing",
            {"path": "{dir}/nowhere/policy.toml"},
        ),
        ("approve r1 --home {home} --passphrase-file {dir}/passphrase", "commands.no_held_result", {"request": "r1"}),
        ("forget b1 --home {home} --passphrase-file {dir}/passphrase", "commands.no_sums", {"batch": "b1"}),
        (
            "init --study demo --home {home} --passphrase-file {dir}/passphrase",
            "commands.holds_key",
            {"path": "{home}/vault.json"},
        ),
        (
            "init --study demo --home {dir}/new --passphrase-file {dir}/short",
            "keeping.passphrase_short",
            {"found": 5, "minimum": 12},
        ),
        (
            "init --study demo --home {dir}/new --profile N9 --passphrase-file {dir}/passphrase",
            "ckks.profile_unknown",
            {"name": "N9", "known": (PROFILE, "N14_L9")},
        ),
        ("publish {server} --home {dir}/nowhere", "keeping.no_vault", {"path": "{dir}/nowhere/vault.json"}),
        (
            "approvers trust 12ab --institution x --home {home} --passphrase-file {dir}/passphrase",
            "protocol.fingerprint_length",
            {"found": 4},
        ),
        (
            "approvers trust {key} --institution a/b --home {home} --passphrase-file {dir}/passphrase",
            "releases.no_institution",
            {"institution": "a/b"},
        ),
        (
            "approvers distrust {key} --home {home} --passphrase-file {dir}/passphrase",
            "releases.nobody_vouched_here",
            {"key": "abab abab abab abab"},
        ),
        ("ledger verify --home {dir}/nowhere", "commands.ledger_empty", {"ledger": "{dir}/nowhere/ledger.jsonl"}),
    ],
)
def test_command_that_cannot_work_says_why_and_exits_with_1(
    home: Home, secrets: Path, command: str, code: str, facts: dict[str, Fact]
) -> None:
    (secrets / "wrong").write_text("another pass phrase altogether")
    (secrets / "short").write_text("short")
    server = f"--server http://127.0.0.1:9 --token-file {secrets}/token"
    places = {"home": home.path, "dir": secrets}
    done = _in_process(*command.format(server=server, key="ab" * 32, **places).split())
    assert done.exit_code == 1
    named = {name: fact.format(**places) if isinstance(fact, str) else fact for name, fact in facts.items()}
    assert text(code, **named) in done.stderr


def test_keys_that_count_are_listed_trusted_and_distrusted(server: FakeServer, home: Home, secrets: Path) -> None:
    server.owners = [BORIS.owner, CLARA.owner]
    passphrase, boris = ["--passphrase-file", secrets / "passphrase"], grouped(BORIS.key.fingerprint)
    words = ["--home", home.path, *passphrase]
    trusted = _in_process("approvers", "trust", boris, "--institution", "South", "--name", "Boris", *words)
    assert trusted.exit_code == 0, trusted.stderr
    assert "counts for South" in trusted.stdout
    _in_process("approvers", "trust", CLARA.key.fingerprint, "--institution", "north", *words)
    listed = _in_process("approvers", "list", *words, *_at(server, secrets)).stdout
    assert f"{boris}\n    the server says: boris, boris@south.invalid, of south\n" in listed
    assert f"    vouched for here: Boris, of South\n    {text('releases.key_counts')}\n" in listed
    assert f"    vouched for here: no name, of north\n    {text('releases.key_of_another')}" in listed
    assert _in_process("approvers", "distrust", boris, *words).exit_code == 0
    assert text("releases.key_not_vouched") in _in_process("approvers", "list", *words, *_at(server, secrets)).stdout
    assert [line.event for line in read_lines(home.ledger)][-3:] == ["trusted", "trusted", "distrusted"]
    assert "Boris" not in home.ledger.read_text()


def test_ledger_verify_exits_with_1_and_names_the_first_bad_line(home: Home, secrets: Path) -> None:
    passphrase = ["--passphrase-file", secrets / "passphrase"]
    assert _in_process("ledger", "verify", "--home", home.path).stdout.startswith("1 lines hold.")
    home.ledger.write_text(home.ledger.read_text().replace("initialised", "published"))
    for words in ([], passphrase):
        done = _in_process("ledger", "verify", "--home", home.path, *words)
        assert done.exit_code == 1
        assert text("keeping.line_hash", line=1) in done.stderr


def test_agent_refuses_to_start_on_a_broken_ledger(home: Home) -> None:
    home.ledger.write_text(home.ledger.read_text().replace("initialised", "published"))
    with says("keeping.line_hash", LedgerBroken, line=1):
        reopened(home)


def test_status_and_ledger_show_need_no_pass_phrase(home: Home) -> None:
    shown, status = _in_process("ledger", "show", "--home", home.path), _in_process("status", "--home", home.path)
    assert "initialised" in shown.stdout
    assert "demo (INSECURE_TEST_N12_L9)" in status.stdout
    assert '"release":"automatic"' in status.stdout


@pytest.fixture
def running(server: FakeServer, home: Home, secrets: Path) -> Iterator[list[subprocess.Popen[bytes]]]:
    """Started agents; every one is ended with the test."""
    started: list[subprocess.Popen[bytes]] = []
    yield started
    for process in started:
        if process.poll() is None:
            process.kill()
        process.wait()


def _start(running: list[subprocess.Popen[bytes]], server: FakeServer, home: Home, secrets: Path) -> None:
    words = ["run", "--home", home.path, *_at(server, secrets), "--passphrase-file", secrets / "passphrase"]
    running.append(subprocess.Popen(_arguments(*words), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL))


def _wait(happened: object) -> None:
    deadline = time.monotonic() + WAIT_SECONDS
    while not happened():  # type: ignore[operator]
        assert time.monotonic() < deadline, "it did not happen"
        time.sleep(0.05)


@pytest.mark.processes
def test_agent_killed_between_store_and_post_posts_the_same_bytes_after_a_restart(
    server: FakeServer, home: Home, secrets: Path, running: list[subprocess.Popen[bytes]]
) -> None:
    server.upload("b1", "north", *NORTH)
    _start(running, server, home, secrets)
    _wait(lambda: server.waiting == {})
    running[0].kill()
    running[0].wait()
    request = server.launch("j1", ["b1"])

    def kill(_: str) -> bool:
        if len(running) > 2:
            return False
        running[-1].send_signal(signal.SIGKILL)
        return True

    server.interrupt = kill
    _start(running, server, home, secrets)
    running[1].wait(WAIT_SECONDS)
    assert request.request in server.waiting
    _start(running, server, home, secrets)
    _wait(lambda: server.waiting == {})
    first, second = (digest for name, digest in server.posts if name == request.request)
    assert first == second
    assert server.answer(request.request).outcome == "next"
    assert _custodian("ledger", "verify", "--home", home.path).returncode == 0


@pytest.mark.processes
def test_agent_stops_cleanly_on_sigterm(
    server: FakeServer, home: Home, secrets: Path, running: list[subprocess.Popen[bytes]]
) -> None:
    request = server.upload("b1", "north", *NORTH)
    _start(running, server, home, secrets)
    _wait(lambda: server.waiting == {})
    second = _custodian("run", "--home", home.path, *_at(server, secrets), "--passphrase-file", secrets / "passphrase")
    assert (second.returncode, text("keeping.already_running", path=str(home.path)) in second.stderr) == (1, True)
    running[0].send_signal(signal.SIGTERM)
    assert running[0].wait(WAIT_SECONDS) == 0
    assert server.answer(request.request).outcome == "admitted"
