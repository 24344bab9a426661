"""Who may approve a version of a release, and why somebody may not."""

from django.utils.translation import gettext as _

from hefed.errors import Conflict
from hospitals.access import Forbidden
from hospitals.models import Institution, Role, User
from training.models import Release, ReleaseApproval, ReleaseVersion
from training.selectors.releases import acts_for, approvals_of, independent, is_overdue


def why_not_approve(version: ReleaseVersion, user: User) -> str:
    """Why this person cannot approve this version; empty when nothing stands in the way."""
    try:
        institution = approving_institution(version, user)
        check_waits(version)
    except (Forbidden, Conflict) as error:
        return str(error)
    for approval in approvals_of(version):
        if approval.institution == institution or approval.user == user:
            return already_approved(version, approval)
    return ""


def approving_institution(version: ReleaseVersion, by: User) -> Institution:
    """For which the person approves; raises Forbidden unless it is another one than the requester's."""
    institution = acts_for(by, version.release.study, Role.APPROVER)
    name = {"name": version.release.name}
    if institution is None:
        raise Forbidden(_("cannot approve %(name)s: you are approver for no institution; ask to be invited") % name)
    if not independent(version).filter(user=by).exists():
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
