"""What a custodian's program asks the server for: it only pulls and posts."""

import copy
import hashlib
from pathlib import Path
from typing import Literal, Protocol

import httpx
from pydantic import TypeAdapter
from tenacity.wait import wait_base, wait_random_exponential

from hefed.core.errors import EnvelopeInvalid
from hefed.core.protocol.lead import HEADER, HandOverInfo, Says
from hefed.core.protocol.releases import AgentPreview, KeyOwner, Publication, ReleaseReport, ReleaseTask
from hefed.core.protocol.requests import CustodianNote, Enrolment, EnrolmentCodeText, Request, RotationEffect
from hefed.core.protocol.threshold import PartialInfo, Signed
from hefed.core.protocol.uploads import KeyInfo, StudyPackage
from hefed.core.protocol.verdicts import SignedVerdict, VerdictTask
from hefed.core.words import Said
from hefed.http.client import Patience, ServerClient, parsed

KeyName = Literal["public", "relinearisation"]

_REQUESTS = TypeAdapter(list[Request])
_PARTIALS = TypeAdapter(list[PartialInfo])
_HAND_OVERS = TypeAdapter(list[HandOverInfo])
_RELEASES = TypeAdapter(list[ReleaseTask])
_VERDICTS = TypeAdapter(list[VerdictTask])
_OWNERS = TypeAdapter(list[KeyOwner])
_ATTEMPTS = 5


class Voice(Protocol):
    """Signs what is posted, where several hospitals hold the key and only their lead may say it."""

    def statement(self, says: Says, target: str, body: bytes, payload_sha256: str = "") -> str: ...


class CustodianClient:
    """Speaks to one study's server with one token (none yet to enrol).

    Raises RemoteFailed when the server stays silent, Rejected at a no.
    """

    def __init__(
        self, server: str, token: str, wait: wait_base | None = None, transport: httpx.BaseTransport | None = None
    ) -> None:
        patience = Patience(
            _ATTEMPTS, wait or wait_random_exponential(multiplier=0.2, max=5), Said("server.check_address")
        )
        self._http = ServerClient(server, token, patience, "hefed-custodian", transport)
        self._voice: Voice | None = None

    @property
    def server(self) -> str:
        """Its address."""
        return self._http.server

    def speaking(self, voice: Voice) -> "CustodianClient":
        """The same connection, for an agent that signs what it posts."""
        other = copy.copy(self)
        other._voice = voice
        return other

    def close(self) -> None:
        self._http.close()

    def study(self) -> StudyPackage:
        return parsed(StudyPackage.model_validate_json, self._call("GET", "study"))

    def waiting(self) -> list[Request]:
        """Requests that wait for this custodian, in the server's order."""
        return parsed(_REQUESTS.validate_json, self._call("GET", "custodian/requests"))

    def put_key(self, name: KeyName, envelope: Path) -> KeyInfo:
        """The study's first key, or a proposal beside the one in use."""
        answer = self._call("PUT", f"custodian/keys/{name}", content=envelope.read_bytes())
        return parsed(KeyInfo.model_validate_json, answer)

    def rotation(self) -> RotationEffect:
        """What replacing the key in use would do, and what is proposed; changes nothing."""
        answer = self._call("GET", "custodian/keys/rotation")
        return parsed(RotationEffect.model_validate_json, answer)

    def enrol(self, code: str) -> Enrolment:
        """Exchange a one-time code for this custodian's token. A second exchange of it is refused."""
        content = EnrolmentCodeText(code=code).model_dump_json().encode()
        answer = self._call("POST", "custodian/enrol", content=content)
        return parsed(Enrolment.model_validate_json, answer)

    def download(self, request: Request, target: Path) -> None:
        """Stream the payload to a file; raises EnvelopeInvalid when its size or digest is not the announced one."""
        self._http.repeated(lambda: self._download_once(request, target), f"payload of {request.request}")

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

    def put_succession(self, signed: Signed) -> None:
        """This hospital agrees, with its signed ``KeySuccession``, that a proposed key takes the place of the one in
        use; raises Conflict while a job is under way."""
        self._call("PUT", "custodian/keys/succession", content=signed.model_dump_json().encode())

    def put_presence(self, signed: Signed) -> None:
        """That this hospital's agent runs, with its signed ``Presence``."""
        self._call("PUT", "custodian/presence", content=signed.model_dump_json().encode())

    def put_partial(self, request: str, signed: bytes) -> None:
        """This hospital's signed ``PartialNote``, in place of its earlier one; raises Conflict when none is wanted."""
        self._call("PUT", f"custodian/requests/{request}/partial", content=signed)

    def partials(self, request: str) -> list[PartialInfo]:
        """Which hospitals have answered a request, without their answers."""
        answer = self._call("GET", f"custodian/requests/{request}/partials")
        return parsed(_PARTIALS.validate_json, answer)

    def partial(self, request: str, point: int) -> Signed:
        """One hospital's answer, signed and sealed."""
        answer = self._call("GET", f"custodian/requests/{request}/partials/{point}")
        return parsed(Signed.model_validate_json, answer)

    def hand_overs(self) -> list[HandOverInfo]:
        """Hand-overs from one lead to the next that the server has, or had."""
        answer = self._call("GET", "custodian/hand-overs")
        return parsed(_HAND_OVERS.validate_json, answer)

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
        return parsed(_RELEASES.validate_json, self._call("GET", "custodian/releases"))

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
        return parsed(_VERDICTS.validate_json, self._call("GET", "custodian/verdicts"))

    def agent_preview(self, release: str, point: int) -> AgentPreview:
        """What would be published, sealed to the card at that place."""
        answer = self._call("GET", f"custodian/releases/{release}/previews/{point}")
        return parsed(AgentPreview.model_validate_json, answer)

    def put_verdict(self, release: str, verdict: SignedVerdict) -> None:
        """This hospital approves or rejects; raises Conflict where it said another thing, or the version is old."""
        self._call("PUT", f"custodian/releases/{release}/verdict", verdict.model_dump_json().encode())

    def approvers(self) -> list[KeyOwner]:
        """Keys that people of the study registered, as the server says."""
        return parsed(_OWNERS.validate_json, self._call("GET", "custodian/approvers"))

    def _statement(self, says: Says, target: str, body: bytes, payload_sha256: str = "") -> str:
        """Empty where one custodian holds the key."""
        return "" if self._voice is None else self._voice.statement(says, target, body, payload_sha256)

    def _call(self, method: str, path: str, content: bytes | None = None, statement: str = "") -> httpx.Response:
        headers = {"Content-Type": "application/octet-stream"} if content is not None else {}
        if statement:
            headers[HEADER] = statement
        return self._http.call(method, path, content=content, headers=headers)

    def _download_once(self, request: Request, target: Path) -> None:
        path = f"custodian/requests/{request.request}/payload"
        digest, received = hashlib.sha256(), 0
        with self._http.stream(path) as response, target.open("wb") as file:
            for piece in response.iter_bytes():
                received += len(piece)
                if received > request.payload_bytes:
                    break
                digest.update(piece)
                file.write(piece)
        if received != request.payload_bytes or digest.hexdigest() != request.payload_sha256:
            raise EnvelopeInvalid(
                "server.payload", request=request.request, received=received, announced=request.payload_bytes
            )
