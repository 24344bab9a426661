"""Sealed results on their way out: previews for approvers, reasons for the page, and one publication per release.

A decision is on the disk and on the ledger before anything of it leaves, as answers are; it is posted as it stands.
"""

import hashlib
import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path

from hefed.core.errors import BadInput, Conflict, HEFedError
from hefed.core.protocol.releases import (
    ITEMS,
    AgentPreview,
    ApproverKey,
    Preview,
    PreviewContent,
    Publication,
    ReleaseReport,
    ReleaseTask,
    encrypt_preview,
    manifest_digest,
)
from hefed.core.protocol.threshold import Sharing, seal
from hefed.core.words import Said, words
from hefed.custodian.client import CustodianClient
from hefed.custodian.desk.policy import Policy, read_policy, tightened
from hefed.custodian.keeping import records
from hefed.custodian.keeping.ledger import Ledger, Rule, read_lines
from hefed.custodian.keeping.records import PublicationRecord, SealedRecord
from hefed.custodian.keeping.store import Home, Store, checked_id
from hefed.custodian.releases.votes import (
    AgentVotes,
    Case,
    Verdict,
    Vote,
    judge,
    judge_agents,
    readers,
    short,
    without_agents,
)
from hefed.http.client import Rejected

_log = logging.getLogger(__name__)


def _today() -> date:
    return datetime.now(UTC).date()


@dataclass(frozen=True)
class _Release:
    """One open release with the part of the sealed result that it would publish."""

    task: ReleaseTask
    content: PreviewContent

    @property
    def version(self) -> tuple[str, int]:
        return self.task.release, self.task.version


