"""A TCP proxy that keeps every byte it forwards, to search the traffic afterwards."""

import contextlib
import socket
import threading
from pathlib import Path

from hefed.rehearsal.stack import free_port

PIECE = 64 * 1024


class Recorder:
    """Forwards ``port`` to ``target_port`` on loopback; both directions go to one file each connection."""

    def __init__(self, target_port: int, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.port, self._target, self._folder = free_port(), target_port, folder
        self._listener = socket.create_server(("127.0.0.1", self.port))
        self._count = 0

    def start(self) -> None:
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        self._listener.close()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                self._count += 1
                threading.Thread(target=self._serve, args=(client, self._count), daemon=True).start()

    def _serve(self, client: socket.socket, number: int) -> None:
        with client, socket.create_connection(("127.0.0.1", self._target)) as server:
            back = threading.Thread(target=self._copy, args=(server, client, f"{number}-in"), daemon=True)
            back.start()
            self._copy(client, server, f"{number}-out")
            back.join()

    def _copy(self, source: socket.socket, sink: socket.socket, name: str) -> None:
        with (self._folder / name).open("wb") as record, contextlib.suppress(OSError):
            while piece := source.recv(PIECE):
                record.write(piece)
                sink.sendall(piece)
        with contextlib.suppress(OSError):
            sink.shutdown(socket.SHUT_WR)
