"""Released items become rows: all at once from an automatic answer, or item by item from publications."""

from collections.abc import Mapping
from typing import Any

from django.db import transaction
from pydantic import TypeAdapter, ValidationError

from hefed.core.errors import BadInput
from hefed.core.protocol.base import ItemName, Message
from hefed.core.protocol.releases import ITEMS, OpenedItem
from hefed.core.protocol.results import Curves, Metrics, ModelResult, Reason, ReleasedResult, SealedResult, TableOne
from hospitals.audit.record import Actor, Details, record
from hospitals.institutions.models import Institution
from training import models
from training.jobs.models import Job
from training.results.models import Evaluation, TrainedModel
from training.results.selectors import POOLED

Contents = Mapping[ItemName, Any]


class Coefficients(Message):
    """The content of the item ``coefficients``; the other items are tables by scope."""

    model: ModelResult
    warnings: list[Reason] = []


_CONTENTS: dict[ItemName, TypeAdapter[Any]] = {
    "coefficients": TypeAdapter(Coefficients),
    "metrics": TypeAdapter(dict[str, Metrics]),
    "curves": TypeAdapter(dict[str, Curves]),
    "table_one": TypeAdapter(dict[str, TableOne]),
}


def store_result(*, job: Job, result: ReleasedResult) -> TrainedModel:
    """Keep what a custodian released by itself with its last answer: everything there is."""
    contents: dict[ItemName, Any] = {
        "coefficients": Coefficients(model=result.model, warnings=result.warnings),
        "metrics": result.metrics,
        "curves": result.curves,
        "table_one": result.table_one,
    }
    return store_items(job=job, contents={name: content for name, content in contents.items() if content})


def seal_result(*, job: Job, request: str, sealed: SealedResult, by: Actor) -> None:
    """Keep the commitments of a result that nobody can read yet. Call it inside the transaction that ends the job."""
    commitments = [item.model_dump() for item in sealed.items]
    models.SealedResult.objects.create(job=job, request=request, commitments=commitments)
    details: Details = {item.item: item.sha256 for item in sealed.items}
    record("result.sealed", job.name, study=job.study, details=details, by=by)


def read_items(items: list[OpenedItem]) -> Contents:
    """The contents of published items; raises BadInput naming the first that is not what its name says."""
    return {opened.item: _read(opened) for opened in items}


def _read(opened: OpenedItem) -> Any:
    try:
        return _CONTENTS[opened.item].validate_json(opened.text)
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        place = ".".join(map(str, first["loc"])) or opened.item
        raise BadInput("jobs.item_field", item=opened.item, place=place, problem=first["msg"]) from error


def store_items(*, job: Job, contents: Contents) -> TrainedModel:
    """Add these items to what is readable of the job already."""
    _check_scopes(job, contents)
    with transaction.atomic():
        model, _ = TrainedModel.objects.select_for_update().get_or_create(job=job)
        if "coefficients" in contents:
            found: Coefficients = contents["coefficients"]
            model.rounds, model.warnings = found.model.rounds, found.model_dump(mode="json")["warnings"]
            model.result = found.model.model_dump(mode="json")
        if "table_one" in contents:
            model.table_one = _plain(contents["table_one"])
        model.released = [name for name in ITEMS if name in contents or name in model.released]
        model.save()
        _store_evaluations(model, contents)
    return model


def _store_evaluations(model: TrainedModel, contents: Contents) -> None:
    metrics, curves = _plain(contents.get("metrics", {})), _plain(contents.get("curves", {}))
    hospitals = {row.slug: row for row in Institution.objects.filter(studies=model.job.study)}
    for scope in [*metrics, *(name for name in curves if name not in metrics)]:
        institution = None if scope == POOLED else hospitals[scope]
        parts = {"metrics": metrics.get(scope), "curves": curves.get(scope)}
        given = {name: part for name, part in parts.items() if part is not None}
        Evaluation.objects.update_or_create(model=model, institution=institution, defaults=given)


def _plain(table: Mapping[str, Message]) -> dict[str, Any]:
    return {scope: content.model_dump(mode="json") for scope, content in table.items()}


def _check_scopes(job: Job, contents: Contents) -> None:
    known = {POOLED, *Institution.objects.filter(studies=job.study).values_list("slug", flat=True)}
    scopes = {scope for name in ("metrics", "curves", "table_one") for scope in contents.get(name, {})}
    if not scopes <= known:
        stranger = min(scopes - known)
        raise BadInput("jobs.result_of_stranger", hospital=stranger)
