"""What all messages are made of: checked and frozen, with ids, digests and the kinds of requests."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

Slug = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]{0,62}$")]


Digest = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


Role = Literal["train", "holdout"]


RequestKind = Annotated[str, Field(pattern=r"^[a-z_]{1,16}$")]  # a name in the table of hefed.core.learning.kinds


ItemName = Literal["coefficients", "metrics", "curves", "table_one"]  # what a release may publish


Degree = Literal[15, 31, 63]


Code = Annotated[str, Field(pattern=r"^[a-z0-9_.]{1,60}$")]  # of hefed.core.words; its facts stay with who says it


class Message(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)
