"""Hospitals of a study as both apps know them: what they contributed, whose programs run."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from django.contrib.humanize.templatetags.humanize import naturaltime
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from hospitals.keys.selectors import Holding, SharedKey
from hospitals.people.entry import Visit
from hospitals.people.models import Role
from hospitals.studies.facts import HospitalShare, StudyFacts
from hospitals.studies.steps import Step
from training.jobs.models import CustodianRequest


@dataclass(frozen=True)
class Contribution:
    """One hospital's piece of the bar, in thousandths of the pool."""

    share: HospitalShare
    start: float
    width: float


@dataclass(frozen=True)
class Contributions:
    """The whole bar with its totals."""

    parts: list[Contribution]
    patients: int
    bytes: int

    @classmethod
    def of(cls, facts: StudyFacts) -> "Contributions":
        parts, start = [], 0.0
        for share in facts.shares:
            width = 1000 * share.patients / facts.patients if facts.patients else 0.0
            parts.append(Contribution(share, start, width))
            start += width
        return cls(parts, facts.patients, facts.bytes)


def with_shares(visit: Visit, shared: SharedKey, waiting: list[CustodianRequest]) -> Iterator[Step]:
    """For each hospital that the person acts for; for all of them, when for none."""
    for holding in _of_person(visit, shared):
        yield from _share(shared, holding, waiting)
        yield from _answers(holding, waiting)
    yield from _end(shared)


def _of_person(visit: Visit, shared: SharedKey) -> list[Holding]:
    own = {institution.slug for institution in visit.standing.acts_for(visit.study, Role.CUSTODIAN)}
    return [holding for holding in shared.holdings if holding.holder.institution in own] or shared.holdings


def _share(shared: SharedKey, holding: Holding, waiting: list[CustodianRequest]) -> Iterator[Step]:
    words = {"hospital": holding.name, "lead": shared.lead.name, "slug": shared.lead.holder.institution}
    notice = holding.holder.notice or {}
    if holding.seen is None:
        title = _("Take the share of %(hospital)s and start its program") % words
        text = _("On its machine: take, then lead %(slug)s, then run. Its program was never seen.") % words
        yield Step(title=title, text=text, page="keys", button=_("See how"), urgent=True)
    elif not holding.online:
        title = _("The program of %(hospital)s is off") % words
        text = _("It was last seen %(seen)s: start it with run.") % {"seen": naturaltime(holding.seen)}
        urgent = bool(waiting) and (shared.short or holding.leads)
        yield Step(title=title, text=text, page="keys", button=_("See who is online"), urgent=urgent)
    if notice.get("lead", shared.lead.holder.place) != shared.lead.holder.place:
        title = _("%(hospital)s names another hospital to lead than the others") % words
        text = _("%(lead)s leads: only it can read the answers. On the machine: lead %(slug)s, and tell the others.")
        yield Step(title=title, text=text % words, page="keys", button=_("See who leads"), urgent=True)


def _answers(holding: Holding, waiting: list[CustodianRequest]) -> Iterator[Step]:
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
        yield Step(title=title % words, text=text, page="requests", button=_("See them"), urgent=not holding.online)


def _end(shared: SharedKey) -> Iterator[Step]:
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
    yield Step(title=title, text=text, page="keys", button=_("See the shares"), urgent=shared.expired)


def _day(when: date) -> str:
    return date_format(when, _("j M Y"))
