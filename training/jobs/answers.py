"""What key holders answered: taken in once, refusals told to people."""

from dataclasses import dataclass
from pathlib import Path

from django.db import transaction
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from pydantic import ValidationError

from hefed.core.ckks.params import profile as profile_of
from hefed.core.ckks.wire import packed_bytes
from hefed.core.errors import Conflict, EnvelopeInvalid
from hefed.core.learning.kinds.kind import SIGMOID_FREE, RoundKind
from hefed.core.learning.kinds.table import kind_named, may_follow
from hefed.core.protocol import envelope
from hefed.core.protocol.envelope import Header, Label
from hefed.core.protocol.requests import Answer, NextRound
from hefed.core.words import Said
from hospitals.audit.record import Actor, Details, record
from hospitals.batches.services import admit_batch
from hospitals.blobs.models import Blob
from hospitals.blobs.storage import discard, sha256_of, store_file
from training.jobs.admission import quarantine_batch
from training.jobs.models import CustodianRequest, Job, Round
from training.jobs.selectors import evaluation_blocks
from training.jobs.services import RoundTask, close_round, end_job, open_round
from training.jobs.shares import Posted, check_lead, key_set_of, seen
from training.results.services import seal_result, store_result

# A rule that is not in ``_FIXED`` is a setting in the custodian's policy.toml.
_RULES: dict[str, Promise] = {
    "kinds": _("Which kinds of requests are answered"),
    "institutions": _("Whose patients may be opened"),
    "pools": _("Which hospitals may train together"),
    "minimum_rows": _("Fewest patients of a pool"),
    "minimum_events": _("Fewest events of a pool"),
    "disclosure.small_cell": _("Two cohorts that differ by a few patients are not both opened"),
    "admitted": _("Only admitted batches are opened"),
    "order": _("One job's requests come in order"),
    "whole_batches": _("A job runs over whole batches, and a batch never changes"),
}
_FIXED = ("admitted", "order", "whole_batches")
# The code of a reason -> its rule; ``policy.NAME`` is the rule NAME. tests/pages/test_refusals.py lets the desk's own
# code refuse and looks here.
_RULE_OF: dict[str, str] = {
    "disclosure.cohort_differs": "disclosure.small_cell",
    "disclosure.few_events": "disclosure.small_cell",
    "desk.not_admitted": "admitted",
    "desk.round_seen": "order",
    "desk.begins_later": "order",
    "desk.begun_before": "order",
    "desk.not_begun": "order",
    "desk.not_expected": "order",
    "desk.dictionary_changed": "order",
    "desk.other_cohort": "order",
    "desk.not_whole": "whole_batches",
    "desk.rows_changed": "whole_batches",
    "desk.rows_declared": "whole_batches",
}
_OTHER: dict[str, Promise] = {  # by the answer's outcome
    "refused": _("A rule of the custodian"),
    "quarantined": _("The sums of a batch must fit its dictionary"),
    "failed": _("The model must have one solution"),
}


@dataclass(frozen=True)
class Refusal:
    """``reason``: a code, or the sentence of an answer of before reasons were codes. ``setting`` is empty when the rule
    cannot be changed in policy.toml."""

    reason: str
    rule: str
    setting: str


def refusal_of(reason: str, outcome: str = "refused", earlier: str = "") -> Refusal:
    """``earlier``: the rule that was kept beside a sentence."""
    named = _RULE_OF.get(reason) or _setting_of(reason) or (earlier if earlier in _RULES else "")
    rule = _RULES.get(named, _OTHER.get(outcome, _OTHER["refused"]))
    return Refusal(reason, str(rule), "" if named in _FIXED else named)


def _setting_of(reason: str) -> str:
    area, _, setting = reason.partition(".")
    return setting if area == "policy" and setting in _RULES else ""


def accept_answer(*, request: CustodianRequest, path: Path, statement: str = "", by: Actor) -> None:
    """Check an ``answer`` envelope and act on it. The same bytes again are fine; others raise Conflict.

    ``statement``: the lead's signature, where several hospitals hold the key; Forbidden without it.
    """
    digest = sha256_of(path)
    if _already_answered(request, digest):
        return
    lead = check_lead(key_set_of(request), Posted(statement, "answer", request.name, digest, request.payload_sha256))
    answer = read_answer(request, path)
    blob = store_file(path, digest) if answer.next is not None else None
    with transaction.atomic():
        current = CustodianRequest.objects.select_for_update().select_related("round").get(pk=request.pk)
        if not _already_answered(current, digest):
            _store(current, answer, (digest, path.stat().st_size))
            _record(current, answer, lead, by)
            _act(current.round, answer, blob, by)
        elif blob is not None:
            discard(blob)


def _already_answered(request: CustodianRequest, digest: str) -> bool:
    if request.state == CustodianRequest.State.ANSWERED and request.answer_sha256 == digest:
        return True
    if request.state != CustodianRequest.State.WAITING:
        answered = request.state == CustodianRequest.State.ANSWERED
        raise Conflict("jobs.answered_already" if answered else "jobs.request_withdrawn", name=request.name)
    return False


def read_answer(request: CustodianRequest, path: Path) -> Answer:
    """The answer in an envelope that was made for exactly this request; raises EnvelopeInvalid."""
    study = request.study
    label = Label("answer", study.slug, study.profile, key_fingerprint(request.round))
    with path.open("rb") as stream:
        header = envelope.verify(stream, label)
    try:
        answer = Answer.model_validate(header.meta.get("answer"))
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        place = ".".join(map(str, first["loc"])) or "answer"
        raise EnvelopeInvalid("jobs.answer_field", place=place, problem=first["msg"]) from error
    _check_fits(request, answer)
    _check_payload(request, answer, header)
    return answer


