"""Allowed moves between states, as data: a table per model, checked by one function."""

from collections.abc import Mapping
from typing import TypeVar

from django.utils.translation import gettext as _

from hefed.core.errors import Conflict

State = TypeVar("State", bound=str)
Moves = Mapping[State, frozenset[State]]


def check_move(thing: str, moves: Moves[State], old: State, new: State) -> None:
    """Raise Conflict unless the table allows the move."""
    if new not in moves[old]:
        possible = ", ".join(sorted(moves[old])) or "nothing"
        raise Conflict(
            _("cannot move %(thing)s to %(new)s: it is %(old)s, which can only become %(possible)s; reload the page")
            % {"thing": thing, "new": new, "old": old, "possible": possible}
        )
