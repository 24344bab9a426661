"""The hospital's side of the HTTP API. Faults that pass (network, 429, 5xx) are retried; all others are sentences."""

import logging
from collections.abc import Callable
from typing import Any, TypeVar

import httpx
from pydantic import ValidationError
from tenacity import RetryCallState, Retrying, before_sleep_log, retry_if_exception_type, stop_after_attempt
from tenacity.wait import wait_base, wait_random_exponential

from hefed.errors import Conflict, RemoteFailed
from hefed.protocol.messages import BatchManifest, BatchStatus, BlockStatus, Message, StudyPackage

M = TypeVar("M", bound=Message)
T = TypeVar("T")

PUBLIC_KEY_LIMIT_BYTES = 64 * 1024 * 1024
_log = logging.getLogger(__name__)
_TIMEOUT = httpx.Timeout(60.0, connect=10.0)
_ATTEMPTS = 6
_PASSING_STATUS = frozenset({408, 429, 500, 502, 503, 504, 507})
_SHOWN_CHARACTERS = 500
_LONGEST_WAIT_SECONDS = 60.0


class _Passing(Exception):
    """The server says that the fault may be gone soon; ``after_seconds`` is its Retry-After, if any."""

    def __init__(self, status: int, sentence: str, after_seconds: float) -> None:
        super().__init__(f"status {status}: {sentence}")
        self.after_seconds = after_seconds


class WrongOffset(Conflict):
    """The server holds another number of bytes of a block than the sender thought."""

    def __init__(self, expected: int) -> None:
        super().__init__(f"cannot append: the server holds {expected} bytes of this block; continue from there")
        self.expected = expected


class BlockRejected(RemoteFailed):
    """All bytes of a block arrived, but not those that the manifest announced; the server starts it from 0."""


class HospitalClient:
    """Speaks to one study's server with one institution's token."""

    def __init__(self, server: str, token: str, wait: wait_base | None = None) -> None:
        self._wait = wait or wait_random_exponential(multiplier=0.5, max=20)
        self._http = httpx.Client(
            base_url=f"{server.rstrip('/')}/api/v1/",
            headers={"Authorization": f"Bearer {token}", "User-Agent": "hefed-encryptor"},
            timeout=_TIMEOUT,
        )

    def __enter__(self) -> "HospitalClient":
        return self

    def __exit__(self, *_: object) -> None:
        self._http.close()

    def study(self) -> StudyPackage:
        return _parsed(StudyPackage, self._call("GET", "study"))

    def public_key(self) -> bytes:
        """The ``public-key`` envelope as the server holds it."""
        content = self._call("GET", "keys/public").content
        if len(content) > PUBLIC_KEY_LIMIT_BYTES:
            raise RemoteFailed(
                f"cannot use the public key: {len(content)} bytes, limit {PUBLIC_KEY_LIMIT_BYTES}; check --server"
            )
        return content

    def announce(self, manifest: BatchManifest) -> BatchStatus:
        return _parsed(BatchStatus, self._call("POST", "batches", json=manifest.model_dump(mode="json")))

    def batch(self, batch: str) -> BatchStatus:
        return _parsed(BatchStatus, self._call("GET", f"batches/{batch}"))

    def append(self, batch: str, index: int, offset: int, piece: bytes) -> BlockStatus:
        """Send bytes of a block once; the caller asks the server where it stands before trying again."""
        headers = {"Upload-Offset": str(offset), "Content-Type": "application/offset+octet-stream"}
        response = self._http.patch(f"batches/{batch}/blocks/{index}", content=piece, headers=headers)
        if response.status_code == httpx.codes.CONFLICT and response.headers.get("Upload-Offset", "").isdigit():
            raise WrongOffset(int(response.headers["Upload-Offset"]))
        if response.status_code == httpx.codes.UNPROCESSABLE_ENTITY:
            raise BlockRejected(f"the server refused block {index}: {_sentence(response)}")
        return _parsed(BlockStatus, _checked(response))

    def complete(self, batch: str) -> BatchStatus:
        return _parsed(BatchStatus, self._call("POST", f"batches/{batch}/complete"))

    def retried(self, once: Callable[[], T], what: str) -> T:
        """Try again while the fault may pass; raises RemoteFailed when it did not."""
        retrying = Retrying(
            retry=retry_if_exception_type((httpx.TransportError, _Passing)),
            stop=stop_after_attempt(_ATTEMPTS),
            wait=self._pause,
            before_sleep=before_sleep_log(_log, logging.INFO),
            reraise=True,
        )
        try:
            return retrying(once)
        except (httpx.TransportError, _Passing) as error:
            last = str(error) if isinstance(error, _Passing) else f"{type(error).__name__}: {error!s:.200}"
            raise RemoteFailed(
                f"cannot {what}: {_ATTEMPTS} attempts failed ({last}); "
                "check --server and the network, then run the same command again: it continues where it stopped"
            ) from error

    def _pause(self, state: RetryCallState) -> float:
        error = state.outcome.exception() if state.outcome else None
        asked = error.after_seconds if isinstance(error, _Passing) else 0.0
        return max(asked, self._wait(state))

    def _call(self, method: str, path: str, json: object = None) -> httpx.Response:
        def once() -> httpx.Response:
            return _checked(self._http.request(method, path, json=json))

        return self.retried(once, f"{method} {path}")


def _checked(response: httpx.Response) -> httpx.Response:
    if response.status_code in _PASSING_STATUS:
        raise _Passing(response.status_code, _sentence(response), _retry_after(response))
    if response.status_code == httpx.codes.CONFLICT:
        raise Conflict(_sentence(response))
    if not response.is_success:
        path = response.request.url.path
        raise RemoteFailed(f"the server refused {path} (status {response.status_code}): {_sentence(response)}")
    return response


def _retry_after(response: httpx.Response) -> float:
    text = response.headers.get("Retry-After", "")
    return min(float(text), _LONGEST_WAIT_SECONDS) if text.isdigit() else 0.0


def _sentence(response: httpx.Response) -> str:
    try:
        body: Any = response.json()
        return str(body["error"])[:_SHOWN_CHARACTERS]
    except (ValueError, KeyError, TypeError):
        return response.text[:_SHOWN_CHARACTERS] or "no reason given"


def _parsed(model: type[M], response: httpx.Response) -> M:
    try:
        return model.model_validate_json(response.content)
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        place = ".".join(map(str, first["loc"])) or "body"
        raise RemoteFailed(
            f"cannot understand the server's {model.__name__}: {place}: {first['msg']}; "
            "server and encryptor must be of one version"
        ) from error
