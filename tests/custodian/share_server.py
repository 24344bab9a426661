"""The study server of the custodian's tests, with the addresses for hospitals that hold shares."""

import io
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import ThreadingHTTPServer
from typing import Any

from hefed.core.protocol.lead import HandOverInfo, HandOverNote, Presence, read_hand_over
from hefed.core.protocol.requests import KeyProposal, RotationEffect
from hefed.core.protocol.threshold import KeySuccession, PartialInfo, PartialNote, SharingNotice, Signed, verify
from tests.custodian.fake_server import FakeServer, Handler


@dataclass
class ShareServer(FakeServer):
    partials: dict[tuple[str, int], bytes] = field(default_factory=dict)
    notice: SharingNotice | None = None
    hand_overs: dict[str, bytes] = field(default_factory=dict)
    taken: set[str] = field(default_factory=set)
    present: list[int] = field(default_factory=list)
    in_use: str = ""  # the fingerprint of another key than those that are published from now on
    cards: int = 0
    proposals: dict[str, list[str]] = field(default_factory=dict)

    def proposed(self, fingerprint: str) -> bool:
        """A key that is published beside the one in use."""
        if self.in_use not in ("", fingerprint):
            self.proposals.setdefault(fingerprint, [])
            return True
        return False

    def rotation(self) -> RotationEffect:
        moment = "2025-01-01T00:00:00Z"
        found = [
            KeyProposal(fingerprint=one, published_at=moment, complete=True, agreed=agreed)
            for one, agreed in self.proposals.items()
        ]
        rest = {"expires_at": "", "outdated": [], "jobs": [], "undo_until": "2099-01-01T00:00:00+00:00"}
        return RotationEffect(fingerprint=self.in_use, proposals=found, cards=self.cards, **rest)

    def take_succession(self, signed: Signed) -> None:
        """Raises SignatureInvalid; with enough of them the proposal is in use."""
        said = verify(signed, KeySuccession)
        agreed = self.proposals[said.new]
        agreed.append(str(said.point))
        if len(agreed) >= self.cards:
            self.in_use = said.new
            del self.proposals[said.new]

    def put_partial(self, request: str, body: bytes) -> int:
        note = verify(Signed.model_validate_json(body), PartialNote)
        if request not in self.waiting:
            return 409
        self.partials[request, note.point] = body
        return 204

    def hand_over_infos(self) -> list[HandOverInfo]:
        notes = (verify(read_hand_over(io.BytesIO(body)), HandOverNote) for body in self.hand_overs.values())
        return [HandOverInfo(note=note, taken=note.digest in self.taken) for note in notes]

    def infos(self, request: str) -> list[PartialInfo]:
        found = []
        for (name, point), body in sorted(self.partials.items()):
            if name == request:
                note = verify(Signed.model_validate_json(body), PartialNote)
                moment = "2025-01-01T00:00:00Z"
                found.append(PartialInfo(point=point, posted_at=moment, bytes=len(body), refused=note.refused))
        return found


class ShareHandler(Handler):
    fake: ShareServer

    def do_GET(self) -> None:  # noqa: N802  the name is http.server's
        pieces = self.path.removeprefix("/api/v1/").split("/")
        if pieces[-1] == "rotation":
            self._send(200, self.fake.rotation().model_dump_json().encode())
            return
        if "hand-overs" in pieces:
            listed = [info.model_dump(mode="json") for info in self.fake.hand_over_infos()]
            self._send(200, json.dumps(listed).encode() if len(pieces) == 2 else self.fake.hand_overs[pieces[2]])
        elif len(pieces) < 4 or pieces[3] != "partials":
            super().do_GET()
        elif len(pieces) == 4:
            infos = [info.model_dump(mode="json") for info in self.fake.infos(pieces[2])]
            self._send(200, json.dumps(infos).encode())
        else:
            self._send(200, self.fake.partials[pieces[2], int(pieces[4])])

    def do_PUT(self) -> None:  # noqa: N802
        if self.path.endswith("/sharing"):
            self.fake.notice = verify(Signed.model_validate_json(self._body()), SharingNotice)
            self._send(204, b"")
            return
        if self.path.endswith("/succession"):
            self.fake.take_succession(Signed.model_validate_json(self._body()))
            self._send(204, b"")
            return
        if self.path.endswith("/presence"):
            self.fake.present.append(verify(Signed.model_validate_json(self._body()), Presence).point)
            self._send(204, b"")
            return
        if "/hand-overs/" in self.path:
            self.fake.hand_overs[self.path.rsplit("/", 1)[1]] = self._body()
            self._send(204, b"")
            return
        if not self.path.endswith("/partial"):
            super().do_PUT()
            return
        status = self.fake.put_partial(self.path.split("/")[-2], self._body())
        self._send(status, b'{"error": "no answer is wanted"}' if status == 409 else b"")

    def do_DELETE(self) -> None:  # noqa: N802
        self.fake.taken.add(self.path.rsplit("/", 1)[1])
        self._send(204, b"")


@contextmanager
def serving(fake: ShareServer) -> Iterator[ShareServer]:
    handler: Any = type("Handler", (ShareHandler,), {"fake": fake})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as httpd:
        thread = threading.Thread(target=httpd.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        fake.address = f"http://127.0.0.1:{httpd.server_port}"
        try:
            yield fake
        finally:
            httpd.shutdown()
            thread.join()
