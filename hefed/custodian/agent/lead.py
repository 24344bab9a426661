"""The strategy of the hospital that leads: it puts the answers together, and it moves."""

import io
import logging
import time
from collections.abc import Callable, Iterable
from functools import partial
from typing import BinaryIO

from hefed.core.errors import BadInput, Conflict, HEFedError, PolicyRefused
from hefed.core.protocol.lead import HandOverInfo, HandOverNote, read_hand_over
from hefed.core.protocol.requests import NoteCode, Request
from hefed.core.protocol.signing import check_says, unseal
from hefed.core.protocol.threshold import PartialInfo, PartialNote, PartialOpening, verify
from hefed.core.protocol.uploads import StudyPackage
from hefed.core.threshold.combine import Agreement, AnswersDisagree, AnswersMissing, PartialAnswers, agree
from hefed.core.threshold.shamir import Point
from hefed.core.words import Said, words
from hefed.custodian.agent.alone import Speaker
from hefed.custodian.agent.contact import Failures, Presenting
from hefed.custodian.agent.encrypting import CoefficientEncryptor
from hefed.custodian.agent.loop import Reply
from hefed.custodian.agent.share import ShareHolder, from_message
from hefed.custodian.client import CustodianClient
from hefed.custodian.desk.asking import Desk, Question, desk_for
from hefed.custodian.desk.results import ThresholdOpening
from hefed.custodian.keeping import records
from hefed.custodian.keeping.ledger import LedgerEvent, rule_words
from hefed.custodian.keeping.store import StoredAnswer
from hefed.custodian.sharing.hand_over import FILE, Handing, take_hand_over
from hefed.custodian.sharing.lead import lead_file
from hefed.http.client import Rejected

HURRY_SECONDS = 30.0

_log = logging.getLogger(__name__)


class Lead:
    """Opens with the others of a sharing. For ``hurry_seconds`` after a request came it looks often for their answers:
    they have only just been asked too, and answer within seconds or not for a long time."""

    event: LedgerEvent = "answer"

    def __init__(
        self,
        holder: ShareHolder,
        client: CustodianClient,
        encryptor: CoefficientEncryptor | None = None,
        hurry_seconds: float = HURRY_SECONDS,
    ) -> None:
        self._holder, self._client = holder, client.speaking(holder.voice)
        self._scheme = holder.answering.share.scheme
        self._speaker = Speaker(holder.custodian, self._client, encryptor, holder.sharing)
        self._presenting = Presenting(holder, client)
        self._awaiting = Awaiting(holder.handing, self._client, self.note)
        self._leads = False
        self._tried: dict[str, frozenset[Point]] = {}  # answers that did not suffice: tried again with one more
        self._hurry_seconds, self._hurry_until = hurry_seconds, 0.0  # by the monotonic clock
        self._hurried: set[str] = set()

    def ready(self) -> bool:
        """A lead that answered without what the earlier one knew would end every job under way."""
        self._presenting.look()
        self._leads = self._leads or self._awaiting.over()
        return self._leads

    def wants(self, request: Request) -> bool:
        return self._holder.custodian.store.answer(request.request) is not None or self._enough(request)

    def expects_soon(self) -> bool:
        return time.monotonic() < self._hurry_until

    def desk(self, study: StudyPackage) -> Desk:
        return desk_for(self._holder.custodian, study, last_day=self._holder.sharing.expires_on)

    def prepare(self, question: Question) -> Callable[[], Reply]:
        """Gather, compare, and open with those who agree."""
        request, own = question.request, self._holder.answering.numbers(question)
        answers, unusable = self._collected(request)
        self._tried[request.request] = frozenset({*(answer.point for answer in answers), *unusable})
        try:
            found = agree(self._scheme, [own, *answers], self._holder.answering.known, own.digests)
        except AnswersMissing:
            self.note("agent.answers_missing")
            raise
        except AnswersDisagree:
            self.note("agent.answers_disagree")
            raise
        agreement = Agreement(found.group, tuple(sorted({*found.wrong, *unusable})))
        self._blame(request, agreement)
        opening = ThresholdOpening(self._scheme, [own, *answers], agreement.group)
        names = {"opened_by": self._institutions(agreement.group), "wrong": self._institutions(agreement.wrong)}
        return partial(self._speaker.reply, question, opening, names)

    def refuse(self, desk: Desk, request: Request, error: BadInput | PolicyRefused) -> Reply:
        return self._speaker.refuse(desk, request, error)

    def post(self, stored: StoredAnswer) -> None:
        self._speaker.post(stored)

    def note(self, code: NoteCode) -> None:
        self._speaker.note(code)

    def rest(self) -> None:
        self._speaker.see_to_releases()

    # ---- what the others answered ------------------------------------------------------------------------------------

    def _enough(self, request: Request) -> bool:
        """Whether to try now: k with this hospital, or so many refusals that there will never be k."""
        infos = self._others(request)
        answered = frozenset(info.point for info in infos if not info.refused)
        if answered == self._tried.get(request.request):
            return False
        refused = len(infos) - len(answered)
        if len(answered) + 1 >= self._scheme.threshold or self._too_many(refused):
            return True
        self._hurry(request.request)
        self.note("agent.answers_missing")
        return False

    def _hurry(self, request: str) -> None:
        if request not in self._hurried:
            self._hurried.add(request)
            self._hurry_until = time.monotonic() + self._hurry_seconds

    def _others(self, request: Request) -> list[PartialInfo]:
        points = set(self._scheme.points) - {self._holder.point}
        return [info for info in self._client.partials(request.request) if info.point in points]

    def _too_many(self, refused: int) -> bool:
        return self._scheme.parties - refused < self._scheme.threshold

    def _collected(self, request: Request) -> tuple[list[PartialAnswers], list[Point]]:
        """What the others answered, and whose answer cannot be read at all; raises PolicyRefused when k cannot be."""
        infos = self._others(request)
        refusals = [info for info in infos if info.refused]
        if self._too_many(len(refusals)):
            reasons = tuple(self._refusal(info) for info in refusals)
            raise PolicyRefused("agent.too_many_refuse", threshold=self._scheme.threshold, refusals=reasons)
        answers, unusable = [], []
        for info in infos:
            if not info.refused:
                try:
                    answers.append(self._answer_of(request, info))
                except BadInput as error:
                    _log.warning("hospital %d: %s", info.point, error)
                    unusable.append(info.point)
        return answers, unusable

    def _refusal(self, info: PartialInfo) -> Said:
        (name,) = self._holder.names([info.point])
        return Said("agent.refuses", name=name, why=Said(info.refused))

    def _answer_of(self, request: Request, info: PartialInfo) -> PartialAnswers:
        """Raises BadInput unless that very hospital answered this very request under this sharing."""
        card = self._holder.sharing.seats[info.point - 1].card
        note = verify(self._client.partial(request.request, info.point), PartialNote, card.signing)
        expected = {"sharing": self._holder.sharing.digest, "point": info.point, "request": request.request}
        answer = Said("protocol.answer_of", name=card.name)
        check_says(note, expected | {"payload_sha256": request.payload_sha256}, answer)
        message = unseal(note.sealed, self._holder.identity.agreement, PartialOpening)
        return from_message(self._holder.custodian.profile, request, info.point, message)

    def _blame(self, request: Request, agreement: Agreement) -> None:
        if agreement.wrong:
            wrong, opened = self._holder.names(agreement.wrong), self._holder.names(agreement.group)
            line = self._holder.custodian.ledger.append(records.wrong_answer(request.request, wrong, opened))
            _log.warning("%s: %s", request.request, rule_words(line.rule))

    def _institutions(self, points: Iterable[Point]) -> list[str]:
        return [self._holder.sharing.seats[point - 1].card.institution for point in points]


