"""One polling loop: pull a request, check it, let the strategy answer, bring the answer to the disk, then post it.

Who answers differs by what a directory holds, and is an object that the loop is given: ``Alone`` (a whole key),
``Holder`` (a share of one) or ``Lead`` (a share, and the task of putting the others' answers together).
"""

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Protocol

from hefed.core.errors import BadInput, Conflict, HEFedError, PolicyRefused
from hefed.core.protocol.requests import NoteCode, Request
from hefed.core.protocol.uploads import StudyPackage
from hefed.custodian.agent.contact import Contact
from hefed.custodian.client import CustodianClient
from hefed.custodian.desk.asking import Desk, Question, check
from hefed.custodian.keeping import records
from hefed.custodian.keeping.ledger import LedgerEvent, read_lines
from hefed.custodian.keeping.opened import Custodian
from hefed.custodian.keeping.records import AnswerRecord, BatchRecord, Outcome
from hefed.custodian.keeping.store import StoredAnswer, checked_id
from hefed.http.client import Rejected

ACTIVE_SECONDS, IDLE_SECONDS = 0.3, 3.0
_BACK_OFF = 1.3
_ACTIVE_FOR_SECONDS = 600.0  # a job whose next round takes longer than this is waited for at the idle pace

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Reply:
    """What was decided of a request, and the bytes to post. ``held``: not before a person lets it go. ``goes_on``: the
    job will ask again soon. ``batches``: seen for the first time, to be remembered."""

    decided: Outcome
    body: bytes
    held: bool = False
    goes_on: bool = False
    batches: tuple[BatchRecord, ...] = ()


class Strategy(Protocol):
    """How requests are answered in one place. ``event``: what an answer is called on the ledger."""

    event: LedgerEvent

    def ready(self) -> bool:
        """Called before each look; False while nothing may be answered."""
        ...

    def wants(self, request: Request) -> bool:
        """False while there is nothing to do for a request that waits."""
        ...

    def expects_soon(self) -> bool:
        """Whether to look often, although nothing could be answered yet."""
        ...

    def desk(self, study: StudyPackage) -> Desk:
        """What requests are judged by now; raises WrongKey when the server speaks of another study or key."""
        ...

    def prepare(self, question: Question) -> Callable[[], Reply]:
        """Get what the answer needs from elsewhere; the request is on the ledger before the rest is called.

        Raises PolicyRefused or BadInput to refuse, another HEFedError to try again at a later look.
        """
        ...

    def refuse(self, desk: Desk, request: Request, error: BadInput | PolicyRefused) -> Reply:
        """The answer that says why there is none."""
        ...

    def post(self, stored: StoredAnswer) -> None:
        """Deliver; raises Conflict or Rejected when the server will never take it."""
        ...

    def note(self, code: NoteCode) -> None:
        """What the job pages say while requests wait here; an empty code clears it."""
        ...

    def rest(self) -> None:
        """What is seen to once the requests are answered."""
        ...


