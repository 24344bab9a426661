"""A hospital that holds a share judges a release itself: reads the preview, decides, signs, writes it down."""

from dataclasses import dataclass, field

from pydantic import ValidationError

from hefed.core.errors import BadInput, Conflict
from hefed.core.protocol.releases import PreviewContent
from hefed.core.protocol.signing import unseal
from hefed.core.protocol.threshold import Seat, Sharing
from hefed.core.protocol.verdicts import AgentVerdict, Says, VerdictTask, digest_of_preview, sign_verdict
from hefed.custodian.client import CustodianClient
from hefed.custodian.keeping import records
from hefed.custodian.keeping.ledger import Entry, Ledger, read_lines
from hefed.custodian.keeping.store import Home
from hefed.custodian.keeping.vault import Vault, open_vault
from hefed.custodian.sharing.holding import Identity, holds_share, open_identity, open_share
from hefed.http.client import Rejected


@dataclass(frozen=True)
class Reading:
    """What would be published, as the lead sealed it to this hospital. ``digest``: computed from it here."""

    task: VerdictTask
    content: PreviewContent
    digest: str


@dataclass(frozen=True)
class Reviewer:
    """One opened directory of a hospital that holds a share."""

    home: Home
    vault: Vault = field(repr=False)
    identity: Identity = field(repr=False)
    sharing: Sharing
    client: CustodianClient

    @classmethod
    def opened(cls, home: Home, passphrase: str, client: CustodianClient) -> "Reviewer":
        """Raises BadInput for the directory of a single custodian."""
        if not holds_share(home):
            raise BadInput("releases.no_share", path=str(home.path))
        vault = open_vault(home.vault, passphrase)
        return cls(home, vault, open_identity(home.path, passphrase), open_share(vault)[0], client)

    @property
    def seat(self) -> Seat:
        return self.sharing.seat_of(self.identity.card)

    def tasks(self) -> list[VerdictTask]:
        """Releases that wait for hospitals' agents, the oldest first."""
        return self.client.verdict_tasks()

    def read(self, release: str) -> Reading:
        """Open this hospital's preview; raises BadInput unless it is what the results' commitments say."""
        task = self._task(release)
        preview = self.client.agent_preview(release, self.seat.point)
        content = unseal(preview.jwe, self.identity.agreement, PreviewContent)
        _check(task, content)
        digest = digest_of_preview(content, task.job)
        if digest != content.digest or digest != task.digest:
            raise BadInput("releases.preview_digest", release=release, digest=digest[:16], expected=task.digest[:16])
        return Reading(task, content, digest)

    def decide(self, reading: Reading, says: Says, reason: str = "") -> AgentVerdict:
        """Sign, write it down, then post. What the server refuses is on the ledger too."""
        verdict = self._verdict(reading, says, reason)
        if not any(line.answer_sha256 == verdict.sha256 for line in read_lines(self.home.ledger)):
            self._note(records.release_verdict(verdict, [item.item for item in reading.content.items]))
        try:
            self.client.put_verdict(verdict.release, sign_verdict(verdict, self.identity.signing))
        except (Conflict, Rejected) as error:
            self._note(records.verdict_refused(verdict, str(error)))
            raise
        return verdict

    def _task(self, release: str) -> VerdictTask:
        task = next((task for task in self.tasks() if task.release == release), None)
        if task is None:
            raise BadInput("releases.waits_for_no_hospital", release=release)
        if task.sharing != self.sharing.digest:
            raise BadInput(
                "releases.other_sharing", release=release, sharing=task.sharing[:16], own=self.sharing.digest[:16]
            )
        if self.seat.point not in task.previews:
            raise BadInput("releases.no_preview_yet", release=release)
        return task

    def _verdict(self, reading: Reading, says: Says, reason: str) -> AgentVerdict:
        task = reading.task
        try:
            return AgentVerdict(
                says=says,
                sharing=self.sharing.digest,
                point=self.seat.point,
                study=reading.content.study,
                job=task.job,
                release=task.release,
                version=task.version,
                digest=reading.digest,
                reason=reason.strip(),
            )
        except ValidationError as error:
            first = error.errors()[0]["msg"]
            raise BadInput("releases.verdict_field", release=task.release, why=first) from None

    def _note(self, entry: Entry) -> None:
        Ledger(self.home.ledger, self.vault.ledger_key()).append(entry)


def _check(task: VerdictTask, content: PreviewContent) -> None:
    """The preview is of this version, and its items open the commitments made when the job ended."""
    if (content.study, content.release, content.version) != (task.study, task.release, task.version):
        raise BadInput(
            "releases.preview_version",
            release=task.release,
            shown=content.release,
            shown_version=content.version,
            version=task.version,
        )
    given = {item.item: item.commitment().sha256 for item in content.items}
    wanted = {item.item: item.sha256 for item in task.commitments}
    if len(given) != len(content.items) or given != wanted:
        differing = sorted(name for name in {*given, *wanted} if given.get(name) != wanted.get(name))
        raise BadInput("releases.preview_items", release=task.release, items=tuple(differing) or tuple(given))
