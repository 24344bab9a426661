"""The custodian at work: pull a request, decide, bring the answer to the disk, then post it."""

import logging
import threading
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import ClassVar

from hefed.ckks.keys import PublicKeys, SecretKey
from hefed.ckks.params import Profile, profile
from hefed.custodian.agent.contact import Contact
from hefed.custodian.agent.encrypting import CoefficientEncryptor, OneProcess, answer_envelope
from hefed.custodian.client import CustodianClient, Rejected
from hefed.custodian.desk.deciding import Decision, Desk, check, decide, refusal
from hefed.custodian.desk.opening import Opening, SingleKeyOpening
from hefed.custodian.desk.policy import read_policy, tightened
from hefed.custodian.keeping.ledger import Entry, Ledger, LedgerEvent, read_lines, verify
from hefed.custodian.keeping.records import AnswerRecord
from hefed.custodian.keeping.store import Home, Store, StoredAnswer, checked_id
from hefed.custodian.keeping.vault import Vault
from hefed.custodian.releases.publishing import Releases
from hefed.dictionary import DataDictionary
from hefed.errors import BadInput, Conflict, HEFedError, PolicyRefused, WrongKey
from hefed.protocol import envelope
from hefed.protocol.envelope import Label
from hefed.protocol.messages import Answer, CustodianNote, Request

ACTIVE_SECONDS, IDLE_SECONDS = 0.3, 3.0
_BACK_OFF = 1.3
_ACTIVE_FOR_SECONDS = 600.0  # a job whose next round takes longer than this is waited for at the idle pace

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Custodian:
    """One opened custodian directory."""

    home: Home
    vault: Vault
    store: Store
    ledger: Ledger
    public: PublicKeys
    opening: Opening = field(repr=False)

    @property
    def profile(self) -> Profile:
        return profile(self.vault.header.profile)

    def label(self) -> Label:
        header = self.vault.header
        return Label("answer", header.study, header.profile, header.key_fingerprint)


def open_custodian(home: Home, vault: Vault) -> Custodian:
    """Check the ledger, load the keys; raises LedgerBroken, KeyInvalid or WrongKey."""
    verify(home.ledger, vault.ledger_key())
    ring = profile(vault.header.profile)
    with home.public_key.open("rb") as stream:
        _, items = envelope.iterate_verified(stream, Label("public-key", vault.header.study, ring.name))
        public = PublicKeys.load(ring, b"".join(items))
    if public.fingerprint != vault.header.key_fingerprint:
        raise WrongKey(
            f"cannot open {home.path}: the public key in it begins {public.fingerprint[:16]}, the vault's begins "
            f"{vault.header.key_fingerprint[:16]}; restore {home.public_key.name} from its backup"
        )
    ledger = Ledger(home.ledger, vault.ledger_key())
    opening = SingleKeyOpening(SecretKey.load(ring, vault.secret_key))
    return Custodian(home, vault, Store(home.path, vault.sealer()), ledger, public, opening)


