"""``report.json`` of DESIGN 7, from the server's records and the rehearsal's own clock."""

from datetime import datetime
from importlib.metadata import version
from typing import Any

from django.db.models import Sum

from hefed.core.ckks.params import profile as profile_of
from hefed.core.errors import Conflict
from hefed.core.learning.kinds.table import KINDS
from hefed.rehearsal.memory import Memory
from hospitals.batches.models import Batch
from hospitals.keys.models import KeySet
from training.jobs.models import CustodianRequest, Job


def build_report(job: Job, memory: Memory) -> dict[str, Any]:
    """The fixed public shape; raises Job.model.RelatedObjectDoesNotExist for a job without a released model."""
    admitted = list(Batch.objects.filter(study=job.study, state=Batch.State.ADMITTED).select_related("institution"))
    columns = admitted[0].manifest["columns"]
    return {
        "study": {"hospitals": _hospital_rows(admitted), "columns": columns},
        "security": _security(job),
        "model": _in_order(_model(job), columns),
        "metrics": _metrics(job),
        "warnings": job.model.warnings,
        "seconds": _seconds(job, memory),
        "bytes": _bytes(job, admitted),
        "peak_memory_bytes": _peaks(memory),
    }


def _model(job: Job) -> dict[str, Any]:
    """A rehearsal's custodian releases by itself; on a server with approvals there may be nothing to report yet."""
    if job.model.result is None:
        raise Conflict("rehearsal.sealed", name=job.name)
    return dict(job.model.result)


def _in_order(model: dict[str, Any], columns: list[str]) -> dict[str, Any]:
    """Coefficients in the order of the dictionary; a database may keep JSON keys in another."""
    named = [name for name in columns if name in model["coefficients"]]
    natural = model["natural"]
    return model | {
        "coefficients": {name: model["coefficients"][name] for name in named},
        "natural": natural | {"coefficients": {name: natural["coefficients"][name] for name in named}},
    }


def _hospital_rows(admitted: list[Batch]) -> dict[str, dict[str, int]]:
    rows: dict[str, dict[str, int]] = {}
    for batch in admitted:
        counts = rows.setdefault(batch.institution.slug, {"train": 0, "holdout": 0})
        for block in batch.manifest["blocks"]:
            counts[block["role"]] += block["patients"]
    return rows


def _security(job: Job) -> dict[str, Any]:
    ring = profile_of(job.study.profile)
    return {
        "scheme": "CKKS",
        "profile": ring.name,
        "ring_degree": ring.ring_degree,
        "modulus_bits": ring.modulus_bits,
        "security_bits": ring.security_bits,
        "library": f"SEAL 4.3 in tenseal {version('tenseal')}",
        "key": _key(job.key_set),
    }


def _key(key_set: KeySet) -> dict[str, int]:
    """How many of how many hospitals open together; 1 of 1: one custodian."""
    sharing = key_set.sharing or {"threshold": 1, "seats": [None]}
    return {"threshold": sharing["threshold"], "holders": len(sharing["seats"])}


def _peaks(memory: Memory) -> dict[str, int]:
    """The largest of several agents counts as the custodian's; each is there under its own name too."""
    peaks: dict[str, int] = memory.notes.get("peak_memory_bytes", {})
    agents = [peak for name, peak in peaks.items() if name.startswith("custodian")]
    return {"custodian": max(agents, default=0)} | peaks


def _metrics(job: Job) -> dict[str, Any]:
    rows = job.model.evaluations.select_related("institution")
    return {row.institution.slug if row.institution else "pooled": row.metrics for row in rows}


def training_seconds(job: Job) -> float:
    """From the launch to the last gradient's answer."""
    steps = [kind.name for kind in KINDS.values() if kind.iterates]
    last = job.rounds.filter(kind__in=steps).order_by("-number")[0]
    return _between(job.launched_at, last.finished_at)


def _seconds(job: Job, memory: Memory) -> dict[str, float]:
    """Encryption and upload add up over hospitals; training runs from the launch to the last gradient's answer."""
    spent = {step: round(seconds, 3) for step, seconds in memory.seconds.items()}
    for step in ("encrypt", "upload"):
        spent[step] = round(sum(value for name, value in memory.seconds.items() if name.startswith(f"{step}:")), 3)
    spent["training"] = training_seconds(job)
    single = [kind.name for kind in KINDS.values() if kind.belongs_to_job and not kind.iterates]
    for last in job.rounds.filter(kind__in=single).order_by("number"):
        spent[last.kind] = _between(last.created_at, last.finished_at)
    return {name: value for name, value in spent.items() if ":" not in name}


def _between(start: datetime, end: datetime | None) -> float:
    """Seconds; 0 for what has not ended."""
    return round((end - start).total_seconds(), 3) if end else 0.0


def _bytes(job: Job, admitted: list[Batch]) -> dict[str, int]:
    asked = CustodianRequest.objects.filter(study=job.study)
    traffic = asked.aggregate(payload=Sum("payload_bytes", default=0), answer=Sum("answer_bytes", default=0))
    keys = job.key_set
    return {
        "uploaded": sum(block["bytes"] for batch in admitted for block in batch.manifest["blocks"]),
        "keys": keys.public.bytes + (keys.relinearisation.bytes if keys.relinearisation else 0),
        "custodian_traffic": traffic["payload"] + traffic["answer"],
    }
