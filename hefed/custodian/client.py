"""The custodian's side of the HTTP API: it only pulls and posts, and retries what the network loses."""

import copy
import hashlib
import logging
from collections.abc import Callable
from pathlib import Path
from typing import Any, Literal, Protocol, TypeVar

import httpx
from pydantic import TypeAdapter, ValidationError
from tenacity import RetryError, Retrying, before_sleep_log, retry_if_exception_type, stop_after_attempt
from tenacity.wait import wait_base, wait_random_exponential

from hefed.errors import Conflict, EnvelopeInvalid, RemoteFailed
from hefed.protocol.lead import HEADER, HandOverInfo, Says
from hefed.protocol.messages import (
    CustodianNote,
    Enrolment,
    EnrolmentCodeText,
    KeyInfo,
    Request,
    RotationEffect,
    StudyPackage,
)
from hefed.protocol.releases import AgentPreview, KeyOwner, Publication, ReleaseReport, ReleaseTask
from hefed.protocol.threshold import PartialInfo, Signed
from hefed.protocol.verdicts import SignedVerdict, VerdictTask

T = TypeVar("T")
KeyName = Literal["public", "relinearisation"]

_log = logging.getLogger(__name__)
_REQUESTS = TypeAdapter(list[Request])
_PARTIALS = TypeAdapter(list[PartialInfo])
_HAND_OVERS = TypeAdapter(list[HandOverInfo])
_RELEASES = TypeAdapter(list[ReleaseTask])
_VERDICTS = TypeAdapter(list[VerdictTask])
_OWNERS = TypeAdapter(list[KeyOwner])
_ATTEMPTS = 5
_TIMEOUT_SECONDS = httpx.Timeout(60.0, connect=10.0)
_PASSING_STATUS = frozenset({408, 429, 500, 502, 503, 504})
_SHOWN_CHARACTERS = 300


class Rejected(RemoteFailed):
    """The server understood and said no; asking again changes nothing."""


class NotAllowed(RemoteFailed):
    """The server does not take this from this program now; it may later, such as once more hospitals name this lead."""


class Voice(Protocol):
    """Signs what is posted, where several hospitals hold the key and only their lead may say it."""

    def statement(self, says: Says, target: str, body: bytes, payload_sha256: str = "") -> str: ...


class _Passing(Exception):
    """A fault that may be gone at the next attempt."""


