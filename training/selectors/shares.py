"""Which hospitals that hold shares have answered a request, and what their lead may fetch."""

from dataclasses import dataclass

from django.utils.translation import gettext as _

from hefed.errors import Conflict
from hefed.protocol.threshold import PartialInfo, Sharing
from hospitals.access import NotFound
from hospitals.models import Blob, KeySet
from hospitals.selectors.shared_keys import Holding, SharedKey, shared_key
from training.models import CustodianRequest


@dataclass(frozen=True)
class Hands:
    """Names of the hospitals that opened a request together; or, while it waits, who has answered and who has not, and
    whether those are there."""

    opened_by: list[str]
    wrong: list[str]
    answered: list[str]
    refusing: list[str]
    missing: list[Holding]
    lead: Holding
    shared: SharedKey


def hands_of(request: CustodianRequest | None, key: KeySet) -> Hands | None:
    """None for a request that one custodian opens."""
    shared = shared_key(key)
    if request is None or shared is None:
        return None
    names = {holding.holder.institution: holding.name for holding in shared.holdings}
    answers = {answer.point: answer for answer in request.share_answers.all()}
    others = [(holding, answers.get(holding.holder.place)) for holding in shared.holdings if not holding.leads]
    return Hands(
        opened_by=[names.get(slug, slug) for slug in request.opened_by],
        wrong=[names.get(slug, slug) for slug in request.wrong],
        answered=[holding.name for holding, answer in others if answer is not None and not answer.refused],
        refusing=[holding.name for holding, answer in others if answer is not None and answer.refused],
        missing=[holding for holding, answer in others if answer is None],
        lead=shared.lead,
        shared=shared,
    )


def key_set_of(request: CustodianRequest) -> KeySet:
    """The key that the request's ciphertexts are under."""
    round_ = request.round
    found = round_.job.key_set if round_.job is not None else None if round_.batch is None else round_.batch.key_set
    if found is None:
        raise Conflict(_("cannot use %(name)s: it belongs to no job and no batch") % {"name": request.name})
    return found


def sharing_of(key: KeySet) -> Sharing:
    if key.sharing is None:
        raise Conflict(
            _("cannot take an answer of one of several key holders: this key has one custodian; post the whole answer")
        )
    return Sharing.model_validate(key.sharing)


def partial_infos(request: CustodianRequest) -> list[PartialInfo]:
    return [
        PartialInfo(
            point=answer.point,
            posted_at=answer.posted_at.isoformat(),
            bytes=answer.bytes,
            refused=answer.refused,
        )
        for answer in request.share_answers.all()
    ]


def share_body(request: CustodianRequest, point: int) -> Blob:
    """The signed bytes, while the request waits."""
    answer = request.share_answers.filter(point=point).select_related("body").first()
    if answer is None or answer.body is None:
        raise NotFound(
            _("cannot send the answer of hospital %(point)s to %(name)s: there is none, or the request is closed")
            % {"point": point, "name": request.name}
        )
    return answer.body
