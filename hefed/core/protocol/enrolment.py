"""Key holder and server before any request: enrolment, and what a new key would outdate."""

from typing import Annotated, Literal

from pydantic import Field

from hefed.core.protocol.base import Digest, Message, Slug


class Enrolment(Message):
    """What a custodian's one-time code is exchanged for, once. ``token`` is shown nowhere else."""

    token: str
    study: Slug
    profile: str
    name: str


class EnrolmentCodeText(Message):
    """The code as it stands on the Keys page; blanks and case do not matter."""

    code: Annotated[str, Field(min_length=8, max_length=120)]


class OutdatedShare(Message):
    """Batches of one hospital that could no longer be trained with."""

    institution: Slug
    name: str
    batches: Annotated[int, Field(ge=1)]
    patients: Annotated[int, Field(ge=1)]


class RotationEffect(Message):
    """What replacing the key in use would do now. ``jobs`` are under way and must end first."""

    fingerprint: Digest | Literal[""]
    expires_at: str
    outdated: list[OutdatedShare]
    jobs: list[str]

    @property
    def batches(self) -> int:
        return sum(share.batches for share in self.outdated)
