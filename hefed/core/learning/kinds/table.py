"""The one table of kinds of rounds. Everything that depends on a kind asks the object that stands here."""

from typing import Annotated

from pydantic import AfterValidator

from hefed.core.errors import BadInput
from hefed.core.learning.kinds.admission import AdmissionRound
from hefed.core.learning.kinds.evaluation import EvaluationRound
from hefed.core.learning.kinds.gradient import GradientRound
from hefed.core.learning.kinds.hessian import HessianRound
from hefed.core.learning.kinds.kind import RoundKind
from hefed.core.learning.kinds.moments import MomentsRound

KINDS: dict[str, RoundKind] = {
    AdmissionRound.name: AdmissionRound(),
    MomentsRound.name: MomentsRound(),
    GradientRound.name: GradientRound(),
    HessianRound.name: HessianRound(),
    EvaluationRound.name: EvaluationRound(),
}


def kind_named(name: str) -> RoundKind:
    """The kind of that name; raises BadInput for one that is not in the table."""
    try:
        return KINDS[name]
    except KeyError:
        raise BadInput("rounds.kind_unknown", kind=name[:20], known=tuple(KINDS)) from None


def first_kind() -> RoundKind:
    """The kind of round with which every job begins."""
    return next(kind for kind in KINDS.values() if kind.begins_job)


def may_follow(name: str, previous: str) -> bool:
    """Whether a job may ask for this kind after that one; False for a name that is not in the table."""
    return name in KINDS and previous in KINDS[name].follows


def _known(name: str) -> str:
    if name not in KINDS:
        raise ValueError(f"must be one of {', '.join(KINDS)}")
    return name


KnownKind = Annotated[str, AfterValidator(_known)]  # the type of a kind's name in a file that a person writes
