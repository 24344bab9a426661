"""What waits for a person in a study today: one line each, with how many, why, and where it is done."""

from collections.abc import Callable, Iterator
from datetime import date, timedelta
from typing import TYPE_CHECKING

from django.contrib.humanize.templatetags.humanize import naturaltime
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from hospitals.models import Batch, Institution, Role
from hospitals.selectors.batches import batches_of
from hospitals.selectors.custody import chosen_custody, key_fault
from hospitals.selectors.institutions import institutions_waiting
from hospitals.selectors.keys import custodian_tokens, is_confirmed_by, is_publisher, key_warning
from hospitals.selectors.setup import set_up_state
from hospitals.selectors.shared_keys import shared_key
from hospitals.selectors.studies import current_dictionary, key_in_use
from hospitals.selectors.terms import must_accept
from training.models import Job, Release
from training.selectors.jobs import jobs_of
from training.selectors.pages import custodian_last_seen
from training.selectors.pools import pool_options
from training.selectors.release_page import release_lines
from training.selectors.releases import current_version, jobs_to_ask_for, releases_of
from training.selectors.releases import key_in_use as approval_key
from training.selectors.requests import requests_waiting
from training.selectors.share_waiting import before_the_key, with_shares
from training.selectors.waiting_line import Waiting

if TYPE_CHECKING:
    from hospitals.views.entry import Visit

SILENT = timedelta(minutes=15)  # a custodian program that calls less often than this while something waits is off


def waiting_for(visit: "Visit") -> list[Waiting]:
    """Everything that waits for the person, the urgent things first."""
    found = [item for role, items in _BY_ROLE.items() if role in visit.roles for item in items(visit)]
    return sorted(dict.fromkeys(found), key=lambda item: not item.urgent)


def _at(visit: "Visit", name: str, *args: str) -> str:
    return reverse(name, args=[visit.study.slug, *args])


def _day(when: date) -> str:
    return date_format(when, _("j M Y"))


# ---- coordinator -----------------------------------------------------------------------------------------------------


def _for_coordinator(visit: "Visit") -> Iterator[Waiting]:
    hospital = visit.hospital
    if hospital is None or hospital.state != Institution.State.APPROVED:
        return
    yield from _terms(visit, hospital)
    yield from _key_to_confirm(visit, hospital)
    yield from _stopped_batches(visit, hospital)
    yield from _first_patients(visit, hospital)


def _terms(visit: "Visit", hospital: Institution) -> Iterator[Waiting]:
    terms = must_accept(visit.study, hospital)
    if terms is not None:
        words = {"number": terms.number, "hospital": hospital.name}
        title = _("Accept version %(number)s of the terms for %(hospital)s") % words
        yield Waiting(
            title, _("Nothing can be uploaded before."), _at(visit, "terms"), _("Read the terms"), urgent=True
        )


def _key_to_confirm(visit: "Visit", hospital: Institution) -> Iterator[Waiting]:
    key = key_in_use(visit.study)
    if key_fault(visit.study, key):
        return
    if key is not None and not is_confirmed_by(key, hospital) and not is_publisher(key, visit.user):
        text = _("Telephone the custodian and compare the fingerprint; your hospital can upload nothing before.")
        yield Waiting(_("Confirm the study's key"), text, _at(visit, "keys"), _("Compare"), urgent=True)


def _fault(visit: "Visit") -> Iterator[Waiting]:
    fault = key_fault(visit.study, key_in_use(visit.study))
    if fault:
        title = _("The key is not held as the study says")
        yield Waiting(title, f"{fault[:1].upper()}{fault[1:]}.", _at(visit, "keys"), _("See the key"), urgent=True)


def _stopped_batches(visit: "Visit", hospital: Institution) -> Iterator[Waiting]:
    mine = batches_of(visit.study, hospital)
    for batch in mine.filter(state=Batch.State.QUARANTINED):
        title = _("%(batch)s was kept out of the pool") % {"batch": batch.name}
        reason = _("Read why, correct the table and send it again.")
        yield Waiting(title, reason, _at(visit, "batch", batch.name), _("Read why"), urgent=True)
    outdated = mine.filter(state=Batch.State.OUTDATED).count()
    if outdated:
        title = ngettext("%(n)s batch is outdated", "%(n)s batches are outdated", outdated) % {"n": outdated}
        text = _("The key or the dictionary was replaced: encrypt the same tables anew and send them.")
        yield Waiting(title, text, _at(visit, "batches"), _("See which"))
    cut = mine.filter(state=Batch.State.UPLOADING).count()
    if cut:
        title = ngettext("%(n)s upload is not complete", "%(n)s uploads are not complete", cut) % {"n": cut}
        text = _("Choose the same file again; the upload goes on where it stopped.")
        yield Waiting(title, text, _at(visit, "batches"), _("Go on"))


