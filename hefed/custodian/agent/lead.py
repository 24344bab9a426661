"""The agents of hospitals that hold shares. All answer with their numbers; the lead puts them together and decides.

Both are the single custodian's agent (``hefed.custodian.agent.loop``) with its directory, ledger and recovery; what
differs is what is sent, and that the lead waits for others.
"""

import logging
import threading
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import ClassVar

from hefed.ckks.keys import PublicKeys
from hefed.ckks.params import profile
from hefed.ckks.totals import SealedTotal
from hefed.ckks.wire import CiphertextWords
from hefed.core.threshold.combine import (
    Agreement,
    AnswersDisagree,
    AnswersMissing,
    PartialAnswers,
    ThresholdOpening,
    agree,
)
from hefed.core.threshold.shamir import Point
from hefed.custodian.agent.answering import Answering, from_message, to_message
from hefed.custodian.agent.contact import Failures, SignOfLife
from hefed.custodian.agent.encrypting import CoefficientEncryptor
from hefed.custodian.agent.loop import Agent, Custodian
from hefed.custodian.client import CustodianClient
from hefed.custodian.desk import asking as rules
from hefed.custodian.desk.deciding import Desk
from hefed.custodian.desk.opening import Slots
from hefed.custodian.keeping.ledger import Entry, Ledger, LedgerEvent, verify
from hefed.custodian.keeping.records import AnswerRecord, Outcome
from hefed.custodian.keeping.store import Home, Store, StoredAnswer, checked_id
from hefed.custodian.keeping.vault import Vault
from hefed.custodian.sharing.hand_over import Handing
from hefed.custodian.sharing.holding import open_share
from hefed.custodian.sharing.identity import Identity
from hefed.custodian.sharing.lead import LeadVoice, read_lead, signed_notice
from hefed.custodian.sharing.moving import Awaiting, Sending
from hefed.errors import BadInput, HEFedError, PolicyRefused, WrongKey
from hefed.protocol import envelope, threshold
from hefed.protocol.envelope import Label
from hefed.protocol.messages import Answer, Request
from hefed.protocol.threshold import PartialInfo, PartialNote, PartialOpening, Seat, Sharing, Signed

_HURRY_SECONDS = 30.0

_log = logging.getLogger(__name__)


class Gathered:
    """``Opening`` for a request whose answers were gathered; alone a share opens nothing."""

    def __init__(self) -> None:
        self._opening: ThresholdOpening | None = None

    def use(self, opening: ThresholdOpening) -> None:
        self._opening = opening

    def open_totals(self, totals: Iterable[SealedTotal]) -> Iterator[float]:
        return self._found().open_totals(totals)

    def open_slots(self, ciphertext: CiphertextWords) -> Slots:
        return self._found().open_slots(ciphertext)

    def _found(self) -> ThresholdOpening:
        if self._opening is None:
            raise AnswersMissing("cannot open: no other hospital's answers were gathered; a share alone opens nothing")
        return self._opening


@dataclass(frozen=True)
class ShareHolder:
    """One opened directory of a hospital that holds a share."""

    custodian: Custodian
    gathered: Gathered
    identity: Identity = field(repr=False)
    sharing: Sharing
    answering: Answering = field(repr=False)

    @property
    def point(self) -> Point:
        return self.answering.share.point

    @property
    def lead(self) -> Seat:
        """Read anew each time, so that a change needs no restart."""
        return read_lead(self.custodian.home.path, self.sharing)

    @property
    def voice(self) -> LeadVoice:
        return LeadVoice(self.identity, self.sharing.digest, self.point)

    @property
    def handing(self) -> Handing:
        custodian = self.custodian
        return Handing(custodian.home, custodian.store, custodian.ledger, self.identity, self.sharing)

    def names(self, points: Iterable[Point]) -> str:
        return ", ".join(self.sharing.seats[point - 1].card.name for point in points)


def open_share_holder(home: Home, vault: Vault, identity: Identity) -> ShareHolder:
    """Check the ledger, load share and card; raises LedgerBroken, KeyInvalid or WrongKey."""
    verify(home.ledger, vault.ledger_key())
    sharing, share = open_share(vault)
    sharing.seat_of(identity.card)
    public, gathered = _public_key(home, sharing), Gathered()
    ledger, store = Ledger(home.ledger, vault.ledger_key()), Store(home.path, vault.sealer())
    custodian = Custodian(home, vault, store, ledger, public, gathered)
    return ShareHolder(custodian, gathered, identity, sharing, Answering.by(share, public))


class Announcement:
    """Tells the server whom this hospital names to lead, again whenever that changes."""

    def __init__(self, holder: ShareHolder, client: CustodianClient) -> None:
        self._home, self._client = holder.custodian.home, client
        self._told: Signed | None = None
        self._failures = Failures(_log, "who leads was not told")

    def look(self) -> None:
        """What cannot be told now is told at a later look."""
        try:
            notice = signed_notice(self._home)
            if notice != self._told:
                self._client.put_sharing(notice)
                self._told = notice
        except HEFedError as error:
            self._failures.tell(error)


