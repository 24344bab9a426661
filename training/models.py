"""Where Django looks for the models of this app; each lives with its noun, and other code imports it from there."""

from training.jobs.models import Chunk, CustodianNote, CustodianRequest, HandOver, Job, Round, ShareAnswer
from training.releases.models import (
    ApproverKey,
    Release,
    ReleaseAgentPreview,
    ReleaseApproval,
    ReleaseComment,
    ReleasePreview,
    ReleaseVerdict,
    ReleaseVersion,
    SealedResult,
)
from training.results.models import Evaluation, TrainedModel

__all__ = [
    "ApproverKey",
    "Chunk",
    "CustodianNote",
    "CustodianRequest",
    "Evaluation",
    "HandOver",
    "Job",
    "Release",
    "ReleaseAgentPreview",
    "ReleaseApproval",
    "ReleaseComment",
    "ReleasePreview",
    "ReleaseVerdict",
    "ReleaseVersion",
    "Round",
    "SealedResult",
    "ShareAnswer",
    "TrainedModel",
]
