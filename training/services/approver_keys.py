"""The keys with which people sign releases: public halves, one in use per person."""

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from hefed.errors import Conflict
from hefed.protocol.releases import ApproverKey as KeyMessage
from hospitals.audit import Details, record
from hospitals.models import User
from training.models import ApproverKey, Release, ReleaseApproval


def register_key(*, key: KeyMessage, by: User) -> ApproverKey:
    """The person's key from now on; the same again is fine. A new key retires the old one."""
    key.signing.key(), key.agreement.key()
    with transaction.atomic():
        User.objects.select_for_update().get(pk=by.pk)
        known = ApproverKey.objects.filter(fingerprint=key.fingerprint).first()
        if known is not None:
            return _known(known, by)
        _retire(by)
        row = ApproverKey.objects.create(user=by, fingerprint=key.fingerprint, key=key.model_dump(mode="json"))
        record("approver_key.registered", by.username, details={"fingerprint": key.fingerprint}, by=by)
    return row


def _known(key: ApproverKey, by: User) -> ApproverKey:
    if key.user_id != by.pk or key.retired_at is not None:
        whose = _("it was replaced before") if key.user_id == by.pk else _("somebody else registered it")
        raise Conflict(_("cannot register the key: %(whose)s; make a new one") % {"whose": whose})
    return key


def _retire(user: User) -> None:
    """What the old key approved of open releases no longer counts: its owner signs again with the new one."""
    old = ApproverKey.objects.filter(user=user, retired_at=None).first()
    if old is None:
        return
    ApproverKey.objects.filter(pk=old.pk).update(retired_at=timezone.now())
    record("approver_key.retired", user.username, details={"fingerprint": old.fingerprint}, by=user)
    open_ones = ReleaseApproval.objects.filter(key=old, voided_at=None, version__release__state__in=Release.OPEN)
    for approval in open_ones.select_related("version__release__study", "institution"):
        ReleaseApproval.objects.filter(pk=approval.pk).update(voided_at=timezone.now())
        release, details = approval.version.release, _void_details(approval)
        study, institution = release.study, approval.institution
        record("release.approval_voided", release.name, study=study, institution=institution, details=details, by=user)


def _void_details(approval: ReleaseApproval) -> Details:
    return {"version": approval.version.number, "reason": "key replaced"}
