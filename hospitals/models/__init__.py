from hospitals.models.api_token import ApiToken
from hospitals.models.audit_event import AuditEvent
from hospitals.models.batch import Batch
from hospitals.models.blob import Blob
from hospitals.models.block import Block
from hospitals.models.dictionary_draft import DictionaryDraft
from hospitals.models.dictionary_version import DictionaryVersion
from hospitals.models.enrolment_code import EnrolmentCode
from hospitals.models.institution import Institution
from hospitals.models.invitation import Invitation
from hospitals.models.key_confirmation import KeyConfirmation
from hospitals.models.key_holder import KeyHolder
from hospitals.models.key_set import KeySet
from hospitals.models.membership import Membership, Role
from hospitals.models.study import Study, StudyInstitution
from hospitals.models.terms import Terms, TermsAcceptance
from hospitals.models.user import User

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
    "KeySet",
    "Membership",
    "Role",
    "Study",
    "StudyInstitution",
    "Terms",
    "TermsAcceptance",
    "User",
]
