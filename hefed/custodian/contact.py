"""Whether the agent reaches its server, for whoever looks at it on its own machine."""

from dataclasses import dataclass
from datetime import UTC, datetime


@dataclass(frozen=True)
class State:
    """``since``: of what is so now. ``reason`` says why the server is not reached; empty while it is, or not tried."""

    since: datetime
    reached: datetime | None = None
    reason: str = ""


class Contact:
    """Written by the agent's thread, read by another: every change is one new state."""

    def __init__(self) -> None:
        self.state = State(datetime.now(UTC))

    def made(self) -> None:
        now, old = datetime.now(UTC), self.state
        unbroken = old.reached is not None and not old.reason
        self.state = State(old.since if unbroken else now, now)

    def lost(self, reason: str) -> None:
        old = self.state
        self.state = State(old.since if old.reason else datetime.now(UTC), old.reached, reason)
