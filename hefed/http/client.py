"""One HTTP client that waits and repeats, for the programs of hospitals and of key holders.

Faults that pass (network, time-out, 429, 5xx) are tried again; every other refusal is an error with what the
server said. What a party asks for is in that party's own client.
"""

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, TypeVar

import httpx
from pydantic import ValidationError
from tenacity import RetryCallState, Retrying, before_sleep_log, retry_if_exception_type, stop_after_attempt
from tenacity.wait import wait_base

from hefed.core.errors import Conflict, RemoteFailed
from hefed.core.words import Said, words
from hefed.core.words.catalogue import CATALOGUE

T = TypeVar("T")

_TIMEOUT_SECONDS = httpx.Timeout(60.0, connect=10.0)
_PASSING_STATUS = frozenset({408, 429, 500, 502, 503, 504, 507})
_SHOWN_CHARACTERS = 500

_log = logging.getLogger(__name__)


class Rejected(RemoteFailed):
    """The server understood and said no; asking again changes nothing."""


class NotAllowed(RemoteFailed):
    """The server does not take this from this program now; it may later, such as once more hospitals name this lead."""


class _Passing(Exception):
    """The server says that the fault may be gone soon; ``after_seconds`` is its Retry-After, if any."""

    def __init__(self, status: int, why: Said, after_seconds: float) -> None:
        self.said = Said("server.status", status=status, why=why)
        super().__init__(words(self.said))
        self.after_seconds = after_seconds


@dataclass(frozen=True)
class Patience:
    """How often a call is tried, how long to wait in between, and what a person can do when all attempts failed.

    A server may ask for a longer wait (Retry-After), up to ``longest_wait_seconds``.
    """

    attempts: int
    wait: wait_base
    advice: Said
    longest_wait_seconds: float = 60.0


class ServerClient:
    """Speaks to one study's server with one token; without one to enrol.

    Raises RemoteFailed when the server stays silent, Conflict, Rejected or NotAllowed at a no.
    """

    def __init__(
        self, server: str, token: str, patience: Patience, program: str, transport: httpx.BaseTransport | None = None
    ) -> None:
        self.server = server.rstrip("/")
        self._patience = patience
        authorization = {"Authorization": f"Bearer {token}"} if token else {}
        self._http = httpx.Client(
            base_url=f"{self.server}/api/v1/",
            headers=authorization | {"User-Agent": program},
            timeout=_TIMEOUT_SECONDS,
            transport=transport,
        )

    def close(self) -> None:
        self._http.close()

    def call(
        self, method: str, path: str, *, content: bytes | None = None, json: object = None, headers: Any = None
    ) -> httpx.Response:
        """The response, once it is a success."""

        def once() -> httpx.Response:
            return checked(self._http.request(method, path, content=content, json=json, headers=headers))

        return self.repeated(once, f"{method} {path}")

    def send_once(self, method: str, path: str, content: bytes, headers: dict[str, str]) -> httpx.Response:
        """The response whatever it is, for a caller that must look before it may send again."""
        return self._http.request(method, path, content=content, headers=headers)

    @contextmanager
    def stream(self, path: str) -> Iterator[httpx.Response]:
        """A response whose body is read piece by piece; asked for once."""
        with self._http.stream("GET", path) as response:
            if response.is_error:
                response.read()
            yield checked(response)

    def repeated(self, once: Callable[[], T], what: str) -> T:
        """Try again while the fault may pass; raises RemoteFailed when it did not."""
        retrying = Retrying(
            retry=retry_if_exception_type((httpx.TransportError, _Passing)),
            stop=stop_after_attempt(self._patience.attempts),
            wait=self._pause,
            before_sleep=before_sleep_log(_log, logging.INFO),
            reraise=True,
        )
        try:
            return retrying(once)
        except (httpx.TransportError, _Passing) as error:
            last = error.said if isinstance(error, _Passing) else f"{type(error).__name__}: {error!s:.200}"
            raise RemoteFailed(
                "server.unreachable",
                what=what,
                attempts=self._patience.attempts,
                why=last,
                advice=self._patience.advice,
            ) from error

    def _pause(self, state: RetryCallState) -> float:
        error = state.outcome.exception() if state.outcome else None
        asked = error.after_seconds if isinstance(error, _Passing) else 0.0
        return max(min(asked, self._patience.longest_wait_seconds), self._patience.wait(state))


def checked(response: httpx.Response) -> httpx.Response:
    """The response when it is a success; otherwise the error with what the server said."""
    if response.status_code in _PASSING_STATUS:
        raise _Passing(response.status_code, refusal(response), _retry_after(response))
    if response.status_code == httpx.codes.CONFLICT:
        raise Conflict(refusal(response))
    if not response.is_success:
        kind: type[RemoteFailed] = NotAllowed if response.status_code == httpx.codes.FORBIDDEN else Rejected
        path = response.request.url.path
        raise kind("server.refused", path=path, status=response.status_code, why=refusal(response))
    return response


def refusal(response: httpx.Response) -> Said:
    """Why the server refused: by its code, or in its words where this version does not know the code."""
    try:
        body: Any = response.json()
    except ValueError:
        body = None
    known = _coded(body)
    if known is not None:
        return known
    words = body.get("error") if isinstance(body, dict) else None
    text = str(words or response.text)[:_SHOWN_CHARACTERS]
    return Said("server.said", text=text) if text else Said("server.no_reason")


def _coded(body: Any) -> Said | None:
    """The code and facts of an answer, if this version has words for them."""
    try:
        said = Said.from_json({"code": body["code"], "facts": body.get("facts", {})})
    except (ValueError, KeyError, TypeError, AttributeError):
        return None
    return said if said.code in CATALOGUE else None


def parsed(parse: Callable[[bytes], T], response: httpx.Response) -> T:
    """The message in a response; raises RemoteFailed for something else."""
    try:
        return parse(response.content)
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        place = ".".join(map(str, first["loc"])) or "body"
        raise RemoteFailed(
            "server.not_understood", path=response.request.url.path, field=place, why=first["msg"]
        ) from error


def _retry_after(response: httpx.Response) -> float:
    text = response.headers.get("Retry-After", "")
    return float(text) if text.isdigit() else 0.0
