"""Where Django looks for the models of this app; each lives with its noun, and other code imports it from there."""

from hospitals.audit.models import AuditEvent
from hospitals.batches.models import Batch, Block
from hospitals.blobs.models import Blob
from hospitals.dictionaries.models import DictionaryDraft, DictionaryVersion
from hospitals.institutions.models import Institution
from hospitals.keys.models import EnrolmentCode, KeyAgreement, KeyConfirmation, KeyHolder, KeySet
from hospitals.people.models import ApiToken, Invitation, Membership, Role, User
from hospitals.studies.models import Study, StudyInstitution, Terms, TermsAcceptance

__all__ = [
    "ApiToken",
    "AuditEvent",
    "Batch",
    "Blob",
    "Block",
    "DictionaryDraft",
    "DictionaryVersion",
    "EnrolmentCode",
    "Institution",
    "Invitation",
    "KeyConfirmation",
    "KeyHolder",
    "KeyAgreement",
    "KeySet",
    "Membership",
    "Role",
    "Study",
    "StudyInstitution",
    "Terms",
    "TermsAcceptance",
    "User",
]
