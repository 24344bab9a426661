"""The terms of a study: written, accepted, in force."""

from dataclasses import dataclass

from django.db import IntegrityError, transaction

from hefed.core.errors import BadInput, Conflict
from hefed.core.words import Said
from hospitals.audit.record import record
from hospitals.institutions.models import Institution
from hospitals.locks import next_number
from hospitals.people.models import User
from hospitals.studies.models import Study, StudyInstitution, Terms, TermsAcceptance
from hospitals.words import check_text

MAX_CHARACTERS = 50_000


@dataclass(frozen=True)
class TermsLine:
    """A hospital and its acceptance of the version in force, None before it accepted."""

    institution: Institution
    acceptance: TermsAcceptance | None


def current_terms(study: Study) -> Terms | None:
    return study.terms.order_by("-number").first()


def acceptance_of(study: Study, institution: Institution) -> TermsAcceptance | None:
    terms = current_terms(study)
    return None if terms is None else terms.acceptances.filter(institution=institution).first()


def must_accept(study: Study, institution: Institution) -> Terms | None:
    """The terms that the hospital has yet to accept; None when there is nothing to accept."""
    return None if acceptance_of(study, institution) is not None else current_terms(study)


def publish_terms(*, study: Study, text: str, by: User) -> Terms:
    """The next version; every hospital must accept it before its next upload. What is in the pool stays."""
    clean = text.strip().replace("\r\n", "\n")
    if not clean or len(clean) > MAX_CHARACTERS:
        raise BadInput("studies.terms_length", length=len(clean), most=MAX_CHARACTERS)
    check_text(Said("people.field_text"), clean)
    with transaction.atomic():
        last = current_terms(study)
        if last is not None and last.text == clean:
            return last
        terms = Terms.objects.create(
            study=study, number=next_number(study, Terms.objects.all()), text=clean, published_by=by
        )
        record("terms.published", f"version {terms.number}", study=study, by=by)
    return terms


def accept_terms(*, terms: Terms, institution: Institution, by_setup: bool = False, by: User) -> TermsAcceptance:
    """For this hospital, by this person. Only the version in force can be accepted, and only once."""
    study = terms.study
    if current_terms(study) != terms:
        raise Conflict("studies.terms_replaced", version=terms.number)
    if not StudyInstitution.objects.filter(study=study, institution=institution).exists():
        raise Conflict("studies.outsider", institution=institution.slug, study=study.slug)
    try:
        with transaction.atomic():
            row = TermsAcceptance.objects.create(
                terms=terms, institution=institution, accepted_by=by, by_setup=by_setup
            )
            name, details = f"version {terms.number}", {"by_setup": by_setup}
            record("terms.accepted", name, study=study, institution=institution, details=details, by=by)
    except IntegrityError as error:
        raise Conflict("studies.terms_accepted_already", institution=institution.slug, version=terms.number) from error
    return row
