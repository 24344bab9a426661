"""What is readable of a job's result: the items that were released, and the names of those still sealed."""

from collections.abc import Iterable

from django.db.models import Prefetch, QuerySet, prefetch_related_objects

from hefed.dictionary import DataDictionary
from hefed.protocol.messages import Coefficient, Curves, ItemName, Message, Metrics, ModelResult, TableOne
from hefed.protocol.releases import ITEMS
from hospitals.models import Batch, DictionaryVersion
from training.models import Evaluation, Job, SealedResult, TrainedModel

POOLED = "pooled"
_EVALUATIONS = Evaluation.objects.select_related("institution").order_by("institution__slug")


class ReadableResult(Message):
    """The released items. A sealed item is None (coefficients) or empty, and ``sealed`` names it."""

    model: ModelResult | None
    metrics: dict[str, Metrics]
    curves: dict[str, Curves]
    table_one: dict[str, TableOne]
    warnings: list[str] = []
    sealed: list[ItemName] = []


def jobs_with_results(jobs: QuerySet[Job]) -> list[Job]:
    """Those of these jobs of which something is readable, with all that ``readable`` reads."""
    rows = jobs.filter(model__isnull=False).select_related("sealed", "model")
    return list(rows.prefetch_related("institutions", Prefetch("model__evaluations", _EVALUATIONS)))


def result_of(job: Job) -> ReadableResult | None:
    """What was released of a job until now; None while there is nothing."""
    return next((readable(one, dictionary_of(one)) for one in jobs_with_results(Job.objects.filter(pk=job.pk))), None)


def readable(job: Job, version: DictionaryVersion | None) -> ReadableResult | None:
    """The same of a job that was just read; ``version``: the dictionary that it follows."""
    model: TrainedModel | None = getattr(job, "model", None)
    if model is None:
        return None
    prefetch_related_objects([model], Prefetch("evaluations", _EVALUATIONS))
    rows = list(model.evaluations.all())
    fitted = None if model.result is None else ModelResult.model_validate(model.result)
    return ReadableResult(
        model=None if fitted is None else _in_dictionary_order(fitted, version),
        metrics=_metrics(rows),
        curves={_scope(row): Curves.model_validate(row.curves) for row in rows if row.curves is not None},
        table_one={scope: TableOne.model_validate(table) for scope, table in (model.table_one or {}).items()},
        warnings=model.warnings,
        sealed=[name for name in sealed_names(job) if name not in model.released],
    )


def dictionary_of(job: Job) -> DictionaryVersion | None:
    """The dictionary that the job's batches follow: one for all of them."""
    return dictionaries_of([job]).get(job.pk)


def dictionaries_of(jobs: Iterable[Job]) -> dict[int, DictionaryVersion]:
    """The same of several jobs, by primary key."""
    rows = Batch.objects.filter(jobs__in=[job.pk for job in jobs]).order_by().values_list("jobs", "dictionary")
    wanted = dict(rows.distinct())
    versions = DictionaryVersion.objects.in_bulk(set(wanted.values()))
    return {job: versions[version] for job, version in wanted.items()}


def sealed_names(job: Job) -> list[ItemName]:
    """The items that the custodian sealed when the job ended, released since or not."""
    sealed: SealedResult | None = getattr(job, "sealed", None)
    return [] if sealed is None else [name for name in ITEMS if name in sealed.names]


def _metrics(rows: list[Evaluation]) -> dict[str, Metrics]:
    return {_scope(row): Metrics.model_validate(row.metrics) for row in rows if row.metrics is not None}


def _in_dictionary_order(model: ModelResult, version: DictionaryVersion | None) -> ModelResult:
    """Canonical JSON sorts names on the way here; people read coefficients in the order of the dictionary."""
    columns = [] if version is None else [column.name for column in DataDictionary.from_csv(version.csv).columns]
    rank = {name: place for place, name in enumerate(columns)}

    def ordered(coefficients: dict[str, Coefficient]) -> dict[str, Coefficient]:
        return dict(sorted(coefficients.items(), key=lambda item: rank.get(item[0], len(rank))))

    natural = model.natural.model_copy(update={"coefficients": ordered(model.natural.coefficients)})
    return model.model_copy(update={"coefficients": ordered(model.coefficients), "natural": natural})


def _scope(row: Evaluation) -> str:
    return POOLED if row.institution is None else row.institution.slug
