"""Studies: created with their first dictionary; hospitals join, people get roles."""

import secrets

from django.db import IntegrityError, transaction
from django.db.models import Max, Q
from django.utils.translation import gettext as _

from hefed.ckks.params import profile as profile_of
from hefed.dictionary import DataDictionary
from hefed.errors import BadInput, Conflict
from hospitals.audit import Details, record
from hospitals.locks import next_number
from hospitals.models import Batch, DictionaryVersion, Institution, Membership, Role, Study, StudyInstitution, User
from hospitals.names import check_line, check_slug, check_text
from hospitals.permissions import at_odds
from hospitals.services.outdating import outdate_batches

_SALT_BYTES = 32


def create_study(*, slug: str, name: str, question: str, dictionary_csv: str, profile: str, by: User) -> Study:
    """Open a study at once, as scripts do: its first key is taken on trust. People draft one (services/setup.py)."""
    profile_of(profile)
    check_slug(slug)
    check_line(_("name"), name)
    check_text(_("question"), question)
    dictionary = DataDictionary.from_csv(dictionary_csv)
    with transaction.atomic():
        if Study.objects.filter(slug__iexact=slug).exists():
            raise Conflict(_("cannot create study %(slug)s: the short name is taken; choose another") % {"slug": slug})
        study = Study.objects.create(
            slug=slug,
            name=name,
            question=question,
            profile=profile,
            holdout_salt=new_salt(),
            set_up_by_script=True,
        )
        record("study.created", slug, study=study, details={"profile": profile}, by=by)
        _publish(study, dictionary, by)
    return study


def publish_dictionary(*, study: Study, dictionary_csv: str, outdates: int = 0, by: User) -> DictionaryVersion:
    """Publish the next version: a pool needs one encoding, so live batches of the present one become outdated.

    ``outdates``: how many the person was shown; refused when there are others by now.
    """
    dictionary = DataDictionary.from_csv(dictionary_csv)
    with transaction.atomic():
        live = Batch.objects.filter(study=study, state__in=Batch.LIVE).count()
        if live != outdates:
            raise Conflict(
                _(
                    "cannot publish a new dictionary: %(live)s batches follow the present one, "
                    "%(outdates)s were agreed to; reload the page and look again"
                )
                % {"live": live, "outdates": outdates}
            )
        version = _publish(study, dictionary, by)
        reason = f"it follows dictionary version {version.number - 1}; prepare the table for version {version.number}"
        outdate_batches(study=study, reason=f"{reason}, encrypt it again and upload it", by=by)
        return version


def new_salt() -> str:
    """Decides which patients are held out; never changes within a study."""
    return secrets.token_hex(_SALT_BYTES)


def _publish(study: Study, dictionary: DataDictionary, by: User) -> DictionaryVersion:
    version = DictionaryVersion.objects.create(
        study=study,
        number=next_number(study, DictionaryVersion.objects.all()),
        csv=dictionary.to_csv(),
        digest=dictionary.digest,
        published_by=by,
    )
    details: Details = {"digest": version.digest, "columns": len(dictionary.columns)}
    record("dictionary.published", f"version {version.number}", study=study, details=details, by=by)
    return version


def add_institution(*, study: Study, institution: Institution, by: User) -> StudyInstitution:
    """An approved hospital takes part; it keeps its place (colour, symbol) for good."""
    with transaction.atomic():
        if institution.state != Institution.State.APPROVED:
            raise Conflict(
                _("cannot add %(institution)s: it is %(state)s; approve it first")
                % {"institution": institution.slug, "state": institution.state}
            )
        Study.objects.select_for_update().get(pk=study.pk)
        if StudyInstitution.objects.filter(study=study, institution=institution).exists():
            raise Conflict(
                _("cannot add %(institution)s: it takes part already; nothing to do")
                % {"institution": institution.slug}
            )
        last = StudyInstitution.objects.filter(study=study).aggregate(last=Max("position", default=0))["last"]
        row = StudyInstitution.objects.create(study=study, institution=institution, position=last + 1)
        record("study.institution_added", institution.slug, study=study, institution=institution, by=by)
    return row


def grant_role(
    *, user: User, role: Role, study: Study | None = None, institution: Institution | None = None, by: User
) -> Membership:
    """Give a role; refused where the person has one that excludes it. A constraint refuses the same one twice."""
    if role in (Role.COORDINATOR, Role.APPROVER) and institution is None:
        raise BadInput(
            _("cannot make %(user)s %(role)s: such a person acts for an institution; name it")
            % {"user": user.username, "role": role.label.lower()}
        )
    try:
        with transaction.atomic():
            check_compatible(User.objects.select_for_update().get(pk=user.pk), role, study)
            row = Membership.objects.create(user=user, role=role, study=study, institution=institution)
            record(f"role.granted.{role}", user.username, study=study, institution=institution, by=by)
    except IntegrityError as error:
        raise Conflict(
            _("cannot make %(user)s %(role)s: the role is held already or needs a study")
            % {"user": user.username, "role": role}
        ) from error
    return row


def check_compatible(user: User, role: Role, study: Study | None) -> None:
    """Raise Conflict where the person has a role in the study that excludes this one; see permissions.EXCLUSIVE."""
    known = Membership.objects.filter(user=user)
    if study is not None:
        known = known.filter(Q(study=study) | Q(study=None))
    for held, where in known.values_list("role", "study__slug"):
        if at_odds({held, role}):
            raise Conflict(
                _(
                    "cannot make %(user)s %(role)s: this person is %(held)s in %(where)s, and nobody is both; choose "
                    "somebody else, or end that role first"
                )
                % {
                    "user": user.username,
                    "role": role.label.lower(),
                    "held": Role(held).label.lower(),
                    "where": where or _("the whole platform"),
                }
            )
