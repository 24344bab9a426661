"""One thing that waits for a person."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from django.contrib.humanize.templatetags.humanize import naturaltime
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from hospitals.keys.selectors import Custody, Holding, SharedKey, custodian_tokens
from hospitals.people.models import Membership, Role
from training.jobs.models import CustodianRequest
from training.jobs.requests import requests_waiting

if TYPE_CHECKING:
    from hospitals.people.entry import Visit


@dataclass(frozen=True)
class Waiting:
    """One line of the panel. ``urgent``: others cannot go on before it is done."""

    title: str
    text: str
    address: str
    button: str
    urgent: bool = False


def before_the_key(visit: "Visit", custody: Custody) -> Iterator[Waiting]:
    """Machines and cards first, then the ceremony; the server sees only how many machines have enrolled."""
    machines = custodian_tokens(visit.study).count()
    words = {"machines": machines, "parties": custody.parties, "threshold": custody.threshold}
    if machines < custody.parties:
        title = _("Enrol your hospital's machine and make its card")
        text = _("%(machines)s of %(parties)s machines have enrolled. The card goes to whoever holds the ceremony.")
        yield Waiting(title, text % words, _keys(visit), _("See how"), urgent=True)
        return
    title = _("Hold the ceremony and publish the key")
    text = _("%(parties)s hospitals get a share, and any %(threshold)s open together. No hospital can encrypt before.")
    yield Waiting(title, text % words, _keys(visit), _("See how"), urgent=True)


def with_shares(visit: "Visit", shared: SharedKey) -> Iterator[Waiting]:
    """For each hospital that the person acts for; for all of them, when for none."""
    waiting = list(requests_waiting(visit.study).prefetch_related("share_answers"))
    for holding in _of_person(visit, shared):
        yield from _share(visit, shared, holding, waiting)
        yield from _answers(visit, holding, waiting)
    yield from _end(visit, shared)


def _keys(visit: "Visit") -> str:
    return reverse("keys", args=[visit.study.slug])


def _of_person(visit: "Visit", shared: SharedKey) -> list[Holding]:
    rows = Membership.objects.filter(user=visit.user, study=visit.study, role=Role.CUSTODIAN)
    own = set(rows.exclude(institution=None).values_list("institution__slug", flat=True))
    return [holding for holding in shared.holdings if holding.holder.institution in own] or shared.holdings


def _share(visit: "Visit", shared: SharedKey, holding: Holding, waiting: list[CustodianRequest]) -> Iterator[Waiting]:
    words = {"hospital": holding.name, "lead": shared.lead.name, "slug": shared.lead.holder.institution}
    notice = holding.holder.notice or {}
    if holding.seen is None:
        title = _("Take the share of %(hospital)s and start its program") % words
        text = _("On its machine: take, then lead %(slug)s, then run. Its program was never seen.") % words
        yield Waiting(title, text, _keys(visit), _("See how"), urgent=True)
    elif not holding.online:
        title = _("The program of %(hospital)s is off") % words
        text = _("It was last seen %(seen)s: start it with run.") % {"seen": naturaltime(holding.seen)}
        urgent = bool(waiting) and (shared.short or holding.leads)
        yield Waiting(title, text, _keys(visit), _("See who is online"), urgent=urgent)
    if notice.get("lead", shared.lead.holder.place) != shared.lead.holder.place:
        title = _("%(hospital)s names another hospital to lead than the others") % words
        text = (
            _("%(lead)s leads: only it can read the answers. On the machine: lead %(slug)s, and tell the others.")
            % words
        )
        yield Waiting(title, text, _keys(visit), _("See who leads"), urgent=True)


def _answers(visit: "Visit", holding: Holding, waiting: list[CustodianRequest]) -> Iterator[Waiting]:
    """The lead waits for others, and what it waits for is everybody's to see; the others owe an answer each."""
    place = holding.holder.place
    owed = [
        one for one in waiting if holding.leads or place not in {answer.point for answer in one.share_answers.all()}
    ]
    if owed:
        words = {"n": len(owed), "hospital": holding.name, "asked": naturaltime(owed[0].created_at)}
        title = ngettext(
            "%(n)s request waits for %(hospital)s, asked %(asked)s",
            "%(n)s requests wait for %(hospital)s, the oldest asked %(asked)s",
            len(owed),
        )
        text = _("Its program answers by its policy.")
        if holding.leads:
            text = _("Its program puts the answers together as soon as enough hospitals have answered.")
        address = reverse("requests", args=[visit.study.slug])
        yield Waiting(title % words, text, address, _("See them"), urgent=not holding.online)


def _end(visit: "Visit", shared: SharedKey) -> Iterator[Waiting]:
    if not (shared.expired or shared.expires_soon):
        return
    day = _day(shared.sharing.expires_on)
    if shared.expired:
        title = _("The shares expired on %(day)s") % {"day": day}
    else:
        left = shared.days_left
        title = ngettext(
            "The shares expire in %(n)s day, on %(day)s", "The shares expire in %(n)s days, on %(day)s", left
        )
        title %= {"day": day, "n": left}
    text = _("Renew them with reshare, with people of the other hospitals; the key and all batches stay.")
    yield Waiting(title, text, _keys(visit), _("See the shares"), urgent=shared.expired)


def _day(when: date) -> str:
    return date_format(when, _("j M Y"))
