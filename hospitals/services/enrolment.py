"""A custodian's machine gets its token by a one-time code: shown once, kept as a hash, void after minutes."""

import hashlib
import secrets
from datetime import timedelta

from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from hefed.errors import Conflict
from hospitals.access import Unauthorised
from hospitals.audit import record
from hospitals.clock import site_clock, site_time
from hospitals.models import ApiToken, EnrolmentCode, Study, User
from hospitals.services.tokens import issue_token

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
        raise Unauthorised(_("cannot enrol: the code is wrong or void; check it, or make a new one on the Keys page"))
    if code.used_at is not None:
        raise Conflict(
            _(
                "cannot enrol: this code was used at %(used_at)s; if that was not you, revoke "
                "the token it gave on the Tokens page, then make a new code"
            )
            % {"used_at": site_clock(code.used_at)}
        )
    if code.expires_at <= now or code.wrong_tries >= MAX_WRONG_TRIES:
        raise Unauthorised(
            _("cannot enrol: the code was valid until %(expires_at)s; make a new one")
            % {"expires_at": site_clock(code.expires_at)}
        )
    with transaction.atomic():
        if not EnrolmentCode.objects.filter(pk=code.pk, used_at=None).update(used_at=now):
            raise Conflict(_("cannot enrol: this code is being used by another machine; make a new one"))
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
