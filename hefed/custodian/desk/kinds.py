"""What the desk must know of a kind of request; how each is decided is named in ``desk.deciding``. No other module asks
for a kind by its name."""

from dataclasses import dataclass

from hefed.protocol.messages import CohortPart, Request, RequestKind


@dataclass(frozen=True)
class Traits:
    """``admits``: asked of one batch, before it is in any job. ``begins``: round 0 of a job. ``held_out``: runs over
    held-out rows and opens numbers about each of them; the others open totals."""

    admits: bool = False
    begins: bool = False
    held_out: bool = False


_TRAITS: dict[RequestKind, Traits] = {
    "admission": Traits(admits=True),
    "moments": Traits(begins=True),
    "gradient": Traits(),
    "hessian": Traits(),
    "evaluation": Traits(held_out=True),
}
ALL_KINDS: tuple[RequestKind, ...] = tuple(_TRAITS)


def traits(request: Request) -> Traits:
    """Of the request's kind."""
    return _TRAITS[request.kind]


def pool_of(request: Request) -> list[CohortPart]:
    """The training rows of the request's job."""
    return request.train_cohort if traits(request).held_out else request.cohort
