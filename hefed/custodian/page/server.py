"""Serves the page on this machine. It reads, never writes, and whatever goes wrong here the agent works on."""

import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from hefed.core.errors import BadInput
from hefed.custodian.page.facts import Facts
from hefed.custodian.page.view import page

ADDRESS = "127.0.0.1"
_HERE = Path(__file__).resolve().parent
_FILES = {"/style.css": ("style.css", "text/css"), "/refresh.js": ("refresh.js", "text/javascript")}
_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; base-uri 'none'; "
        "form-action 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cache-Control": "no-store",
}

_log = logging.getLogger(__name__)


class _Server(ThreadingHTTPServer):
    daemon_threads = True  # a browser that hangs does not keep the agent from stopping

    def __init__(self, port: int, facts: Callable[[], Facts]) -> None:
        super().__init__((ADDRESS, port), _Handler)
        self.facts = facts

    def handle_error(self, request: Any, client_address: Any) -> None:
        _log.info("a reader of the page was lost", exc_info=True)


class _Handler(BaseHTTPRequestHandler):
    server: _Server
    server_version, sys_version = "HEFed", ""
    timeout = 10

    def do_GET(self) -> None:  # noqa: N802  the name is http.server's
        if not self._is_asked_by_name():
            return
        path = self.path.partition("?")[0]
        if path == "/":
            self._page()
        elif path in _FILES:
            name, kind = _FILES[path]
            self._send(HTTPStatus.OK, (_HERE / name).read_bytes(), kind)
        elif path == "/favicon.ico":
            self._send(HTTPStatus.NO_CONTENT, b"")
        else:
            self._send(HTTPStatus.NOT_FOUND, b"There is one page here: /\n")

    def _refuse(self) -> None:
        if self._is_asked_by_name():
            self._send(HTTPStatus.METHOD_NOT_ALLOWED, b"This page can only be read.\n", Allow="GET")

    do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = do_OPTIONS = do_TRACE = _refuse  # noqa: N815

    def _is_asked_by_name(self) -> bool:
        """Another site's name may be made to point here (DNS rebinding): its pages must read nothing."""
        if self.headers.get("Host", "") in {f"{name}:{self.server.server_port}" for name in (ADDRESS, "localhost")}:
            return True
        self._send(HTTPStatus.MISDIRECTED_REQUEST, b"This page is for this machine, under its own address.\n")
        return False

    def _page(self) -> None:
        try:
            body = page(self.server.facts(), datetime.now(UTC))
        except Exception:  # noqa: BLE001  the reader is told, the agent is left alone
            _log.warning("the page cannot be shown", exc_info=True)
            self._send(HTTPStatus.INTERNAL_SERVER_ERROR, b"The page cannot be shown; the agent's log says why.\n")
            return
        self._send(HTTPStatus.OK, body, "text/html")

    def _send(self, status: HTTPStatus, body: bytes, kind: str = "text/plain", **headers: str) -> None:
        self.send_response(status)
        for name, value in (_HEADERS | headers).items():
            self.send_header(name, value)
        if status != HTTPStatus.NO_CONTENT:
            self.send_header("Content-Type", f"{kind}; charset=utf-8")
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  the name is http.server's
        _log.debug(format, *args)


@contextmanager
def shown(port: int, facts: Callable[[], Facts]) -> Iterator[str]:
    """The page's address, while it is served; raises BadInput when the port is taken."""
    try:
        server = _Server(port, facts)
    except OSError as error:
        raise BadInput("commands.page_port", port=port, why=str(error.strerror)) from error
    thread = threading.Thread(target=server.serve_forever, name="page", daemon=True)
    thread.start()
    try:
        yield f"http://{ADDRESS}:{server.server_port}/"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
