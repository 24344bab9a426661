"""Commands for a directory and its key: enrol, init, publish, rotate, backup, restore."""

from pathlib import Path
from typing import Annotated, cast

import typer

from hefed.core.errors import BadInput, WrongKey
from hefed.core.protocol.fingerprint import grouped
from hefed.core.protocol.requests import RotationEffect
from hefed.custodian.client import CustodianClient, KeyName
from hefed.custodian.commands.enrolment import TOKEN, enrolled
from hefed.custodian.commands.enrolment import enrol as enrol_home
from hefed.custodian.commands.rotation import (
    Rotation,
    check_free,
    describe,
    destroy_previous,
    settled,
    waiting_rotation,
)
from hefed.custodian.commands.rotation import rotate as rotate_home
from hefed.custodian.commands.terminal import (
    HomeOption,
    PassphraseOption,
    ServerOption,
    TokenOption,
    connect,
    new_passphrase,
    read_passphrase,
    say,
    told,
)
from hefed.custodian.commands.work import create_home
from hefed.custodian.desk.policy import ReleaseRule
from hefed.custodian.keeping import records
from hefed.custodian.keeping.backup import restore_backup, write_backup
from hefed.custodian.keeping.files import sole_user
from hefed.custodian.keeping.ledger import Entry, Ledger
from hefed.custodian.keeping.store import Home
from hefed.custodian.keeping.vault import Vault, open_vault, read_header
from hefed.custodian.sharing.holding import check_whole_key, holds_share
from hefed.custodian.sharing.lead import signed_notice

app = typer.Typer(no_args_is_help=True)

DEFAULT_PROFILE = "N14_L9"


@app.command()
def enrol(
    home: HomeOption,
    server: Annotated[str, typer.Option("--server", help="Address of the study server, https://...")],
    code: Annotated[str, typer.Option("--code", help="The one-time code from the Keys page.")],
) -> None:
    """Exchange a one-time code for this custodian's access token; the commands after it need no --server."""
    with told():
        found = enrol_home(Home(home), server, code)
        say(f"Enrolled for study {found.name} ({found.study}). The token is in {home / TOKEN}.")
        say("Next: `init` makes the keys, `publish` sends the public ones, `pin` says what is answered, `run` answers.")


@app.command()
def init(
    home: HomeOption,
    study: Annotated[str, typer.Option("--study", help="The study's short name; without it the enrolled one.")] = "",
    profile: Annotated[str, typer.Option("--profile", help="Parameter profile; without it the enrolled one.")] = "",
    release: Annotated[
        ReleaseRule, typer.Option("--release", help="Who lets results go; a line of policy.toml, which explains it.")
    ] = "approval",
    passphrase_file: PassphraseOption = None,
) -> None:
    """Make the study's keys and seal the secret one with a pass phrase."""
    with told():
        study = study or enrolled(home).study
        profile = profile or (enrolled(home).profile if (home / TOKEN).exists() else DEFAULT_PROFILE)
        passphrase = new_passphrase(passphrase_file)
        header = create_home(Home(home), study=study, profile_name=profile, passphrase=passphrase, release=release)
        say(f"Keys of study {header.study} ({header.profile}) are in {home}. Fingerprint:")
        say(grouped(header.key_fingerprint))
        say("Back up this directory and keep the pass phrase apart from it: without both, no result can be read.")


@app.command()
def publish(
    home: HomeOption,
    server: ServerOption = None,
    token_file: TokenOption = None,
    passphrase_file: PassphraseOption = None,
) -> None:
    """Send the public and the relinearisation key to the server. The secret key never leaves."""
    with told():
        place, header = Home(home), read_header(Home(home).vault)
        client = connect(home, server, token_file)
        for name, path in (("public", place.public_key), ("relinearisation", place.relinearisation_key)):
            info = client.put_key(cast(KeyName, name), path)
            if info.fingerprint != header.key_fingerprint:
                raise WrongKey("commands.not_this_key", key=info.fingerprint[:16])
        if info.proposed:
            _say_proposed(client.rotation(), header.key_fingerprint)
            client.close()
            return
        if holds_share(place):
            client.put_sharing(signed_notice(place))
        client.close()
        vault = open_vault(place.vault, read_passphrase(passphrase_file)) if passphrase_file else None
        _note(place, vault, records.published(header.key_fingerprint))
        say(f"Published the keys of study {header.study}. Read this fingerprint to every hospital:")
        say(grouped(header.key_fingerprint))