class Sending:
    """Sends the hand-over that lies in this directory until the server has it; deletes it once it was taken."""

    def __init__(self, place: Handing, client: CustodianClient) -> None:
        self._place, self._client, self._done = place, client, ""
        self._failures = Failures("the hand-over was not sent", logging.WARNING)

    def look(self) -> None:
        """What cannot be sent now is sent at a later look."""
        path = self._place.home.path / FILE
        if not path.exists():
            return
        with path.open("rb") as stream:
            digest = verify(read_hand_over(stream), HandOverNote).digest
        if self._done == digest:
            return
        try:
            if digest in _taken(self._client.hand_overs()):
                path.unlink()
            else:
                self._client.put_hand_over(digest, path.read_bytes())
                _log.info("the hand-over %s is at the server", digest[:16])
            self._done = digest
        except (Conflict, Rejected) as error:  # it would be refused again
            self._done = digest
            _log.warning("the server does not take the hand-over: %s", error)
        except HEFedError as error:
            self._failures.log(error)


class Awaiting:
    """Whether this hospital may lead yet: not before it has what the earlier lead knew."""

    def __init__(self, place: Handing, client: CustodianClient, note: Callable[[NoteCode], None]) -> None:
        self._place, self._client, self._note = place, client, note
        self._unusable: set[str] = set()

    def over(self) -> bool:
        """Looks for the hand-over and takes it in. False while it is missing, and the job pages say so."""
        awaits = lead_file(self._place.home.path).awaits
        if awaits is None:
            self._drop_what_came_by_hand()
            return True
        if any(self._take(info) for info in self._client.hand_overs() if self._is_wanted(info, awaits)):
            return True
        self._note("agent.awaits_hand_over")
        return False

    def _drop_what_came_by_hand(self) -> None:
        """A hand-over that was taken from a file may lie at the server too."""
        number, own = lead_file(self._place.home.path).number, self._place.seat.point
        try:
            for info in self._client.hand_overs():
                if info.note.taker == own and info.note.number <= number and not info.taken:
                    drop(self._client, info.note.digest)
        except HEFedError as error:
            _log.warning("the server told of no hand-overs: %s", error)

    def _is_wanted(self, info: HandOverInfo, awaits: str) -> bool:
        note, seats = info.note, self._place.sharing.seats
        known = note.sharing == self._place.sharing.digest and note.taker == self._place.seat.point
        return (
            known
            and not info.taken
            and note.digest not in self._unusable
            and seats[note.giver - 1].card.institution == awaits
        )

    def _take(self, info: HandOverInfo) -> bool:
        digest = info.note.digest
        try:
            taken = take_hand_over(self._place, io.BytesIO(self._client.hand_over(digest)))
        except BadInput as error:
            _log.error("%s", error)
            self._unusable.add(digest)
            return False
        _log.info("took over from %s: %s", self._place.name(taken.note.giver), words(taken.counts))
        drop(self._client, digest)
        return True


def newest(client: CustodianClient, place: Handing) -> BinaryIO:
    """The hand-over at the server that is meant for this hospital; raises BadInput when there is none."""
    mine = [info.note for info in client.hand_overs() if info.note.taker == place.seat.point and not info.taken]
    if not mine:
        raise BadInput("agent.no_hand_over")
    return io.BytesIO(client.hand_over(max(mine, key=lambda note: note.number).digest))


def drop(client: CustodianClient, digest: str) -> None:
    """Let the server delete what was taken in. It is a courtesy: what stays there is sealed."""
    try:
        client.drop_hand_over(digest)
    except HEFedError as error:
        _log.warning("the server keeps the hand-over: %s", error)


def _taken(infos: list[HandOverInfo]) -> set[str]:
    return {info.note.digest for info in infos if info.taken}
