"""The panels of the first page after sign-in: one for each role that the person holds in the study."""

from dataclasses import dataclass
from datetime import datetime

from hefed.front.contributions import Contributions
from hospitals.audit.selectors import Page, Wanted, audit_page
from hospitals.batches.pages import BatchLine, batch_lines
from hospitals.batches.selectors import batches_of
from hospitals.institutions.models import Institution
from hospitals.institutions.selectors import institutions_waiting
from hospitals.keys.models import KeySet
from hospitals.keys.selectors import SharedKey
from hospitals.people.entry import Visit
from hospitals.people.models import Role
from hospitals.studies.facts import HospitalShare
from hospitals.studies.steps import in_the_way, missing_for, steps_of
from training.jobs.models import CustodianRequest, Job
from training.releases.pages import ReleaseLine, release_lines
from training.results.selectors import ResultCard, result_cards, scatter
from training.study_state.state import Answers, StudyState

_LATEST = 5
_SEES_STUDY = {Role.PROJECT_ADMINISTRATOR, Role.PLATFORM_ADMINISTRATOR}


@dataclass(frozen=True)
class HospitalPanel:
    """My hospital in this study: is our data in, and is it right?"""

    share: HospitalShare
    lines: list[BatchLine]
    more: int
    missing: list[str]


@dataclass(frozen=True)
class StudyPanel:
    """Can we train, and what is blocking us?"""

    contributions: Contributions
    blocking: list[str]
    jobs: list[Job]
    releases: list[ReleaseLine]


@dataclass(frozen=True)
class CustodianPanel:
    """What was opened with my key, and what waits?"""

    waiting: int
    oldest: CustodianRequest | None
    answers: Answers
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


def today(visit: Visit, state: StudyState) -> Today:
    roles = visit.roles
    return Today(
        hospital=_hospital(state, visit.hospital) if visit.hospital is not None else None,
        study=_study(visit, state) if roles & _SEES_STUDY else None,
        custodian=_custodian(state) if Role.CUSTODIAN in roles else None,
        releases=_open_releases(visit, state) if Role.APPROVER in roles else None,
        results=_results(state) if Role.CLINICIAN in roles else None,
        audit=audit_page(Wanted(study=visit.study.slug), None) if Role.AUDITOR in roles else None,
        institutions=list(institutions_waiting()) if Role.PLATFORM_ADMINISTRATOR in roles else None,
    )


def _hospital(state: StudyState, hospital: Institution) -> HospitalPanel:
    share = state.facts.share_of(hospital)
    newest = batches_of(state.study, hospital)[:_LATEST]
    return HospitalPanel(
        share=share,
        lines=batch_lines(state.facts, newest),
        more=max(sum(share.batch_states.values()) - _LATEST, 0),
        missing=missing_for(state.facts, hospital),
    )


def _study(visit: Visit, state: StudyState) -> StudyPanel:
    return StudyPanel(
        contributions=Contributions.of(state.facts),
        blocking=in_the_way(steps_of(state.facts)),
        jobs=state.jobs[:_LATEST],
        releases=_open_releases(visit, state),
    )


def _custodian(state: StudyState) -> CustodianPanel:
    facts = state.facts
    return CustodianPanel(
        waiting=len(state.requests),
        oldest=next(iter(state.requests), None),
        answers=state.answers,
        seen=facts.custodian_seen,
        shared=facts.shared,
        key=facts.key,
        warning=facts.key_warning,
        confirmed=facts.key_is_confirmed,
    )


def _open_releases(visit: Visit, state: StudyState) -> list[ReleaseLine]:
    signers = state.signers if Role.APPROVER in visit.roles and state.asked else None
    return release_lines(state.asked, visit.user, signers)


def _results(state: StudyState) -> list[tuple[ResultCard, list[tuple[float, float]]]]:
    return [(card, scatter(card.result)) for card in result_cards(state.facts)]
