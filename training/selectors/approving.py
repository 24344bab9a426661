"""Who may approve a version of a release, and why somebody may not."""

from django.utils.translation import gettext as _

from hefed.errors import Conflict
from hospitals.access import Forbidden
from hospitals.models import Institution, Role, User
from training.models import Release, ReleaseApproval, ReleaseVersion
from training.selectors.releases import Asked, Signers, approvals_of, is_overdue


def why_not_approve(version: ReleaseVersion, user: User) -> str:
    """Why this person cannot approve this version; empty when nothing stands in the way."""
    return why_not(Asked(version, approvals_of(version)), user, Signers.of(version.release.study))


def why_not(asked: Asked, user: User, signers: Signers) -> str:
    """The same with what was read before."""
    try:
        institution = _institution(asked.version, user, signers)
        check_waits(asked.version)
    except (Forbidden, Conflict) as error:
        return str(error)
    for approval in asked.approvals:
        if approval.institution == institution or approval.user == user:
            return already_approved(asked.version, approval)
    return ""


def approving_institution(version: ReleaseVersion, by: User) -> Institution:
    """For which the person approves; raises Forbidden unless it is another one than the requester's."""
    return _institution(version, by, Signers.of(version.release.study))


def _institution(version: ReleaseVersion, by: User, signers: Signers) -> Institution:
    institution = signers.acts_for(by, Role.APPROVER)
    name = {"name": version.release.name}
    if institution is None:
        raise Forbidden(_("cannot approve %(name)s: you are approver for no institution; ask to be invited") % name)
    if not signers.is_independent(by, version):
        raise Forbidden(
            _("cannot approve %(name)s: it was asked for by your own institution; approvers of two others decide")
            % name
        )
    return institution


def check_waits(version: ReleaseVersion) -> None:
    release = version.release
    if release.state != Release.State.COLLECTING:
        facts = {"name": release.name, "state": release.get_state_display().lower()}
        raise Conflict(_("cannot approve %(name)s: it is %(state)s; reload the page") % facts)
    if is_overdue(version):
        facts = {"name": release.name, "date": str(version.expires_on)}
        raise Conflict(_("cannot approve %(name)s: it was to be decided until %(date)s; ask for it anew") % facts)


def already_approved(version: ReleaseVersion, approval: ReleaseApproval) -> str:
    facts = {"name": version.release.name, "institution": approval.institution}
    return _("cannot approve %(name)s again: %(institution)s or you approved this version already") % facts
