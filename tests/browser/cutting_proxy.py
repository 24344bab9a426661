"""A network between browser and server that breaks: it forwards TCP and cuts every connection at chosen byte counts."""

import contextlib
import socket
import threading
import time
from collections.abc import Iterator

_PIECE_BYTES = 16 * 1024
_DARK_SECONDS = 0.3  # how long nothing gets through after a cut


class CuttingProxy:
    """``cuts``: totals of bytes towards the server at which the network breaks. ``rate``: bytes a second, 0: free."""

    def __init__(self, target_port: int, cuts: list[int], rate: int = 0) -> None:
        self._target, self._cuts, self._rate = target_port, sorted(cuts), rate
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._open: set[socket.socket] = set()
        self._lock = threading.Lock()
        self._sent = 0
        self._dark_until = 0.0
        self._whole = False
        self.cut_count = 0
        self.port: int = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    @contextlib.contextmanager
    def whole(self) -> Iterator[None]:
        """No cut meanwhile, for what a person would simply load again; what falls due comes afterwards."""
        with self._lock:
            self._whole = True
        time.sleep(max(0.0, self._dark_until - time.monotonic()))
        yield
        self._whole = False

    def close(self) -> None:
        self._listener.close()
        self._drop_all()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                if time.monotonic() < self._dark_until:
                    client.close()
                else:
                    self._connect(client)

    def _connect(self, client: socket.socket) -> None:
        try:
            server = socket.create_connection(("127.0.0.1", self._target))
        except OSError:
            client.close()
            raise
        with self._lock:
            self._open |= {client, server}
        threading.Thread(target=self._pump, args=(client, server, True), daemon=True).start()
        threading.Thread(target=self._pump, args=(server, client, False), daemon=True).start()

    def _pump(self, source: socket.socket, sink: socket.socket, upwards: bool) -> None:
        with contextlib.suppress(OSError):
            while piece := source.recv(_PIECE_BYTES):
                sink.sendall(piece)
                if upwards:
                    self._count(len(piece))
        for one in (source, sink):
            with self._lock:
                self._open.discard(one)
            one.close()

    def _count(self, length: int) -> None:
        if self._rate:
            time.sleep(length / self._rate)
        with self._lock:
            self._sent += length
            due = not self._whole and bool(self._cuts) and self._sent >= self._cuts[0]
            if due:
                self._cuts.pop(0)
                self.cut_count += 1
                self._dark_until = time.monotonic() + _DARK_SECONDS
        if due:
            self._drop_all()

    def _drop_all(self) -> None:
        with self._lock:
            dropped, self._open = self._open, set()
        for one in dropped:
            with contextlib.suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)


@contextlib.contextmanager
def cutting(target_port: int, cuts: list[int], rate: int = 0) -> Iterator[CuttingProxy]:
    proxy = CuttingProxy(target_port, cuts, rate)
    try:
        yield proxy
    finally:
        proxy.close()