@dataclass
class Releases:
    """Looks after the open releases of one study. What was said before is not said again.

    ``sharing``: of a key that several hospitals hold, whose agents the study may ask to approve as well.
    """

    home: Home
    study: str
    store: Store
    ledger: Ledger
    client: CustodianClient
    today: Callable[[], date] = _today
    sharing: Sharing | None = None
    _said: dict[tuple[str, int], ReleaseReport] = field(default_factory=dict)
    _shown: dict[tuple[str, int], set[str]] = field(default_factory=dict)
    _shown_to_agents: dict[tuple[str, int], set[int]] = field(default_factory=dict)
    _unwanted: set[tuple[str, int]] = field(default_factory=set)
    _mentioned: set[str] = field(default_factory=set)
    _noted: "_Noted | None" = None

    def look(self) -> None:
        """Bring every open release one step further. One that cannot be read or posted does not stop the others."""
        if not (self.store.holds_sealed() or read_policy(self.home.policy).release == "approval"):
            return
        try:
            tasks = self.client.releases()
        except HEFedError as error:
            self._mention(f"releases: {error}")
            return
        for task in tasks:
            try:
                self._handle(task)
            except HEFedError as error:
                self._mention(f"{task.release[:100]!r}: {error}")

    def _handle(self, task: ReleaseTask) -> None:
        checked_id(task.release)
        if (task.release, task.version) in self._unwanted:
            return
        try:
            decided = self._decided(task)
            release = None if decided else self._read(task)
        except BadInput as error:
            self._say(task, ReleaseReport(version=task.version, reasons=[error.said]), refused=[error.said])
            return
        if decided is not None:
            self._post(decided)
        if release is not None:
            self._decide(release)

    def _decided(self, task: ReleaseTask) -> PublicationRecord | None:
        """The publication of this version, if there is one; raises BadInput when the server means another by it now."""
        decided = self.store.publication(task.release, task.version)
        if decided is None:
            return None
        items = {item.item for item in decided.publication.items}
        if (decided.job, items) != (task.job, set(task.items)):
            raise BadInput("releases.published_otherwise", version=task.version, release=task.release)
        return decided

    def _decide(self, release: _Release) -> None:
        case = Case(release.task, self.study, release.content.digest, self.today(), self.store.trusted())
        verdict, votes, policy = judge(case), self._votes(release), self._policy()
        missing = [verdict.missing(policy.approvals), _missing_agents(votes, policy.agents_must_approve)]
        if not any(missing) and verdict.request is not None:
            self._publish(release, [verdict.request, *verdict.approvals], votes)
            return
        invalid = [*verdict.reasons, *(votes.reasons if votes and policy.agents_must_approve else ())]
        report = ReleaseReport(
            version=release.task.version,
            previews=self._previews(release, case, verdict),
            unknown=list(verdict.unknown),
            reasons=[*invalid, *(said for said in missing if said is not None)],
            agents_needed=policy.agents_must_approve,
            agent_previews=self._agent_previews(release, verdict) if policy.agents_must_approve else [],
        )
        self._say(release.task, report, refused=invalid)

    def _policy(self) -> Policy:
        """The stricter of this policy and the study's rules, read anew as for every request."""
        return tightened(read_policy(self.home.policy), self.client.study().rules)

    def _votes(self, release: _Release) -> AgentVotes | None:
        return judge_agents(release.task, release.content.digest, self.sharing) if self.sharing else None

    def _read(self, task: ReleaseTask) -> _Release:
        """The items asked for, of the result that was sealed; raises BadInput when they cannot be those."""
        sealed = self.store.sealed(checked_id(task.request))
        if sealed is None or (task.study, task.job) != (self.study, sealed.job):
            raise BadInput("releases.no_sealed_result", job=task.job, study=task.study, request=task.request)
        return _Release(task, _content(task, sealed))

    # ---- previews and reasons ----------------------------------------------------------------------------------------

    def _previews(self, release: _Release, case: Case, verdict: Verdict) -> list[Preview]:
        """For readers without one. Nobody gets a preview before a known requester asked."""
        if verdict.request is None:
            return []
        there = {*release.task.previews, *self._shown.get(release.version, ())}
        waiting = [key for key in readers(case, verdict.request) if key.fingerprint not in there]
        made = (self._encrypted(release.content, key) for key in waiting)
        return [preview for preview in made if preview is not None]

    def _agent_previews(self, release: _Release, verdict: Verdict) -> list[AgentPreview]:
        """For the hospitals that hold shares, this one as well; nobody gets one before a known requester asked."""
        if verdict.request is None or self.sharing is None:
            return []
        there = {*release.task.agent_previews, *self._shown_to_agents.get(release.version, ())}
        waiting = [seat for seat in self.sharing.seats if seat.point not in there]
        sharing, content = self.sharing.digest, release.content
        return [AgentPreview(sharing=sharing, point=one.point, jwe=seal(content, one.card)) for one in waiting]

    def _encrypted(self, content: PreviewContent, key: ApproverKey) -> Preview | None:
        """A key that cannot be used costs its owner the preview, and nobody else."""
        try:
            return encrypt_preview(content, key)
        except BadInput as error:
            self._mention(f"no preview of {content.release} for {short(key.fingerprint)}: {error}")
            return None

    def _say(self, task: ReleaseTask, report: ReleaseReport, refused: list[Said]) -> None:
        """Post what is new; a refusal is on the ledger once, until its reason changes."""
        version, told = (task.release, task.version), report.model_copy(update={"previews": [], "agent_previews": []})
        if refused:
            self._note_refusal(task, "; ".join(map(words, refused)))
        previews = len(report.previews) + len(report.agent_previews)
        if not previews and self._said.get(version) == told:
            return
        try:
            self.client.report(task.release, report)
        except Rejected as error:  # it would be refused again: do not repeat it
            self._mention(f"{task.release}: {error}")
        self._said[version] = told
        self._shown.setdefault(version, set()).update(preview.fingerprint for preview in report.previews)
        places = self._shown_to_agents.setdefault(version, set())
        places.update(preview.point for preview in report.agent_previews)
        if previews:
            _log.info("%s: %d previews for those who approve", task.release, previews)

    # ---- the decision ------------------------------------------------------------------------------------------------

    def _publish(self, release: _Release, signers: list[Vote], votes: AgentVotes | None) -> None:
        task, content = release.task, release.content
        publication = Publication(
            release=task.release, version=task.version, digest=content.digest, items=content.items
        )
        record = PublicationRecord(
            job=task.job,
            publication=publication,
            signers=[vote.owner.fingerprint for vote in signers],
            agents=_institutions(votes),
        )
        self.store.publish(record)
        self._post(record)

    def _post(self, record: PublicationRecord) -> None:
        told = record.publication
        self._note_release(record)
        try:
            self.client.publish(told)
        except (Conflict, Rejected) as error:
            self._unwanted.add((told.release, told.version))
            self.ledger.append(records.not_taken(told.release, str(error), record.job))
            _log.warning("the server does not take the publication of %s: %s", told.release, error)
            return
        _log.info("published %s version %d: %d items", told.release, told.version, len(told.items))

    # ---- ledger ------------------------------------------------------------------------------------------------------

    @property
    def _ledger_notes(self) -> "_Noted":
        """What the ledger says of releases already; read once."""
        if self._noted is None:
            self._noted = _Noted.read(self.home.ledger)
        return self._noted

    def _note_release(self, record: PublicationRecord) -> None:
        """Also after a stop that came between the decision and its line."""
        told, digest = record.publication, hashlib.sha256(record.publication.model_dump_json().encode()).hexdigest()
        if digest in self._ledger_notes.published:
            return
        signers = list(map(self._signer, record.signers))
        self.ledger.append(records.released(record.job, told, digest, signers, record.agents))
        self._ledger_notes.published.add(digest)

    def _signer(self, fingerprint: str) -> str:
        owner = self.store.trusted().get(fingerprint)
        return f"{fingerprint} of {owner.institution}" if owner else fingerprint

    def _note_refusal(self, task: ReleaseTask, reason: str) -> None:
        if self._ledger_notes.refused.get(task.release) != reason:
            self.ledger.append(records.release_refused(task, reason))
            self._ledger_notes.refused[task.release] = reason

    def _mention(self, text: str) -> None:
        if text not in self._mentioned:
            _log.warning("%s", text)
        self._mentioned.add(text)


