"""People: made with an address that somebody vouches for; who drafted a study says for which institution they act."""

from allauth.account.models import EmailAddress
from django.db import transaction
from django.utils.translation import gettext as _

from hefed.errors import BadInput, Conflict
from hospitals.audit import Actor, record
from hospitals.models import Institution, Membership, Role, Study, User
from hospitals.names import check_line


def create_person(*, username: str, email: str, study: Study | None = None, by: Actor | None = None) -> User:
    """Somebody who can get a sign-in; an operator or an invitation has verified the address."""
    check_line(_("name"), username)
    if User.objects.filter(username__iexact=username).exists():
        raise Conflict(_("cannot use the name %(newcomer)s: somebody has it; choose another") % {"newcomer": username})
    with transaction.atomic():
        user = User.objects.create_user(username, email)
        verify_address(user=user)
        record("user.created", username, study=study, by=by or user)
    return user


def verify_address(*, user: User) -> None:
    EmailAddress.objects.update_or_create(
        user=user, email=user.email.lower(), defaults={"verified": True, "primary": True}
    )


def act_for(*, study: Study, institution: Institution, by: User) -> Membership:
    """A project administrator without an institution, as who drafted the study is, says once for whom they act.

    The audit log keeps it. What it is worth for a release the custodian decides, whose list names institutions itself.
    """
    with transaction.atomic():
        role = Role.PROJECT_ADMINISTRATOR
        mine = Membership.objects.select_for_update().filter(user=by, study=study, role=role)
        row = mine.filter(institution=None).first()
        if row is None or mine.exclude(pk=row.pk).exists():
            raise Conflict(
                _(
                    "cannot act for %(institution)s: you have no role of project administrator that names no "
                    "institution; see who acts for whom in the list"
                )
                % {"institution": institution.slug}
            )
        if not study.institutions.filter(pk=institution.pk, state=Institution.State.APPROVED).exists():
            raise BadInput(
                _("cannot act for %(institution)s: it does not take part in %(study)s; add it on the page Set-up first")
                % {"institution": institution.slug, "study": study.slug}
            )
        row.institution = institution
        row.save(update_fields=["institution"])
        record(f"role.acts_for.{role}", by.username, study=study, institution=institution, by=by)
    return row
