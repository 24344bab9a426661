"""States: which moves are allowed, and the badge that shows one.

Whatever has a ``badge`` can be drawn by the template tag ``state_badge``. The looks: ``sealed`` (nobody can read it),
``open`` (people can read it), ``good``, ``failed`` and ``plain`` (nothing is expected of anybody).
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING, NamedTuple, Protocol, TypeVar

from hefed.core.errors import Conflict
from hefed.core.words import Said

if TYPE_CHECKING:
    from django_stubs_ext import StrPromise


class Badge(NamedTuple):
    """One look of the lock and the words beside it."""

    look: str
    words: "str | StrPromise"


class Badged(Protocol):
    """Something with a state that people see."""

    @property
    def badge(self) -> Badge: ...


State = TypeVar("State", bound=str)
Moves = Mapping[State, frozenset[State]]

_SAID = {
    "requested": Said("server.state_requested"),
    "approved": Said("server.state_approved"),
    "refused": Said("server.state_refused"),
    "suspended": Said("server.state_suspended"),
    "closed": Said("server.state_closed"),
    "draft": Said("server.state_draft"),
    "open": Said("server.state_open"),
    "uploading": Said("server.state_uploading"),
    "checking": Said("server.state_checking"),
    "custodian": Said("server.state_custodian"),
    "admitted": Said("server.state_admitted"),
    "quarantined": Said("server.state_quarantined"),
    "outdated": Said("server.state_outdated"),
    "withdrawn": Said("server.state_withdrawn"),
    "incomplete": Said("server.state_incomplete"),
    "proposed": Said("server.state_proposed"),
    "active": Said("server.state_active"),
    "retired": Said("server.state_retired"),
    "queued": Said("server.state_queued"),
    "running": Said("server.state_running"),
    "finished": Said("server.state_finished"),
    "failed": Said("server.state_failed"),
    "cancelled": Said("server.state_cancelled"),
    "collecting": Said("server.state_collecting"),
    "published": Said("server.state_published"),
    "rejected": Said("server.state_rejected"),
    "expired": Said("server.state_expired"),
}


def state_said(state: str) -> Said | str:
    """A state as a fact of what is said; the bare state where it has no words here."""
    return _SAID.get(str(state), str(state))


def check_move(thing: str, moves: Moves[State], old: State, new: State) -> None:
    """Raise Conflict unless the table allows the move."""
    if new in moves[old]:
        return
    possible = tuple(state_said(state) for state in sorted(moves[old]))
    if not possible:
        raise Conflict("server.no_move_left", thing=thing, new=state_said(new), old=state_said(old))
    raise Conflict("server.no_such_move", thing=thing, new=state_said(new), old=state_said(old), possible=possible)
