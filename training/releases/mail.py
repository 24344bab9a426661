"""Mail about releases: to those who can act next, after the transaction. It holds no number."""

from django.utils.translation import gettext as _

from hospitals.mail import send_later
from training.releases.models import Release, ReleaseVersion
from training.releases.selectors import current_version, independent


def tell_approvers(version: ReleaseVersion) -> None:
    """Every approver of another institution, with a key or not: without one they learn what to do."""
    release = version.release
    rows = independent(version)
    subject = _("%(name)s waits for your approval") % {"name": release.name}
    for email in sorted({row.user.email for row in rows}):
        send_later("training/mail/release_asked.txt", email, subject, _context(version))


def tell_requester(release: Release) -> None:
    version = current_version(release)
    subject = f"{release.name}: {release.get_state_display()}"
    send_later("training/mail/release_ended.txt", version.requested_by.email, subject, _context(version))


def tell_requester_of_no(version: ReleaseVersion, hospital: str, reason: str) -> None:
    """A hospital's agent rejected this version; a change is a new one."""
    facts = {"name": version.release.name, "hospital": hospital}
    context = {**_context(version), "hospital": hospital, "reason": reason}
    subject = _("%(hospital)s rejected %(name)s") % facts
    send_later("training/mail/release_agent_no.txt", version.requested_by.email, subject, context)


def _context(version: ReleaseVersion) -> dict[str, object]:
    release = version.release
    path = f"/studies/{release.study.slug}/releases/{release.name}/"
    return {"release": release, "version": version, "path": path}
