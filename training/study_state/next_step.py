"""Who must act next in a study, over all its parts: the one answer of Today, overview, set-up and launch."""

from django.utils.translation import gettext as _

from hospitals.people.models import Role
from hospitals.people.permissions import Right
from hospitals.studies.steps import Step, first_step
from training.jobs.models import Job
from training.releases.models import Release
from training.study_state.state import StudyState


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
