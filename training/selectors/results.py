"""Released results, as the messages that the custodian sent."""

from dataclasses import dataclass

from hefed.protocol.messages import Coefficient, Curves, Metrics, ModelResult, ReleasedResult
from hospitals.models import Study
from training.models import Evaluation, Job, TrainedModel

POOLED = "pooled"


@dataclass(frozen=True)
class TableRow:
    """One line of the table 'training pool x test hospital': a finished job and its metrics by test hospital."""

    job: Job
    pool: list[str]
    metrics: dict[str, Metrics]


def result_of(job: Job) -> ReleasedResult | None:
    """What was released of a job; None while there is nothing."""
    model = TrainedModel.objects.filter(job=job).first()
    if model is None:
        return None
    rows = list(_evaluations(model))
    return ReleasedResult(
        model=_in_dictionary_order(ModelResult.model_validate(model.result), job),
        metrics={_scope(row): Metrics.model_validate(row.metrics) for row in rows},
        curves={_scope(row): Curves.model_validate(row.curves) for row in rows if row.curves is not None},
        warnings=model.warnings,
    )


def _in_dictionary_order(model: ModelResult, job: Job) -> ModelResult:
    """Canonical JSON sorts names on the way here; people read coefficients in the order of the dictionary."""
    batch = job.batches.first()
    columns = [] if batch is None else batch.manifest["columns"]
    rank = {name: place for place, name in enumerate(columns)}

    def ordered(coefficients: dict[str, Coefficient]) -> dict[str, Coefficient]:
        return dict(sorted(coefficients.items(), key=lambda item: rank.get(item[0], len(rank))))

    natural = model.natural.model_copy(update={"coefficients": ordered(model.natural.coefficients)})
    return model.model_copy(update={"coefficients": ordered(model.coefficients), "natural": natural})


def pool_by_test_hospital(study: Study) -> list[TableRow]:
    """Finished jobs of a study with their metrics, the oldest first."""
    models = TrainedModel.objects.filter(job__study=study).select_related("job").order_by("job__number")
    return [
        TableRow(
            model.job,
            sorted(model.job.institutions.values_list("slug", flat=True)),
            {_scope(row): Metrics.model_validate(row.metrics) for row in _evaluations(model)},
        )
        for model in models
    ]


def _evaluations(model: TrainedModel) -> list[Evaluation]:
    return list(model.evaluations.select_related("institution").order_by("institution__slug"))


def _scope(row: Evaluation) -> str:
    return POOLED if row.institution is None else row.institution.slug
