"""What the audit log's codes and actors say to people; the log itself, its exports and its filters keep the codes."""

from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from hospitals.people.models import Role
from hospitals.words import page_words

_ACTIONS: dict[str, Promise] = {
    "approver_key.registered": _("approval key registered"),
    "approver_key.retired": _("approval key retired"),
    "batch.announced": _("upload begun"),
    "batch.uploading": _("batch: uploading"),
    "batch.checking": _("batch: uploaded, being checked"),
    "batch.custodian": _("batch: waits for the custodian"),
    "batch.admitted": _("batch admitted to the pool"),
    "batch.quarantined": _("batch kept out of the pool"),
    "batch.withdrawn": _("batch withdrawn"),
    "batch.outdated": _("batch outdated"),
    "custodian.code_issued": _("one-time code shown"),
    "custodian.enrolled": _("custodian's machine enrolled"),
    "custodian.note": _("the custodian left a note"),
    "dictionary.drafted": _("dictionary draft saved"),
    "dictionary.published": _("dictionary published"),
    "institution.requested": _("asked to join"),
    "institution.contact_confirmed": _("contact address confirmed"),
    "institution.approved": _("institution approved"),
    "institution.refused": _("institution refused"),
    "institution.suspended": _("institution suspended"),
    "institution.closed": _("institution closed"),
    "invitation.accepted": _("invitation accepted"),
    "invitation.withdrawn": _("invitation withdrawn"),
    "job.launched": _("job launched"),
    "job.finished": _("job finished"),
    "job.failed": _("job failed"),
    "job.refused": _("job refused by the custodian"),
    "job.cancelled": _("job cancelled"),
    "key.published": _("key published"),
    "key.active": _("key in use"),
    "key.confirmed": _("key's fingerprint confirmed"),
    "key.retired": _("key retired"),
    "key.shared": _("key shared among hospitals"),
    "key.lead-named": _("a hospital named the lead"),
    "lead.handed": _("lead handed over"),
    "lead.taken": _("lead taken over"),
    "person.signed_in": _("signed in"),
    "release.drafted": _("release drafted"),
    "release.requested": _("release asked for, signed"),
    "release.approved": _("release approved, signed"),
    "release.agent-approved": _("release approved by a hospital that holds the key"),
    "release.agent-rejected": _("release rejected by a hospital that holds the key"),
    "release.approval_voided": _("approval of a release no longer counts"),
    "release.commented": _("comment on a release"),
    "release.reported": _("the custodian's check of a release"),
    "release.published": _("result released"),
    "release.rejected": _("release rejected"),
    "release.withdrawn": _("release withdrawn"),
    "release.expired": _("release expired"),
    "request.created": _("request to the custodian"),
    "request.answered": _("answer of the custodian"),
    "request.share": _("a hospital's share of an answer"),
    "result.sealed": _("result sealed"),
    "study.created": _("study created"),
    "study.drafted": _("study drafted"),
    "study.published": _("study published"),
    "study.institution_added": _("hospital takes part"),
    "study.question_changed": _("question changed"),
    "study.rules_changed": _("rules changed"),
    "study.custody_decided": _("decided who holds the key"),
    "terms.published": _("terms published"),
    "terms.accepted": _("terms accepted"),
    "token.issued.encryptor": _("access token made for an encryptor"),
    "token.issued.custodian": _("access token made for the custodian"),
    "token.revoked": _("access token revoked"),
    "user.created": _("sign-in made"),
}
_OF_A_ROLE: dict[str, Promise] = {  # the code ends with the role
    "role.granted.": _("role given: %(role)s"),
    "role.ended.": _("role ended: %(role)s"),
    "role.acts_for.": _("says for whom they act: %(role)s"),
    "invitation.sent.": _("invited as %(role)s"),
}


def action_words(action: str) -> str:
    """The event in words; empty for a code that has none, which then stands for itself."""
    if action in _ACTIONS:
        return str(_ACTIONS[action])
    for beginning, words in _OF_A_ROLE.items():
        role = action.removeprefix(beginning)
        if role != action and role in Role:
            return str(words) % {"role": Role(role).label.lower()}
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
        return gettext("token %(name)s") % {"name": rest.partition(":")[2]}
    if actor == "system:visitor":
        return gettext("a visitor")
    return gettext("the server (%(part)s)") % {"part": rest} if kind == "system" else actor