class ShareAgent(Agent):
    """Answers every request with this hospital's numbers, sealed to the lead, or says why not."""

    answer_event: ClassVar[LedgerEvent] = "share-answered"  # the study's answer is in the lead's ledger

    def __init__(self, holder: ShareHolder, client: CustodianClient, stop: threading.Event | None = None) -> None:
        super().__init__(holder.custodian, client, stop=stop)
        self._holder = holder
        self._announcement = Announcement(holder, client)
        self._sign = SignOfLife(holder.sharing, holder.point, holder.identity.signing, client)
        self._sending = Sending(holder.handing, client)
        self._sent: set[tuple[str, Point]] = set()

    def poll(self) -> int:
        self._announcement.look()
        self._sign.give()
        self._sending.look()
        return super().poll()

    def _handle(self, request: Request) -> bool:
        key = (request.request, self._holder.lead.point)
        if key in self._sent or not super()._handle(request):
            return False
        self._sent.add(key)
        return True

    def _after_requests(self) -> None:
        """Releases are the lead's."""

    def _tell(self, text: str) -> None:
        """So is the note on the job pages; this hospital's own trouble is in its log."""

    def _send(self, stored: StoredAnswer) -> None:
        self._client.put_partial(stored.record.request, stored.envelope)

    def prepare(self, request: Request) -> StoredAnswer | None:
        """Decide and bring the answer to the disk, as the single custodian's agent does."""
        desk = self._desk()
        if not self._within_limit(desk, request):
            return None
        try:
            memory = self._checked(desk, request)
            numbers = self._numbers(desk, request)
            note, openings, rule = self._sealed(request, numbers), len(numbers.digests) - 1, "answered with its share"
        except (PolicyRefused, BadInput) as error:
            memory, openings, rule = rules.Memory(), 0, str(error)
            note = self._note(request, refused=str(error)[:1000])
        self._record_request(request)
        signed = threshold.sign(note, self._holder.identity.signing).model_dump_json().encode()
        decided = Outcome("share" if openings else "refused", rule, openings, memory.job)
        stored = StoredAnswer(AnswerRecord.of(request, signed, decided), signed)
        self._custodian.store.keep_batches(memory.batches)
        self._custodian.store.commit(stored)
        self._record_answer(stored.record)
        self._open_jobs |= {request.job} if request.kind in ("moments", "gradient", "hessian") else set()
        return stored

    def _checked(self, desk: Desk, request: Request) -> rules.Memory:
        rules.check_in_use(self._holder.sharing, datetime.now(UTC).date())
        return rules.check(desk, request)

    def _numbers(self, desk: Desk, request: Request) -> PartialAnswers:
        payload = self._custodian.home.downloads / checked_id(request.request)
        try:
            self._client.download(request, payload)
            return self._holder.answering.numbers(desk, request, payload)
        finally:
            payload.unlink(missing_ok=True)

    def _sealed(self, request: Request, numbers: PartialAnswers) -> PartialNote:
        message = to_message(self._custodian.profile, request, numbers)
        return self._note(request, sealed=threshold.seal(message, self._holder.lead.card))

    def _note(self, request: Request, *, sealed: str = "", refused: str = "") -> PartialNote:
        return PartialNote(
            sharing=self._holder.sharing.digest,
            point=self._holder.point,
            request=request.request,
            payload_sha256=request.payload_sha256,
            sealed=sealed,
            refused=refused,
        )


