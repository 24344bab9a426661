"""System checks: settings that contradict each other are found by ``manage.py check``, not in the middle of a job."""

from collections.abc import Sequence
from typing import Any

from django.apps import AppConfig
from django.conf import settings
from django.core.checks import CheckMessage, Error, register

_WORKING_BYTES = 1024**3  # what a worker process needs beside the blocks that it keeps


@register
def check_memory(app_configs: Sequence[AppConfig] | None, **_: Any) -> list[CheckMessage]:
    if settings.HEFED_HOT_BLOCK_BYTES + _WORKING_BYTES <= settings.HEFED_WORKER_MEMORY_BYTES:
        return []
    return [
        Error(
            f"HEFED_HOT_BLOCK_BYTES is {settings.HEFED_HOT_BLOCK_BYTES}, HEFED_WORKER_MEMORY_BYTES only "
            f"{settings.HEFED_WORKER_MEMORY_BYTES}: 1 GiB must be left to compute with.",
            hint="Lower the first or raise the second.",
            id="hefed.E001",
        )
    ]


@register
def check_times(app_configs: Sequence[AppConfig] | None, **_: Any) -> list[CheckMessage]:
    names = ("HEFED_WORKERS", "HEFED_LEASE_SECONDS", "HEFED_SWEEP_SECONDS")
    return [Error(f"{name} is 0; it must be at least 1.", id="hefed.E002") for name in names if not _positive(name)]


def _positive(name: str) -> bool:
    return int(getattr(settings, name)) > 0
