"""``manage.py serve``: broker, web, workers and scheduler of one machine, as one group of processes."""

import signal
import threading
from argparse import ArgumentParser
from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand

from hefed.rehearsal.stack import ProcessGroup, ServerConfig, server_programs, wait_until_ready

_LOOK_SECONDS = 1.0


class Command(BaseCommand):
    help = "Run the whole server on this machine; a process that ends is started again. Ctrl-C stops all."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--host", default="127.0.0.1", help="Address to listen on.")
        parser.add_argument("--port", type=int, default=8000)
        parser.add_argument("--workers", type=int, default=2, help="Worker processes.")

    def handle(self, *args: Any, **options: Any) -> None:
        config, stop = ServerConfig.from_environment(), threading.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: stop.set())
        call_command("migrate", verbosity=0)
        programs = {program.name: program for program in server_programs(config)}
        with ProcessGroup(config.folder / "logs") as group:
            for program in programs.values():
                group.start(program)
            wait_until_ready(f"{config.url}/", group)
            self.stdout.write(f"HEFed serves at {config.url}; data and logs in {config.folder}")
            while not stop.wait(_LOOK_SECONDS):
                for name in group.ended():
                    self.stdout.write(f"{name} ended and is started again; see {config.folder / 'logs'}")
                    group.start(programs[name])
