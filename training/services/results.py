"""Released results become rows."""

from hefed.errors import EnvelopeInvalid
from hefed.protocol.messages import ReleasedResult
from hospitals.models import Institution
from training.models import Evaluation, Job, TrainedModel

POOLED = "pooled"


def store_result(*, job: Job, result: ReleasedResult) -> TrainedModel:
    """Keep what the custodian released of a job: the model and one evaluation per hospital and pooled."""
    model = TrainedModel.objects.create(
        job=job,
        rounds=result.model.rounds,
        result=result.model.model_dump(mode="json"),
        warnings=result.warnings,
    )
    hospitals = {row.slug: row for row in Institution.objects.filter(studies=job.study)}
    Evaluation.objects.bulk_create(_evaluation(model, scope, result, hospitals) for scope in result.metrics)
    return model


def _evaluation(
    model: TrainedModel, scope: str, result: ReleasedResult, hospitals: dict[str, Institution]
) -> Evaluation:
    if scope != POOLED and scope not in hospitals:
        raise EnvelopeInvalid(
            f"cannot use answer: it evaluates {scope}, which is no hospital of the study; answer anew"
        )
    curves = result.curves.get(scope)
    return Evaluation(
        model=model,
        institution=None if scope == POOLED else hospitals[scope],
        metrics=result.metrics[scope].model_dump(mode="json"),
        curves=None if curves is None else curves.model_dump(mode="json"),
    )
