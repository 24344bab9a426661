"""What tests expect of every kind of round: a new one gets one entry."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Expected:
    """What is expected of one kind.

    ``then``: what may follow. ``totals``: their number over thirty columns. ``starts``: the level, by degree.
    ``job``: the degrees of its rounds in a typical job. ``ends``: outcomes that neither refuse nor go on.
    """

    handler: str
    then: frozenset[str]
    totals: int
    starts: dict[int, int]
    job: tuple[int | None, ...] = (None,)
    roles: tuple[str, ...] = ("train",)
    coefficients: bool = True
    keeps_blocks: bool = True
    closing: int | None = None
    ends: frozenset[str] = frozenset()


KNOWN = {
    "admission": Expected(
        "admit",
        frozenset(),
        90,
        {0: 1},
        job=(),
        roles=("train", "holdout"),
        coefficients=False,
        keeps_blocks=False,
        ends=frozenset({"admitted", "quarantined"}),
    ),
    "moments": Expected("begin", frozenset({"gradient"}), 930, {0: 2}, coefficients=False),
    "gradient": Expected(
        "advance", frozenset({"gradient", "hessian"}), 30, {15: 7, 31: 8, 63: 9}, job=(15,) * 5 + (31,) * 4
    ),
    "hessian": Expected(
        "advance", frozenset({"gradient", "hessian", "evaluation"}), 465, {31: 9}, job=(31,), closing=2
    ),
    "evaluation": Expected(
        "evaluate",
        frozenset(),
        0,
        {0: 1},
        roles=("holdout",),
        keeps_blocks=False,
        closing=1,
        ends=frozenset({"result", "sealed"}),
    ),
}
