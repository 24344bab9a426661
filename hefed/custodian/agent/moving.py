"""The agents' part in moving the lead: the earlier one sends its hand-over, the next one waits and takes it in."""

import io
import logging
from collections.abc import Callable
from typing import BinaryIO

from hefed.core.errors import BadInput, Conflict, HEFedError
from hefed.core.protocol.lead import HandOverInfo, HandOverNote, read_hand_over
from hefed.core.protocol.requests import NoteCode
from hefed.core.protocol.threshold import verify
from hefed.custodian.agent.contact import Failures
from hefed.custodian.client import CustodianClient
from hefed.custodian.sharing.hand_over import FILE, Handing, take
from hefed.custodian.sharing.lead import lead_file
from hefed.http.client import Rejected

_log = logging.getLogger(__name__)


class Sending:
    """Sends the hand-over that lies in this directory until the server has it; deletes it once it was taken."""

    def __init__(self, place: Handing, client: CustodianClient) -> None:
        self._place, self._client, self._done = place, client, ""
        self._failures = Failures("the hand-over was not sent", logging.WARNING)

    def look(self) -> None:
        """What cannot be sent now is sent at a later look."""
        path = self._place.home.path / FILE
        if not path.exists():
            return
        with path.open("rb") as stream:
            digest = verify(read_hand_over(stream), HandOverNote).digest
        if self._done == digest:
            return
        try:
            if digest in _taken(self._client.hand_overs()):
                path.unlink()
            else:
                self._client.put_hand_over(digest, path.read_bytes())
                _log.info("the hand-over %s is at the server", digest[:16])
            self._done = digest
        except (Conflict, Rejected) as error:  # it would be refused again
            self._done = digest
            _log.warning("the server does not take the hand-over: %s", error)
        except HEFedError as error:
            self._failures.log(error)


class Awaiting:
    """Whether this hospital may lead yet: not before it has what the earlier lead knew."""

    def __init__(self, place: Handing, client: CustodianClient, note: Callable[[NoteCode], None]) -> None:
        self._place, self._client, self._note = place, client, note
        self._unusable: set[str] = set()

    def over(self) -> bool:
        """Looks for the hand-over and takes it in. False while it is missing, and the job pages say so."""
        awaits = lead_file(self._place.home.path).awaits
        if awaits is None:
            self._drop_what_came_by_hand()
            return True
        if any(self._take(info) for info in self._client.hand_overs() if self._is_wanted(info, awaits)):
            return True
        self._note("agent.awaits_hand_over")
        return False

    def _drop_what_came_by_hand(self) -> None:
        """A hand-over that was taken from a file may lie at the server too."""
        number, own = lead_file(self._place.home.path).number, self._place.seat.point
        try:
            for info in self._client.hand_overs():
                if info.note.taker == own and info.note.number <= number and not info.taken:
                    drop(self._client, info.note.digest)
        except HEFedError as error:
            _log.warning("the server told of no hand-overs: %s", error)

    def _is_wanted(self, info: HandOverInfo, awaits: str) -> bool:
        note, seats = info.note, self._place.sharing.seats
        known = note.sharing == self._place.sharing.digest and note.taker == self._place.seat.point
        return (
            known
            and not info.taken
            and note.digest not in self._unusable
            and seats[note.giver - 1].card.institution == awaits
        )

    def _take(self, info: HandOverInfo) -> bool:
        digest = info.note.digest
        try:
            taken = take(self._place, io.BytesIO(self._client.hand_over(digest)))
        except BadInput as error:
            _log.error("%s", error)
            self._unusable.add(digest)
            return False
        _log.info("took over from %s: %s", self._place.name(taken.note.giver), taken.counts)
        drop(self._client, digest)
        return True


def newest(client: CustodianClient, place: Handing) -> BinaryIO:
    """The hand-over at the server that is meant for this hospital; raises BadInput when there is none."""
    mine = [info.note for info in client.hand_overs() if info.note.taker == place.seat.point and not info.taken]
    if not mine:
        raise BadInput("agent.no_hand_over")
    return io.BytesIO(client.hand_over(max(mine, key=lambda note: note.number).digest))


def drop(client: CustodianClient, digest: str) -> None:
    """Let the server delete what was taken in. It is a courtesy: what stays there is sealed."""
    try:
        client.drop_hand_over(digest)
    except HEFedError as error:
        _log.warning("the server keeps the hand-over: %s", error)


def _taken(infos: list[HandOverInfo]) -> set[str]:
    return {info.note.digest for info in infos if info.taken}
