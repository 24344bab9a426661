"""Checks of ``manage.py check``: settings that contradict each other, and what a deployment needs."""

import importlib.util
import stat
from collections.abc import Iterator, Sequence
from typing import Any
from urllib.parse import urlsplit

from django.apps import AppConfig
from django.conf import settings
from django.core.checks import CheckMessage, Error, Warning, register

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


_HERE = ("localhost", "127.0.0.1", "::1")
_MAIL_NOWHERE = ("console", "dummy", "locmem", "filebased")


@register("hefed")
def check_s3_library(app_configs: Sequence[AppConfig] | None, **_: Any) -> list[CheckMessage]:
    """Also without ``--deploy``: the first block that arrives would fail."""
    if not _blobs_in_s3() or importlib.util.find_spec("boto3"):
        return []
    return [
        Error(
            "HEFED_S3_BUCKET is set, the library that speaks to S3 is not installed.",
            hint="Install boto3 (requirements.txt has it), or unset HEFED_S3_BUCKET.",
            id="hefed.E003",
        )
    ]


@register("hefed", deploy=True)
def check_shared_storage(app_configs: Sequence[AppConfig] | None, **_: Any) -> list[CheckMessage]:
    """Blobs in S3 suggest several machines, and SQLite serves one."""
    sqlite = settings.DATABASES["default"]["ENGINE"].endswith("sqlite3")
    if not sqlite or not _blobs_in_s3():
        return []
    return [
        Warning(
            "Blobs are shared between machines, the SQLite database is not.",
            hint="Set DATABASE_URL to a PostgreSQL server, or unset HEFED_S3_BUCKET.",
            id="hefed.W001",
        )
    ]


@register("hefed", deploy=True)
def check_public_url(app_configs: Sequence[AppConfig] | None, **_: Any) -> Iterator[CheckMessage]:
    """Invitations and confirmations are links in mails."""
    where = urlsplit(settings.HEFED_PUBLIC_URL)
    if where.hostname in (None, *_HERE):
        yield Warning(
            f"Mails link to {settings.HEFED_PUBLIC_URL}, which nobody else can open.",
            hint="Set HEFED_PUBLIC_URL to the address in people's browsers, for example https://hefed.example.org.",
            id="hefed.W002",
        )
    elif settings.HEFED_HTTPS and where.scheme != "https":
        yield Warning(
            f"HEFED_HTTPS is on and mails link to {settings.HEFED_PUBLIC_URL}.",
            hint="Begin HEFED_PUBLIC_URL with https://.",
            id="hefed.W003",
        )
    elif not _allowed(str(where.hostname)):
        yield Warning(
            f"HEFED_PUBLIC_URL names {where.hostname}, which HEFED_ALLOWED_HOSTS does not: every page answers 400.",
            hint="Add the name to HEFED_ALLOWED_HOSTS.",
            id="hefed.W004",
        )


@register("hefed", deploy=True)
def check_proxy(app_configs: Sequence[AppConfig] | None, **_: Any) -> Iterator[CheckMessage]:
    """TLS ends at a proxy; what it says of a request must be believed, and counted back from."""
    if not settings.HEFED_HTTPS:
        return
    if settings.SECURE_PROXY_SSL_HEADER is None:
        yield Warning(
            "HEFED_HTTPS is on and X-Forwarded-Proto is not believed: behind a proxy every page redirects to itself.",
            hint="Set HEFED_BEHIND_PROXY=1; the proxy must set the header itself (deploy/nginx.conf does).",
            id="hefed.W005",
        )
    if settings.ALLAUTH_TRUSTED_PROXY_COUNT == 0:
        yield Warning(
            "Behind a proxy all people seem to have its address, and share one limit of sign-ins.",
            hint="Set HEFED_PROXIES to the number of proxies in front (1 with deploy/nginx.conf).",
            id="hefed.W006",
        )


@register("hefed", deploy=True)
def check_mail(app_configs: Sequence[AppConfig] | None, **_: Any) -> list[CheckMessage]:
    if not any(name in settings.EMAIL_BACKEND for name in _MAIL_NOWHERE):
        return []
    return [
        Warning(
            f"Mails go nowhere ({settings.EMAIL_BACKEND}): nobody can confirm an address or a new password.",
            hint="Set HEFED_EMAIL_BACKEND=django.core.mail.backends.smtp.EmailBackend and HEFED_EMAIL_HOST.",
            id="hefed.W007",
        )
    ]


@register("hefed", deploy=True)
def check_shared_limits(app_configs: Sequence[AppConfig] | None, **_: Any) -> list[CheckMessage]:
    if "locmem" not in settings.CACHES["default"]["BACKEND"]:
        return []
    return [
        Warning(
            "Every web process counts rate limits for itself: with four of them, four times as many are allowed.",
            hint="Set HEFED_SHARED_CACHE=1; REDIS_URL counts for all.",
            id="hefed.W008",
        )
    ]


@register("hefed", deploy=True)
def check_directory(app_configs: Sequence[AppConfig] | None, **_: Any) -> list[CheckMessage]:
    mode = stat.S_IMODE(settings.HEFED_DATA_DIR.stat().st_mode)
    if not mode & 0o077:
        return []
    return [
        Warning(
            f"Others than its user may enter {settings.HEFED_DATA_DIR} (mode {mode:03o}).",
            hint="Run chmod 700 on it, and start every process with umask 077 (the units of deploy/ do).",
            id="hefed.W009",
        )
    ]


@register("hefed", deploy=True)
def check_second_factor(app_configs: Sequence[AppConfig] | None, **_: Any) -> list[CheckMessage]:
    if settings.HEFED_REQUIRE_MFA:
        return []
    return [
        Warning(
            "Administrators, custodians and approvers need no second factor.",
            hint="Unset HEFED_REQUIRE_MFA; 0 is for trials.",
            id="hefed.W010",
        )
    ]


def _blobs_in_s3() -> bool:
    return str(settings.STORAGES["default"]["BACKEND"]).startswith("storages.")


def _allowed(host: str) -> bool:
    return any(name in ("*", host) or (name.startswith(".") and host.endswith(name)) for name in settings.ALLOWED_HOSTS)
