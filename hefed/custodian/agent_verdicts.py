"""Have the hospitals that hold shares approved a release themselves? Judged by the cards in the sharing alone.

Every reason is for the people on the release page, beside those about people's signatures (``approvals``).
"""

from collections.abc import Iterable
from dataclasses import dataclass

from hefed.errors import BadInput
from hefed.protocol.releases import ReleaseTask, SignatureInvalid
from hefed.protocol.threshold import Sharing
from hefed.protocol.verdicts import AgentVerdict, read_verdict

_SHOWN_DIGITS = 16


@dataclass(frozen=True)
class AgentVotes:
    """By place in the sharing: who approved, and who rejected and why. ``reasons``: what does not count and why."""

    sharing: Sharing
    approved: tuple[int, ...]
    rejected: dict[int, str]
    reasons: tuple[str, ...]

    def missing(self, needed: int) -> str:
        """What is still waited for, in words; empty when enough hospitals approved."""
        if len(self.approved) >= needed:
            return ""
        if needed > len(self.sharing.seats) - len(self.rejected):
            return f"{self._standing(needed)}; so many cannot any more: change the request, or withdraw it"
        return self._standing(needed)

    def names(self, points: Iterable[int]) -> str:
        return ", ".join(self.sharing.seats[point - 1].card.name for point in points)

    def _standing(self, needed: int) -> str:
        count, names = len(self.approved), self.names(self.approved) or "none yet"
        standing = f"agents of {count} of {needed} hospitals approved ({names})"
        refusals = (f'rejected by {self.names([point])} ("{reason}")' for point, reason in self.rejected.items())
        return "; ".join([standing, *refusals])


def judge_agents(task: ReleaseTask, digest: str, sharing: Sharing) -> AgentVotes:
    """One word for each hospital, on exactly this version and these numbers. A no stands, whatever else is there."""
    reasons: list[str] = []
    approved: dict[int, None] = {}
    rejected: dict[int, str] = {}
    for text in task.verdicts:
        try:
            verdict = _checked(text, task, digest, sharing)
        except BadInput as error:
            reasons.append(str(error))
            continue
        name = sharing.seats[verdict.point - 1].card.name
        if verdict.says == "reject":
            rejected.setdefault(verdict.point, verdict.reason)
        elif verdict.point in approved:
            reasons.append(f"a second approval of {name} does not count: one is enough; another hospital must approve")
        else:
            approved[verdict.point] = None
    counted = tuple(sorted(point for point in approved if point not in rejected))
    return AgentVotes(sharing, counted, dict(sorted(rejected.items())), tuple(reasons))


def without_agents(needed: int) -> str:
    """What one custodian that holds the whole key says when agents must approve; empty when none must."""
    if not needed:
        return ""
    return (
        f"agents of {needed} hospitals must approve, and one custodian holds the key alone; share the key, or let the "
        "study ask for none"
    )


def _checked(text: str, task: ReleaseTask, digest: str, sharing: Sharing) -> AgentVerdict:
    verdict, seat = read_verdict(text, sharing)
    wanted = {"study": task.study, "job": task.job, "release": task.release, "version": task.version, "digest": digest}
    for name, value in wanted.items():
        found = getattr(verdict, name)
        if found != value:
            shown = ", not ".join(str(each)[:_SHOWN_DIGITS] for each in (found, value))
            raise SignatureInvalid(f"the verdict of {seat.card.name} is about another {name} ({shown}); decide anew")
    return verdict
