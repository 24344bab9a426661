"""Studies: made, set up step by step, published."""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Max, Q

from hefed.core.ckks.params import profile as profile_of
from hefed.core.dictionary.variables import HEADER, Cells, DataDictionary
from hefed.core.errors import BadInput, Conflict
from hefed.core.words import Said
from hospitals.audit.record import Details, record
from hospitals.batches.models import Batch
from hospitals.dictionaries.models import DictionaryDraft, DictionaryVersion
from hospitals.dictionaries.workbook import draft_csv
from hospitals.institutions.models import Institution
from hospitals.keys.custody import check_decided
from hospitals.keys.selectors import chosen_custody, custody_of
from hospitals.keys.succession import outdate_batches
from hospitals.locks import next_number
from hospitals.people.models import Membership, Role, User
from hospitals.people.permissions import at_odds, role_said
from hospitals.states import check_move, state_said
from hospitals.studies.models import Study, StudyInstitution
from hospitals.studies.selectors import key_in_use
from hospitals.studies.terms import current_terms
from hospitals.words import check_line, check_slug, check_text

_SALT_BYTES = 32


def create_study(*, slug: str, name: str, question: str, dictionary_csv: str, profile: str, by: User) -> Study:
    """Open a study at once, as scripts do: its first key is taken on trust. People draft one (services/setup.py)."""
    profile_of(profile)
    check_slug(slug)
    check_line(Said("people.field_name"), name)
    check_text(Said("people.field_question"), question)
    dictionary = DataDictionary.from_csv(dictionary_csv)
    with transaction.atomic():
        if Study.objects.filter(slug__iexact=slug).exists():
            raise Conflict("studies.name_taken", slug=slug)
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
            raise Conflict("studies.batches_changed", live=live, outdates=outdates)
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
                "studies.institution_not_approved", institution=institution.slug, state=state_said(institution.state)
            )
        Study.objects.select_for_update().get(pk=study.pk)
        if StudyInstitution.objects.filter(study=study, institution=institution).exists():
            raise Conflict("studies.takes_part_already", institution=institution.slug)
        last = StudyInstitution.objects.filter(study=study).aggregate(last=Max("position", default=0))["last"]
        row = StudyInstitution.objects.create(study=study, institution=institution, position=last + 1)
        record("study.institution_added", institution.slug, study=study, institution=institution, by=by)
    return row


def grant_role(
    *, user: User, role: Role, study: Study | None = None, institution: Institution | None = None, by: User
) -> Membership:
    """Give a role; refused where the person has one that excludes it. A constraint refuses the same one twice."""
    if role in (Role.COORDINATOR, Role.APPROVER) and institution is None:
        raise BadInput("studies.institution_missing", user=user.username, role=role_said(role))
    try:
        with transaction.atomic():
            check_compatible(User.objects.select_for_update().get(pk=user.pk), role, study)
            row = Membership.objects.create(user=user, role=role, study=study, institution=institution)
            record(f"role.granted.{role}", user.username, study=study, institution=institution, by=by)
    except IntegrityError as error:
        raise Conflict("studies.role_held", user=user.username, role=role_said(role)) from error
    return row


def check_compatible(user: User, role: Role, study: Study | None) -> None:
    """Raise Conflict where the person has a role in the study that excludes this one; see permissions.EXCLUSIVE."""
    known = Membership.objects.filter(user=user)
    if study is not None:
        known = known.filter(Q(study=study) | Q(study=None))
    for held, where in known.values_list("role", "study__slug"):
        if at_odds({held, role}):
            raise Conflict(
                "studies.roles_exclude",
                user=user.username,
                role=role_said(role),
                held=role_said(held),
                where=where or Said("studies.whole_platform"),
            )


THRESHOLDS = ("minimum_rows", "small_cell", "round_to", "min_events", "curve_events")
RULES = (*THRESHOLDS, "agents_must_approve", "key_days")
_RULES_SAID = {
    "minimum_rows": Said("studies.minimum_rows"),
    "small_cell": Said("studies.small_cell"),
    "round_to": Said("studies.round_to"),
    "min_events": Said("studies.min_events"),
    "curve_events": Said("studies.curve_events"),
    "agents_must_approve": Said("studies.agents_must_approve"),
}


@dataclass(frozen=True)
class StudyName:
    """How the study is called in addresses and on pages, and what it asks."""

    slug: str
    name: str
    question: str


def draft_study(*, named: StudyName, profile: str, by: User) -> Study:
    """A study that only its administrators see until it is published. Whoever drafts it administers it."""
    profile_of(profile)
    check_slug(named.slug)
    _check_words(named.name, named.question)
    with transaction.atomic():
        if Study.objects.filter(slug__iexact=named.slug).exists():
            raise Conflict("studies.draft_name_taken", slug=named.slug)
        study = Study.objects.create(
            slug=named.slug,
            name=named.name,
            question=named.question,
            profile=profile,
            holdout_salt=new_salt(),
            state=Study.State.DRAFT,
        )
        record("study.drafted", study.slug, study=study, details={"profile": profile}, by=by)
        if not Membership.objects.filter(user=by, role=Role.PLATFORM_ADMINISTRATOR).exists():
            grant_role(user=by, role=Role.PROJECT_ADMINISTRATOR, study=study, by=by)
    return study


