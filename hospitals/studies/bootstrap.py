"""A study from one description, without clicking: safe to run again, what exists is left as it is."""

import os
import secrets
from pathlib import Path
from typing import Annotated, Self

from django.db import transaction
from django.utils import timezone
from pydantic import BaseModel, ConfigDict, Field, model_validator

from hefed.core.errors import BadInput
from hefed.core.protocol.base import Slug
from hospitals.institutions.models import Institution
from hospitals.institutions.services import approve_institution, register_institution
from hospitals.keys.custody import decide_custody
from hospitals.keys.selectors import Custody
from hospitals.keys.services import trust_first_key
from hospitals.people.models import Membership, Role, User
from hospitals.people.services import create_person, verify_address
from hospitals.people.tokens import issue_token
from hospitals.studies.facts import StudyFacts
from hospitals.studies.models import Study, StudyInstitution
from hospitals.studies.selectors import current_dictionary
from hospitals.studies.services import add_institution, create_study, grant_role
from hospitals.studies.terms import accept_terms, current_terms, publish_terms

CUSTODIAN = "custodian"
_TERMS = (
    "These terms were written by the set-up script of a demonstration. Replace them before real patients are sent.\n\n"
    "The hospital sends encrypted rows of patients for the study's question only. Results are published after the "
    "disclosure rules. The hospital may withdraw its batches at any time; what a model learned before cannot be "
    "unlearned."
)


class Person(BaseModel):
    """Somebody who signs in. ``password_file``: read if it exists, else written with a random password, mode 600."""

    model_config = ConfigDict(extra="forbid")

    username: str
    name: str = ""
    email: str = ""
    role: Role
    hospital: str = ""
    password_file: Path


class Description(BaseModel):
    """``hospitals``: short name -> name for people. ``token_files``: short name or "custodian" -> file of its token.

    ``agent_token_files``: short name -> file of the token of that hospital's agent, where hospitals share the key.
    ``key_threshold``: how many of those must open together, 1 for one custodian; 0 leaves it open.
    """

    model_config = ConfigDict(extra="forbid")

    slug: Slug
    name: str
    question: str
    profile: str
    dictionary: Path
    hospitals: dict[Slug, str]
    country: str = "KR"
    administrator: str = "admin"
    token_files: dict[str, Path] = Field(default_factory=dict)
    agent_token_files: dict[Slug, Path] = Field(default_factory=dict)
    key_threshold: Annotated[int, Field(ge=0, le=9)] = 0
    people: list[Person] = Field(default_factory=list)

    @model_validator(mode="after")
    def _agents_are_hospitals(self) -> Self:
        if unknown := sorted(set(self.agent_token_files) - set(self.hospitals)):
            raise ValueError(f"agent_token_files names {', '.join(unknown)}, which hospitals does not; add them there")
        return self


class Summary(BaseModel):
    """What there is now; printed as JSON."""

    study: str
    dictionary_digest: str
    hospitals: list[str]
    tokens_written: list[str]
    people: list[str]


def bootstrap_study(description: Description) -> Summary:
    """Make what the description names and does not exist yet."""
    with transaction.atomic():
        administrator = _administrator(description.administrator)
        study = _study(description, administrator)
        for slug, name in description.hospitals.items():
            _hospital(study, slug, name, description.country, administrator)
        _terms(study, administrator)
        people = [_person(person, study, administrator) for person in description.people]
        trust_first_key(study=study)
        written = _tokens(study, description, administrator)
    dictionary = current_dictionary(study)
    return Summary(
        study=study.slug,
        dictionary_digest="" if dictionary is None else dictionary.digest,
        hospitals=sorted(description.hospitals),
        tokens_written=written,
        people=people,
    )


def _administrator(username: str) -> User:
    """The first person of a new server. Without a password nobody can sign in as them; ``people`` may set one."""
    user = User.objects.filter(username=username).first()
    if user is None:
        user = create_person(username=username, email=_address(username))
    if not Membership.objects.filter(user=user, role=Role.PLATFORM_ADMINISTRATOR).exists():
        grant_role(user=user, role=Role.PLATFORM_ADMINISTRATOR, by=user)
    return user


def _study(description: Description, by: User) -> Study:
    found = Study.objects.filter(slug=description.slug).first()
    if found is not None:
        return found
    try:
        text = description.dictionary.read_text(encoding="utf-8")
    except OSError as error:
        raise BadInput(
            "studies.dictionary_unreadable", path=str(description.dictionary), problem=error.strerror or ""
        ) from error
    study = create_study(
        slug=description.slug,
        name=description.name,
        question=description.question,
        dictionary_csv=text,
        profile=description.profile,
        by=by,
    )
    if description.key_threshold:
        parties = 1 if description.key_threshold == 1 else len(description.agent_token_files)
        decide_custody(study=study, custody=Custody(description.key_threshold, parties), by=by)
    return study


def _hospital(study: Study, slug: str, name: str, country: str, by: User) -> None:
    institution = Institution.objects.filter(slug=slug).first()
    if institution is None:
        institution = register_institution(
            slug=slug, name=name, kind=Institution.Kind.HOSPITAL, country=country, contact=(name, _address(slug)), by=by
        )
    if institution.state == Institution.State.REQUESTED:
        institution = approve_institution(institution=institution, by=by)
    if not StudyInstitution.objects.filter(study=study, institution=institution).exists():
        add_institution(study=study, institution=institution, by=by)


def _terms(study: Study, by: User) -> None:
    """A script has nobody who could sign: it accepts for every hospital, and pages and audit log say so."""
    terms = current_terms(study) or publish_terms(study=study, text=_TERMS, by=by)
    for line in StudyFacts(study).terms_lines:
        if line.acceptance is None:
            accept_terms(terms=terms, institution=line.institution, by_setup=True, by=by)


def _person(person: Person, study: Study, by: User) -> str:
    user = User.objects.filter(username=person.username).first()
    if user is None:
        address = person.email or _address(person.username)
        user = create_person(username=person.username, email=address, study=study, by=by)
    if person.name and not user.first_name:
        user.first_name = person.name
    if not user.has_usable_password() or not user.check_password(_password(person.password_file)):
        user.set_password(_password(person.password_file))
    user.save()
    verify_address(user=user)
    hospital = Institution.objects.get(slug=person.hospital) if person.hospital else None
    scope = None if person.role == Role.PLATFORM_ADMINISTRATOR else study
    if not Membership.objects.filter(user=user, role=person.role, study=scope, institution=hospital).exists():
        grant_role(user=user, role=person.role, study=scope, institution=hospital, by=by)
    return person.username


def _password(path: Path) -> str:
    if not path.exists():
        _write_secret(path, secrets.token_urlsafe(12))
    return path.read_text(encoding="utf-8").strip()


def _tokens(study: Study, description: Description, by: User) -> list[str]:
    """One token per file that does not exist yet. What holds a key has the custodian's scope: it speaks for no rows."""
    agents = {f"agent of {name}": path for name, path in description.agent_token_files.items()}
    written = []
    for name, path in (description.token_files | agents).items():
        if path.exists() and path.stat().st_size:
            continue
        institution = None if name == CUSTODIAN or name in agents else Institution.objects.get(slug=name)
        _, text = issue_token(
            name=f"{name} {timezone.localdate():%Y-%m-%d}", study=study, institution=institution, by=by
        )
        _write_secret(path, text)
        written.append(name)
    return written


def _write_secret(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
        file.write(text + "\n")


def _address(name: str) -> str:
    """A placeholder address at a domain that is reserved never to exist."""
    return f"{name.lower()}@hefed.invalid"
