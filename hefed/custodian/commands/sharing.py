"""Commands for a key that several hospitals hold: cards, the ceremony, taking a share, sharing anew."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from hefed.core.errors import BadInput
from hefed.core.protocol.fingerprint import grouped, parse
from hefed.core.protocol.threshold import AgentCard, Sharing
from hefed.custodian.commands.terminal import HomeOption, PassphraseOption, new_passphrase, read_passphrase, say, told
from hefed.custodian.desk.policy import ReleaseRule
from hefed.custodian.keeping import entries
from hefed.custodian.keeping.files import write_private
from hefed.custodian.keeping.ledger import Ledger
from hefed.custodian.keeping.store import Home
from hefed.custodian.keeping.vault import open_vault
from hefed.custodian.sharing.ceremony import (
    PUBLIC_KEY,
    RECORD,
    RELINEARISATION_KEY,
    Plan,
    from_ceremony,
    hold_ceremony,
    share_file,
    sharing_of,
)
from hefed.custodian.sharing.holding import ACCEPTANCE, HeldShare, KeyFiles, Taking, open_share, read_signed, take
from hefed.custodian.sharing.identity import CARD, create_identity, open_identity, read_card
from hefed.custodian.sharing.resharing import deal, from_dealings, plan_resharing, read_plan

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
        Ledger(place.ledger, vault.ledger_key()).append(entries.share_dealt(share.point, agreed))
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
