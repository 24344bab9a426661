"""A study server in one object: the HTTP contract on loopback, and real encrypted rounds on the small ring.

It holds public and evaluation keys only, as the real one does. ``work`` plays the Celery workers.
"""

import hashlib
import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from hefed.core.ckks import backend
from hefed.core.ckks.backend import Encryptor, Evaluator
from hefed.core.ckks.keys import EvaluationKeys, PublicKeys
from hefed.core.ckks.params import profile
from hefed.core.ckks.totals import pack_total
from hefed.core.ckks.wire import Shape, pack
from hefed.core.dictionary.variables import DataDictionary
from hefed.core.learning.kinds.table import RoundCircuit, total_names
from hefed.core.protocol import envelope
from hefed.core.protocol.base import RequestKind
from hefed.core.protocol.envelope import Label
from hefed.core.protocol.releases import KeyOwner, Publication, ReleaseReport, ReleaseTask
from hefed.core.protocol.requests import Answer, CohortPart, CustodianNote, Request
from hefed.core.protocol.uploads import HoldoutRule, KeyInfo, StudyPackage
from tests.custodian.cohort import DICTIONARY_CSV, Rows

PROFILE = "INSECURE_TEST_N12_L9"
TOKEN = "hefed_custodian_token_of_the_test_suite"
OUTCOME_LEVEL = 2


@dataclass
class StoredBatch:
    institution: str
    rows: int
    columns: list[Any]
    outcome: Any


_BATCHES: dict[tuple[Any, ...], StoredBatch] = {}
_PAYLOADS: dict[tuple[Any, ...], bytes] = {}


