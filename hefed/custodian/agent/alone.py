"""How a custodian with a whole key answers, and the part of it that the lead of several hospitals does as well."""

from collections.abc import Callable
from functools import partial

from hefed.core.ckks.keys import SecretKey
from hefed.core.errors import BadInput, PolicyRefused
from hefed.core.protocol.requests import NoteCode, Request
from hefed.core.protocol.threshold import Sharing
from hefed.core.protocol.uploads import StudyPackage
from hefed.custodian.agent.contact import JobNote
from hefed.custodian.agent.encrypting import CoefficientEncryptor, OneProcess, answer_envelope
from hefed.custodian.agent.loop import Reply
from hefed.custodian.client import CustodianClient
from hefed.custodian.desk.asking import Desk, Question, desk_for
from hefed.custodian.desk.deciding import Decision, decide, refusal
from hefed.custodian.desk.results import Opening, SingleKeyOpening
from hefed.custodian.keeping.ledger import LedgerEvent
from hefed.custodian.keeping.opened import Custodian
from hefed.custodian.keeping.store import StoredAnswer
from hefed.custodian.releases.publishing import Releases
from hefed.custodian.sharing.lead import KeyVoice


class Speaker:
    """Decides by opened numbers and speaks to the server for the study. ``sharing``: of a key that several hospitals
    hold, for which only their lead's client may speak."""

    def __init__(
        self,
        custodian: Custodian,
        client: CustodianClient,
        encryptor: CoefficientEncryptor | None = None,
        sharing: Sharing | None = None,
    ) -> None:
        self._custodian, self._client = custodian, client
        self._encryptor = encryptor or OneProcess(custodian.public)
        study = custodian.vault.header.study
        self._releases = Releases(custodian.home, study, custodian.store, custodian.ledger, client, sharing=sharing)
        self._job_note = JobNote(client)

    def reply(self, question: Question, opening: Opening, names: dict[str, list[str]] | None = None) -> Reply:
        """The decision, ready to post. ``names``: hospitals that the answer tells of."""
        return self._packed(question.desk, question.request, decide(question, opening), names or {})

    def refuse(self, desk: Desk, request: Request, error: BadInput | PolicyRefused) -> Reply:
        return self._packed(desk, request, refusal(request, error), {})

    def post(self, stored: StoredAnswer) -> None:
        self._client.post_answer(stored.record.request, stored.envelope, stored.record.payload_sha256)

    def note(self, code: NoteCode) -> None:
        self._job_note.leave(code)

    def see_to_releases(self) -> None:
        self._releases.look()

    def _packed(self, desk: Desk, request: Request, decision: Decision, names: dict[str, list[str]]) -> Reply:
        answer, state = decision.answer.model_copy(update=names), decision.state
        body = answer_envelope(self._custodian.label(), answer, decision.step, self._encryptor)
        return Reply(
            decision.outcome(),
            body,
            held=desk.policy.release == "hold" and answer.outcome == "result",
            goes_on=state is not None and state.expects is not None,
        )


class Alone:
    """A custodian that holds the whole key needs nobody else. Raises KeyInvalid when the vault holds none."""

    event: LedgerEvent = "answer"

    def __init__(
        self, custodian: Custodian, client: CustodianClient, encryptor: CoefficientEncryptor | None = None
    ) -> None:
        self._custodian, vault = custodian, custodian.vault
        self._opening = SingleKeyOpening(SecretKey.load(custodian.profile, vault.secret_key))
        voice = KeyVoice(vault.voice_key(), vault.header.key_fingerprint)
        self._speaker = Speaker(custodian, client.speaking(voice), encryptor)

    def ready(self) -> bool:
        return True

    def wants(self, request: Request) -> bool:
        return True

    def expects_soon(self) -> bool:
        return False

    def desk(self, study: StudyPackage) -> Desk:
        return desk_for(self._custodian, study)

    def prepare(self, question: Question) -> Callable[[], Reply]:
        return partial(self._speaker.reply, question, self._opening)

    def refuse(self, desk: Desk, request: Request, error: BadInput | PolicyRefused) -> Reply:
        return self._speaker.refuse(desk, request, error)

    def post(self, stored: StoredAnswer) -> None:
        self._speaker.post(stored)

    def note(self, code: NoteCode) -> None:
        self._speaker.note(code)

    def rest(self) -> None:
        self._speaker.see_to_releases()
