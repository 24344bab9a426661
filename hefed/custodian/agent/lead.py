"""How the hospital that leads answers: once enough others have, it opens with those that agree, and decides."""

import logging
import time
from collections.abc import Callable, Iterable
from functools import partial

from hefed.core.errors import BadInput, PolicyRefused
from hefed.core.protocol.requests import NoteCode, Request
from hefed.core.protocol.signing import check_says, unseal
from hefed.core.protocol.threshold import PartialInfo, PartialNote, PartialOpening, verify
from hefed.core.protocol.uploads import StudyPackage
from hefed.core.threshold.combine import Agreement, AnswersDisagree, AnswersMissing, PartialAnswers, agree
from hefed.core.threshold.shamir import Point
from hefed.core.words import Said
from hefed.custodian.agent.alone import Speaker
from hefed.custodian.agent.contact import Presenting
from hefed.custodian.agent.encrypting import CoefficientEncryptor
from hefed.custodian.agent.loop import Reply
from hefed.custodian.agent.moving import Awaiting
from hefed.custodian.agent.share import ShareHolder, from_message
from hefed.custodian.client import CustodianClient
from hefed.custodian.desk.asking import Desk, Question, desk_for
from hefed.custodian.desk.opening import ThresholdOpening
from hefed.custodian.keeping import entries
from hefed.custodian.keeping.ledger import LedgerEvent, rule_words
from hefed.custodian.keeping.store import StoredAnswer

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
            line = self._holder.custodian.ledger.append(entries.wrong_answer(request.request, wrong, opened))
            _log.warning("%s: %s", request.request, rule_words(line.rule))

    def _institutions(self, points: Iterable[Point]) -> list[str]:
        return [self._holder.sharing.seats[point - 1].card.institution for point in points]
