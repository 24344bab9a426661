"""A small server that keeps the hospital's half of the HTTP contract, with a line that can be cut at any byte."""

import hashlib
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from hefed.core.protocol.uploads import BatchManifest, BatchStatus, BlockStatus, StudyPackage

TOKEN = "hefed_test"


@dataclass
class StoredBatch:
    manifest: BatchManifest
    state: str = "uploading"
    reason: str = ""
    blocks: dict[int, bytearray] = field(default_factory=dict)

    def status(self, name: str) -> BatchStatus:
        return BatchStatus(
            batch=name, state=self.state, reason=self.reason, blocks=[*map(self._block, self.manifest.blocks)]
        )

    def _block(self, block) -> BlockStatus:
        received = len(self.blocks.get(block.index, b""))
        state = "stored" if received == block.bytes else "partial" if received else "waiting"
        return BlockStatus(index=block.index, state=state, received_bytes=received, bytes=block.bytes)


@dataclass
class StudyServer:
    """``cuts``: after how many bytes of a PATCH the line drops, once each. ``statuses``: answers given once each."""

    package: StudyPackage
    public_key: bytes
    verdict: str = "admitted"
    reason: str = ""
    cuts: list[int] = field(default_factory=list)
    statuses: list[int] = field(default_factory=list)
    damage: int = 0  # how many finished blocks are reported as damaged
    batches: dict[str, StoredBatch] = field(default_factory=dict)
    received: int = 0  # bytes of all PATCH bodies
    requests: list[str] = field(default_factory=list)
    address: str = ""

    def study(self) -> tuple[int, bytes]:
        return 200, self.package.model_dump_json().encode()

    def announce(self, body: bytes) -> tuple[int, bytes]:
        manifest = BatchManifest.model_validate_json(body)
        for name, batch in self.batches.items():
            if batch.manifest == manifest:
                return self._status(name)
            if batch.manifest.cohort_digest == manifest.cohort_digest and batch.state not in (
                "quarantined",
                "withdrawn",
            ):
                return _error(409, f"cannot take the batch: its patients are in {name}; withdraw that one first")
        name = f"batch-{len(self.batches) + 1:04d}"
        self.batches[name] = StoredBatch(manifest)
        return self._status(name)

    def complete(self, name: str) -> tuple[int, bytes]:
        batch = self.batches[name]
        if any(block.state != "stored" for block in batch.status(name).blocks):
            return _error(409, "cannot complete the batch: blocks are missing; send them")
        batch.state = "checking"
        return self._status(name)

    def poll(self, name: str) -> tuple[int, bytes]:
        batch = self.batches[name]
        if batch.state == "checking":
            batch.state, batch.reason = self.verdict, self.reason
        return self._status(name)

    def finish_block(self, batch: StoredBatch, index: int) -> bool:
        digest = hashlib.sha256(batch.blocks[index]).hexdigest()
        if self.damage or digest != batch.manifest.blocks[index].sha256:
            self.damage -= 1
            batch.blocks[index].clear()
            return False
        return True

    def _status(self, name: str) -> tuple[int, bytes]:
        return 200, self.batches[name].status(name).model_dump_json().encode()


def _error(status: int, text: str) -> tuple[int, bytes]:
    return status, json.dumps({"error": text}).encode()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = -1  # headers and body in one packet, or every answer waits for a delayed acknowledgement
    hub: StudyServer

    def log_message(self, *_: object) -> None:
        pass

    def do_GET(self) -> None:  # noqa: N802
        self._route("GET")

    def do_POST(self) -> None:  # noqa: N802
        self._route("POST")

    def do_PATCH(self) -> None:  # noqa: N802
        self._route("PATCH")

    def _route(self, method: str) -> None:
        path = self.path.removeprefix("/api/v1/").split("/")
        self.hub.requests.append(f"{method} {'/'.join(path)}")
        if self.hub.statuses and method != "PATCH":
            self._body()
            return self._answer(*_error(self.hub.statuses.pop(0), "try later"))
        if self.headers["Authorization"] != f"Bearer {TOKEN}":
            self._body()
            return self._answer(*_error(401, "cannot answer: the token is unknown; ask for a new one"))
        if method == "PATCH":
            return self._patch(path[1], int(path[3]))
        body = self._body()
        match path:
            case ["study"]:
                return self._answer(*self.hub.study())
            case ["keys", "public"]:
                return self._answer(200, self.hub.public_key)
            case ["batches"]:
                return self._answer(*self.hub.announce(body))
            case ["batches", name]:
                return self._answer(*self.hub.poll(name))
            case ["batches", name, "complete"]:
                return self._answer(*self.hub.complete(name))
        return self._answer(*_error(404, "no such address"))

    def _patch(self, name: str, index: int) -> None:
        batch = self.hub.batches[name]
        held = batch.blocks.setdefault(index, bytearray())
        length, offset = int(self.headers["Content-Length"]), int(self.headers["Upload-Offset"])
        if offset != len(held):
            self._body()
            return self._answer(*_error(409, "wrong offset"), offset=len(held))
        cut = self.hub.cuts.pop(0) if self.hub.cuts else None
        data = self.rfile.read(length if cut is None else min(cut, length))
        held.extend(data)
        self.hub.received += len(data)
        if cut is not None:
            self.close_connection = True
            self.connection.close()
            return None
        if len(held) == batch.manifest.blocks[index].bytes and not self.hub.finish_block(batch, index):
            return self._answer(*_error(422, "cannot keep the block: its digest is another one; send it again"))
        return self._answer(200, batch.status(name).blocks[index].model_dump_json().encode())

    def _body(self) -> bytes:
        return self.rfile.read(int(self.headers.get("Content-Length") or 0))

    def _answer(self, status: int, body: bytes, offset: int | None = None) -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        if offset is not None:
            self.send_header("Upload-Offset", str(offset))
        self.end_headers()
        self.wfile.write(body)


class _Quiet(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, *_: object) -> None:
        """A cut line is part of the tests."""


@contextmanager
def serving(hub: StudyServer) -> Iterator[StudyServer]:
    handler = type("Handler", (_Handler,), {"hub": hub})
    with _Quiet(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        hub.address = f"http://127.0.0.1:{server.server_address[1]}"
        try:
            yield hub
        finally:
            server.shutdown()
            thread.join()
