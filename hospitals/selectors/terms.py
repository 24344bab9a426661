"""Which terms are in force, and who has accepted them."""

from dataclasses import dataclass

from hospitals.models import Institution, Study, Terms, TermsAcceptance


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