def _check_words(name: str, question: str) -> None:
    check_line(Said("people.field_name"), name)
    check_text(Said("people.field_question"), question)


def change_question(*, study: Study, name: str, question: str, by: User) -> None:
    """While it is a draft: what is published is what hospitals agreed to."""
    _check_words(name, question)
    with transaction.atomic():
        _check_draft(study)
        Study.objects.filter(pk=study.pk).update(name=name, question=question)
        record("study.question_changed", study.slug, study=study, by=by)


def change_rules(*, study: Study, rules: Mapping[str, int], by: User) -> None:
    """Thresholds of disclosure, minimum cohort and life of a key. An open study may only tighten its thresholds."""
    with transaction.atomic():
        study = Study.objects.select_for_update().get(pk=study.pk)
        for name in THRESHOLDS:
            _check_threshold(study, name, rules[name])
        _check_agents(study, rules["agents_must_approve"])
        Study.objects.filter(pk=study.pk).update(**{name: rules[name] for name in RULES})
        details: Details = {name: rules[name] for name in RULES}
        record("study.rules_changed", study.slug, study=study, details=details, by=by)


def _check_threshold(study: Study, name: str, value: int) -> None:
    if value < Study.RULES_FLOOR:
        raise BadInput("studies.below_floor", rule=_RULES_SAID[name], value=value, floor=Study.RULES_FLOOR)
    _check_stricter(study, name, value)


def _check_agents(study: Study, value: int) -> None:
    """As many hospitals as hold shares can approve, and none where one custodian holds the key."""
    if value != study.agents_must_approve:
        holders = _share_holders(study)
        if value and not holders:
            raise BadInput("studies.no_agents_to_ask")
        if value > holders:
            raise BadInput("studies.too_many_agents", value=value, holders=holders)
    _check_stricter(study, "agents_must_approve", value)


def _share_holders(study: Study) -> int:
    """Of the key in use, or as the study decided; as many as there can be while nobody decided."""
    key = key_in_use(study)
    custody = chosen_custody(study) if key is None else custody_of(key)
    if custody is None:
        return Study.MOST_AGENTS
    return custody.parties if custody.shared else 0


def _check_stricter(study: Study, name: str, value: int) -> None:
    if study.state != Study.State.DRAFT and value < getattr(study, name):
        present = getattr(study, name)
        raise Conflict("studies.only_stricter", rule=_RULES_SAID[name], value=value, present=present)


def save_draft(*, study: Study, rows: Sequence[Cells], notes: Mapping[str, Sequence[Any]], by: User) -> DictionaryDraft:
    """Keep the rows as they are, wrong cells too; only publishing checks them. ``notes``: what an import said."""
    kept = [{name: row.get(name, "").strip() for name in HEADER} for row in rows]
    with transaction.atomic():
        draft, _ = DictionaryDraft.objects.update_or_create(
            study=study,
            defaults={"rows": kept, "notes": {name: list(said) for name, said in notes.items()}, "changed_by": by},
        )
        record("dictionary.drafted", study.slug, study=study, details={"variables": len(kept)}, by=by)
    return draft


def publish_draft(*, study: Study, outdates: int, by: User) -> None:
    """The draft becomes the next version of the dictionary of a published study."""
    draft = _draft_of(study)
    if study.state == Study.State.DRAFT:
        raise Conflict("studies.still_draft")
    with transaction.atomic():
        publish_dictionary(study=study, dictionary_csv=draft_csv(draft.rows), outdates=outdates, by=by)
        draft.delete()


def publish_study(*, study: Study, by: User) -> None:
    """From now on hospitals see it. Question and dictionary version 1 do not change any more."""
    draft = _draft_of(study)
    dictionary = DataDictionary.from_csv(draft_csv(draft.rows))
    with transaction.atomic():
        study = Study.objects.select_for_update().get(pk=study.pk)
        check_move(study.slug, Study.MOVES, Study.State(study.state), Study.State.OPEN)
        if not StudyInstitution.objects.filter(study=study).exists():
            raise Conflict("studies.nobody_invited")
        check_decided(study)
        if current_terms(study) is None:
            raise Conflict("studies.no_terms")
        publish_dictionary(study=study, dictionary_csv=dictionary.to_csv(), by=by)
        Study.objects.filter(pk=study.pk).update(state=Study.State.OPEN)
        draft.delete()
        record("study.published", study.slug, study=study, by=by)


def _draft_of(study: Study) -> DictionaryDraft:
    draft = DictionaryDraft.objects.filter(study=study).first()
    if draft is None or not draft.rows:
        raise Conflict("studies.dictionary_empty")
    return draft


def _check_draft(study: Study) -> None:
    if study.state != Study.State.DRAFT:
        raise Conflict("studies.question_published", study=study.slug)