def _first_patients(visit: "Visit", hospital: Institution) -> Iterator[Waiting]:
    """Only when nothing else stands in the way."""
    key = key_in_use(visit.study)
    ready = key is not None and is_confirmed_by(key, hospital) and key_warning(key) != "expired"
    blocked = not ready or must_accept(visit.study, hospital) is not None
    if blocked or batches_of(visit.study, hospital).exclude(state=Batch.State.WITHDRAWN).exists():
        return
    text = _("The key is there. Your table is encrypted on your computer; only sealed columns leave it.")
    yield Waiting(_("Add the first patients"), text, _at(visit, "add-patients"), _("Add patients"))


# ---- project administrator -------------------------------------------------------------------------------------------


def _for_project_administrator(visit: "Visit") -> Iterator[Waiting]:
    yield from _set_up(visit)
    yield from _fault(visit)
    yield from _stopped_job(visit)
    yield from _first_job(visit)
    yield from _releases_to_ask(visit)
    yield from _approval_key(visit)


def _set_up(visit: "Visit") -> Iterator[Waiting]:
    state = set_up_state(visit.study)
    if visit.study.state == visit.study.State.DRAFT:
        text = _("Question, data dictionary, rules, hospitals and terms; then publish it.")
        yield Waiting(_("Finish the study's set-up"), text, _at(visit, "set-up"), _("Set-up"), urgent=True)
    elif state.problems:
        count = len(state.problems)
        title = ngettext("%(n)s problem in the draft dictionary", "%(n)s problems in the draft dictionary", count)
        text = _("The draft of the next version cannot be published before.")
        yield Waiting(title % {"n": count}, text, _at(visit, "edit-dictionary"), _("Edit"))
    elif current_dictionary(visit.study) is None:
        text = _("Hospitals need it to prepare their tables.")
        yield Waiting(_("Publish the data dictionary"), text, _at(visit, "edit-dictionary"), _("Edit"), urgent=True)


def _stopped_job(visit: "Visit") -> Iterator[Waiting]:
    """The newest job, when it ended without a result: what came before it is history."""
    job = jobs_of(visit.study).exclude(state=Job.State.CANCELLED).first()
    if job is not None and job.state in (Job.State.FAILED, Job.State.REFUSED):
        title = _("%(job)s ended without a result") % {"job": job.name}
        text = _("Its page says at which step, why, and what to do.")
        yield Waiting(title, text, _at(visit, "job", job.name), _("Read why"))


def _first_job(visit: "Visit") -> Iterator[Waiting]:
    if jobs_of(visit.study).exists():
        return
    patients = sum(option.train for option in pool_options(visit.study))
    if patients:
        title = _("Launch the first job: %(patients)s patients wait in the pool") % {"patients": f"{patients:,}"}
        text = _("The form shows minutes, memory and what is missing before anything starts.")
        yield Waiting(title, text, _at(visit, "launch-form"), _("Launch a job"))


def _releases_to_ask(visit: "Visit") -> Iterator[Waiting]:
    count = len(jobs_to_ask_for(visit.study))
    if count:
        title = ngettext("%(n)s result is sealed", "%(n)s results are sealed", count) % {"n": count}
        text = _("Ask for its release: choose what to publish and say why; approvers of two institutions decide.")
        yield Waiting(title, text, _at(visit, "ask-form"), _("Ask for a release"))
    for release in releases_of(visit.study).filter(state=Release.State.DRAFT):
        title = _("%(release)s is not signed yet") % {"release": release.name}
        text = _("Approvers see it when you have signed what you ask for.")
        yield Waiting(title, text, _at(visit, "release", release.name), _("Sign"))


def _approval_key(visit: "Visit") -> Iterator[Waiting]:
    """Only when there is something to sign."""
    open_releases = releases_of(visit.study).filter(state__in=Release.OPEN).exists()
    if approval_key(visit.user) is None and (open_releases or jobs_to_ask_for(visit.study)):
        text = _("You sign with a key that your browser makes and keeps; you read its fingerprint to the custodian.")
        yield Waiting(_("Make your approval key"), text, reverse("approval-key"), _("Make my key"))


# ---- custodian, approver, auditor, platform --------------------------------------------------------------------------