@dataclass
class FakeServer:
    """State of the server; ``faults`` lists HTTP statuses to answer with before doing what is asked."""

    study: str = "demo"
    dictionary_csv: str = DICTIONARY_CSV
    public: PublicKeys | None = None
    evaluation: EvaluationKeys | None = None
    waiting: dict[str, Request] = field(default_factory=dict)
    payloads: dict[str, bytes] = field(default_factory=dict)
    answers: dict[str, bytes] = field(default_factory=dict)
    posts: list[tuple[str, str]] = field(default_factory=list)
    train: dict[str, StoredBatch] = field(default_factory=dict)
    holdout: dict[str, StoredBatch] = field(default_factory=dict)
    admitted: list[str] = field(default_factory=list)
    faults: list[int] = field(default_factory=list)
    seen: list[bytes] = field(default_factory=list)
    interrupt: Callable[[str], bool] = lambda _: False  # called when an answer arrives; True drops the connection
    after_taking: bool = False
    rejecting: bool = False
    missing: set[str] = field(default_factory=set)
    address: str = ""
    notes: list[str] = field(default_factory=list)
    releases: list[ReleaseTask] = field(default_factory=list)
    owners: list[KeyOwner] = field(default_factory=list)
    reports: list[tuple[str, ReleaseReport]] = field(default_factory=list)
    published: list[Publication] = field(default_factory=list)

    @property
    def columns(self) -> int:
        return len(DataDictionary.from_csv(self.dictionary_csv).columns)

    def package(self) -> StudyPackage:
        dictionary = DataDictionary.from_csv(self.dictionary_csv)
        key = KeyInfo(fingerprint=self.public.fingerprint, published_at="2025-01-01T00:00:00Z") if self.public else None
        return StudyPackage(
            study=self.study,
            name="Demonstration",
            institution="custodian",
            profile=PROFILE,
            dictionary_version=1,
            dictionary_digest=dictionary.digest,
            dictionary_csv=self.dictionary_csv,
            holdout=HoldoutRule(salt="00" * 16),
            key=key,
            max_block_bytes=1 << 26,
        )

    # ---- batches and jobs --------------------------------------------------------------------------------------------

    def upload(self, batch: str, institution: str, train: Rows, holdout: Rows, declared: int | None = None) -> Request:
        """A hospital's rows, encrypted with the published key, and the admission request that follows."""
        self.train[batch] = self._encrypted(institution, train)
        self.holdout[batch] = self._encrypted(institution, holdout)
        blocks = [self.train[batch], self.holdout[batch]]
        rows = declared or len(train.y) + len(holdout.y)
        part = CohortPart(batch=batch, institution=institution, rows=rows)
        return self.ask("admission", [part], self.totals(RoundCircuit("admission", self.columns), blocks, []))

    def launch(self, job: str, batches: list[str]) -> Request:
        """Round 0 of a job over the training rows of these batches."""
        payload = self.totals(RoundCircuit("moments", self.columns), [self.train[name] for name in batches], [])
        return self.ask("moments", self.parts(self.train, batches), payload, job=job)

    def parts(self, blocks: dict[str, StoredBatch], batches: list[str]) -> list[CohortPart]:
        found = [(name, blocks[name]) for name in batches]
        return [CohortPart(batch=name, institution=block.institution, rows=block.rows) for name, block in found]

    def ask(self, kind: RequestKind, cohort: list[CohortPart], payload: bytes, **more: Any) -> Request:
        identity = more.pop("request", f"{more.get('job', 'admission')}-{len(self.payloads)}")
        request = Request(
            request=identity,
            kind=kind,
            study=more.pop("study", self.study),
            job=more.pop("job", ""),
            round=more.pop("round", 0),
            cohort=cohort,
            train_cohort=more.pop("train_cohort", []),
            created_at="2025-01-01T00:00:00Z",
            payload_bytes=len(payload),
            payload_sha256=hashlib.sha256(payload).hexdigest(),
        )
        self.waiting[identity], self.payloads[identity] = request, payload
        return request

    def answer(self, request: str) -> Answer:
        return Answer.model_validate(envelope.from_bytes(self.answers[request]).header.meta["answer"])

    def proceed(self, request: Request) -> Request | None:
        """Run the round that the answer to ``request`` names; None when the job has ended."""
        answer = self.answer(request.request)
        if answer.next is None:
            return None
        betas = list(envelope.from_bytes(self.answers[request.request]).items)
        more = {"job": request.job, "round": request.round + 1}
        batches = [part.batch for part in request.cohort]
        if answer.next.kind == "evaluation":
            payload, cohort = self.scores(betas), self.parts(self.holdout, sorted(self.holdout))
            return self.ask("evaluation", cohort, payload, train_cohort=request.cohort, **more)
        circuit = RoundCircuit(answer.next.kind, self.columns, answer.next.sigmoid)
        payload = self.totals(circuit, [self.train[name] for name in batches], betas)
        return self.ask(answer.next.kind, request.cohort, payload, **more)

    # ---- encrypted rounds --------------------------------------------------------------------------------------------

    def totals(self, circuit: RoundCircuit, blocks: list[StoredBatch], betas: list[bytes]) -> bytes:
        """Rounds without coefficients are the same for every test with the same batches: computed once."""
        key = (circuit.kind, *(id(block) for block in blocks))
        if betas:
            return self._totals(circuit, blocks, betas)
        if key not in _PAYLOADS:
            _PAYLOADS[key] = self._totals(circuit, blocks, betas)
        return _PAYLOADS[key]

    def _totals(self, circuit: RoundCircuit, blocks: list[StoredBatch], betas: list[bytes]) -> bytes:
        ops, total = self._evaluator(), None
        loaded = [ops.load_packed(beta, Shape(circuit.start_level)) for beta in betas]
        for block in blocks:
            total = circuit.accumulate(ops, total, circuit.prepare(ops, block.columns, block.outcome), loaded)
        assert total is not None
        sealed = [ops.seal_total(ciphertext) for ciphertext in circuit.finish(ops, circuit.lower(ops, total))]
        names = total_names(circuit.kind, self.columns)
        meta = {"request_kind": circuit.kind, "names": names, "scales": [one.scale for one in sealed]}
        return envelope.to_bytes(self._label("totals"), [pack_total(ops.profile, one) for one in sealed], meta)

    def scores(self, betas: list[bytes]) -> bytes:
        ops, circuit = self._evaluator(), RoundCircuit("evaluation", self.columns)
        loaded = [ops.load_packed(beta, Shape(circuit.start_level)) for beta in betas]
        items, institutions = [], []
        for name in sorted(self.holdout, key=lambda batch: hashlib.sha256(batch.encode()).digest()):
            block = self.holdout[name]
            found = circuit.scores(ops, circuit.prepare(ops, block.columns, block.outcome), loaded)
            for value in (found.score, found.outcome, found.mask):
                items.append(pack(ops.profile, backend.to_words(ops.profile, value)))
            institutions.append(block.institution)
        rows = sum(block.rows for block in self.holdout.values())
        return envelope.to_bytes(self._label("scores"), items, {"institutions": institutions, "rows": rows})

    def _encrypted(self, institution: str, rows: Rows) -> StoredBatch:
        assert self.public is not None
        key = (self.public.fingerprint, institution, rows.x.tobytes(), rows.y.tobytes())
        if key not in _BATCHES:
            encryptor = Encryptor(self.public)
            columns = [encryptor.encrypt(column, encryptor.profile.max_level) for column in rows.x.T]
            _BATCHES[key] = StoredBatch(institution, len(rows.y), columns, encryptor.encrypt(rows.y, OUTCOME_LEVEL))
        return _BATCHES[key]

    def _evaluator(self) -> Evaluator:
        assert self.evaluation is not None
        return Evaluator(self.evaluation)

    def _label(self, kind: Any) -> Label:
        assert self.public is not None
        return Label(kind, self.study, PROFILE, self.public.fingerprint)

    # ---- HTTP --------------------------------------------------------------------------------------------------------

    def put_key(self, name: str, body: bytes) -> KeyInfo:
        ring, (stream,) = profile(PROFILE), envelope.from_bytes(body).items
        if name == "public":
            self.public = PublicKeys.load(ring, stream)
        else:
            assert self.public is not None
            self.evaluation = EvaluationKeys.load(self.public, stream)
        assert self.public is not None
        made = self.public.fingerprint
        return KeyInfo(fingerprint=made, published_at="2025-01-01T00:00:00Z", proposed=self.proposed(made))

    def proposed(self, fingerprint: str) -> bool:
        return False

    def take_answer(self, request: str, body: bytes) -> int:
        if request in self.answers and self.answers[request] != body:
            return 409
        self.answers[request] = body
        self.waiting.pop(request, None)
        return 204

    def take_about_release(self, release: str, what: str, body: bytes) -> int:
        """A report, or the publication, whose items must be the committed ones."""
        if what == "report":
            self.reports.append((release, ReleaseReport.model_validate_json(body)))
            return 204
        publication = Publication.model_validate_json(body)
        earlier = [one for one in self.published if one.release == release]
        if earlier and earlier[0] != publication:
            return 409
        self.published.append(publication)
        return 204


