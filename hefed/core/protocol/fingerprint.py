"""How a key fingerprint is shown to people, and how what they type is compared."""

import re

from hefed.core.errors import BadInput

_GROUP = 4


def grouped(fingerprint: str) -> str:
    """Groups of four: ``9f86 d081 ...``."""
    return " ".join(fingerprint[at : at + _GROUP] for at in range(0, len(fingerprint), _GROUP))


def parse(text: str) -> str:
    """The 64 hex digits of a fingerprint that somebody read out, whatever the grouping; raises BadInput otherwise."""
    digits = re.sub(r"[\s:-]", "", text).lower()
    if not re.fullmatch(r"[0-9a-f]{64}", digits):
        raise BadInput("protocol.fingerprint_length", found=len(digits))
    return digits
