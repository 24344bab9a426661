"""What waits for a person: the first page of each role."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime

from django.contrib.humanize.templatetags.humanize import naturaltime
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from hefed.front.hospitals import Contributions, with_shares
from hospitals.audit.selectors import Page, Wanted, audit_page
from hospitals.batches.models import Batch
from hospitals.batches.selectors import batches_of
from hospitals.batches.views import BatchLine, batch_lines
from hospitals.institutions.models import Institution
from hospitals.institutions.selectors import institutions_waiting
from hospitals.keys.models import KeySet
from hospitals.keys.selectors import SharedKey, is_publisher
from hospitals.people.entry import Visit
from hospitals.people.models import Role
from hospitals.studies.facts import HospitalShare
from hospitals.studies.setup import set_up_state
from hospitals.studies.steps import Step, confirm_steps, in_the_way, missing_for, steps_of, terms_steps
from training.jobs.models import CustodianRequest, Job
from training.releases.models import Release
from training.releases.pages import ReleaseLine, release_lines
from training.releases.selectors import key_in_use as approval_key
from training.results.selectors import ResultCard, result_cards, scatter
from training.study_state import Answers, StudyState, first_job


@dataclass(frozen=True)
class Waiting:
    """One line of the panel. ``urgent``: others cannot go on before it is done."""

    title: str
    text: str
    address: str
    button: str
    urgent: bool = False


def waiting_for(visit: Visit, state: StudyState) -> list[Waiting]:
    """Everything that waits for the person, the urgent things first."""
    found = [item for role, steps in _BY_ROLE.items() if role in visit.roles for item in steps(visit, state)]
    lines = [_line(visit, step) for step in found]
    return sorted(dict.fromkeys(lines), key=lambda line: not line.urgent)


def _line(visit: Visit, step: Step) -> Waiting:
    args = step.args if step.page in _OUTSIDE else (visit.study.slug, *step.args)
    return Waiting(step.title, step.text, reverse(step.page, args=args), step.button, step.urgent)


_OUTSIDE = ("approval-key", "institutions")  # pages that belong to no study


def _of_study(role: Role, state: StudyState) -> Iterator[Step]:
    """What the study as a whole waits for from people of this role."""
    return (step for step in steps_of(state.facts) if role in step.roles and step.title)


def _day(when: date) -> str:
    return date_format(when, _("j M Y"))


# ---- coordinator -----------------------------------------------------------------------------------------------------


def _for_coordinator(visit: Visit, state: StudyState) -> Iterator[Step]:
    hospital = visit.hospital
    if hospital is None or hospital.state != Institution.State.APPROVED:
        return
    yield from terms_steps(state.facts, [hospital])
    yield from _key_to_confirm(visit, state, hospital)
    yield from (step for step in _of_study(Role.COORDINATOR, state) if step.hospitals is None)
    yield from _stopped_batches(visit, state, hospital)
    yield from _first_patients(state, hospital)


def _key_to_confirm(visit: Visit, state: StudyState, hospital: Institution) -> Iterator[Step]:
    """Not for the person with whose code the key was published: somebody else of the hospital does it."""
    key = state.facts.key
    if key is not None and not is_publisher(key, visit.user):
        yield from confirm_steps(state.facts, [hospital])


def _stopped_batches(visit: Visit, state: StudyState, hospital: Institution) -> Iterator[Step]:
    share = state.facts.share_of(hospital)
    if share.quarantined:
        for batch in batches_of(visit.study, hospital).filter(state=Batch.State.QUARANTINED):
            yield Step(
                title=_("%(batch)s was kept out of the pool") % {"batch": batch.name},
                text=_("Read why, correct the table and send it again."),
                page="batch",
                args=(batch.name,),
                button=_("Read why"),
                urgent=True,
            )
    outdated, cut = (share.batch_states.get(one, 0) for one in (Batch.State.OUTDATED, Batch.State.UPLOADING))
    if outdated:
        title = ngettext("%(n)s batch is outdated", "%(n)s batches are outdated", outdated) % {"n": outdated}
        text = _("The key or the dictionary was replaced: encrypt the same tables anew and send them.")
        yield Step(title=title, text=text, page="batches", button=_("See which"))
    if cut:
        title = ngettext("%(n)s upload is not complete", "%(n)s uploads are not complete", cut) % {"n": cut}
        text = _("Choose the same file again; the upload goes on where it stopped.")
        yield Step(title=title, text=text, page="batches", button=_("Go on"))


def _first_patients(state: StudyState, hospital: Institution) -> Iterator[Step]:
    """Only when nothing else stands in the way."""
    if missing_for(state.facts, hospital):
        return
    for step in _of_study(Role.COORDINATOR, state):
        if hospital in (step.hospitals or ()):
            yield replace(step, page="add-patients", button=_("Add patients"))


# ---- project administrator -------------------------------------------------------------------------------------------


def _for_project_administrator(visit: Visit, state: StudyState) -> Iterator[Step]:
    yield from _of_study(Role.PROJECT_ADMINISTRATOR, state)
    yield from _draft(state)
    yield from _stopped_job(state)
    launch = first_job(state)
    if launch is not None:
        yield launch
    yield from _releases_to_ask(state)
    yield from _approval_key(visit, state)


def _draft(state: StudyState) -> Iterator[Step]:
    """Of the next version of the dictionary; the first one is a step of the set-up."""
    count = len(set_up_state(state.facts).problems) if state.study.state != state.study.State.DRAFT else 0
    if count:
        title = ngettext("%(n)s problem in the draft dictionary", "%(n)s problems in the draft dictionary", count)
        text = _("The draft of the next version cannot be published before.")
        yield Step(title=title % {"n": count}, text=text, page="edit-dictionary", button=_("Edit"))


def _stopped_job(state: StudyState) -> Iterator[Step]:
    job = state.stopped_job
    if job is not None:
        title = _("%(job)s ended without a result") % {"job": job.name}
        text = _("Its page says at which step, why, and what to do.")
        yield Step(title=title, text=text, page="job", args=(job.name,), button=_("Read why"))


def _releases_to_ask(state: StudyState) -> Iterator[Step]:
    count = len(state.jobs_to_ask_for)
    if count:
        title = ngettext("%(n)s result is sealed", "%(n)s results are sealed", count) % {"n": count}
        text = _("Ask for its release: choose what to publish and say why; approvers of two institutions decide.")
        yield Step(title=title, text=text, page="ask-form", button=_("Ask for a release"))
    for release in state.open_releases:
        if release.state == Release.State.DRAFT:
            title = _("%(release)s is not signed yet") % {"release": release.name}
            text = _("Approvers see it when you have signed what you ask for.")
            yield Step(title=title, text=text, page="release", args=(release.name,), button=_("Sign"))


def _approval_key(visit: Visit, state: StudyState) -> Iterator[Step]:
    """Only when there is something to sign."""
    if (state.open_releases or state.jobs_to_ask_for) and approval_key(visit.user) is None:
        text = _("You sign with a key that your browser makes and keeps; you read its fingerprint to the custodian.")
        yield Step(title=_("Make your approval key"), text=text, page="approval-key", button=_("Make my key"))


# ---- custodian, approver, platform -----------------------------------------------------------------------------------


def _for_custodian(visit: Visit, state: StudyState) -> Iterator[Step]:
    shared = state.facts.shared
    yield from (step for step in _of_study(Role.CUSTODIAN, state) if step.urgent)
    yield from with_shares(visit, shared, state.requests) if shared is not None else _requests(state)
    yield from _keys_to_trust(state)
    yield from (step for step in _of_study(Role.CUSTODIAN, state) if not step.urgent)


def _requests(state: StudyState) -> Iterator[Step]:
    count = len(state.requests)
    if not count:
        return
    words = {"n": count, "asked": naturaltime(state.requests[0].created_at)}
    title = ngettext("%(n)s request waits, asked %(asked)s", "%(n)s requests wait, the oldest asked %(asked)s", count)
    text = _("The custodian's program answers by its policy.")
    if state.custodian_is_silent:
        text = _("The custodian's program has not called for a while: start it.")
    urgent = state.custodian_is_silent
    yield Step(title=title % words, text=text, page="requests", button=_("See them"), urgent=urgent)


def _keys_to_trust(state: StudyState) -> Iterator[Step]:
    """Keys under open releases for which nobody at the custodian has vouched: their signatures do not count yet."""
    for one in state.collecting:
        count = len(one.version.unknown)
        if count:
            words = {"n": count, "release": one.release.name}
            title = ngettext(
                "%(n)s key of %(release)s is not trusted yet", "%(n)s keys of %(release)s are not trusted yet", count
            )
            text = _(
                "Let the owner read the fingerprint to you by telephone, then trust it on the custodian's machine."
            )
            yield Step(
                title=title % words,
                text=text,
                page="release",
                args=(one.release.name,),
                button=_("See whose"),
                urgent=True,
            )


def _for_approver(visit: Visit, state: StudyState) -> Iterator[Step]:
    signers = state.signers if state.collecting else None
    for line in release_lines(state.collecting, visit.user, signers):
        if line.mine:
            words = {"release": line.release.name, "until": _day(line.version.expires_on)}
            yield Step(
                title=_("Review %(release)s until %(until)s") % words,
                text=_("Read exactly what would be published, then approve or reject it."),
                page="release",
                args=(line.release.name,),
                button=_("Review"),
                urgent=True,
            )
    yield from _approval_key(visit, state)


def _for_platform_administrator(visit: Visit, state: StudyState) -> Iterator[Step]:
    count = institutions_waiting().exclude(contact_verified_at=None).count()
    if count:
        title = ngettext("%(n)s institution waits for a decision", "%(n)s institutions wait for a decision", count)
        text = _("Check the domain and the committee's approval, then decide with a reason.")
        yield Step(title=title % {"n": count}, text=text, page="institutions", button=_("Decide"))


_BY_ROLE: dict[Role, Callable[[Visit, StudyState], Iterator[Step]]] = {
    Role.COORDINATOR: _for_coordinator,
    Role.PROJECT_ADMINISTRATOR: _for_project_administrator,
    Role.CUSTODIAN: _for_custodian,
    Role.APPROVER: _for_approver,
    Role.PLATFORM_ADMINISTRATOR: _for_platform_administrator,
}


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
