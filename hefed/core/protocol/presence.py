"""What a hospital's agent says while it runs: I am there. Signed with its card's key, so that nobody says it for it."""

from typing import Literal

from pydantic import AwareDatetime

from hefed.core.protocol.base import Digest, Message
from hefed.core.protocol.threshold import PointNumber

EVERY_SECONDS = 30.0


class Presence(Message):
    """``at``: by the agent's clock. The server takes each moment once, and only near its own."""

    format: Literal["hefed-presence/1"] = "hefed-presence/1"
    sharing: Digest
    point: PointNumber
    at: AwareDatetime