class Agent:
    """Answers what waits at the server, one request after the other."""

    answer_event: ClassVar[LedgerEvent] = "answer"

    def __init__(
        self,
        custodian: Custodian,
        client: CustodianClient,
        encryptor: CoefficientEncryptor | None = None,
        stop: threading.Event | None = None,
    ) -> None:
        self._custodian = custodian
        self._client = client
        self._encryptor = encryptor or OneProcess(custodian.public)
        self._stop = stop or threading.Event()
        self.contact = Contact()
        self._mentioned: set[str] = set()  # requests that wait for a person: each is logged once
        self._unwanted: set[str] = set()
        self._open_jobs: set[str] = set()
        self._today = ("", 0)
        self._hurry_until = 0.0  # by the monotonic clock: something is about to come, so look often
        self._told: str | None = None  # the note that the server shows; unknown at first
        header = custodian.vault.header
        self._releases = Releases(custodian.home, header.study, custodian.store, custodian.ledger, client)

    def run(self, *, once: bool = False, idle_exit_seconds: float | None = None) -> None:
        """Until stopped; with ``once`` a single look at the server; ``idle_exit_seconds`` after the last request."""
        self.recover()
        pause, busy = ACTIVE_SECONDS, time.monotonic()
        while not self._stop.is_set():
            if self._look():
                pause, busy = ACTIVE_SECONDS, time.monotonic()
            idle = time.monotonic() - busy
            if once or (idle_exit_seconds is not None and idle >= idle_exit_seconds):
                return
            if time.monotonic() < self._hurry_until:
                pause = ACTIVE_SECONDS
            elif not (idle < _ACTIVE_FOR_SECONDS and self._open_jobs):
                pause = min(IDLE_SECONDS, pause * _BACK_OFF)
            self._stop.wait(pause)

    def recover(self) -> None:
        """Finish on disk what a stop interrupted; the answers themselves are posted when the server asks again."""
        answered = {line.request for line in read_lines(self._custodian.home.ledger) if line.event == self.answer_event}
        for record in self._custodian.store.recover():
            if record.request not in answered:
                self._record_answer(record)
        self._open_jobs = {job.job for job in self._custodian.store.jobs() if job.expects}
        for left_over in self._custodian.home.downloads.iterdir():
            left_over.unlink()

    def _look(self) -> int:
        """How many requests were answered; a server that cannot be reached is reported and tried again later."""
        try:
            answered = self.poll()
        except HEFedError as error:
            _log.warning("%s", error)
            self.contact.lost(str(error))
            return 0
        self.contact.made()
        return answered

    def poll(self) -> int:
        """Answer everything that waits now, then see to the releases."""
        waiting = self._client.waiting()
        self._forget({request.request for request in waiting})
        answered = sum(self._attempt(request) for request in waiting if not self._stop.is_set())
        self._after_requests()
        return answered

    def _after_requests(self) -> None:
        self._releases.look()

    def _attempt(self, request: Request) -> bool:
        """One request that cannot be fetched or posted must not keep the others waiting."""
        try:
            return self._handle(request)
        except HEFedError as error:
            _log.warning("%s: %s", request.kind, error)
            return False

    def _forget(self, waiting: set[str]) -> None:
        """An answer that the server waits for no more need not be kept; a held one is kept until it is posted."""
        store = self._custodian.store
        for request in set(store.unacknowledged()) - waiting:
            stored = store.answer(request)
            if stored and (not stored.record.held or store.approved(request)):
                store.acknowledge(request)
        self._unwanted &= waiting

    def _handle(self, request: Request) -> bool:
        """True when an answer was posted."""
        if request.request in self._unwanted:
            return False
        try:
            checked_id(request.request)
        except BadInput as error:
            self._mention(request.request, str(error))
            return False
        stored = self._custodian.store.answer(request.request) or self.prepare(request)
        return stored is not None and self._post(stored)

    def _post(self, stored: StoredAnswer) -> bool:
        record = stored.record
        if record.held and not self._custodian.store.approved(record.request):
            self._mention(record.request, f"result {record.request} is held; `approve {record.request}` lets it go")
            return False
        try:
            self._send(stored)
        except (Conflict, Rejected) as error:
            self._unwanted.add(record.request)
            self._custodian.ledger.append(Entry(event="conflict", request=record.request, rule=str(error)))
            _log.warning("the server does not take the answer to %s: %s", record.request, error)
            return False
        _log.info("posted %s to %s (%d bytes)", record.outcome, record.request, len(stored.envelope))
        return True

    def _send(self, stored: StoredAnswer) -> None:
        self._client.post_answer(stored.record.request, stored.envelope, stored.record.payload_sha256)

    def _tell(self, text: str) -> None:
        """Leave a note on the job pages. It is a courtesy: a server that refuses it is not asked again."""
        if text == self._told:
            return
        self._told = text
        try:
            self._client.note(CustodianNote(text=text))
        except HEFedError as error:
            self._told = text if isinstance(error, Rejected) else None
            _log.info("the server took no note: %s", error)

    def _mention(self, request: str, words: str) -> None:
        if request not in self._mentioned:
            _log.warning("%s", words)
        self._mentioned.add(request)

    def prepare(self, request: Request) -> StoredAnswer | None:
        """Decide and bring the answer to the disk; None when today's requests are used up."""
        desk = self._desk()
        if not self._within_limit(desk, request):
            return None
        started = time.monotonic()
        decision = self._decision(desk, request)
        answer = self._completed(decision.answer)
        sealed = answer_envelope(self._custodian.label(), answer, decision.step, self._encryptor)
        held = desk.policy.release == "hold" and answer.outcome == "result"
        stored = StoredAnswer(AnswerRecord.of(request, sealed, decision.told(), held=held), sealed)
        self._custodian.store.commit(stored)
        self._record_answer(stored.record)
        self._note_job(stored.record)
        seconds = time.monotonic() - started
        _log.info("%s in %.2f s, %d openings: %s", request.kind, seconds, decision.openings, decision.answer.outcome)
        return stored

    def _within_limit(self, desk: Desk, request: Request) -> bool:
        """False, and said on the job pages, when today's requests are used up."""
        limit = desk.policy.requests_per_day
        if self._count_today() < limit:
            self._tell("")
            return True
        self._mention(request.request, f"{request.request} waits for tomorrow: {limit} requests were taken today")
        self._tell(f"The custodian's daily limit of {limit} requests was reached; it goes on tomorrow (UTC).")
        return False

    def _before_opening(self, desk: Desk, request: Request, payload: Path) -> None:
        """A custodian that holds the whole key needs nobody else; see ``threshold.agents``."""

    def _completed(self, answer: Answer) -> Answer:
        return answer

    def _desk(self) -> Desk:
        """Policy and dictionary are read anew for every request, so that a change needs no restart."""
        custodian, header = self._custodian, self._custodian.vault.header
        study = self._client.study()
        if (study.study, study.profile) != (header.study, header.profile):
            raise WrongKey(
                f"cannot answer: the token is for study {study.study} ({study.profile}), this key for {header.study} "
                f"({header.profile}); use the token of {header.study}"
            )
        if study.key is not None and study.key.fingerprint != header.key_fingerprint:
            raise WrongKey(
                f"cannot answer: study {study.study} uses the key {study.key.fingerprint[:16]}, this custodian holds "
                f"{header.key_fingerprint[:16]}; use the --home of that key"
            )
        dictionary = DataDictionary.from_csv(study.dictionary_csv)
        return Desk(
            header.study,
            custodian.profile,
            header.key_fingerprint,
            dictionary,
            tightened(read_policy(custodian.home.policy), study.rules),
            custodian.opening,
            custodian.store,
        )

    def _decision(self, desk: Desk, request: Request) -> Decision:
        """What cannot be fetched now is not on the ledger; what was fetched or refused is, before it is opened."""
        payload = self._custodian.home.downloads / checked_id(request.request)
        try:
            refused = self._fetch(desk, request, payload)
            self._record_request(request)
            return refused or decide(desk, request, payload)
        finally:
            payload.unlink(missing_ok=True)

    def _fetch(self, desk: Desk, request: Request, payload: Path) -> Decision | None:
        try:
            check(desk, request)
            self._client.download(request, payload)
            self._before_opening(desk, request, payload)
        except (PolicyRefused, BadInput) as error:
            return refusal(request, error)
        return None

    def _note_job(self, record: AnswerRecord) -> None:
        if record.state is not None and record.state.expects:
            self._open_jobs.add(record.job)
        else:
            self._open_jobs.discard(record.job)

    def _count_today(self) -> int:
        """Requests on today's ledger; read once a day, then counted."""
        today = datetime.now(UTC).date().isoformat()
        if self._today[0] != today:
            lines = read_lines(self._custodian.home.ledger)
            self._today = (today, sum(line.event == "request" and line.time.startswith(today) for line in lines))
        return self._today[1]

    def _record_request(self, request: Request) -> None:
        rows = sum(part.rows for part in request.cohort)
        fields = {"request": request.request, "kind": request.kind, "job": request.job, "round": request.round}
        entry = Entry(event="request", rows=rows, payload_sha256=request.payload_sha256, **fields)
        self._custodian.ledger.append(entry)
        self._today = (self._today[0], self._today[1] + 1)

    def _record_answer(self, record: AnswerRecord) -> None:
        fields = record.model_dump(include=set(Entry.model_fields))
        self._custodian.ledger.append(Entry(event=self.answer_event, **fields))
