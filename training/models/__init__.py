from training.models.chunk import Chunk
from training.models.custodian_request import CustodianRequest
from training.models.evaluation import Evaluation
from training.models.job import Job
from training.models.round import Round
from training.models.trained_model import TrainedModel

__all__ = ["Chunk", "CustodianRequest", "Evaluation", "Job", "Round", "TrainedModel"]
