"""Search by readable id (job-0007, batch-0002) or by short name, among what the person may see."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.urls import reverse
from django.utils.translation import gettext as _

from hospitals.batches.selectors import batch_by_name
from hospitals.institutions.selectors import institutions
from hospitals.people.permissions import NotFound, Right
from hospitals.people.selectors import Standing
from training.jobs.requests import REQUESTS_PER_PAGE, request_by_name, requests_of
from training.jobs.selectors import job_by_name
from training.releases.selectors import release_by_name

if TYPE_CHECKING:
    from hospitals.people.entry import Visit

# "Job 7", "job7" and "job-0007" are the same job.
_ID = re.compile(r"(batch|job|request|release)[\s_-]*0*(\d{1,9})", re.IGNORECASE)


@dataclass(frozen=True)
class Found:
    """One thing of that name; ``where``: its study, or that it is an institution."""

    name: str
    where: str
    address: str


def find(wanted: str, standing: Standing, visits: list["Visit"]) -> list[Found]:
    """``visits``: the studies to look in. Things that the person may not see are not found."""
    known = _ID.fullmatch(wanted.strip())
    if known is not None:
        kind = known[1].lower()
        name = f"{kind}-{int(known[2]):04d}"
        return [found for visit in visits for found in _things(visit, kind, name)]
    slug = wanted.strip().lower()
    return [*_studies(slug, visits), *_institutions(slug, standing, visits)]


def _things(visit: "Visit", kind: str, name: str) -> Iterator[Found]:
    right, look = _KINDS[kind]
    if not visit.may(right):
        return
    try:
        address = look(visit, name)
    except NotFound:
        return
    yield Found(name, visit.study.name, address)


def _batch(visit: "Visit", name: str) -> str:
    batch_by_name(visit.study, name, visit.scope)
    return reverse("batch", args=[visit.study.slug, name])


def _job(visit: "Visit", name: str) -> str:
    job_by_name(visit.study, name)
    return reverse("job", args=[visit.study.slug, name])


def _request(visit: "Visit", name: str) -> str:
    """A request has no page of its own: its line in the list, on the page where it stands."""
    request = request_by_name(visit.study, name)
    newer = requests_of(visit.study).filter(number__gt=request.number).count()
    return f"{reverse('requests', args=[visit.study.slug])}?page={newer // REQUESTS_PER_PAGE + 1}#{request.name}"


def _release(visit: "Visit", name: str) -> str:
    release_by_name(visit.study, name)
    return reverse("release", args=[visit.study.slug, name])


_KINDS: dict[str, tuple[Right, Callable[["Visit", str], str]]] = {
    "batch": (Right.SEE_DATA, _batch),
    "job": (Right.SEE_JOBS, _job),
    "request": (Right.SEE_REQUESTS, _request),
    "release": (Right.SEE_RELEASES, _release),
}


def _studies(slug: str, visits: list["Visit"]) -> Iterator[Found]:
    for visit in visits:
        if visit.study.slug.lower() == slug:
            yield Found(visit.study.slug, _("Study"), reverse("study", args=[visit.study.slug]))


def _institutions(slug: str, standing: Standing, visits: list["Visit"]) -> Iterator[Found]:
    """For a platform administrator its page; for others where it stands in their studies."""
    decides = standing.is_platform_administrator
    known = institutions().filter(slug__iexact=slug).first() if decides else None
    if known is not None:
        yield Found(known.slug, _("Institution"), reverse("institution", args=[known.slug]))
    for visit in [] if decides else visits:
        for institution in visit.facts.institutions:
            if institution.slug.lower() == slug:
                yield Found(institution.slug, visit.study.name, _hospital_address(visit, institution.slug))


def _hospital_address(visit: "Visit", slug: str) -> str:
    """The own hospital's batches; another hospital's line in the study's overview."""
    if visit.hospital is not None and visit.hospital.slug == slug:
        return reverse("batches", args=[visit.study.slug])
    return f"{reverse('study', args=[visit.study.slug])}#hospital-{slug}"
