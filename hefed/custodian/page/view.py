"""The agent's page: its elements and what it shows."""

from collections.abc import Iterator
from datetime import datetime
from xml.etree.ElementTree import Element, tostring

from hefed.core.learning.kinds.table import KINDS
from hefed.core.protocol.fingerprint import grouped
from hefed.core.protocol.verdicts import VerdictTask
from hefed.core.words import words
from hefed.custodian.desk.policy import Policy, tightened
from hefed.custodian.keeping.ledger import rule_words
from hefed.custodian.page.facts import Asked, Facts, Part

Child = Element | str


def el(tag: str, *children: Child, **attributes: str) -> Element:
    """One element. ``class_`` is the attribute class, ``data_label`` is data-label; an empty one is left out."""
    named = {name.rstrip("_").replace("_", "-"): value for name, value in attributes.items() if value}
    element = Element(tag, named)
    last: Element | None = None
    for child in children:
        if isinstance(child, Element):
            element.append(child)
            last = child
        elif last is None:
            element.text = (element.text or "") + child
        else:
            last.tail = (last.tail or "") + child
    return element


def moment(when: datetime) -> Element:
    """A time that people read in UTC and programs to the second."""
    return el("time", f"{when:%Y-%m-%d %H:%M:%S} UTC", datetime=when.isoformat(timespec="seconds"))


def facts(*pairs: tuple[str, Child]) -> Element:
    """A list of names and what is so."""
    return el("dl", *(el("div", el("dt", name), el("dd", value)) for name, value in pairs))


def document(root: Element) -> bytes:
    return f"<!doctype html>\n{tostring(root, encoding='unicode', method='html')}".encode()


_OUTCOMES = {"share": "answered", "refused": "refused", "": "no answer yet"}


def page(found: Facts, now: datetime) -> bytes:
    """Everything that changes lies in ``main``, so that the script replaces it only when something did."""
    title = f"{_who(found)}, study {found.study}"
    head = el(
        "head",
        el("meta", charset="utf-8"),
        el("meta", name="viewport", content="width=device-width, initial-scale=1"),
        el("title", title),
        el("link", rel="stylesheet", href="/style.css"),
        el("script", type="module", src="/refresh.js"),
    )
    top = el(
        "header",
        el("h1", title),
        el("p", _reads(found)),
        el("p", "As of ", el("span", moment(now), id="now"), ", asked for anew every five seconds.", class_="muted"),
        el("p", id="stopped", role="status", class_="notice failure", hidden="hidden"),
    )
    foot = el("footer", el("p", "Read only, for this machine only. Commands are in docs/custodian.md."), class_="muted")
    return document(el("html", head, el("body", top, el("main", *_sections(found)), foot), lang="en"))


def _who(found: Facts) -> str:
    return "Key custodian" if found.part is None else found.part.seat.card.name


def _reads(found: Facts) -> str:
    """Who reads what is the first thing to know."""
    part = found.part
    if part is None:
        return "This machine holds the study's whole key: it opens totals, alone, by the rules below."
    others = f"any {part.sharing.threshold} of {len(part.sharing.seats)} hospitals open together"
    if part.leads:
        return f"This machine holds a share of the key and leads: {others}, and it reads the totals that they open."
    return f"This machine holds a share of the key: {others}. It answers with numbers that tell nothing alone."


def _sections(found: Facts) -> Iterator[Element]:
    for trouble in found.trouble:
        yield el("p", words(trouble), class_="notice failure")
    yield _section("Connection", _connection(found))
    yield _section("Requests today", _today(found))
    if found.part is not None:
        yield _section("The key that hospitals share", _sharing(found.part))
    key = el("p", "SHA-256 of the public key:"), el("p", el("code", grouped(found.key_fingerprint)))
    yield _section("Key", *key, width="wide" if found.part is None else "")
    if found.part is not None and found.reviews:
        releases = [el("li", *_review(task, found.part)) for task in found.reviews]
        yield _section("Releases that wait for hospitals", el("ul", *releases), width="wide")
    yield _section("Last requests", _requests(found.requests), width="wide")
    if found.policy is not None:
        opens = found.part is None or found.part.leads
        lines = [el("li", line) for line in policy_lines(found.policy, opens=opens)]
        yield _section("What it answers", el("ul", *lines))
    yield _section("Ledger", _ledger(found))


def _section(title: str, *children: Element | str, width: str = "") -> Element:
    name = title.lower().replace(" ", "-")
    return el("section", el("h2", title, id=name), *children, aria_labelledby=name, class_=width)


def _connection(found: Facts) -> Element:
    state = found.contact
    if state.reason is not None:
        pairs: list[tuple[str, Child]] = [("State", el("strong", "Not connected", class_="failed"))]
        pairs += [("Since", moment(state.since)), ("Why", words(state.reason))]
        pairs += [("Reached last", moment(state.reached))] if state.reached else []
    elif state.reached is None:
        pairs = [("State", el("strong", "Calling for the first time"))]
    else:
        pairs = [("State", el("strong", "Connected", class_="good")), ("Since", moment(state.since))]
    return facts(("Server", found.server), *pairs)


def _today(found: Facts) -> Element:
    limit = "" if found.policy is None else f" of at most {found.policy.requests_per_day:,}"
    pairs: list[tuple[str, Child]] = [("Taken", f"{found.requests_today:,}{limit}")]
    if found.policy is not None and found.requests_today >= found.policy.requests_per_day:
        pairs.append(("Next", "the day's limit is reached; it goes on tomorrow (UTC)"))
    pairs.append(("Answers kept until the server has them", str(found.kept_answers)))
    if found.part is None or found.part.leads:
        pairs.append(("Sealed results here", str(found.sealed_results)))
    return facts(*pairs)


