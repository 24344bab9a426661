"""What is readable of a job's result: the items that were released, and the names of those still sealed."""

from dataclasses import dataclass

from hefed.protocol.messages import Coefficient, Curves, ItemName, Message, Metrics, ModelResult, TableOne
from hefed.protocol.releases import ITEMS
from hospitals.models import Study
from training.models import Evaluation, Job, SealedResult, TrainedModel

POOLED = "pooled"


class ReadableResult(Message):
    """The released items. A sealed item is None (coefficients) or empty, and ``sealed`` names it."""

    model: ModelResult | None
    metrics: dict[str, Metrics]
    curves: dict[str, Curves]
    table_one: dict[str, TableOne]
    warnings: list[str] = []
    sealed: list[ItemName] = []


@dataclass(frozen=True)
class TableRow:
    """One line of the table 'training pool x test hospital': a finished job and its metrics by test hospital."""

    job: Job
    pool: list[str]
    metrics: dict[str, Metrics]


def result_of(job: Job) -> ReadableResult | None:
    """What was released of a job; None while there is nothing."""
    model = TrainedModel.objects.filter(job=job).first()
    if model is None:
        return None
    rows = list(_evaluations(model))
    fitted = None if model.result is None else ModelResult.model_validate(model.result)
    return ReadableResult(
        model=None if fitted is None else _in_dictionary_order(fitted, job),
        metrics=_metrics(rows),
        curves={_scope(row): Curves.model_validate(row.curves) for row in rows if row.curves is not None},
        table_one={scope: TableOne.model_validate(table) for scope, table in (model.table_one or {}).items()},
        warnings=model.warnings,
        sealed=[name for name in sealed_names(job) if name not in model.released],
    )


def sealed_names(job: Job) -> list[ItemName]:
    """The items that the custodian sealed when the job ended, released since or not."""
    sealed = SealedResult.objects.filter(job=job).first()
    return [] if sealed is None else [name for name in ITEMS if name in sealed.names]


def _metrics(rows: list[Evaluation]) -> dict[str, Metrics]:
    return {_scope(row): Metrics.model_validate(row.metrics) for row in rows if row.metrics is not None}


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
    """Finished jobs of a study whose metrics are readable, the oldest first."""
    models = TrainedModel.objects.filter(job__study=study).select_related("job").order_by("job__number")
    rows = [
        TableRow(
            model.job,
            sorted(model.job.institutions.values_list("slug", flat=True)),
            _metrics(_evaluations(model)),
        )
        for model in models
    ]
    return [row for row in rows if row.metrics]


def _evaluations(model: TrainedModel) -> list[Evaluation]:
    return list(model.evaluations.select_related("institution").order_by("institution__slug"))


def _scope(row: Evaluation) -> str:
    return POOLED if row.institution is None else row.institution.slug