class CustodianClient:
    """Speaks to one study's server with one token (none yet to enrol).

    Raises RemoteFailed when the server stays silent, Rejected at a no.
    """

    def __init__(self, server: str, token: str, wait: wait_base | None = None) -> None:
        self.server = server.rstrip("/")
        self._http = httpx.Client(
            base_url=f"{self.server}/api/v1/",
            headers={"Authorization": f"Bearer {token}"} if token else {},
            timeout=_TIMEOUT_SECONDS,
        )
        self._wait = wait or wait_random_exponential(multiplier=0.2, max=5)
        self._voice: Voice | None = None

    def speaking(self, voice: Voice) -> "CustodianClient":
        """The same connection, for an agent that signs what it posts."""
        other = copy.copy(self)
        other._voice = voice
        return other

    def close(self) -> None:
        self._http.close()

    def study(self) -> StudyPackage:
        return _parsed(StudyPackage.model_validate_json, self._call("GET", "study").content, "the study")

    def waiting(self) -> list[Request]:
        """Requests that wait for this custodian, in the server's order."""
        return _parsed(_REQUESTS.validate_json, self._call("GET", "custodian/requests").content, "the requests")

    def put_key(self, name: KeyName, envelope: Path, replaces: str = "") -> KeyInfo:
        """``replaces``: the fingerprint of the key in use, whose batches may become outdated."""
        content, query = envelope.read_bytes(), f"?replaces={replaces}" if replaces else ""
        answer = self._call("PUT", f"custodian/keys/{name}{query}", content=content)
        return _parsed(KeyInfo.model_validate_json, answer.content, "the key's receipt")

    def rotation(self) -> RotationEffect:
        """What replacing the key in use would do; changes nothing."""
        answer = self._call("GET", "custodian/keys/rotation").content
        return _parsed(RotationEffect.model_validate_json, answer, "the effect of a rotation")

    def enrol(self, code: str) -> Enrolment:
        """Exchange a one-time code for this custodian's token. A second exchange of it is refused."""
        content = EnrolmentCodeText(code=code).model_dump_json().encode()
        answer = self._call("POST", "custodian/enrol", content=content)
        return _parsed(Enrolment.model_validate_json, answer.content, "the enrolment")

    def download(self, request: Request, target: Path) -> None:
        """Stream the payload to a file; raises EnvelopeInvalid when its size or digest is not the announced one."""
        self._retried(lambda: self._download_once(request, target), f"payload of {request.request}")

    def post_answer(self, request: str, envelope: bytes, payload_sha256: str = "") -> None:
        """Deliver an answer; raises Conflict when the server holds another one, Rejected when it cannot use it."""
        statement = self._statement("answer", request, envelope, payload_sha256)
        self._call("POST", f"custodian/requests/{request}/answer", envelope, statement)

    def note(self, note: CustodianNote) -> None:
        """What the job pages say while requests wait here; an empty text clears it."""
        content = note.model_dump_json().encode()
        self._call("POST", "custodian/note", content, self._statement("note", "", content))

    # ---- a key that several hospitals hold ---------------------------------------------------------------------------

    def put_sharing(self, notice: Signed) -> None:
        """Who holds shares and who leads, as this hospital signed it; raises Conflict for another key than the one in
        use."""
        self._call("PUT", "custodian/sharing", content=notice.model_dump_json().encode())

    def put_presence(self, signed: Signed) -> None:
        """That this hospital's agent runs, with its signed ``Presence``."""
        self._call("PUT", "custodian/presence", content=signed.model_dump_json().encode())

    def put_partial(self, request: str, signed: bytes) -> None:
        """This hospital's signed ``PartialNote``, in place of its earlier one; raises Conflict when none is wanted."""
        self._call("PUT", f"custodian/requests/{request}/partial", content=signed)

    def partials(self, request: str) -> list[PartialInfo]:
        """Which hospitals have answered a request, without their answers."""
        content = self._call("GET", f"custodian/requests/{request}/partials").content
        return _parsed(_PARTIALS.validate_json, content, "the hospitals' answers")

    def partial(self, request: str, point: int) -> Signed:
        """One hospital's answer, signed and sealed."""
        content = self._call("GET", f"custodian/requests/{request}/partials/{point}").content
        return _parsed(Signed.model_validate_json, content, "a hospital's answer")

    def hand_overs(self) -> list[HandOverInfo]:
        """Hand-overs from one lead to the next that the server has, or had."""
        content = self._call("GET", "custodian/hand-overs").content
        return _parsed(_HAND_OVERS.validate_json, content, "the hand-overs")

    def put_hand_over(self, digest: str, content: bytes) -> None:
        """Leave one for the next lead; raises Conflict for an older one than the server has."""
        self._call("PUT", f"custodian/hand-overs/{digest}", content)

    def hand_over(self, digest: str) -> bytes:
        """The file as the earlier lead wrote it."""
        return self._call("GET", f"custodian/hand-overs/{digest}").content

    def drop_hand_over(self, digest: str) -> None:
        """It was taken in: the server deletes it."""
        self._call("DELETE", f"custodian/hand-overs/{digest}", statement=self._statement("taken", digest, b""))

    # ---- releases ----------------------------------------------------------------------------------------------------

    def releases(self) -> list[ReleaseTask]:
        """Releases that were asked for and are still open."""
        return _parsed(_RELEASES.validate_json, self._call("GET", "custodian/releases").content, "the releases")

    def report(self, release: str, report: ReleaseReport) -> None:
        """Previews, and why a release cannot be published yet."""
        content = report.model_dump_json().encode()
        statement = self._statement("report", release, content)
        self._call("POST", f"custodian/releases/{release}/report", content, statement)

    def publish(self, publication: Publication) -> None:
        """The items in clear; raises Conflict when the server has another publication, or the release is closed."""
        path, content = f"custodian/releases/{publication.release}/publication", publication.model_dump_json().encode()
        self._call("POST", path, content, self._statement("publication", publication.release, content))

    def verdict_tasks(self) -> list[VerdictTask]:
        """Open releases that hospitals which hold shares must approve as well."""
        return _parsed(_VERDICTS.validate_json, self._call("GET", "custodian/verdicts").content, "the releases")

    def agent_preview(self, release: str, point: int) -> AgentPreview:
        """What would be published, sealed to the card at that place."""
        content = self._call("GET", f"custodian/releases/{release}/previews/{point}").content
        return _parsed(AgentPreview.model_validate_json, content, "the preview")

    def put_verdict(self, release: str, verdict: SignedVerdict) -> None:
        """This hospital approves or rejects; raises Conflict where it said another thing, or the version is old."""
        self._call("PUT", f"custodian/releases/{release}/verdict", verdict.model_dump_json().encode())

    def approvers(self) -> list[KeyOwner]:
        """Keys that people of the study registered, as the server says."""
        return _parsed(_OWNERS.validate_json, self._call("GET", "custodian/approvers").content, "the keys")

    def _statement(self, says: Says, target: str, body: bytes, payload_sha256: str = "") -> str:
        """Empty where one custodian holds the key."""
        return "" if self._voice is None else self._voice.statement(says, target, body, payload_sha256)

    def _call(self, method: str, path: str, content: bytes | None = None, statement: str = "") -> httpx.Response:
        headers = {"Content-Type": "application/octet-stream"} if content is not None else {}
        if statement:
            headers[HEADER] = statement

        def once() -> httpx.Response:
            return _checked(self._http.request(method, path, content=content, headers=headers))

        return self._retried(once, f"{method} {path}")

    def _download_once(self, request: Request, target: Path) -> None:
        path = f"custodian/requests/{request.request}/payload"
        digest, received = hashlib.sha256(), 0
        with self._http.stream("GET", path) as response, target.open("wb") as file:
            if response.is_error:
                response.read()
            _checked(response)
            for piece in response.iter_bytes():
                received += len(piece)
                if received > request.payload_bytes:
                    break
                digest.update(piece)
                file.write(piece)
        if received != request.payload_bytes or digest.hexdigest() != request.payload_sha256:
            raise EnvelopeInvalid(
                f"cannot use the payload of {request.request}: {received} bytes arrived that are not the "
                f"{request.payload_bytes} announced ones; the server must make the request anew"
            )

    def _retried(self, once: Callable[[], T], what: str) -> T:
        retrying = Retrying(
            retry=retry_if_exception_type((httpx.TransportError, _Passing)),
            stop=stop_after_attempt(_ATTEMPTS),
            wait=self._wait,
            before_sleep=before_sleep_log(_log, logging.INFO),
        )
        try:
            return retrying(once)
        except RetryError as error:
            cause = error.last_attempt.exception()
            raise RemoteFailed(
                f"cannot reach the server for {what}: {_ATTEMPTS} attempts failed ({cause!r:.200}); check --server"
            ) from error


def _checked(response: httpx.Response) -> httpx.Response:
    """The response when it is a success; raises _Passing, Conflict or Rejected with the server's sentence."""
    if response.status_code in _PASSING_STATUS:
        raise _Passing(f"status {response.status_code}")
    if response.status_code == httpx.codes.CONFLICT:
        raise Conflict(_sentence(response))
    if not response.is_success:
        kind: type[RemoteFailed] = NotAllowed if response.status_code == httpx.codes.FORBIDDEN else Rejected
        raise kind(f"the server refused {response.request.url.path} ({response.status_code}): {_sentence(response)}")
    return response


def _sentence(response: httpx.Response) -> str:
    try:
        body: Any = response.json()
        return str(body["error"])[:_SHOWN_CHARACTERS]
    except (ValueError, KeyError, TypeError):
        return response.text[:_SHOWN_CHARACTERS]


def _parsed(parse: Callable[[bytes], T], content: bytes, what: str) -> T:
    try:
        return parse(content)
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"])
        raise RemoteFailed(
            f"cannot understand {what} from the server: {place}: {first['msg']}; use one version of HEFed"
        ) from None
