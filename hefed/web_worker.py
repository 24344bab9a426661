"""The gunicorn worker of the web processes: a client that sends or reads slowly cannot keep others from being served.

gunicorn's ``gthread`` gives a connection a thread as soon as its first byte is there, so that as many slow clients as
there are threads stop the site. Here the event loop collects a request, and only a complete one gets a thread. Bodies
that are too large to be collected (blocks, keys, answers) are read by a few threads of their own. A thread waits for a
client no longer than ``GRACE_SECONDS`` and a second for every ``SLOWEST_BYTES_PER_SECOND`` that moved.

One connection carries one request (``keepalive`` must be 0). TLS and HTTP/2 end at a proxy in front.
"""

import contextlib
import errno
import re
import selectors
import socket
import time
from collections.abc import Callable
from concurrent import futures
from dataclasses import dataclass, field
from functools import partial
from typing import Any, BinaryIO

from gunicorn import http
from gunicorn.workers.gthread import TConn, ThreadWorker

HEADER_SECONDS = 10.0  # from the connection to the end of the header
BODY_SECONDS = 20.0  # further, for a body that is collected
HEADER_BYTES = 32 * 1024
COLLECTED_BYTES = 256 * 1024  # header and body; what is longer is read by a thread
ARRIVING = 256  # connections whose request is not complete; one more, and the oldest of them is closed
BULK_THREADS = 8
BULK_CONNECTIONS = 64
GRACE_SECONDS = 30.0
SLOWEST_BYTES_PER_SECOND = 8 * 1024
LINGER_SECONDS = 2.0
_PIECE_BYTES = 64 * 1024
_LENGTH = re.compile(rb"\r\ncontent-length:[ \t]*(\d{1,15})[ \t]*\r\n", re.IGNORECASE)
_UNCOLLECTED = re.compile(rb"\r\n(transfer-encoding|expect):", re.IGNORECASE)
_ENDLESS = 2**63
_BUSY = b"HTTP/1.1 503 Service Unavailable\r\nRetry-After: 5\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"


class MeteredSocket(socket.socket):
    """A connection that breaks when waiting for its client has taken too long for what moved."""

    def __init__(self, accepted: socket.socket) -> None:
        super().__init__(fileno=accepted.detach())
        self.waited_seconds = 0.0
        self.moved_bytes = 0

    def recv(self, size: int, flags: int = 0) -> bytes:
        with self._waiting():
            data = super().recv(size, flags)
        self.moved_bytes += len(data)
        return data

    def recv_now(self, size: int) -> bytes:
        """What is there; raises BlockingIOError when nothing is. For the event loop, which never waits."""
        return super().recv(size)

    def sendall(self, data: Any, flags: int = 0) -> None:
        view = memoryview(data)
        for start in range(0, len(view), _PIECE_BYTES):
            piece = view[start : start + _PIECE_BYTES]
            with self._waiting():
                super().sendall(piece, flags)
            self.moved_bytes += len(piece)

    def sendfile(self, file: BinaryIO, offset: int = 0, count: int | None = None) -> int:  # type: ignore[override]
        file.seek(offset)
        sent = 0
        while data := file.read(_PIECE_BYTES if count is None else min(_PIECE_BYTES, count - sent)):
            self.sendall(data)
            sent += len(data)
        return sent

    @contextlib.contextmanager
    def _waiting(self) -> Any:
        left = GRACE_SECONDS + self.moved_bytes / SLOWEST_BYTES_PER_SECOND - self.waited_seconds
        started = time.monotonic()
        try:
            self.settimeout(max(left, 0.001))
            yield
        except TimeoutError as error:
            raise ConnectionResetError(errno.ECONNRESET, "the client is too slow") from error
        finally:
            self.waited_seconds += time.monotonic() - started


@dataclass
class Watched:
    """A connection of the event loop: one whose request arrives, or one that waits for its client to close."""

    conn: TConn
    deadline: float
    received: bytearray = field(default_factory=bytearray)
    total_bytes: int | None = None  # of the request; known once its header is there


