"""Commands about a shared key: cards, ceremony, shares, who leads."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from hefed.core.errors import BadInput
from hefed.core.protocol.fingerprint import grouped, parse
from hefed.core.protocol.requests import RotationEffect
from hefed.core.protocol.threshold import AgentCard, Seat, Sharing
from hefed.custodian.agent.lead import drop, newest
from hefed.custodian.agent.share import ShareHolder, open_share_holder
from hefed.custodian.commands.rotation import describe
from hefed.custodian.commands.terminal import (
    HomeOption,
    PassphraseOption,
    ServerOption,
    TokenOption,
    connect,
    in_words,
    new_passphrase,
    read_passphrase,
    say,
    told,
)
from hefed.custodian.desk.policy import ReleaseRule
from hefed.custodian.keeping import records
from hefed.custodian.keeping.files import sole_user, write_private
from hefed.custodian.keeping.ledger import Ledger
from hefed.custodian.keeping.store import Home
from hefed.custodian.keeping.vault import open_vault
from hefed.custodian.sharing.ceremony import (
    PUBLIC_KEY,
    RECORD,
    RELINEARISATION_KEY,
    Plan,
    deal,
    from_ceremony,
    from_dealings,
    hold_ceremony,
    plan_resharing,
    read_plan,
    share_file,
    sharing_of,
)
from hefed.custodian.sharing.hand_over import FILE, Taken, lead_without, make, take_hand_over
from hefed.custodian.sharing.holding import (
    ACCEPTANCE,
    CARD,
    HeldShare,
    KeyFiles,
    Taking,
    create_identity,
    open_identity,
    open_share,
    read_card,
    read_signed,
    signed_succession,
    take,
)
from hefed.custodian.sharing.lead import Naming, lead_file, naming, set_lead

app = typer.Typer(no_args_is_help=True)
reshare_app = typer.Typer(help="New shares of the same key for a new set of hospitals.", no_args_is_help=True)
app.add_typer(reshare_app, name="reshare")

YEAR_DAYS = 365
CardsOption = Annotated[
    list[Path], typer.Option("--card", help="A hospital's card.json; once for each, in the order of their seats.")
]
ThresholdOption = Annotated[int, typer.Option("--threshold", help="How many hospitals must open together.")]
DaysOption = Annotated[int, typer.Option("--days", help="How long the shares may be used.")]
YesOption = Annotated[bool, typer.Option("--yes", help="Do not ask; for scripts that compared the fingerprints.")]
ExpectOption = Annotated[str, typer.Option("--expect", help="The digest as it was read aloud.")]


@app.command()
def card(
    home: HomeOption,
    study: Annotated[str, typer.Option("--study", help="The study's short name.")],
    institution: Annotated[str, typer.Option("--institution", help="This hospital's short name in the study.")],
    name: Annotated[str, typer.Option("--name", help="This hospital's name, for people.")],
    passphrase_file: PassphraseOption = None,
) -> None:
    """Make this hospital's card: two keys of its own, before a ceremony or a re-sharing."""
    with told():
        made = create_identity(
            home, study=study, institution=institution, name=name, passphrase=new_passphrase(passphrase_file)
        )
        say(f"{home / CARD} goes to the person who holds the ceremony. Read this fingerprint to them:")
        say(grouped(made.fingerprint))


@app.command()
def ceremony(
    parties: Annotated[int, typer.Option("--parties", help="How many hospitals get a share.")],
    threshold: ThresholdOption,
    cards: CardsOption,
    out: Annotated[Path, typer.Option("--out", help="A new directory for what goes to the hospitals.")],
    profile: Annotated[str, typer.Option("--profile", help="Parameter profile.")] = "N14_L9",
    days: DaysOption = YEAR_DAYS,
    yes: YesOption = False,
) -> None:
    """Make a key, share it, and forget it. On a machine without a network, with the hospitals watching."""
    with told():
        found = _cards(cards, parties)
        _compare(found, yes)
        plan = Plan(found[0].study, profile, threshold, found, _end(days))
        record = hold_ceremony(plan, out)[1]
        say("The secret key was shared and overwritten. Read this digest to every hospital, it binds all that follows:")
        say(grouped(record.sharing.digest))
        _describe(record.sharing)
        for seat in record.sharing.seats:
            say(f"To {seat.card.name}: {share_file(seat.point, seat.card)}, {RECORD} and both public keys.")
        say("Then switch this machine off: memory that Python has freed cannot be wiped while it runs.")


