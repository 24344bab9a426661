"""What is known of a study's hospitals, dictionary, key, terms and batches: each fact read once a visit, when asked."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

from django.db.models import Count, Q, Sum
from django.utils import timezone

from hefed.core.words import Said
from hospitals.batches.models import Batch, Block
from hospitals.dictionaries.models import DictionaryDraft, DictionaryVersion
from hospitals.institutions.models import Institution
from hospitals.institutions.selectors import HospitalMark, numbered
from hospitals.keys.models import KeySet
from hospitals.keys.selectors import (
    ConfirmationLine,
    Custody,
    SharedKey,
    chosen_custody,
    key_fault,
    key_sets,
    key_warning,
    shared_key,
)
from hospitals.people.models import ApiToken
from hospitals.studies.models import Study, StudyInstitution, Terms, TermsAcceptance
from hospitals.studies.selectors import current_dictionary, participants
from hospitals.studies.terms import TermsLine, current_terms

ON_THE_WAY = (Batch.State.UPLOADING, Batch.State.CHECKING, Batch.State.CUSTODIAN)
_TRAIN, _HOLDOUT = Q(blocks__role=Block.Role.TRAIN), Q(blocks__role=Block.Role.HOLDOUT)


@dataclass(frozen=True)
class HospitalShare:
    """What one hospital has in the pool (admitted under the key in use), and its batches by state."""

    institution: Institution
    mark: HospitalMark
    train: int
    holdout: int
    train_blocks: int
    holdout_blocks: int
    bytes: int
    batch_states: dict[str, int]

    @property
    def patients(self) -> int:
        return self.train + self.holdout

    @property
    def on_the_way(self) -> int:
        return sum(self.batch_states.get(state, 0) for state in ON_THE_WAY)

    @property
    def quarantined(self) -> int:
        return self.batch_states.get(Batch.State.QUARANTINED, 0)

    @property
    def has_sent(self) -> bool:
        """A batch that was not taken back, in whatever state."""
        return any(n for state, n in self.batch_states.items() if state != Batch.State.WITHDRAWN)


@dataclass(frozen=True)
class StudyFacts:
    """Lazy, so that a page pays for what it asks; every fact costs one query, or two where rows have parts."""

    study: Study

    @cached_property
    def participants(self) -> list[StudyInstitution]:
        """Hospitals of the study in their fixed order."""
        return list(participants(self.study))

    @property
    def institutions(self) -> list[Institution]:
        return [row.institution for row in self.participants]

    @cached_property
    def marks(self) -> list[HospitalMark]:
        return numbered(self.institutions)

    def mark_of(self, institution: Institution) -> HospitalMark:
        """Its mark; a hospital that left the study keeps a neutral place after all others."""
        known = (mark for mark in self.marks if mark.slug == institution.slug)
        return next(known, HospitalMark(institution.slug, institution.name, len(self.marks)))

    # ---- dictionary and terms ---------------------------------------------------------------------------------------

    @cached_property
    def dictionary(self) -> DictionaryVersion | None:
        return current_dictionary(self.study)

    @cached_property
    def draft(self) -> DictionaryDraft | None:
        return DictionaryDraft.objects.filter(study=self.study).first()

    @cached_property
    def terms(self) -> Terms | None:
        return current_terms(self.study)

    @cached_property
    def _acceptances(self) -> dict[int, TermsAcceptance]:
        rows = [] if self.terms is None else self.terms.acceptances.select_related("accepted_by")
        return {row.institution_id: row for row in rows}

    def acceptance_of(self, institution: Institution) -> TermsAcceptance | None:
        """Of the terms in force."""
        return self._acceptances.get(institution.pk)

    def must_accept(self, institution: Institution) -> Terms | None:
        """The terms that the hospital has yet to accept; None when there is nothing to accept."""
        return None if self.acceptance_of(institution) is not None else self.terms

    @property
    def terms_lines(self) -> list[TermsLine]:
        return [TermsLine(one, self.acceptance_of(one)) for one in self.institutions]

    # ---- key --------------------------------------------------------------------------------------------------------

    @cached_property
    def key_sets(self) -> list[KeySet]:
        """The newest first."""
        return list(key_sets(self.study))

    @property
    def key(self) -> KeySet | None:
        """Under which batches are encrypted now."""
        return next((key for key in self.key_sets if key.state == KeySet.State.ACTIVE), None)

    @cached_property
    def confirmations(self) -> list[ConfirmationLine]:
        """Every hospital of the study, and its word about the key in use."""
        rows = [] if self.key is None else self.key.confirmations.select_related("confirmed_by")
        given = {row.institution_id: row for row in rows}
        return [ConfirmationLine(one, given.get(one.pk)) for one in self.institutions]

    def has_confirmed(self, institution: Institution) -> bool:
        """The hospital compared the key in use with the custodian; before, it sends nothing."""
        return any(line.institution == institution and line.confirmation for line in self.confirmations)

    @property
    def key_is_confirmed(self) -> bool:
        """By every hospital of the study."""
        return self.key is not None and all(line.confirmation for line in self.confirmations)

    @property
    def key_warning(self) -> str:
        """ "expired", "soon" or nothing."""
        return key_warning(self.key)

    @property
    def key_fault(self) -> Said | None:
        """How the key in use is held otherwise than the study decided; None: it is as decided."""
        return key_fault(self.study, self.key)

    @cached_property
    def shared(self) -> SharedKey | None:
        """None while one custodian holds the whole key."""
        return shared_key(self.key)

    @property
    def custody(self) -> Custody | None:
        return chosen_custody(self.study)

    @cached_property
    def _custodian_tokens(self) -> list[ApiToken]:
        return list(ApiToken.objects.filter(study=self.study, scope=ApiToken.Scope.CUSTODIAN))

    @property
    def machines(self) -> list[ApiToken]:
        """Tokens with which custodians' programs can call now."""
        now = timezone.now()
        return [token for token in self._custodian_tokens if token.revoked_at is None and token.expires_at > now]

    @property
    def custodian_seen(self) -> datetime | None:
        """When the custodian's program last called, to the minute."""
        return max((token.last_used_at for token in self._custodian_tokens if token.last_used_at), default=None)

    # ---- batches ----------------------------------------------------------------------------------------------------

    @cached_property
    def shares(self) -> list[HospitalShare]:
        """By hospital, in the study's order."""
        rows = list(_batch_counts(self.study))
        return [self._share(institution, rows) for institution in self.institutions]

    def _share(self, institution: Institution, rows: list[dict[str, Any]]) -> HospitalShare:
        own = [row for row in rows if row["institution"] == institution.pk]
        key = None if self.key is None else self.key.pk
        pool = [row for row in own if row["state"] == Batch.State.ADMITTED and row["key_set"] == key]
        states: Counter[str] = Counter()
        for row in own:
            states[row["state"]] += row["batches"]
        sums = {name: sum(row[name] for row in pool) for name in _SUMS}
        return HospitalShare(institution, self.mark_of(institution), **sums, batch_states=dict(states))

    def share_of(self, institution: Institution) -> HospitalShare:
        """Of a hospital that left the study: nothing."""
        nothing = HospitalShare(institution, self.mark_of(institution), **dict.fromkeys(_SUMS, 0), batch_states={})
        return next((share for share in self.shares if share.institution == institution), nothing)

    @property
    def patients(self) -> int:
        """In the pool, held out or not."""
        return sum(share.patients for share in self.shares)

    @property
    def bytes(self) -> int:
        return sum(share.bytes for share in self.shares)


_SUMS = ("train", "holdout", "train_blocks", "holdout_blocks", "bytes")


def _batch_counts(study: Study) -> Any:
    """Batches and what their blocks hold, by hospital, state and key."""
    groups = Batch.objects.filter(study=study).order_by().values("institution", "state", "key_set")
    return groups.annotate(
        batches=Count("pk", distinct=True),
        train=Sum("blocks__patients", filter=_TRAIN, default=0),
        holdout=Sum("blocks__patients", filter=_HOLDOUT, default=0),
        train_blocks=Count("blocks", filter=_TRAIN),
        holdout_blocks=Count("blocks", filter=_HOLDOUT),
        bytes=Sum("blocks__bytes", default=0),
    )