def _missing_agents(votes: AgentVotes | None, needed: int) -> Said | None:
    return without_agents(needed) if votes is None else votes.missing(needed)


def _institutions(votes: AgentVotes | None) -> list[str]:
    """Short names of the hospitals whose agents approved."""
    return [votes.sharing.seats[point - 1].card.institution for point in votes.approved] if votes else []


@dataclass(frozen=True)
class _Noted:
    """Digests of publications, and the last refusal by release."""

    published: set[str]
    refused: dict[str, Rule]

    @classmethod
    def read(cls, ledger: Path) -> "_Noted":
        published, refused = set(), {}
        for line in read_lines(ledger):
            if line.event == "release":
                published.add(line.answer_sha256)
            elif line.event == "release-refused":
                refused[line.request] = line.rule
        return cls(published, refused)


def _content(task: ReleaseTask, sealed: SealedRecord) -> PreviewContent:
    """Exactly what would be published; raises BadInput for items that the sealed result does not have."""
    there = {item.item: item for item in sealed.items}
    wanted = [name for name in ITEMS if name in task.items]
    if len(wanted) != len(task.items) or not set(wanted) <= set(there):
        raise BadInput("releases.items", items=tuple(task.items), job=task.job, known=tuple(there))
    items = [there[name] for name in wanted]
    return PreviewContent(
        study=task.study,
        release=task.release,
        version=task.version,
        digest=manifest_digest(task.study, task.job, [item.commitment() for item in items]),
        items=items,
        notes=list(dict.fromkeys(note for name in wanted for note in sealed.notes.get(name, []))),
    )