class Agent:
    """Answers what waits at the server, one request after the other."""

    def __init__(
        self, custodian: Custodian, client: CustodianClient, strategy: Strategy, stop: threading.Event | None = None
    ) -> None:
        self._custodian, self._client, self._strategy = custodian, client, strategy
        self._stop = stop or threading.Event()
        self.contact = Contact()
        self._recovered = False
        self._mentioned: set[str] = set()  # requests that wait for a person: each is logged once
        self._unwanted: set[str] = set()
        self._open_jobs: set[str] = set()
        self._today = ("", 0)

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
            if self._strategy.expects_soon():
                pause = ACTIVE_SECONDS
            elif not (idle < _ACTIVE_FOR_SECONDS and self._open_jobs):
                pause = min(IDLE_SECONDS, pause * _BACK_OFF)
            self._stop.wait(pause)

    def recover(self) -> None:
        """Finish on disk what a stop interrupted; the answers themselves are posted when the server asks again."""
        lines = read_lines(self._custodian.home.ledger)
        answered = {line.request for line in lines if line.event == self._strategy.event}
        for record in self._custodian.store.recover():
            if record.request not in answered:
                self._record_answer(record)
        self._open_jobs = {job.job for job in self._custodian.store.jobs() if job.expects}
        for left_over in self._custodian.home.downloads.iterdir():
            left_over.unlink()

    def poll(self) -> int:
        """Answer everything that waits now, then see to the rest. Gives how many answers were posted."""
        if not self._strategy.ready():
            return 0
        if not self._recovered:  # again, once the strategy is ready: it may have taken over what another one knew
            self.recover()
            self._recovered = True
        waiting = self._client.waiting()
        self._forget({request.request for request in waiting})
        answered = sum(self._attempt(request) for request in waiting if not self._stop.is_set())
        self._strategy.rest()
        return answered

    def prepare(self, request: Request) -> StoredAnswer | None:
        """Decide and bring the answer to the disk; None when today's requests are used up."""
        desk = self._strategy.desk(self._client.study())
        if not self._within_limit(desk, request):
            return None
        started = time.monotonic()
        reply = self._reply(desk, request)
        record = AnswerRecord.of(request, reply.body, reply.decided, held=reply.held)
        stored = StoredAnswer(record, reply.body)
        self._custodian.store.keep_batches(reply.batches)
        self._custodian.store.commit(stored)
        self._record_answer(record)
        (self._open_jobs.add if reply.goes_on else self._open_jobs.discard)(request.job)
        seconds = time.monotonic() - started
        _log.info("%s in %.2f s, %d openings: %s", request.kind, seconds, record.openings, record.outcome)
        return stored

    # ---- one look ----------------------------------------------------------------------------------------------------

    def _look(self) -> int:
        """How many requests were answered; a server that cannot be reached is reported and tried again later."""
        try:
            answered = self.poll()
        except HEFedError as error:
            _log.warning("%s", error)
            self.contact.lost(error.said)
            return 0
        self.contact.made()
        return answered

    def _forget(self, waiting: set[str]) -> None:
        """An answer that the server waits for no more need not be kept; a held one is kept until it is posted."""
        store = self._custodian.store
        for request in set(store.unacknowledged()) - waiting:
            stored = store.answer(request)
            if stored and (not stored.record.held or store.approved(request)):
                store.acknowledge(request)
        self._unwanted &= waiting

    def _attempt(self, request: Request) -> bool:
        """True when an answer was posted. A request that cannot be fetched or posted keeps no other waiting."""
        try:
            return self._handle(request)
        except HEFedError as error:
            _log.warning("%s: %s", request.kind, error)
            return False

    def _handle(self, request: Request) -> bool:
        if request.request in self._unwanted:
            return False
        try:
            checked_id(request.request)
        except BadInput as error:
            self._mention(request.request, str(error))
            return False
        if not self._strategy.wants(request):
            return False
        stored = self._custodian.store.answer(request.request) or self.prepare(request)
        return stored is not None and self._post(stored)

    def _post(self, stored: StoredAnswer) -> bool:
        record = stored.record
        if record.held and not self._custodian.store.approved(record.request):
            self._mention(record.request, f"result {record.request} is held; `approve {record.request}` lets it go")
            return False
        try:
            self._strategy.post(stored)
        except (Conflict, Rejected) as error:
            self._unwanted.add(record.request)
            self._custodian.ledger.append(records.not_taken(record.request, error.said))
            _log.warning("the server does not take the answer to %s: %s", record.request, error)
            return False
        _log.info("posted %s to %s (%d bytes)", record.outcome, record.request, len(stored.envelope))
        return True

    # ---- one answer --------------------------------------------------------------------------------------------------

    def _reply(self, desk: Desk, request: Request) -> Reply:
        """What cannot be fetched now is not on the ledger; what was fetched or refused is, before it is opened."""
        payload = self._custodian.home.downloads / checked_id(request.request)
        try:
            answer = self._prepared(desk, request, payload)
            self._record_request(request)
            return answer()
        finally:
            payload.unlink(missing_ok=True)

    def _prepared(self, desk: Desk, request: Request, payload: Path) -> Callable[[], Reply]:
        try:
            standing = check(desk, request)
            self._client.download(request, payload)
            return self._strategy.prepare(Question(desk, request, standing, payload))
        except (PolicyRefused, BadInput) as error:
            return partial(self._strategy.refuse, desk, request, error)

    def _within_limit(self, desk: Desk, request: Request) -> bool:
        """False, and said on the job pages, when today's requests are used up."""
        limit = desk.policy.requests_per_day
        if self._count_today() < limit:
            self._strategy.note("")
            return True
        self._mention(request.request, f"{request.request} waits for tomorrow: {limit} requests were taken today")
        self._strategy.note("agent.daily_limit")
        return False

    def _count_today(self) -> int:
        """Requests on today's ledger; read once a day, then counted."""
        today = datetime.now(UTC).date().isoformat()
        if self._today[0] != today:
            lines = read_lines(self._custodian.home.ledger)
            self._today = (today, sum(line.event == "request" and line.time.startswith(today) for line in lines))
        return self._today[1]

    def _record_request(self, request: Request) -> None:
        self._custodian.ledger.append(records.asked(request))
        self._today = (self._today[0], self._today[1] + 1)

    def _record_answer(self, record: AnswerRecord) -> None:
        self._custodian.ledger.append(records.answered(record, self._strategy.event))

    def _mention(self, request: str, words: str) -> None:
        if request not in self._mentioned:
            _log.warning("%s", words)
        self._mentioned.add(request)
