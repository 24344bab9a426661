"""What the audit log's codes and actors say to people; the log itself, its exports and its filters keep the codes."""

from collections.abc import Callable

from hefed.core.words import Said
from hospitals.people.models import Role
from hospitals.people.permissions import role_said
from hospitals.words import page_words

_ACTIONS = {
    "approver_key.registered": Said("events.approver_key_registered"),
    "approver_key.retired": Said("events.approver_key_retired"),
    "batch.announced": Said("events.batch_announced"),
    "batch.uploading": Said("events.batch_uploading"),
    "batch.checking": Said("events.batch_checking"),
    "batch.custodian": Said("events.batch_custodian"),
    "batch.admitted": Said("events.batch_admitted"),
    "batch.quarantined": Said("events.batch_quarantined"),
    "batch.withdrawn": Said("events.batch_withdrawn"),
    "batch.outdated": Said("events.batch_outdated"),
    "custodian.code_issued": Said("events.custodian_code_issued"),
    "custodian.enrolled": Said("events.custodian_enrolled"),
    "custodian.note": Said("events.custodian_note"),
    "dictionary.drafted": Said("events.dictionary_drafted"),
    "dictionary.published": Said("events.dictionary_published"),
    "institution.requested": Said("events.institution_requested"),
    "institution.contact_confirmed": Said("events.institution_contact_confirmed"),
    "institution.approved": Said("events.institution_approved"),
    "institution.refused": Said("events.institution_refused"),
    "institution.suspended": Said("events.institution_suspended"),
    "institution.closed": Said("events.institution_closed"),
    "invitation.accepted": Said("events.invitation_accepted"),
    "invitation.withdrawn": Said("events.invitation_withdrawn"),
    "job.launched": Said("events.job_launched"),
    "job.finished": Said("events.job_finished"),
    "job.failed": Said("events.job_failed"),
    "job.refused": Said("events.job_refused"),
    "job.cancelled": Said("events.job_cancelled"),
    "key.published": Said("events.key_published"),
    "key.active": Said("events.key_active"),
    "key.confirmed": Said("events.key_confirmed"),
    "key.proposed": Said("events.key_proposed"),
    "key.proposal-complete": Said("events.key_proposal_complete"),
    "key.proposal-discarded": Said("events.key_proposal_discarded"),
    "key.agreed": Said("events.key_agreed"),
    "key.replaced": Said("events.key_replaced"),
    "key.taken-back": Said("events.key_taken_back"),
    "key.retired": Said("events.key_retired"),
    "key.shared": Said("events.key_shared"),
    "key.lead-named": Said("events.key_lead_named"),
    "lead.handed": Said("events.lead_handed"),
    "lead.taken": Said("events.lead_taken"),
    "person.signed_in": Said("events.person_signed_in"),
    "release.drafted": Said("events.release_drafted"),
    "release.requested": Said("events.release_requested"),
    "release.approved": Said("events.release_approved"),
    "release.agent-approved": Said("events.release_agent_approved"),
    "release.agent-rejected": Said("events.release_agent_rejected"),
    "release.approval_voided": Said("events.release_approval_voided"),
    "release.commented": Said("events.release_commented"),
    "release.reported": Said("events.release_reported"),
    "release.published": Said("events.release_published"),
    "release.rejected": Said("events.release_rejected"),
    "release.withdrawn": Said("events.release_withdrawn"),
    "release.expired": Said("events.release_expired"),
    "request.created": Said("events.request_created"),
    "request.answered": Said("events.request_answered"),
    "request.share": Said("events.request_share"),
    "result.sealed": Said("events.result_sealed"),
    "study.created": Said("events.study_created"),
    "study.drafted": Said("events.study_drafted"),
    "study.published": Said("events.study_published"),
    "study.institution_added": Said("events.study_institution_added"),
    "study.question_changed": Said("events.study_question_changed"),
    "study.rules_changed": Said("events.study_rules_changed"),
    "study.custody_decided": Said("events.study_custody_decided"),
    "terms.published": Said("events.terms_published"),
    "terms.accepted": Said("events.terms_accepted"),
    "token.issued.encryptor": Said("events.token_issued_encryptor"),
    "token.issued.custodian": Said("events.token_issued_custodian"),
    "token.revoked": Said("events.token_revoked"),
    "user.created": Said("events.user_created"),
}
_OF_A_ROLE: dict[str, Callable[[Said], Said]] = {  # the action ends with the role
    "role.granted.": lambda role: Said("events.role_granted", role=role),
    "role.ended.": lambda role: Said("events.role_ended", role=role),
    "role.acts_for.": lambda role: Said("events.role_acts_for", role=role),
    "invitation.sent.": lambda role: Said("events.invitation_sent", role=role),
}


def action_words(action: str) -> str:
    """The event in words; empty for one that has none, whose code then stands for itself."""
    if action in _ACTIONS:
        return page_words(_ACTIONS[action])
    for beginning, said in _OF_A_ROLE.items():
        role = action.removeprefix(beginning)
        if role != action and role in Role:
            return page_words(said(role_said(role)))
    return ""


def detail_words(value: object) -> object:
    """A detail that was said by code, in words; others as they are."""
    return page_words(value) if isinstance(value, dict | list) else value


def actor_words(actor: str) -> str:
    """``user:2:alice`` is alice; a token and the server itself are named as such."""
    kind, _separator, rest = actor.partition(":")
    if kind == "user":
        return rest.partition(":")[2] or actor
    if kind == "token":
        return page_words(Said("audit.by_token", name=rest.partition(":")[2]))
    if actor == "system:visitor":
        return page_words(Said("audit.by_visitor"))
    return page_words(Said("audit.by_server", part=rest)) if kind == "system" else actor