class LeadAgent(Agent):
    """The single custodian's agent, once enough hospitals have answered."""

    def __init__(
        self,
        holder: ShareHolder,
        client: CustodianClient,
        encryptor: CoefficientEncryptor | None = None,
        stop: threading.Event | None = None,
    ) -> None:
        super().__init__(holder.custodian, client.speaking(holder.voice), encryptor, stop)
        self._releases.sharing = holder.sharing
        self._holder = holder
        self._announcement = Announcement(holder, client)
        self._sign = SignOfLife(holder.sharing, holder.point, holder.identity.signing, client)
        self._tried: dict[str, frozenset[Point]] = {}  # answers that did not suffice: tried again with one more
        self._hurried: set[str] = set()
        self._agreed: tuple[str, Agreement] | None = None
        self._awaiting = Awaiting(holder.handing, self._client, self._tell)
        self._leads = False

    def poll(self) -> int:
        self._announcement.look()
        self._sign.give()
        return super().poll() if self._has_taken_over() else 0

    def _has_taken_over(self) -> bool:
        """A lead that answered without what the earlier one knew would end every job under way."""
        if not self._leads and self._awaiting.over():
            self._leads = True
            self.recover()
        return self._leads

    def _handle(self, request: Request) -> bool:
        if self._custodian.store.answer(request.request) is None and not self._enough(request):
            return False
        return super()._handle(request)

    def _enough(self, request: Request) -> bool:
        """Whether to try now: k with this hospital, or so many refusals that there will never be k."""
        infos = self._others(request)
        answered = frozenset(info.point for info in infos if not info.refused)
        if answered == self._tried.get(request.request):
            return False
        scheme, refused = self._holder.answering.share.scheme, len(infos) - len(answered)
        if len(answered) + 1 >= scheme.threshold or scheme.parties - refused < scheme.threshold:
            return True
        self._hurry(request.request)
        missing = [p for p in scheme.points if p != self._holder.point and p not in {info.point for info in infos}]
        lacking = scheme.threshold - 1 - len(answered)
        self._tell(f"{lacking} more hospitals must open this. No answer yet: {self._holder.names(missing)}."[:300])
        return False

    def _hurry(self, request: str) -> None:
        """The others have only just been asked too: their answers come within seconds, or not for a long time."""
        if request not in self._hurried:
            self._hurried.add(request)
            self._hurry_until = time.monotonic() + _HURRY_SECONDS

    def _before_opening(self, desk: Desk, request: Request, payload: Path) -> None:
        """Gather, compare, and let the desk open with those who agree."""
        rules.check_in_use(self._holder.sharing, datetime.now(UTC).date())
        scheme = self._holder.answering.share.scheme
        own = self._holder.answering.numbers(desk, request, payload)
        answers, unusable = self._collected(request)
        self._tried[request.request] = frozenset({*(answer.point for answer in answers), *unusable})
        try:
            agreement = agree(scheme, [own, *answers], self._holder.answering.known, own.digests)
        except (AnswersMissing, AnswersDisagree) as error:
            self._tell(str(error)[:300])
            raise
        agreement = Agreement(agreement.group, tuple(sorted({*agreement.wrong, *unusable})))
        self._blame(request, agreement)
        self._agreed = (request.request, agreement)
        self._holder.gathered.use(ThresholdOpening(scheme, [own, *answers], agreement.group))

    def _collected(self, request: Request) -> tuple[list[PartialAnswers], list[Point]]:
        """What the others answered, and whose answer cannot be read at all; raises PolicyRefused when k cannot be."""
        infos, scheme = self._others(request), self._holder.answering.share.scheme
        refusals = [info for info in infos if info.refused]
        if scheme.parties - len(refusals) < scheme.threshold:
            reasons = " ".join(f"{self._holder.names([info.point])}: {info.refused}" for info in refusals)
            raise PolicyRefused(f"cannot open: {scheme.threshold} hospitals must and too many refuse. {reasons}")
        answers, unusable = [], []
        for info in infos:
            if not info.refused:
                try:
                    answers.append(self._answer_of(request, info))
                except BadInput as error:
                    _log.warning("%s: %s", self._holder.names([info.point]), error)
                    unusable.append(info.point)
        return answers, unusable

    def _answer_of(self, request: Request, info: PartialInfo) -> PartialAnswers:
        card = self._holder.sharing.seats[info.point - 1].card
        note = threshold.verify(self._client.partial(request.request, info.point), PartialNote, card.signing)
        expected = (self._holder.sharing.digest, info.point, request.request, request.payload_sha256)
        if (note.sharing, note.point, note.request, note.payload_sha256) != expected:
            raise BadInput(
                f"cannot use the answer of {card.name}: it was made with another sharing or for another request; "
                "it must take its new share, or answer anew"
            )
        message = threshold.unseal(note.sealed, self._holder.identity.agreement, PartialOpening)
        return from_message(self._custodian.profile, request, info.point, message)

    def _others(self, request: Request) -> list[PartialInfo]:
        points = set(self._holder.answering.share.scheme.points) - {self._holder.point}
        return [info for info in self._client.partials(request.request) if info.point in points]

    def _blame(self, request: Request, agreement: Agreement) -> None:
        if agreement.wrong:
            wrong, opened = self._holder.names(agreement.wrong), self._holder.names(agreement.group)
            rule = f"wrong answer of {wrong}; opened by {opened}"
            self._custodian.ledger.append(Entry(event="conflict", request=request.request, rule=rule))
            _log.warning("%s: %s", request.request, rule)

    def _completed(self, answer: Answer) -> Answer:
        if self._agreed is None or self._agreed[0] != answer.request:
            return answer
        agreement = self._agreed[1]
        opened, wrong = (
            [self._holder.sharing.seats[point - 1].card.institution for point in points]
            for points in (agreement.group, agreement.wrong)
        )
        return answer.model_copy(update={"opened_by": opened, "wrong": wrong})


def _public_key(home: Home, sharing: Sharing) -> PublicKeys:
    ring = profile(sharing.profile)
    with home.public_key.open("rb") as stream:
        _, items = envelope.iterate_verified(stream, Label("public-key", sharing.study, ring.name))
        public = PublicKeys.load(ring, b"".join(items))
    if public.fingerprint != sharing.key_fingerprint:
        raise WrongKey(
            f"cannot open {home.path}: the public key in it begins {public.fingerprint[:16]}, the sharing's begins "
            f"{sharing.key_fingerprint[:16]}; restore {home.public_key.name} from its backup"
        )
    return public