class PatientWorker(ThreadWorker):  # type: ignore[misc]
    """``gthread`` that gives threads to complete requests only."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.watched: dict[TConn, Watched] = {}  # in the order in which they came
        self.bulk_connections = 0

    def init_process(self) -> None:
        self.bulk_pool = futures.ThreadPoolExecutor(BULK_THREADS, "bulk")
        super().init_process()

    def accept(self, listener: socket.socket) -> None:
        try:
            accepted, address = listener.accept()
        except OSError as error:
            if error.errno not in (errno.EAGAIN, errno.ECONNABORTED):
                raise
            return
        self.nr_conns += 1
        conn = TConn(self.cfg, MeteredSocket(accepted), address, listener.getsockname())
        self._make_room()
        self._watch(Watched(conn, time.monotonic() + HEADER_SECONDS), self._read_on)

    def murder_pending(self) -> None:
        """Close what is overdue. A worker that stops does not wait for clients that have sent nothing."""
        now = time.monotonic()
        for one in list(self.watched.values()):
            if one.deadline < now or not (self.alive or one.received):
                self._drop(one)

    def finish_request(self, conn: TConn, _answered: futures.Future[bool]) -> None:
        """Say that nothing follows, then let the client close: closing first could cost it the answer's end."""
        try:
            conn.sock.shutdown(socket.SHUT_WR)
            conn.sock.setblocking(False)
        except OSError:
            self._close(conn)
            return
        self._watch(Watched(conn, time.monotonic() + LINGER_SECONDS), self._drain)

    def _watch(self, one: Watched, on_readable: Callable[[Watched], None]) -> None:
        self.watched[one.conn] = one
        self.poller.register(one.conn.sock, selectors.EVENT_READ, lambda _: on_readable(one))

    def _unwatch(self, one: Watched) -> None:
        del self.watched[one.conn]
        self.poller.unregister(one.conn.sock)

    def _drop(self, one: Watched) -> None:
        self._unwatch(one)
        self._close(one.conn)

    def _close(self, conn: TConn) -> None:
        self.nr_conns -= 1
        conn.close()

    def _make_room(self) -> None:
        if len(self.watched) >= ARRIVING:
            self._drop(next(iter(self.watched.values())))

    def _read_on(self, one: Watched) -> None:
        data = _available(one.conn.sock)
        if data is None:
            return
        if not data:  # the client left before its request was complete
            self._drop(one)
            return
        one.received += data
        if one.total_bytes is None:
            one.total_bytes = request_bytes(one.received)
            one.deadline += 0 if one.total_bytes is None else BODY_SECONDS
        total = one.total_bytes
        if total is not None and (total > COLLECTED_BYTES or len(one.received) >= total):
            self._unwatch(one)
            self._answer(one)

    def _drain(self, one: Watched) -> None:
        """Take what is still on its way: a proxy that cannot send on would not read the answer that has been given."""
        if _available(one.conn.sock) == b"":
            self._drop(one)

    def _answer(self, one: Watched) -> None:
        """Hand what was collected to gunicorn's parser, in a thread."""
        conn, bulk = one.conn, len(one.received) < (one.total_bytes or 0)
        if bulk and self.bulk_connections >= BULK_CONNECTIONS:
            with contextlib.suppress(OSError):
                conn.sock.send(_BUSY)
            self._close(conn)
            return
        conn.initialized = True
        conn.parser = http.get_parser(self.cfg, conn.sock, conn.client)
        conn.parser.unreader.unread(bytes(one.received))
        self.bulk_connections += bulk
        answered = (self.bulk_pool if bulk else self.tpool).submit(self.handle, conn)
        answered.add_done_callback(lambda future: self.method_queue.defer(partial(self._ended, bulk), conn, future))

    def _ended(self, bulk: bool, conn: TConn, answered: futures.Future[bool]) -> None:
        self.bulk_connections -= bulk
        self.finish_request(conn, answered)


def request_bytes(received: bytes | bytearray) -> int | None:
    """How long the whole request is, None while its header is not complete.

    What only a thread can read (no length, a header without end) counts as longer than what is collected. This only
    sorts requests: what a header means, and whether it may be there at all, is decided by gunicorn's parser.
    """
    end = received.find(b"\r\n\r\n")
    if end < 0:
        return None if len(received) < HEADER_BYTES else _ENDLESS
    header = bytes(received[: end + 2])
    if _UNCOLLECTED.search(header):
        return _ENDLESS
    length = _LENGTH.search(header)
    return end + 4 + (int(length[1]) if length else 0)


def _available(sock: MeteredSocket) -> bytes | None:
    """The next bytes, none at the end of the connection, None when there are no bytes now."""
    try:
        return sock.recv_now(_PIECE_BYTES)
    except BlockingIOError:
        return None
    except OSError:
        return b""
