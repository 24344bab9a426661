"""Deciding who holds a study's key; a key that is held otherwise takes no patients and no jobs."""

from django.db import transaction
from django.utils.translation import gettext as _

from hefed.errors import BadInput, Conflict
from hefed.protocol.threshold import Sharing
from hospitals.audit import Actor, Details, record
from hospitals.models import KeySet, Study
from hospitals.selectors.custody import ONE_CUSTODIAN, Custody, chosen_custody, custody_fault, in_words, key_fault
from hospitals.selectors.studies import key_in_use, participants

MOST_PARTIES = 9


def decide_custody(*, study: Study, custody: Custody, by: Actor) -> None:
    """While it is a draft, or once for a study that was set up before anybody was asked."""
    possible = custody == ONE_CUSTODIAN or 2 <= custody.threshold <= custody.parties <= MOST_PARTIES
    if not possible:
        raise BadInput(
            _(
                "cannot share the key so: %(threshold)s of %(parties)s hospitals; choose 2 to %(most)s hospitals, and "
                "of them 2 or more to open together"
            )
            % {"threshold": custody.threshold, "parties": custody.parties, "most": MOST_PARTIES}
        )
    with transaction.atomic():
        study = Study.objects.select_for_update().get(pk=study.pk)
        known = chosen_custody(study)
        if study.state != Study.State.DRAFT and known not in (None, custody):
            raise Conflict(
                _("cannot change who holds the key: hospitals agreed to %(known)s; draft a new study")
                % {"known": in_words(known) if known else ""}
            )
        study.key_parties, study.key_threshold = custody.parties, custody.threshold
        fault = key_fault(study, key_in_use(study))
        if fault:
            raise Conflict(_("cannot decide so: %(fault)s; choose what the key in use is") % {"fault": fault})
        study.save(update_fields=["key_parties", "key_threshold"])
        details: Details = {"threshold": custody.threshold, "parties": custody.parties}
        record("study.custody_decided", study.slug, study=study, details=details, by=by)


def check_decided(study: Study) -> None:
    """Before a study is published; raises Conflict."""
    custody, invited = chosen_custody(study), participants(study).count()
    if custody is None:
        raise Conflict(
            _("cannot publish the study: nobody decided who holds the key; choose one custodian or several hospitals")
        )
    if custody.shared and custody.parties > invited:
        raise Conflict(
            _(
                "cannot publish the study: %(parties)s hospitals shall hold the key and %(invited)s are invited; "
                "invite more, or share it among fewer"
            )
            % {"parties": custody.parties, "invited": invited}
        )


def check_custody(key: KeySet) -> None:
    """Raise Conflict for a key that others hold than the study says: nothing may be encrypted or opened under it."""
    fault = key_fault(key.study, key)
    if fault:
        raise Conflict(
            _("cannot use this key: %(fault)s; publish a key that is held as the study says") % {"fault": fault}
        )


def check_sharing(study: Study, sharing: Sharing) -> None:
    """The same of a sharing before it is taken."""
    fault = custody_fault(study, sharing)
    if fault:
        raise Conflict(_("cannot take this sharing: %(fault)s; share the key as the study says") % {"fault": fault})
