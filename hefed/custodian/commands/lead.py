"""Commands that move the lead: naming it, and taking over what the earlier one knew."""

from pathlib import Path
from typing import Annotated

import typer

from hefed.core.errors import BadInput
from hefed.core.protocol.fingerprint import grouped
from hefed.core.protocol.threshold import Seat
from hefed.custodian.agent.moving import drop, newest
from hefed.custodian.agent.share import ShareHolder, open_share_holder
from hefed.custodian.commands.terminal import (
    HomeOption,
    PassphraseOption,
    ServerOption,
    TokenOption,
    connect,
    read_passphrase,
    say,
    told,
)
from hefed.custodian.keeping import entries
from hefed.custodian.keeping.files import sole_user, write_private
from hefed.custodian.keeping.store import Home
from hefed.custodian.keeping.vault import open_vault
from hefed.custodian.sharing.hand_over import FILE, Taken, lead_without, make, take
from hefed.custodian.sharing.identity import open_identity
from hefed.custodian.sharing.lead import Naming, lead_file, naming, set_lead

app = typer.Typer(no_args_is_help=True)


@app.command("lead")
def name_lead(
    institution: str,
    home: HomeOption,
    out: Annotated[Path | None, typer.Option("--out", help="A copy of the hand-over, to carry it by hand.")] = None,
    after: Annotated[str, typer.Option("--after", help="Who led until now, if this directory does not know.")] = "",
    passphrase_file: PassphraseOption = None,
) -> None:
    """Say whose agent puts the answers together. Every hospital says it for itself; the lead reads the totals.

    At the hospital that led until now it also makes the hand-over to the next one.
    """
    with told():
        holder = _holder(home, passphrase_file)
        decided, own = naming(home, holder.sharing, institution, after), holder.handing.seat
        if out is not None and not _gives(holder, decided):
            raise BadInput("commands.does_not_lead")
        if own in (decided.seat, decided.before):
            with sole_user(home / "run.lock"):
                _move(holder, decided, out)
        else:
            _follow(holder, decided)


def _gives(holder: ShareHolder, decided: Naming) -> bool:
    """Whether this hospital led until now, and has what another one needs."""
    own = holder.handing.seat
    return decided.before == own != decided.seat and lead_file(holder.custodian.home.path).awaits is None


def _move(holder: ShareHolder, decided: Naming, out: Path | None) -> None:
    """This hospital leads, or led until now."""
    place = holder.handing
    if _gives(holder, decided):
        note = make(place, decided.seat)
        if out is not None:
            write_private(out, (place.home.path / FILE).read_bytes())
        say(f"The hand-over to {decided.seat.card.name} is in {place.home.path / FILE}; only they can open it. Digest:")
        say(grouped(note.digest))
        say("`run` sends it through the server." + (f" A copy is in {out}." if out else ""))
    _follow(holder, decided)
    awaits = lead_file(place.home.path).awaits
    if awaits is not None:
        say(f"`run` takes the hand-over of {awaits} from the server; `take-over --from FILE` takes it from a file.")


def _follow(holder: ShareHolder, decided: Naming) -> None:
    seat = set_lead(holder.custodian.home.path, holder.identity, decided)
    store = holder.custodian.store
    for request in store.unacknowledged():
        store.acknowledge(request)
    holder.custodian.ledger.append(entries.lead_named(seat.card.institution))
    say(f"{seat.card.name} leads: answers that wait are sealed anew. Start `run` again here.")


@app.command("take-over")
def take_over(
    home: HomeOption,
    source: Annotated[Path | None, typer.Option("--from", help="The file; without it the server is asked.")] = None,
    lost: Annotated[
        bool, typer.Option("--lost", help="The earlier lead's directory is lost with its backup: go on without.")
    ] = False,
    server: ServerOption = None,
    token_file: TokenOption = None,
    passphrase_file: PassphraseOption = None,
) -> None:
    """Take in what the earlier lead knew, so that jobs under way go on. `run` does it too, from the server."""
    with told():
        holder = _holder(home, passphrase_file)
        with sole_user(home / "run.lock"):
            if lost:
                say(f"This hospital leads without the hand-over of {lead_without(holder.handing)}.")
                say("Batches must be admitted again and jobs launched again; sealed results are lost with it.")
            elif source is not None:
                _say(_from_file(holder, source), holder.handing.seat)
            else:
                client = connect(home, server, token_file).speaking(holder.voice)
                taken = take(holder.handing, newest(client, holder.handing))
                drop(client, taken.note.digest)
                client.close()
                _say(taken, holder.handing.seat)


def _from_file(holder: ShareHolder, source: Path) -> Taken:
    try:
        with source.open("rb") as stream:
            return take(holder.handing, stream)
    except OSError as error:
        raise BadInput("commands.source_unreadable", path=str(source), why=str(error.strerror)) from error


def _say(taken: Taken, seat: Seat) -> None:
    say(f"{seat.card.name} took over: {taken.counts}. Digest of the hand-over:")
    say(grouped(taken.note.digest))
    for fingerprint in taken.left_out:
        say(f"Left out: the approver's key {grouped(fingerprint[:16])}, which was distrusted here.")


def _holder(home: Path, passphrase_file: Path | None) -> ShareHolder:
    passphrase = read_passphrase(passphrase_file)
    identity = open_identity(home, passphrase)
    return open_share_holder(Home(home), open_vault(Home(home).vault, passphrase), identity)