@app.command("take")
def take_share(
    home: HomeOption,
    source: Annotated[Path, typer.Option("--from", help="The directory with the files of the ceremony.")],
    expect: ExpectOption,
    passphrase_file: PassphraseOption = None,
    release: Annotated[
        ReleaseRule, typer.Option("--release", help="Who lets results go; a line of policy.toml, which explains it.")
    ] = "approval",
) -> None:
    """Take this hospital's share out of a ceremony's files into its vault."""
    with told():
        passphrase = read_passphrase(passphrase_file)
        identity = open_identity(home, passphrase)
        held = from_ceremony(source, identity, parse(expect))
        _take(Taking(Home(home), identity, held, _key_files(source), passphrase, _now(), release))


@reshare_app.command("plan")
def reshare_plan(
    home: HomeOption,
    threshold: ThresholdOption,
    cards: CardsOption,
    dealers: Annotated[list[int], typer.Option("--dealer", help="Number of a hospital that deals; once for each.")],
    out: Annotated[Path, typer.Option("--out", help="The file for the plan.")],
    passphrase_file: PassphraseOption = None,
    days: DaysOption = YEAR_DAYS,
    yes: YesOption = False,
) -> None:
    """Say who shall hold new shares and who deals. Changes nothing."""
    with told():
        old = open_share(open_vault(Home(home).vault, read_passphrase(passphrase_file)))[0]
        found = tuple(read_card(path) for path in cards)
        _compare(found, yes)
        plan = Plan(old.study, old.profile, threshold, found, _end(days))
        made = plan_resharing(old, sharing_of(plan, old.key_fingerprint, old.epoch + 1), dealers)
        write_private(out, made.model_dump_json(indent=1).encode())
        _describe(made.new)
        say(f"{out} goes to every hospital, old and new. Read this digest to them:")
        say(grouped(made.digest))


@reshare_app.command("deal")
def reshare_deal(
    home: HomeOption,
    plan: Annotated[Path, typer.Option("--plan", help="The file of `reshare plan`.")],
    expect: ExpectOption,
    out: Annotated[Path, typer.Option("--out", help="The file for the new hospitals.")],
    passphrase_file: PassphraseOption = None,
) -> None:
    """Share this hospital's share anew, sealed to the hospitals of the plan. Its own share stays as it is."""
    with told():
        passphrase, place = read_passphrase(passphrase_file), Home(home)
        agreed, vault = read_plan(plan, parse(expect)), open_vault(place.vault, passphrase)
        sharing, share = open_share(vault)
        signed = deal(agreed, open_identity(home, passphrase), sharing, share)
        write_private(out, signed.model_dump_json().encode())
        Ledger(place.ledger, vault.ledger_key()).append(records.share_dealt(share.point, agreed))
        say(f"{out} goes to every hospital of the new sharing. Nobody can read another's part of it.")


@reshare_app.command("take")
def reshare_take(
    home: HomeOption,
    plan: Annotated[Path, typer.Option("--plan", help="The file of `reshare plan`.")],
    dealings: Annotated[list[Path], typer.Option("--dealing", help="A file of `reshare deal`; once for each dealer.")],
    keys: Annotated[Path, typer.Option("--keys", help="The directory with both public keys.")],
    expect: ExpectOption,
    passphrase_file: PassphraseOption = None,
) -> None:
    """Put the new share into this hospital's vault, in place of its old one if it had one."""
    with told():
        passphrase = read_passphrase(passphrase_file)
        identity, agreed = open_identity(home, passphrase), read_plan(plan, parse(expect))
        held = from_dealings(agreed, [read_signed(path) for path in dealings], identity, agreed.digest)
        _take(Taking(Home(home), identity, held, _key_files(keys), passphrase, _now()))
        say("Once the new hospitals have opened a total: destroy old directories and backups of those that left.")


def _take(taking: Taking) -> None:
    take(taking)
    held: HeldShare = taking.held
    say(f"Share {held.piece.point} of {len(held.sharing.seats)} is in {taking.home.vault}.")
    _describe(held.sharing)
    say(f"{taking.home.path / ACCEPTANCE} says so, signed: send it back. Make a backup of the directory now.")
    say("Then `lead INSTITUTION` says, under these shares, whose agent puts the answers together.")


def _cards(paths: list[Path], parties: int) -> tuple[AgentCard, ...]:
    if len(paths) != parties:
        raise BadInput("commands.cards", cards=len(paths), parties=parties)
    return tuple(read_card(path) for path in paths)


