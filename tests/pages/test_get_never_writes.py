"""Whoever only looks changes nothing: every GET of the URL table, by every role, writes no row."""

from collections.abc import Iterator

import pytest
from allauth.account import urls as account_urls
from allauth.mfa import urls as factor_urls
from allauth.usersessions import urls as session_urls
from django.test import Client
from django.urls import URLPattern, URLResolver, reverse

from hospitals.batches.models import Batch
from tests.pages.conftest import signed_in
from tests.pages.factory import World
from tests.pages.test_access import VALUES, WRITES, address, patterns
from tests.writing import watched, written_table
from training.jobs.models import Job
from training.releases.models import Release

BOOKKEEPING = {
    "django_session",  # a note that was shown, the token of a form: of the visit, not of the study
    "usersessions_usersession",  # when a session was last seen, for the list of one's own sessions
}
ROWS = {"/data/": Batch, "/jobs/": Job, "/results/": Job, "/releases/": Release}  # what ``name`` names, by address
MANY = 100
LIBRARY_VALUES = {"key": "x", "uidb36": "1", "pk": 1}


def named(found: list[URLPattern | URLResolver], above: tuple[str, ...] = ()) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Every address with the names of the values that it takes."""
    for one in found:
        values = (*above, *one.pattern.converters, *one.pattern.regex.groupindex)
        if isinstance(one, URLResolver):
            yield from named(one.url_patterns, values)
        else:
            yield str(one.name), values


def library_addresses() -> Iterator[str]:
    """Those of sign-in, factors and sessions."""
    for name, values in named([*account_urls.urlpatterns, *factor_urls.urlpatterns, *session_urls.urlpatterns]):
        yield reverse(name, kwargs={value: LIBRARY_VALUES[value] for value in values})


def own_addresses(rows: int) -> Iterator[str]:
    """Those of the two apps; an address of a batch, job or release for up to ``rows`` of them, the newest first."""
    for pattern in patterns():
        if pattern.name in WRITES:
            continue
        if "name" not in pattern.pattern.converters:
            yield address(str(pattern.name))
            continue
        model = next(model for part, model in ROWS.items() if part in str(pattern.pattern))
        for row in model.objects.order_by("-pk")[:rows]:
            values = {**VALUES, "slug": "icu-death", "name": row.name}
            yield reverse(str(pattern.name), kwargs={key: values[key] for key in pattern.pattern.converters})


def writes_of(client: Client, path: str) -> set[str]:
    with watched() as seen:
        client.get(path)
    return {written_table(sql) for sql in seen} - BOOKKEEPING


@pytest.mark.parametrize(
    "role",
    [
        "visitor",
        "stranger",
        "platform_administrator",
        "project_administrator",
        "coordinator",
        "custodian",
        "clinician",
        "auditor",
        "approver",
    ],
)
def test_get_writes_nothing(world: World, role: str):
    rows = MANY if role == "platform_administrator" else 1
    client = Client() if role == "visitor" else signed_in(world, role)

    found = {path: writes_of(client, path) for path in (*own_addresses(rows), *library_addresses())}

    assert {path: tables for path, tables in found.items() if tables} == {}


def test_the_pages_are_really_shown(world: World):
    """The test above would pass on addresses that answer 404."""
    client = signed_in(world, "platform_administrator")
    shown = sum(client.get(path).status_code == 200 for path in own_addresses(MANY))
    assert shown > 60
