"""Clients that send a byte a second, and one that wants an answer meanwhile."""

import socket
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from urllib.parse import SplitResult, urlsplit

import httpx

UNVERIFIED = ssl.create_default_context()
UNVERIFIED.check_hostname, UNVERIFIED.verify_mode = False, ssl.CERT_NONE  # a test's own certificate
HEADER = b"GET / HTTP/1.1\r\nHost: localhost\r\nX-Slow: "
FORM = b"POST /sign-in/ HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000\r\n\r\n"
BLOCK = b"PATCH /api/v1/batches/batch-0001/blocks/0 HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100000000\r\n\r\n"


@contextmanager
def slow_clients(url: str, beginning: bytes, count: int = 32) -> Iterator[list[socket.socket]]:
    """Connections that have sent the beginning of a request and go on with a byte a second each."""
    where = urlsplit(url)
    end = threading.Event()
    with ExitStack() as stack:
        clients = [stack.enter_context(connected(where)) for _ in range(count)]
        for client in clients:
            client.sendall(beginning)
        sender = threading.Thread(target=_go_on, args=(clients, end))
        sender.start()
        stack.callback(sender.join)
        stack.callback(end.set)
        yield clients


def connected(where: SplitResult) -> socket.socket:
    plain = socket.create_connection((where.hostname, where.port), timeout=10)
    return UNVERIFIED.wrap_socket(plain) if where.scheme == "https" else plain


def _go_on(clients: list[socket.socket], end: threading.Event) -> None:
    while not end.wait(1):
        for client in clients:
            try:
                client.sendall(b"x")
            except OSError:
                continue  # the server has had enough of it


def longest_answer_seconds(url: str, times: int = 4) -> float:
    """Ask for a page several times, a second apart; each must be answered with 200."""
    longest = 0.0
    for _ in range(times):
        started = time.monotonic()
        assert httpx.get(url, timeout=10, verify=UNVERIFIED).status_code == 200
        longest = max(longest, time.monotonic() - started)
        time.sleep(1)
    return longest


def closed(client: socket.socket, seconds: float) -> bool:
    """Whether the server ends the connection within the time."""
    client.settimeout(seconds)
    try:
        while client.recv(65536):
            pass
    except TimeoutError:
        return False
    except OSError:
        return True
    return True
