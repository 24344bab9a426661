"""One thing that waits for a person."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Waiting:
    """One line of the panel. ``urgent``: others cannot go on before it is done."""

    title: str
    text: str
    address: str
    button: str
    urgent: bool = False
