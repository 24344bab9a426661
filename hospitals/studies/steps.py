"""What stands between a study and its first patients, and whose turn it is: found and worded here for every page.

Today, the overview, the set-up and the launch form ask ``steps_of``; training adds what comes after the patients.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from hospitals.institutions.models import Institution
from hospitals.keys.models import KeySet
from hospitals.keys.selectors import Custody
from hospitals.people.models import Role
from hospitals.people.permissions import Right
from hospitals.studies.facts import StudyFacts
from hospitals.studies.models import Study
from hospitals.words import page_words


class Stops(Enum):
    """What cannot go on before a step is done."""

    NOTHING = "nothing"
    UPLOADS = "uploads"
    JOBS = "jobs"  # and uploads


@dataclass(frozen=True)
class Step:
    """One thing that somebody has to do.

    ``title`` and ``text`` say it as a task, ``fact`` as what stands in the way and whose turn it is; a step without a
    fact stands in nobody's way, one without a title cannot be done on a page. ``roles``: on whose first page it stands.
    ``hospitals``: who has yet to do it, where each does it for itself.
    """

    who: str = ""
    title: str = ""
    text: str = ""
    fact: str = ""
    page: str = ""
    args: tuple[str, ...] = ()
    right: Right = Right.SEE_STUDY
    button: str = ""
    roles: frozenset[Role] = frozenset()
    hospitals: tuple[Institution, ...] | None = field(default=None, compare=False)
    stops: Stops = Stops.NOTHING
    urgent: bool = False


def steps_of(facts: StudyFacts) -> list[Step]:
    """Everything that is open before jobs, in the order in which it is done."""
    everybody = facts.institutions
    ready = (_set_up(facts), _key(facts), confirm_steps(facts, everybody), terms_steps(facts, everybody))
    return [step for part in (*ready, _patients(facts), away(facts)) for step in part]


def first_step(facts: StudyFacts) -> Step | None:
    """What must be done first: on the way to patients while there are none, after that on the way to a job."""
    stopping = {Stops.JOBS} if facts.patients else {Stops.UPLOADS, Stops.JOBS}
    return next((step for step in steps_of(facts) if step.stops in stopping), None)


def in_the_way(steps: Iterable[Step]) -> list[str]:
    return list(dict.fromkeys(step.fact for step in steps if step.fact))


def missing_for(facts: StudyFacts, hospital: Institution) -> list[str]:
    """Why this hospital cannot add patients now, and whose turn it is."""
    own = [hospital]
    return in_the_way([*_set_up(facts), *_key(facts), *confirm_steps(facts, own), *terms_steps(facts, own)])


# ---- set-up and key --------------------------------------------------------------------------------------------------


def _set_up(facts: StudyFacts) -> Iterator[Step]:
    if facts.study.state == Study.State.DRAFT:
        yield Step(
            who=_("Project administrator"),
            title=_("Finish the study's set-up"),
            text=_("Question, data dictionary, rules, hospitals and terms; then publish it."),
            fact=_("The study is a draft: a project administrator finishes its set-up and publishes it."),
            page="set-up",
            right=Right.SET_UP_STUDY,
            button=_("Set-up"),
            roles=frozenset({Role.PROJECT_ADMINISTRATOR}),
            stops=Stops.JOBS,
            urgent=True,
        )
    elif facts.dictionary is None:
        yield Step(
            who=_("Project administrator"),
            title=_("Publish the data dictionary"),
            text=_("Hospitals need it to prepare their tables."),
            fact=_("The data dictionary is not published yet: a project administrator does it."),
            page="edit-dictionary",
            right=Right.SET_UP_STUDY,
            button=_("Edit"),
            roles=frozenset({Role.PROJECT_ADMINISTRATOR}),
            stops=Stops.JOBS,
            urgent=True,
        )


def _key(facts: StudyFacts) -> Iterator[Step]:
    if facts.key is None:
        yield _first_key(facts)
        return
    if facts.key_fault:
        yield _fault(page_words(facts.key_fault))
    if facts.key_warning and facts.key.expires_at is not None:
        yield _expiry(facts.key, facts.key.expires_at, expired=facts.key_warning == "expired")
    if any(key.state == KeySet.State.PROPOSED for key in facts.key_sets):
        yield _proposed()
    if facts.shared is None and not facts.machines:
        yield _of_custodian(*_enrol())


def _first_key(facts: StudyFacts) -> Step:
    words = _enrol()
    if facts.custody is not None and facts.custody.shared:
        words = _ceremony(facts.custody, len(facts.machines))
    elif facts.machines:
        words = (
            _("Publish the study's key"),
            _("No hospital can encrypt before. On the custodian's machine: init, then publish."),
            _("See how"),
        )
    fact = _("There is no key to encrypt under yet: the custodian publishes it.")
    return _of_custodian(*words, fact=fact, stops=Stops.JOBS)


def _enrol() -> tuple[str, str, str]:
    text = _("Make a one-time code here and give it to the program on the custodian's machine.")
    return _("Enrol the custodian's machine"), text, _("Enrol")


def _ceremony(custody: Custody, machines: int) -> tuple[str, str, str]:
    """Machines and cards first, then the ceremony; the server sees only how many machines have enrolled."""
    words = {"machines": machines, "parties": custody.parties, "threshold": custody.threshold}
    if machines < custody.parties:
        text = _("%(machines)s of %(parties)s machines have enrolled. The card goes to whoever holds the ceremony.")
        return _("Enrol your hospital's machine and make its card"), text % words, _("See how")
    text = _("%(parties)s hospitals get a share, and any %(threshold)s open together. No hospital can encrypt before.")
    return _("Hold the ceremony and publish the key"), text % words, _("See how")


def _of_custodian(title: str, text: str, button: str, *, fact: str = "", stops: Stops = Stops.NOTHING) -> Step:
    return Step(
        who=_("Key custodian"),
        title=title,
        text=text,
        fact=fact,
        page="keys",
        button=button,
        roles=frozenset({Role.CUSTODIAN}),
        stops=stops,
        urgent=True,
    )


def _fault(fault: str) -> Step:
    return Step(
        who=_("Key custodian"),
        title=_("The key is not held as the study says"),
        text=f"{fault[:1].upper()}{fault[1:]}.",
        fact=_("The key is not held as the study says: %(fault)s.") % {"fault": fault},
        page="keys",
        button=_("See the key"),
        roles=frozenset({Role.PROJECT_ADMINISTRATOR, Role.CUSTODIAN}),
        stops=Stops.JOBS,
        urgent=True,
    )


def _proposed() -> Step:
    return Step(
        who=_("Key custodian"),
        title=_("A key is proposed for the study"),
        text=_("A program sent another key. Those who hold the key in use agree to it, or somebody discards it."),
        page="keys",
        button=_("See the key"),
        roles=frozenset({Role.CUSTODIAN}),
        urgent=True,
    )


def _expiry(key: KeySet, ends: datetime, *, expired: bool) -> Step:
    day = {"day": date_format(ends, _("j M Y"))}
    text = _("Run rotate on the custodian's machine; it says first which batches must be sent again.")
    if key.sharing is not None:
        text = _("The hospitals hold a new ceremony, and every table is encrypted and sent again.")
    return Step(
        who=_("Key custodian"),
        title=_("The key expired on %(day)s") % day if expired else _("The key expires on %(day)s") % day,
        text=text,
        fact=_("The key has expired: the custodian rotates it.") if expired else "",
        page="keys",
        button=_("See the key"),
        roles=frozenset({Role.CUSTODIAN}),
        stops=Stops.UPLOADS if expired else Stops.NOTHING,
        urgent=expired,
    )


# ---- hospitals -------------------------------------------------------------------------------------------------------


def confirm_steps(facts: StudyFacts, hospitals: Iterable[Institution]) -> Iterator[Step]:
    """For those of these hospitals that have not compared the key in use with the custodian."""
    late = tuple(hospital for hospital in hospitals if not facts.has_confirmed(hospital))
    if facts.key is None or facts.key_fault or not late:
        return
    yield Step(
        who=_("Hospitals"),
        title=_("Confirm the study's key"),
        text=_("Telephone the custodian and compare the fingerprint; your hospital can upload nothing before."),
        fact=_("The key is not confirmed by %(hospitals)s: a coordinator of each telephones the custodian.")
        % {"hospitals": _names(late)},
        page="keys",
        button=_("Compare"),
        roles=frozenset({Role.COORDINATOR}),
        hospitals=late,
        stops=Stops.UPLOADS if len(late) == len(facts.institutions) else Stops.NOTHING,
        urgent=True,
    )


def terms_steps(facts: StudyFacts, hospitals: Iterable[Institution]) -> Iterator[Step]:
    """For those of these hospitals that have not accepted the terms in force."""
    late = tuple(hospital for hospital in hospitals if facts.must_accept(hospital) is not None)
    if facts.terms is None or not late:
        return
    names = _names(late)
    words = {"number": facts.terms.number, "hospital": names}
    yield Step(
        who=_("Hospitals"),
        title=_("Accept version %(number)s of the terms for %(hospital)s") % words,
        text=_("Nothing can be uploaded before."),
        fact=_("The terms in force are not accepted by %(hospitals)s.") % {"hospitals": names},
        page="terms",
        button=_("Read the terms"),
        roles=frozenset({Role.COORDINATOR}),
        hospitals=late,
        stops=Stops.UPLOADS if len(late) == len(facts.institutions) else Stops.NOTHING,
        urgent=True,
    )


def _names(hospitals: Iterable[Institution]) -> str:
    return ", ".join(hospital.name for hospital in hospitals)


def _patients(facts: StudyFacts) -> Iterator[Step]:
    stopped = [one for one in facts.institutions if one.state != Institution.State.APPROVED]
    if stopped:
        words = {"hospitals": _names(stopped)}
        yield Step(fact=_("Suspended or closed, so without uploads: %(hospitals)s.") % words)
    if not facts.patients and any(share.on_the_way for share in facts.shares):
        yield Step(
            who=_("Server and custodian"),
            title=_("Check the first batches"),
            text=_("The first batches are being checked. Admitted patients appear here by themselves."),
            page="batches",
            right=Right.SEE_DATA,
            button=_("See the batches"),
            stops=Stops.JOBS,
        )
    yield from _first_patients(facts)


def _first_patients(facts: StudyFacts) -> Iterator[Step]:
    empty = [share for share in facts.shares if not share.patients]
    if not empty:
        return
    names = {"n": len(empty), "hospitals": _names(share.institution for share in empty)}
    fact = ngettext(
        "One hospital has no admitted patients: %(hospitals)s.",
        "%(n)s hospitals have no admitted patients: %(hospitals)s.",
        len(empty),
    )
    yield Step(
        who=_("Hospitals"),
        title=_("Add the first patients"),
        text=_("The key is there. Each table is encrypted at its hospital; only sealed columns leave it."),
        fact=fact % names,
        page="batches",
        right=Right.SEE_DATA,
        button=_("See how"),
        roles=frozenset({Role.COORDINATOR}),
        hospitals=tuple(share.institution for share in empty if not share.has_sent),
        stops=Stops.NOTHING if facts.patients else Stops.JOBS,
    )


def away(facts: StudyFacts) -> Iterator[Step]:
    """Key holders whose programs do not answer: everything can be sent and launched, and waits."""
    shared = facts.shared
    if shared is not None and shared.short:
        words = {"online": shared.online, "parties": shared.parties, "threshold": shared.threshold}
        fact = _(
            "Batches and jobs wait for hospitals that are away: %(online)s of %(parties)s are online; "
            "%(threshold)s must open together, and one of them leads."
        )
        yield Step(fact=fact % words)
    elif shared is None and facts.custodian_seen is None:
        yield Step(fact=_("The custodian's program has never called: batches and jobs wait until it runs."))
