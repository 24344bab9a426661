"""What a hospital's program asks the server for."""

from collections.abc import Callable
from typing import TypeVar

import httpx
from tenacity.wait import wait_random_exponential

from hefed.core.errors import Conflict, RemoteFailed
from hefed.core.protocol.uploads import BatchManifest, BatchStatus, BlockStatus, StudyPackage
from hefed.core.words import Said
from hefed.http.client import Patience, ServerClient, checked, parsed, refusal

T = TypeVar("T")

PUBLIC_KEY_LIMIT_BYTES = 64 * 1024 * 1024
PATIENCE = Patience(6, wait_random_exponential(multiplier=0.5, max=20), Said("server.check_network"))


class WrongOffset(Conflict):
    """The server holds another number of bytes of a block than the sender thought."""

    def __init__(self, expected: int) -> None:
        super().__init__("encryptor.offset", expected=expected)
        self.expected = expected


class BlockRejected(RemoteFailed):
    """All bytes of a block arrived, but not those that the manifest announced; the server starts it from 0."""


class HospitalClient:
    """Speaks to one study's server with one institution's token; ``transport`` stands for the network if given."""

    def __init__(
        self,
        server: str,
        token: str,
        patience: Patience | None = None,
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        self._http = ServerClient(server, token, patience or PATIENCE, "hefed-encryptor", transport)

    def __enter__(self) -> "HospitalClient":
        return self

    def __exit__(self, *_: object) -> None:
        self._http.close()

    def study(self) -> StudyPackage:
        return parsed(StudyPackage.model_validate_json, self._http.call("GET", "study"))

    def public_key(self) -> bytes:
        """The ``public-key`` envelope as the server holds it."""
        content = self._http.call("GET", "keys/public").content
        if len(content) > PUBLIC_KEY_LIMIT_BYTES:
            raise RemoteFailed("encryptor.key_size", size=len(content), limit=PUBLIC_KEY_LIMIT_BYTES)
        return content

    def announce(self, manifest: BatchManifest) -> BatchStatus:
        return self._status(self._http.call("POST", "batches", json=manifest.model_dump(mode="json")))

    def batch(self, batch: str) -> BatchStatus:
        return self._status(self._http.call("GET", f"batches/{batch}"))

    def append(self, batch: str, index: int, offset: int, piece: bytes) -> BlockStatus:
        """Send bytes of a block once; the caller asks the server where it stands before trying again."""
        headers = {"Upload-Offset": str(offset), "Content-Type": "application/offset+octet-stream"}
        response = self._http.send_once("PATCH", f"batches/{batch}/blocks/{index}", piece, headers)
        if response.status_code == httpx.codes.CONFLICT and response.headers.get("Upload-Offset", "").isdigit():
            raise WrongOffset(int(response.headers["Upload-Offset"]))
        if response.status_code == httpx.codes.UNPROCESSABLE_ENTITY:
            raise BlockRejected("encryptor.block_refused", index=index, reason=refusal(response))
        return parsed(BlockStatus.model_validate_json, checked(response))

    def complete(self, batch: str) -> BatchStatus:
        return self._status(self._http.call("POST", f"batches/{batch}/complete"))

    def repeated(self, once: Callable[[], T], what: str) -> T:
        """Try again while the fault may pass; raises RemoteFailed when it did not."""
        return self._http.repeated(once, what)

    def _status(self, response: httpx.Response) -> BatchStatus:
        return parsed(BatchStatus.model_validate_json, response)
