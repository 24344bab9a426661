"""How a hospital that holds a share answers: with its numbers, sealed to the lead, or with the reason why not."""

from collections.abc import Callable
from functools import partial

from hefed.core.errors import BadInput, PolicyRefused
from hefed.core.learning.kinds.table import kind_named
from hefed.core.protocol.requests import NoteCode, Request
from hefed.core.protocol.threshold import PartialNote, seal, sign
from hefed.core.protocol.uploads import StudyPackage
from hefed.core.threshold.combine import PartialAnswers
from hefed.core.threshold.shamir import Point
from hefed.core.words import Said
from hefed.custodian.agent.contact import Presenting
from hefed.custodian.agent.lead import Sending
from hefed.custodian.agent.loop import Reply
from hefed.custodian.agent.share import ShareHolder, to_message
from hefed.custodian.client import CustodianClient
from hefed.custodian.desk.asking import Desk, Question, desk_for, remembered, seen_now
from hefed.custodian.keeping.ledger import LedgerEvent
from hefed.custodian.keeping.records import JobRecord, Outcome
from hefed.custodian.keeping.store import StoredAnswer


class Holder:
    """Answers every request once for each hospital that was named to lead. Releases and notes are the lead's."""

    event: LedgerEvent = "share-answered"  # the study's answer is in the lead's ledger

    def __init__(self, holder: ShareHolder, client: CustodianClient) -> None:
        self._holder, self._client = holder, client
        self._presenting = Presenting(holder, client)
        self._sending = Sending(holder.handing, client)
        self._sent: set[tuple[str, Point]] = set()

    def ready(self) -> bool:
        self._presenting.look()
        self._sending.look()
        return True

    def wants(self, request: Request) -> bool:
        """A request waits until the lead has answered it; what was sent to that lead is not sent again."""
        return (request.request, self._holder.lead.point) not in self._sent

    def expects_soon(self) -> bool:
        return False

    def desk(self, study: StudyPackage) -> Desk:
        return desk_for(self._holder.custodian, study, opens=False, last_day=self._holder.sharing.expires_on)

    def prepare(self, question: Question) -> Callable[[], Reply]:
        return partial(self._reply, question, self._holder.answering.numbers(question))

    def refuse(self, desk: Desk, request: Request, error: BadInput | PolicyRefused) -> Reply:
        return self._signed(request, self._note(request, refused=error.code), Outcome("refused", error.said))

    def post(self, stored: StoredAnswer) -> None:
        self._client.put_partial(stored.record.request, stored.envelope)
        self._sent.add((stored.record.request, self._holder.lead.point))

    def note(self, code: NoteCode) -> None:
        """This hospital's own trouble is in its log."""

    def rest(self) -> None:
        """Releases are the lead's."""

    def _reply(self, question: Question, numbers: PartialAnswers) -> Reply:
        request = question.request
        message = to_message(self._holder.custodian.profile, request, numbers)
        note = self._note(request, sealed=seal(message, self._holder.lead.card))
        openings = len(numbers.digests) - 1  # one is of the total that everybody knows
        job: JobRecord | None = remembered(question)
        decided = Outcome("share", Said("agent.shared"), openings, job, seen=seen_now(question))
        reply = self._signed(request, note, decided)
        return Reply(decided, reply.body, goes_on=reply.goes_on, batches=question.standing.unknown)

    def _signed(self, request: Request, note: PartialNote, decided: Outcome) -> Reply:
        body = sign(note, self._holder.identity.signing).model_dump_json().encode()
        return Reply(decided, body, goes_on=kind_named(request.kind).leaves_job_open)

    def _note(self, request: Request, *, sealed: str = "", refused: str = "") -> PartialNote:
        return PartialNote(
            sharing=self._holder.sharing.digest,
            point=self._holder.point,
            request=request.request,
            payload_sha256=request.payload_sha256,
            sealed=sealed,
            refused=refused,
        )
