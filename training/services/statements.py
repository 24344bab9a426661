"""Signed statements are checked at once, so that people learn of a mistake; the custodian checks them again."""

from django.utils.translation import gettext as _

from hefed.errors import Conflict
from hefed.protocol.releases import Statement, verify
from hefed.protocol.signing import SignatureInvalid
from hospitals.models import User
from training.models import ApproverKey, ReleaseVersion
from training.selectors.releases import key_in_use, statement_for


def check_statement(version: ReleaseVersion, says: str, text: str, by: User) -> ApproverKey:
    """The person's key, if it signed exactly what this version says; else SignatureInvalid names what differs."""
    key = key_in_use(by)
    if key is None:
        raise Conflict(_("cannot sign: you have no key; make one on the page Approval key first"))
    signed, wanted = verify(text, key.message), statement_for(version, says, key.fingerprint)
    if signed != wanted:
        raise SignatureInvalid(
            _("cannot use the signature: it names another %(fields)s than %(version)s; reload the page and sign again")
            % {"fields": ", ".join(_differing(signed, wanted)), "version": version}
        )
    return key


def _differing(signed: Statement, wanted: Statement) -> list[str]:
    names = Statement.model_fields
    return [name for name in names if getattr(signed, name) != getattr(wanted, name)]
