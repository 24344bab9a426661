"""Commands that bring a server of their own: they set its environment before Django's settings are read."""

import argparse
import os
from pathlib import Path

from hefed.rehearsal.stack import ServerConfig, free_port


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