def key_fingerprint(round_: Round) -> str:
    if round_.job is not None:
        return round_.job.key_set.fingerprint
    return "" if round_.batch is None else round_.batch.key_set.fingerprint


def _check_fits(request: CustodianRequest, answer: Answer) -> None:
    kind = request.round.round_kind
    if (answer.request, answer.payload_sha256) != (request.name, request.payload_sha256):
        _refuse(request, Said("jobs.answer_other", given=answer.request, payload=answer.payload_sha256[:16]))
    if answer.outcome not in kind.outcomes:
        _refuse(request, Said("jobs.answer_outcome", outcome=answer.outcome, kind=kind.name))
    parts = {"next": answer.next, "result": answer.result, "sealed": answer.sealed}
    if any((part is not None) != (answer.outcome == outcome) for outcome, part in parts.items()):
        _refuse(request, Said("jobs.answer_parts", outcome=answer.outcome))
    names = [] if answer.sealed is None else [item.item for item in answer.sealed.items]
    if len(set(names)) != len(names):
        _refuse(request, Said("jobs.answer_twice"))
    if answer.next is not None and not may_follow(answer.next.kind, kind.name):
        _refuse(request, Said("jobs.answer_order", next=answer.next.kind, kind=kind.name))
    if answer.outcome in ("quarantined", "refused", "failed") and not answer.reasons:
        _refuse(request, Said("jobs.answer_no_reason", outcome=answer.outcome))


def _check_payload(request: CustodianRequest, answer: Answer, header: Header) -> None:
    expected = [] if answer.next is None else _coefficient_items(request, answer.next)
    if header.items != expected:
        _refuse(request, Said("jobs.answer_items", found=len(header.items), expected=len(expected)))


def _coefficient_items(request: CustodianRequest, following: NextRound) -> list[int]:
    kind, degree = kind_named(following.kind), SIGMOID_FREE if following.sigmoid is None else following.sigmoid.degree
    if (following.sigmoid is None) == kind.takes_sigmoid:
        _refuse(request, Said("jobs.answer_sigmoid", kind=following.kind))
    level = kind.start_level(degree)
    return [packed_bytes(profile_of(request.study.profile), level)] * n_columns(request.round)


def n_columns(round_: Round) -> int:
    """Encoded columns of the round's blocks, by their manifests (one dictionary version per study and key)."""
    batch = round_.batch or (None if round_.job is None else round_.job.batches.first())
    return 0 if batch is None else len(batch.manifest["columns"])


def _refuse(request: CustodianRequest, why: Said) -> None:
    raise EnvelopeInvalid("jobs.answer_unfit", name=request.name, why=why)


def _store(request: CustodianRequest, answer: Answer, stored: tuple[str, int]) -> None:
    request.state, request.outcome = CustodianRequest.State.ANSWERED, answer.outcome
    request.reasons, request.answered_at = list(answer.reasons), timezone.now()
    request.answer_sha256, request.answer_bytes = stored
    request.opened_by, request.wrong = answer.opened_by, answer.wrong
    opened = ["opened_by", "wrong"]
    request.save(update_fields=["state", "outcome", "reasons", "answered_at", "answer_sha256", "answer_bytes", *opened])


def _record(request: CustodianRequest, answer: Answer, lead: Details, by: Actor) -> None:
    details: Details = {
        "outcome": answer.outcome,
        "kind": request.round.kind,
        "answer_sha256": request.answer_sha256,
        "bytes": request.answer_bytes,
        "opened_by": ", ".join(answer.opened_by),
        "wrong": ", ".join(answer.wrong),
        **lead,
    }
    key = key_set_of(request)
    if key.lead is not None:
        seen(key, key.lead)
    record("request.answered", request.name, study=request.study, details=details, by=by)


def _act(round_: Round, answer: Answer, blob: Blob | None, by: Actor) -> None:
    if answer.progress is not None:
        round_.criterion, round_.repeated = answer.progress.criterion, answer.progress.repeated
        round_.save(update_fields=["criterion", "repeated"])
    close_round(round_, Round.State.ANSWERED)
    if round_.batch is not None:
        _act_on_batch(round_, answer, by)
    elif round_.job is not None:
        _act_on_job(round_.job, answer, blob, by)


def _act_on_batch(round_: Round, answer: Answer, by: Actor) -> None:
    if round_.batch is None:
        return
    if answer.outcome == "admitted":
        admit_batch(batch=round_.batch, table_one=answer.table_one, by=by)
    else:
        quarantine_batch(round_.batch, " ".join(answer.reasons))


def _has_blocks(job: Job, kind: RoundKind) -> bool:
    """A pool was checked at its launch; that anybody holds patients out is not certain."""
    return not kind.held_out or evaluation_blocks(job.study).exists()


def _act_on_job(job: Job, answer: Answer, blob: Blob | None, by: Actor) -> None:
    if answer.next is not None and not _has_blocks(job, kind_named(answer.next.kind)):
        reason = Said("jobs.none_held_out")
        discard(blob)
        end_job(job=job, state=Job.State.FAILED, reason=reason, by=by)
    elif answer.next is not None:
        open_round(job=job, task=RoundTask(answer.next.kind, answer.next.sigmoid, blob))
    elif answer.result is not None:
        store_result(job=job, result=answer.result)
        end_job(job=job, state=Job.State.FINISHED, by=by)
    elif answer.sealed is not None:
        seal_result(job=job, request=answer.request, sealed=answer.sealed, by=by)
        end_job(job=job, state=Job.State.FINISHED, by=by)
    else:
        state = Job.State.REFUSED if answer.outcome == "refused" else Job.State.FAILED
        end_job(job=job, state=state, reason=" ".join(answer.reasons), by=by)
