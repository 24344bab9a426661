"""The panels of the first page after sign-in: one for each role that the person holds in the study."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from hospitals.marks import mark_of
from hospitals.models import Batch, Institution, KeySet, Role, Study
from hospitals.selectors.audit import Page, Wanted, audit_page
from hospitals.selectors.batches import batch_progress, batches_of
from hospitals.selectors.institutions import institutions_waiting
from hospitals.selectors.keys import is_confirmed_by, key_warning, unconfirmed
from hospitals.selectors.pages import BatchLine
from hospitals.selectors.shared_keys import SharedKey, shared_key
from hospitals.selectors.studies import StudyOverview, study_overview
from hospitals.selectors.terms import must_accept, terms_lines
from training.models import CustodianRequest, Job
from training.selectors.jobs import jobs_of
from training.selectors.overview import Contribution, contributions
from training.selectors.pages import ResultCard, custodian_last_seen, result_cards
from training.selectors.release_page import ReleaseLine, release_lines
from training.selectors.releases import releases_of
from training.selectors.requests import requests_waiting
from training.selectors.result_page import scatter

if TYPE_CHECKING:
    from hospitals.views.entry import Visit

_LATEST = 5
_ON_THE_WAY = (Batch.State.UPLOADING, Batch.State.CHECKING, Batch.State.CUSTODIAN)
_SEES_STUDY = {Role.PROJECT_ADMINISTRATOR, Role.PLATFORM_ADMINISTRATOR}


@dataclass(frozen=True)
class HospitalPanel:
    """My hospital in this study: is our data in, and is it right?"""

    hospital: Institution
    patients: int
    on_the_way: int
    quarantined: int
    lines: list[BatchLine]
    more: int
    missing: list[str]


@dataclass(frozen=True)
class StudyPanel:
    """Can we train, and what is blocking us?"""

    overview: StudyOverview
    contributions: list[Contribution]
    blocking: list[str]
    jobs: list[Job]
    releases: list[ReleaseLine]


@dataclass(frozen=True)
class CustodianPanel:
    """What was opened with my key, and what waits?"""

    waiting: int
    oldest: CustodianRequest | None
    answered: int
    refused: int
    seen: datetime | None
    shared: SharedKey | None
    key: KeySet | None
    warning: str
    confirmed: bool


@dataclass(frozen=True)
class Today:
    """None where the person has no such role."""

    hospital: HospitalPanel | None
    study: StudyPanel | None
    custodian: CustodianPanel | None
    releases: list[ReleaseLine] | None
    results: list[tuple[ResultCard, list[tuple[float, float]]]] | None
    audit: Page | None
    institutions: list[Institution] | None


def today(visit: "Visit") -> Today:
    roles = visit.roles
    return Today(
        hospital=_hospital(visit.study, visit.hospital) if visit.hospital is not None else None,
        study=_study(visit) if roles & _SEES_STUDY else None,
        custodian=_custodian(visit.study) if Role.CUSTODIAN in roles else None,
        releases=_open_releases(visit) if Role.APPROVER in roles else None,
        results=_results(visit.study) if Role.CLINICIAN in roles else None,
        audit=audit_page(Wanted(study=visit.study.slug), None) if Role.AUDITOR in roles else None,
        institutions=list(institutions_waiting()) if Role.PLATFORM_ADMINISTRATOR in roles else None,
    )


def _hospital(study: Study, hospital: Institution) -> HospitalPanel:
    batches = batches_of(study, hospital)
    states = list(batches.values_list("state", "patients"))
    mark = mark_of(study, hospital)
    return HospitalPanel(
        hospital=hospital,
        patients=sum(patients for state, patients in states if state == Batch.State.ADMITTED),
        on_the_way=sum(state in _ON_THE_WAY for state, _patients in states),
        quarantined=sum(state == Batch.State.QUARANTINED for state, _patients in states),
        lines=[BatchLine(batch, mark, batch_progress(batch)) for batch in batches[:_LATEST]],
        more=max(len(states) - _LATEST, 0),
        missing=list(_missing(study, hospital)),
    )


def _missing(study: Study, hospital: Institution) -> Iterator[str]:
    """Why the hospital cannot add patients now, and whose turn it is."""
    overview = study_overview(study)
    if overview.dictionary is None:
        yield _("The data dictionary is not published yet: a project administrator does it.")
    yield from _key_facts(overview.key)
    if overview.key is not None and not is_confirmed_by(overview.key, hospital):
        yield _("Your hospital has not confirmed the key yet: a coordinator telephones the custodian.")
    if must_accept(study, hospital) is not None:
        yield _("Your hospital has not accepted the terms in force: a coordinator does it on the page Terms.")


def _key_facts(key: KeySet | None) -> Iterator[str]:
    if key is None:
        yield _("There is no key to encrypt under yet: the custodian publishes it.")
    elif key_warning(key) == "expired":
        yield _("The key has expired: the custodian rotates it.")


def _study(visit: "Visit") -> StudyPanel:
    study = visit.study
    overview = study_overview(study)
    return StudyPanel(
        overview=overview,
        contributions=contributions(overview),
        blocking=list(_blocking(study, overview)),
        jobs=list(jobs_of(study)[:_LATEST]),
        releases=_open_releases(visit),
    )


def _blocking(study: Study, overview: StudyOverview) -> Iterator[str]:
    """What keeps patients out or a job from being launched, and whose turn it is."""
    if overview.dictionary is None:
        yield _("The data dictionary is not published: hospitals cannot prepare tables.")
    yield from _key_facts(overview.key)
    waiting = [] if overview.key is None else [hospital.name for hospital in unconfirmed(overview.key)]
    if waiting:
        yield _("The key is not confirmed by %(hospitals)s: a coordinator of each telephones the custodian.") % {
            "hospitals": ", ".join(waiting)
        }
    late = [line.institution.name for line in terms_lines(study) if must_accept(study, line.institution)]
    if late:
        yield _("The terms in force are not accepted by %(hospitals)s.") % {"hospitals": ", ".join(late)}
    stopped = [share.institution.name for share in overview.hospitals if share.institution.state != "approved"]
    if stopped:
        yield _("Suspended or closed, so without uploads: %(hospitals)s.") % {"hospitals": ", ".join(stopped)}
    empty = [share.institution.name for share in overview.hospitals if not share.patients]
    if empty:
        words = {"n": len(empty), "hospitals": ", ".join(empty)}
        yield (
            ngettext(
                "One hospital has no admitted patients: %(hospitals)s.",
                "%(n)s hospitals have no admitted patients: %(hospitals)s.",
                len(empty),
            )
            % words
        )
    shared = shared_key(overview.key)
    if shared is not None and shared.short:
        words = {"online": shared.online, "parties": shared.parties, "threshold": shared.threshold}
        yield (
            _(
                "Batches and jobs wait for hospitals that are away: %(online)s of %(parties)s are online; "
                "%(threshold)s must open together, and one of them leads."
            )
            % words
        )
    elif shared is None and custodian_last_seen(study) is None:
        yield _("The custodian's program has never called: batches and jobs wait until it runs.")


def _custodian(study: Study) -> CustodianPanel:
    waiting = list(requests_waiting(study))
    answers = CustodianRequest.objects.filter(study=study, state=CustodianRequest.State.ANSWERED)
    key = study.key_sets.filter(state=KeySet.State.ACTIVE).first()
    return CustodianPanel(
        waiting=len(waiting),
        oldest=waiting[0] if waiting else None,
        answered=answers.exclude(outcome="refused").count(),
        refused=answers.filter(outcome="refused").count(),
        seen=custodian_last_seen(study),
        shared=shared_key(key),
        key=key,
        warning=key_warning(key),
        confirmed=key is not None and not unconfirmed(key),
    )


def _open_releases(visit: "Visit") -> list[ReleaseLine]:
    rows = [release for release in releases_of(visit.study) if release.state in release.OPEN]
    return release_lines(rows, visit.user, visit.roles)


def _results(study: Study) -> list[tuple[ResultCard, list[tuple[float, float]]]]:
    return [(card, scatter(card.result)) for card in result_cards(study)]