def _compare(cards: tuple[AgentCard, ...], yes: bool) -> None:
    say("Compare each fingerprint with its hospital, on a way that nobody else controls:")
    for number, one in enumerate(cards, 1):
        say(f"{number}  {one.name} ({one.institution})\n   {grouped(one.fingerprint)}")
    if not (yes or typer.confirm("Were all of them compared?")):
        raise BadInput("commands.fingerprints_not_compared")


def _describe(sharing: Sharing) -> None:
    table = Table(show_header=False, box=None)
    table.add_row("study", f"{sharing.study} ({sharing.profile})")
    table.add_row("key", grouped(sharing.key_fingerprint))
    table.add_row("hospitals", ", ".join(seat.card.name for seat in sharing.seats))
    table.add_row("open together", f"any {sharing.threshold} of {len(sharing.seats)}")
    table.add_row("may be lost", str(len(sharing.seats) - sharing.threshold))
    table.add_row("until", sharing.expires_on.isoformat())
    say(table)


def _key_files(folder: Path) -> KeyFiles:
    return KeyFiles(folder / PUBLIC_KEY, folder / RELINEARISATION_KEY)


def _end(days: int) -> date:
    if not 1 <= days <= 10 * YEAR_DAYS:
        raise BadInput("commands.days", days=days)
    return datetime.now(UTC).date() + timedelta(days=days)


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")


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
    holder.custodian.ledger.append(records.lead_named(seat.card.institution))
    say(f"{seat.card.name} leads: answers that wait are sealed anew. Start `run` again here.")


@app.command("replace-key")
def replace_key(
    home: HomeOption,
    expect: Annotated[str, typer.Option("--expect", help="The new key's fingerprint, as its holders read it aloud.")],
    server: ServerOption = None,
    token_file: TokenOption = None,
    passphrase_file: PassphraseOption = None,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask; for scripts that showed the effect before.")] = False,
) -> None:
    """Agree that another public key takes the place of the one whose share is here. Every hospital says it for itself.

    The new key is in use once as many hospitals agreed as open together. Says first what that means, and asks.
    """
    with told():
        holder, new = _holder(home, passphrase_file), parse(expect)
        client = connect(home, server, token_file)
        effect = client.rotation()
        if effect.proposal(new) is None:
            raise BadInput("commands.no_such_proposal", key=new[:16])
        for line in describe(effect):
            say(line)
        if not (yes or typer.confirm("Did you compare the fingerprint, and agree?")):
            raise BadInput("commands.succession_not_agreed")
        client.put_succession(signed_succession(holder.sharing, holder.identity, new))
        old = holder.sharing.key_fingerprint
        holder.custodian.ledger.append(records.succession_signed(old, new))
        _say_agreed(client.rotation(), new)
        client.close()


def _say_agreed(effect: RotationEffect, new: str) -> None:
    proposal = effect.proposal(new)
    if proposal is None:
        say("The new key is in use. Its holders run `publish` again, which says who holds its shares; every hospital")
        say("confirms it on the Keys page. Keep this directory until the Keys page no longer offers to put the old key")
        say("back, and destroy it with its backups then.")
        return
    left = effect.cards - len(proposal.agreed)
    say(f"Signed. The key in use stays. Awaited: {left} more of the hospitals that hold shares of it run this command.")


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
                taken = take_hand_over(holder.handing, newest(client, holder.handing))
                drop(client, taken.note.digest)
                client.close()
                _say(taken, holder.handing.seat)


def _from_file(holder: ShareHolder, source: Path) -> Taken:
    try:
        with source.open("rb") as stream:
            return take_hand_over(holder.handing, stream)
    except OSError as error:
        raise BadInput("commands.source_unreadable", path=str(source), why=str(error.strerror)) from error


def _say(taken: Taken, seat: Seat) -> None:
    say(f"{seat.card.name} took over: {in_words(taken.counts)}. Digest of the hand-over:")
    say(grouped(taken.note.digest))
    for fingerprint in taken.left_out:
        say(f"Left out: the approver's key {grouped(fingerprint[:16])}, which was distrusted here.")


def _holder(home: Path, passphrase_file: Path | None) -> ShareHolder:
    passphrase = read_passphrase(passphrase_file)
    identity = open_identity(home, passphrase)
    return open_share_holder(Home(home), open_vault(Home(home).vault, passphrase), identity)