def _sharing(part: Part) -> Element:
    sharing = part.sharing
    spare = len(sharing.seats) - sharing.threshold
    waits = [("Waits for", f"the hand-over of {part.awaits}, which led before")] if part.leads and part.awaits else []
    return facts(
        ("Open together", f"{sharing.threshold} of {len(sharing.seats)} hospitals; {spare} may be lost"),
        ("Hospitals", ", ".join(seat.card.name for seat in sharing.seats)),
        ("This hospital", f"{part.seat.card.name}, share {part.seat.point}"),
        ("Leads", "nobody was named" if part.lead is None else part.lead.card.name),
        *waits,
        ("Sharing", f"{sharing.epoch}, in use until {sharing.expires_on:%Y-%m-%d}"),
        ("This hospital's card", el("code", grouped(part.seat.card.fingerprint))),
        ("Digest of the sharing", el("code", grouped(sharing.digest))),
    )


def _review(task: VerdictTask, part: Part) -> Iterator[Child]:
    """One open release, as the server lists it; what would be published is read with a command."""
    approved = sum(says == "approve" for says in task.answered.values())
    items = ", ".join(one.item for one in task.commitments)
    yield f"{task.release}, version {task.version}: {items} of {task.job}, until {task.expires_on:%Y-%m-%d}. "
    yield f"{approved} of {task.needed} hospitals approved. "
    own = task.answered.get(part.seat.point)
    if own is None:
        yield "This hospital has not decided: "
        yield el("code", f"releases show {task.release}")
        yield " shows exactly what would be published."
    else:
        yield f"This hospital said: {own}."


def _requests(requests: list[Asked]) -> Element:
    if not requests:
        return el("p", "None yet. The server asks when a hospital uploads or a job runs.", class_="muted")
    names = ("Time", "Kind", "Job", "Round", "Patients", "Answer", "Rule")
    heads = [el("th", name, scope="col", class_="num" if name in ("Round", "Patients") else "") for name in names]
    table = el("table", el("thead", el("tr", *heads)), el("tbody", *(_row(one) for one in requests)))
    return el("div", table, class_="scroll", tabindex="0", role="region", aria_label="Last requests")


def _row(one: Asked) -> Element:
    asked, answer = one.asked, one.answer
    outcome = "" if answer is None else answer.outcome
    shown = el("span", _OUTCOMES.get(outcome, outcome), class_="failed" if outcome == "refused" else "")
    return el(
        "tr",
        el("td", moment(datetime.fromisoformat(asked.time)), data_label="Time"),
        el("th", asked.kind, scope="row", data_label="Kind"),
        el("td", asked.job or "none", class_="id", data_label="Job"),
        el("td", "" if asked.round is None else str(asked.round), class_="num", data_label="Round"),
        el("td", "" if asked.rows is None else f"{asked.rows:,}", class_="num", data_label="Patients"),
        el("td", shown, data_label="Answer"),
        el("td", "" if answer is None else rule_words(answer.rule), data_label="Rule"),
    )


def _ledger(found: Facts) -> Element:
    last = found.last_line
    pairs: list[tuple[str, Child]] = [("Lines", "none" if last is None else f"{last.number:,}")]
    if last is not None:
        told = f": {last.event}" + (f", {rule_words(last.rule)}" if last.rule else "")
        pairs.append(("Last line", el("span", moment(datetime.fromisoformat(last.time)), told)))
    checked = el("span", f"{found.checked_lines:,} lines held when this program started, ", moment(found.checked_at))
    pairs.append(("Chain", checked))
    return facts(*pairs)


_RELEASE = {
    "approval": "A result stays here, sealed, until people of {approvals} institutions have signed for its release.",
    "hold": "A result waits here, unread, until somebody lets it go with `approve`.",
    "automatic": "A result that passed the disclosure rules goes to the server at once.",
}


def policy_lines(policy: Policy, *, opens: bool) -> Iterator[str]:
    """``opens``: this agent reads totals; one that only answers with its share knows no deaths and holds no results."""
    if set(policy.kinds) == set(KINDS):
        yield "Every kind of request is answered."
    else:
        yield f"Only these kinds of requests are answered: {', '.join(policy.kinds)}."
    yield f"A model is trained on {policy.minimum_rows:,} patients or more."
    if opens:
        yield f"There must be {policy.minimum_events:,} deaths or more among them."
    if policy.institutions:
        yield f"Only patients of these hospitals: {', '.join(policy.institutions)}."
    else:
        yield "Patients of every hospital of the study."
    if policy.pools:
        pools = sorted(" with ".join(sorted(pool)) for pool in policy.pools)
        yield f"Only these pools: {'; '.join(pools)}."
    yield f"At most {policy.requests_per_day:,} requests a day (UTC)."
    jobs, evaluations = policy.jobs_per_pool, policy.openings_per_cohort
    yield f"At most {jobs:,} jobs over one pool and {evaluations:,} evaluations of one cohort."
    if opens:
        yield f"After {policy.failures_per_hospital:,} failed batches a hospital waits for a person here."
    if opens:
        yield from _results(policy)


def _results(policy: Policy) -> Iterator[str]:
    rules, policy = policy.disclosure, tightened(policy, None)
    yield _RELEASE[policy.release].format(approvals=policy.approvals)
    if policy.agents_must_approve:
        yield f"Besides, the own programs of {policy.agents_must_approve} hospitals must approve each release."
    yield f"Counts from 1 to {rules.small_cell} are hidden; others are rounded to multiples of {rules.round_to}."
    yield (
        f"A hospital's own figures need {rules.min_events} deaths and survivors; each step of a curve "
        f"{rules.curve_events}."
    )
    yield "Where the study asks for more, the stricter number counts."