def _note(place: Home, vault: Vault | None, entry: Entry) -> None:
    if vault is not None:
        Ledger(place.ledger, vault.ledger_key()).append(entry)


@app.command()
def rotate(
    home: HomeOption,
    server: ServerOption = None,
    token_file: TokenOption = None,
    passphrase_file: PassphraseOption = None,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask; for scripts that showed the effect before.")] = False,
) -> None:
    """Propose a new key in place of the study's, and take it into use once a person has confirmed it on the Keys page.

    Says first which hospitals must encrypt again, and asks. Run again, it follows what was decided there.
    """
    with told():
        check_whole_key(Home(home))
        passphrase = read_passphrase(passphrase_file)
        vault = open_vault(Home(home).vault, passphrase)
        client = connect(home, server, token_file)
        with sole_user(home / "run.lock"):
            effect = client.rotation()
            if not settled(Home(home), effect):
                _say_what_rotates(Home(home), effect)
                if not (yes or typer.confirm("Make a new key and propose it now?")):
                    raise BadInput("commands.rotation_not_confirmed")
            found = rotate_home(Home(home), vault, client, passphrase)
            destroy_previous(Home(home), Ledger(Home(home).ledger, vault.ledger_key()))
        _say_how_far(found, client)
        client.close()


def _say_what_rotates(place: Home, effect: RotationEffect) -> None:
    check_free(effect)
    for line in describe(effect):
        say(line)
    if waiting_rotation(place):
        say("A new key was made already and waits to be confirmed; this goes on with it.")


def _say_how_far(found: Rotation, client: CustodianClient) -> None:
    fingerprint = found.key.key_fingerprint
    if found.stands == "proposed":
        _say_proposed(client.rotation(), fingerprint)
        say("Afterwards run `rotate` again here, and start `run`. Until then `run` answers under the old key.")
        return
    if found.stands == "taken-back":
        say("The earlier key was put back on the Keys page, and is in use here again with its batches:")
    else:
        say("The new key is in use. Every hospital confirms it on the Keys page before it uploads. Read it to them:")
    say(grouped(fingerprint))
    say("Make a new backup now: the old one holds the other key.")


def _say_proposed(effect: RotationEffect, fingerprint: str) -> None:
    """What is awaited before a key that was published is in use."""
    say("The key is proposed; the one in use stays, with all batches. Its fingerprint:")
    say(grouped(fingerprint))
    if not effect.cards:
        say("Awaited: a person with the custodian's role confirms this fingerprint on the Keys page, with the second")
        say("factor. Nothing changes before.")
        return
    proposal = effect.proposal(fingerprint)
    agreed = ", ".join(proposal.agreed) if proposal and proposal.agreed else "none yet"
    say(f"Awaited: {effect.cards} hospitals that hold shares of the key in use sign for it (so far: {agreed}).")
    say(f"Each runs `replace-key --home DIR --expect '{grouped(fingerprint)}'` at its directory of the key in use.")
    say("Then run `publish` again here: it says who holds shares of the new key. Nothing changes before.")


@app.command()
def backup(
    home: HomeOption,
    out: Annotated[Path, typer.Option("--out", help="The new file.")],
    passphrase_file: PassphraseOption = None,
) -> None:
    """Seal vault, ledger, policy and jobs into one file. It opens with the vault's pass phrase only."""
    with told():
        header = write_backup(Home(home), out, read_passphrase(passphrase_file))
        say(f"{out} holds the custodian of {header.study} with {header.lines} ledger lines.")
        say("Keep it on another machine, and the pass phrase apart from both.")


@app.command()
def restore(
    home: HomeOption,
    source: Annotated[Path, typer.Option("--from", help="The backup file.")],
    passphrase_file: PassphraseOption = None,
) -> None:
    """Set up a new machine from a backup. The ledger goes on with a line about it."""
    with told():
        header = restore_backup(source, Home(home), read_passphrase(passphrase_file))
        say(f"Restored the custodian of {header.study} as of {header.created_at} ({header.lines} ledger lines).")
        say("Stop the old machine for good, then `enrol` this one with a new code and `run` it.")
