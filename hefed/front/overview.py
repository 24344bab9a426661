"""What the study's first page says: shares of a bar, and the one next step."""

from dataclasses import dataclass

from django.utils.translation import gettext as _

from hospitals.batches.models import Batch
from hospitals.institutions.marks import HospitalMark
from hospitals.studies.selectors import HospitalShare, StudyOverview
from training.jobs.models import Job
from training.releases.models import Release

_ON_THE_WAY = (Batch.State.UPLOADING, Batch.State.CHECKING, Batch.State.CUSTODIAN)


@dataclass(frozen=True)
class Contribution:
    """One hospital's piece of the stacked bar, in thousandths of the pool."""

    mark: HospitalMark
    share: HospitalShare
    start: float
    width: float
    on_the_way: int
    quarantined: int


@dataclass(frozen=True)
class NextStep:
    """Who does what next; ``page`` names the page where it is done."""

    who: str
    title: str
    text: str
    page: str = ""
    button: str = ""
    job: str = ""


def contributions(overview: StudyOverview) -> list[Contribution]:
    found, start = [], 0.0
    for place, share in enumerate(overview.hospitals):
        width = 1000 * share.patients / overview.patients if overview.patients else 0.0
        mark = HospitalMark(share.institution.slug, share.institution.name, place)
        on_the_way = sum(share.batch_states.get(state, 0) for state in _ON_THE_WAY)
        quarantined = share.batch_states.get(Batch.State.QUARANTINED, 0)
        found.append(Contribution(mark, share, start, width, on_the_way, quarantined))
        start += width
    return found


def next_step(overview: StudyOverview) -> NextStep:
    """The first thing that is missing on the way to a result."""
    if overview.dictionary is None:
        return NextStep(
            _("Project administrator"), _("Publish the data dictionary"), _("Hospitals need it to prepare tables.")
        )
    if overview.key is None:
        text = _("Hospitals encrypt under it. The secret half stays with the custodian.")
        return NextStep(_("Key custodian"), _("Publish the study's key"), text, "keys", _("See the keys"))
    return _next_of_data(overview) or _next_of_jobs(overview)


def _next_of_data(overview: StudyOverview) -> NextStep | None:
    if overview.patients:
        return None
    if any(share.batch_states.get(state) for share in overview.hospitals for state in _ON_THE_WAY):
        text = _("The first batches are being checked. Admitted patients appear here by themselves.")
        return NextStep(_("Server and custodian"), _("Check the first batches"), text, "batches", _("See the batches"))
    text = _("Each hospital encrypts its patients and sends them; nothing can be trained before.")
    return NextStep(_("Hospitals"), _("Add encrypted patients"), text, "batches", _("See how"))


def _next_of_jobs(overview: StudyOverview) -> NextStep:
    jobs = Job.objects.filter(study=overview.study)
    live = jobs.filter(state__in=Job.LIVE).first()
    if live is not None:
        text = _("The server computes on ciphertext; the custodian opens totals, round by round.")
        return NextStep(
            _("Server and custodian"),
            _("%(live)s is training") % {"live": live.name},
            text,
            "job",
            _("Watch it"),
            live.name,
        )
    finished = jobs.filter(state=Job.State.FINISHED).first()
    if finished is None:
        text = _("%(patients)s encrypted patients wait in the pool.") % {"patients": f"{overview.patients:,}"}
        return NextStep(_("Project administrator"), _("Launch the first job"), text, "launch", _("Launch a job"))
    return _next_of_result(finished)


def _next_of_result(finished: Job) -> NextStep:
    """Nobody reads a sealed one before somebody asked for its release and two institutions approved."""
    release = finished.releases.filter(state__in=Release.OPEN).first()
    if finished.is_sealed and release is None:
        title = _("Ask for the release of %(finished)s") % {"finished": finished.name}
        text = _("Its result is sealed: nobody can read it yet.")
        return NextStep(_("Project administrator"), title, text, "result", _("See what is missing"), finished.name)
    if finished.is_sealed and release is not None:
        title = _("Review %(release)s") % {"release": release.name}
        text = _("Approvers of two institutions read what would be published, and sign it.")
        return NextStep(_("Approvers"), title, text, "result", _("See what is missing"), finished.name)
    text = _("Its numbers were opened by the custodian under the disclosure rules.")
    return NextStep(
        _("Everybody"),
        _("Read the result of %(finished)s") % {"finished": finished.name},
        text,
        "result",
        _("Open it"),
        finished.name,
    )
