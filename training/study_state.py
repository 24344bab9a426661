"""Where a study stands and whose turn it is, read once per visit."""

from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property

from django.db.models import Count, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from hospitals.people.models import Role
from hospitals.people.permissions import Right
from hospitals.studies.facts import StudyFacts
from hospitals.studies.models import Study
from hospitals.studies.steps import Step, first_step
from training.jobs.models import CustodianRequest, Job
from training.jobs.requests import requests_waiting
from training.releases.models import Release
from training.releases.selectors import Asked, Signers, asked_now, releases_of, sealed_items

SILENT = timedelta(minutes=15)  # a custodian's program that calls less often than this while something waits is off


@dataclass(frozen=True)
class Answers:
    """How many requests the custodian let pass and refused since the study began."""

    answered: int
    refused: int


@dataclass(frozen=True)
class StudyState:
    """Lazy like its ``facts``: a page pays for what it asks, and for nothing twice."""

    facts: StudyFacts

    @classmethod
    def read(cls, study: Study) -> "StudyState":
        return cls(StudyFacts(study))

    @property
    def study(self) -> Study:
        return self.facts.study

    # ---- jobs -------------------------------------------------------------------------------------------------------

    @cached_property
    def jobs(self) -> list[Job]:
        """The newest first, without the numbers of their results."""
        return list(_jobs(self.study))

    @property
    def live_job(self) -> Job | None:
        return next((job for job in self.jobs if job.state in Job.LIVE), None)

    @property
    def finished_job(self) -> Job | None:
        """The newest that has a result."""
        return next((job for job in self.jobs if job.state == Job.State.FINISHED), None)

    @property
    def stopped_job(self) -> Job | None:
        """The newest job, when it ended without a result: what came before it is history."""
        newest = next((job for job in self.jobs if job.state != Job.State.CANCELLED), None)
        return newest if newest is not None and newest.state in (Job.State.FAILED, Job.State.REFUSED) else None

    @property
    def jobs_to_ask_for(self) -> list[Job]:
        """Finished jobs with something sealed and no open release."""
        asked = {release.job_id for release in self.open_releases}
        return [job for job in self.jobs if job.pk not in asked and sealed_items(job)]

    # ---- requests to the custodian ----------------------------------------------------------------------------------

    @cached_property
    def requests(self) -> list[CustodianRequest]:
        """Those that wait, the oldest first, with the answers of hospitals that hold shares."""
        return list(requests_waiting(self.study).prefetch_related("share_answers"))

    @property
    def custodian_is_silent(self) -> bool:
        seen = self.facts.custodian_seen
        return seen is None or timezone.now() - seen > SILENT

    @cached_property
    def answers(self) -> Answers:
        refused = Q(outcome="refused")
        rows = CustodianRequest.objects.filter(study=self.study, state=CustodianRequest.State.ANSWERED)
        return Answers(**rows.aggregate(answered=Count("pk", filter=~refused), refused=Count("pk", filter=refused)))

    # ---- releases ---------------------------------------------------------------------------------------------------

    @cached_property
    def asked(self) -> list[Asked]:
        """Open releases, with what they ask for now and who approved it; the newest first."""
        return asked_now(releases_of(self.study).filter(state__in=Release.OPEN))

    @property
    def open_releases(self) -> list[Release]:
        return [one.release for one in self.asked]

    @property
    def collecting(self) -> list[Asked]:
        return [one for one in self.asked if one.release.state == Release.State.COLLECTING]

    @cached_property
    def signers(self) -> Signers:
        return Signers.of(self.study)


def _jobs(study: Study) -> QuerySet[Job]:
    rows = Job.objects.filter(study=study).select_related("sealed", "model").prefetch_related("institutions")
    return rows.defer("plan", "model__result", "model__table_one", "model__warnings")


def next_step(state: StudyState) -> Step:
    """The first thing that is missing on the way to a result that people can read."""
    return first_step(state.facts) or _training(state) or first_job(state) or _result(state)


def first_job(state: StudyState) -> Step | None:
    """Patients wait in the pool, and nobody has launched a job."""
    patients = sum(share.train for share in state.facts.shares)
    if state.jobs or not patients:
        return None
    return Step(
        who=_("Project administrator"),
        title=_("Launch the first job: %(patients)s patients wait in the pool") % {"patients": f"{patients:,}"},
        text=_("The form shows minutes, memory and what is missing before anything starts."),
        page="launch-form",
        right=Right.RUN_JOBS,
        button=_("Launch a job"),
        roles=frozenset({Role.PROJECT_ADMINISTRATOR}),
    )


def _training(state: StudyState) -> Step | None:
    job = state.live_job
    if job is None:
        return None
    return Step(
        who=_("Server and custodian"),
        title=_("%(live)s is training") % {"live": job.name},
        text=_("The server computes on ciphertext; the custodian opens totals, round by round."),
        page="job",
        args=(job.name,),
        right=Right.SEE_JOBS,
        button=_("Watch it"),
    )


def _result(state: StudyState) -> Step:
    """Nobody reads a sealed one before somebody asked for its release and two institutions approved."""
    job = state.finished_job
    if job is None:
        return _again()
    if not job.is_sealed:
        text = _("Its numbers were opened by the custodian under the disclosure rules.")
        return _about(job, _("Everybody"), _("Read the result of %(finished)s"), text, _("Open it"))
    release = next((one for one in state.open_releases if one.job_id == job.pk), None)
    if release is not None:
        return _review(job, release)
    text = _("Its result is sealed: nobody can read it yet.")
    title = _("Ask for the release of %(finished)s")
    return _about(job, _("Project administrator"), title, text, _("See what is missing"))


def _again() -> Step:
    """Jobs were launched, and none has a result."""
    return Step(
        who=_("Project administrator"),
        title=_("Launch a job"),
        text=_("No job has a result yet: the page of the latest one says why, and what to do."),
        page="jobs",
        right=Right.SEE_JOBS,
        button=_("See the jobs"),
    )


def _review(job: Job, release: Release) -> Step:
    title = _("Review %(release)s") % {"release": release.name}
    text = _("Approvers of two institutions read what would be published, and sign it.")
    return _about(job, _("Approvers"), title, text, _("See what is missing"))


def _about(job: Job, who: str, title: str, text: str, button: str) -> Step:
    words = {"finished": job.name}
    return Step(who=who, title=title % words, text=text, page="result", args=(job.name,), button=button)
