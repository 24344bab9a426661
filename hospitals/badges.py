"""What a badge shows of the state of something: a look of the lock and words beside it.

Whatever has a ``badge`` can be drawn by the template tag ``state_badge``. The looks: ``sealed`` (nobody can read it),
``open`` (people can read it), ``good``, ``failed`` and ``plain`` (nothing is expected of anybody).
"""

from typing import TYPE_CHECKING, NamedTuple, Protocol

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
