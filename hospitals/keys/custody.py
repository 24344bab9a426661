"""Who holds a study's key, and the code with which its program enrols."""

import hashlib
import secrets
from datetime import timedelta

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from hefed.core.errors import BadInput, Conflict
from hefed.core.protocol.threshold import Sharing
from hospitals.audit.record import Actor, Details, record
from hospitals.keys.models import EnrolmentCode, KeySet
from hospitals.keys.selectors import ONE_CUSTODIAN, Custody, chosen_custody, custody_fault, custody_said, key_fault
from hospitals.people.models import ApiToken, User
from hospitals.people.permissions import Unauthorised
from hospitals.people.tokens import issue_token
from hospitals.studies.models import Study
from hospitals.studies.selectors import key_in_use, participants
from hospitals.words import site_clock, site_time

MOST_PARTIES = 9


def decide_custody(*, study: Study, custody: Custody, by: Actor) -> None:
    """While it is a draft, or once for a study that was set up before anybody was asked."""
    possible = custody == ONE_CUSTODIAN or 2 <= custody.threshold <= custody.parties <= MOST_PARTIES
    if not possible:
        raise BadInput("keys.cannot_share_so", threshold=custody.threshold, parties=custody.parties, most=MOST_PARTIES)
    with transaction.atomic():
        study = Study.objects.select_for_update().get(pk=study.pk)
        known = chosen_custody(study)
        if study.state != Study.State.DRAFT and known not in (None, custody):
            raise Conflict("keys.custody_agreed", known=custody_said(known or custody))
        study.key_parties, study.key_threshold = custody.parties, custody.threshold
        fault = key_fault(study, key_in_use(study))
        if fault:
            raise Conflict("keys.cannot_decide_so", fault=fault)
        study.save(update_fields=["key_parties", "key_threshold"])
        details: Details = {"threshold": custody.threshold, "parties": custody.parties}
        record("study.custody_decided", study.slug, study=study, details=details, by=by)


def check_decided(study: Study) -> None:
    """Before a study is published; raises Conflict."""
    custody, invited = chosen_custody(study), participants(study).count()
    if custody is None:
        raise Conflict("keys.nobody_decided")
    if custody.shared and custody.parties > invited:
        raise Conflict("keys.too_few_hospitals", parties=custody.parties, invited=invited)


def check_custody(key: KeySet) -> None:
    """Raise Conflict for a key that others hold than the study says: nothing may be encrypted or opened under it."""
    fault = key_fault(key.study, key)
    if fault:
        raise Conflict("keys.held_otherwise", fault=fault)


def check_sharing(study: Study, sharing: Sharing) -> None:
    """The same of a sharing before it is taken."""
    fault = custody_fault(study, sharing)
    if fault:
        raise Conflict("keys.sharing_otherwise", fault=fault)


LIFETIME = timedelta(minutes=15)
MAX_WRONG_TRIES = 10
_ALPHABET = "23456789ABCDEFGHJKLMNPQRSTVWXYZ"  # without 0 O 1 I U, which are misread
_GROUPS, _GROUP_LETTERS = 3, 4


def issue_code(*, study: Study, by: User) -> tuple[EnrolmentCode, str]:
    """A fresh code and its text, shown only now. Earlier codes of the study stop working."""
    groups = ["".join(secrets.choice(_ALPHABET) for _ in range(_GROUP_LETTERS)) for _ in range(_GROUPS)]
    text = f"{study.slug}.{'-'.join(groups)}"
    now = timezone.now()
    with transaction.atomic():
        EnrolmentCode.objects.filter(study=study, used_at=None, expires_at__gt=now).update(expires_at=now)
        code = EnrolmentCode.objects.create(study=study, digest=_digest(text), created_by=by, expires_at=now + LIFETIME)
        record("custodian.code_issued", "enrolment code", study=study, by=by)
    return code, text


def exchange_code(*, text: str) -> tuple[ApiToken, str]:
    """The custodian's token for a code that is right, unused and in time. Ten wrong tries void the study's code."""
    now = timezone.now()
    code = EnrolmentCode.objects.select_related("study", "created_by").filter(digest=_digest(text)).first()
    if code is None:
        _count_wrong_try(text)
        raise Unauthorised("keys.code_wrong")
    if code.used_at is not None:
        raise Conflict("keys.code_used", clock=site_clock(code.used_at))
    if code.expires_at <= now or code.wrong_tries >= MAX_WRONG_TRIES:
        raise Unauthorised("keys.code_expired", clock=site_clock(code.expires_at))
    with transaction.atomic():
        if not EnrolmentCode.objects.filter(pk=code.pk, used_at=None).update(used_at=now):
            raise Conflict("keys.code_busy")
        name = f"custodian enrolled {site_time(now)}"
        token, secret = issue_token(name=name, study=code.study, by=code.created_by)
        record("custodian.enrolled", name, study=code.study, by=token)
    return token, secret


def _count_wrong_try(text: str) -> None:
    """Whoever guesses codes of a study makes them void before the guess has a chance."""
    slug = text.strip().rpartition(".")[0]
    open_codes = EnrolmentCode.objects.filter(study__slug__iexact=slug, used_at=None)
    open_codes.update(wrong_tries=F("wrong_tries") + 1)
    if open_codes.filter(wrong_tries__gte=MAX_WRONG_TRIES).exists():
        open_codes.filter(wrong_tries__gte=MAX_WRONG_TRIES).update(expires_at=timezone.now())


def _digest(text: str) -> str:
    """Blanks and case do not matter: a code may be read out on the telephone."""
    return hashlib.sha256("".join(text.split()).upper().encode()).hexdigest()
