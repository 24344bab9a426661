from training.models.approver_key import ApproverKey
from training.models.chunk import Chunk
from training.models.custodian_note import CustodianNote
from training.models.custodian_request import CustodianRequest
from training.models.evaluation import Evaluation
from training.models.hand_over import HandOver
from training.models.job import Job
from training.models.release import Release, ReleaseVersion
from training.models.release_parts import (
    ReleaseAgentPreview,
    ReleaseApproval,
    ReleaseComment,
    ReleasePreview,
    ReleaseVerdict,
)
from training.models.round import Round
from training.models.sealed_result import SealedResult
from training.models.share_answer import ShareAnswer
from training.models.trained_model import TrainedModel

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