def _for_custodian(visit: "Visit") -> Iterator[Waiting]:
    key, custody = key_in_use(visit.study), chosen_custody(visit.study)
    shared = shared_key(key)
    yield from _fault(visit)
    if shared is not None:
        yield from with_shares(visit, shared)
    elif key is None and custody is not None and custody.shared:
        yield from before_the_key(visit, custody)
    else:
        yield from _enrolment(visit)
        yield from _requests(visit)
    yield from _keys_to_trust(visit)
    yield from _key_expiry(visit)


def _enrolment(visit: "Visit") -> Iterator[Waiting]:
    if not custodian_tokens(visit.study).exists():
        text = _("Make a one-time code here and give it to the program on the custodian's machine.")
        yield Waiting(_("Enrol the custodian's machine"), text, _at(visit, "keys"), _("Enrol"), urgent=True)
    elif key_in_use(visit.study) is None:
        text = _("No hospital can encrypt before. On the custodian's machine: init, then publish.")
        yield Waiting(_("Publish the study's key"), text, _at(visit, "keys"), _("See how"), urgent=True)


def _requests(visit: "Visit") -> Iterator[Waiting]:
    requests = list(requests_waiting(visit.study))
    if not requests:
        return
    seen = custodian_last_seen(visit.study)
    silent = seen is None or timezone.now() - seen > SILENT
    words = {"n": len(requests), "asked": naturaltime(requests[0].created_at)}
    title = ngettext(
        "%(n)s request waits, asked %(asked)s", "%(n)s requests wait, the oldest asked %(asked)s", len(requests)
    )
    text = _("The custodian's program answers by its policy.")
    if silent:
        text = _("The custodian's program has not called for a while: start it.")
    yield Waiting(title % words, text, _at(visit, "requests"), _("See them"), urgent=silent)


def _keys_to_trust(visit: "Visit") -> Iterator[Waiting]:
    """Keys under open releases for which nobody at the custodian has vouched: their signatures do not count yet."""
    for release in releases_of(visit.study).filter(state=Release.State.COLLECTING):
        count = len(current_version(release).unknown)
        if count:
            words = {"n": count, "release": release.name}
            title = ngettext(
                "%(n)s key of %(release)s is not trusted yet", "%(n)s keys of %(release)s are not trusted yet", count
            )
            text = _(
                "Let the owner read the fingerprint to you by telephone, then trust it on the custodian's machine."
            )
            yield Waiting(title % words, text, _at(visit, "release", release.name), _("See whose"), urgent=True)


def _key_expiry(visit: "Visit") -> Iterator[Waiting]:
    key, warning = key_in_use(visit.study), key_warning(key_in_use(visit.study))
    if key is None or key.expires_at is None or not warning:
        return
    day = {"day": _day(key.expires_at)}
    title = _("The key expired on %(day)s") % day if warning == "expired" else _("The key expires on %(day)s") % day
    text = _("Run rotate on the custodian's machine; it says first which batches must be sent again.")
    if key.sharing is not None:
        text = _("The hospitals hold a new ceremony, and every table is encrypted and sent again.")
    yield Waiting(title, text, _at(visit, "keys"), _("See the key"), urgent=warning == "expired")


def _for_approver(visit: "Visit") -> Iterator[Waiting]:
    open_releases = list(releases_of(visit.study).filter(state=Release.State.COLLECTING))
    for line in release_lines(open_releases, visit.user, visit.roles):
        if line.mine:
            words = {"release": line.release.name, "until": _day(line.version.expires_on)}
            title = _("Review %(release)s until %(until)s") % words
            text = _("Read exactly what would be published, then approve or reject it.")
            yield Waiting(title, text, _at(visit, "release", line.release.name), _("Review"), urgent=True)
    yield from _approval_key(visit)


def _for_platform_administrator(visit: "Visit") -> Iterator[Waiting]:
    count = institutions_waiting().exclude(contact_verified_at=None).count()
    if count:
        title = ngettext("%(n)s institution waits for a decision", "%(n)s institutions wait for a decision", count)
        text = _("Check the domain and the committee's approval, then decide with a reason.")
        yield Waiting(title % {"n": count}, text, reverse("institutions"), _("Decide"))


_BY_ROLE: dict[Role, Callable[["Visit"], Iterator[Waiting]]] = {
    Role.COORDINATOR: _for_coordinator,
    Role.PROJECT_ADMINISTRATOR: _for_project_administrator,
    Role.CUSTODIAN: _for_custodian,
    Role.APPROVER: _for_approver,
    Role.PLATFORM_ADMINISTRATOR: _for_platform_administrator,
}