class Handler(BaseHTTPRequestHandler):
    fake: FakeServer

    def log_message(self, *_: Any) -> None:
        """The suite's output stays readable."""

    def do_GET(self) -> None:
        if self._stopped():
            return
        path = self.path.removeprefix("/api/v1/")
        if path == "study":
            self._send(200, self.fake.package().model_dump_json().encode())
        elif path == "custodian/requests":
            listed = [request.model_dump(mode="json") for request in self.fake.waiting.values()]
            self._send(200, json.dumps(listed).encode())
        elif path in ("custodian/releases", "custodian/approvers"):
            found = self.fake.releases if path.endswith("releases") else self.fake.owners
            self._send(200, json.dumps([one.model_dump(mode="json") for one in found]).encode())
        else:
            name = path.split("/")[2]
            missing = name in self.fake.missing
            self._send(404 if missing else 200, b'{"error": "gone"}' if missing else self.fake.payloads[name])

    def do_PUT(self) -> None:
        body = self._body()
        if not self._stopped():
            self._send(200, self.fake.put_key(self.path.rsplit("/", 1)[1], body).model_dump_json().encode())

    def do_POST(self) -> None:
        body = self._body()
        if self._stopped():
            return
        if self.path.endswith("/custodian/note"):
            self.fake.notes.append(CustodianNote.model_validate_json(body).code)
            self._send(204, b"")
            return
        *_, place, request, what = self.path.split("/")
        if place == "releases":
            status = self.fake.take_about_release(request, what, body)
            self._send(status, b'{"error": "cannot publish: the release is closed"}' if status == 409 else b"")
            return
        self.fake.posts.append((request, hashlib.sha256(body).hexdigest()))
        if not self.fake.after_taking and self.fake.interrupt(request):
            return
        status = 422 if self.fake.rejecting else self.fake.take_answer(request, body)
        if self.fake.after_taking and self.fake.interrupt(request):
            return
        self._send(status, b'{"error": "cannot store the answer: another one is stored"}' if status == 409 else b"")

    def _stopped(self) -> bool:
        if self.headers["Authorization"] != f"Bearer {TOKEN}":
            self._send(401, b'{"error": "cannot answer: the token is unknown; ask the administrator for a new one"}')
            return True
        if self.fake.faults:
            self._send(self.fake.faults.pop(0), b'{"error": "out of order"}')
            return True
        return False

    def _body(self) -> bytes:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.fake.seen.append(body)
        return body

    def _send(self, status: int, body: bytes) -> None:
        self.send_response(status)
        if status != 204:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if status != 204:
            self.wfile.write(body)


@contextmanager
def serving(fake: FakeServer) -> Iterator[FakeServer]:
    """The fake on a loopback port."""
    handler = type("Handler", (Handler,), {"fake": fake})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as httpd:
        thread = threading.Thread(target=httpd.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        fake.address = f"http://127.0.0.1:{httpd.server_port}"
        try:
            yield fake
        finally:
            httpd.shutdown()
            thread.join()
